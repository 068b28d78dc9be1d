"""Find the text of an article that a page has for its scripts only, not in its HTML."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from lxml import html

from transforms.core.extract.jsonld import JsonLd
from transforms.core.extract.page_state import read_states
from transforms.core.extract.state_text import article_markup, value_markup
from transforms.core.prose import fold, is_prose

# A page with two paragraphs shows its article, or the part of it that is free.
MIN_SHOWN_PARAGRAPHS = 2
# What the page shows in place of the article, such as a request to turn scripts on, is shorter.
MIN_RATIO = 2
# Lists of names, code and settings are not prose; an article may be half a list.
MIN_PROSE_SHARE = 0.3
# Bounds the time: what is shown in place of an article has a few blocks.
MAX_SHOWN_BLOCKS = 40
# Enough to know a text by; where it has a link or a mark, its markup differs.
MAX_START_CHARS = 40
_BODY_PROPERTIES = ("articleBody", "text", "liveBlogUpdate")


class HiddenText(NamedTuple):
    """The text of an article as HTML, and what it was taken from: the `extraction_basis`."""

    basis: str
    markup: str


def shows_article(blocks: Sequence[str]) -> bool:
    """Return whether the blocks of a page's HTML are an article's."""
    paragraphs = sum(map(is_prose, blocks[:MAX_SHOWN_BLOCKS]))
    return len(blocks) > MAX_SHOWN_BLOCKS or paragraphs >= MIN_SHOWN_PARAGRAPHS


def find_hidden_text(
    scripts: Sequence[html.HtmlElement], jsonld: JsonLd, titles: Collection[str], url: str
) -> HiddenText | None:
    """Return the text in a page's JSON-LD, else in the state of its application.

    Many sites state a text in JSON-LD without its paragraphs, or its start only; then it is taken
    from a state that has it too.
    """
    stated = _stated_text(jsonld)
    if stated and "\n" in stated.markup:
        return stated
    start = fold(stated.markup)[:MAX_START_CHARS] if stated else ""
    found = (
        HiddenText(state.basis, article_markup(state.value, titles, url))
        for state in read_states(scripts)
    )
    same = [hidden for hidden in found if hidden.markup and start in fold(hidden.markup)]
    # A state may repeat the start of the text as a description.
    return max(same, key=lambda hidden: len(hidden.markup), default=stated)


def _stated_text(jsonld: JsonLd) -> HiddenText | None:
    for name in _BODY_PROPERTIES:
        markup = value_markup(jsonld.article.get(name))
        if markup:
            return HiddenText("jsonld", markup)
    return None


def is_hidden_article(hidden: Sequence[str], shown: Sequence[str], description: str | None) -> bool:
    """Return whether a hidden text is the article that the page does not show any of.

    A text that is no more than the page's `description` is none.
    """
    text, shown_text = fold("\n".join(hidden)), fold("\n".join(shown))
    if description and text in fold(description):
        return False
    prose = sum(len(block) for block in hidden if is_prose(block))
    if prose < MIN_PROSE_SHARE * len(text) or not prose or len(text) < MIN_RATIO * len(shown_text):
        return False
    return not any(is_prose(block) and fold(block) in text for block in shown)
