"""Guards: conditions on the parties of an event that make it political.

A rule names its guard; an event that fails it is not reported.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from transforms.core.events.arguments.places import HAPPEN_WITH_PARTIES
from transforms.core.events.parse.sentence_context import SentenceContext
from transforms.core.events.rules.lexicon import POLITICAL_SECTORS
from transforms.records import Actor

_WITHOUT_ACTOR = frozenset(("ACCUSE", "COERCE", "SANCTION", "RETREAT", "CONCEDE"))
"""Types often reported without an actor: "the editor was arrested"."""

_NAME_WORDS = 3
"""Last words of a party of which one must be capitalised for it to have a name."""
# Earlier words may begin the sentence: with all words counted, "The cause of the crash" had a name.


@dataclass(frozen=True, slots=True)
class Parties:
    """Actors, recipients, the country of the place, and the type of an event."""

    actor: tuple[Actor, ...]
    recipient: tuple[Actor, ...]
    place: str | None
    kind: str

    @property
    def solid(self) -> bool:
        """Whether a party has a country or an office."""
        return is_solid(self.actor) or is_solid(self.recipient)


def is_solid(actors: Sequence[Actor]) -> bool:
    """Return whether an actor has a country, or a sector that is political by itself."""
    return any(a.country or a.sector in POLITICAL_SECTORS for a in actors)


def _known(actors: Sequence[Actor]) -> bool:
    return any(a.country or a.sector for a in actors)


def _named(actors: Sequence[Actor]) -> bool:
    return any(a.name or _has_capital(a.text) for a in actors)


def _has_capital(text: str) -> bool:
    return any(word[:1].isupper() for word in text.split()[-_NAME_WORDS:])


def _any(p: Parties, sentence: SentenceContext) -> bool:
    """A solid party, or two known ones; in a political article also a name or a place."""
    if p.solid or (_known(p.actor) and _known(p.recipient)):
        return True
    return sentence.entities.political and _has_name_or_place(p, sentence)


def _has_name_or_place(p: Parties, sentence: SentenceContext) -> bool:
    has_party = bool(p.actor or p.recipient)
    if _named(p.actor) or (has_party and _is_located(p, sentence)):
        return True
    if _known(p.actor) and _named(p.recipient):
        return True
    return p.kind in _WITHOUT_ACTOR and (_named(p.recipient) or _known(p.recipient))


def _is_located(p: Parties, sentence: SentenceContext) -> bool:
    if p.place is not None:
        return True
    return p.kind in HAPPEN_WITH_PARTIES and _names_country(sentence)


def _names_country(sentence: SentenceContext) -> bool:
    return any(m.entry.country not in (None, "IGO") for m in sentence.matches)


def _both(p: Parties, sentence: SentenceContext) -> bool:
    """Both parties known or named, and one of them solid or the article political."""
    acts = _known(p.actor) or _named(p.actor)
    suffers = _known(p.recipient) or _named(p.recipient) or len(p.actor) > 1
    return acts and suffers and (p.solid or sentence.entities.political)


def _states(p: Parties, _: SentenceContext) -> bool:
    """Two countries."""
    return len({a.country for a in (*p.actor, *p.recipient) if a.country}) > 1


GUARDS: Mapping[str, Callable[[Parties, SentenceContext], bool]] = {
    "any": _any,
    "both": _both,
    "states": _states,
    "solid": lambda p, _: p.solid,
    "place": lambda p, _: p.place is not None or p.solid,
    "target": lambda p, _: _known(p.actor) and is_solid(p.recipient),
    "actor": lambda p, _: _known(p.actor),
    "recipient": lambda p, _: _known(p.recipient),
}
