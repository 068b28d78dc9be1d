"""Which actors does a noun phrase name: country, sector, and the name by which they are known?"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from spacy.tokens import Token

from transforms.core.events.entities.article_entities import Person
from transforms.core.events.entities.pronouns import antecedent, possessor_country
from transforms.core.events.parse.sentence_context import SentenceContext
from transforms.core.events.parse.syntax import children, prep_objects
from transforms.core.events.rules.lexicon import Entry
from transforms.core.events.rules.rule_files import word_set
from transforms.records import Actor

_REFLEXIVE = frozenset(("himself", "herself", "itself", "themselves", "ourselves"))
_SIDES = frozenset(("REB", "OPP", "PTY", "COP"))
_ABROAD = frozenset(("REB", "OPP", "MIL", "JRN", "REF", "UAF"))
_OTHERS = word_set(
    "neighbour neighbor ally rival enemy opponent partner counterpart critic creditor victim foe adversary backer "
    "sponsor supporter"
)
"""Whose these are, they are not: "Chad's neighbours"."""
_OWN_PREPS = ("of", "by", "from", "between")
_INNER_PREPS = ("of", "by", "from", "between", "in", "with", "for", "against", "to", "on")
_PERSONS = frozenset(
    (
        "he",
        "she",
        "him",
        "they",
        "them",
        "it",
        "i",
        "we",
        "us",
        "me",
        "who",
        "himself",
        "itself",
        "themselves",
    )
)


def span_of(head: Token, *, with_place: bool = False) -> tuple[int, int]:
    """Return the tokens [start, end) of a noun phrase without clauses and appositions; `placed` with where it is."""
    left = [
        t for t in head.lefts if t.dep_ not in ("punct", "cc", "advcl", "relcl", "appos", "conj")
    ]
    start = min([t.left_edge.i for t in left], default=head.i)
    end = head.i + 1
    for child in head.rights:
        if (
            child.dep_ == "prep"
            and child.lower_ in (("of", "in", "for") if with_place else ("of", "for"))
            and child.i == end
            and child.right_edge.i - end < 12
        ):
            end = max(end, _prep_end(child, with_place=with_place))
        elif (
            child.dep_ in ("case", "nummod", "nmod", "poss", "compound", "amod") and child.i == end
        ):
            end = child.i + 1
        elif child.i >= end:
            break
    return min(start, head.i), end


def _prep_end(prep: Token, *, with_place: bool) -> int:
    for pobj in children(prep, "pobj"):
        return span_of(pobj, with_place=with_place)[1]
    return prep.i


def resolve_actors(
    tokens: Iterable[Token], sentence: SentenceContext, *, any_prep: bool = True
) -> tuple[Actor, ...]:
    """Return the actors that noun phrases name, each once; words that name nobody political are left out."""
    out: dict[tuple[object, ...], Actor] = {}
    for token in list(tokens)[:12]:
        for actor in _resolve_one(token, sentence, _INNER_PREPS if any_prep else _OWN_PREPS):
            out.setdefault((actor.start, actor.end, actor.country), actor)
    return tuple(out.values())


def _resolve_one(
    head: Token, sentence: SentenceContext, preps: tuple[str, ...]
) -> tuple[Actor, ...]:
    if head.ent_type_ in ("DATE", "TIME") and head.i not in sentence.match_at:
        return ()
    if head.lower_ in _REFLEXIVE or any(t.lower_ == "your" for t in children(head, "poss")):
        return ()
    if head.i not in sentence.match_at and (head.lower_ in _PERSONS or head.pos_ == "PRON"):
        found = antecedent(head, sentence)
        if found is None:
            return ()
        return (found if found.text else _placed(found, sentence, head.i, head.i + 1),)
    direct = read_phrase(head, sentence)
    if direct is not None:
        return (*_conjoined_nationalities(head, direct, sentence), direct)
    return _inner(head, sentence, preps, 0)


def read_phrase(head: Token, sentence: SentenceContext) -> Actor | None:
    """Return the actor that the phrase itself is; None when its head names no actor."""
    start, end = span_of(head)
    match = sentence.match_at.get(head.i)
    entry = match.entry if match else None
    person = None if entry and entry.kind != "role" else _person(head, sentence, entry)
    if person is not None:
        country = person.country or _country(head, sentence, start, end)
        sector = person.sector or _role_sector(start, end, head, sentence)
        return _placed(
            Actor(text="", name=person.name, country=country, sector=sector), sentence, start, end
        )
    if entry is None:
        entry = _appositive_entry(head, sentence)
        if entry is None:
            return None
    if entry.kind == "role":
        return _role_actor(head, sentence, entry, start, end)
    sector = _role_sector(start, end, head, sentence) or entry.sector
    if entry.kind == "people":
        return _placed(
            Actor(text="", country=_home(head, sentence) or entry.country, sector=sector),
            sentence,
            start,
            end,
        )
    name = entry.name if entry.kind in ("body", "country", "seat") else None
    return _placed(
        Actor(text="", name=name, country=entry.country, sector=sector), sentence, start, end
    )


def _home(head: Token, sentence: SentenceContext) -> str | None:
    """Country of a people that live in another's: "Bosnian Serbs", "the Albanians of southern Serbia"."""
    for word in [*children(head, "amod", "compound", "nmod"), *prep_objects(head, "of", "in")]:
        match = sentence.match_at.get(word.i)
        if (match and match.entry.country and match.start != head.i and head.i >= match.end) or (
            match and match.entry.kind in ("country", "place")
        ):
            return match.entry.country
    return None


def _role_actor(
    head: Token, sentence: SentenceContext, entry: Entry, start: int, end: int
) -> Actor:
    country = _country(head, sentence, start, end)
    sector = (
        _role_sector(start, end, head, sentence, strong=True) if entry.weak else None
    ) or entry.sector
    name = None
    match = sentence.match_at.get(head.i)
    if match is not None:
        role = sentence.doc[match.start : match.end].text.lower()
        definite = (
            any(t.lower_ in ("the", "his", "their", "its") for t in head.lefts)
            or country is not None
        )
        holder = (
            sentence.entities.office_holder(role, country)
            if definite and head.tag_ != "NNS" and sentence.doc[start].lower_ not in ("a", "an")
            else None
        )
        if holder is not None:
            name, country, sector = holder.name, country or holder.country, sector or holder.sector
    body = next(
        (
            sentence.match_at[i].entry
            for i in range(start, head.i)
            if i in sentence.match_at and sentence.match_at[i].entry.kind == "body"
        ),
        None,
    )
    if body is not None and entry.weak and body.sector:
        sector, country = body.sector, country or body.country
    return _placed(Actor(text="", name=name, country=country, sector=sector), sentence, start, end)


def _person(head: Token, sentence: SentenceContext, entry: Entry | None) -> Person | None:
    if (
        entry is not None
        or head.pos_ not in ("PROPN", "NOUN", "ADJ")
        or not head.text[:1].isupper()
    ):
        return None
    known = sentence.entities.find_person([head.text])
    if known is None:
        role = _compound_role(head, sentence)
        if role is None:
            return None
        known = Person(
            " ".join(
                t.text for t in [*children(head, "compound"), head] if t.i not in sentence.match_at
            ),
            None,
            role.sector,
        )
    return known


def _compound_role(head: Token, sentence: SentenceContext) -> Entry | None:
    for child in [
        *children(head, "compound", "nmod", "amod"),
        *(c for a in children(head, "appos") for c in [a]),
    ]:
        match = sentence.match_at.get(child.i)
        if match and match.entry.kind == "role":
            return match.entry
    return None


def _appositive_entry(head: Token, sentence: SentenceContext) -> Entry | None:
    """Whatever an unknown name is said to be: "Mwai, a Kenyan minister"."""
    if head.pos_ != "PROPN":
        return None
    for other in children(head, "appos"):
        match = sentence.match_at.get(other.i)
        if match and match.entry.kind == "role":
            return match.entry
    return None


def _role_sector(
    start: int, end: int, head: Token, sentence: SentenceContext, *, strong: bool = False
) -> str | None:
    """Return the sector of a role among the words of a phrase, nearest to its head first."""
    span = [i for i in range(start, end) if i in sentence.match_at and i != head.i]
    entries = [sentence.match_at[i].entry for i in sorted(span, key=lambda i: abs(i - head.i))]
    for entry in entries:
        if entry.kind == "role" and not (strong and entry.weak):
            return entry.sector
    for entry in entries:
        if strong and entry.kind == "body" and entry.sector:
            return entry.sector
    return None


def _country(head: Token, sentence: SentenceContext, start: int, end: int) -> str | None:
    """Return the country that a phrase's own words give it, before its head first."""
    before = [
        sentence.match_at[i].entry for i in range(start, head.i + 1) if i in sentence.match_at
    ]
    for entry in reversed(before):
        if entry.country and entry.kind != "place":
            return entry.country
    owner = possessor_country(head, sentence)
    if owner:
        return owner
    for i in range(head.i + 1, end):
        if i in sentence.match_at and sentence.match_at[i].entry.country:
            return sentence.match_at[i].entry.country
    for entry in before:
        if entry.country:
            return entry.country
    return (
        _appositive_country(head, sentence)
        or _genitive_country(head, sentence)
        or _home_country(head, sentence)
    )


def _home_country(head: Token, sentence: SentenceContext) -> str | None:
    """Country of people by where they are: "teachers in Lima"; those who fight or talk in a capital may be guests."""
    match = sentence.match_at.get(head.i)
    if match is None or match.entry.kind != "role":
        return None
    for place in prep_objects(head, "in", "at", "near")[:3]:
        start, end = span_of(place, with_place=True)
        for i in range(end - 1, start - 1, -1):
            if i in sentence.match_at and sentence.match_at[i].entry.country not in (None, "IGO"):
                entry = sentence.match_at[i].entry
                return (
                    entry.country
                    if entry.kind != "seat" or match.entry.sector not in _ABROAD
                    else None
                )
    return None


def _appositive_country(head: Token, sentence: SentenceContext) -> str | None:
    for other in children(head, "appos"):
        start, end = span_of(other)
        for i in range(start, end):
            if i in sentence.match_at and sentence.match_at[i].entry.country:
                return sentence.match_at[i].entry.country
    return None


def _genitive_country(head: Token, sentence: SentenceContext) -> str | None:
    """Country of the person a role belongs to: "Putin's military forces", "the army of Lukashenko"."""
    for other in [*children(head, "poss"), *prep_objects(head, "of")]:
        known = sentence.entities.find_person([other.text])
        if known and known.country:
            return known.country
    return None


def _conjoined_nationalities(
    head: Token, direct: Actor, sentence: SentenceContext
) -> tuple[Actor, ...]:
    """Return the other country of "French and Egyptian warships"."""
    out = []
    for word in children(head, "amod", "compound", "nmod"):
        for other in word.conjuncts:
            for token in (word, other):
                match = sentence.match_at.get(token.i)
                if match and match.entry.country and match.entry.country != direct.country:
                    out.append(
                        _placed(
                            replace(direct, country=match.entry.country, name=None),
                            sentence,
                            match.start,
                            match.end,
                        )
                    )
    return tuple({a.country: a for a in out}.values())


def _inner(
    head: Token, sentence: SentenceContext, preps: tuple[str, ...], depth: int
) -> tuple[Actor, ...]:
    """Return the actors inside a phrase that is none itself: "Haiti's efforts", "an Indian proposal"."""
    if depth > 3:
        return ()
    others = head.lemma_.lower() in _OTHERS
    for owner in [] if others else children(head, "poss"):
        found = _owner(owner, sentence) if owner.pos_ != "PRON" else ()
        if found:
            return found
    for word in children(head, "amod", "compound", "nmod"):
        match = sentence.match_at.get(word.i)
        if match and (match.entry.country or match.entry.sector in _SIDES):
            return _adjective(match.start, match.end, match.entry, sentence)
    for prep in () if others else preps:
        found = tuple(
            a
            for t in prep_objects(head, prep)[:6]
            for a in _owner(t, sentence) or _inner(t, sentence, preps, depth + 1)
        )
        if found:
            return found
    return (
        ()
        if others
        else tuple(a for owner in children(head, "poss") for a in _owner(owner, sentence))
    )


def _owner(token: Token, sentence: SentenceContext) -> tuple[Actor, ...]:
    if token.pos_ == "PRON":
        found = antecedent(token, sentence)
        return (
            (_placed(replace(found, text=token.text), sentence, token.i, token.i + 1),)
            if found
            else ()
        )
    actor = read_phrase(token, sentence)
    return (actor,) if actor else ()


def _adjective(start: int, end: int, entry: Entry, sentence: SentenceContext) -> tuple[Actor, ...]:
    name = entry.name if entry.kind in ("body", "country", "seat") else None
    return (
        _placed(
            Actor(text="", name=name, country=entry.country, sector=entry.sector),
            sentence,
            start,
            end,
        ),
    )


def _placed(actor: Actor, sentence: SentenceContext, start: int, end: int) -> Actor:
    span = sentence.doc[start:end]
    while end - start > 1 and span[-1].lower_ in ("'s", "’s", "'", "’", ","):
        end -= 1
        span = sentence.doc[start:end]
    return replace(
        actor,
        text=span.text,
        start=sentence.start + span.start_char,
        end=sentence.start + span.end_char,
    )


def is_political(actors: Sequence[Actor]) -> bool:
    """Tell whether any of the actors has a country or a sector."""
    return any(a.country or a.sector for a in actors)
