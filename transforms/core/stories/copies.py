"""Find copies: articles with the same text, or nearly so, published within days of each other."""

from collections.abc import Callable, Iterable, Iterator, Set
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
import numpy.typing as npt

from transforms.core.stories.fingerprint import MIN_SIMILARITY, MIN_WORDS, close_to, similarity

WINDOW = timedelta(days=3)
"""Most days between two copies: papers print an agency's text within a day or two. More would cost
time, since each merge reads all days of the window."""
_MIN_LENGTH = 0.6
"""Least ratio of the word counts of two near-duplicates, to skip the comparison of shingles.
`MIN_SIMILARITY` implies 0.7 of the distinct shingles; the margin is for repeated words."""
Shingles = Callable[["TextSummary"], frozenset[int]]
"""Returns the shingles of a text, which may have to be read from the lake."""
Near = Callable[["TextSummary", Set[str]], Iterable["TextSummary"]]
"""Returns the neighbours of a text; those whose ids are known may be left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextSummary:
    """What the search for copies needs to know of a text before it reads the text itself."""

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
        """The sort key of the order of publication."""
        return self.at, self.first_seen_at, self.article_id


@dataclass(frozen=True, slots=True)
class DayTexts:
    """The texts of one day, and their fingerprints, in the same order, as one array."""

    texts: tuple[TextSummary, ...]
    prints: npt.NDArray[np.int64]


def day_texts(texts: Iterable[TextSummary]) -> DayTexts:
    """Return the texts of a day without those that are too short to be compared."""
    long = tuple(t for t in texts if t.fingerprint is not None and t.word_count >= MIN_WORDS)
    return DayTexts(long, np.array([t.fingerprint for t in long], dtype=np.int64))


def days_around(day: date) -> list[date]:
    """Return the days on which copies of an article of this day may be published."""
    return [day + timedelta(days=n) for n in range(-WINDOW.days, WINDOW.days + 1)]


class CopySearch:
    """Finds the copies of one text after another, without those that were found before.

    Texts of a template are all copies of one another. To compare each with all the others would
    take time that grows with the square of their number.
    """

    def __init__(self, day: Callable[[date], DayTexts], shingles: Shingles) -> None:
        self._day = day
        self._shingles = shingles
        self._left: dict[date, npt.NDArray[np.bool_]] = {}

    def copies_of(self, text: TextSummary, known: Set[str]) -> Iterator[TextSummary]:
        """Yield the copies of a text whose ids are not known; they must be from then on."""
        if text.fingerprint is None or text.word_count < MIN_WORDS:
            return
        for day in days_around(text.day):
            texts = self._day(day)
            left = self._left.setdefault(day, np.ones(len(texts.texts), np.bool_))
            near = close_to(text.fingerprint, texts.prints)
            for at in near[left[near]]:
                other = texts.texts[int(at)]
                is_known = other.article_id in known
                is_copy = not is_known and _are_copies(text, other, self._shingles)
                left[at] = not (is_known or is_copy)
                if is_copy:
                    yield other


def _are_copies(a: TextSummary, b: TextSummary, shingles: Shingles) -> bool:
    if a.body_sha256 == b.body_sha256:
        return True
    shorter, longer = sorted((a.word_count, b.word_count))
    return (
        shorter >= _MIN_LENGTH * longer and similarity(shingles(a), shingles(b)) >= MIN_SIMILARITY
    )


def connected_groups(start: Iterable[TextSummary], near: Near) -> list[list[TextSummary]]:
    """Return the connected components that contain the texts of `start`.

    `near` gives the neighbours of a text, and must be symmetric. Components and their texts are in
    order of publication.
    """
    seen: set[str] = set()
    components = []
    for text in sorted(start, key=_rank):
        if text.article_id not in seen:
            seen.add(text.article_id)
            components.append(_component(text, near, seen))
    return sorted(components, key=lambda component: component[0].rank)


def _component(first: TextSummary, near: Near, seen: set[str]) -> list[TextSummary]:
    """Return all texts that can be reached from one, and add their ids to `seen`."""
    component, queue = [first], [first]
    while queue:
        for other in near(queue.pop(), seen):
            if other.article_id not in seen:
                seen.add(other.article_id)
                component.append(other)
                queue.append(other)
    return sorted(component, key=_rank)


def _rank(text: TextSummary) -> tuple[datetime, datetime, str]:
    return text.rank


def copy_kind(first: TextSummary, copy: TextSummary) -> str:
    """Return the kind of a copy: exact, syndicated (same agency, another site) or near."""
    if first.body_sha256 == copy.body_sha256:
        return "exact"
    same_agency = first.credit is not None and first.credit == copy.credit
    other_site = first.source_domain != copy.source_domain
    return "syndicated" if same_agency and other_site else "near"


def origin_of(group: list[TextSummary]) -> str:
    """Return the origin of copies: the first agency they credit, else the site of the first."""
    agencies = [t.credit for t in group if t.credit]
    return agencies[0] if agencies else group[0].source_domain
