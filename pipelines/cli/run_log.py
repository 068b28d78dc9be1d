"""The events of a run as JSON lines, for machines: each with its time, level, run and name.

The last line tells how the run ended, also if it failed or a signal ended it.
"""

import logging
import sys
import traceback
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, TextIO

from pipelines.interruption import interruption
from pipelines.jobs.plan import Progress, Run
from pipelines.terminal import json_line, safe_line, say_as
from transforms.activity import PartCount
from transforms.machine_faults import fault_of_command

_LEVELS = {"ok": "info", "partial": "warning"}


class RunLog:
    """Writes the events of one run to files; to none, it is silent."""

    def __init__(self, files: Sequence[TextIO]) -> None:
        self._files = files
        self._run_id: str | None = None
        self._has_ended = False

    @property
    def is_silent(self) -> bool:
        """Whether nothing is written."""
        return not self._files

    def is_on(self, file: TextIO) -> bool:
        """Return whether events are written to a file."""
        return file in self._files

    def write(self, event: str, level: str = "info", **fields: Any) -> None:
        """Write an event as a line."""
        at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        known = {"time": at, "level": level, "run_id": self._run_id, "event": event}
        for file in self._files:
            file.write(json_line(known | fields, default=str))
            file.flush()

    def skipped(self, lines: Sequence[str]) -> None:
        """Write an event for each unusable line of feed lists."""
        for line in lines:
            self.write("input_skipped", "warning", line=line)

    def begun(self, run: Run) -> None:
        """Write that the run has begun."""
        self._run_id = run.context.run_id
        self.write(
            "run_started",
            lake=run.options.lake,
            kind=run.context.kind,
            now=run.context.now.isoformat(),
            pipeline_version=run.context.pipeline_version,
        )

    def batch(self, progress: Progress) -> None:
        """Write that a batch begins, or is committed."""
        self.write(
            "batch_committed" if progress.is_committed else "batch_started",
            batch=progress.label,
            pages=progress.pages,
            read_bytes=progress.read_bytes,
            total_bytes=progress.total_bytes,
        )

    def parts(self, counts: Sequence[PartCount]) -> None:
        """Write how far the parts of the work are."""
        self.write("progress", parts={count.part: _part(count) for count in counts})

    def ended(self, summary: dict[str, Any]) -> None:
        """Write the end of a run that went through."""
        self._has_ended = True
        self.write("run_ended", _LEVELS.get(summary["status"], "error"), **summary)

    def skipped_run(self, run_id: str, lake: str) -> None:
        """Write that the run left the lake to another one."""
        self._run_id = run_id
        self.write("run_ended", status="skipped", lake=lake)

    def failed(self, error: BaseException) -> None:
        """Write the end of a run that failed, and why; only once."""
        if self._has_ended:
            return
        self._has_ended = True
        fields = dict(zip(("reason", "message"), _cause(error), strict=True))
        if fields["reason"] == type(error).__name__:  # a bug
            fields["traceback"] = "".join(traceback.format_exception(error))
        self.write("run_ended", "error", status="failed", **fields)


def _part(count: PartCount) -> dict[str, float | None]:
    left = count.seconds_left
    return {
        "done": count.done,
        "total": count.total,
        "per_second": round(count.rate, 1),
        "seconds_left": None if left is None else round(left),
    }


def _cause(error: BaseException) -> tuple[str, str]:
    if interruption.number is not None:
        return interruption.name, interruption.sentence
    fault = fault_of_command(error)
    if fault is not None:
        return fault.reason, str(fault)
    return type(error).__name__, safe_line(str(error))


class JsonFormatter(logging.Formatter):
    """Formats messages of newsbeam and its libraries as JSON lines."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        row = {
            "time": at.replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "event": "message",
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            row["traceback"] = self.formatException(record.exc_info)
        return json_line(row).rstrip("\n")


def log_as_json() -> None:
    """Write all messages to standard error as JSON from now on."""
    for handler in logging.getLogger().handlers:
        handler.setFormatter(JsonFormatter())
    say_as(_say_json)


def _say_json(text: str) -> None:
    RunLog([sys.stderr]).write("message", "warning", message=safe_line(text))
