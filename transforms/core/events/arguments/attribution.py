"""Who says that it happened?"""

from collections.abc import Iterator, Sequence

from spacy.tokens import Token

from transforms.core.events.entities.noun_phrases import antecedent, read_phrase
from transforms.core.events.entities.phrase_spans import span_of
from transforms.core.events.parse.segments import Quote
from transforms.core.events.parse.sentence_context import QuoteSpan, SentenceContext, Speaker
from transforms.core.events.parse.syntax import (
    ancestors,
    children,
    is_passive,
    is_reported_clause,
    prep_objects,
    subjects,
)
from transforms.core.events.rules.event_rules import Words
from transforms.core.events.rules.rule_files import word_set

_CLAIM_NOUNS = word_set(
    "claim report allegation statement warning belief suggestion announcement assertion accusation rumour rumor fear"
)
_MIN_QUOTE_WORDS = 4


def claimant_of(
    clause: Token, sentence: SentenceContext, say: Words
) -> tuple[Speaker | None, Token | None]:
    """Return the innermost who says what the clause tells, and the word of saying; None for the article's own voice."""
    claims = list(_claims(clause, sentence, say))
    quote = sentence.quote_of(clause)
    spoken = quote.speaker if quote is not None and quote.end - quote.start > 20 else None
    if not claims:
        return spoken, None
    speaker, verb = claims[0]
    if speaker is None:
        return spoken, verb
    outer = next((s for s, _ in claims[1:] if s is not None and s.name != speaker.name), None)
    via = speaker.via or (outer.name if outer is not None and outer.sector == "JRN" else None)
    return Speaker(speaker.name, speaker.country, speaker.sector, via), verb


def _claims(
    clause: Token, sentence: SentenceContext, say: Words
) -> Iterator[tuple[Speaker | None, Token]]:
    yield from _above(clause, sentence, say)
    yield from _beside(clause, sentence, say)


def _above(
    clause: Token, sentence: SentenceContext, say: Words
) -> Iterator[tuple[Speaker | None, Token]]:
    """Verbs and nouns of saying that govern the clause."""
    below = clause
    for head in ancestors(clause):
        if below.dep_ == "ccomp" and head.pos_ in ("VERB", "AUX") and head.lemma_.lower() in say:
            yield _sayer(head, sentence)
        elif is_reported_clause(below):
            yield _sayer(head.head, sentence)
        elif (
            head.pos_ == "NOUN"
            and head.lemma_ in _CLAIM_NOUNS
            and below.dep_ in ("acl", "ccomp", "relcl")
        ):
            for owner in children(head, "poss"):
                yield speaker_from(owner, sentence), head
        below = head


def _beside(
    clause: Token, sentence: SentenceContext, say: Words
) -> Iterator[tuple[Speaker | None, Token]]:
    """Yield who is named by "according to", or by a verb of saying put in beside."""
    chain = {clause.i, *(t.i for t in ancestors(clause))}
    for token in sentence.doc:
        if token.lower_ == "according" and token.head.i in chain:
            for pobj in prep_objects(token, "to"):
                yield speaker_from(pobj, sentence), token
        if token.dep_ == "parataxis" and token.lemma_ in say and token.head.i in chain:
            yield _sayer(token, sentence)


def _sayer(verb: Token, sentence: SentenceContext) -> tuple[Speaker | None, Token]:
    """Return the subject of a verb of saying; of "Belta cited Lukashenko as saying" whom it cites."""
    if (
        verb.dep_ == "pcomp"
        and verb.head.lower_ == "as"
        and verb.head.head.lemma_ in ("cite", "quote")
    ):
        return _cited(verb.head.head, sentence), verb
    if verb.lemma_ in ("cite", "quote"):
        return _cited(verb, sentence), verb
    who = [] if is_passive(verb) else subjects(verb)
    return (speaker_from(who[0], sentence) if who else None), verb


def _cited(verb: Token, sentence: SentenceContext) -> Speaker | None:
    said = children(verb, "dobj", "nsubjpass")
    speaker = speaker_from(said[0], sentence) if said else None
    via = children(verb, "nsubj") or [
        t for by in children(verb, "agent") for t in children(by, "pobj")
    ]
    if speaker is None or not via:
        return speaker
    return Speaker(speaker.name, speaker.country, speaker.sector, _plain(via[0], sentence))


def _plain(head: Token, sentence: SentenceContext) -> str:
    start, end = span_of(head)
    text = sentence.doc[start:end].text.removesuffix("'s").removesuffix("’s")
    return text[4:] if text[:4].lower() == "the " else text


def speaker_from(token: Token, sentence: SentenceContext) -> Speaker | None:
    """Return who a subject is, by the name the article gives; a pronoun that could be several is nobody."""
    if token.pos_ == "PRON":
        found = antecedent(token, sentence)
        return (
            Speaker(found.name or found.text or found.country or "", found.country, found.sector)
            if found and found.name
            else None
        )
    actor = read_phrase(token, sentence)
    name = actor.name if actor is not None and actor.name else _plain(token, sentence)
    return Speaker(name, actor.country if actor else None, actor.sector if actor else None)


def attribute(
    quotes: Sequence[Quote],
    parsed: Sequence[SentenceContext],
    say: Words,
    before: Speaker | None,
    *,
    alone: bool,
) -> tuple[QuoteSpan, ...]:
    """Give each quotation of a paragraph its speaker: whoever the words beside it say, else who spoke `before`."""
    verbs = [
        (sentence.start + t.idx, t, sentence)
        for sentence in parsed
        for t in sentence.doc
        if is_attributing(t, sentence, quotes, say)
    ]
    out = []
    for quote in quotes:
        near = sorted(verbs, key=lambda v: _distance(v[0], quote))
        speaker = None
        for _, verb, sentence in near[:1]:
            speaker = attribution(verb, sentence) or before
        if not near and (alone or before is not None):
            speaker = before
        out.append(QuoteSpan(quote.start, quote.end, speaker))
    return tuple(out)


def _distance(at: int, quote: Quote) -> int:
    return min(abs(at - quote.start), abs(at - quote.end))


def is_attributing(
    token: Token, sentence: SentenceContext, quotes: Sequence[Quote], say: Words
) -> bool:
    """Tell whether a word outside the quotations says who speaks."""
    at = sentence.start + token.idx
    if (
        token.pos_ != "VERB"
        or token.lemma_.lower() not in say
        or any(q.start <= at < q.end for q in quotes)
    ):
        return False
    return bool(children(token, "nsubj", "dobj")) or token.dep_ == "pcomp" or token.dep_ == "conj"


def attribution(verb: Token, sentence: SentenceContext) -> Speaker | None:
    """Return who speaks by a word of saying."""
    if verb.lemma_ in ("cite", "quote") and (children(verb, "dobj")):
        return _cited(verb, sentence)
    return _sayer(verb, sentence)[0]
