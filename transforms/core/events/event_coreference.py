"""Event coreference within an article: which mentions report the same event."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import islice

from transforms.records import Actor, EventMention

_STATED_BASES = frozenset(("explicit", "relative"))

_MAX_DAYS_APART = 31
"""Maximum days between two dates of one event if one is only a week, a month or a year."""
# A coarse date is stored as the first day of its period, and a month has up to 31 days. If one
# mention gives only a year, the other may be months from its first day: they stay separate events.

_STEM_LENGTH = 5
"""Letters by which triggers are compared: "attack", "attacked" and "attackers" are one stem."""
# Shorter stems merge unrelated words ("reject", "rejoin"), longer ones part "attack" from
# "attacked".


_MAX_COMPARED = 1_000
"""Events of an article with which a mention is compared, the first ones. Each has other parties or
dates than the others, and no article reports so many; it bounds the cost of a page that is made to.
"""


def number_events(mentions: Sequence[EventMention]) -> tuple[EventMention, ...]:
    """Return the mentions with the same number for those of one event, from 1 in reading order.

    A mention joins the first event whose first and last mentions it agrees with.
    """
    events: list[list[EventMention]] = []
    numbered = []
    for mention in mentions:
        index = _find_event(mention, events)
        if index == len(events):
            events.append([])
        events[index].append(mention)
        numbered.append(replace(mention, event=index + 1))
    return tuple(numbered)


def _find_event(mention: EventMention, events: Sequence[Sequence[EventMention]]) -> int:
    """Return the index of the event that a mention reports; one past the last for a new event."""
    for index, event in enumerate(islice(events, _MAX_COMPARED)):
        if _corefer(mention, event[0]) and _corefer(mention, event[-1]):
            return index
    return len(events)


def _corefer(a: EventMention, b: EventMention) -> bool:
    if a.type != b.type or (a.mode and b.mode and a.mode != b.mode):
        return False
    if (a.evidence_field, a.trigger_start) == (b.evidence_field, b.trigger_start):
        return False  # a rule that adds a second type reports two events at one trigger
    if not _same_participants(a, b) or not _same_time(a, b):
        return False
    return a.rule == b.rule or _stem(a.trigger) == _stem(b.trigger)


def _same_participants(a: EventMention, b: EventMention) -> bool:
    return _compatible(a.actor, b.actor) and _compatible(a.recipient, b.recipient)


def _compatible(a: Sequence[Actor], b: Sequence[Actor]) -> bool:
    """Return whether two lists may name the same parties.

    They do if they share a country or a name, or if one side is unknown.
    """
    left, right = _countries(a), _countries(b)
    if left and right:
        return bool(left & right)
    if not a or not b or not (left or right):
        return True
    return bool(_names(a) & _names(b))


def _countries(actors: Iterable[Actor]) -> set[str]:
    return {a.country for a in actors if a.country}


def _names(actors: Iterable[Actor]) -> set[str]:
    return {a.name or a.text for a in actors}


def _same_time(a: EventMention, b: EventMention) -> bool:
    if a.date is None or b.date is None:
        return True
    if a.date_basis not in _STATED_BASES or b.date_basis not in _STATED_BASES:
        return True
    if a.date_precision == b.date_precision == "day":
        return a.date == b.date
    return abs((a.date - b.date).days) <= _MAX_DAYS_APART


def _stem(trigger: str) -> str:
    words = trigger.split()
    return words[0].lower()[:_STEM_LENGTH] if words else ""
