"""What do articles tell of persons, so that later ones that do not say who somebody is can be read?

Each article gives evidence rows (`learn_persons`). What several articles of late agree on is known
(`known_persons`), and is asked only where an article itself is silent (the argument `known` of `code_events`).
No list of leaders goes stale.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from transforms.core.events.cast import Person, read_persons
from transforms.core.events.lexicon import load_lexicon
from transforms.core.events.text import paragraphs, sentences
from transforms.records import CodedArticle

AGREEING = 2
"""So many articles must say the same of a person."""

WITHIN = timedelta(days=180)
"""Older evidence is forgotten: offices change hands."""

_OFFICE = 0.9
_PLACE = 0.6


@dataclass(frozen=True, slots=True)
class PersonEvidence:
    """What one article says of a person: country and sector, and how `sure` that is, 0 to 1."""

    country: str
    sector: str | None
    sure: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRow:
    """Evidence with where it is from: one row an article and person."""

    name: str
    evidence: PersonEvidence
    article_id: str
    day: date


def learn_persons(coded: CodedArticle, language: str = "en") -> dict[str, PersonEvidence]:
    """Return what an article's own words say of the persons that it gives a full name and a country."""
    texts = (
        s.text for t in (coded.article.title, coded.article.body) for p in paragraphs(t or "") for s in sentences(p)
    )
    found = read_persons(texts, load_lexicon(language)).values()
    return {
        p.name: PersonEvidence(p.country, p.sector, _OFFICE if p.roles and p.sector else _PLACE)
        for p in found
        if p.country and " " in p.name
    }


def known_persons(rows: Iterable[PersonRow], today: date, within: timedelta = WITHIN) -> dict[str, Person]:
    """Return, by full name, the persons on whom at least `AGREEING` articles agree, and none disagrees, of late."""
    by_name: dict[str, dict[str, PersonRow]] = {}
    for row in rows:
        if timedelta(0) <= today - row.day <= within:
            by_name.setdefault(row.name, {})[row.article_id] = row
    return {name: _agreed(name, told) for name, told in by_name.items() if _agree(told)}


def _agree(told: Mapping[str, PersonRow]) -> bool:
    return len(told) >= AGREEING and len({r.evidence.country for r in told.values()}) == 1


def _agreed(name: str, told: Mapping[str, PersonRow]) -> Person:
    """The country all name; the sector only where no two differ."""
    rows = list(told.values())
    sectors = {r.evidence.sector for r in rows if r.evidence.sector}
    return Person(name, rows[0].evidence.country, next(iter(sectors)) if len(sectors) == 1 else None)
