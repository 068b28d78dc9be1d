"""What a stream needs in addition to the stages of a run: deduplication, merging of windows."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

import apache_beam as beam
from apache_beam.coders import BooleanCoder
from apache_beam.pvalue import PCollection
from apache_beam.transforms.timeutil import TimeDomain
from apache_beam.transforms.userstate import ReadModifyWriteStateSpec, TimerSpec, on_timer
from apache_beam.utils.timestamp import Duration

from transforms.clock import RunClock
from transforms.core.lake.batch import fill_batch
from transforms.core.lake.lake import Lake
from transforms.outcome import Stage
from transforms.records import Batch, RunContext
from transforms.stores import open_store

T = TypeVar("T")

# How long a key is remembered. By then its window has long been merged, and the lake knows it.
KEY_TTL = Duration(seconds=86_400)


@dataclass
class DropDuplicates(beam.PTransform[PCollection[T], PCollection[T]], Generic[T]):
    """Yield the first element of each key, and no other for a day."""

    key_of: Callable[[T], str]

    def expand(self, pcoll: PCollection[T]) -> PCollection[T]:
        """Remember keys in the engine's state."""
        first: PCollection[T] = (
            pcoll
            | "Key" >> beam.Map(_keyed, self.key_of).with_output_types(tuple[str, Any])
            | "First" >> beam.ParDo(_First())  # type: ignore[no-untyped-call]
        )
        return first


def _keyed(item: T, key_of: Callable[[T], str]) -> tuple[str, T]:
    return key_of(item), item


class _First(beam.DoFn):
    """Yields an element whose key is not in the state."""

    SEEN = beam.DoFn.StateParam(ReadModifyWriteStateSpec("seen", BooleanCoder()))
    EXPIRY = TimerSpec("forget", TimeDomain.WATERMARK)
    EXPIRY_PARAM = beam.DoFn.TimerParam(EXPIRY)

    def process(
        self,
        keyed: tuple[str, Any],
        timestamp: Any = beam.DoFn.TimestampParam,
        seen: Any = SEEN,
        expiry: Any = EXPIRY_PARAM,
    ) -> Iterator[Any]:
        """Yield the element if its key is new."""
        if not seen.read():
            seen.write(True)
            expiry.set(timestamp + KEY_TTL)
            yield keyed[1]

    @on_timer(EXPIRY)
    def expire(self, seen: Any = SEEN) -> None:
        """Forget the key."""
        seen.clear()


@dataclass
class MergeWindows(Stage[tuple[PCollection[Any], ...], PCollection[str]]):
    """Merge all records of a window into the lake in one commit; yields the window's run id.

    Late records make another commit of the same run. Merging a window twice changes nothing.
    """

    lake: str
    run: RunContext
    clock: RunClock

    def expand(self, arrivals: tuple[PCollection[Any], ...]) -> PCollection[str]:
        """Gather a window's records in one place: a commit is one piece of work."""
        merged: PCollection[str] = (
            arrivals
            | "Join" >> beam.Flatten()
            | "Key" >> beam.Map(lambda record: ("", record)).with_output_types(tuple[str, Any])
            | "Gather" >> beam.GroupByKey()
            | "Merge"
            >> beam.Map(_merge_window, self.lake, self.run, self.clock).with_output_types(str)
        )
        return merged


def _merge_window(
    group: tuple[str, Iterable[Any]],
    lake: str,
    run: RunContext,
    clock: RunClock,
    window: Any = beam.DoFn.WindowParam,
) -> str:
    _, records = group
    run_window = clock.window_at(window.start.to_utc_datetime(has_tz=True))
    window_run = replace(run, run_id=run_window.run_id, now=run_window.end)
    batch = fill_batch(Batch(run=window_run), records)
    Lake(open_store(lake)).merge(replace(batch, ended_at=datetime.now(UTC)))
    return run_window.run_id
