"""A parsed sentence in its article: what later steps ask about it."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from spacy.tokens import Doc, Token

from transforms.core.events.entities.article_entities import ArticleEntities
from transforms.core.events.rules.lexicon import Lexicon, Match


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who says something: as written and as known."""

    name: str
    country: str | None = None
    sector: str | None = None
    via: str | None = None


@dataclass(frozen=True, slots=True)
class QuoteSpan:
    """A quotation in a text field and who speaks, if that could be told."""

    start: int
    end: int
    speaker: Speaker | None


@dataclass(frozen=True, slots=True)
class SentenceContext:
    """One parsed sentence: `start` is its offset in the field, `matches` the actors' words by token, `before` the
    sentence right before it if that was parsed.
    """

    doc: Doc
    start: int
    field: str
    matches: tuple[Match, ...]
    match_at: Mapping[int, Match]
    entities: ArticleEntities
    lexicon: Lexicon
    published_at: datetime | None
    quotes: tuple[QuoteSpan, ...] = ()
    lede: bool = False
    previous: "SentenceContext | None" = None
    resolving: set[int] = dataclasses.field(default_factory=set, compare=False)
    """Tokens whose meaning is being looked for: two pronouns may point at each other."""

    def quote_of(self, token: Token) -> QuoteSpan | None:
        """Return the quotation that the token stands in."""
        place = self.start + token.idx
        return next((q for q in self.quotes if q.start <= place < q.end), None)


def match_by_token(matches: tuple[Match, ...]) -> dict[int, Match]:
    """Return the match of each token."""
    return {i: m for m in matches for i in range(m.start, m.end)}
