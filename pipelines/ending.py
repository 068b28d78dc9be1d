"""End the process of a command with the command's own exit code.

Python takes its interpreter down while the threads of libraries go on. One that needs the
interpreter then is unwound by the system, which code in C++ does not survive: pyarrow frees the
file of a read in a thread of its own, moments after the read has returned, and a run that had done
all its work was aborted so after its last line. Python's documentation warns of it:
https://docs.python.org/3.11/c-api/init.html#c.PyEval_RestoreThread. So all that Python does before
that is done here, and then the system ends the process, all threads at once.
"""

import atexit
import os
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import NoReturn

from pipelines.terminal import FAILED, OK, say


def end_with(work: Callable[[], int]) -> NoReturn:
    """Do the work and end the process with its code; an error is shown and ends it too."""
    try:
        code = work()
    except SystemExit as done:
        code = exit_code(done)
    except BaseException as error:
        sys.excepthook(type(error), error, error.__traceback__)
        code = FAILED
    try:
        threading._shutdown()  # type: ignore[attr-defined]  # waits for threads of work
        atexit._run_exitfuncs()  # deletes temporary files, ends processes, closes logs
    finally:
        end_now(code)


def end_now(code: int) -> NoReturn:
    """End the process at once; what was printed is printed."""
    for out in (sys.stdout, sys.stderr):
        # Its reader has gone, or it was closed when that was noticed.
        with suppress(OSError, ValueError, AttributeError):
            out.flush()
    os._exit(code)


def exit_code(done: SystemExit) -> int:
    """Return the code that `sys.exit` was called with; a text is shown, and is a failure."""
    if isinstance(done.code, int):
        return done.code
    if isinstance(done.code, str):
        say(done.code)
    return FAILED if done.code else OK
