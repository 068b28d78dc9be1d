"""Lines that name who did what for an article are removed; those of a film or a match are not."""

import pytest

from tests.helpers.lakes import article
from transforms.core.clean.strip import load_rules, strip_boilerplate

BODY = (
    "The council of the harbour town voted on Monday to close its old bridge for a year.\n\n"
    "Engineers had warned since spring that two of the piers were sinking into the mud."
)


def kept(lines: str, language: str = "en", authors: tuple[str, ...] = ()) -> list[str]:
    """Return which lines below an article stay."""
    text = "\n\n".join([BODY, *lines.split("\n")])
    clean = strip_boilerplate(
        article("https://example.com/a", body=text, authors=authors), load_rules(language)
    )
    return (clean.body or "").removeprefix(BODY).strip().split("\n\n")


@pytest.mark.parametrize(
    ("language", "lines"),
    [
        ("en", "Text and data: Jane Roe\nMaps: John Doe\nFact-checking: Ann Poe and Max Noe"),
        ("de", "Text: Jana Roe\nRecherche: Jan Doe\nKamera: Max Noe"),
        ("fr", "Enquête : Jeanne Roe\nMontage : Jean Doe\nRelecture : Anne Poe"),
        ("es", "Textos: Juana Roe\nEdición: Juan Doe\nVerificación de datos: Ana Poe"),
        ("pt", "Reportagem: Joana Roe\nEdição: João Doe\nChecagem: Ana Poe"),
        ("pl", "Tekst: Joanna Roe\nKorekta: Jan Doe\nMontaż: Anna Poe"),
        ("ru", "Текст: Жанна Ро\nМонтаж: Иван До\nРедактор: Анна По"),
        ("tr", "Araştırma: Jale Roe\nKurgu: Can Doe\nEditör: Anna Poe"),
        ("ar", "إعداد: ليلى رو\nتصوير: سامي دو\nترجمة: منى بو"),
        ("hi", "शोध: जया रो\nडिजाइन: जॉन डो\nसंपादन: अना पो"),
        ("zh", "编辑：张小明\n设计：李小红\n翻译：王小华"),
        ("sv", "Text: Johanna Roe\nKlippning: Jan Doe\nFaktagranskning: Anna Poe"),
        # The names of the author tell in a language without words for it.
        ("ka", "ტექსტი: Jane Roe\nდიზაინი: John Doe"),
    ],
)
def test_credits_are_removed(language: str, lines: str) -> None:
    assert kept(lines, language, authors=("Jane Roe",)) == [""]


@pytest.mark.parametrize(
    "lines",
    [
        # A film: its director is no task of a newsroom, and an editor may be of either.
        "Director: Jane Roe\nEditing: John Doe\nMusic: Ann Poe",
        # A match, a recipe, a service.
        "Winner: Jane Roe\nSecond: John Doe\nReferee: Ann Poe",
        "Serves: four people\nTime: 20 minutes",
        "Where: Port North\nWhen: Monday at noon",
        "Reporting: the duty to tell the harbour office of every ship.",
        "Text: 12,000 words in 40 chapters",
        "Mayor: Jane Roe",
    ],
)
def test_other_lines_with_labels_stay(lines: str) -> None:
    assert kept(lines) == lines.split("\n")


def test_credits_inside_the_article_stay() -> None:
    text = "\n\n".join(["Text: Jane Roe", *[BODY] * 6])
    clean = strip_boilerplate(
        article("https://example.com/a", body=text, authors=()), load_rules("en")
    )

    assert (clean.body or "").startswith("Text: Jane Roe")
