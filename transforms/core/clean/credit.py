"""Fill an article's credit, byline, date line and captions from the text that was cut."""

import re
from collections.abc import Sequence
from dataclasses import replace

from transforms.core.clean.blocks import Cut
from transforms.records import Article

# A credit, byline or caption has one or two sentences; more is text that a rule cut by mistake.
MAX_FIELD_CHARS = 300
_EDGES = " \t\u00a0:;,|-–—"
_COMMA = re.compile(r" ?, ?")
_BY = re.compile(r"(?:by|von|par|por)\s+", re.IGNORECASE)


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
    name = _BY.sub("", value, count=1) if _BY.match(value) else value
    authors = article.authors or (name,)
    return replace(article, byline=article.byline or value, authors=authors)
