"""The queries of jobs and stages on a lake, through the port of its store."""

import contextlib
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from transforms.core.lake.encoding.arrow_rows import Row
from transforms.core.lake.encoding.from_rows import article_of, feed_state, person_fact, site_block
from transforms.core.lake.log.checkpoints import cursor_path, read_cursor
from transforms.core.lake.log.damage import damaged, files_gone, unreadable
from transforms.core.lake.log.paths import is_table_file
from transforms.core.lake.log.preflight import (
    ABOUT,
    check_columns,
    check_is_ours,
    columns_lacking,
    has_version,
    is_lost,
)
from transforms.core.lake.log.store import LostRaceError, ReadableStore
from transforms.core.lake.merge.diff import Change, changes_of
from transforms.core.lake.merge.merge import merge_batch
from transforms.core.lake.merge.overlay import BUCKETS, Overlay, path_of
from transforms.core.lake.schema.schema import TIME, Table
from transforms.core.lake.schema.tables import (
    ARTICLES,
    FEEDS,
    PERSONS,
    REJECTS,
    RUNS,
    SIGHTINGS,
    SITE_BLOCKS,
    TABLES,
)
from transforms.core.revisits import MAX_AGE, REVISIT_AFTER
from transforms.core.stories.fingerprint import MIN_WORDS
from transforms.errors import LakeError
from transforms.records import Article, Batch, Cursor, FeedState, PersonFact, Revisit, SiteBlock

RACES = 20
"""Tries of a read or a merge when other writers are faster.

A judgement: each try lost means another commit, so progress was made; 20 in a row mean that too
many writers share the lake.
"""
_SAMPLE_FIELDS = ("run_id", "stage", "reason", "url", "error_message", "retryable")
_REVISIT_FIELDS = ("article_id", "url", "first_seen_at", "seen_at")


class LakeQueries:
    """The reading side of a lake."""

    def __init__(self, store: ReadableStore) -> None:
        self._store = store

    def check_readable(self) -> None:
        """Raise LakeError unless the lake is of this newsbeam's schema."""
        check_is_ours(self._store)
        if not has_version(self._store):
            raise damaged(f"{ABOUT} is gone; restore it")
        check_columns(self._store)

    def preview(self, batch: Batch) -> list[Change]:
        """Return the changes that merging a batch would make to articles and events."""
        overlay = Overlay(self.read)
        merge_batch(overlay, batch)
        return changes_of(overlay)

    def days(self, table: Table = ARTICLES) -> list[date]:
        """Return the days that a table has rows of, in order."""
        paths = filter(is_table_file, self._store.list(table.name))
        folders = {path.split("/")[1] for path in paths}
        folders.discard(table.folder.placeholder)
        return sorted(date.fromisoformat(f.removeprefix("day=")) for f in folders)

    def articles(self, day: date, article_ids: Collection[str]) -> Iterator[Article]:
        """Yield the articles of a day that have these ids, by id."""
        folder = f"day={day.isoformat()}"
        rows = Overlay(self.read).where(ARTICLES, folder, "article_id", article_ids)
        for row in sorted(rows, key=lambda r: str(r["article_id"])):
            yield article_of(row)

    def read(self, path: str, columns: Sequence[str] | None) -> pa.Table | None:
        """Return columns (None: all) of one file of the lake; None if there is no file."""
        for _ in range(RACES):
            with contextlib.suppress(LostRaceError):
                return self._read(path, columns)
        raise LakeError(
            f"{path} was replaced {RACES} times while it was read; run again when fewer write "
            "to this lake"
        )

    def _read(self, path: str, columns: Sequence[str] | None) -> pa.Table | None:
        file = self._store.open(path)
        if file is None:
            if is_lost(self._store, path):
                raise files_gone([path])
            return None
        with file:
            try:
                parquet = pq.ParquetFile(file)
                schema = parquet.schema_arrow
                # A file of an older lake may lack some of the columns.
                columns_lacking(path, TABLES[path.partition("/")[0]], schema)
                present = schema.names
                return parquet.read(columns=[c for c in columns or present if c in present])
            except (pa.ArrowException, OSError, KeyError) as error:
                raise unreadable(path, error) from error

    def day_of_run(self, run_id: str, but: date) -> date | None:
        """Return the day of a run with this id, other than the day `but`; None without such a run.

        The newest days are searched first.
        """
        for day in reversed(self.days(RUNS)):
            if day == but:
                continue
            data = self.read(path_of(RUNS, f"day={day.isoformat()}"), ("run_id",))
            if data is not None and run_id in data["run_id"].to_pylist():
                return day
        return None

    def newest_start(self) -> datetime | None:
        """Return the greatest `started_at` of the runs, which is the lake's clock; None before the
        first run.
        """
        for day in reversed(self.days(RUNS)):
            data = self.read(path_of(RUNS, f"day={day.isoformat()}"), ("started_at",))
            if data is not None and data.num_rows:
                newest: datetime = pc.max(data["started_at"]).as_py()
                return newest
        return None

    def cursor(self, key: str) -> Cursor | None:
        """Return the cursor of a backfill that was cut short; None if there is none."""
        found = self._store.get(cursor_path(key))
        return read_cursor(found[0]) if found else None

    def feed_states(self) -> dict[str, FeedState]:
        """Return the state of each feed by its id."""
        data = self.read(path_of(FEEDS, FEEDS.folder.placeholder), None)
        rows = data.to_pylist() if data is not None else []
        return {r["feed_id"]: feed_state(r) for r in rows}

    def reject_samples(self, run_id: str, day: date) -> list[Row]:
        """Return one reject of each reason of a run: the one whose URL sorts first."""
        data = self.read(path_of(REJECTS, f"day={day.isoformat()}"), _SAMPLE_FIELDS)
        if data is None:
            return []
        mine = data.filter(pc.equal(data["run_id"], run_id)).drop_columns(["run_id"])
        keys = [("reason", "ascending"), ("url", "ascending"), ("error_message", "ascending")]
        first: dict[str, Row] = {}
        for batch in mine.sort_by(keys).to_batches():
            for row in batch.to_pylist():
                first.setdefault(row["reason"], row)
        return list(first.values())

    def seen(self, url_keys: Iterable[str]) -> frozenset[str]:
        """Return those of the links that the lake has seen before."""
        by_folder = defaultdict[str, set[str]](set)
        for key in url_keys:
            by_folder[SIGHTINGS.folder.name({"url_key": key})].add(key)
        found: set[str] = set()
        for folder, keys in sorted(by_folder.items()):
            data = self.read(path_of(SIGHTINGS, folder), SIGHTINGS.key)
            if data is not None:
                hits = data.filter(pc.is_in(data["url_key"], pa.array(sorted(keys))))
                found.update(hits["url_key"].to_pylist())
        return frozenset(found)

    def site_blocks(self, sites: Collection[str]) -> Iterator[tuple[str, list[SiteBlock]]]:
        """Yield each of these sites with its known blocks, one site in memory at a time."""
        folders = defaultdict[str, list[str]](list)
        for site in sorted(sites):
            folders[SITE_BLOCKS.folder.name({"site": site})].append(site)
        for folder, here in sorted(folders.items()):
            data = self.read(path_of(SITE_BLOCKS, folder), None)
            known = data["site"].to_pylist() if data is not None else []
            for site in here:
                # The file is sorted by site.
                first, end = bisect_left(known, site), bisect_right(known, site)
                rows = data.slice(first, end - first).to_pylist() if data is not None else []
                yield site, [site_block(row) for row in rows]

    def person_facts(self, surnames: Collection[str]) -> list[PersonFact]:
        """Return what the lake's articles state about persons with these surnames."""
        names = pa.array(sorted(surnames), pa.string())
        facts = list[PersonFact]()
        # Folders follow from the full name, so a surname may be in any of them.
        for folder in BUCKETS:
            data = self.read(path_of(PERSONS, folder), None)
            if data is not None:
                rows = data.filter(pc.is_in(data["surname"], names)).to_pylist()
                facts += [person_fact(row) for row in rows]
        return facts

    def due_revisits(self, now: datetime, most: int) -> list[Revisit]:
        """Return the articles that are due to be revisited, longest due first, at most `most`."""
        due = list[Row]()
        # One day more at either end: an article's folder is a UTC day, its age is counted in hours.
        oldest = (MAX_AGE + REVISIT_AFTER[-1]).days + 1
        for age in range(-1, oldest + 1):
            folder = f"day={now.date() - timedelta(age)}"
            columns = (*_REVISIT_FIELDS, "next_revisit_at")
            data = self.read(path_of(ARTICLES, folder), columns)
            if data is None or "next_revisit_at" not in data.schema.names:
                continue
            is_due = pc.less_equal(data["next_revisit_at"], pa.scalar(now, TIME))
            due += data.filter(is_due).to_pylist()
        due.sort(key=lambda row: (row["next_revisit_at"], row["article_id"]))
        return [_revisit(row) for row in due[:most]]

    def fingerprints(self, days: Iterable[date]) -> Iterator[tuple[str, str, int]]:
        """Yield site, id and fingerprint of each article of these days that has at least
        `MIN_WORDS` words, and so can have copies.
        """
        for day in sorted(set(days)):
            columns = ("source_domain", "article_id", "fingerprint", "word_count")
            data = self.read(path_of(ARTICLES, f"day={day.isoformat()}"), columns)
            rows = data.to_pylist() if data is not None else []
            for row in rows:
                if row["fingerprint"] is not None and row["word_count"] >= MIN_WORDS:
                    yield row["source_domain"], row["article_id"], row["fingerprint"]


def _revisit(row: Row) -> Revisit:
    fields = {name: row[name] for name in _REVISIT_FIELDS}
    return Revisit(**fields)
