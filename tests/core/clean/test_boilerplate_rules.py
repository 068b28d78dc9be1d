"""Every rule drops its own examples and keeps its near misses, in an article, at the place it is
for.
"""

import re
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from transforms.core.clean.boilerplate_rules import (
    COMPLETE,
    LANGUAGES,
    BoilerplateRule,
    load_rules,
    read_rules,
)
from transforms.core.clean.strip import strip_boilerplate
from transforms.errors import ConfigError
from transforms.records import Article

NOW = datetime(2024, 5, 1, tzinfo=UTC)
BODY = [
    "The council of the harbour town voted on Monday to close its old bridge for a year.",
    "Engineers had warned since spring that two of the piers were sinking into the mud.",
    "“We could not wait any longer,” the mayor told a crowd on the quay after the vote.",
    "Ferries will carry workers across the river from June, at a price still to be set.",
]
PLAYER, PLAYER_RULE = "01:22", "media-length"
ALL = [rule for language in LANGUAGES for rule in load_rules(language)]
RULES = {(rule.language, rule.name): rule for rule in ALL}
DROPS = [(rule, text) for rule in RULES.values() for text in rule.drops]
KEEPS = [(rule, text) for rule in RULES.values() for text in rule.keeps]


def label(value: object) -> str:
    return (
        f"{value.language}.{value.name}" if isinstance(value, BoilerplateRule) else str(value)[:30]
    )


def place(rule: BoilerplateRule, example: str) -> Article:
    at = {"head": 0, "tail": len(BODY)}.get(rule.where, 2)
    beside = [PLAYER] if rule.where == "beside" else []
    return Article(
        article_id="a",
        url_key="a",
        url="https://example.com/a",
        canonical_url="https://example.com/a",
        source_domain="example.com",
        first_seen_at=NOW,
        seen_at=NOW,
        title="Harbour town closes its bridge",
        body="\n\n".join([*BODY[:at], *beside, example, *BODY[at:]]),
        extraction_basis="text" if rule.text_only else "page",
    )


@pytest.mark.parametrize(("rule", "example"), DROPS, ids=label)
def test_rule_drops_its_examples(rule: BoilerplateRule, example: str) -> None:
    cleaned = strip_boilerplate(place(rule, example), load_rules(rule.language))

    removed = [one for one in cleaned.removed if one.text != PLAYER or rule.name == PLAYER_RULE]
    assert {one.reason for one in removed} == {rule.name}
    taken = "\n\n".join(one.text for one in removed)
    if rule.scope == "ending":
        assert example.endswith(taken)
    else:
        assert taken == example
        assert cleaned.body == "\n\n".join(BODY)


@pytest.mark.parametrize(("rule", "example"), KEEPS, ids=label)
def test_rule_keeps_its_near_misses(rule: BoilerplateRule, example: str) -> None:
    article = place(rule, example)
    cleaned = strip_boilerplate(article, load_rules(rule.language))

    if rule.where == "beside":
        assert cleaned.body == (article.body or "").replace(f"{PLAYER}\n\n", "")
    else:
        assert cleaned == article


@pytest.mark.parametrize(
    ("rule", "example"), [pair for pair in DROPS if pair[0].where == "beside"], ids=label
)
def test_a_rule_for_adjacent_blocks_keeps_them_where_nothing_was_removed(
    rule: BoilerplateRule, example: str
) -> None:
    article = place(rule, example)
    alone = replace(article, body=(article.body or "").replace(f"{PLAYER}\n\n", ""))

    assert strip_boilerplate(alone, load_rules(rule.language)) == alone


def cut_from(body: str, rules: Sequence[BoilerplateRule]) -> list[str]:
    article = replace(place(RULES["common", PLAYER_RULE], PLAYER), body=body)
    return [one.text for one in strip_boilerplate(article, rules).removed]


@pytest.mark.parametrize("opening", ["“", '"', "„", "«"])
def test_a_call_in_quotation_marks_is_somebodys_words(opening: str) -> None:
    rule = "[[rule]]\nname = 'a'\ncall = true\npattern = '\\W?join us.*'\ndrops = []\nkeeps = []"
    body = f"Join us on the quay.\n\n{opening}Join us on the quay."

    assert cut_from(body, read_rules(rule, "en")) == ["Join us on the quay."]


def test_a_call_that_is_reported_is_somebodys_words() -> None:
    rule = (
        "[parts]\nreports = 'said'\n[[rule]]\nname = 'a'\ncall = true\npattern = 'join "
        "us.*'\ndrops = []\nkeeps = []"
    )

    assert cut_from("Join us now.\n\nJoin us, he said.", read_rules(rule, "en")) == ["Join us now."]


def test_a_marker_that_ends_as_a_sentence_is_not_a_marker() -> None:
    body = (
        "More from the talks.\n\nA crowd on the quay\n\nMore from the talks\n\nFerries "
        "stop for good"
    )

    assert cut_from(body, load_rules("en")) == ["More from the talks", "Ferries stop for good"]


@pytest.mark.parametrize("rule", RULES.values(), ids=label)
def test_rule_has_both_kinds_of_example(rule: BoilerplateRule) -> None:
    assert rule.drops
    assert rule.keeps


@pytest.mark.parametrize("rule", RULES.values(), ids=label)
def test_pattern_is_quick_on_hostile_text(rule: BoilerplateRule) -> None:
    hostile = [text.split("\n")[0] for text in rule.drops] + [
        "a ",
        "by A ",
        "sign up to a ",
        "[(",
        "/ ",
        "source: A ",
        "a.",
        " ",
    ]
    started = time.process_time()
    for text in hostile:
        for filled in (text * 400, "A" + text * 400 + "\x01"):
            cut = filled[: rule.max_chars]
            assert isinstance(
                rule.pattern.search(cut) if rule.scope == "ending" else rule.pattern.fullmatch(cut),
                re.Match | None,
            )
    assert time.process_time() - started < 2


def test_load_rules_is_common_the_language_and_english() -> None:
    assert {rule.language for rule in load_rules("en")} == {"common", "en"}
    assert {rule.language for rule in load_rules("de-AT")} == {"common", "de", "en"}
    assert {rule.language for rule in load_rules("nb")} == {"common", "no", "en"}
    assert {rule.language for rule in load_rules("ka")} == {"common", "en"}
    assert {rule.language for rule in load_rules(None)} == {"common", *COMPLETE}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[[rule]", "not TOML"),
        ("[[rule]]\nname = 'a'\npattern = 'a'", "missing or unknown"),
        ("[[rule]]\nshape = 'round'\nwords = 'a'\ndrops = []\nkeeps = []", "no such shape"),
        ("[[rule]]\nshape = 'follow-us'\ndrops = []\nkeeps = []", "no words for it"),
        ("[[rule]]\nname = 'a'\npattern = '('\ndrops = []\nkeeps = []", "does not compile"),
        (
            "[[rule]]\nname = 'a'\nwhere = 'top'\npattern = 'a'\ndrops = []\nkeeps = []",
            "where must be one of",
        ),
        ("[[rule]]\nname = 'a'\npattern = '{a}'\ndrops = []\nkeeps = []", "no such part: a"),
        ("[[rule]]\nname = 'a'\npattern = 'a'\ndrops = []\nkeeps = []\n" * 2, "share a name"),
    ],
)
def test_read_rules_names_what_is_wrong(text: str, complaint: str) -> None:
    with pytest.raises(ConfigError, match=complaint):
        read_rules(text, "en")
