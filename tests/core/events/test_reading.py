"""Datelines, places, numbers, pronouns, own belongings, accidents: what surrounds an event and is
not it.
"""

from datetime import UTC, date, datetime

import pytest

from transforms.core.events.coder import code_events
from transforms.core.events.loading import load_coder
from transforms.core.events.parse.segments import Segment, after_dateline, sentences
from transforms.records import EventMention

WEDNESDAY = datetime(2024, 3, 13, 12, tzinfo=UTC)


def code(text: str) -> tuple[EventMention, ...]:
    return code_events(text, title=None, published_at=WEDNESDAY, coder=load_coder())


def one(text: str, kind: str) -> EventMention:
    found = [m for m in code(text) if m.type == kind]
    assert found, text
    return found[0]


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("MAPUTO, March 9 - Malawi shut a bridge.", "Malawi shut a bridge."),
        ("QUITO (Reuters) - Bakers met.", "Bakers met."),
        ("OSLO — Bakers met.", "Bakers met."),
        ("HARARE, Zimbabwe (AP) — Bakers met.", "Bakers met."),
        ("Nairobi, March 9 (Xinhua) -- Bakers met.", "Bakers met."),
        ("KARACHI: Bakers met.", "Bakers met."),
        ("NATO - an alliance - met.", "NATO - an alliance - met."),
        ("Bakers met in Oslo - and left.", "Bakers met in Oslo - and left."),
        ("UN: we are calm.", "UN: we are calm."),
    ],
)
def test_a_dateline_is_not_of_the_text(text: str, own: str) -> None:
    assert text[after_dateline(text) :] == own
    assert [s.text for s in sentences(Segment(text, 0))] == [own]


def test_a_dateline_gives_neither_actor_nor_date_nor_evidence() -> None:
    mention = one("MAPUTO, March 9 - Malawi accused Zambia of theft.", "ACCUSE")
    assert mention.evidence.startswith("Malawi")
    assert [a.country for a in mention.actor] == ["MWI"]
    assert mention.date_basis == "publication"


@pytest.mark.parametrize(
    ("text", "kind", "location", "country"),
    [
        ("Soldiers clashed with protesters in Dakar.", "ASSAULT", "Dakar", "SEN"),
        ("Police in Quito fired tear gas at students.", "ASSAULT", "Quito", "ECU"),
        ("Hundreds of tailors rallied in Tunis against a tax.", "PROTEST", "Tunis", "TUN"),
        ("Mali and the rebels in Algiers signed an accord.", "SUPPORT", "Algiers", "DZA"),
        ("Sudanese gunmen killed two men and wounded nine in Chad.", "ASSAULT", "Chad", "TCD"),
    ],
)
def test_where(text: str, kind: str, location: str, country: str) -> None:
    mention = one(text, kind)
    assert (mention.location, mention.country) == (location, country)


def test_guests_in_a_capital_are_not_of_its_country() -> None:
    actors = one("Mali and the rebels in Algiers signed an accord.", "SUPPORT").actor
    assert [(a.text, a.country) for a in actors] == [("Mali", "MLI"), ("the rebels", None)]
    assert one("Nurses in Tunis went on strike.", "PROTEST").actor[0].country == "TUN"


@pytest.mark.parametrize(
    ("text", "kind", "numbers"),
    [
        ("Militants killed 14 farmers and wounded 31 in Niger.", "ASSAULT", (14, 31, None)),
        (
            "Sudanese troops fought rebels near Juba, leaving 20 dead and 15 injured.",
            "ASSAULT",
            (20, 15, None),
        ),
        ("Norway deployed 250 troops to Latvia.", "MOBILIZE", (None, None, 250)),
        ("About 3,000 miners protested in Lusaka.", "PROTEST", (None, None, 3000)),
        ("Chile freed twelve Peruvian sailors.", "RETREAT", (None, None, 12)),
        ("Thousands of miners protested in Lusaka.", "PROTEST", (None, None, None)),
    ],
)
def test_numbers(text: str, kind: str, numbers: tuple[int | None, int | None, int | None]) -> None:
    mention = one(text, kind)
    assert (mention.dead, mention.injured, mention.size) == numbers


@pytest.mark.parametrize(
    ("text", "kind", "day"),
    [
        (
            "The Ghanaian minister travels on to Lagos in Nigeria on Friday.",
            "AGREE",
            date(2024, 3, 15),
        ),
        ("Ghana and Togo will hold talks in Accra on Friday.", "AGREE", date(2024, 3, 15)),
        ("Ghana denied on Monday that it had deployed troops to Togo.", "MOBILIZE", None),
        (
            "Ghanaian police charged two clerks with fraud; the trial begins in June.",
            "ACCUSE",
            date(2024, 3, 13),
        ),
        (
            "Ghana freed ten men, four months after a Ghanaian patrol seized their boats.",
            "COERCE",
            date(2023, 11, 1),
        ),
        (
            "On Monday Ghana said that it would free the Togolese prisoners.",
            "AGREE",
            date(2024, 3, 11),
        ),
    ],
)
def test_when(text: str, kind: str, day: date | None) -> None:
    assert one(text, kind).date == day


@pytest.mark.parametrize(
    "text",
    [
        "Six Danish soldiers were killed in a bus crash.",
        "Nine Danish soldiers were injured when their truck overturned.",
        "A cyclone killed 40 people in Haiti.",
    ],
)
def test_accidents_are_not_assaults(text: str) -> None:
    assert [m for m in code(text) if m.type == "ASSAULT"] == []


def test_a_bomb_is_not_an_accident() -> None:
    assert one("Six Danish soldiers were killed by a roadside bomb in Iraq.", "ASSAULT").dead == 6


def test_a_pronoun_means_the_one_subject_of_the_sentence_before() -> None:
    actor = one(
        "Kenyan President Daniel Otieno spoke on Monday. He accused Togo of theft.", "ACCUSE"
    ).actor
    assert [(a.text, a.name, a.country) for a in actor] == [("He", "Daniel Otieno", "KEN")]


@pytest.mark.parametrize(
    "text",
    [
        "Two ministers of Kenya spoke. He accused Togo of theft.",
        "The rain stopped. He accused Togo of theft.",
    ],
)
def test_an_ambiguous_pronoun_has_no_actor(text: str) -> None:
    assert one(text, "ACCUSE").actor == ()


def test_the_actor_of_a_pronoun_is_named_by_its_antecedent() -> None:
    actor = one(
        "Kenya said it would visit Togo's leader and accused Togo of theft.", "ACCUSE"
    ).actor
    assert [a.text for a in actor] == ["Kenya"]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Cuba offered to send nurses to sea.", "AGREE"),
        ("Peru and Chile agreed to cooperate on the schooling of doctors.", "AGREE"),
        ("Peru moved troops to the river bank.", "MOBILIZE"),
        ("Peru agreed to meet in Santiago, its leader said.", "AGREE"),
    ],
)
def test_objects_and_places_are_not_recipients(text: str, kind: str) -> None:
    assert [m.recipient for m in code(text) if m.type == kind and m.recipient] == []


def test_neighbours_are_not_the_country() -> None:
    assert [
        m
        for m in code("Chad's neighbours praised the French plan.")
        if any(a.country == "TCD" for a in m.actor)
    ] == []


def test_a_reporter_of_a_measure_is_not_its_actor() -> None:
    mention = one(
        "The measures freeze the assets of two Malian officials, Togo's foreign ministry said.",
        "COERCE",
    )
    assert (mention.actor, mention.claimant) == ((), "Togo's foreign ministry")
