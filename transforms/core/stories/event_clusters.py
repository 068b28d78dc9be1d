"""Which mentions report the same event, and which of them speaks for it."""

from collections.abc import Iterable, Sequence
from typing import Any

Mention = dict[str, Any]
MODALITIES = ("actual", "historical", "future", "hypothetical", "negated")
_FILLED = (
    ("recipient", "recipient_name", "recipient_country", "recipient_sector"),
    ("location", "country", "admin1", "lat", "lon", "geo_precision"),
    ("date", "date_precision", "date_basis"),
    ("dead",),
    ("injured",),
    ("size",),
)
"""Fields that are filled together; the first of each says whether they are there."""


def event_clusters(articles: Iterable[Sequence[Mention]]) -> list[list[Mention]]:
    """Return the mentions of a story's copies, those of one event together, in order of report.

    Within an article the coder numbered its events. Across copies, the n-th of those that a mention
    tells with the same type, mode and parties is the same.
    """
    groups: list[list[Mention]] = []
    known: dict[tuple[Any, ...], list[Mention]] = {}
    for mentions in articles:
        for signs, event in _signed(_by_number(mentions)):
            group: list[Mention] = []
            for sign in signs:
                same = known.get(sign, group)
                if same is not group:
                    _move(group, same, known)
                    group = same
            group.extend(event)
            known |= dict.fromkeys(signs, group)
            if not any(group is g for g in groups):
                groups.append(group)
    found = (sorted(g, key=report_order) for g in groups if g)
    return sorted(found, key=lambda c: report_order(c[0]))


def _move(
    group: list[Mention], to: list[Mention], known: dict[tuple[Any, ...], list[Mention]]
) -> None:
    """Empty a group into another that turned out to be the same event."""
    to.extend(group)
    group.clear()
    for sign in [s for s, g in known.items() if g is group]:
        known[sign] = to


def _signed(events: list[list[Mention]]) -> list[tuple[list[tuple[Any, ...]], list[Mention]]]:
    """Return each event of an article with what its mentions say, numbered among those that say the
    same.
    """
    numbers: dict[tuple[Any, ...], int] = {}
    out = []
    for event in events:
        signs = []
        for sign in dict.fromkeys(_signature(m) for m in event):
            numbers[sign] = numbers.get(sign, 0) + 1
            signs.append((*sign, numbers[sign]))
        out.append((signs, event))
    return out


def report_order(m: Mention) -> tuple[Any, ...]:
    """Return what orders mentions by their report."""
    return m["published_at"], m["article_id"], m["event"], m["evidence_start"], m["mention_id"]


def _by_number(mentions: Sequence[Mention]) -> list[list[Mention]]:
    by_number: dict[int, list[Mention]] = {}
    for m in sorted(mentions, key=report_order):
        by_number.setdefault(m["event"], []).append(m)
    return [by_number[n] for n in sorted(by_number)]


def _signature(m: Mention) -> tuple[Any, ...]:
    return m["type"], m["mode"], _parties(m["actor"]), _parties(m["recipient"])


def _parties(actors: Sequence[Mention]) -> tuple[str, ...]:
    return tuple(
        sorted(a["name"] or f"{a['country']} {a['sector']} {a['text'].lower()}" for a in actors)
    )


def canonical_order(m: Mention) -> tuple[Any, ...]:
    """Return what orders mentions by how well they speak for their event."""
    return (
        MODALITIES.index(m["modality"]),
        m["claimant"] is not None,
        -m["confidence"],
        m["published_at"],
        m["mention_id"],
    )


def merge_event_fields(
    mentions: Sequence[Mention], names: Iterable[str]
) -> tuple[Mention, list[dict[str, str]]]:
    """Return the event's fields, of the best mention, what it lacks from the next that has it, and
    what came whence.
    """
    ranked = sorted(mentions, key=canonical_order)
    best = ranked[0]
    fields = {k: best[k] for k in names}
    filled = []
    for bundle in _FILLED:
        if fields[bundle[0]] not in (None, []):
            continue
        source = next((m for m in ranked[1:] if m[bundle[0]] not in (None, [])), None)
        if source is not None:
            fields |= {k: source[k] for k in bundle}
            filled.append({"field": bundle[0], "mention_id": source["mention_id"]})
    if any(f["field"] == "recipient" for f in filled):
        fields["recipient"] = [r | {"start": None, "end": None} for r in fields["recipient"]]
    return fields, filled
