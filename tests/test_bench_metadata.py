"""The bench of titles, authors and dates counts as its description says."""

import gzip
import json
from pathlib import Path

import pytest

from bench.fact_readers import OURS, Facts
from bench.metadata import Share, differing, is_near, read_gold, same_date, share

GOLD = Facts("A Bridge, at last", ("Ada Quill", "Bo Lind"), "2024-05-01T09:00:00+02:00")


def test_equal_values_ignore_case_punctuation_and_order() -> None:
    found = Facts("a bridge at last!", ("Bo Lind", "ADA QUILL"), "2024-05-01")

    for field in ("title", "authors", "date"):
        assert share(field, [GOLD], [found]) == Share(pages=1, equal=1)


def test_other_values_differ_and_missing_ones_are_not_given() -> None:
    other = Facts("A bridge", ("Ada Quill",), "2024-05-02")

    for field in ("title", "authors", "date"):
        assert share(field, [GOLD, GOLD], [other, Facts()]) == Share(pages=2, other=1)
        assert share(field, [Facts()], [other]) == Share()


@pytest.mark.parametrize(
    ("gold", "found", "same", "near"),
    [
        ("2024-05-01", "2024-05-01", True, False),
        ("2024-05-01", "2024-05-01T22:00:00+00:00", True, True),
        ("2024-05-01T23:30:00-05:00", "2024-05-02T04:30:00+00:00", True, True),
        ("2024-05-01", "2024-05-02T04:30:00+00:00", False, True),
        ("2024-05-01", "2024-05-02", False, False),
        ("2024-05-01", "2024-05-03T04:30:00+00:00", False, False),
        ("2003-11", "2003-11-01", True, False),
        ("2003-11", "2003-12-01T00:00:00+00:00", False, False),
    ],
)
def test_dates(gold: str, found: str, *, same: bool, near: bool) -> None:
    assert same_date(gold, found) is same
    assert is_near(gold, found) is near


def test_pages_are_read_and_those_that_differ_are_listed(tmp_path: Path) -> None:
    (tmp_path / "html").mkdir()
    (tmp_path / "html" / "a.html.gz").write_bytes(gzip.compress(b"<p>Hello"))
    row = {
        "id": "a",
        "title": "A\u2028B",
        "authors": "Ada Quill and Bo Lind",
        "url": "http://a.test/",
    }
    (tmp_path / "gold.jsonl").write_text(
        json.dumps(row, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    pages = read_gold(tmp_path)

    assert pages[0].facts == Facts("A\u2028B", ("Ada Quill", "Bo Lind"))
    assert pages[0].content == b"<p>Hello"
    assert differing("title", pages, {OURS: [Facts("A B")]}) == []
    assert differing("authors", pages, {OURS: [Facts()], "peer": "not installed"}) == [
        "a gold: ('Ada Quill', 'Bo Lind'), newsbeam: () http://a.test/"
    ]
