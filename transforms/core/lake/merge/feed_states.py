"""Feed states in the lake, and the pages still owed: merged under the lock, so that runs that overlap lose none."""

import dataclasses
from collections.abc import Iterable

from transforms.core.lake.encoding.rows import Row, feed_row, feed_state
from transforms.core.lake.merge.conflicts import resolve_feed
from transforms.core.lake.merge.overlay import Workspace
from transforms.core.lake.schema.tables import FEEDS
from transforms.core.urls import UrlError, url_key
from transforms.records import Batch, FeedState, PendingPage, Reject

MAX_PENDING = 10_000
"""Pages that one feed may be owed; of more, those tried most often are given up."""


def merge_feeds(ws: Workspace, piece: Batch) -> list[Reject]:
    """Merge the states of a slice; return rejects for the pages that are given up because too many are owed.

    What is pending is what the lake holds, less what this run took, and what this run owes. The state that a run began
    with is no part of it, since another run may have written in the meantime.
    """
    states = {s.source.feed_id: s for s in piece.states}
    owed, taken = _by_feed(piece.owed), _by_feed(piece.taken)
    dropped: list[Reject] = []
    for feed_id in sorted(states.keys() | owed.keys() | taken.keys()):
        old = ws.get(FEEDS, FEEDS.folder.placeholder, (feed_id,))
        state = states.get(feed_id)
        if old is None and state is None:
            continue
        before = feed_state(old).pending if old else ()
        pending = _pending(before, taken.get(feed_id, []), owed.get(feed_id, []))
        dropped += [_given_up(p) for p in pending[MAX_PENDING:]]
        ws.put(FEEDS, _merged(old, state, pending[:MAX_PENDING], piece))
    return dropped


def _merged(
    old: Row | None, state: FeedState | None, pending: list[PendingPage], piece: Batch
) -> Row:
    listed = {
        "pending": [
            {"url": p.url, "attempt": p.attempt, "not_before": p.not_before}
            for p in _by_url(pending)
        ]
    }
    if state is None:
        return (old or {}) | listed
    new = feed_row(dataclasses.replace(state, pending=()), piece.run)
    return (resolve_feed(old, new) if old else new) | listed


def _pending(
    before: Iterable[PendingPage], taken: list[PendingPage], owed: list[PendingPage]
) -> list[PendingPage]:
    """Return the pages owed now, least tried first."""
    tried: dict[str, int] = {}
    for page in taken:
        tried[page.url] = max(tried.get(page.url, 0), page.attempt)
    pages: dict[str, PendingPage] = {}
    for page in [*(p for p in before if p.attempt > tried.get(p.url, -1)), *owed]:
        known = pages.get(page.url)
        if known is None or (page.attempt, page.not_before) > (known.attempt, known.not_before):
            pages[page.url] = page
    return sorted(pages.values(), key=lambda p: (p.attempt, p.url))


def _by_url(pages: list[PendingPage]) -> list[PendingPage]:
    return sorted(pages, key=lambda p: p.url)


def _by_feed(pages: Iterable[PendingPage]) -> dict[str, list[PendingPage]]:
    found: dict[str, list[PendingPage]] = {}
    for page in pages:
        found.setdefault(page.feed_id, []).append(page)
    return found


def _given_up(page: PendingPage) -> Reject:
    try:
        key = url_key(page.url)
    except UrlError:
        key = page.url
    return Reject(
        stage="fetch",
        reason="E_FETCH_DROPPED",
        key=key,
        message=f"over {MAX_PENDING} pages are owed to this feed",
        feed_id=page.feed_id,
        url=page.url,
        attempt=page.attempt,
    )
