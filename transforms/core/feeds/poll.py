"""Decide whether a feed is due, and on its next state after a response, for batch and stream.

Nothing here raises: errors become rejects of the outcome.
"""

import hashlib
from dataclasses import replace
from datetime import datetime, timedelta

from transforms.core.feeds import bounds, hints, intervals
from transforms.core.feeds.document_faults import counts_of, fault_of, lost_items
from transforms.core.feeds.health import MAX_REASON, NO_ITEMS, judge
from transforms.core.feeds.moves import count_move, is_moved, polled_url
from transforms.core.feeds.parse import parse_feed
from transforms.core.feeds.parsed import ParsedEntry, ParsedFeed, distinct
from transforms.core.feeds.poll_failures import failed_poll
from transforms.core.feeds.poll_types import Polled, PollRequest, PollResponse
from transforms.core.fetch.headers import MAX_HEADER
from transforms.core.urls import url_key
from transforms.errors import FeedError, NewsbeamError
from transforms.records import FeedEntry, FeedSource, FeedState

# How often a feed is requested without validators: some servers answer 304 although it changed.
FULL_POLL_EVERY = timedelta(days=1)

ACCEPT = (
    "application/rss+xml, application/atom+xml, application/feed+json, "
    "application/xml;q=0.9, */*;q=0.5"
)


def poll_request(state: FeedState, now: datetime) -> PollRequest | None:
    """Return the request to make, or None for a feed that is not due or switched off."""
    is_due = state.next_due_at is None or state.next_due_at <= now
    if not state.source.enabled or not is_due:
        return None
    headers = {"Accept": ACCEPT}
    may_be_conditional = (
        state.last_full_at is not None and now - state.last_full_at < FULL_POLL_EVERY
    )
    if may_be_conditional and state.etag:
        headers["If-None-Match"] = state.etag
    if may_be_conditional and state.last_modified:
        headers["If-Modified-Since"] = state.last_modified
    return PollRequest(url=polled_url(state), headers=headers)


def needs_parsing(state: FeedState, response: PollResponse) -> bool:
    """Return whether a response brought another document than the last one."""
    if response.error is not None or response.status is None or response.status == 304:
        return False
    return _digest(response) != state.body_sha256


def poll(state: FeedState, now: datetime, response: PollResponse) -> Polled:
    """Return the feed's next state and the entries of a changed document.

    The retry queue stays as it is.
    """
    state = replace(state, last_fetch_at=now, snapshot_at=now)
    if response.error is not None:
        return failed_poll(state, now, response.error, response)
    if response.status is None:
        missing = NewsbeamError("no response", reason="E_FETCH_FAILED", retryable=True)
        return failed_poll(state, now, missing, response)
    if needs_parsing(state, response):
        return _changed(state, now, response)
    if response.status == 304 and state.body_sha256 is None:
        unexpected = FeedError("304 for a document that was never fetched", reason="E_FEED_304")
        return failed_poll(state, now, unexpected, response)
    return _unchanged(state, now, response)


def _changed(state: FeedState, now: datetime, response: PollResponse) -> Polled:
    """Return the outcome of a new document."""
    is_cut = len(response.content) >= bounds.MAX_FEED_BYTES
    url = response.final_url or state.source.feed_url
    try:
        feed = parse_feed(
            response.content,
            content_type=response.content_type,
            url=url,
            now=now,
            language=state.source.language,
        )
    except FeedError as error:
        if is_cut:
            message = f"over {bounds.MAX_FEED_BYTES} bytes: {error}"
            error = FeedError(message, reason="E_FEED_TOO_LARGE")
        return failed_poll(state, now, error, response)
    dates = _credible_dates(feed, now)
    state = replace(
        _with_validators(count_move(state, response.moved_to), response, now),
        source=_described(state.source, feed),
        body_sha256=_digest(response),
        last_item_at=max([*dates, *_known(state.last_item_at)], default=None),
        item_gap_s=intervals.item_gap_s(dates) or state.item_gap_s,
        requested_interval_s=feed.requested_interval_s,
        skip_times=feed.skip_times,
    )
    fault = fault_of(feed, is_cut=is_cut)
    return Polled(
        state=_succeeded(
            state, now, response, changed=True, is_empty=not feed.entries, fault=fault
        ),
        status="ok",
        entries=_entries(state.source, feed, now),
        counts=counts_of(feed),
        fault=fault,
        rejects=lost_items(state, feed, is_cut=is_cut),
    )


def _unchanged(state: FeedState, now: datetime, response: PollResponse) -> Polled:
    """Return the outcome of an unchanged document; its validators may have changed."""
    state = count_move(state, response.moved_to)
    if response.status != 304:
        state = _with_validators(state, response, now)
    is_empty = state.health == "stale" and state.health_reason == NO_ITEMS
    after = _succeeded(state, now, response, changed=False, is_empty=is_empty)
    if after.health == "ok" and _has_faulty_document(state):
        after = replace(after, health_reason=state.health_reason)
    return Polled(state=after, status="not_modified")


def _has_faulty_document(state: FeedState) -> bool:
    """Return whether the last poll found a fault in the document, which it still has."""
    is_fault = (state.health_reason or "").startswith("E_FEED_")
    return is_fault and not state.consecutive_failures


def _succeeded(
    state: FeedState,
    now: datetime,
    response: PollResponse,
    *,
    changed: bool,
    is_empty: bool,
    fault: tuple[str, str] | None = None,
) -> FeedState:
    """Return the state after a poll that succeeded: when it is due again, and its health."""
    idle_s = (now - state.last_item_at).total_seconds() if state.last_item_at else None
    natural_s = intervals.next_interval_s(
        state.poll_interval_s, gap_s=state.item_gap_s, idle_s=idle_s, changed=changed
    )
    requested_s = max(state.requested_interval_s or 0, response.fresh_s or 0)
    interval_s = hints.bounded(max(natural_s, requested_s))
    health, reason = (
        ("stale", NO_ITEMS) if is_empty else judge(state, now, duration_ms=response.duration_ms)
    )
    return replace(
        state,
        poll_interval_s=interval_s,
        next_due_at=hints.not_skipped(now + timedelta(seconds=interval_s), state.skip_times),
        last_success_at=now,
        consecutive_failures=0,
        backoff_until=None,
        health=health,
        health_reason=reason or _remark(state, fault),
    )


def _remark(state: FeedState, fault: tuple[str, str] | None) -> str | None:
    """Return the remark on a healthy feed: its document's fault, or its move."""
    if fault is not None:
        code, message = fault
        return f"{code}: {message}"[:MAX_REASON]
    return f"moved permanently to {state.moved_to}"[:MAX_REASON] if is_moved(state) else None


def _credible_dates(feed: ParsedFeed, now: datetime) -> list[datetime]:
    """Return the dates of items, without those that were corrected or are after now."""
    stated = [entry.published_at for entry in feed.entries if not entry.date_flag]
    return [date for date in stated if date is not None and date <= now]


def _known(at: datetime | None) -> list[datetime]:
    return [] if at is None else [at]


def _with_validators(state: FeedState, response: PollResponse, now: datetime) -> FeedState:
    """Return the state with the validators of a response that brought the whole document."""
    return replace(
        state,
        etag=_validator(response.etag),
        last_modified=_validator(response.last_modified),
        last_full_at=now,
    )


def _validator(value: str | None) -> str | None:
    """Return a validator that may be sent back in a header, or None.

    One of MAX_HEADER characters may have been cut.
    """
    if value is None or not 0 < len(value) < MAX_HEADER:
        return None
    return value if value.isascii() and value.isprintable() else None


def _digest(response: PollResponse) -> str:
    return hashlib.sha256(response.content).hexdigest()


def _described(source: FeedSource, feed: ParsedFeed) -> FeedSource:
    """Return the source; what its list does not give is filled in from the document."""
    return replace(
        source,
        title=source.title or feed.title,
        site_url=source.site_url or feed.site_url,
        language=source.language or feed.language,
    )


def _entries(source: FeedSource, feed: ParsedFeed, now: datetime) -> tuple[FeedEntry, ...]:
    """Return the items that have a link, each link once."""
    return tuple(_entry(source, item, item.url, now) for item in distinct(feed.entries) if item.url)


def _entry(source: FeedSource, item: ParsedEntry, url: str, now: datetime) -> FeedEntry:
    return FeedEntry(
        url=url,
        url_key=url_key(url),
        entry_id=item.entry_id,
        feed_id=source.feed_id,
        title=item.title,
        published_at=item.published_at,
        author=item.author,
        summary=item.summary,
        language=item.language or source.language,
        first_seen_at=now,
        date_flag=item.date_flag,
    )
