"""Serialise a rejected entry for the lake, and restore it to be fetched again."""

import dataclasses
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from transforms.core.urls import UrlError, url_key
from transforms.records import FeedEntry

# `rejects.payload` in characters; an entry is a few KiB, unless a feed has a whole article in its
# summary, which a retry does not need.
MAX_PAYLOAD = 64 * 1024
_TIMES = ("published_at", "first_seen_at")


def entry_payload(entry: FeedEntry) -> tuple[str, bool]:
    """Return an entry as ASCII JSON, at most 64 Ki characters, and whether it was truncated."""
    text = json.dumps(dataclasses.asdict(entry), default=_plain, sort_keys=True)
    return text[:MAX_PAYLOAD], len(text) > MAX_PAYLOAD


def entry_from_payload(payload: str) -> FeedEntry:
    """Return the entry of a payload; raise ValueError if it is truncated or not an entry."""
    try:
        kept = json.loads(payload)
        fields = {f.name: kept[f.name] for f in dataclasses.fields(FeedEntry) if f.name in kept}
        times = {
            name: datetime.fromisoformat(fields[name])
            for name in _TIMES
            if fields.get(name) is not None
        }
        return FeedEntry(**fields | times | {"url_key": url_key(fields["url"])})
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not an entry of a feed: {error}") from error


def replay_entry(reject: Mapping[str, Any], now: datetime) -> FeedEntry | None:
    """Return the entry of a row of `rejects`, with its attempts reset.

    Without a usable payload it is made from the URL alone; None if the URL is not usable either.
    """
    try:
        return dataclasses.replace(entry_from_payload(reject["payload"] or ""), attempt=0)
    except ValueError:
        pass
    try:
        key = url_key(reject["url"] or "")
    except UrlError:
        return None
    return FeedEntry(url=reject["url"], url_key=key, feed_id=reject["feed_id"], first_seen_at=now)


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
