"""What jobs and stages ask a lake: tables, read through the port of its store."""

import contextlib
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from transforms.core.lake.encoding.from_rows import article_of, feed_state, person_fact, site_block
from transforms.core.lake.log.checkpoints import cursor_path, read_cursor
from transforms.core.lake.log.damage import files_gone, unreadable
from transforms.core.lake.log.preflight import (
    is_lost,
)
from transforms.core.lake.log.store import LakeStore, LostRaceError
from transforms.core.lake.merge.overlay import BUCKETS, Overlay, path_of
from transforms.core.lake.schema.schema import TIME, Table
from transforms.core.lake.schema.tables import (
    ARTICLES,
    FEEDS,
    PERSONS,
    RUNS,
    SIGHTINGS,
    SITE_BLOCKS,
)
from transforms.core.revisits import MAX_AGE, REVISIT_AFTER
from transforms.core.stories.fingerprint import MIN_WORDS
from transforms.errors import LakeError
from transforms.records import Article, Cursor, FeedState, PersonFact, Revisit, SiteBlock

RACES = 20
"""Times that a read or a merge is tried again because another writer was faster: each try loses to
another commit, and so many in a row mean that too many writers share the lake."""


class LakeQueries:
    """The reading side of a lake."""

    def __init__(self, store: LakeStore) -> None:
        self._store = store

    def days(self, table: Table = ARTICLES) -> list[date]:
        """Return the days that a table has rows of, in order."""
        folders = {path.split("/")[1] for path in self._store.list(table.name)} - {
            table.folder.placeholder
        }
        return sorted(date.fromisoformat(f.removeprefix("day=")) for f in folders)

    def articles(self, day: date, article_ids: Collection[str]) -> Iterator[Article]:
        """Yield the articles of a day that have these ids, by id."""
        found = Overlay(self.read).where(
            ARTICLES, f"day={day.isoformat()}", "article_id", article_ids
        )
        yield from (article_of(row) for row in sorted(found, key=lambda r: str(r["article_id"])))

    def read(self, path: str, columns: Sequence[str] | None) -> pa.Table | None:
        """Return columns (None: all) of one file of the lake; None where there is no file."""
        for _ in range(RACES):
            with contextlib.suppress(LostRaceError):
                return self._read(path, columns)
        raise LakeError(
            f"{path} was replaced 20 times while it was read; run again when fewer write "
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
                there = parquet.schema_arrow.names
                return parquet.read(columns=[c for c in columns or there if c in there])
            except (pa.ArrowException, OSError, KeyError) as error:
                raise unreadable(path, error) from error

    def day_of_run(self, run_id: str, but: date) -> date | None:
        """Return the day under which a run of this name lies, other than a day.

        None where there is none.
        """
        for day in reversed(self.days(RUNS)):
            data = (
                self.read(path_of(RUNS, f"day={day.isoformat()}"), ("run_id",))
                if day != but
                else None
            )
            if data is not None and run_id in data["run_id"].to_pylist():
                return day
        return None

    def cursor(self, key: str) -> Cursor | None:
        """Return how far a backfill has come that was cut short, None where there is none of this
        name.
        """
        found = self._store.get(cursor_path(key))
        return read_cursor(found[0]) if found else None

    def feed_states(self) -> dict[str, FeedState]:
        """Return the state of each feed by its id."""
        data = self.read(path_of(FEEDS, FEEDS.folder.placeholder), None)
        rows = data.to_pylist() if data is not None else []
        return {r["feed_id"]: feed_state(r) for r in rows}

    def seen(self, url_keys: Iterable[str]) -> frozenset[str]:
        """Return those of the links that the lake has seen before."""
        wanted = sorted(set(url_keys))
        found: set[str] = set()
        for folder in BUCKETS:
            mine = [k for k in wanted if folder.endswith(k[0])]
            data = self.read(path_of(SIGHTINGS, folder), SIGHTINGS.key) if mine else None
            if data is not None:
                hits = data.filter(pc.is_in(data["url_key"], pa.array(mine)))
                found.update(hits["url_key"].to_pylist())
        return frozenset(found)

    def site_blocks(self, sites: Collection[str]) -> Iterator[tuple[str, list[SiteBlock]]]:
        """Yield each of these sites with what the lake remembers of it, one site in memory at a
        time.
        """
        folders = defaultdict[str, list[str]](list)
        for site in sorted(sites):
            folders[SITE_BLOCKS.folder.name({"site": site})].append(site)
        for folder, here in sorted(folders.items()):
            data = self.read(path_of(SITE_BLOCKS, folder), None)
            known = data["site"].to_pylist() if data is not None else []
            for site in here:
                first, end = bisect_left(known, site), bisect_right(known, site)
                rows = data.slice(first, end - first).to_pylist() if data is not None else []
                yield site, [site_block(row) for row in rows]

    def person_facts(self, surnames: Collection[str]) -> list[PersonFact]:
        """Return what the lake's articles say of persons with these surnames."""
        wanted = pa.array(sorted(surnames), pa.string())
        tables = (self.read(path_of(PERSONS, folder), None) for folder in BUCKETS)
        found = (
            t.filter(pc.is_in(t["surname"], wanted)).to_pylist() for t in tables if t is not None
        )
        return [person_fact(row) for rows in found for row in rows]

    def due_revisits(self, now: datetime, most: int) -> list[Revisit]:
        """Return the articles that are due to be looked at again, longest due first, at most so
        many.
        """
        fields = ("article_id", "url", "first_seen_at", "seen_at")
        due: list[tuple[datetime, str, Revisit]] = []
        for days in range(-1, (MAX_AGE + REVISIT_AFTER[-1]).days + 2):
            data = self.read(
                path_of(ARTICLES, f"day={now.date() - timedelta(days)}"),
                (*fields, "next_revisit_at"),
            )
            if data is None or "next_revisit_at" not in data.schema.names:
                continue
            for row in data.filter(
                pc.less_equal(data["next_revisit_at"], pa.scalar(now, TIME))
            ).to_pylist():
                look = Revisit(**{name: row[name] for name in fields})
                due.append((row["next_revisit_at"], look.article_id, look))
        return [look for _, _, look in sorted(due, key=lambda one: one[:2])[:most]]

    def fingerprints(self, days: Iterable[date]) -> Iterator[tuple[str, str, int]]:
        """Yield site, id and fingerprint of each article of these days that is long enough to have
        copies.
        """
        for day in sorted(set(days)):
            columns = ("source_domain", "article_id", "fingerprint", "word_count")
            data = self.read(path_of(ARTICLES, f"day={day.isoformat()}"), columns)
            for row in data.to_pylist() if data is not None else ():
                if row["fingerprint"] is not None and row["word_count"] >= MIN_WORDS:
                    yield row["source_domain"], row["article_id"], row["fingerprint"]
