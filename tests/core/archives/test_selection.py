"""Sites take in the hosts below them, and days both ends."""

from datetime import UTC, date, datetime

import pytest

from tests.helpers.lakes import article
from transforms.core.archives.selection import Selection

DAY = date(2024, 5, 1)


@pytest.mark.parametrize(
    ("url", "included"),
    [
        ("http://bbc.co.uk/a", True),
        ("https://www.bbc.co.uk/a", True),
        ("https://news.bbc.co.uk:8080/a", True),
        ("https://BBC.co.uk./a", True),
        ("https://notbbc.co.uk/a", False),
        ("https://bbc.co.uk.evil.test/a", False),
        ("https://co.uk/a", False),
        ("https://evil.test/bbc.co.uk", False),
        ("http://[::1/a", False),
        ("", False),
    ],
)
def test_a_site_is_its_host_and_those_below(url: str, included: bool) -> None:
    assert Selection(frozenset({"bbc.co.uk"})).includes_url(url) is included
    assert Selection().includes_url(url)


@pytest.mark.parametrize(
    ("day", "included"),
    [(date(2024, 4, 29), False), (date(2024, 4, 30), True), (DAY, True), (None, True)],
)
def test_nothing_is_captured_before_it_is_published_but_for_a_day_of_zones(
    day: date | None, included: bool
) -> None:
    assert Selection(start=DAY).may_include_capture(day) is included
    assert Selection(end=date(2020, 1, 1)).may_include_capture(day)


@pytest.mark.parametrize(
    ("at", "included"),
    [
        ("2024-04-30T23:59:59", False),
        ("2024-05-01T00:00:00", True),
        ("2024-05-02T23:59:59", True),
        ("2024-05-03T00:00:00", False),
    ],
)
def test_both_ends_of_the_days_are_included(at: str, included: bool) -> None:
    one = article("http://a.test/1", published_at=datetime.fromisoformat(at).replace(tzinfo=UTC))
    assert Selection(start=DAY, end=date(2024, 5, 2)).includes_article(one) is included


def test_an_article_without_a_date_is_of_the_day_it_was_first_seen() -> None:
    one = article(
        "http://a.test/1", published_at=None, first_seen_at=datetime(2024, 5, 1, 1, tzinfo=UTC)
    )
    assert Selection(start=DAY, end=DAY).includes_article(one)
    assert not Selection(start=date(2024, 5, 2)).includes_article(one)
