"""Which errors are faults of the machine: something that it lacks, or has wrong."""

import errno
import os
import re
import resource
from collections.abc import Iterator

from transforms import errors
from transforms.errors import MachineError, NewsbeamError

JOB_MEGABYTES = 1_900
"""Address space that a job needs. With that a run with one process passes; with 1,500 it fails at
imports or in its processes, since Arrow's allocator reserves 1 GB."""
_ERRNOS = frozenset(
    {
        *(errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO),
        *(errno.EMFILE, errno.ENFILE),
    }
)
"""Errors of the disk, of the size of files (ulimit -f) and of the number of open ones. ENOMEM is
treated as MemoryError is: an input may have asked for that memory.
"""
_NO_TEMPORARY_FOLDER = "No usable temporary directory found"
"""What `tempfile` says where none of the usual folders can be written to."""
_XML_NO_MEMORY = "ERR_NO_MEMORY"
"""The name that libxml2 and lxml give to a failed allocation."""
_NO_MEMORY = re.compile(
    r"^(?:[\w.]+\.)?(?:Arrow)?(?:MemoryError|SystemError)\b"  # CPython and extensions raise either
    r"|can't start new thread|Cannot allocate memory"
    r"|failed to map segment from shared object",  # the dynamic linker's, for a library
    re.MULTILINE,
)
_TOLD = re.compile(
    r"^(?:transforms\.)?[\w.]*?(\w+Error): (.{1,2000}?)\n(E_[A-Z0-9_]{1,60})$",
    re.MULTILINE | re.DOTALL,
)
"""An error of newsbeam at the end of a traceback: class, message, and the note with its code."""
_NOT_IMPORTED = re.compile(r"^(?:ImportError|ModuleNotFoundError): (.*)", re.MULTILINE)
_MAX_CAUSES = 20
"""Errors of a chain that are looked at. A judgement: libraries wrap an error a few times."""


def require_address_space(megabytes: int) -> None:
    """Raise MachineError if this process is limited to less address space."""
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    if limit != resource.RLIM_INFINITY and limit < megabytes * 2**20:
        raise MachineError(
            f"the limit of a process's address space (ulimit -v) is {limit // 2**20} MB, and this "
            f"command needs {megabytes} MB; raise it, and run again"
        )


def machine_fault(error: BaseException) -> MachineError | None:
    """Return the fault of the machine that an error shows, None if an input may be the cause."""
    if isinstance(error, ImportError):
        return MachineError(
            f"a package that newsbeam needs cannot be imported ({error}); install what "
            "requirements.txt pins"
        )
    if isinstance(error, OSError) and _is_of_machine(error):
        return MachineError(f"this machine is short of something: {error}; see newsbeam doctor")
    return None


def machine_fault_told(message: str) -> MachineError | None:
    """Return the fault of the machine that a library tells of in words alone, None for others.

    DuckDB and Polars raise errors of their own with the system's message in them.
    """
    if any(os.strerror(number) in message for number in _ERRNOS):
        return MachineError(f"this machine is short of something: {message}; see newsbeam doctor")
    return None


def _is_of_machine(error: OSError) -> bool:
    return error.errno in _ERRNOS or str(error.strerror).startswith(_NO_TEMPORARY_FOLDER)


def is_out_of_memory(error: BaseException) -> bool:
    """Return whether an error, or one that it was raised from, is of memory that was not given."""
    return any(map(_lacks_memory, _chain(error, contexts=True)))


def _lacks_memory(error: BaseException) -> bool:
    if isinstance(error, MemoryError) or getattr(error, "errno", None) == errno.ENOMEM:
        return True
    # lxml raises the errors of its parsers, and leaves the reason to their log.
    log = getattr(error, "error_log", None) or ()
    return any(entry.type_name == _XML_NO_MEMORY for entry in log)


def fault_of_command(error: BaseException) -> NewsbeamError | None:
    """Return what ended a command, for its user; None for a bug.

    It is an error of newsbeam, which an engine may have wrapped, or a fault of the machine. No
    single input is at work here that may have asked for too much memory.
    """
    # Whatever a library makes of a lack of memory is one.
    for cause in _chain(error, contexts=True):
        if found := _out_of_memory(cause):
            return found
    for cause in _chain(error, contexts=False):
        if isinstance(cause, NewsbeamError):
            return cause
        if told := machine_fault(cause) or _told(cause):
            return told
    return None


def _chain(error: BaseException, *, contexts: bool) -> Iterator[BaseException]:
    """Yield an error and what it was raised from; with `contexts`, also what was being handled."""
    cause: BaseException | None = error
    for _ in range(_MAX_CAUSES):
        if cause is None:
            return
        yield cause
        cause = cause.__cause__ or (cause.__context__ if contexts else None)


def _out_of_memory(error: BaseException) -> MachineError | None:
    text = f"{type(error).__name__}: {error}"
    if not (isinstance(error, MemoryError) or _NO_MEMORY.search(text)):
        return None
    last = text.strip(": \n").splitlines()[-1]
    return MachineError(
        f"this machine, or the limit of this process (ulimit -v), has too little memory ({last}); "
        "free some, raise the limit or use fewer --workers, and run again"
    )


def _told(error: BaseException) -> NewsbeamError | None:
    """Return the error in the traceback that an engine raises as text."""
    if not isinstance(error, RuntimeError):
        return None
    text = str(error)
    found = _TOLD.findall(text)
    if not found:
        missing = _NOT_IMPORTED.search(text)
        return machine_fault(ImportError(missing[1])) if missing else None
    name, message, reason = found[-1]
    kind = getattr(errors, name, NewsbeamError)
    is_ours = isinstance(kind, type) and issubclass(kind, NewsbeamError)
    return (kind if is_ours else NewsbeamError)(message, reason=reason)
