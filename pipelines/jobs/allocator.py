"""Between two slices: what the allocators hold goes back, so that memory does not grow with the number of slices."""

import ctypes
import gc

import pyarrow as pa

_ARENA_MAX = -8
"""M_ARENA_MAX of mallopt(3)."""


def bound_arenas() -> None:
    """Let threads share their memory: glibc gives each one of its own, and each pipeline has new threads."""
    pa.set_memory_pool(pa.system_memory_pool())
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_ARENA_MAX, 1)


def give_back() -> None:
    """Give back what is free."""
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
