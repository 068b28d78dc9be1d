"""Persons across articles: facts of one article, those several agree on, and when they are used."""

from dataclasses import replace
from datetime import UTC, date, datetime

from transforms.core.events.coder import code_article
from transforms.core.events.entities.known_persons import (
    known_persons,
    learn_persons,
    merge_person_facts,
    surnames_in,
)
from transforms.records import Article, CodingInput, PersonFact

TODAY = date(2023, 5, 16)


def fact(
    *articles: int, country: str = "KEN", sector: str | None = "GOV", day: date = TODAY
) -> PersonFact:
    ids = tuple(str(n) for n in articles)
    return PersonFact(
        name="Amina Otieno",
        country=country,
        sector=sector,
        article_ids=ids,
        first_date=day,
        last_date=day,
    )


def article(body: str) -> Article:
    seen = datetime(2023, 5, 16, tzinfo=UTC)
    url = "https://news.example/1"
    return Article(
        article_id="1",
        url_key="1",
        url=url,
        canonical_url=url,
        source_domain="news.example",
        first_seen_at=seen,
        seen_at=seen,
        language="en",
        body=body,
    )


def test_an_article_teaches_its_persons() -> None:
    profile = article("Kenyan President Amina Otieno spoke. Otieno left. Joe Bloggs sang.")
    assert learn_persons(profile) == (fact(1),)
    assert learn_persons(replace(profile, language="sw")) == ()
    assert {"Otieno", "Amina", "Bloggs"} <= surnames_in(profile)


def test_two_articles_must_agree_and_none_disagree_about_that_day() -> None:
    old = date(2020, 1, 1)
    assert known_persons([fact(1)], TODAY) == ()
    assert known_persons([fact(1), fact(1)], TODAY) == ()
    assert known_persons([fact(1, 2), fact(3, country="UGA")], TODAY) == ()
    assert known_persons([fact(1), fact(2, day=old)], TODAY) == ()
    assert known_persons([fact(1, 2), fact(3, country="UGA", day=old)], TODAY) == (fact(1, 2),)
    assert known_persons([fact(1), fact(2, sector=None)], TODAY) == (fact(1, 2),)
    assert known_persons([fact(1), fact(2, sector="MIL")], TODAY) == (fact(1, 2, sector=None),)


def test_facts_are_joined_in_any_order() -> None:
    a, b = fact(1, 2), fact(2, 3, day=date(2023, 1, 1))
    assert merge_person_facts(a, b) == merge_person_facts(b, a)
    assert merge_person_facts(a, a) == a
    assert (merge_person_facts(a, b).first_date, merge_person_facts(a, b).last_date) == (
        date(2023, 1, 1),
        TODAY,
    )
    assert len(merge_person_facts(fact(*range(10, 30)), a).article_ids) == 16


def test_known_persons_are_looked_up_after_those_of_the_article() -> None:
    def actor_of(text: str) -> str | None:
        coded = code_article(
            CodingInput(article=article(text), persons=known_persons([fact(1, 2)], TODAY))
        )
        return next(m.actor[0].country for m in coded.mentions if m.type == "ACCUSE")

    assert actor_of("On Monday Mr Otieno accused Libya of theft.") == "KEN"
    assert actor_of("Ugandan President Amina Otieno accused Libya of theft.") == "UGA"
