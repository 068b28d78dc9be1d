"""Who is actor and who recipient of a pattern that was met?"""

from dataclasses import dataclass, replace

from spacy.tokens import Token

from transforms.core.events.entities.noun_phrases import is_political, resolve_actors, span_of
from transforms.core.events.matching.match import Hit, struck
from transforms.core.events.parse.sentence_context import SentenceContext
from transforms.core.events.parse.syntax import (
    children,
    complements,
    is_passive,
    misattached_prep_objects,
    noun_agents,
    objects,
    passive_subjects,
    prep_objects,
    subjects,
)
from transforms.core.events.rules.rule_files import word_set
from transforms.records import Actor

_NAMED = frozenset(("ORG", "PERSON", "NORP", "GPE"))
_POSSESSIVES = ("its ", "their ", "his ", "her ", "our ", "my ")
_WHERE = frozenset(("in", "at", "near", "into"))
"""Where an act against somebody happens, it is not aimed at the place."""
_LOCALS = frozenset(("CVL", "LAB", "EDU", "AGR", "MED", "OPP", "SOC", "REL"))
_PROMISED = frozenset(("AGREE", "REQUEST", "REJECT"))
_MEANS = frozenset(("MED", "EDU", "AGR", "LAB", "BUS", "MIL", "CVL", "SOC", "JRN"))
_PROTESTING = word_set("protest demand denounce oppose condemn press urge defy reject call")
_GATHERING = word_set(
    "meet talk hold sign convene gather continue resume negotiate host confer discuss visit"
)
_NEEDY = frozenset(("AID", "COOPERATE"))
_AIMED = frozenset(("ACCUSE", "ASSAULT", "COERCE", "SUPPORT", "SANCTION", "PROTEST"))
"""What these do has an object that is worth a name even where it is nobody: "condemned the law"."""


@dataclass(frozen=True, slots=True)
class Cast:
    """Actors and recipients of one event."""

    actor: tuple[Actor, ...]
    recipient: tuple[Actor, ...]


def read_roles(hit: Hit, sentence: SentenceContext) -> Cast:
    """Return who acts and who is acted upon."""
    if hit.rule.undergone:
        return _undergone(hit, sentence)
    actor = _actor(hit, sentence)
    if hit.rule.mutual:
        seen = {(a.start, a.end) for a in actor}
        others = tuple(a for a in _recipient(hit, sentence, actor) if (a.start, a.end) not in seen)
        return Cast((*actor, *others), ())
    recipient = _recipient(hit, sentence, actor)
    if hit.rule.type == "AGREE" and len({a.country for a in actor if a.country}) > 1:
        recipient = ()
    return Cast(actor, recipient)


def _undergone(hit: Hit, sentence: SentenceContext) -> Cast:
    """Roles where the subject is acted upon: "received aid from", "came under fire by", "went on trial in"."""
    verb = hit.verb or hit.trigger
    words = [
        *_words(hit),
        *objects(verb),
        *(t for w in _words(hit) for t in prep_objects(w, "in", "under", "on")),
    ]
    sources = [t for w in words for t in prep_objects(w, "from", "by")]
    sources = sources or [t for o in objects(verb) for t in prep_objects(o, "of")]
    done_to = subjects(verb) or passive_subjects(verb)
    return Cast(
        resolve_actors(sources, sentence),
        resolve_actors(done_to, sentence, any_prep=False)
        or _unnamed(done_to, sentence, things=True),
    )


def _actor(hit: Hit, sentence: SentenceContext) -> tuple[Actor, ...]:
    if (
        hit.verb is not None
        and hit.verb == hit.trigger
        and hit.rule.adjectives
        and is_passive(hit.verb)
    ):
        return resolve_actors(passive_subjects(hit.verb), sentence)
    if hit.verb is not None:
        found = resolve_actors(subjects(hit.verb), sentence, any_prep=False)
        if not found and hit.verb.dep_ == "acl" and hit.verb.tag_ == "VBG":
            found = resolve_actors(noun_agents(hit.verb.head), sentence, any_prep=False)
        if found or hit.verb == hit.trigger:
            return found or _unnamed(subjects(hit.verb), sentence)
    source = (
        resolve_actors(_sources(hit.trigger), sentence)
        if hit.verb is None and hit.rule.type == "THREATEN"
        else ()
    )
    if source:
        return source
    found = (
        resolve_actors(_own(hit.trigger), sentence, any_prep=False)
        if hit.verb is None
        else resolve_actors(_own(hit.trigger), sentence)
    )
    return (
        found
        or _modifiers(hit, sentence)
        or resolve_actors(_sources(hit.trigger), sentence)
        or _planners(hit, sentence)
    )


def _planners(hit: Hit, sentence: SentenceContext) -> tuple[Actor, ...]:
    """The actor of "strikes are being planned in Ukraine": the country where they are."""
    noun = hit.trigger
    if hit.verb is not None or noun.dep_ != "nsubjpass":
        return ()
    verbs = [
        v
        for v in (noun.head, *noun.head.conjuncts)
        if v.lemma_ in ("plan", "plot", "prepare", "discuss")
    ]
    found = resolve_actors([t for v in verbs for t in prep_objects(v, "in")], sentence)
    return tuple(a for a in found if a.country)


def _own(noun: Token) -> list[Token]:
    return [*children(noun, "poss"), *prep_objects(noun, "by")]


def _sources(noun: Token) -> list[Token]:
    return prep_objects(noun, "from")


def _modifiers(hit: Hit, sentence: SentenceContext) -> tuple[Actor, ...]:
    """The actor of "Israeli air strikes", "a Taliban raid"."""
    noun = hit.trigger
    words = [
        w
        for w in children(noun, "amod", "compound", "nmod")
        if w.i in sentence.match_at and sentence.match_at[w.i].entry.kind != "place"
    ]
    out = []
    for word in words:
        match = sentence.match_at[word.i]
        if word.i > 0 and sentence.doc[word.i - 1].text == "-":
            continue
        if match.entry.country or (
            match.entry.kind == "role" and match.entry.sector in ("MIL", "COP", "REB", "GOV")
        ):
            if (
                match.entry.kind == "role"
                and match.entry.country is None
                and word.lower_ in ("military", "drone", "missile", "army")
            ):
                continue
            span = sentence.doc[match.start : match.end]
            start = sentence.start + span.start_char
            out.append(
                Actor(
                    text=span.text, name=match.entry.name, country=match.entry.country, sector=match.entry.sector,
                    start=start, end=start + len(span.text),
                )
            )  # fmt: skip
    return tuple(out)


def _unnamed(
    tokens: list[Token], sentence: SentenceContext, *, things: bool = False
) -> tuple[Actor, ...]:
    """Names of which neither country nor sector is known; with `things` also what has no name."""
    out = []
    for token in tokens[:3]:
        if token.ent_type_ in ("DATE", "TIME"):
            continue
        if (
            (things and token.pos_ == "NOUN")
            or token.pos_ == "PROPN"
            or (token.pos_ == "NOUN" and token.ent_type_ in ("ORG", "PERSON", "NORP", "GPE"))
        ):
            start, end = span_of(token)
            span = sentence.doc[start:end]
            at = sentence.start + span.start_char
            out.append(Actor(text=span.text, start=at, end=at + len(span.text)))
    return tuple(out)


def _recipient(hit: Hit, sentence: SentenceContext, actor: tuple[Actor, ...]) -> tuple[Actor, ...]:
    taken = {(a.start, a.end) for a in actor}
    fallback: tuple[Actor, ...] = ()
    second: tuple[Actor, ...] = ()
    for where in hit.rule.recipient:
        tokens = _at(where, hit)
        found = tuple(
            a
            for a in resolve_actors(tokens, sentence)
            if (a.start, a.end) not in taken
            and not _is_own(a, actor)
            and not _is_means(a, where, hit)
        )
        found = tuple(_owned(a, sentence) for a in found)
        if where in _WHERE and (second or (fallback and hit.rule.type in _AIMED)):
            break
        if any(a.country for a in found):
            return _place_as_country(found, where, sentence)
        second = second or (found if is_political(found) else ())
        things = (
            where == "object"
            and hit.rule.type in _AIMED
            and (not hit.rule.objects or "*" in hit.rule.objects)
        )
        fallback = fallback or tuple(
            a for a in _unnamed(tokens, sentence, things=things) if (a.start, a.end) not in taken
        )
    return second or _within(hit, sentence, actor) or fallback


def _within(hit: Hit, sentence: SentenceContext, actor: tuple[Actor, ...]) -> tuple[Actor, ...]:
    """The first country after the trigger that is not the actor's, for types that need a recipient."""
    if hit.rule.type not in _NEEDY or hit.rule.mutual:
        return ()
    own = {a.country for a in actor}
    for token in hit.clause.subtree:
        match = sentence.match_at.get(token.i)
        if (
            token.i <= hit.trigger.i
            or match is None
            or match.start != token.i
            or match.entry.country in (*own, None)
        ):
            continue
        last = sentence.doc[match.end - 1]
        head = last.head if last.dep_ in ("amod", "compound", "nmod", "poss") else last
        found = resolve_actors([head], sentence)
        if any(a.country == match.entry.country for a in found):
            return _place_as_country(found[:1], "in", sentence)
    return ()


def _owned(actor: Actor, sentence: SentenceContext) -> Actor:
    """Name the country that "its ambassador" is of."""
    if actor.name or actor.country is None or not actor.text.lower().startswith(_POSSESSIVES):
        return actor
    return replace(actor, name=sentence.lexicon.country_names.get(actor.country))


def at_home(actor: Actor, country: str) -> Actor:
    """Return a protester without a country as one of the country of the protest."""
    return (
        replace(actor, country=country)
        if actor.country is None and actor.sector in _LOCALS
        else actor
    )


def _is_own(found: Actor, actor: tuple[Actor, ...]) -> bool:
    """What belongs to the actor, or to nobody known, is no recipient: "withdraw its troops from"."""
    pronoun = found.text.lower() + " " in _POSSESSIVES or found.text.lower() in (
        "him",
        "them",
        "it",
    )
    if pronoun and any(
        (a.name or a.text) == (found.name or found.text) and a.country == found.country
        for a in actor
    ):
        return True
    own = found.text.lower().startswith(_POSSESSIVES)
    return own and (found.country is None or any(a.country == found.country for a in actor))


def _is_means(found: Actor, where: str, hit: Hit) -> bool:
    """What is promised is no recipient: "offered to send doctors", "agreed on the training of nurses"."""
    return (
        hit.rule.type in _PROMISED
        and where in ("cobj", "cprep", "object", "on", "for", "in")
        and found.country is None
        and found.sector in _MEANS
    )


def _place_as_country(
    found: tuple[Actor, ...], where: str, sentence: SentenceContext
) -> tuple[Actor, ...]:
    """A place that is acted upon stands for its country, not for its government."""
    if where in ("in", "into", "across", "near", "at", "outside", "from"):
        return tuple(replace(a, sector=None) if a.name and a.sector == "GOV" else a for a in found)
    return found


def _at(where: str, hit: Hit) -> list[Token]:
    verb = hit.verb
    if where == "object":
        return _objects(hit)
    if where == "iobj":
        return [t for w in _words(hit) for t in children(w, "dative") if t.pos_ != "ADP"]
    if where == "csubj":
        return [t for c in _said(hit) for t in children(c, "nsubj", "nsubjpass")]
    if where == "cobj":
        return [t for c in _said(hit) for t in objects(c)]
    if where == "cprep":
        return [
            t
            for c in _said(hit)
            for p in (
                "to",
                "with",
                "on",
                "from",
                "against",
                "into",
                "for",
                *(() if c.lemma_ in _GATHERING else ("in",)),
            )
            for t in prep_objects(c, p)
        ]
    if where == "purpose":
        return _purpose(hit)
    return [] if where == "by" and verb is not None and is_passive(verb) else _after(where, hit)


def _after(where: str, hit: Hit) -> list[Token]:
    """What follows a preposition of the trigger, of its verb, or of their objects."""
    trigger, verb = hit.trigger, hit.verb
    out = [t for w in _words(hit) for t in prep_objects(w, where)]
    if verb == trigger and verb is not None:
        out += [t for o in objects(verb) for t in prep_objects(o, where)]
        out += [
            t for o in objects(verb) for x in prep_objects(o, "of") for t in prep_objects(x, where)
        ]
    if not out and verb == trigger and verb is not None and where in ("to", "with", "against"):
        out = misattached_prep_objects(verb, where)
    if where == "against":
        out += [
            t for w in _words(hit) for x in prep_objects(w, "for") for t in prep_objects(x, where)
        ]
    return out


def _purpose(hit: Hit) -> list[Token]:
    """What a protest is about: "began a hunger strike, protesting the law", "on strike in protest at"."""
    verbs = [t for w in _words(hit) for t in children(w, "advcl", "acl") if t.lemma_ in _PROTESTING]
    verbs += [
        t
        for w in _words(hit)
        for o in objects(w)
        for t in children(o, "acl", "relcl")
        if t.lemma_ in _PROTESTING
    ]
    nouns = [
        t
        for w in _words(hit)
        for t in prep_objects(w, "in", "as")
        if t.lemma_ in ("protest", "defiance", "response")
    ]
    preps = ("against", "of", "at", "over", "from", "to", "by")
    return [
        *(o for v in verbs for o in (*objects(v), *prep_objects(v, *preps))),
        *(t for n in nouns for t in prep_objects(n, *preps)),
    ]


def _said(hit: Hit) -> list[Token]:
    found = complements(hit.trigger)
    return (
        found if hit.verb is None or hit.verb == hit.trigger else [*found, *complements(hit.verb)]
    )


def _words(hit: Hit) -> list[Token]:
    return [hit.trigger] if hit.verb is None or hit.verb == hit.trigger else [hit.trigger, hit.verb]


def _objects(hit: Hit) -> list[Token]:
    if hit.verb is None:
        return struck(hit.trigger)
    if hit.verb == hit.trigger:
        return objects(hit.verb)
    if hit.trigger.pos_ == "ADJ":
        return objects(hit.verb) or children(hit.trigger, "nsubj")
    return []
