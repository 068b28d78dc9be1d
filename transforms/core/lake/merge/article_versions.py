"""The versions of an article's text: their numbers, and what each changed against the one
before."""

from datetime import date
from difflib import SequenceMatcher
from itertools import pairwise

from transforms.core.lake.encoding.arrow_rows import Row

_MAX_WORDS = 3_000
"""Longer texts are compared by paragraphs, since the comparison's time grows with the square."""


def number_versions(rows: list[Row], day: date, before: list[Row]) -> list[Row]:
    """Return the versions numbered by (`seen_at`, `content_sha256`), each compared with the one
    before.

    `before` are those that were numbered already: what they say of a pair of neighbours is not
    worked out again.
    """
    known = {(a["content_sha256"], b["content_sha256"]): b for a, b in pairwise(_ranked(before))}
    ranked = _ranked(rows)
    first = {"title_changed": False, "chars_added": 0, "chars_removed": 0}
    out = []
    for number, (old, row) in enumerate(zip([None, *ranked], ranked, strict=False), 1):
        same = known.get((old["content_sha256"], row["content_sha256"])) if old else None
        change = (
            first if old is None else {k: same[k] for k in first} if same else _change(old, row)
        )
        out.append(row | change | {"version": number, "published_date": day})
    return out


def _ranked(rows: list[Row]) -> list[Row]:
    return sorted(rows, key=lambda r: (r["seen_at"], r["content_sha256"]))


def _change(old: Row, new: Row) -> Row:
    added, removed = changed_chars(old["body"] or "", new["body"] or "")
    return {
        "title_changed": old["title"] != new["title"],
        "chars_added": added,
        "chars_removed": removed,
    }


def changed_chars(before: str, after: str) -> tuple[int, int]:
    """Return how many characters were added and removed, counted in whole words (of long texts,
    paragraphs).
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
