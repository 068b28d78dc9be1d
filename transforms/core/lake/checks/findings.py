"""The codes of the checks, and the ledger of what they find."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

MOST = 20
"""Findings of one code that are listed; all are counted.

A judgement: one cause can break every row of a table, and the first rows show it.
"""
CHECKS = {
    "C_LAKE_ABOUT": ("lake.json names this schema, and files.txt lists the files of the tables"),
    "C_VIEWS": "views.sql is that of this schema",
    "C_FILE_STRAY": "the folder holds nothing but the lake's own files",
    "C_FILE_PLACE": "a table has only folders that it can have, each with one file",
    "C_FILE_EMPTY": "no file is without rows, but for the one that each table starts with",
    "C_FILE_CHANGED": "files exist, as their commits wrote them",
    "C_FILE_OPEN": "files can be read",
    "C_TABLE_MISSING": "each table has a file",
    "C_SCHEMA": "columns have the names, types and order of the schema",
    "C_NULL": "no null where the schema forbids it",
    "C_ORDER": "rows are in the table's order",
    "C_FOLDER": "rows are in the folder that follows from their columns",
    "C_KEY_DOUBLE": "each key occurs once in its table",
    "C_WORD": "columns with a fixed set of values hold no other",
    "C_FORM": "ids, hashes and countries have their format; unknown is null, never an empty text",
    "C_LIST": "lists that are sets are sorted, each element once",
    "C_RANGE": "numbers are in their range",
    "C_DAY": "the typed date is the UTC day of its time",
    "C_TIME": "times are plausible and in order",
    "C_PLACE": "only points and cities have coordinates",
    "C_PERIOD": "an event's date is the first day of its period",
    "C_ACTOR": "the flat actor and recipient are the first of their lists",
    "C_TEXT_HASH": "hashes, word counts and fingerprints are those of the text",
    "C_OFFSET": "evidence, trigger, cue and actors are at their offsets in the article",
    "C_MENTION_ARTICLE": "columns that a mention copies from its article are the article's",
    "C_VERSION": "versions cover each article and are numbered by time",
    "C_REFERENCE": "each reference to another table names a row of it",
    "C_SIGHTING": "sightings name their articles, and articles have their feeds and first time",
    "C_COPY": "copies name the earliest article of their story",
    "C_EVENT_MENTION": "columns of an event are those of its canonical mention and its article",
    "C_COUNT": "counts and first and last times agree with the rows that they summarise",
    "C_DELETED": "deleted rows are gone or were written again, and what replaced them is there",
    "C_RAW": "the file that a raw_uri names exists, and is long enough",
}
"""What holds if a code has no findings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One violation: the check's code, the table, the file, the row's key, and what is wrong."""

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
        """Add a finding for each row; `describe` makes those that are listed."""
        # Only for those: describing a row may read its key from the file.
        for row in rows:
            self.counts[check] += 1
            if self.counts[check] <= MOST:
                self.findings.append(describe(int(row)))
