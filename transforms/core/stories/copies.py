"""Copies: articles whose text is the same or nearly so, published within days of each other."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
import numpy.typing as npt

from transforms.core.stories.fingerprint import MIN_SIMILARITY, MIN_WORDS, close_to, similarity

WINDOW = timedelta(days=3)
"""Days that may lie between two copies: papers print a wire within a day or two, and each merge
reads the days of the window."""
_MIN_LENGTH = 0.6
"""A text that is shorter than this share of another cannot have enough shingles in common with it.
"""
Shingles = Callable[["TextSummary"], frozenset[int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class TextSummary:
    """What is known of an article's text without reading it."""

    article_id: str
    day: date
    at: datetime
    first_seen_at: datetime
    source_domain: str
    credit: str | None
    body_sha256: str | None
    fingerprint: int | None
    word_count: int
    story_id: str | None

    @property
    def rank(self) -> tuple[datetime, datetime, str]:
        """The order of publication."""
        return self.at, self.first_seen_at, self.article_id


@dataclass(frozen=True, slots=True)
class DayTexts:
    """The texts of one day, and their fingerprints as one array."""

    texts: tuple[TextSummary, ...]
    prints: npt.NDArray[np.int64]


def day_texts(texts: Iterable[TextSummary]) -> DayTexts:
    """Return the day of these texts.

    Those too short to be anybody's copy stay out of the comparison.
    """
    long = tuple(t for t in texts if t.fingerprint is not None and t.word_count >= MIN_WORDS)
    return DayTexts(long, np.array([t.fingerprint for t in long], dtype=np.int64))


def days_around(day: date) -> list[date]:
    """Return the days in which a copy of an article of this day may lie."""
    return [day + timedelta(days=n) for n in range(-WINDOW.days, WINDOW.days + 1)]


def copies_of(text: TextSummary, days: Iterable[DayTexts], shingles: Shingles) -> list[TextSummary]:
    """Return the texts of these days that are the same text or nearly so."""
    if text.fingerprint is None or text.word_count < MIN_WORDS:
        return []
    found = []
    for day in days:
        for at in close_to(text.fingerprint, day.prints):
            other = day.texts[int(at)]
            if other.article_id != text.article_id and _same(text, other, shingles):
                found.append(other)
    return found


def _same(a: TextSummary, b: TextSummary, shingles: Shingles) -> bool:
    if a.body_sha256 == b.body_sha256:
        return True
    shorter, longer = sorted((a.word_count, b.word_count))
    return (
        shorter >= _MIN_LENGTH * longer and similarity(shingles(a), shingles(b)) >= MIN_SIMILARITY
    )


def connected_groups(
    start: Iterable[TextSummary], near: Callable[[TextSummary], Collection[TextSummary]]
) -> list[list[TextSummary]]:
    """Return the connected components that contain the texts of `start`.

    `near` gives the neighbours of a text. Components and their texts are in order of publication.
    """
    seen: set[str] = set()
    components = []
    for text in sorted(start, key=_rank):
        if text.article_id not in seen:
            seen.add(text.article_id)
            components.append(_component(text, near, seen))
    return sorted(components, key=lambda component: component[0].rank)


def _component(
    first: TextSummary,
    near: Callable[[TextSummary], Collection[TextSummary]],
    seen: set[str],
) -> list[TextSummary]:
    """Return all texts that can be reached from one, and add their ids to `seen`."""
    component, queue = [first], [first]
    while queue:
        for other in near(queue.pop()):
            if other.article_id not in seen:
                seen.add(other.article_id)
                component.append(other)
                queue.append(other)
    return sorted(component, key=_rank)


def _rank(text: TextSummary) -> tuple[datetime, datetime, str]:
    return text.rank


def copy_kind(first: TextSummary, copy: TextSummary) -> str:
    """Return how a text copies the first: exact, syndicated (another site, the same wire), or
    near."""
    if first.body_sha256 == copy.body_sha256:
        return "exact"
    wire = first.credit is not None and first.credit == copy.credit
    return "syndicated" if wire and first.source_domain != copy.source_domain else "near"


def origin_of(group: list[TextSummary]) -> str:
    """Return for whom copies count: the first wire they credit, else the site of the earliest."""
    wires = [t.credit for t in group if t.credit]
    return wires[0] if wires else group[0].source_domain
