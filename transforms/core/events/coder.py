"""Code the events of an article: paragraphs in, mentions with their evidence out."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from transforms.core.events.arguments.carried_dates import carry_dates
from transforms.core.events.arguments.quote_speakers import attribute_quotes, next_speaker
from transforms.core.events.entities.article_entities import read_entities
from transforms.core.events.entities.person_mentions import Person
from transforms.core.events.event_coreference import number_events
from transforms.core.events.loading import Coder, load_coder
from transforms.core.events.mention import read_mentions
from transforms.core.events.parse.article_parser import ArticleParser
from transforms.core.events.parse.segments import Segment, paragraphs, quotes, sentences
from transforms.core.events.parse.sentence_context import Speaker
from transforms.core.events.rules.contexts import add_contexts
from transforms.core.events.rules.rule_files import languages
from transforms.errors import EventsError
from transforms.records import CodedArticle, CodingInput, EventMention

MAX_PARAGRAPHS = 3_000
"""Paragraphs coded of one article: above real articles, it bounds the cost of a broken page."""

_ISO_639_3 = {"eng": "en", "english": "en"}


def code_article(coding_input: CodingInput) -> CodedArticle:
    """Return the article with its mentions: none if its language has no event rules."""
    article = coding_input.article
    if article.body is None:
        return CodedArticle(article=article)
    known = {
        fact.name: Person(fact.name, fact.country, fact.sector) for fact in coding_input.persons
    }
    try:
        mentions = code_events(
            article.body,
            title=article.title,
            published_at=article.published_at,
            language=article.language,
            coder=load_coder(),
            known=known,
        )
    except EventsError as error:
        if error.reason == "E_EVENTS_LANGUAGE":
            return CodedArticle(article=article)
        raise
    return CodedArticle(article=article, mentions=mentions)


def code_events(
    text: str,
    *,
    title: str | None,
    published_at: datetime | None,
    language: str | None = None,
    coder: Coder,
    known: Mapping[str, Person] | None = None,
) -> tuple[EventMention, ...]:
    """Return the mentions of an article in reading order, those of the title first.

    `known` describes persons whom the article itself does not describe (see `known_persons`).
    Raise `EventsError` (E_EVENTS_LANGUAGE) for a language that is known and has no rules.
    """
    coder = _coder_for(language, coder)
    body_paragraphs = list(paragraphs(text))[:MAX_PARAGRAPHS]
    title_paragraphs = list(paragraphs(title or ""))[:1]
    texts = _sentence_texts([*title_paragraphs, *body_paragraphs])
    parser = ArticleParser(coder, read_entities(texts, coder.lexicon, known), published_at)
    mentions = [
        *_code_field(title_paragraphs, "title", parser),
        *_code_field(body_paragraphs, "body", parser),
    ]
    mentions = add_contexts(mentions, title or "", text, coder.rules.language)
    return number_events(carry_dates(mentions))


def _coder_for(language: str | None, coder: Coder) -> Coder:
    """Return the coder of the text's language: the given one if the language is unknown."""
    code = (language or coder.rules.language).lower().split("-")[0]
    code = _ISO_639_3.get(code, code)
    if code == coder.rules.language:
        return coder
    if code not in languages():
        raise EventsError(
            f"there are event rules for {', '.join(sorted(languages()))}; this text is in "
            f"{language!r}: omit the language if that is wrong",
            reason="E_EVENTS_LANGUAGE",
        )
    return load_coder(code)


def _sentence_texts(segments: Iterable[Segment]) -> Iterator[str]:
    for segment in segments:
        yield from (sentence.text for sentence in sentences(segment))


def _code_field(
    segments: Sequence[Segment], field: str, parser: ArticleParser
) -> Iterator[EventMention]:
    """Yield the mentions of title or body; a quotation may continue in the next paragraph."""
    rules = parser.coder.rules
    say = rules.word_class("say")
    speaker: Speaker | None = None
    for segment, parsed in zip(segments, parser.parse(segments, field), strict=True):
        quoted = quotes(segment)
        spans = attribute_quotes(segment, quoted, parsed, say, speaker)
        speaker = next_speaker(spans, quoted, parsed, say, speaker)
        for sentence in parsed:
            yield from read_mentions(replace(sentence, quotes=spans), rules)
