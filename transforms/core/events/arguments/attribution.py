"""Who says that it happened?"""

from collections.abc import Iterator, Sequence

from spacy.tokens import Token

from transforms.core.events.entities.noun_phrases import read_phrase, span_of
from transforms.core.events.entities.pronouns import antecedent
from transforms.core.events.parse.context import QuoteSpan, Scene, Speaker
from transforms.core.events.parse.segments import Quote
from transforms.core.events.parse.syntax import (
    ancestors,
    is_passive,
    is_told,
    kids,
    prep_objects,
    subjects,
)
from transforms.core.events.rules.event_rules import Words
from transforms.core.events.rules.rule_files import word_set

_CLAIM_NOUNS = word_set(
    "claim report allegation statement warning belief suggestion announcement assertion accusation rumour rumor fear"
)
_MIN_QUOTE_WORDS = 4


def claimant_of(clause: Token, scene: Scene, say: Words) -> tuple[Speaker | None, Token | None]:
    """Return the innermost who says what the clause tells, and the word of saying; None for the article's own voice."""
    claims = list(_claims(clause, scene, say))
    quote = scene.quote_of(clause)
    spoken = quote.speaker if quote is not None and quote.end - quote.start > 20 else None
    if not claims:
        return spoken, None
    speaker, verb = claims[0]
    if speaker is None:
        return spoken, verb
    outer = next((s for s, _ in claims[1:] if s is not None and s.name != speaker.name), None)
    via = speaker.via or (outer.name if outer is not None and outer.sector == "JRN" else None)
    return Speaker(speaker.name, speaker.country, speaker.sector, via), verb


def _claims(clause: Token, scene: Scene, say: Words) -> Iterator[tuple[Speaker | None, Token]]:
    yield from _above(clause, scene, say)
    yield from _beside(clause, scene, say)


def _above(clause: Token, scene: Scene, say: Words) -> Iterator[tuple[Speaker | None, Token]]:
    """Verbs and nouns of saying that govern the clause."""
    below = clause
    for head in ancestors(clause):
        if below.dep_ == "ccomp" and head.pos_ in ("VERB", "AUX") and head.lemma_.lower() in say:
            yield _sayer(head, scene)
        elif is_told(below):
            yield _sayer(head.head, scene)
        elif (
            head.pos_ == "NOUN"
            and head.lemma_ in _CLAIM_NOUNS
            and below.dep_ in ("acl", "ccomp", "relcl")
        ):
            for owner in kids(head, "poss"):
                yield speaker_from(owner, scene), head
        below = head


def _beside(clause: Token, scene: Scene, say: Words) -> Iterator[tuple[Speaker | None, Token]]:
    """Yield who is named by "according to", or by a verb of saying put in beside."""
    chain = {clause.i, *(t.i for t in ancestors(clause))}
    for token in scene.doc:
        if token.lower_ == "according" and token.head.i in chain:
            for pobj in prep_objects(token, "to"):
                yield speaker_from(pobj, scene), token
        if token.dep_ == "parataxis" and token.lemma_ in say and token.head.i in chain:
            yield _sayer(token, scene)


def _sayer(verb: Token, scene: Scene) -> tuple[Speaker | None, Token]:
    """Return the subject of a verb of saying; of "Belta cited Lukashenko as saying" whom it cites."""
    if (
        verb.dep_ == "pcomp"
        and verb.head.lower_ == "as"
        and verb.head.head.lemma_ in ("cite", "quote")
    ):
        return _cited(verb.head.head, scene), verb
    if verb.lemma_ in ("cite", "quote"):
        return _cited(verb, scene), verb
    who = [] if is_passive(verb) else subjects(verb)
    return (speaker_from(who[0], scene) if who else None), verb


def _cited(verb: Token, scene: Scene) -> Speaker | None:
    said = kids(verb, "dobj", "nsubjpass")
    speaker = speaker_from(said[0], scene) if said else None
    via = kids(verb, "nsubj") or [t for by in kids(verb, "agent") for t in kids(by, "pobj")]
    if speaker is None or not via:
        return speaker
    return Speaker(speaker.name, speaker.country, speaker.sector, _plain(via[0], scene))


def _plain(head: Token, scene: Scene) -> str:
    start, end = span_of(head)
    text = scene.doc[start:end].text.removesuffix("'s").removesuffix("’s")
    return text[4:] if text[:4].lower() == "the " else text


def speaker_from(token: Token, scene: Scene) -> Speaker | None:
    """Return who a subject is, by the name the article gives; a pronoun that could be several is nobody."""
    if token.pos_ == "PRON":
        found = antecedent(token, scene)
        return (
            Speaker(found.name or found.text or found.country or "", found.country, found.sector)
            if found and found.name
            else None
        )
    actor = read_phrase(token, scene)
    name = actor.name if actor is not None and actor.name else _plain(token, scene)
    return Speaker(name, actor.country if actor else None, actor.sector if actor else None)


def attribute(
    quotes: Sequence[Quote],
    scenes: Sequence[Scene],
    say: Words,
    before: Speaker | None,
    *,
    alone: bool,
) -> tuple[QuoteSpan, ...]:
    """Give each quotation of a paragraph its speaker: whoever the words beside it say, else who spoke `before`."""
    verbs = [
        (scene.start + t.idx, t, scene)
        for scene in scenes
        for t in scene.doc
        if is_attributing(t, scene, quotes, say)
    ]
    out = []
    for quote in quotes:
        near = sorted(verbs, key=lambda v: _distance(v[0], quote))
        speaker = None
        for _, verb, scene in near[:1]:
            speaker = attribution(verb, scene) or before
        if not near and (alone or before is not None):
            speaker = before
        out.append(QuoteSpan(quote.start, quote.end, speaker))
    return tuple(out)


def _distance(at: int, quote: Quote) -> int:
    return min(abs(at - quote.start), abs(at - quote.end))


def is_attributing(token: Token, scene: Scene, quotes: Sequence[Quote], say: Words) -> bool:
    """Tell whether a word outside the quotations says who speaks."""
    at = scene.start + token.idx
    if (
        token.pos_ != "VERB"
        or token.lemma_.lower() not in say
        or any(q.start <= at < q.end for q in quotes)
    ):
        return False
    return bool(kids(token, "nsubj", "dobj")) or token.dep_ == "pcomp" or token.dep_ == "conj"


def attribution(verb: Token, scene: Scene) -> Speaker | None:
    """Return who speaks by a word of saying."""
    if verb.lemma_ in ("cite", "quote") and (kids(verb, "dobj")):
        return _cited(verb, scene)
    return _sayer(verb, scene)[0]
