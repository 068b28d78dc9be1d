"""A dateline fills its field and stays in the body; a wire is the credit, in one spelling."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from transforms.core.clean.agencies import agency_in, agency_of, load_agencies, normalise_credit
from transforms.core.clean.dateline import find_dateline
from transforms.core.clean.strip import load_rules, strip_boilerplate
from transforms.records import Article

NOW = datetime(2024, 5, 1, tzinfo=UTC)
LEDE = "The council of the harbour town voted on Monday to close its old bridge for a year."
AGENCIES = load_agencies()


def article_of(opening: str, **fields: object) -> Article:
    article = Article(
        article_id="a",
        url_key="a",
        url="https://example.com/a",
        canonical_url="https://example.com/a",
        source_domain="example.com",
        first_seen_at=NOW,
        seen_at=NOW,
        title="Harbour town closes its bridge",
        body=(
            f"{opening}{LEDE}\n\nFerries will carry workers across the river from June, the "
            "mayor said."
        ),
    )
    return strip_boilerplate(replace(article, **fields), load_rules("en"))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("opening", "date_line", "credit"),
    [
        ("LIMA (Reuters) - ", "LIMA", "Reuters"),
        ("KYIV, Oct 10 (Reuters) - ", "KYIV, Oct 10", "Reuters"),
        ("DOHA — ", "DOHA", None),
        ("DUBAI, United Arab Emirates (AP) — ", "DUBAI, United Arab Emirates", "AP"),
        ("ST. JOHN'S, N.L. — ", "ST. JOHN'S, N.L.", None),
        ("NEW YORK, Oct. 10, 2022 /", None, None),
        ("Beijing, 10 October (Xinhua) -- ", "Beijing, 10 October", "Xinhua"),
        ("NEW DELHI (PTI) : ", "NEW DELHI", "PTI"),
        ("Berlin (dpa) - ", "Berlin", "dpa"),
        ("Wien, 10. Oktober (APA) – ", "Wien, 10. Oktober", "APA"),
        ("Paris, 10 oct 2022 (AFP) - ", "Paris, 10 oct 2022", "AFP"),
        ("Madrid, 10 oct (EFE).- ", "Madrid, 10 oct", "EFE"),
        ("MADRID, 10 (EUROPA PRESS) - ", None, None),
        ("LIMA, 1 de mayo de 2024 (Europa Press) - ", "LIMA, 1 de mayo de 2024", "Europa Press"),
        ("BREAKING — ", None, None),
        ("BBC - ", None, None),
        ("DEAR READER: ", None, None),
        ("Meanwhile (in Lima) - ", None, None),
        ("PORT-SALUT — ", "PORT-SALUT", None),
    ],
)
def test_dateline(opening: str, date_line: str | None, credit: str | None) -> None:
    article = article_of(opening)

    assert (article.date_line, article.credit) == (date_line, credit)
    assert (article.body or "").startswith(f"{opening}{LEDE}")


def test_a_short_form_that_the_text_uses_again_is_not_a_place() -> None:
    text = f"NATO — {LEDE}"
    assert find_dateline(text, AGENCIES) is not None
    assert find_dateline(f"{text}\n\nThe ships of NATO lay in the bay.", AGENCIES) is None


@pytest.mark.parametrize(
    ("fields", "credit"),
    [
        ({"authors": ("Reuters Staff",)}, "Reuters"),
        ({"byline": "By Jane Roe, Associated Press"}, "AP"),
        ({"authors": ("Jane Roe", "Agence France-Presse")}, "AFP"),
        ({"credit": "Agence France-Presse; Reuters", "authors": ("AP",)}, "AFP, Reuters"),
        ({"credit": "News agencies", "authors": ("AP",)}, "AP"),
        ({"authors": ("Petra", "Jane Roe", "Spa")}, None),
    ],
)
def test_credit(fields: dict[str, object], credit: str | None) -> None:
    assert article_of("", **fields).credit == credit


def test_agencies_have_one_spelling() -> None:
    assert normalise_credit("AFP, Al Jazeera and news agencies", AGENCIES) == "AFP, Al Jazeera"
    assert normalise_credit("Press and Journal", AGENCIES) == "Press and Journal"
    assert normalise_credit("agencies", AGENCIES) is None
    assert agency_of("The Associated Press", AGENCIES) == "AP"
    assert agency_of("A.P.", AGENCIES) == "AP"
    assert agency_of("Reuters reported", AGENCIES) is None
    assert agency_in("JANE ROE and JOHN DOE | AP", AGENCIES) == "AP"
    assert agency_in(None, AGENCIES) is None
