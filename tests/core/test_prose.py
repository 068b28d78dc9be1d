"""Shapes of blocks of text: headlines and prose; spellings that are compared."""

import pytest

from transforms.core.prose import fold, is_headline, is_prose, tidy, word_count


@pytest.mark.parametrize(
    ("text", "headline", "prose"),
    [
        ("What is the European bank?", True, False),
        ("Man walks home after ten years [VIDEO]", True, False),
        ("Erdogan doubles down on threats", True, False),
        ("The council of the harbour town voted on Monday to close its old bridge.", False, True),
        ("“They are not sure they would fulfil the order.”", False, True),
        ("- a list item that goes on", False, False),
        ("Reuters", False, False),
        ("He left. She stayed. They met again in the spring of that year", False, True),
    ],
)
def test_shapes(text: str, headline: bool, prose: bool) -> None:
    assert is_headline(text) is headline
    assert is_prose(text) is prose


def test_tidy_and_fold() -> None:
    assert tidy(" a\x00\x1b[31m b\u2028c\ud800 ") == "a [31m b c"
    assert fold("“Don’t—Stop!”") == fold("dont stop")


@pytest.mark.parametrize(
    "text",
    [
        "رانندههای کامیون می\u200cگویند",
        "روز سه\u200cشنبه",
        "क्\u200dष और र\u200d्य",
        "ශ්\u200dරී ලංකා",
        "മലയാളം അവന്\u200d",
        "👩\u200d🚀 and 👨\u200d👩\u200d👧 flew",
        "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f won",
        "שלום\u200f! (ABC)\u200e",
        "\u202bשלום\u202c said \u2067עולם\u2069",
        "المادة \u061c(5)",
        "ភាសា\u200bខ្មែរ",
        "ภาษา\u200bไทย",
        "ᠮᠣᠩᠭᠣᠯ\u180eᠠ",
        "é ﬁ ｱ ¼ ①",
        "e\u0301 and \u0439, not composed",
    ],
)
def test_characters_of_the_text_come_out_as_they_went_in(text: str) -> None:
    assert tidy(text) == text


@pytest.mark.parametrize(
    ("text", "tidied"),
    [
        ("Donau\u00addampf\u00adschiff", "Donaudampfschiff"),
        ("\ufeffThe mayor", "The mayor"),
        ("may\ufeffor", "mayor"),
        ("news.example\u200b/path", "news.example/path"),
        ("The \u200b mayor", "The mayor"),
        ("ไทย\u200b ", "ไทย"),
        ("no\u2060break", "nobreak"),
        ("txt\u202egpj.exe", "txtgpj.exe"),
        ("a\u2028b\u2029c\x85d", "a b c d"),
        ("\u200b", ""),
        ("\u200f\u202a \u202c", ""),
        ("\u200d", ""),
    ],
)
def test_what_no_reader_sees_goes_without_a_gap(text: str, tidied: str) -> None:
    assert tidy(text) == tidied


def test_a_word_with_joiners_is_one_word() -> None:
    assert word_count("راننده\u200cهای کامیون می\u200cگویند") == 3
