"""Shapes of blocks of text: headlines and prose; spellings that are compared."""

import pytest

from transforms.core.prose import fold, is_headline, is_prose, tidy


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
