"""The retry queue of a feed: pages that its entries announced and that are still to be fetched."""

import hashlib
from dataclasses import replace
from datetime import datetime

from transforms.core.urls import url_key
from transforms.records import FeedEntry, FeedState, PendingPage


def dequeue_due(
    state: FeedState, now: datetime, entries: tuple[FeedEntry, ...] = ()
) -> tuple[FeedState, list[FeedEntry]]:
    """Return the state without the pages that are due, and these pages as entries.

    A page that is also in the document's `entries` gets the title, dates and text from there.
    """
    due = [page for page in state.pending if page.not_before <= now]
    if not due:
        return state, []
    rest = tuple(page for page in state.pending if page.not_before > now)
    by_key = {entry.url_key: entry for entry in entries}
    # snapshot_at is bumped: a merge of equal timestamps could restore the pages.
    dequeued = replace(state, pending=rest, snapshot_at=now)
    return dequeued, [_retry_entry(page, state, by_key) for page in due]


def drop_queued(state: FeedState, entries: tuple[FeedEntry, ...]) -> tuple[FeedEntry, ...]:
    """Return the entries whose page is not in the retry queue of `state`, before `dequeue_due`."""
    queued = {_key(page.url) for page in state.pending}
    return tuple(entry for entry in entries if entry.url_key not in queued)


def _retry_entry(page: PendingPage, state: FeedState, by_key: dict[str, FeedEntry]) -> FeedEntry:
    key = _key(page.url)
    listed = by_key.get(key)
    if listed is not None:
        return replace(listed, attempt=page.attempt)
    return FeedEntry(
        url=page.url,
        url_key=key,
        feed_id=page.feed_id,
        language=state.source.language,
        first_seen_at=min(page.not_before, state.snapshot_at),
        attempt=page.attempt,
    )


def _key(url: str) -> str:
    """Return the URL's key; a hash for a malformed one, so that its page is still retried."""
    try:
        return url_key(url)
    except ValueError:
        return hashlib.md5(url.encode("utf-8", "replace"), usedforsecurity=False).hexdigest()
