"""Plans of jobs, their batches, and the reporter of their progress.

A plan defines the batches of a job, where their pages come from, and what the run records. It runs
nothing: `runner.run_job` runs all its batches, `unattended.unattended_pipeline` turns it into the
graph that a Dataflow template starts.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

import apache_beam as beam
from apache_beam.pvalue import PCollection

from pipelines.jobs.run_options import RunOptions
from transforms.core.lake.queries import LakeQueries
from transforms.records import Cursor, RunContext

Item = TypeVar("Item")
Contents = tuple[PCollection[Any], ...]
"""Records of the types of `records.Batch`, which the merge tells apart by type."""


@dataclass(frozen=True, kw_only=True)
class Run:
    """A run in progress: its lake, its options with its id and clock, and its context."""

    lake: LakeQueries
    options: RunOptions
    context: RunContext


@dataclass(frozen=True, kw_only=True)
class PlannedBatch:
    """One graph and one commit: `build` adds the graph to a pipeline and returns its contents."""

    label: str
    """What the batch does, for progress: "feeds 1 to 500 of 1,200"."""
    build: Callable[[beam.Pipeline], Contents]
    pages: int = 0
    """Pages that it reads, if that is known before; for progress."""
    cursor: Cursor | None = None
    """The job's progress once the batch is committed; None if the job cannot be resumed."""


def split_into_batches(
    items: Sequence[Item], size: int, what: str
) -> Iterator[tuple[str, Sequence[Item]]]:
    """Yield the items in batches of `size`, each with a label such as "feeds 1 to 500 of 900"."""
    for start in range(0, len(items), size):
        batch = items[start : start + size]
        yield f"{what} {start + 1} to {start + len(batch)} of {len(items)}", batch


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Identifies the work of a resumable job, and the cursor position at which it starts."""

    key: str
    first_place: tuple[int, int]


class Plan(ABC):
    """The batches of one job and what its run records."""

    kind: ClassVar[str]
    """The value of `runs.kind`."""
    is_polling: ClassVar[bool] = False
    """Whether the job asks publishers for what another job of the same lake would ask for too: one
    such job runs at a time."""
    skipped_inputs: tuple[str, ...] = ()
    """Invalid lines of the user's lists, which the runner reports before it starts."""

    @property
    def total_bytes(self) -> int:
        """Size of all input files, for progress; 0 if it is not known."""
        return 0

    @property
    @abstractmethod
    def config(self) -> object:
        """The inputs and settings that define this work, hashed into `runs.config_sha256`."""

    @abstractmethod
    def batches(self, run: Run, cursor: Cursor | None) -> Iterator[PlannedBatch]:
        """Yield the batches after a cursor, in order.

        The next batch is only requested after the previous one has been committed, so a plan can
        read the lake between them.
        """

    def checkpoint(self, options: RunOptions, *, named: bool) -> Checkpoint | None:
        """Return the checkpoint of this work; None if an interrupted job starts from the beginning.

        If the user chose the run's id (`named`), only a run with that id is resumed.
        """
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Progress of a job; `pages_before` and `bytes_before` were done by interrupted runs."""

    label: str
    pages: int = 0
    read_bytes: int = 0
    pages_before: int = 0
    bytes_before: int = 0
    total_bytes: int = 0
    is_committed: bool = False
    """Whether the batch is committed, or else begins."""


class Reporter:
    """Receives the progress of a job. This base class ignores it."""

    def skipped_inputs(self, lines: Sequence[str]) -> None:
        """Receive the invalid lines of the user's lists."""

    def waiting(self, other: str) -> None:
        """Receive a note on another run of this lake, whose end the job waits for."""

    def begun(self, run: Run) -> None:
        """Receive the run, once its id is known."""

    def progress(self, progress: Progress) -> None:
        """Receive the progress: before the first batch, and after each commit."""
