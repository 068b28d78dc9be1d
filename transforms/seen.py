"""Pass on the links that the lake has not seen."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import apache_beam as beam
from apache_beam.metrics.metric import Metrics
from apache_beam.pvalue import PCollection
from apache_beam.utils.windowed_value import WindowedValue

from transforms.lake_to_read import queries_on
from transforms.records import FeedEntry


@dataclass
class PickUnseen(beam.PTransform[PCollection[FeedEntry], PCollection[FeedEntry]]):
    """Yield one entry for each link that the lake has not seen, as `pick` chooses it."""

    lake: str
    orphans: frozenset[str] = frozenset()
    """Links that the lake has seen and that are fetched nevertheless: they wait in the retry queues
    of feeds that are no longer polled, so nothing else would fetch them."""

    def expand(self, pcoll: PCollection[FeedEntry]) -> PCollection[FeedEntry]:
        """Group by link, pick one entry of each, then drop the links that the lake knows."""
        unseen: PCollection[FeedEntry] = (
            pcoll
            | "Key by link"
            >> beam.Map(lambda e: (e.url_key, e)).with_output_types(tuple[str, FeedEntry])
            | "Gather links" >> beam.GroupByKey()
            | "Pick one"
            >> beam.MapTuple(lambda _, entries: pick(entries)).with_output_types(FeedEntry)
            | "DropSeen" >> DropSeen(self.lake, self.orphans)
        )
        return unseen


@dataclass
class DropSeen(beam.PTransform[PCollection[FeedEntry], PCollection[FeedEntry]]):
    """Yield the entries whose link the lake has not seen, and those of `orphans`."""

    lake: str
    orphans: frozenset[str] = frozenset()

    def expand(self, pcoll: PCollection[FeedEntry]) -> PCollection[FeedEntry]:
        """Look the links up in the lake."""
        drop = beam.ParDo(_DropSeen(self.lake, self.orphans))
        unseen: PCollection[FeedEntry] = pcoll | "Drop" >> drop
        return unseen


class _DropSeen(beam.DoFn):
    """Looks up all links of a bundle at once.

    Not `beam.BatchElements`: each entry keeps its own timestamp, which that would not.
    """

    def __init__(self, lake: str, orphans: frozenset[str]) -> None:
        self._lake = lake
        self._orphans = orphans
        self._held: list[tuple[FeedEntry, Any, Any]] = []

    def start_bundle(self) -> None:
        """Drop the entries that a failed bundle may have left."""
        self._held = []

    def process(
        self,
        entry: FeedEntry,
        timestamp: Any = beam.DoFn.TimestampParam,
        window: Any = beam.DoFn.WindowParam,
    ) -> None:
        """Hold the entry until the bundle ends."""
        self._held.append((entry, timestamp, window))

    def finish_bundle(self) -> Iterator[WindowedValue]:
        """Yield the entries still to fetch."""
        if not self._held:
            return
        lake = queries_on(self._lake)
        seen = lake.seen(entry.url_key for entry, _, _ in self._held) - self._orphans
        Metrics.counter("lake", "seen_before").inc(len(seen))
        for entry, timestamp, window in self._held:
            if entry.url_key not in seen:
                yield WindowedValue(entry, timestamp, (window,))


def pick(entries: Iterable[FeedEntry]) -> FeedEntry:
    """Return one of the entries of a link, whatever their order: the most tried, then by feed."""
    return min(entries, key=_preference)


def _preference(entry: FeedEntry) -> tuple[int, str, str, str, str]:
    return (
        -entry.attempt,
        entry.feed_id or "",
        entry.url,
        entry.entry_id or "",
        entry.title or "",
    )
