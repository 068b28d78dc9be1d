"""Persons across articles: what one learns, what several agree on, and when it is asked."""

from datetime import UTC, date, datetime

from transforms.core.events.article import code_article
from transforms.core.events.coder import code_events, load_coder
from transforms.core.events.persons import PersonEvidence, PersonRow, known_persons, learn_persons
from transforms.records import Article

TODAY = date(2023, 5, 16)


def row(number: int, country: str = "KEN", day: date = TODAY) -> PersonRow:
    return PersonRow(name="Amina Otieno", evidence=PersonEvidence(country, "GOV", 0.9), article_id=str(number), day=day)


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
        body=body,
    )


def test_an_article_teaches_its_persons() -> None:
    coded = code_article(article("Kenyan President Amina Otieno spoke. Otieno left. Joe Bloggs sang."))
    assert learn_persons(coded) == {"Amina Otieno": PersonEvidence("KEN", "GOV", 0.9)}


def test_two_articles_must_agree_and_none_disagree_of_late() -> None:
    assert known_persons([row(1)], TODAY) == {}
    assert known_persons([row(1), row(1)], TODAY) == {}
    assert known_persons([row(1), row(2), row(3, "UGA")], TODAY) == {}
    assert known_persons([row(1), row(2, day=date(2022, 1, 1))], TODAY) == {}
    known = known_persons([row(1), row(2), row(3, "UGA", date(2020, 1, 1))], TODAY)
    assert (known["Amina Otieno"].country, known["Amina Otieno"].sector) == ("KEN", "GOV")


def test_known_persons_are_asked_after_the_article() -> None:
    known = known_persons([row(1), row(2)], TODAY)
    at = datetime(2023, 5, 16, tzinfo=UTC)

    def actor_of(text: str) -> str | None:
        found = code_events(text, title=None, published_at=at, coder=load_coder(), known=known)
        return next(m.actor[0].country for m in found if m.type == "ACCUSE")

    assert actor_of("On Monday Mr Otieno accused Libya of theft.") == "KEN"
    assert actor_of("Ugandan President Amina Otieno accused Libya of theft.") == "UGA"
