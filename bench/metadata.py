"""Compare titles, authors and dates of newsbeam and of other readers with the gold ones.

    python -m bench.metadata FOLDER... [--show title|authors|date]

A folder holds `html/<id>.html.gz` and `gold.jsonl` with `title`, `authors` and `date`, each of
which may be missing: such a page does not count for that field. Each reader runs in its own
process. `--show` lists the pages on which newsbeam's value of one field differs from the gold.

Equal titles have the same letters and digits in the same order; equal authors are the same set of
such names. Equal dates are the same day, each in the zone in which it is written, or the same
moment. newsbeam's times are in UTC, so their day may be another than that of a page: "near" also
counts a time that is the gold's day in some zone.
"""

import argparse
import gzip
import json
import logging
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.extraction import in_new_process
from bench.fact_readers import OURS, READERS, Facts, Read

FIELDS = ("title", "authors", "date")
WIDTH = 120
_NOT_WORD = re.compile(r"[\W_]+")
# How gold lists and bylines separate several names.
_BETWEEN_NAMES = re.compile(r"\s*(?:[,;&/|]|\b(?:and|und|et|y|e|en|og|och)\b)\s*")
# No zone is further from UTC: +14:00 (Kiribati), -12:00.
_AHEAD, _BEHIND = timedelta(hours=14), timedelta(hours=-12)
# Times of one publication differ by what is cut off: seconds.
_SAME_MOMENT = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class GoldPage:
    """A page, its URL and the facts that annotators found."""

    id: str
    url: str
    facts: Facts
    content: bytes


@dataclass(frozen=True, slots=True)
class Share:
    """Of the pages whose gold has a field: how many, and those with an equal, near, other value."""

    pages: int = 0
    equal: int = 0
    near: int = 0
    other: int = 0


def read_gold(folder: Path) -> list[GoldPage]:
    """Return the pages of a folder in the order of its gold."""
    # Not splitlines(): texts may hold U+2028, which JSON does not escape.
    lines = (folder / "gold.jsonl").read_text(encoding="utf-8").split("\n")
    rows = [json.loads(line) for line in lines if line]
    return [
        GoldPage(
            id=row["id"],
            url=row.get("url") or "http://file.invalid/page",
            facts=Facts(row.get("title"), _gold_authors(row.get("authors")), row.get("date")),
            content=gzip.decompress((folder / "html" / f"{row['id']}.html.gz").read_bytes()),
        )
        for row in rows
    ]


def run(name: str, folder: Path) -> list[Facts] | str:
    """Return what one reader says of all pages, or why it could not run."""
    # What readers log about single pages would mix with the progress on stderr.
    logging.disable(logging.CRITICAL)
    try:
        read = READERS[name]()
    except ModuleNotFoundError:
        return "not installed"
    return [_attempt(read, page) for page in read_gold(folder)]


def _attempt(read: Read, page: GoldPage) -> Facts:
    try:
        return read(page.content, page.url)
    except Exception:  # third-party readers raise errors of many types
        return Facts()


def share(field: str, gold: Sequence[Facts], found: Sequence[Facts]) -> Share:
    """Return how often the values of a field are those of the gold."""
    compare = _COMPARE[field]
    pages = equal = near = other = 0
    for expected, facts in zip(gold, found, strict=True):
        value = getattr(facts, field)
        wanted = getattr(expected, field)
        if not wanted:
            continue
        pages += 1
        if value and compare(wanted, value):
            equal += 1
        elif value and field == "date" and is_near(wanted, value):
            near += 1
        elif value:
            other += 1
    return Share(pages, equal, near, other)


def same_text(expected: str, found: str) -> bool:
    """Return whether two texts have the same letters and digits, ignoring case."""
    return _folded(expected) == _folded(found)


def same_names(expected: Sequence[str], found: Sequence[str]) -> bool:
    """Return whether two lists have the same names in any order."""
    return {*map(_folded, expected)} == {*map(_folded, found)}


def same_date(expected: str, found: str) -> bool:
    """Return whether two dates are one day as they are written, or one moment.

    The expected one may be a month.
    """
    if found.startswith(expected[:10]):
        return True
    first, second = _moment(expected), _moment(found)
    return first is not None and second is not None and abs(first - second) < _SAME_MOMENT


def is_near(expected: str, found: str) -> bool:
    """Return whether a time in a zone is on the expected day in some other zone."""
    moment = _moment(found)
    if moment is None or len(expected) < len("2024-05-01"):
        return False
    day = date.fromisoformat(expected[:10])
    return (moment + _BEHIND).date() <= day <= (moment + _AHEAD).date()


def _moment(text: str) -> datetime | None:
    """Return a time with a zone in UTC; None for a day or a time without one."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at.astimezone(UTC) if at.tzinfo else None


def _folded(text: str) -> str:
    return _NOT_WORD.sub(" ", text).strip().casefold()


def _gold_authors(value: str | Sequence[str] | None) -> tuple[str, ...]:
    """Return the names in a list or in a line of names."""
    names = _BETWEEN_NAMES.split(value) if isinstance(value, str) else value or ()
    return tuple(name for name in names if name.strip())


_COMPARE: Mapping[str, Callable[..., bool]] = {
    "title": same_text,
    "authors": same_names,
    "date": same_date,
}


def table_of(title: str, gold: Sequence[Facts], results: Mapping[str, list[Facts] | str]) -> Table:
    """Return the table of shares: equal to the gold, and for dates equal or near; other values."""
    table = Table(title=title)
    table.add_column("reader", no_wrap=True)
    for field in FIELDS:
        pages = share(field, gold, [Facts()] * len(gold)).pages
        table.add_column(f"{field} ({pages})", justify="right")
        if field == "date":
            table.add_column("or near", justify="right")
        table.add_column("other", justify="right")
    for name, found in results.items():
        cells = [found] if isinstance(found, str) else _cells(gold, found)
        table.add_row(name, *cells)
    return table


def _cells(gold: Sequence[Facts], found: Sequence[Facts]) -> list[str]:
    cells = []
    for field in FIELDS:
        counted = share(field, gold, found)
        counts = [counted.equal]
        counts += [counted.equal + counted.near] if field == "date" else []
        cells += [f"{count / max(1, counted.pages):.3f}" for count in [*counts, counted.other]]
    return cells


def differing(
    field: str, pages: Sequence[GoldPage], results: Mapping[str, list[Facts] | str]
) -> list[str]:
    """Return a line for each page on which newsbeam's value is not the gold's, with all values."""
    lines = []
    for index, page in enumerate(pages):
        wanted = getattr(page.facts, field)
        values = {
            name: getattr(found[index], field)
            for name, found in results.items()
            if not isinstance(found, str)
        }
        ours = values.get(OURS)
        if wanted and not (ours and _COMPARE[field](wanted, ours)):
            said = ", ".join(f"{name}: {value!r}" for name, value in values.items())
            lines.append(f"{page.id} gold: {wanted!r}, {said} {page.url}")
    return lines


def main() -> None:
    """Print the table of each folder, and the pages that differ if asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--show", choices=FIELDS)
    options = parser.parse_args()
    out = Console(width=WIDTH)
    for folder in options.folders:
        if not (folder / "gold.jsonl").is_file():
            parser.error(f"{folder} has no gold.jsonl")
        pages = read_gold(folder)
        results = {name: _run(name, folder) for name in READERS}
        gold = [page.facts for page in pages]
        out.print(table_of(f"{folder}: share of the pages that have a value", gold, results))
        for line in differing(options.show, pages, results) if options.show else ():
            out.print(line, soft_wrap=True, markup=False, highlight=False)


def _run(name: str, folder: Path) -> list[Facts] | str:
    # A run takes minutes: progress goes to stderr, the tables alone to stdout.
    print(f"{folder}: {name} ...", file=sys.stderr, flush=True)  # noqa: T201
    return in_new_process(run, name, folder) or "died, or took too long"


if __name__ == "__main__":
    main()
