"""Fill an article's credit, byline, date line and captions from the text that was cut."""

import re
from collections.abc import Sequence
from dataclasses import replace

from transforms.core.clean.blocks import Cut
from transforms.core.clean.names import is_person, names_in
from transforms.records import Article

# A credit, byline or caption has one or two sentences; more is text that a rule cut by mistake.
MAX_FIELD_CHARS = 300
_EDGES = " \t\u00a0:;,|-–—"
_COMMA = re.compile(r" ?, ?")


def fill_fields(article: Article, cuts: Sequence[Cut]) -> Article:
    """Return the article with each cut's value in the field that the cut names.

    Captions are added to; other fields that have a value keep it.
    """
    captions: list[str] = []
    for cut in cuts:
        value = (cut.value or "").strip(_EDGES)
        if not 0 < len(value) <= MAX_FIELD_CHARS:
            continue
        if cut.field == "caption":
            captions.append(value)
        elif cut.field is not None:
            article = _fill_field(article, cut.field, value)
    # At once: each copy of the captions takes time by their number.
    return _with_captions(article, captions) if captions else article


def _with_captions(article: Article, captions: Sequence[str]) -> Article:
    return replace(article, captions=tuple(dict.fromkeys((*article.captions, *captions))))


def _fill_field(article: Article, field: str, value: str) -> Article:
    if field == "credit" and not article.credit:
        return replace(article, credit=_COMMA.sub(", ", value))
    if field == "date_line" and not article.date_line:
        return replace(article, date_line=value)
    if field == "byline":
        return _with_byline(article, value)
    return article


def _with_byline(article: Article, value: str) -> Article:
    """Return the article with a byline, and the persons in it as its authors."""
    persons = tuple(name for name in names_in(value) if is_person(name))
    return replace(article, byline=article.byline or value, authors=article.authors or persons)
