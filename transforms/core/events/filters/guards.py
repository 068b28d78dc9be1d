"""Are the parties of an event such that it is worth telling: does anybody political act or suffer?

A rule names its guard; the words of `rules/events` have these.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from transforms.core.events.parse.sentence_context import SentenceContext
from transforms.core.events.rules.lexicon import POLITICAL_SECTORS
from transforms.records import Actor

LOCAL = frozenset(
    ("PROTEST", "ASSAULT", "COERCE", "MOBILIZE", "AID", "RETREAT", "CONSULT", "SANCTION")
)
"""What happens where those are who do it or have it done to them."""

_DONE_TO = frozenset(("ACCUSE", "COERCE", "SANCTION", "RETREAT", "CONCEDE"))
"""What may be told without who does it: "the editor was arrested"."""


@dataclass(frozen=True, slots=True)
class Parties:
    """Who acts on whom, in which country, and the type of the event."""

    actor: tuple[Actor, ...]
    recipient: tuple[Actor, ...]
    place: str | None
    kind: str

    @property
    def solid(self) -> bool:
        """Whether a party has a country or an office."""
        return is_solid(self.actor) or is_solid(self.recipient)


def is_solid(actors: Sequence[Actor]) -> bool:
    """Tell whether one has a country, or a sector that is political by itself."""
    return any(a.country or a.sector in POLITICAL_SECTORS for a in actors)


def _known(actors: Sequence[Actor]) -> bool:
    return any(a.country or a.sector for a in actors)


def _named(actors: Sequence[Actor]) -> bool:
    return any(a.name or any(w[:1].isupper() for w in a.text.split()[-3:]) for a in actors)


def _any(p: Parties, sentence: SentenceContext) -> bool:
    """A party with country or office, or both known; in a political article a name, or a place, does."""
    return (
        p.solid
        or (_known(p.actor) and _known(p.recipient))
        or (sentence.entities.political and _grounded(p, sentence))
    )


def _grounded(p: Parties, sentence: SentenceContext) -> bool:
    here = p.place is not None or (p.kind in LOCAL and _names_country(sentence))
    done_to = p.kind in _DONE_TO and (_named(p.recipient) or _known(p.recipient))
    told = bool(p.actor or p.recipient)
    return (
        (here and told) or _named(p.actor) or (_known(p.actor) and _named(p.recipient)) or done_to
    )


def _names_country(sentence: SentenceContext) -> bool:
    return any(m.entry.country not in (None, "IGO") for m in sentence.matches)


def _both(p: Parties, sentence: SentenceContext) -> bool:
    """Both parties known or named, one of them political, or the article."""
    acts = _known(p.actor) or _named(p.actor)
    suffers = _known(p.recipient) or _named(p.recipient) or len(p.actor) > 1
    return acts and suffers and (p.solid or sentence.entities.political)


def _states(p: Parties, sentence: SentenceContext) -> bool:
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
