"""Which mentions of an article report the same event?"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from transforms.records import Actor, EventMention


def carry_dates(mentions: Sequence[EventMention]) -> list[EventMention]:
    """Give what a speaker tells without a date the day on which the article, before, has that speaker speak."""
    spoken: dict[str, EventMention] = {}
    out = []
    for mention in mentions:
        said = spoken.get(mention.claimant or "")
        if (
            said is not None
            and mention.date_basis in ("publication", "none")
            and mention.modality == "actual"
        ):
            mention = replace(mention, date=said.date, date_precision="day", date_basis="relative")
        elif (
            mention.claimant
            and mention.date_basis in ("explicit", "relative")
            and _is_recent(mention)
        ):
            spoken.setdefault(mention.claimant, mention)
        out.append(mention)
    return out


def _is_recent(mention: EventMention) -> bool:
    return (
        mention.date is not None
        and mention.date_precision == "day"
        and mention.modality == "actual"
    )


def number(mentions: Sequence[EventMention]) -> tuple[EventMention, ...]:
    """Give mentions of one event the same number, from 1 in order of reading."""
    groups: list[list[EventMention]] = []
    out = []
    for mention in mentions:
        n = next(
            (
                i
                for i, g in enumerate(groups)
                if all(_same(mention, other) for other in (g[0], g[-1]))
            ),
            None,
        )
        if n is None:
            groups.append([])
            n = len(groups) - 1
        groups[n].append(mention)
        out.append(replace(mention, event=n + 1))
    return tuple(out)


def _same(a: EventMention, b: EventMention) -> bool:
    if a.type != b.type or (a.mode and b.mode and a.mode != b.mode):
        return False
    if (a.evidence_field, a.trigger_start) == (b.evidence_field, b.trigger_start):
        return False
    if not (
        _compatible(a.actor, b.actor) and _compatible(a.recipient, b.recipient)
    ) or not _same_time(a, b):
        return False
    return a.rule == b.rule or _stem(a.trigger) == _stem(b.trigger)


def _compatible(a: Sequence[Actor], b: Sequence[Actor]) -> bool:
    left, right = _countries(a), _countries(b)
    if left and right:
        return bool(left & right)
    names = {x.name or x.text for x in a}, {x.name or x.text for x in b}
    return not a or not b or bool(names[0] & names[1]) or not (left or right)


def _countries(actors: Iterable[Actor]) -> set[str]:
    return {a.country for a in actors if a.country}


def _same_time(a: EventMention, b: EventMention) -> bool:
    said = {"explicit", "relative"}
    if a.date is None or b.date is None or a.date_basis not in said or b.date_basis not in said:
        return True
    return a.date == b.date or abs((a.date - b.date).days) <= (
        0 if a.date_precision == b.date_precision == "day" else 31
    )


def _stem(trigger: str) -> str:
    return trigger.split(maxsplit=1)[0].lower()[:5] if trigger.split() else ""
