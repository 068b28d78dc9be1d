"""What the lake has seen before, and the merge of all that a slice brings into it."""

import json
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import apache_beam as beam
from apache_beam.metrics.metric import Metrics
from apache_beam.pvalue import PCollection
from apache_beam.utils.windowed_value import WindowedValue

from transforms.clock import RunClock
from transforms.core.lake.lake import Lake
from transforms.errors import LakeError
from transforms.records import (
    Batch,
    CodedArticle,
    Cursor,
    FeedEntry,
    FeedState,
    Fetch,
    PendingPage,
    PersonFact,
    RawPart,
    Reject,
    Revisit,
    RunContext,
    Sighting,
    SiteBlock,
)
from transforms.stores import open_store


def open_lake(address: str) -> Lake:
    """Return the lake at an address, made or mended where that is needed."""
    lake = Lake(open_store(address))
    try:
        lake.prepare()
    except LakeError as error:
        raise LakeError(f"{address}: {error}", reason=error.reason) from error
    return lake


@dataclass
class PickUnseen(beam.PTransform[PCollection[FeedEntry], PCollection[FeedEntry]]):
    """Give one entry for each link that the lake has not seen; of entries with one link, the least by feed."""

    lake: str
    orphans: frozenset[str] = frozenset()
    """Links that are owed to feeds no longer polled: seen, but nobody else will get them."""

    def expand(self, pcoll: PCollection[FeedEntry]) -> PCollection[FeedEntry]:
        """Gather by link, then ask the lake."""
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
    """Give the entries whose link the lake has not seen, and those of `orphans`."""

    lake: str
    orphans: frozenset[str] = frozenset()

    def expand(self, pcoll: PCollection[FeedEntry]) -> PCollection[FeedEntry]:
        """Ask the lake."""
        unseen: PCollection[FeedEntry] = pcoll | "Drop" >> beam.ParDo(
            _DropSeen(self.lake, self.orphans)
        )
        return unseen


class _DropSeen(beam.DoFn):
    """Asks the lake for a bundle's links at once. Each entry keeps its own time, which Beam's batches would not."""

    def __init__(self, lake: str, orphans: frozenset[str]) -> None:
        self._lake = lake
        self._orphans = orphans
        self._held: list[tuple[FeedEntry, Any, Any]] = []

    def start_bundle(self) -> None:
        """Begin with nothing; a failed bundle may have left something."""
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
        """Give the entries that are to be had."""
        if self._held:
            seen = (
                Lake(open_store(self._lake)).seen(entry.url_key for entry, _, _ in self._held)
                - self._orphans
            )
            Metrics.counter("lake", "seen_before").inc(len(seen))
            for entry, timestamp, window in self._held:
                if entry.url_key not in seen:
                    yield WindowedValue(entry, timestamp, (window,))


def pick(entries: Iterable[FeedEntry]) -> FeedEntry:
    """Return the entry that stands for all entries of one link, whatever their order."""
    return min(
        entries, key=lambda e: (-e.attempt, e.feed_id or "", e.url, e.entry_id or "", e.title or "")
    )


def sighting_of(entry: FeedEntry) -> Sighting:
    """Return the sighting that an entry of a feed is."""
    return Sighting(
        url_key=entry.url_key,
        url=entry.url,
        feed_ids=(entry.feed_id,) if entry.feed_id else (),
        first_seen_at=entry.first_seen_at,
        last_seen_at=entry.first_seen_at,
    )


@dataclass(frozen=True, slots=True)
class DequeuedPage:
    """A page that was owed before and that this run has tried."""

    page: PendingPage


def dequeued_from(
    entry: FeedEntry, clock: RunClock, timestamp: Any = beam.DoFn.TimestampParam
) -> DequeuedPage:
    """Return what an entry that was owed takes out of its feed's pending pages."""
    now = clock.at(timestamp).now
    return DequeuedPage(
        PendingPage(
            feed_id=entry.feed_id or "", url=entry.url, attempt=entry.attempt, not_before=now
        )
    )


class Arrivals(NamedTuple):
    """All that goes into the lake."""

    coded: PCollection[CodedArticle]
    rejects: PCollection[Reject]
    site_blocks: PCollection[SiteBlock]
    fetches: PCollection[Fetch] | None = None
    sightings: PCollection[Sighting] | None = None
    states: PCollection[FeedState] | None = None
    owed: PCollection[PendingPage] | None = None
    taken: PCollection[DequeuedPage] | None = None
    persons: PCollection[PersonFact] | None = None
    revisited: PCollection[Revisit] | None = None
    raw: PCollection[RawPart] | None = None

    def all(self) -> tuple[PCollection[Any], ...]:
        """Return those that there are."""
        return tuple(one for one in self if one is not None)


_FIELDS = {
    CodedArticle: "coded",
    Sighting: "sightings",
    Fetch: "fetches",
    Reject: "rejects",
    FeedState: "states",
    PendingPage: "owed",
    DequeuedPage: "taken",
    SiteBlock: "site_blocks",
    PersonFact: "persons",
    Revisit: "revisited",
    RawPart: "raw",
}


@dataclass
class MergeIntoLake(beam.PTransform[tuple[PCollection[Any], ...], PCollection[str]]):
    """Merge all the arrivals of a bounded run into the lake, in one commit; gives the run's id once that is done."""

    lake: str
    run: RunContext
    started: float
    """When the run began, in seconds since the epoch, for its length."""
    cursor: Cursor | None = None
    """How far a backfill has come with this."""

    def expand(self, arrivals: tuple[PCollection[Any], ...]) -> PCollection[str]:
        """Bring all to one place: a commit is one piece of work."""
        pipeline = arrivals[0].pipeline
        arrived = arrivals | "Join" >> beam.Flatten(pipeline=pipeline)
        start = pipeline | "Start" >> beam.Create([None])
        merged: PCollection[str] = start | "Merge" >> beam.Map(
            _merge,
            beam.pvalue.AsIter(arrived),
            lake=self.lake,
            like=Batch(run=self.run, cursor=self.cursor),
            started=self.started,
        ).with_output_types(str)
        return merged


def _merge(_: None, arrived: Iterable[Any], *, lake: str, like: Batch, started: float) -> str:
    ended = like.run.now + timedelta(seconds=time.time() - started)
    Lake(open_store(lake)).merge(replace(gathered(arrived, like), ended_at=ended, last=False))
    return like.run.run_id


def gathered(arrived: Iterable[Any], like: Batch) -> Batch:
    """Return a slice with all that arrived, each in its field."""
    parts: dict[str, list[Any]] = {name: [] for name in _FIELDS.values()}
    for item in arrived:
        parts[_FIELDS[type(item)]].append(item.page if isinstance(item, DequeuedPage) else item)
    filled: dict[str, Any] = {name: tuple(items) for name, items in parts.items()}
    return replace(like, **filled)


@dataclass
class PreviewMerge(beam.PTransform[tuple[PCollection[Any], ...], PCollection[str]]):
    """Append what the arrivals would change to a file of this machine, a line of JSON an article or reject."""

    lake: str
    run: RunContext
    path: str

    def expand(self, arrivals: tuple[PCollection[Any], ...]) -> PCollection[str]:
        """Bring all to one place, as the merge does."""
        pipeline = arrivals[0].pipeline
        arrived = arrivals | "Join" >> beam.Flatten(pipeline=pipeline)
        start = pipeline | "Start" >> beam.Create([None])
        told: PCollection[str] = start | "Compare" >> beam.Map(
            _preview, beam.pvalue.AsIter(arrived), lake=self.lake, run=self.run, path=self.path
        ).with_output_types(str)
        return told


def _preview(_: None, arrived: Iterable[Any], *, lake: str, run: RunContext, path: str) -> str:
    piece = gathered(arrived, Batch(run=run))
    changes = Lake(open_store(lake)).preview(piece)
    with Path(path).open("a", encoding="utf8") as file:
        file.writelines(json.dumps({"rejected": reject.reason}) + "\n" for reject in piece.rejects)
        file.writelines(
            json.dumps(asdict(c), default=str, ensure_ascii=False) + "\n" for c in changes
        )
    return path
