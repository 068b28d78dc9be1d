"""Learn the countries and offices of persons, for articles that do not state them.

Each article yields facts (`learn_persons`). Facts on which several articles of about the same time
agree are known (`known_persons`), and used only if an article itself is silent. So no list of
leaders goes out of date.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta

from transforms.core.events.entities.article_entities import read_persons
from transforms.core.events.entities.person_mentions import Person
from transforms.core.events.parse.segments import paragraphs, sentences
from transforms.core.events.rules.lexicon import load_lexicon
from transforms.core.events.rules.rule_files import languages
from transforms.core.ids import least_ids
from transforms.records import Article, PersonFact

MIN_ARTICLES = 2
"""Articles that must agree on a person: one alone can be wrong or misread."""

MAX_DISTANCE = timedelta(days=180)
"""Time between a fact and an article beyond which it is not used, since offices change hands."""

_CAPITALISED = re.compile(r"[^\W\d_][\w'’.-]*\w")


def learn_persons(article: Article) -> tuple[PersonFact, ...]:
    """Return the facts of an article on persons with a full name and a country."""
    language = (article.language or "").split("-")[0]
    if article.body is None or language not in languages():
        return ()
    texts = _sentences((article.title or "", article.body))
    persons = read_persons(texts, load_lexicon(language)).values()
    facts = (_fact(person, article) for person in persons)
    return tuple(fact for fact in facts if fact is not None)


def _sentences(fields: Iterable[str]) -> Iterator[str]:
    for text in fields:
        for paragraph in paragraphs(text):
            for sentence in sentences(paragraph):
                yield sentence.text


def _fact(person: Person, article: Article) -> PersonFact | None:
    if person.country is None or " " not in person.name:
        return None
    return PersonFact(
        name=person.name,
        country=person.country,
        sector=person.sector,
        article_ids=(article.article_id,),
        first_date=article.day,
        last_date=article.day,
    )


def surnames_in(article: Article) -> frozenset[str]:
    """Return the words of an article that could be surnames."""
    found = _CAPITALISED.findall(f"{article.title or ''} {article.body or ''}")
    return frozenset(w.removesuffix("'s").removesuffix("’s") for w in found if w[0].isupper())


def merge_person_facts(a: PersonFact, b: PersonFact) -> PersonFact:
    """Return one fact for the same statement of several articles.

    The merge is commutative, associative and idempotent.
    """
    return replace(
        a,
        article_ids=least_ids(a.article_ids, b.article_ids),
        first_date=min(a.first_date, b.first_date),
        last_date=max(a.last_date, b.last_date),
    )


def known_persons(facts: Iterable[PersonFact], day: date) -> tuple[PersonFact, ...]:
    """Return the persons on whom at least two articles of about that day agree, and none disagrees.

    They are sorted by name. All articles give the same country; the sector is None if two differ.
    """
    by_name = defaultdict[str, list[PersonFact]](list)
    for fact in facts:
        if fact.first_date - MAX_DISTANCE <= day <= fact.last_date + MAX_DISTANCE:
            by_name[fact.name].append(fact)
    agreed = (_agreed(same_name) for _, same_name in sorted(by_name.items()))
    return tuple(fact for fact in agreed if fact is not None)


def _agreed(facts: Sequence[PersonFact]) -> PersonFact | None:
    """Return the merged facts of one name; None if they differ or are of one article."""
    first, *others = facts
    if any(other.country != first.country for other in others):
        return None
    merged = first
    for other in others:
        merged = merge_person_facts(merged, other)
    if len(merged.article_ids) < MIN_ARTICLES:
        return None
    sectors = {fact.sector for fact in facts if fact.sector is not None}
    return replace(merged, sector=sectors.pop() if len(sectors) == 1 else None)
