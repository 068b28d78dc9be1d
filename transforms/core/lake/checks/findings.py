"""What a check of a lake found: under which code, where, and what is wrong."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

MOST = 20
"""Findings of one code that are listed; all are counted."""
CHECKS = {
    "C_LAKE_ABOUT": (
        "lake.json says that this is a lake of this schema, files.txt which files it has"
    ),
    "C_VIEWS": "views.sql is that of this schema",
    "C_FILE_STRAY": "nothing but the lake's own files lies in it",
    "C_FILE_PLACE": "one file a folder, under its name, in a folder that the table can have",
    "C_FILE_EMPTY": "a folder without rows is gone, but for a table's first",
    "C_FILE_CHANGED": "files are there, as their commits left them",
    "C_FILE_OPEN": "files can be read",
    "C_TABLE_MISSING": "each table has a file",
    "C_SCHEMA": "columns have the promised names, types and order",
    "C_NULL": "no null where the schema forbids it",
    "C_ORDER": "rows are in the table's order",
    "C_FOLDER": "rows lie in the folder that their columns say",
    "C_KEY_DOUBLE": "each key stands once in its table",
    "C_WORD": "columns with a fixed choice of words hold only these",
    "C_FORM": "ids, hashes and countries have their form; unknown is null, never an empty text",
    "C_LIST": "lists that are sets are sorted, each element once",
    "C_RANGE": "numbers are in their range",
    "C_DAY": "the typed date is the UTC day of its time",
    "C_TIME": "times are sane and in order",
    "C_PLACE": "coordinates are only those of points and cities",
    "C_PERIOD": "an event's date is the first day of its period",
    "C_ACTOR": "the flat actor and recipient are the first of their lists",
    "C_TEXT_HASH": "hashes, word counts and fingerprints are those of the text",
    "C_OFFSET": "evidence, trigger, cue and actors are those substrings of that article",
    "C_MENTION_ARTICLE": "a mention says of its article what the article says",
    "C_VERSION": "versions cover each article and are numbered by time",
    "C_REFERENCE": "references between tables hold",
    "C_SIGHTING": "sightings lead to their articles, and articles sum up their sightings",
    "C_COPY": "copies name the first of their story",
    "C_EVENT_MENTION": "an event says what its canonical mention and that one's article say",
    "C_COUNT": "counts and first and last times agree with what they are of",
    "C_RAW": "the file that a raw_uri names is there, and long enough",
}
"""What each code promises."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One promise that is not kept: the check's code, the table, the file, the row's key, and what
    is wrong.
    """

    check: str
    table: str | None
    path: str | None
    key: str | None
    message: str


@dataclass
class Ledger:
    """The findings so far: all are counted, the first 20 of each code are listed."""

    findings: list[Finding] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def add(
        self,
        check: str,
        message: str,
        *,
        table: str | None = None,
        path: str | None = None,
        key: str | None = None,
    ) -> None:
        """Add a finding."""
        self.counts[check] += 1
        if self.counts[check] <= MOST:
            self.findings.append(
                Finding(check=check, table=table, path=path, key=key, message=message)
            )

    def add_all(self, check: str, rows: Iterable[int], describe: Callable[[int], Finding]) -> None:
        """Add a finding a row; those that are only counted are not described."""
        for row in rows:
            self.counts[check] += 1
            if self.counts[check] <= MOST:
                self.findings.append(describe(int(row)))
