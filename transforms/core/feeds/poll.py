"""Is a feed due, and what does an answer make of it? The decision that batch and stream share; it never raises."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from transforms.core.feeds.parse import parse_feed
from transforms.core.feeds.parsed import ParsedEntry, ParsedFeed
from transforms.core.fetch.backoff import LONGEST_WAIT, backoff
from transforms.core.fetch.headers import MAX_HEADER, clean_text
from transforms.core.urls import url_key
from transforms.errors import FeedError, NewsbeamError
from transforms.records import FeedEntry, FeedSource, FeedState, OwedPage, Reject

DEFAULT_INTERVAL_S = 3600
FAILURES_UNTIL_FAILING = 3
GONE_WAIT = timedelta(days=7)
ACCEPT = "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, */*;q=0.5"


@dataclass(frozen=True, slots=True, kw_only=True)
class PollRequest:
    """What to ask for: the feed's link, and the headers that let its server answer 304."""

    url: str
    headers: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class PollResponse:
    """What came of it: an answer (200 or 304), or the error instead of one."""

    status: int | None = None
    final_url: str | None = None
    moved_to: str | None = None
    content: bytes = b""
    content_type: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    retry_after_s: float | None = None
    error: NewsbeamError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Polled:
    """A poll's outcome. `status` is that of `fetches`; `entries` are those of a document that changed."""

    state: FeedState
    status: str
    entries: tuple[FeedEntry, ...] = ()
    feed: ParsedFeed | None = None
    reject: Reject | None = None


def new_state(source: FeedSource, now: datetime) -> FeedState:
    """Return the state of a feed never polled: due at once."""
    return FeedState(source=source, first_seen_at=now, snapshot_at=now)


def poll_request(state: FeedState, now: datetime) -> PollRequest | None:
    """Return the request to make, or None for a feed that is not due or switched off."""
    if not state.source.enabled or (state.next_due_at is not None and state.next_due_at > now):
        return None
    headers = {"Accept": ACCEPT}
    if state.etag:
        headers["If-None-Match"] = state.etag
    if state.last_modified:
        headers["If-Modified-Since"] = state.last_modified
    return PollRequest(url=state.source.feed_url, headers=headers)


def poll(state: FeedState, now: datetime, response: PollResponse) -> Polled:
    """Return the feed's next state and the entries of a changed document. What is pending is never lost."""
    state = replace(state, last_fetch_at=now, snapshot_at=now)
    if response.error is not None or response.status is None:
        error = response.error or NewsbeamError("no answer", reason="E_FETCH_FAILED", retryable=True)
        return _failed(state, now, error, response)
    state = _moved(state, response.moved_to)
    digest = hashlib.sha256(response.content).hexdigest()
    if response.status == 304 or digest == state.body_sha256:
        return Polled(state=_succeeded(state, now), status="not_modified")
    url = response.final_url or state.source.feed_url
    try:
        feed = parse_feed(response.content, content_type=response.content_type, url=url, now=now)
    except FeedError as error:
        return _failed(state, now, error, response)
    dates = [entry.published_at for entry in feed.entries if entry.published_at and entry.published_at <= now]
    state = replace(
        _succeeded(state, now),
        source=_described(state.source, feed),
        etag=_validator(response.etag),
        last_modified=_validator(response.last_modified),
        body_sha256=digest,
        last_item_at=max([*dates, state.last_item_at] if state.last_item_at else dates, default=None),
    )
    return Polled(state=state, status="ok", entries=_entries(state.source, feed, now), feed=feed)


def put_off(state: FeedState, now: datetime, wait_s: float | None) -> FeedState:
    """Return the state of a feed whose site keeps us waiting: due after the wait; without one, due as it was."""
    if wait_s is None:
        return state
    return replace(state, next_due_at=now + timedelta(seconds=wait_s), snapshot_at=now)


def take_owed(
    state: FeedState, now: datetime, entries: tuple[FeedEntry, ...] = ()
) -> tuple[FeedState, list[FeedEntry]]:
    """Return the state without the pages now due again, and these as entries, filled from the document's own.

    A state that lost a page is of `now`: of two as old as each other, a merge could keep the one that still has it.
    """
    known = {entry.url_key: entry for entry in entries}
    due = [page for page in state.pending if page.not_before <= now]
    kept = tuple(page for page in state.pending if page.not_before > now)
    if not due:
        return state, []
    return replace(state, pending=kept, snapshot_at=now), [_owed_entry(page, state, known) for page in due]


def without_pending(state: FeedState, entries: tuple[FeedEntry, ...]) -> tuple[FeedEntry, ...]:
    """Return the entries whose page is not owed already, in `state` as it was before `take_owed`."""
    owed = {_key(page.url) for page in state.pending}
    return tuple(entry for entry in entries if entry.url_key not in owed)


def _owed_entry(page: OwedPage, state: FeedState, known: dict[str, FeedEntry]) -> FeedEntry:
    key = _key(page.url)
    fresh = known.get(key)
    if fresh is not None:
        return replace(fresh, attempt=page.attempt)
    return FeedEntry(
        url=page.url,
        url_key=key,
        feed_id=page.feed_id,
        language=state.source.language,
        first_seen_at=min(page.not_before, state.snapshot_at),
        attempt=page.attempt,
    )


def _key(url: str) -> str:
    try:
        return url_key(url)
    except ValueError:
        return hashlib.md5(url.encode("utf-8", "replace"), usedforsecurity=False).hexdigest()


def _succeeded(state: FeedState, now: datetime) -> FeedState:
    interval = state.poll_interval_s or DEFAULT_INTERVAL_S
    return replace(
        state,
        poll_interval_s=interval,
        next_due_at=now + timedelta(seconds=interval),
        last_success_at=now,
        consecutive_failures=0,
        health="ok",
        health_reason=None,
    )


def _failed(state: FeedState, now: datetime, error: NewsbeamError, response: PollResponse) -> Polled:
    failures = state.consecutive_failures + 1
    gone = response.status == 410
    interval = state.poll_interval_s or DEFAULT_INTERVAL_S
    wait = GONE_WAIT if gone else backoff(failures, first=timedelta(seconds=interval))
    if response.retry_after_s is not None:
        wait = min(max(wait, timedelta(seconds=response.retry_after_s)), max(LONGEST_WAIT, wait))
    failing = "failing" if failures >= FAILURES_UNTIL_FAILING else state.health
    after = replace(
        state,
        poll_interval_s=interval,
        next_due_at=now + wait,
        consecutive_failures=failures,
        health="gone" if gone else failing,
        health_reason=error.reason,
    )
    reject = Reject(
        stage=error.stage,
        reason=error.reason,
        key=state.source.feed_id,
        message=clean_text(str(error), 500),
        error_class=type(error).__name__,
        feed_id=state.source.feed_id,
        url=state.source.feed_url,
        retryable=not gone,
        attempt=min(failures, 32_000),
    )
    return Polled(state=after, status=str(getattr(error, "status", "ok")), reject=reject)


def _moved(state: FeedState, target: str | None) -> FeedState:
    if target is None or target == state.source.feed_url:
        return replace(state, moved_to=None, moved_count=0)
    count = state.moved_count + 1 if target == state.moved_to else 1
    return replace(state, moved_to=target, moved_count=min(count, 32_000))


def _described(source: FeedSource, feed: ParsedFeed) -> FeedSource:
    """Return the source with what its list left open filled in from the document."""
    return replace(
        source,
        title=source.title or feed.title,
        site_url=source.site_url or feed.site_url,
        language=source.language or feed.language,
    )


def _validator(value: str | None) -> str | None:
    """Return a validator that may be sent back in a header, or None; one of the greatest length may have been cut."""
    usable = value is not None and 0 < len(value) < MAX_HEADER and value.isascii() and value.isprintable()
    return value if usable else None


def _entries(source: FeedSource, feed: ParsedFeed, now: datetime) -> tuple[FeedEntry, ...]:
    return tuple(_entry(source, one, one.url, now) for one in feed.entries if one.url)


def _entry(source: FeedSource, one: ParsedEntry, url: str, now: datetime) -> FeedEntry:
    return FeedEntry(
        url=url,
        url_key=url_key(url),
        entry_id=one.entry_id,
        feed_id=source.feed_id,
        title=one.title,
        published_at=one.published_at,
        author=one.author,
        summary=one.summary,
        language=one.language or source.language,
        first_seen_at=now,
    )
