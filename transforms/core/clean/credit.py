"""Which fields does a cut fill: credit, byline, date line, captions?"""

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
    """Return the article with what the cuts carry in the fields they name.

    A field that is filled stays.
    """
    for cut in cuts:
        value = (cut.value or "").strip(_EDGES)
        if cut.field is None or not value or len(value) > MAX_FIELD_CHARS:
            continue
        if cut.field == "caption":
            known = (*article.captions, value)
            article = replace(article, captions=tuple(dict.fromkeys(known)))
        elif cut.field == "credit":
            article = (
                article if article.credit else replace(article, credit=_COMMA.sub(", ", value))
            )
        elif cut.field == "date_line":
            article = article if article.date_line else replace(article, date_line=value)
        elif cut.field == "byline":
            article = _with_byline(article, value)
    return article


def _with_byline(article: Article, value: str) -> Article:
    name = _BY.sub("", value, count=1) if _BY.match(value) else value
    authors = article.authors or (name,)
    return replace(article, byline=article.byline or value, authors=authors)
