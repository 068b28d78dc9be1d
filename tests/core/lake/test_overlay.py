"""What a merge reads of the lake and holds: files of days until they are written, of buckets the
rows it requested.
"""

import gc
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path

import pyarrow as pa
import pytest

from tests.helpers.lakes import NOW, article, coded, make_batch, make_lake, run_of, sighting
from transforms.core.lake.encoding.arrow_rows import Row
from transforms.core.lake.encoding.to_rows import reject_row
from transforms.core.lake.merge import overlay
from transforms.core.lake.merge.overlay import BUCKETS, Overlay, path_of
from transforms.core.lake.schema.tables import ARTICLES, REJECTS, SIGHTINGS
from transforms.core.urls import url_key
from transforms.records import Reject

URLS = [f"https://example.org/news/{n}" for n in range(200)]
DAY = f"day={NOW.date()}"


class Reads:
    """Reads a lake, and counts how often it read each file."""

    def __init__(self, read: Callable[[str, Sequence[str] | None], pa.Table | None]) -> None:
        self._read = read
        self._before = pa.total_allocated_bytes()
        self.times = Counter[str]()

    def __call__(self, path: str, columns: Sequence[str] | None) -> pa.Table | None:
        self.times[path] += 1
        return self._read(path, columns)

    def are_held(self) -> bool:
        """Tell whether Arrow has memory of what was read."""
        gc.collect()
        return bool(pa.total_allocated_bytes() > self._before)


@pytest.fixture
def reads(tmp_path: Path) -> Reads:
    lake = make_lake(tmp_path / "lake")
    lake.merge(make_batch(coded(article(URLS[0])), sightings=tuple(map(sighting, URLS))))
    return Reads(lake.read)


def link(url: str) -> Row:
    return {"url_key": url_key(url)}


def seen(ws: Overlay, url: str) -> Row | None:
    return ws.get(SIGHTINGS, SIGHTINGS.folder.name(link(url)), (url_key(url),))


def test_of_large_buckets_the_links_that_are_foreseen_are_read_at_once_and_the_rest_let_go(
    reads: Reads, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(overlay, "SMALL_BYTES", 0)
    ws = Overlay(reads)
    ws.prefetch(SIGHTINGS, map(link, [*URLS, "https://example.org/unknown"]))
    assert [row["url"] for url in URLS if (row := seen(ws, url))] == URLS
    assert seen(ws, "https://example.org/unknown") is None
    assert reads.times == {path_of(SIGHTINGS, bucket): 1 for bucket in BUCKETS}
    assert not reads.are_held()


def test_small_buckets_are_read_once_for_all_lookups_and_writes(reads: Reads) -> None:
    ws = Overlay(reads)
    ws.prefetch(SIGHTINGS, map(link, URLS))
    for row in map(partial(seen, ws), URLS):
        assert row is not None
        ws.put(SIGHTINGS, row | {"last_seen_at": NOW + timedelta(days=1)})
    assert sum(ws.now(SIGHTINGS, bucket, SIGHTINGS.key).num_rows for bucket in BUCKETS) == len(URLS)
    assert sum(data.num_rows for _, _, data in ws.files()) == len(URLS)
    assert reads.times == {path_of(SIGHTINGS, bucket): 1 for bucket in BUCKETS}
    assert not reads.are_held()


def test_a_link_that_nobody_foresaw_is_found_as_well(reads: Reads) -> None:
    ws = Overlay(reads)
    row = seen(ws, URLS[7])
    assert row is not None
    assert row["url"] == URLS[7]
    assert row == seen(ws, URLS[7])
    assert reads.times.total() == 1


def test_a_link_is_as_it_was_changed_whether_it_was_read_before_or_after(reads: Reads) -> None:
    ws = Overlay(reads)
    before = seen(ws, URLS[3])
    assert before is not None
    later = before | {"last_seen_at": NOW + timedelta(days=1)}
    ws.put(SIGHTINGS, later)
    ws.prefetch(SIGHTINGS, map(link, URLS))
    assert seen(ws, URLS[3]) == later
    ws.delete(SIGHTINGS, SIGHTINGS.folder.name(later), (url_key(URLS[3]),))
    assert seen(ws, URLS[3]) is None


def test_a_day_is_read_once_and_let_go_when_it_is_written(reads: Reads) -> None:
    ws = Overlay(reads)
    row = ws.get(ARTICLES, DAY, (url_key(URLS[0]),))
    assert row is not None
    assert ws.get(ARTICLES, DAY, ("f" * 32,)) is None
    assert reads.times == {path_of(ARTICLES, DAY): 1}
    assert reads.are_held()
    ws.put(ARTICLES, row | {"title": "Another title"})
    written = [(folder, data["title"].to_pylist()) for _, folder, data in ws.files()]
    assert written == [(DAY, ["Another title"])]
    assert not reads.are_held()


def test_the_current_rows_of_a_folder_include_its_changes(reads: Reads) -> None:
    ws = Overlay(reads)
    bucket = SIGHTINGS.folder.name(link(URLS[0]))
    here = [url for url in URLS if SIGHTINGS.folder.name(link(url)) == bucket]
    gone, changed, *rest = here
    row = seen(ws, changed)
    assert row is not None
    ws.put(SIGHTINGS, row | {"url": "https://example.org/changed"})
    ws.delete(SIGHTINGS, bucket, (url_key(gone),))
    assert sorted(ws.now(SIGHTINGS, bucket, ("url",))["url"].to_pylist()) == sorted(
        [*rest, "https://example.org/changed"]
    )
    assert ws.count_new(SIGHTINGS) == -1
    assert {now["url"] if now else None for _, now in ws.changed(SIGHTINGS)} == {
        None,
        "https://example.org/changed",
    }


def test_rows_of_a_table_that_has_none_yet_are_all_new(reads: Reads) -> None:
    ws = Overlay(reads)
    reject = Reject(stage="extract", reason="E_EXTRACT_EMPTY", key=URLS[0], message="nothing")
    row = reject_row(reject, run_of())
    ws.put(REJECTS, row)
    assert list(ws.changed(REJECTS)) == [(None, row)]
    assert ws.count_new(REJECTS) == 1
    assert [data.num_rows for _, _, data in ws.files()] == [1]
