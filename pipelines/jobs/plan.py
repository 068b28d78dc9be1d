"""What a job is made of: a plan, its batches, and what the runner tells of them.

A plan says which batches a job has, where their pages come from, and what the run records. It does
not run anything: `runner.run_job` runs a plan to its end, `unattended.unattended_pipeline` makes it
the one graph that a Dataflow template starts.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

import apache_beam as beam
from apache_beam.pvalue import PCollection

from pipelines.jobs.run_options import RunOptions
from transforms.core.lake.lake import Lake
from transforms.records import Cursor, RunContext

Item = TypeVar("Item")
Contents = tuple[PCollection[Any], ...]
"""What a batch brings to the lake: records of any of the types of `records.Batch`, merged by their
type.
"""


@dataclass(frozen=True, kw_only=True)
class Run:
    """A run that has begun: the lake it writes to, its options with its own id and clock, its
    context.
    """

    lake: Lake
    options: RunOptions
    context: RunContext


@dataclass(frozen=True, kw_only=True)
class PlannedBatch:
    """One graph and one commit: `build` adds the graph to a pipeline and returns what it brings."""

    label: str
    """What the batch does, for progress: "feeds 1 to 500 of 1,200"."""
    build: Callable[[beam.Pipeline], Contents]
    cursor: Cursor | None = None
    """How far the job has come once the batch is committed; None where a job cannot be resumed."""


def split_into_batches(
    items: Sequence[Item], size: int, what: str
) -> Iterator[tuple[str, Sequence[Item]]]:
    """Yield items in batches of a size, in order, each with its label."""
    for start in range(0, len(items), size):
        batch = items[start : start + size]
        yield f"{what} {start + 1} to {start + len(batch)} of {len(items)}", batch


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Names the work of a job that can be resumed, and the cursor place where it starts."""

    key: str
    first_place: tuple[int, int]


class Plan(ABC):
    """The batches of one job and what its run records."""

    kind: ClassVar[str]
    """The value of `runs.kind`."""
    skipped_inputs: tuple[str, ...] = ()
    """Lines of the user's lists that could not be used.

    The runner reports them before it starts.
    """

    @property
    def total_bytes(self) -> int:
        """Size of all input files, for progress; 0 where it is not known."""
        return 0

    @property
    @abstractmethod
    def config(self) -> object:
        """What makes this work different from other work of its kind.

        Hashed into `runs.config_sha256`.
        """

    @abstractmethod
    def batches(self, run: Run, cursor: Cursor | None) -> Iterator[PlannedBatch]:
        """Yield the batches after a cursor, in order.

        Each is asked for once the one before is committed.
        """

    def checkpoint(self, options: RunOptions, *, named: bool) -> Checkpoint | None:
        """Return what names this work, so that an interrupted job is resumed; None: it always
        starts anew.

        `named` says that the user chose the run's id: then only a run with that id is resumed.
        """
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a job has come.

    `pages_before` and `bytes_before` are the share of interrupted runs.
    """

    label: str
    pages: int = 0
    read_bytes: int = 0
    pages_before: int = 0
    bytes_before: int = 0
    total_bytes: int = 0


class Reporter:
    """Hears what a job does while it runs. This one ignores all of it."""

    def skipped_inputs(self, lines: Sequence[str]) -> None:
        """Hear of the lines of the user's lists that could not be used."""

    def progress(self, progress: Progress) -> None:
        """Hear how far the job is: before its first batch, and after each commit."""
