"""Parse the sentences of an article that may report an event, each with its context."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from spacy.tokens import Doc

from transforms.core.events.entities.article_entities import ArticleEntities
from transforms.core.events.loading import Coder
from transforms.core.events.parse.parse_fixes import fix_parse
from transforms.core.events.parse.segments import Segment, sentences
from transforms.core.events.parse.sentence_context import SentenceContext, match_by_token
from transforms.core.events.parse.sentence_filter import sentences_to_parse

_BATCH = 64
"""Sentences parsed at once: enough for the model to work on whole batches, at little memory."""

_LEDE_PARAGRAPHS = 2
"""Paragraphs in which a news story gives its news (the inverted pyramid)."""


@dataclass(frozen=True, slots=True)
class ArticleParser:
    """Parses the title and the body of one article."""

    coder: Coder
    entities: ArticleEntities
    published_at: datetime | None

    def parse(self, paragraphs: Sequence[Segment], field: str) -> Iterator[list[SentenceContext]]:
        """Yield for each paragraph the sentences that may report an event, or name a speaker."""
        rows = [list(sentences(p)) for p in paragraphs]
        chosen = sentences_to_parse(
            paragraphs, rows, self.coder.prefilter, self.entities, self.coder.lexicon
        )
        docs = self.coder.nlp.pipe(_texts(rows, chosen), batch_size=_BATCH)
        previous: SentenceContext | None = None
        for number, (row, kept) in enumerate(zip(rows, chosen, strict=True)):
            in_lede = field == "title" or number < _LEDE_PARAGRAPHS
            parsed: list[SentenceContext] = []
            for n, segment in enumerate(row):
                if n not in kept:
                    previous = None
                    continue
                previous = self._context(next(docs), segment, field, in_lede, previous)
                parsed.append(previous)
            yield parsed

    def _context(
        self,
        doc: Doc,
        segment: Segment,
        field: str,
        in_lede: bool,
        previous: SentenceContext | None,
    ) -> SentenceContext:
        fix_parse(doc, self.coder.lemmas)
        matches = self.coder.lexicon.scan([t.text for t in doc])
        return SentenceContext(
            doc=doc,
            start=segment.start,
            field=field,
            matches=matches,
            match_at=match_by_token(matches),
            entities=self.entities,
            lexicon=self.coder.lexicon,
            published_at=self.published_at,
            lede=in_lede,
            previous=previous,
        )


def _texts(rows: Sequence[Sequence[Segment]], chosen: Sequence[Collection[int]]) -> Iterator[str]:
    for row, kept in zip(rows, chosen, strict=True):
        yield from (segment.text for n, segment in enumerate(row) if n in kept)
