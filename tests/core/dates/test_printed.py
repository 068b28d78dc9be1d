"""Published and updated are told apart by their labels; a date line is known as such."""

from pathlib import Path
from typing import Any

import pytest

from transforms.core.dates.names import read_table
from transforms.core.dates.parsed_time import Place
from transforms.core.dates.printed import (
    PUBLISHED,
    UNLABELLED,
    UPDATED,
    is_date_line,
    is_label,
    printed_times,
)

EXAMPLES = read_table("labels.toml")["example"]
LINES = Path(__file__).with_name("date_lines.txt").read_text(encoding="utf-8").splitlines()


def days(line: str, before: str = "") -> list[tuple[str, str]]:
    found = printed_times(line, Place("de"), before)
    return [(f"{one.time.at:%Y-%m-%d}", one.kind) for one in found]


@pytest.mark.parametrize("example", EXAMPLES, ids=[one["line"] for one in EXAMPLES])
def test_examples_of_labels(example: dict[str, Any]) -> None:
    found = days(example["line"])

    assert [day for day, kind in found if kind == UPDATED] == [*filter(None, [example["updated"]])]
    assert [day for day, kind in found if kind != UPDATED] == [
        *filter(None, [example["published"]])
    ]


@pytest.mark.parametrize("kind", [PUBLISHED, UPDATED])
def test_each_label_labels_a_date(kind: str) -> None:
    for phrases in read_table("labels.toml")[kind].values():
        for phrase in phrases.split(";"):
            assert days(f"{phrase.strip()}: 02.12.2025") == [("2025-12-02", kind)], phrase
            assert is_date_line(f"{phrase.strip()}: 02.12.2025, 14:30"), phrase
            assert is_label(phrase), phrase


@pytest.mark.parametrize(
    ("line", "found"),
    [
        # Labels before the dates, after them, and in the line above.
        (
            "2025年12月2日公開 2025年12月4日更新",
            [("2025-12-02", PUBLISHED), ("2025-12-04", UPDATED)],
        ),
        ("2. Dezember 2025 (aktualisiert)", [("2025-12-02", UPDATED)]),
        ("Act. 4/12/2025", [("2025-12-04", UPDATED)]),
        ("Last updated at 18:40 on 4 December 2025", [("2025-12-04", UPDATED)]),
        # Words that end another sentence or field label nothing.
        ("The page was updated. 4 December 2025", [("2025-12-04", UNLABELLED)]),
        ("Updated prices | 4 December 2025", [("2025-12-04", UNLABELLED)]),
        ("Statement of 4 December 2025", [("2025-12-04", UNLABELLED)]),
        ("Standby: 4 December 2025", [("2025-12-04", UNLABELLED)]),
    ],
)
def test_where_labels_are(line: str, found: list[tuple[str, str]]) -> None:
    assert days(line) == found


def test_label_in_the_line_above_counts_if_the_line_has_none() -> None:
    assert days("4 December 2025", "Updated") == [("2025-12-04", UPDATED)]
    assert days("Posted 4 December 2025", "Updated") == [("2025-12-04", PUBLISHED)]


@pytest.mark.parametrize(
    "line",
    [
        *("2 December 2025", "Tuesday, December 2, 2025 at 3:30 p.m. ET", "02.12.2025 | 14:30 Uhr"),
        *("2 كانون الأول 2025", "الثلاثاء 2 ديسمبر 2025 - 14:30", "2 ธันวาคม 2568 เวลา 14:30 น."),
        *("Published: Dec 2, 2025 – Updated: Dec 4, 2025", "2025年12月2日(火) 午後3時15分"),
        *("2025-12-02T14:30:00+01:00", "Пн, 2 декабря 2025 г., 14:30 МСК", "2 Aralık 2025, Salı"),
    ],
)
def test_date_line(line: str) -> None:
    assert is_date_line(line)


@pytest.mark.parametrize(
    "line",
    [
        *("The council met on 2 December 2025.", "2 December 2025: the bridge is shut", "December"),
        *("Budget 2025", "14:30", "Published by Tarnholm Press", "2 December 2025 in Tarnholm"),
        *("By Ada Quill, 2 December 2025", "", "3/12 votes", "On 2 December 2025 nobody came"),
    ],
)
def test_line_that_says_more_than_a_date(line: str) -> None:
    assert not is_date_line(line)


@pytest.mark.parametrize("row", LINES, ids=range(len(LINES)))
def test_line_of_a_language(row: str) -> None:
    language, _, line = row.partition("|")
    (found,) = printed_times(line, Place(language))

    assert f"{found.time.at:%Y-%m-%d}" == "2025-12-02"
    assert is_date_line(line, Place(language))
