"""Limit the memory that allocators retain, so that it does not grow with the number of batches.

Measured on a backfill of 24,000 pages: 1,386 MB without these, 1,009 to 1,137 MB with them.
"""

import ctypes
import gc

import pyarrow as pa

_ARENA_MAX = -8
"""M_ARENA_MAX of mallopt(3)."""


def limit_arenas() -> None:
    """Let all threads share one malloc arena.

    glibc gives each new thread an arena, which keeps its freed memory, and every pipeline starts
    new threads.
    """
    pa.set_memory_pool(pa.system_memory_pool())
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_ARENA_MAX, 1)


def trim_allocator() -> None:
    """Return free memory to the operating system."""
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
