"""The passage of an article that an event was coded from, with its words marked: trigger, actor,
recipient, place, date, claimant.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from transforms.core.events.arguments.time_expressions import find_time_expressions

CLAIMANT_DISTANCE = 400
"""Characters before and after the reporting verb in which the claimant's name is looked for: about
two sentences. Names have no stored offsets, and one that is farther away is often somebody else's.
"""
MAX_PASSAGE = 2_000
"""Characters: some twenty lines. Articles without blank lines are one paragraph."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A span of a text and its role in the event; offsets in characters of that text."""

    start: int
    end: int
    label: str


@dataclass(frozen=True, slots=True)
class Passage:
    """The paragraphs that an event was coded from, with the marks in them."""

    text: str
    marks: tuple[Mark, ...]


def passage_of(mention: Mapping[str, Any], title: str | None, body: str | None) -> Passage:
    """Return the paragraphs from a mention's first mark to its last, with the marks."""
    text = (title if mention["evidence_field"] == "title" else body) or ""
    marks = [mark for mark in _marks(mention, text) if 0 <= mark.start < mark.end <= len(text)]
    start, end = _paragraph_bounds(text, marks)
    shown = [mark for mark in _without_overlaps(marks) if mark.end <= end]
    moved = (Mark(mark.start - start, mark.end - start, mark.label) for mark in shown)
    return Passage(text[start:end], tuple(moved))


def _paragraph_bounds(text: str, marks: list[Mark]) -> tuple[int, int]:
    """Return where the paragraph of the first mark starts and that of the last mark ends."""
    first = min((mark.start for mark in marks), default=0)
    last = max((mark.end for mark in marks), default=0)
    blank_line = text.rfind("\n\n", 0, first)
    start = blank_line + 2 if blank_line >= 0 else 0
    end = text.find("\n\n", last)
    if end < 0:
        end = len(text)
    return start, min(end, start + MAX_PASSAGE)


def _marks(mention: Mapping[str, Any], text: str) -> Iterator[Mark]:
    """Yield the marks: those with stored offsets first, as they win over the searched ones."""
    yield Mark(mention["trigger_start"], mention["trigger_end"], "trigger")
    if mention["cue_start"] is not None:
        yield Mark(mention["cue_start"], mention["cue_end"], "says")
    for role in ("actor", "recipient"):
        for party in mention[role]:
            if party["start"] is not None:
                yield Mark(party["start"], party["end"], role)
    yield from _searched_marks(mention, text)


def _searched_marks(mention: Mapping[str, Any], text: str) -> Iterator[Mark]:
    start, end = mention["evidence_start"], mention["evidence_end"]
    if mention["date_basis"] in {"explicit", "relative"}:
        for expression in find_time_expressions(text[start:end]):
            yield Mark(start + expression.start, start + expression.end, "date")
    yield from _search_name(text, mention["location"], start, end, "place")
    cue = mention["cue_start"] if mention["cue_start"] is not None else start
    for label in ("claimant", "via"):
        yield from _search_name(
            text, mention[label], max(0, cue - CLAIMANT_DISTANCE), cue + CLAIMANT_DISTANCE, label
        )


def _search_name(text: str, name: str | None, start: int, end: int, label: str) -> Iterator[Mark]:
    """Yield the occurrence of a name, or its last word, nearest to the middle of the bounds."""
    if not name:
        return
    for words in (name, name.rsplit(" ", 1)[-1]):
        found = [start + match.start() for match in re.finditer(re.escape(words), text[start:end])]
        if found:
            nearest = min(found, key=lambda at: abs(2 * at - start - end))
            yield Mark(nearest, nearest + len(words), label)
            return


def _without_overlaps(marks: list[Mark]) -> list[Mark]:
    """Return the marks in order of the text; of overlapping ones the first in `marks` is kept."""
    kept: list[Mark] = []
    for mark in marks:
        if not any(mark.start < other.end and other.start < mark.end for other in kept):
            kept.append(mark)
    return sorted(kept, key=lambda mark: mark.start)


def segments(passage: Passage) -> Iterator[tuple[str, str | None]]:
    """Yield the passage cut at its marks: each text with the label of its mark or None."""
    end = 0
    for mark in passage.marks:
        if mark.start > end:
            yield passage.text[end : mark.start], None
        yield passage.text[mark.start : mark.end], mark.label
        end = mark.end
    if end < len(passage.text):
        yield passage.text[end:], None
