"""The versions of an article's text: their numbers, and what each changed against the previous
one."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from difflib import Match, SequenceMatcher
from itertools import accumulate, pairwise

from transforms.core.lake.encoding.arrow_rows import Row

# Longer texts are compared by paragraphs, since the time of the comparison grows with the square of
# the length. The counts of such texts are coarser: a paragraph with one new word counts as a whole.
_MAX_WORDS = 3_000
# Of one comparison: they take half a second. Two orders of the same 2,900 words take 0.9 million.
_MAX_STEPS = 5_000_000
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

    Of texts that would take too long to compare, what moved counts as unchanged.
    """
    if before == after:
        return 0, 0
    a, b = before.split(), after.split()
    if max(len(a), len(b)) > _MAX_WORDS:
        a, b = before.split("\n\n"), after.split("\n\n")
    try:
        return _changed_in_order(a, b)
    except _TooLongError:
        gone, come = Counter(a), Counter(b)
        return _chars((come - gone).elements()), _chars((gone - come).elements())


def _changed_in_order(a: list[str], b: list[str]) -> tuple[int, int]:
    added = removed = 0
    for op, a0, a1, b0, b1 in _BoundedMatcher(a, b).get_opcodes():
        if op != "equal":
            removed += _chars(a[a0:a1])
            added += _chars(b[b0:b1])
    return added, removed


def _chars(parts: Iterable[str]) -> int:
    return sum(map(len, parts))


class _TooLongError(Exception):
    """A comparison would take too long."""


class _BoundedMatcher(SequenceMatcher[str]):
    """Compares two sequences, and raises _TooLongError after `_MAX_STEPS`.

    The time of a comparison can grow with the cube of the length: a search for the longest match
    takes a step for each pair of equal parts, and each match found leaves two more searches.
    """

    def __init__(self, a: list[str], b: list[str]) -> None:
        super().__init__(None, a, b, autojunk=False)
        places: dict[str, list[int]] = self.b2j  # type: ignore[attr-defined]
        # The steps of a search are those of its first part to its last, at most.
        steps = (1 + len(places.get(part, ())) for part in a)
        self._steps_to = list(accumulate(steps, initial=0))
        self._left = _MAX_STEPS

    def find_longest_match(
        self, alo: int = 0, ahi: int | None = None, blo: int = 0, bhi: int | None = None
    ) -> Match:
        """Return the longest match within two ranges."""
        to_end = self._steps_to[-1 if ahi is None else ahi]
        self._left -= to_end - self._steps_to[alo]
        if self._left < 0:
            raise _TooLongError
        return super().find_longest_match(alo, ahi, blo, bhi)
