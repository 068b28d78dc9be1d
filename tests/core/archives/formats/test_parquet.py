"""Every row of Parquet is a page; one that cannot be read is reported and costs no other."""

import io
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from transforms.core.archives.formats.parquet import PARQUET, list_rows, read_rows
from transforms.core.archives.page_refs import Damage, PageRef, Place
from transforms.errors import ArchiveError

ROWS = [{"url": f"http://a.test/{n}", "text": "Words. " * n} for n in range(1, 6)]


def parquet(table: pa.Table, group: int = 2) -> io.BytesIO:
    file = io.BytesIO()
    pq.write_table(table, file, row_group_size=group)
    file.seek(0)
    return file


def table(**more: Any) -> pa.Table:
    return pa.table({name: [row[name] for row in ROWS] for name in ("url", "text")} | more)


def test_each_row_of_each_group_is_a_row() -> None:
    file = parquet(table(other=[1, 2, 3, 4, 5]))
    places = [f.at for f in list_rows(file, "x.parquet", None) if isinstance(f, PageRef)]
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
    places = [f.at for f in list_rows(file, "x", None) if isinstance(f, PageRef)]
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
def test_a_file_that_is_not_parquet_is_an_error(data: bytes) -> None:
    found = list(list_rows(io.BytesIO(data), "x.parquet", None))
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
def test_a_row_that_cannot_be_read_is_an_error_in_its_place(bad: pa.Array) -> None:
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
    assert list(list_rows(parquet(table().slice(0, 0)), "x.parquet", None)) == []


def test_a_corrupt_row_group_is_an_error_and_the_others_are_read() -> None:
    whole = parquet(table()).getvalue()
    at = pq.ParquetFile(io.BytesIO(whole)).metadata.row_group(1).column(1).data_page_offset
    file = io.BytesIO(whole[:at] + bytes(b ^ 0xFF for b in whole[at : at + 20]) + whole[at + 20 :])
    places = [f.at for f in list_rows(file, "x.parquet", None) if isinstance(f, PageRef)]
    got = dict(read_rows(file, places))
    assert set(got) == set(places)
    bad = [at for at, row in got.items() if isinstance(row, Exception)]
    assert bad == [Place(1, 0), Place(1, 1)]


def test_a_file_that_begins_as_parquet_is_one() -> None:
    assert PARQUET.sniff(parquet(table()).getvalue())
    assert not PARQUET.sniff(b"words")
