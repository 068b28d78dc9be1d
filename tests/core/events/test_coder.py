"""Modality, claimants, dates, actors, numbering, and the coder's promises for any input."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.files.mention_json import mention_to_json
from tests.helpers.examples import examples
from transforms.core.events.coder import code_events
from transforms.core.events.loading import load_coder
from transforms.errors import EventsError
from transforms.records import EventMention

TUESDAY = datetime(2023, 5, 16, 12, tzinfo=UTC)


def code(
    text: str, title: str | None = None, at: datetime | None = TUESDAY
) -> tuple[EventMention, ...]:
    return code_events(text, title=title, published_at=at, coder=load_coder())


def one(text: str, kind: str, at: datetime | None = TUESDAY) -> EventMention:
    found = [m for m in code(text, at=at) if m.type == kind]
    assert found, text
    return found[0]


@pytest.mark.parametrize(
    ("text", "kind", "modality"),
    [
        ("Chad attacked a rebel base in Darfur.", "ASSAULT", "actual"),
        ("Chad did not attack the rebel base in Darfur.", "ASSAULT", "negated"),
        ("Chad denied attacking the rebel base.", "ASSAULT", "negated"),
        ("Chad plans to attack the rebel base.", "ASSAULT", "future"),
        ("Chad is going to attack the rebel base.", "ASSAULT", "future"),
        ("Chad may attack the rebel base.", "ASSAULT", "hypothetical"),
        ("If Chad attacks the rebel base, villagers will flee.", "ASSAULT", "hypothetical"),
        ("Chad invaded Libya in 1983.", "ASSAULT", "historical"),
        ("Chad has yet to attack the rebel base.", "ASSAULT", "negated"),
    ],
)
def test_modality(text: str, kind: str, modality: str) -> None:
    assert one(text, kind).modality == modality


@pytest.mark.parametrize(
    ("text", "claimant"),
    [
        ("Chadian troops attacked a village in Sudan.", None),
        ("Sudan's army said that Chadian troops attacked a village.", "Sudan's army"),
        ("Chadian troops attacked a village, according to Sudan's army.", "Sudan's army"),
        (
            (
                "“Chadian troops attacked a village near our border,” Sudanese Minister Omar "
                "Idris said."
            ),
            "Omar Idris",
        ),
        (
            (
                "“Chadian troops attacked a village,” the Tribune cited Sudanese Minister "
                "Omar Idris as saying."
            ),
            "Omar Idris",
        ),
        (
            (
                "Sudanese Minister Omar Idris said: “We are calm.\n\n“But Chadian troops "
                "attacked a village.”"
            ),
            "Omar Idris",
        ),
    ],
)
def test_claimant(text: str, claimant: str | None) -> None:
    assert one(text, "ASSAULT").claimant == claimant


@pytest.mark.parametrize(
    ("when", "day", "precision", "basis"),
    [
        ("on 2 May 2023", date(2023, 5, 2), "day", "explicit"),
        ("on May 3, 2023", date(2023, 5, 3), "day", "explicit"),
        ("on Monday", date(2023, 5, 15), "day", "relative"),
        ("yesterday", date(2023, 5, 15), "day", "relative"),
        ("two days ago", date(2023, 5, 14), "day", "relative"),
        ("in March 2023", date(2023, 3, 1), "month", "explicit"),
        ("last year", date(2022, 1, 1), "year", "relative"),
        ("with tanks", date(2023, 5, 16), "day", "publication"),
    ],
)
def test_date(when: str, day: date, precision: str, basis: str) -> None:
    mention = one(f"Chadian troops attacked a village in Sudan {when}.", "ASSAULT")
    assert (mention.date, mention.date_precision, mention.date_basis) == (day, precision, basis)


def test_relative_dates_need_a_day_of_publication() -> None:
    assert one("Chadian troops attacked a village on Monday.", "ASSAULT", at=None).date is None


def test_a_surname_takes_country_and_name_from_the_article() -> None:
    text = (
        "Kenyan President Daniel Otieno arrived on Monday.\n\nOtieno has accused Uganda of theft."
    )
    mention = one(text, "ACCUSE")
    assert [(a.text, a.name, a.country, a.sector) for a in mention.actor] == [
        ("Otieno", "Daniel Otieno", "KEN", "GOV")
    ]
    assert [a.country for a in mention.recipient] == ["UGA"]


def test_a_possessive_takes_the_country_of_its_owner() -> None:
    text = (
        "Kenyan President Daniel Otieno smiled, and his defence ministry accused Uganda of theft."
    )
    assert [a.country for a in one(text, "ACCUSE").actor] == ["KEN"]


def test_passive_turns_actor_and_recipient() -> None:
    mention = one("A Sudanese village was attacked by Chadian troops.", "ASSAULT")
    assert ([a.country for a in mention.actor], [a.country for a in mention.recipient]) == (
        ["TCD"],
        ["SDN"],
    )


def test_promises_and_threats_of_ones_own() -> None:
    assert one("Peru said it would release the Chilean prisoners.", "AGREE").modality == "actual"
    assert (
        one("Peru will visit Chile.".replace("Peru", "The Peruvian president"), "AGREE").modality
        == "actual"
    )


def test_the_same_event_has_one_number() -> None:
    text = (
        "Kenya accused Uganda of theft on Monday.\n\nRain fell.\n\nKenya had accused Uganda "
        "on Monday of theft."
    )
    assert [m.event for m in code(text) if m.type == "ACCUSE"] == [1, 1]


def test_the_title_is_coded_in_its_own_field() -> None:
    mention = code("Rain fell.", title="Kenya accuses Uganda of theft")[0]
    assert (mention.evidence_field, mention.in_lede) == ("title", True)


def test_another_language_is_refused() -> None:
    with pytest.raises(EventsError) as caught:
        code_events("Regen fiel.", title=None, published_at=None, language="de", coder=load_coder())
    assert caught.value.reason == "E_EVENTS_LANGUAGE"


def test_the_json_form_has_the_keys_of_the_tables() -> None:
    form = mention_to_json(
        one("Chadian troops attacked a village in Sudan in March 2023.", "ASSAULT")
    )
    assert form["date"] == "2023-03"
    assert list(form) == [
        *(
            "event",
            "type",
            "mode",
            "quad",
            "score",
            "contexts",
            "actor",
            "recipient",
            "location",
            "country",
            "lat",
            "lon",
        ),
        *(
            "geo_precision",
            "date",
            "date_precision",
            "date_basis",
            "modality",
            "claimant",
            "claimant_country",
        ),
        *(
            "claimant_sector",
            "via",
            "evidence",
            "trigger",
            "dead",
            "injured",
            "size",
            "confidence",
            "rule",
        ),
    ]


WORDS = st.sampled_from(
    [
        "Kenya",
        "Ugandan",
        "President",
        "Otieno",
        "accused",
        "attacked",
        "said",
        "that",
        "he",
        "troops",
        "“",
        "”",
        '"',
        "'",
        ",",
        ".",
        ":",
        "?",
        "(",
        ")",
        "will",
        "not",
        "if",
        "ordered",
        "to",
        "deploy",
        "on",
        "Monday",
        "in",
        "Kampala",
        "talks",
        "with",
        "held",
        "strikes",
        "May",
        "2023",
        "31",
        "February",
        "0",
        "days",
        "ago",
        "-",
        "—",
        "\n\n",
        "\x00",
        "\u200b",
        "U.S.",
        "according",
        "<p>",
        "</a>",
        "&nbsp;",
        "{{ad}}",
        "\u202e",
        "e\u0301",
        "\U0001f525",
        "\ufeff",
        "\r\n",
        "arrested" * 3,
        "near",
        "border",
        "killed",
        "12",
        "people",
        "Baghdad",
        "said:",
        "\u2018",
    ]
)


@settings(max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(WORDS, max_size=120).map(" ".join) | st.text(max_size=200),
    st.none() | st.text(max_size=40),
)
def test_evidence_is_a_substring_and_nothing_raises(text: str, title: str | None) -> None:
    for mention in code(text, title):
        whole = text if mention.evidence_field == "body" else title or ""
        assert whole[mention.evidence_start : mention.evidence_end] == mention.evidence
        assert whole[mention.trigger_start : mention.trigger_end] == mention.trigger
        assert (
            mention.evidence_start
            <= mention.trigger_start
            < mention.trigger_end
            <= mention.evidence_end
        )
        assert len(mention.evidence.split()) <= 60
        assert (
            (mention.lat is None)
            == (mention.lon is None)
            == (mention.geo_precision not in ("point", "city"))
        )
        assert 0 < mention.confidence < 1
        for actor in (*mention.actor, *mention.recipient):
            if actor.start is not None:
                assert whole[actor.start : actor.end] == actor.text


@pytest.mark.parametrize(
    "text",
    ["", " ", "a" * 100_000, "\n" * 10_000, "“" * 3_000, "\x00\x01\x02 attacked", "of " * 20_000],
)
def test_odd_input_codes_to_nothing(text: str) -> None:
    assert code(text) == ()


_POINTING = (
    "their his its they he allies members said that attacked and the government of country's "
    "our Syrian , ."
)


@settings(max_examples=examples(60), deadline=None)
@given(st.lists(st.sampled_from(_POINTING.split()), min_size=4, max_size=18))
def test_pronouns_that_point_at_each_other_end(words: list[str]) -> None:
    text = f"{' '.join(words)} accused Libya of theft."
    for m in code_events(text, title=None, published_at=None, coder=load_coder()):
        assert text[m.evidence_start : m.evidence_end] == m.evidence
