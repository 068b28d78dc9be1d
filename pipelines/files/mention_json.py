"""The JSON form of an event mention, as `newsbeam events` prints it."""

from transforms.records import Actor, EventMention


def mention_to_json(m: EventMention) -> dict[str, object]:
    """Return a mention as nested JSON: names and values are those of the tables."""
    return {
        "event": m.event,
        "type": m.type,
        "mode": m.mode,
        "quad": m.quad,
        "score": m.score,
        "contexts": list(m.contexts),
        "actor": [_actor(a) for a in m.actor],
        "recipient": [_actor(a) for a in m.recipient],
        "location": m.location,
        "country": m.country,
        "lat": m.lat,
        "lon": m.lon,
        "geo_precision": m.geo_precision,
        "date": _date(m),
        "date_precision": m.date_precision,
        "date_basis": m.date_basis,
        "modality": m.modality,
        "claimant": m.claimant,
        "claimant_country": m.claimant_country,
        "claimant_sector": m.claimant_sector,
        "via": m.via,
        "evidence": {
            "text": m.evidence,
            "field": m.evidence_field,
            "start": m.evidence_start,
            "end": m.evidence_end,
        },
        "trigger": {"text": m.trigger, "start": m.trigger_start, "end": m.trigger_end},
        "dead": m.dead,
        "injured": m.injured,
        "size": m.size,
        "confidence": m.confidence,
        "rule": m.rule,
    }


def _actor(a: Actor) -> dict[str, object]:
    return {
        "text": a.text,
        "name": a.name,
        "country": a.country,
        "sector": a.sector,
        "start": a.start,
        "end": a.end,
    }


def _date(m: EventMention) -> str | None:
    if m.date is None:
        return None
    printed = m.date.isoformat()
    return {"month": printed[:7], "year": printed[:4]}.get(m.date_precision, printed)
