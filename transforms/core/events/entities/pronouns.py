"""Whom does a pronoun mean, when that is certain enough?"""

from collections.abc import Callable
from dataclasses import replace

from spacy.tokens import Token

from transforms.core.events.parse.sentence_context import SentenceContext
from transforms.core.events.parse.syntax import ancestors, children
from transforms.records import Actor

_FIRST = frozenset(("i", "we", "us", "our", "my", "me", "ours"))
_PERSONAL = frozenset(("he", "she", "him", "his", "her", "himself"))
_THINGS = frozenset(("it", "its", "itself"))
_PLURAL = frozenset(("they", "them", "their", "themselves"))


def antecedent(token: Token, sentence: SentenceContext) -> Actor | None:
    """Return the actor a pronoun means, without place or text; None where it might be several."""
    return _asked_once(_antecedent, token, sentence)


def _asked_once(
    look: Callable[[Token, SentenceContext], Actor | None], token: Token, sentence: SentenceContext
) -> Actor | None:
    """Return what a look-up finds, None where it asks for the same token again on its way."""
    if token.i in sentence.resolving:
        return None
    sentence.resolving.add(token.i)
    try:
        return look(token, sentence)
    finally:
        sentence.resolving.remove(token.i)


def _antecedent(token: Token, sentence: SentenceContext) -> Actor | None:
    word = token.lower_
    if word in _FIRST:
        return _speaker(token, sentence)
    if word in _PERSONAL | _THINGS | _PLURAL:
        return _earlier_subject(token, sentence)
    return None


def _speaker(token: Token, sentence: SentenceContext) -> Actor | None:
    quote = sentence.quote_of(token)
    if quote is None or quote.speaker is None:
        return None
    speaker = quote.speaker
    return Actor(text="", name=speaker.name, country=speaker.country, sector=speaker.sector)


def _earlier_subject(token: Token, sentence: SentenceContext) -> Actor | None:
    """The subject of the clause that holds the pronoun's clause, or of the one before it."""
    from transforms.core.events.entities.noun_phrases import read_phrase

    quote = sentence.quote_of(token)
    for verb in ancestors(token):
        for subject in children(verb, "nsubj", "nsubjpass"):
            inside = sentence.quote_of(subject)
            if (
                subject.i == token.i
                or (subject.i > token.i and token.dep_ != "poss")
                or (quote is not None and inside is not quote)
            ):
                continue
            if subject.pos_ == "PRON" or token in subject.subtree:
                continue
            actor = read_phrase(subject, sentence) or _members(subject, sentence)
            if actor is not None and _agrees(token, subject, sentence):
                return actor
    return (
        _topic(token, sentence) if quote is None and token.dep_ in ("nsubj", "nsubjpass") else None
    )


def _members(subject: Token, sentence: SentenceContext) -> Actor | None:
    """Return whom several unnamed ones belong to: "Syrian opposition members"."""
    from transforms.core.events.entities.noun_phrases import resolve_actors

    if subject.tag_ != "NNS":
        return None
    found = resolve_actors([subject], sentence, any_prep=False)
    return found[0] if len(found) == 1 else None


def _topic(token: Token, sentence: SentenceContext, depth: int = 0) -> Actor | None:
    """The one subject of the sentence before, if no other subject stands between; its words are not this sentence's."""
    from transforms.core.events.entities.noun_phrases import read_phrase

    before = sentence.previous
    if (
        before is None
        or depth > 3
        or any(t.dep_ in ("nsubj", "nsubjpass") for t in sentence.doc[: token.i])
    ):
        return None
    roots = [t for t in before.doc if t.dep_ == "ROOT"]
    found = [t for r in roots for t in children(r, "nsubj", "nsubjpass")]
    if len(found) != 1 or before.quote_of(found[0]) is not None:
        return None
    subject = found[0]
    if subject.pos_ == "PRON":
        return _topic(subject, before, depth + 1) if subject.lower_ == token.lower_ else None
    actor = read_phrase(subject, before)
    if actor is None or not (actor.country or actor.sector) or not _agrees(token, subject, before):
        return None
    if token.lower_ in _PLURAL and subject.tag_ not in ("NNS", "NNPS"):
        return None
    return replace(actor, text="", start=None, end=None, name=actor.name or actor.text)


def _agrees(token: Token, subject: Token, sentence: SentenceContext) -> bool:
    word = token.lower_
    match = sentence.match_at.get(subject.i)
    kind = match.entry.kind if match else "person"
    many = subject.tag_ in ("NNS", "NNPS") or any(t.dep_ == "conj" for t in subject.children)
    if word in _PERSONAL:
        return not many and (kind == "person" or (kind == "role" and match is not None))
    if word in _THINGS:
        return not many and kind != "person"
    return True


def possessor_country(head: Token, sentence: SentenceContext) -> str | None:
    """Return the country of "his defence ministry", "our country", "the country's agency"."""
    for owner in children(head, "poss"):
        found = _country_of(owner, sentence)
        if found:
            return found
    for prep in children(head, "prep"):
        for pobj in children(prep, "pobj"):
            if prep.lower_ == "of" and pobj.lemma_ in ("country", "nation", "state", "republic"):
                for owner in children(pobj, "poss"):
                    found = _country_of(owner, sentence)
                    if found:
                        return found
    return None


def _country_of(owner: Token, sentence: SentenceContext) -> str | None:
    if owner.pos_ == "PRON":
        found = antecedent(owner, sentence) or _asked_once(_last_subject, owner, sentence)
        return found.country if found else None
    if owner.lemma_.lower() in ("country", "nation") and any(
        t.lower_ == "the" for t in owner.children
    ):
        found = _asked_once(_last_subject, owner, sentence)
        return found.country if found else None
    known = sentence.entities.find_person([owner.text])
    return known.country if known else None


def _last_subject(token: Token, sentence: SentenceContext) -> Actor | None:
    """The one country among the subjects before the token in its sentence."""
    from transforms.core.events.entities.noun_phrases import read_phrase

    found = {}
    for word in sentence.doc[: token.i]:
        if word.dep_ in ("nsubj", "nsubjpass") and word.pos_ != "PRON":
            actor = read_phrase(word, sentence)
            if actor is not None and actor.country:
                found[actor.country] = actor
    return next(iter(found.values())) if len(found) == 1 else None
