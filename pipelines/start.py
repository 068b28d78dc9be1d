"""The entry point of the `newsbeam` command, which imports what the commands need."""

import os
import sys

from transforms.machine_faults import JOB_MEGABYTES, fault_of_command, require_address_space

JOBS = frozenset({"ingest", "stream", "backfill", "rebuild", "replay", "demo"})
"""The commands that run jobs, without the imports that the table of options takes."""
_MEGABYTES = 512
"""Address space without which libraries in C crash while they are imported, instead of raising an
error."""
_FAILED = 1
"""The exit code of a failure; `terminal.py`, which has them all, may not be importable here."""


def open_standard_files() -> None:
    """Let standard files that are closed (`>&-`) lead nowhere.

    A file that is opened next would take their numbers, and what is printed would be written to it.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            found = os.open(os.devnull, os.O_RDWR)
            if found != number:
                os.dup2(found, number)
                os.close(found)
            setattr(sys, name, open(number, "w" if number else "r", encoding="utf8"))  # noqa: SIM115


def main() -> None:
    """Run the command line and exit with its code.

    A machine that is short of memory may fail at the imports already, and then has none left to
    tell so: limits are looked at before.
    """
    open_standard_files()
    try:
        require_address_space(_MEGABYTES if JOBS.isdisjoint(sys.argv[1:2]) else JOB_MEGABYTES)
        from pipelines.cli.app import main as run_command
    except Exception as error:
        fault = fault_of_command(error)
        if fault is None:
            raise
        sys.stderr.write(f"newsbeam: {fault.reason}: {fault}\n")
        sys.exit(_FAILED)
    run_command()
