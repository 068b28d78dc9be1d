"""When: phrases of time against the day of publication, Tuesday 11 October 2022."""

from datetime import UTC, date, datetime

import pytest

from transforms.core.events.coder import code_events
from transforms.core.events.loading import load_coder
from transforms.records import EventMention

TUESDAY = datetime(2022, 10, 11, 12, tzinfo=UTC)


def one(text: str, at: datetime | None = TUESDAY) -> EventMention:
    return code_events(text, title=None, published_at=at, coder=load_coder())[0]


@pytest.mark.parametrize(
    ("words", "day", "precision", "basis", "modality"),
    [
        ("on Monday", "2022-10-10", "day", "relative", "actual"),
        ("on Friday", "2022-10-07", "day", "relative", "actual"),
        ("two days ago", "2022-10-09", "day", "relative", "actual"),
        ("yesterday", "2022-10-10", "day", "relative", "actual"),
        ("on Oct. 7", "2022-10-07", "day", "explicit", "actual"),
        ("on December 5", "2021-12-05", "day", "explicit", "historical"),
        ("on 3 May 2019", "2019-05-03", "day", "explicit", "historical"),
        ("in November", "2021-11-01", "month", "explicit", "historical"),
        ("in late September", "2022-09-01", "month", "explicit", "historical"),
        ("in mid-August", "2022-08-01", "month", "explicit", "historical"),
        ("last October", "2021-10-01", "month", "explicit", "historical"),
        ("last month", "2022-09-01", "month", "relative", "historical"),
        ("this month", "2022-10-01", "month", "relative", "actual"),
        ("earlier this year", "2022-01-01", "year", "relative", "historical"),
        ("earlier this week", "2022-10-10", "week", "relative", "actual"),
        ("last week", "2022-10-03", "week", "relative", "actual"),
        ("over the weekend", "2022-10-03", "week", "relative", "actual"),
        ("in recent days", "2022-10-05", "week", "relative", "actual"),
        ("since February", "2022-02-01", "month", "explicit", "actual"),
        ("in 2014", "2014-01-01", "year", "explicit", "historical"),
        ("during the 1967 war", "1967-01-01", "year", "explicit", "historical"),
        ("in the 1990s", None, "none", "none", "historical"),
        ("several years ago", None, "none", "none", "historical"),
        ("a decade ago", "2012-01-01", "year", "relative", "historical"),
        ("the previous day", None, "none", "none", "actual"),
    ],
)
def test_phrase(words: str, day: str | None, precision: str, basis: str, modality: str) -> None:
    found = one(f"The army of Chad attacked a rebel base in Sudan {words}.")
    expected = date.fromisoformat(day) if day else None
    assert (found.date, found.date_precision, found.date_basis) == (expected, precision, basis)
    assert found.modality == modality


@pytest.mark.parametrize(
    "words", ["on Monday", "last week", "earlier this year", "in March", "over the weekend"]
)
def test_no_publication_no_relative_date(words: str) -> None:
    assert one(f"The army of Chad attacked a rebel base in Sudan {words}.", at=None).date is None


def test_main_clause_is_of_the_day_and_background_is_not() -> None:
    assert one("Chad shelled a rebel base in Sudan.").date_basis == "publication"
    mentions = code_events(
        "The Chadian minister spoke of the force that shelled a rebel base in Sudan.",
        title=None,
        published_at=TUESDAY,
        coder=load_coder(),
    )
    assert [(m.date, m.date_basis) for m in mentions if m.type == "ASSAULT"] == [(None, "none")]


def test_later_sentences_of_a_speaker_have_the_day_of_the_speech() -> None:
    text = (
        "On Sunday, President Idriss Saleh of Chad said he had met the Libyan premier. "
        "Saleh said that he had ordered the army to deploy troops."
    )
    found = code_events(text, title=None, published_at=TUESDAY, coder=load_coder())
    assert {m.date for m in found if m.type == "MOBILIZE"} == {date(2022, 10, 9)}


def test_a_past_year_does_not_date_what_goes_on_now() -> None:
    found = one("Chad is seeking a loan from Libya over its losses in 2010.")
    assert found.modality == "actual"
    assert found.date_basis == "publication"
