"""Merge feed states and their retry queues under the lock: overlapping runs lose no page."""

import dataclasses
from collections.abc import Iterable
from datetime import datetime
from typing import TypeVar

from transforms.core.lake.encoding.arrow_rows import Row
from transforms.core.lake.encoding.from_rows import feed_state
from transforms.core.lake.encoding.to_rows import feed_row, pending_pages
from transforms.core.lake.merge.conflicts import resolve_feed
from transforms.core.lake.merge.overlay import Overlay
from transforms.core.lake.schema.tables import FEEDS
from transforms.core.urls import UrlError, url_key
from transforms.records import Batch, DequeuedPage, FeedState, PendingPage, Reject

_Page = TypeVar("_Page", PendingPage, DequeuedPage)
MAX_PENDING = 10_000
"""Pages in the retry queue of one feed; of more, those tried most often are dropped.

A judgement: the queue is a list in the feed's row, which every poll reads and rewrites. A feed that
announces 100 pages a poll reaches it after 100 polls whose pages all failed.
"""


def merge_feeds(ws: Overlay, batch: Batch) -> list[Reject]:
    """Merge the feed states of a batch; return a reject for each page dropped from a full queue.

    A feed's queue becomes what the lake holds, less what this run dequeued, plus what it queued.
    The queue that the run itself read does not count: another run may have written meanwhile.
    """
    states = {s.source.feed_id: s for s in batch.states}
    queued, dequeued = _by_feed(batch.queued), _by_feed(batch.dequeued)
    dropped: list[Reject] = []
    for feed_id in sorted(states.keys() | queued.keys() | dequeued.keys()):
        old = ws.get(FEEDS, FEEDS.folder.placeholder, (feed_id,))
        state = states.get(feed_id)
        if old is None and state is None:
            continue
        before = feed_state(old).pending if old else ()
        pending = _pending(before, dequeued.get(feed_id, []), queued.get(feed_id, []))
        dropped += [_drop(page) for page in pending[MAX_PENDING:]]
        ws.put(FEEDS, _merged(old, state, pending[:MAX_PENDING], batch))
    return dropped


def _merged(
    old: Row | None, state: FeedState | None, pending: list[PendingPage], batch: Batch
) -> Row:
    listed = {"pending": pending_pages(pending)}
    if state is None:
        return (old or {}) | listed
    new = feed_row(dataclasses.replace(state, pending=()), batch.run)
    return (resolve_feed(old, new) if old else new) | listed


def _pending(
    before: Iterable[PendingPage], dequeued: list[DequeuedPage], queued: list[PendingPage]
) -> list[PendingPage]:
    """Return the pages of the queue, least tried first."""
    tried: dict[str, int] = {}
    for taken in dequeued:
        tried[taken.url] = max(tried.get(taken.url, 0), taken.attempt)
    waiting = [page for page in before if page.attempt > tried.get(page.url, -1)]
    pages: dict[str, PendingPage] = {}
    for page in [*waiting, *queued]:
        known = pages.get(page.url)
        if known is None or _progress(page) > _progress(known):
            pages[page.url] = page
    return sorted(pages.values(), key=lambda page: (page.attempt, page.url))


def _progress(page: PendingPage) -> tuple[int, datetime]:
    return page.attempt, page.not_before


def _by_feed(pages: Iterable[_Page]) -> dict[str, list[_Page]]:
    found: dict[str, list[_Page]] = {}
    for page in pages:
        found.setdefault(page.feed_id, []).append(page)
    return found


def _drop(page: PendingPage) -> Reject:
    try:
        key = url_key(page.url)
    except UrlError:
        key = page.url
    return Reject(
        stage="fetch",
        reason="E_FETCH_DROPPED",
        key=key,
        message=f"the feed has over {MAX_PENDING} pages to retry",
        feed_id=page.feed_id,
        url=page.url,
        attempt=page.attempt,
    )
