"""Which mentions of copies are one event, and which of them speaks for it."""

from typing import Any

from tests.helpers.event_mentions import event_mention
from transforms.core.stories.event_clusters import (
    canonical_order,
    event_clusters,
    merge_event_fields,
)


def names(groups: list[list[dict[str, Any]]]) -> list[list[str]]:
    return [sorted(m["mention_id"] for m in g) for g in groups]


def test_copies_report_the_same_events_in_turn() -> None:
    one = [
        event_mention("a", 1, "France"),
        event_mention("a", 2, "France"),
        event_mention("a", 3, "Kenya"),
    ]
    other = [
        event_mention("b", 1, "France"),
        event_mention("b", 2, "Kenya"),
        event_mention("b", 3, "France"),
    ]
    assert names(event_clusters([one, other])) == [
        ["a1France", "b1France"],
        ["a2France", "b3France"],
        ["a3Kenya", "b2Kenya"],
    ]


def test_any_mention_of_an_event_may_match() -> None:
    one = [event_mention("a", 1, "Bolivia"), event_mention("a", 1, "firms")]
    other = [event_mention("b", 1, "timber"), event_mention("b", 1, "firms")]
    assert len(event_clusters([one, other])) == 1


def test_a_copy_that_links_two_events_joins_them_in_any_order() -> None:
    apart = [event_mention("a", 1, "France"), event_mention("a", 2, "Kenya")]
    joined = [event_mention("b", 1, "France"), event_mention("b", 1, "Kenya")]
    assert len(event_clusters([apart, joined])) == len(event_clusters([joined, apart])) == 1


def test_other_parties_are_another_event() -> None:
    assert (
        len(event_clusters([[event_mention("a", 1, "France")], [event_mention("b", 1, "Kenya")]]))
        == 2
    )


def test_the_own_voice_of_what_happened_speaks_first() -> None:
    denied = event_mention("a", 1, "x", modality="negated", confidence=0.9)
    claimed = event_mention("b", 1, "x", claimant="Kenya", confidence=0.9)
    stated = event_mention("c", 1, "x")
    assert sorted([denied, claimed, stated], key=canonical_order) == [stated, claimed, denied]


def test_what_the_best_mention_lacks_comes_from_the_next() -> None:
    place = {"country": "KEN", "admin1": None, "lat": None, "lon": None, "geo_precision": "country"}
    nowhere = dict.fromkeys([*place, "location"]) | {"geo_precision": "none"}
    rest = dict.fromkeys(["date", "date_precision", "date_basis", "dead", "injured", "size"])
    first = dict.fromkeys(["recipient_name", "recipient_country", "recipient_sector"])
    best = event_mention("a", 1, "x", confidence=0.9, **nowhere, **rest, **first)
    other = event_mention("b", 1, "x", location="Nairobi", **place, **rest, **first)
    fields, filled = merge_event_fields([other, best], best)
    assert (fields["location"], fields["country"]) == ("Nairobi", "KEN")
    assert filled == [{"field": "location", "mention_id": "b1x"}]
