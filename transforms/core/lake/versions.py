"""The versions of an article's text: their numbers, and what each changed against the one before."""

from datetime import date
from difflib import SequenceMatcher

from transforms.core.lake.rows import Row

_MAX_WORDS = 3_000
"""Longer texts are compared by paragraphs, since the comparison's time grows with the square."""


def number_versions(rows: list[Row], day: date) -> list[Row]:
    """Return the versions numbered by (`seen_at`, `content_sha256`), each compared with the one before."""
    ranked = sorted(rows, key=lambda r: (r["seen_at"], r["content_sha256"]))
    out = []
    for n, row in enumerate(ranked):
        before = ranked[n - 1] if n else row
        added, removed = changed_chars(before["body"] or "", row["body"] or "")
        out.append(
            row
            | {
                "version": n + 1,
                "published_date": day,
                "title_changed": before["title"] != row["title"],
                "chars_added": added,
                "chars_removed": removed,
            }
        )
    return out


def changed_chars(before: str, after: str) -> tuple[int, int]:
    """Return how many characters were added and removed, counted in whole words (of long texts, paragraphs)."""
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
