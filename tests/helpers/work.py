"""Count the work of a call without a clock."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


def count_calls(work: Callable[[], object]) -> int:
    """Return how many functions, of Python and of C, a call of `work` calls."""
    count = 0

    def counted(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    with _profiled(counted):
        work()
    return count


def count_steps(work: Callable[[], object]) -> int:
    """Return how many functions a call of `work` calls, and how many lines it runs.

    Each turn of a loop within one line counts too. The work within a call of C counts as one.
    """
    count = 0

    def counted(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event == "c_call"

    def traced(_frame: FrameType, _event: str, _argument: object) -> object:
        nonlocal count
        count += 1
        return traced

    before = sys.gettrace()
    sys.settrace(traced)  # type: ignore[arg-type]
    try:
        with _profiled(counted):
            work()
    finally:
        sys.settrace(before)
    return count


@contextmanager
def _profiled(profile: Callable[[FrameType, str, object], None]) -> Iterator[None]:
    before = sys.getprofile()
    sys.setprofile(profile)
    try:
        yield
    finally:
        sys.setprofile(before)
