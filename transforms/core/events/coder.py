"""Code the events of an article: paragraphs in, mentions with their evidence out."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from spacy.language import Language
from spacy.tokens import Doc

from transforms.core.events.arguments.attribution import attribute, attribution, is_attributing
from transforms.core.events.entities.article_entities import ArticleEntities, read_entities
from transforms.core.events.entities.person_mentions import Person
from transforms.core.events.matching.match import match_rules
from transforms.core.events.mention import read_mentions
from transforms.core.events.parse.model import keep_hyphenated, load_model
from transforms.core.events.parse.parse_fixes import fix_parse
from transforms.core.events.parse.prefilter import Prefilter, build_prefilter
from transforms.core.events.parse.segments import Quote, Segment, paragraphs, quotes, sentences
from transforms.core.events.parse.sentence_context import (
    QuoteSpan,
    SentenceContext,
    Speaker,
    match_by_token,
)
from transforms.core.events.parse.sentence_filter import sentences_to_parse
from transforms.core.events.rules.contexts import add_contexts
from transforms.core.events.rules.event_rules import Rules, load_rules
from transforms.core.events.rules.lexicon import Lexicon, load_lexicon
from transforms.core.events.rules.rule_files import languages
from transforms.core.events.within_article import carry_dates, number
from transforms.errors import EventsError
from transforms.records import EventMention

MAX_PARAGRAPHS = 3_000
_BATCH = 64
_LONG_NAMES = {"eng": "en", "english": "en"}


@dataclass(frozen=True)
class Coder:
    """The syntax model, the patterns and the actors, loaded once."""

    nlp: Language
    rules: Rules
    lexicon: Lexicon
    prefilter: Prefilter
    lemmas: frozenset[str]


@lru_cache(maxsize=4)
def load_coder(language: str = "en") -> Coder:
    """Return a language's coder; raise `EventsError` where its model or a rule is broken."""
    nlp, rules = load_model(language), load_rules(language)
    verbs = {w for r in rules.all for w in r.verbs | r.light | r.complement}
    keep_hyphenated(nlp, sorted(w for r in rules.all for w in r.nouns | r.objects if "-" in w))
    prefilter = build_prefilter(rules.all, rules.word_class("say"), _irregular(nlp))
    return Coder(nlp, rules, load_lexicon(language), prefilter, frozenset(verbs))


def _irregular(nlp: Language) -> dict[str, list[str]]:
    """Return the lemmas of irregular forms, verbs and nouns."""
    lookups = nlp.get_pipe("lemmatizer").lookups  # type: ignore[attr-defined]
    table = lookups.get_table("lemma_exc") if lookups.has_table("lemma_exc") else {}
    out: dict[str, list[str]] = {}
    for kind in ("verb", "noun"):
        for form, lemmas in table.get(kind, {}).items():
            out.setdefault(form, []).extend(lemmas)
    return out


def code_events(
    text: str,
    *,
    title: str | None,
    published_at: datetime | None,
    language: str | None = None,
    coder: Coder,
    known: Mapping[str, Person] | None = None,
) -> tuple[EventMention, ...]:
    """Return the mentions of an article, title first, in order of reading.

    Of persons whom the article itself does not explain, what is `known` (see `known_persons`) is taken.
    Raise `EventsError` (E_EVENTS_LANGUAGE) for a language that is known and has no rules.
    """
    coder = _coder_of(language, coder)
    body = list(paragraphs(text))[:MAX_PARAGRAPHS]
    head = list(paragraphs(title or ""))[:1]
    entities = read_entities(
        (s.text for p in [*head, *body] for s in sentences(p)), coder.lexicon, known
    )
    found = [
        *_field(head, "title", entities, published_at, coder),
        *_field(body, "body", entities, published_at, coder),
    ]
    told = add_contexts(found, title or "", text, coder.rules.language)
    return number(carry_dates(told))


def _coder_of(language: str | None, coder: Coder) -> Coder:
    code = (language or coder.rules.language).lower().split("-")[0]
    code = _LONG_NAMES.get(code, code)
    if code == coder.rules.language:
        return coder
    if code not in languages():
        raise EventsError(
            f"there are event patterns for {', '.join(sorted(languages()))}; this text is {language!r}: leave the "
            "language out if that is wrong",
            reason="E_EVENTS_LANGUAGE",
        )
    return load_coder(code)


def patterns_met(text: str, coder: Coder) -> frozenset[str]:
    """Return the names of all patterns that words of a text meet, also of those that a stricter one supersedes."""
    body = list(paragraphs(text))
    entities = read_entities((s.text for p in body for s in sentences(p)), coder.lexicon)
    parsed = (s for own in _parse(body, "body", entities, None, coder) for s in own)
    return frozenset(
        h.rule.name for s in parsed for t in s.doc for h in match_rules(t, s, coder.rules)
    )


def _field(
    pieces: Sequence[Segment],
    field: str,
    entities: ArticleEntities,
    published_at: datetime | None,
    coder: Coder,
) -> Iterator[EventMention]:
    """Code the paragraphs of title or body, each knowing who spoke in the one before."""
    speaker: Speaker | None = None
    parsed = _parse(pieces, field, entities, published_at, coder)
    for piece, marks, own in zip(pieces, map(quotes, pieces), parsed, strict=True):
        spans = _attribute(piece, marks, own, speaker, coder)
        speaker = _next_speaker(piece, marks, spans, own, speaker, coder)
        for sentence in own:
            yield from read_mentions(replace(sentence, quotes=spans), coder.rules)


def _attribute(
    piece: Segment,
    marks: Sequence[Quote],
    own: Sequence[SentenceContext],
    speaker: Speaker | None,
    coder: Coder,
) -> tuple[QuoteSpan, ...]:
    real = [
        q for q in marks if len(piece.text[q.start - piece.start : q.end - piece.start].split()) > 3
    ]
    return attribute(
        real,
        own,
        coder.rules.word_class("say"),
        speaker,
        alone=bool(real) and real[0].start == piece.start,
    )


def _next_speaker(
    piece: Segment,
    marks: Sequence[Quote],
    spans: Sequence[QuoteSpan],
    own: Sequence[SentenceContext],
    last: Speaker | None,
    coder: Coder,
) -> Speaker | None:
    """Whoever spoke last in a paragraph goes on in the next one, if that starts with a quotation mark."""
    if spans:
        return next((s.speaker for s in reversed(spans) if s.speaker), last)
    said = [
        (t, s)
        for s in own
        for t in s.doc
        if is_attributing(t, s, marks, coder.rules.word_class("say"))
    ]
    for verb, sentence in reversed(said):
        found = attribution(verb, sentence)
        if found is not None:
            return found
    return None


def _parse(
    pieces: Sequence[Segment],
    field: str,
    entities: ArticleEntities,
    published_at: datetime | None,
    coder: Coder,
) -> Iterator[list[SentenceContext]]:
    """Parse the sentences that may tell an event or who speaks, in batches; yield them paragraph by paragraph."""
    rows = [list(sentences(p)) for p in pieces]
    wanted = sentences_to_parse(pieces, rows, coder.prefilter, entities, coder.lexicon)
    flat = [
        s for row, keep in zip(rows, wanted, strict=True) for n, s in enumerate(row) if n in keep
    ]
    docs = coder.nlp.pipe((s.text for s in flat), batch_size=_BATCH)
    last: SentenceContext | None = None
    for n, (row, keep) in enumerate(zip(rows, wanted, strict=True)):
        parsed: list[SentenceContext] = []
        for at, segment in enumerate(row):
            last = (
                _scene(next(docs), segment, field, entities, published_at, coder, last, n)
                if at in keep
                else None
            )
            parsed += [last] if last is not None else []
        yield parsed


def _scene(
    doc: Doc,
    segment: Segment,
    field: str,
    entities: ArticleEntities,
    published_at: datetime | None,
    coder: Coder,
    before: SentenceContext | None,
    paragraph: int,
) -> SentenceContext:
    fix_parse(doc, coder.lemmas)
    matches = coder.lexicon.scan([t.text for t in doc])
    lede = field == "title" or paragraph < 2
    return SentenceContext(
        doc,
        segment.start,
        field,
        matches,
        match_by_token(matches),
        entities,
        coder.lexicon,
        published_at,
        (),
        lede,
        before,
    )
