"""Find the source to which a clause is attributed.

The cue is the word that attributes it ("said", "according"), the relay a medium that quotes the
source ("Belta cited the minister as saying").
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from spacy.tokens import Token

from transforms.core.events.entities.noun_phrases import antecedent, read_phrase
from transforms.core.events.entities.phrase_spans import span_of
from transforms.core.events.parse.sentence_context import SentenceContext, Speaker
from transforms.core.events.parse.syntax import (
    ancestors,
    children,
    is_passive,
    is_reported_clause,
    prep_objects,
    subjects,
)
from transforms.core.events.parse.words import all_children, is_verbal
from transforms.core.events.rules.event_rules import Words
from transforms.core.events.rules.rule_files import word_set

_CLAIM_NOUNS = word_set(
    "claim report allegation statement warning belief suggestion announcement assertion accusation "
    "rumour rumor fear"
)
_CITING_VERBS = frozenset(("cite", "quote"))

_MIN_SPEECH_CHARS = 20
"""Shorter quotations are single words in quotation marks, in a statement of the article itself."""


@dataclass(frozen=True, slots=True)
class Attribution:
    """A source and the word that attributes a clause to it; None for the article's own voice."""

    source: Speaker | None
    cue: Token | None


def find_attribution(clause: Token, sentence: SentenceContext, say: Words) -> Attribution:
    """Return the innermost attribution of a clause, else the speaker of its quotation."""
    attributions = [*_governing(clause, sentence, say), *_beside(clause, sentence, say)]
    if not attributions:
        return Attribution(_quoted_speaker(clause, sentence), None)
    innermost, outer = attributions[0], attributions[1:]
    if innermost.source is None:
        return Attribution(_quoted_speaker(clause, sentence), innermost.cue)
    relay = innermost.source.relay or _relay_among(outer, innermost.source)
    return replace(innermost, source=replace(innermost.source, relay=relay))


def source_of_verb(verb: Token, sentence: SentenceContext) -> Speaker | None:
    """Return the source that a verb of saying attributes something to."""
    if verb.lemma_ in _CITING_VERBS and children(verb, "dobj"):
        return _cited(verb, sentence)
    return _attribution_of(verb, sentence).source


def _quoted_speaker(clause: Token, sentence: SentenceContext) -> Speaker | None:
    quote = sentence.quote_of(clause)
    if quote is None or quote.end - quote.start <= _MIN_SPEECH_CHARS:
        return None
    return quote.speaker


def _relay_among(outer: Sequence[Attribution], source: Speaker) -> str | None:
    """Return the medium that quotes the source: "Xinhua reported that the minister said"."""
    for attribution in outer:
        other = attribution.source
        if other is not None and other.name != source.name:
            return other.name if other.sector == "JRN" else None
    return None


def _governing(clause: Token, sentence: SentenceContext, say: Words) -> Iterator[Attribution]:
    """Yield the attributions by verbs and nouns of saying above the clause, innermost first."""
    below = clause
    for head in ancestors(clause):
        if below.dep_ == "ccomp" and is_verbal(head) and head.lemma_.lower() in say:
            yield _attribution_of(head, sentence)
        elif is_reported_clause(below):
            yield _attribution_of(head.head, sentence)
        elif _is_claim(head) and below.dep_ in ("acl", "ccomp", "relcl"):
            for owner in children(head, "poss"):
                yield Attribution(_speaker_from(owner, sentence), head)
        below = head


def _is_claim(token: Token) -> bool:
    return token.pos_ == "NOUN" and token.lemma_ in _CLAIM_NOUNS


def _beside(clause: Token, sentence: SentenceContext, say: Words) -> Iterator[Attribution]:
    """Yield the attributions by "according to" and by parenthetical verbs of saying."""
    chain = {clause.i, *(t.i for t in ancestors(clause))}
    for token in sentence.doc:
        if token.head.i not in chain:
            continue
        if token.lower_ == "according":
            for source in prep_objects(token, "to"):
                yield Attribution(_speaker_from(source, sentence), token)
        if token.dep_ == "parataxis" and token.lemma_ in say:
            yield _attribution_of(token, sentence)


def _attribution_of(verb: Token, sentence: SentenceContext) -> Attribution:
    """Return the attribution by a verb of saying: to its subject, or to the cited source.

    In "Belta cited Lukashenko as saying" the source is Lukashenko.
    """
    citing = verb.head.head
    is_cited_speech = verb.dep_ == "pcomp" and verb.head.lower_ == "as"
    if is_cited_speech and citing.lemma_ in _CITING_VERBS:
        return Attribution(_cited(citing, sentence), verb)
    if verb.lemma_ in _CITING_VERBS:
        return Attribution(_cited(verb, sentence), verb)
    speaking = [] if is_passive(verb) else subjects(verb)
    return Attribution(_speaker_from(speaking[0], sentence) if speaking else None, verb)


def _cited(verb: Token, sentence: SentenceContext) -> Speaker | None:
    """Return the source that a verb of citing cites, with its subject as the relay."""
    sources = children(verb, "dobj", "nsubjpass")
    speaker = _speaker_from(sources[0], sentence) if sources else None
    relays = children(verb, "nsubj") or all_children(children(verb, "agent"), "pobj")
    if speaker is None or not relays:
        return speaker
    return replace(speaker, relay=_plain_name(relays[0], sentence))


def _plain_name(head: Token, sentence: SentenceContext) -> str:
    start, end = span_of(head)
    text: str = sentence.doc[start:end].text.removesuffix("'s").removesuffix("’s")
    return text[4:] if text[:4].lower() == "the " else text


def _speaker_from(token: Token, sentence: SentenceContext) -> Speaker | None:
    """Return the speaker that a phrase names; None for a pronoun that may be one of several."""
    if token.pos_ == "PRON":
        return _speaker_of_pronoun(token, sentence)
    actor = read_phrase(token, sentence)
    if actor is None:
        return Speaker(_plain_name(token, sentence))
    return Speaker(actor.name or _plain_name(token, sentence), actor.country, actor.sector)


def _speaker_of_pronoun(token: Token, sentence: SentenceContext) -> Speaker | None:
    actor = antecedent(token, sentence)
    if actor is None or not actor.name:
        return None
    return Speaker(actor.name, actor.country, actor.sector)
