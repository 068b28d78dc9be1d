"""Group the mentions of one event, and choose the canonical mention of each group."""

from collections.abc import Iterable, Sequence
from typing import Any

Mention = dict[str, Any]
Signature = tuple[Any, ...]
"""Type, mode and parties of a mention, by which it is matched to those of other articles."""
MODALITIES = ("actual", "historical", "future", "hypothetical", "negated")
_FIELD_BUNDLES = (
    ("recipient", "recipient_name", "recipient_country", "recipient_sector"),
    ("location", "country", "admin1", "lat", "lon", "geo_precision"),
    ("date", "date_precision", "date_basis"),
    ("dead",),
    ("injured",),
    ("size",),
)
"""Fields that are only filled together, since they describe one thing; a mention has a bundle if it
has the first field."""


def event_clusters(articles: Iterable[Sequence[Mention]]) -> list[list[Mention]]:
    """Return the mentions of a story's copies by event, in report order.

    Within an article the coder has numbered the events. Across articles, two events are the same if
    they have a mention with the same signature, and are both the n-th of their article with it.
    """
    parents: dict[Signature, Signature] = {}
    events: list[tuple[Signature, list[Mention]]] = []
    for mentions in articles:
        for event, signatures in _with_signatures(_events_of(mentions)):
            _join(signatures, parents)
            events.append((signatures[0], event))
    groups: dict[Signature, list[Mention]] = {}
    for signature, event in events:
        groups.setdefault(_root(signature, parents), []).extend(event)
    clusters = [sorted(group, key=report_order) for group in groups.values()]
    return sorted(clusters, key=lambda cluster: report_order(cluster[0]))


def _join(signatures: Sequence[Signature], parents: dict[Signature, Signature]) -> None:
    """Join the groups that have a signature of one event: they prove to be one event.

    `parents` are a forest, each tree of which is a group, so that no member of a group is moved.
    """
    first = _root(signatures[0], parents)
    for signature in signatures[1:]:
        parents[_root(signature, parents)] = first


def _root(signature: Signature, parents: dict[Signature, Signature]) -> Signature:
    """Return the signature that stands for a signature's group, and shorten the way to it."""
    parent = parents.setdefault(signature, signature)
    while parent != signature:
        parents[signature] = signature = parents[parent]
        parent = parents[signature]
    return signature


def _with_signatures(
    events: list[list[Mention]],
) -> list[tuple[list[Mention], list[Signature]]]:
    """Return each event of an article with the signatures of its mentions.

    Signatures end with the event's number among the article's events that have the same one.
    """
    counts: dict[Signature, int] = {}
    result = []
    for event in events:
        numbered = []
        for signature in dict.fromkeys(_signature(m) for m in event):
            counts[signature] = counts.get(signature, 0) + 1
            numbered.append((*signature, counts[signature]))
        result.append((event, numbered))
    return result


def report_order(m: Mention) -> tuple[Any, ...]:
    """Return the sort key that orders mentions by publication, then by place in the article."""
    return m["published_at"], m["article_id"], m["event"], m["evidence_start"], m["mention_id"]


def _events_of(mentions: Sequence[Mention]) -> list[list[Mention]]:
    """Return an article's mentions by the coder's event number."""
    by_number: dict[int, list[Mention]] = {}
    for m in sorted(mentions, key=report_order):
        by_number.setdefault(m["event"], []).append(m)
    return [by_number[n] for n in sorted(by_number)]


def _signature(m: Mention) -> Signature:
    return m["type"], m["mode"], _parties(m["actor"]), _parties(m["recipient"])


def _parties(actors: Sequence[Mention]) -> tuple[str, ...]:
    return tuple(
        sorted(a["name"] or f"{a['country']} {a['sector']} {a['text'].lower()}" for a in actors)
    )


def canonical_order(m: Mention) -> tuple[Any, ...]:
    """Return the sort key by which the canonical mention of an event comes first."""
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
    """Return the named fields of an event, and which of them come from other mentions.

    Fields are those of the canonical mention; a bundle that it lacks is filled from the next
    mention, in canonical order, that has it.
    """
    canonical, *others = sorted(mentions, key=canonical_order)
    fields = {name: canonical[name] for name in names}
    filled = []
    for bundle in _FIELD_BUNDLES:
        first_field = bundle[0]
        if _has(fields, first_field):
            continue
        source = next((m for m in others if _has(m, first_field)), None)
        if source is None:
            continue
        fields |= {name: source[name] for name in bundle}
        if first_field == "recipient":
            fields["recipient"] = _without_offsets(fields["recipient"])
        filled.append({"field": first_field, "mention_id": source["mention_id"]})
    return fields, filled


def _has(m: Mention, field: str) -> bool:
    return m[field] not in (None, [])


def _without_offsets(actors: Iterable[Mention]) -> list[Mention]:
    # The offsets are those of another article than the event's.
    return [actor | {"start": None, "end": None} for actor in actors]
