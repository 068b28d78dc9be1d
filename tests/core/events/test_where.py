"""Where: cities, states and countries, and that a guess is none."""

import pytest

from transforms.core.events.coder import code_events
from transforms.core.events.loading import load_coder
from transforms.core.events.rules.gazetteer import find_city, find_state, load_cities
from transforms.records import EventMention


def one(text: str) -> EventMention:
    return code_events(text, title=None, published_at=None, coder=load_coder())[0]


@pytest.mark.parametrize(
    ("text", "country", "near", "found"),
    [
        ("the eastern city of Kharkiv", None, None, ("Kharkiv", "UKR")),
        ("Kiev", None, None, ("Kyiv", "UKR")),
        ("Tripoli", None, None, ("Tripoli", "LBY")),
        ("Tripoli", "LBN", None, ("Tripoli", "LBN")),
        ("Hyderabad", None, "PAK", ("Hyderabad", "PAK")),
        ("Paris", "USA", None, None),
        ("Georgia", None, None, None),
        ("a village nobody knows", None, None, None),
        ("", None, None, None),
    ],
)
def test_city(
    text: str, country: str | None, near: str | None, found: tuple[str, str] | None
) -> None:
    city = find_city(text, country, near)
    assert (city and (city.name, city.country)) == found


def test_no_city_lies_at_nought() -> None:
    assert all(c.lat or c.lon for cities in load_cities().values() for c in cities)


def test_state() -> None:
    assert find_state("rural South Dakota") == ("South Dakota", "USA")
    assert find_state("the southern region") is None


@pytest.mark.parametrize(
    ("text", "country", "precision"),
    [
        ("Turkish police arrested 20 journalists in Izmir.", "TUR", "city"),
        ("Boko Haram abducted schoolgirls in Nigeria.", "NGA", "country"),
        ("Police arrested two senators in South Dakota.", "USA", "admin1"),
        ("The Turkish president met the Greek premier.", None, "none"),
    ],
)
def test_place_of_an_event(text: str, country: str | None, precision: str) -> None:
    found = one(text)
    assert (found.country, found.geo_precision) == (country, precision)
    assert (found.lat is not None) == (precision == "city") == (found.lon is not None)
