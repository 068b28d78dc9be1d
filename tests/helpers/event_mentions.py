"""Rows of event mentions, as the clusters of events read them."""

from datetime import UTC, datetime
from typing import Any

AT = datetime(2024, 5, 6, tzinfo=UTC)


def event_mention(article: str, event: int, who: str, **fields: Any) -> dict[str, Any]:
    """Return the row of a mention, with these fields of it instead of those of a meeting."""
    values = {
        "article_id": article,
        "event": event,
        "mention_id": f"{article}{event}{who}",
        "type": "CONSULT",
        "mode": None,
        "actor": [
            {"name": who, "country": None, "sector": None, "text": who, "start": 0, "end": 1}
        ],
        "recipient": [],
        "published_at": AT,
        "evidence_start": 0,
        "modality": "actual",
        "claimant": None,
        "confidence": 0.5,
    }
    return values | fields
