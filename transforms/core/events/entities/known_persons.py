"""What do articles tell of persons, so that later ones that do not say who somebody is can be read?

Each article gives facts (`learn_persons`). What several articles of about the same time agree on is known
(`known_persons`), and is asked only where an article itself is silent. No list of leaders goes stale.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta

from transforms.core.events.entities.article_entities import read_persons
from transforms.core.events.parse.segments import paragraphs, sentences
from transforms.core.events.rules.lexicon import load_lexicon
from transforms.core.events.rules.rule_files import languages
from transforms.core.ids import least_ids
from transforms.records import Article, PersonFact

MIN_ARTICLES = 2
"""So many articles must say the same of a person."""
MAX_DISTANCE = timedelta(days=180)
"""Facts further from an article's day are not asked: offices change hands."""
_CAPITALISED = re.compile(r"[^\W\d_][\w'’.-]*\w")


def learn_persons(article: Article) -> tuple[PersonFact, ...]:
    """Return what an article's own words say of the persons that it gives a full name and a country."""
    language = (article.language or "").split("-")[0]
    if article.body is None or language not in languages():
        return ()
    fields = (article.title or "", article.body)
    texts = (s.text for text in fields for p in paragraphs(text) for s in sentences(p))
    return tuple(
        PersonFact(
            name=person.name,
            country=person.country,
            sector=person.sector,
            article_ids=(article.article_id,),
            first_date=article.day,
            last_date=article.day,
        )
        for person in read_persons(texts, load_lexicon(language)).values()
        if person.country and " " in person.name
    )


def surnames_in(article: Article) -> frozenset[str]:
    """Return the words of an article that could be surnames."""
    found = _CAPITALISED.findall(f"{article.title or ''} {article.body or ''}")
    return frozenset(w.removesuffix("'s").removesuffix("’s") for w in found if w[0].isupper())


def merge_person_facts(a: PersonFact, b: PersonFact) -> PersonFact:
    """Return what two articles' words for one fact make: commutative, associative, idempotent."""
    return replace(
        a,
        article_ids=least_ids(a.article_ids, b.article_ids),
        first_date=min(a.first_date, b.first_date),
        last_date=max(a.last_date, b.last_date),
    )


def known_persons(facts: Iterable[PersonFact], day: date) -> tuple[PersonFact, ...]:
    """Return the persons on whom two articles agree and none disagrees about that day, in order of their names.

    The country is one all name; the sector is null where two differ.
    """
    by_name = defaultdict[str, list[PersonFact]](list)
    for fact in facts:
        if fact.first_date - MAX_DISTANCE <= day <= fact.last_date + MAX_DISTANCE:
            by_name[fact.name].append(fact)
    agreed = (_agreed(told) for _, told in sorted(by_name.items()))
    return tuple(fact for fact in agreed if fact is not None)


def _agreed(told: list[PersonFact]) -> PersonFact | None:
    first, *others = told
    if any(other.country != first.country for other in others):
        return None
    sectors = {fact.sector for fact in told} - {None}
    for other in others:
        first = merge_person_facts(first, other)
    if len(first.article_ids) < MIN_ARTICLES:
        return None
    return replace(first, sector=sectors.pop() if len(sectors) == 1 else None)
