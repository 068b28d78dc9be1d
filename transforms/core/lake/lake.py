"""A lake: opened, read, and merged into, through the port of its store."""

import json
import uuid
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from transforms.core.lake.commit import NewFile, recover, write_commit
from transforms.core.lake.merge import merge_slice
from transforms.core.lake.rows import Row, feed_state, person_fact, site_block, to_parquet
from transforms.core.lake.schema import TIME, Table
from transforms.core.lake.store import LakeStore, LostRaceError
from transforms.core.lake.tables import ARTICLES, FEEDS, PERSONS, SIGHTINGS, SITE_BLOCKS, TABLES
from transforms.core.lake.views import VIEWS_PATH, views_sql
from transforms.core.lake.workspace import BUCKETS, Workspace, path_of
from transforms.core.looks import LOOKS, MAX_AGE
from transforms.core.stories.fingerprint import MIN_WORDS
from transforms.errors import LakeError
from transforms.records import FeedState, Look, PersonFact, SiteBlock, Slice

SCHEMA_VERSION = 1
_ABOUT = "_meta/lake.json"
_OWN = {"_meta", "_staging", "_raw"}
_RACES = 20


class Lake:
    """The tables behind a store. Writers take turns; readers need nothing but Parquet."""

    def __init__(self, store: LakeStore) -> None:
        self._store = store

    def prepare(self) -> None:
        """Create what a lake needs, or finish what a killed writer left; raise LakeError where it is not ours."""
        self._check_is_ours()
        with self._store.locked():
            self._check_version()
            recover(self._store)
            for table in TABLES.values():
                path = path_of(table, table.folder.placeholder)
                if self._store.get(path) is None:
                    self._store.put(path, to_parquet(table.schema.empty_table()), None)
            self._write_if_changed(VIEWS_PATH, views_sql().encode())

    def merge(self, piece: Slice) -> Row:
        """Merge a slice in one commit, and return the run's row."""
        for _ in range(_RACES):
            with self._store.locked():
                recover(self._store)
                workspace = Workspace(self.read)
                run = merge_slice(workspace, piece)
                files, deletes = _changed_files(workspace)
                try:
                    write_commit(self._store, files, deletes, attempt=uuid.uuid4().hex, run=run)
                except LostRaceError:
                    continue
                return run
        raise LakeError("other writers were faster 20 times in a row; run again when fewer write to this lake")

    def read(self, path: str, columns: Sequence[str] | None) -> pa.Table | None:
        """Return columns (None: all) of one file of the lake; None where there is no file."""
        file = self._store.open(path)
        if file is None:
            return None
        with file:
            try:
                parquet = pq.ParquetFile(file)
                there = parquet.schema_arrow.names
                return parquet.read(columns=[c for c in columns or there if c in there])
            except (pa.ArrowInvalid, OSError, KeyError) as error:
                raise LakeError(
                    f"{path} cannot be read as a table of this lake ({error}); restore it, or rebuild the lake",
                    reason="E_LAKE_DAMAGED",
                ) from error

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

    def site_blocks(self, sites: Collection[str]) -> list[SiteBlock]:
        """Return what the lake remembers of these sites."""
        return [site_block(row) for row in self._hashed(SITE_BLOCKS, "site", sites)]

    def person_facts(self, surnames: Collection[str]) -> list[PersonFact]:
        """Return what the lake's articles say of persons with these surnames."""
        wanted = pa.array(sorted(surnames), pa.string())
        tables = (self.read(path_of(PERSONS, folder), None) for folder in BUCKETS)
        found = (t.filter(pc.is_in(t["surname"], wanted)).to_pylist() for t in tables if t is not None)
        return [person_fact(row) for rows in found for row in rows]

    def _hashed(self, table: Table, column: str, values: Collection[str]) -> Iterator[Row]:
        """Yield the rows with these values in the column whose hash names their folder."""
        for folder in sorted({table.folder.name({column: value}) for value in values}):
            data = self.read(path_of(table, folder), None)
            if data is not None:
                yield from data.filter(pc.is_in(data[column], pa.array(sorted(values)))).to_pylist()

    def due_looks(self, now: datetime, most: int) -> list[Look]:
        """Return the articles that are due to be looked at again, longest due first, at most so many."""
        fields = ("article_id", "url", "first_seen_at", "seen_at")
        due: list[tuple[datetime, str, Look]] = []
        for days in range(-1, (MAX_AGE + LOOKS[-1]).days + 2):
            data = self.read(path_of(ARTICLES, f"day={now.date() - timedelta(days)}"), (*fields, "next_look_at"))
            if data is None or "next_look_at" not in data.schema.names:
                continue
            for row in data.filter(pc.less_equal(data["next_look_at"], pa.scalar(now, TIME))).to_pylist():
                look = Look(**{name: row[name] for name in fields})
                due.append((row["next_look_at"], look.article_id, look))
        return [look for _, _, look in sorted(due, key=lambda one: one[:2])[:most]]

    def fingerprints(self, days: Iterable[date]) -> Iterator[tuple[str, str, int]]:
        """Yield site, id and fingerprint of each article of these days that is long enough to have copies."""
        for day in sorted(set(days)):
            columns = ("source_domain", "article_id", "fingerprint", "word_count")
            data = self.read(path_of(ARTICLES, f"day={day.isoformat()}"), columns)
            for row in data.to_pylist() if data is not None else ():
                if row["fingerprint"] is not None and row["word_count"] >= MIN_WORDS:
                    yield row["source_domain"], row["article_id"], row["fingerprint"]

    def _check_is_ours(self) -> None:
        """Refuse a folder that holds something else, before anything is written to it."""
        strange = sorted(set(self._store.names()) - _OWN - TABLES.keys())
        if strange and self._store.get(_ABOUT) is None:
            raise LakeError(
                f"the folder is not empty and no lake of newsbeam: it holds {strange[0]!r}; name a folder of its own",
                reason="E_LAKE_FOREIGN",
            )

    def _check_version(self) -> None:
        found = self._store.get(_ABOUT)
        if found is None:
            about = json.dumps({"format": "newsbeam lake", "schema_version": SCHEMA_VERSION}) + "\n"
            self._store.put(_ABOUT, about.encode(), None)
            return
        version = _version_in(found[0])
        if version != SCHEMA_VERSION:
            raise LakeError(
                f"the lake has schema version {version}, this newsbeam writes {SCHEMA_VERSION}; "
                "use the newsbeam that made it, or rebuild the lake",
                reason="E_LAKE_VERSION",
            )

    def _write_if_changed(self, path: str, data: bytes) -> None:
        found = self._store.get(path)
        if found is None or found[0] != data:
            self._store.put(path, data, found[1] if found else None)


def _version_in(about: bytes) -> Any:
    try:
        return json.loads(about)["schema_version"]
    except (ValueError, KeyError, TypeError):
        return "unknown"


def _changed_files(workspace: Workspace) -> tuple[list[NewFile], list[str]]:
    """Return the files to write and the paths to delete: folders without rows go, but for each table's placeholder."""
    files, deletes = [], []
    for table, folder, data in workspace.files():
        path = path_of(table, folder)
        if data.num_rows or folder == table.folder.placeholder:
            files.append(NewFile(path, to_parquet(data), data.num_rows))
        else:
            deletes.append(path)
    return files, deletes
