"""Which words of a text made an event: what happened, who, to whom, where, when, and who says
so?"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from transforms.core.events.arguments.time_expressions import find_time_expressions

AROUND = 400
"""Characters around the evidence in which a claimant may be named."""
MAX_PASSAGE = 2_000


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch of a text and what it is to the event; offsets in that text."""

    start: int
    end: int
    label: str


@dataclass(frozen=True, slots=True)
class Passage:
    """The paragraphs that an event was read from, and its words in them."""

    text: str
    marks: tuple[Mark, ...]


def passage_of(mention: Mapping[str, Any], title: str | None, body: str | None) -> Passage:
    """Return the paragraph of a mention's evidence with its words marked, the paragraph of its
    claimant with it.
    """
    text = (title if mention["evidence_field"] == "title" else body) or ""
    marks = [m for m in _marks(mention, text) if 0 <= m.start < m.end <= len(text)]
    first = min((m.start for m in marks), default=0)
    last = max((m.end for m in marks), default=0)
    start = text.rfind("\n\n", 0, first) + 2 if "\n\n" in text[:first] else 0
    end = text.find("\n\n", last)
    end = min(len(text) if end < 0 else end, start + MAX_PASSAGE)
    shown = [Mark(m.start - start, m.end - start, m.label) for m in _apart(marks) if m.end <= end]
    return Passage(text[start:end], tuple(shown))


def _marks(m: Mapping[str, Any], text: str) -> Iterator[Mark]:
    """Yield the marks, surest first."""
    yield Mark(m["trigger_start"], m["trigger_end"], "trigger")
    if m["cue_start"] is not None:
        yield Mark(m["cue_start"], m["cue_end"], "says")
    for role in ("actor", "recipient"):
        for one in m[role]:
            if one["start"] is not None:
                yield Mark(one["start"], one["end"], role)
    start, end = m["evidence_start"], m["evidence_end"]
    if m["date_basis"] in {"explicit", "relative"}:
        for words in find_time_expressions(text[start:end]):
            yield Mark(start + words.start, start + words.end, "date")
    yield from _named(text, m["location"], start, end, "place")
    near = m["cue_start"] if m["cue_start"] is not None else start
    for label in ("claimant", "via"):
        yield from _named(text, m[label], max(0, near - AROUND), near + AROUND, label)


def _named(text: str, name: str | None, start: int, end: int, label: str) -> Iterator[Mark]:
    """Yield where a name, or else its last word, stands nearest to the middle of the bounds."""
    for part in [name, name.rsplit(" ", 1)[-1]] if name else []:
        found = [at.start() + start for at in re.finditer(re.escape(part), text[start:end])]
        if found:
            at = min(found, key=lambda place: abs(2 * place - start - end))
            yield Mark(at, at + len(part), label)
            return


def _apart(marks: list[Mark]) -> list[Mark]:
    """Return the marks in order of the text, without those that overlap a surer one."""
    kept: list[Mark] = []
    for mark in marks:
        if not any(mark.start < other.end and other.start < mark.end for other in kept):
            kept.append(mark)
    return sorted(kept, key=lambda mark: mark.start)


def segments(passage: Passage) -> Iterator[tuple[str, str | None]]:
    """Yield the passage in stretches, each with the label of its mark or None."""
    at = 0
    for mark in passage.marks:
        if mark.start > at:
            yield passage.text[at : mark.start], None
        yield passage.text[mark.start : mark.end], mark.label
        at = mark.end
    if at < len(passage.text):
        yield passage.text[at:], None
