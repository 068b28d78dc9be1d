"""The versions of an article's text: their numbers, and what each changed against the previous
one."""

from collections.abc import Mapping
from datetime import date
from difflib import SequenceMatcher
from itertools import pairwise

from transforms.core.lake.encoding.arrow_rows import Row

# Longer texts are compared by paragraphs, since the time of the comparison grows with the square of
# the length. The counts of such texts are coarser: a paragraph with one new word counts as a whole.
_MAX_WORDS = 3_000
_FIRST = {"title_changed": False, "chars_added": 0, "chars_removed": 0}


def number_versions(rows: list[Row], day: date, before: list[Row]) -> list[Row]:
    """Return the versions numbered by (`seen_at`, `content_sha256`), each compared with the
    previous one.

    `before` are the versions that were numbered already: two that are still neighbours are not
    compared again.
    """
    known = {_pair(a, b): b for a, b in pairwise(_ranked(before))}
    numbered = []
    previous: Row | None = None
    for number, row in enumerate(_ranked(rows), 1):
        change = _FIRST if previous is None else _change(previous, row, known)
        numbered.append(row | change | {"version": number, "published_date": day})
        previous = row
    return numbered


def _pair(a: Row, b: Row) -> tuple[str, str]:
    return a["content_sha256"], b["content_sha256"]


def _ranked(rows: list[Row]) -> list[Row]:
    return sorted(rows, key=lambda r: (r["seen_at"], r["content_sha256"]))


def _change(old: Row, new: Row, known: Mapping[tuple[str, str], Row]) -> Row:
    compared = known.get(_pair(old, new))
    if compared is not None:
        return {column: compared[column] for column in _FIRST}
    added, removed = changed_chars(old["body"] or "", new["body"] or "")
    return {
        "title_changed": old["title"] != new["title"],
        "chars_added": added,
        "chars_removed": removed,
    }


def changed_chars(before: str, after: str) -> tuple[int, int]:
    """Return how many characters were added and removed, counted in whole words, or in whole
    paragraphs if a text has over 3,000 words.
    """
    if before == after:
        return 0, 0
    a, b = before.split(), after.split()
    if max(len(a), len(b)) > _MAX_WORDS:
        a, b = before.split("\n\n"), after.split("\n\n")
    added = removed = 0
    for op, a0, a1, b0, b1 in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if op != "equal":
            removed += sum(map(len, a[a0:a1]))
            added += sum(map(len, b[b0:b1]))
    return added, removed
