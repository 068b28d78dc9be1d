"""Every row of JSON lines and of Parquet is one page; what is none is told and costs no other."""

import gzip
import io
import json
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from transforms.core.archives import rows
from transforms.core.archives.places import Damage, PageRef, Place
from transforms.core.archives.rows import list_lines, list_rows, read_lines, read_rows
from transforms.errors import ArchiveError

START = Place(0)
ROWS = [{"url": f"http://a.test/{n}", "text": "Words. " * n} for n in range(1, 6)]
LINES = b"".join(json.dumps(row).encode() + b"\n" for row in ROWS)


def lines(
    data: bytes, *, is_seekable: bool = True, start: Place = START
) -> tuple[list[Place], list[Damage]]:
    found = list(list_lines(io.BytesIO(data), "x.jsonl", start, is_seekable=is_seekable))
    return [f.at for f in found if isinstance(f, PageRef)], [
        d for d in found if isinstance(d, Damage)
    ]


def read(data: bytes, places: list[Place]) -> list[Any]:
    return [one for _, one in read_lines(io.BytesIO(data), places)]


@pytest.mark.parametrize("is_seekable", [True, False])
def test_each_line_is_a_row(is_seekable: bool) -> None:
    places, damages = lines(LINES, is_seekable=is_seekable)
    assert read(LINES, places) == ROWS
    assert read(LINES, places[1:4:2]) == ROWS[1:4:2]
    assert damages == []


@pytest.mark.parametrize("is_seekable", [True, False])
def test_empty_lines_windows_ends_and_a_last_line_without_end_do_not_matter(
    is_seekable: bool,
) -> None:
    data = b"\n" + LINES.replace(b"\n", b"\r\n\r\n").rstrip()
    places, damages = lines(data, is_seekable=is_seekable)
    assert read(data, places) == ROWS
    assert damages == []


def test_a_byte_order_mark_does_not_matter() -> None:
    data = b"\xef\xbb\xbf" + LINES
    assert read(data, lines(data)[0]) == ROWS


def test_listing_goes_on_from_any_line() -> None:
    places, _ = lines(LINES)
    for number, place in enumerate(places):
        assert lines(LINES, start=place)[0] == places[number:]


@pytest.mark.parametrize(
    "bad", [b"not json", b"[1, 2]", b'"text"', b"5", b'{"url": ', b"\xff\xfe", b"[" * 100_000]
)
def test_a_line_that_is_no_object_is_told_in_its_place(bad: bytes) -> None:
    data = LINES + bad + b"\n" + LINES
    got = read(data, lines(data)[0])
    assert [one for one in got if not isinstance(one, Exception)] == ROWS * 2
    (error,) = [one for one in got if isinstance(one, ArchiveError)]
    assert error.reason == "E_ARCHIVE_ROW"


@pytest.mark.parametrize("is_seekable", [True, False])
def test_a_line_that_is_too_long_is_damage_and_the_rest_is_read(
    is_seekable: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "MAX_LINE_BYTES", 200)
    long = json.dumps({"url": "http://a.test/l", "text": "x" * 1000}).encode() + b"\n"
    data = LINES + long + LINES
    places, damages = lines(data, is_seekable=is_seekable)
    assert read(data, places) == ROWS * 2
    assert [d.reason for d in damages] == ["E_ARCHIVE_TOO_LARGE"]
    assert str(len(LINES)) in damages[0].message


def test_packed_lines_that_break_off_are_read_as_far_as_they_go() -> None:
    packed = gzip.compress(
        b"".join(json.dumps({"n": n, "x": str(n) * 50}).encode() + b"\n" for n in range(9000))
    )
    file: Any = gzip.GzipFile(fileobj=io.BytesIO(packed[: len(packed) // 2]))
    found = list(list_lines(file, "x.jsonl.gz", START, is_seekable=False))
    assert sum(isinstance(f, PageRef) for f in found) > 1000
    assert [f.reason for f in found if isinstance(f, Damage)] == ["E_ARCHIVE_DAMAGED"]


def parquet(table: pa.Table, group: int = 2) -> io.BytesIO:
    file = io.BytesIO()
    pq.write_table(table, file, row_group_size=group)
    file.seek(0)
    return file


def table(**more: Any) -> pa.Table:
    return pa.table({name: [row[name] for row in ROWS] for name in ("url", "text")} | more)


def test_each_row_of_each_group_is_a_row() -> None:
    file = parquet(table(other=[1, 2, 3, 4, 5]))
    places = [f.at for f in list_rows(file, "x.parquet", START) if isinstance(f, PageRef)]
    assert places == [
        Place(0, 0),
        Place(0, 1),
        Place(1, 0),
        Place(1, 1),
        Place(2, 0),
    ]
    assert [row for _, row in read_rows(file, places)] == ROWS
    assert [row for _, row in read_rows(file, places[1:4:2])] == ROWS[1:4:2]


def test_rows_of_a_group_longer_than_a_batch_are_read_in_their_places() -> None:
    file = parquet(pa.table({"url": [str(n) for n in range(500)]}), 400)
    places = [Place(0, 3), Place(0, 70), Place(0, 399), Place(1, 99)]
    assert [row["url"] for _, row in read_rows(file, places)] == ["3", "70", "399", "499"]  # type: ignore[index]


def test_listing_rows_goes_on_from_any_row() -> None:
    file = parquet(table())
    places = [f.at for f in list_rows(file, "x", START) if isinstance(f, PageRef)]
    for number, place in enumerate(places):
        assert [f.at for f in list_rows(file, "x", place) if isinstance(f, PageRef)] == places[
            number:
        ]


def test_bytes_nulls_and_dates_come_as_they_are() -> None:
    more = {
        "html": pa.array([b"<p>", None, None, b"", b"x"]),
        "date": pa.array([None] * 5, pa.date32()),
    }
    file = parquet(table(**more))
    got = [row for _, row in read_rows(file, [Place(0, 0), Place(0, 1)])]
    assert [(row["html"], row["date"]) for row in got] == [(b"<p>", None), (None, None)]  # type: ignore[index]


@pytest.mark.parametrize(
    "data", [b"", b"PAR1", b"no parquet at all" * 9, b"PAR1" + b"\0" * 100 + b"PAR1"]
)
def test_what_is_no_parquet_is_told(data: bytes) -> None:
    found = list(list_rows(io.BytesIO(data), "x.parquet", START))
    assert [f.reason for f in found if isinstance(f, Damage)] == ["E_ARCHIVE_FORMAT"]
    assert len(found) == 1


@pytest.mark.parametrize(
    "bad",
    [
        pa.array([0, 10**8, 0], pa.int32()).cast(pa.date32()),
        pa.array([0, 2**62, 0], pa.int64()).cast(pa.timestamp("us")),
        pa.Array.from_buffers(
            pa.string(), 3, pa.array([b"a", b"\xff", b"c"], pa.binary()).buffers()
        ),
    ],
    ids=["a day that is none", "a time that is none", "no UTF-8"],
)
def test_a_row_that_cannot_be_read_is_told_in_its_place(bad: pa.Array) -> None:
    file = parquet(
        pa.table({"url": [f"http://a.test/{n}" for n in range(3)], "date": bad}), group=3
    )
    first, second, third = (row for _, row in read_rows(file, [Place(0, n) for n in range(3)]))
    assert isinstance(second, ArchiveError)
    assert second.reason == "E_ARCHIVE_ROW"
    assert isinstance(first, dict)
    assert isinstance(third, dict)
    assert (first["url"], third["url"]) == ("http://a.test/0", "http://a.test/2")


def test_a_parquet_file_without_rows_has_none() -> None:
    assert list(list_rows(parquet(table().slice(0, 0)), "x.parquet", START)) == []


def test_a_group_whose_bytes_are_broken_is_told_and_the_others_read() -> None:
    whole = parquet(table()).getvalue()
    at = pq.ParquetFile(io.BytesIO(whole)).metadata.row_group(1).column(1).data_page_offset
    file = io.BytesIO(whole[:at] + bytes(b ^ 0xFF for b in whole[at : at + 20]) + whole[at + 20 :])
    places = [f.at for f in list_rows(file, "x.parquet", START) if isinstance(f, PageRef)]
    got = dict(read_rows(file, places))
    assert set(got) == set(places)
    bad = [at for at, row in got.items() if isinstance(row, Exception)]
    assert bad == [Place(1, 0), Place(1, 1)]
