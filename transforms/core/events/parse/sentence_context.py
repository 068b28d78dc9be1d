"""A parsed sentence with the context that later steps need from its article."""

import dataclasses
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from spacy.tokens import Doc, Token

from transforms.core.events.entities.article_entities import ArticleEntities
from transforms.core.events.rules.lexicon import Lexicon, Match


@dataclass(frozen=True, slots=True)
class Speaker:
    """A source: name, country and sector, and `relay`, the medium that quotes it."""

    name: str
    country: str | None = None
    sector: str | None = None
    relay: str | None = None


@dataclass(frozen=True, slots=True)
class QuoteSpan:
    """A quotation in a text field and its speaker, None if that is unknown."""

    start: int
    end: int
    speaker: Speaker | None


@dataclass(frozen=True, slots=True)
class SentenceContext:
    """One parsed sentence and its article."""

    doc: Doc
    start: int
    """Offset of the sentence in the field."""
    field: str
    """`title` or `body`."""
    matches: tuple[Match, ...]
    """Actors in the sentence, by the lexicon; the words of a match are tokens of `doc`."""
    match_at: Mapping[int, Match]
    """The same matches by the index of each of their tokens."""
    entities: ArticleEntities
    lexicon: Lexicon
    published_at: datetime | None
    quotes: tuple[QuoteSpan, ...] = ()
    """The quotations of the paragraph, in order; none is within another."""
    lede: bool = False
    """Whether the sentence is in the headline or the first paragraphs."""
    previous: "SentenceContext | None" = None
    """The sentence directly before, if it was parsed."""
    resolving: set[int] = dataclasses.field(default_factory=set, compare=False)
    """Tokens whose antecedent is being resolved: two pronouns may refer to each other."""

    def quote_of(self, token: Token) -> QuoteSpan | None:
        """Return the quotation that holds the token."""
        offset = self.start + token.idx
        before = bisect_right(self.quotes, offset, key=_start)
        quote = self.quotes[before - 1] if before else None
        return quote if quote and offset < quote.end else None


def _start(quote: QuoteSpan) -> int:
    return quote.start


def match_by_token(matches: Iterable[Match]) -> dict[int, Match]:
    """Return the matches by the index of each of their tokens."""
    by_token: dict[int, Match] = {}
    for match in matches:
        by_token.update(dict.fromkeys(range(match.start, match.end), match))
    return by_token
