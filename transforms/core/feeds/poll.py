"""Is a feed due, and what does an answer make of it? The decision that batch and stream share; it never raises."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from transforms.core.feeds import bounds, hints
from transforms.core.feeds import intervals as pace
from transforms.core.feeds.health import NO_ITEMS, judge
from transforms.core.feeds.parse import parse_feed
from transforms.core.feeds.parsed import ParsedEntry, ParsedFeed, distinct
from transforms.core.fetch.backoff import LONGEST_WAIT, backoff, domain_backoff_s
from transforms.core.fetch.headers import MAX_HEADER, clean_text
from transforms.core.urls import registrable_domain, url_key
from transforms.errors import FeedError, NewsbeamError
from transforms.records import FeedEntry, FeedSource, FeedState, PendingPage, Reject

DEFAULT_INTERVAL_S = pace.DEFAULT_INTERVAL_S
FAILURES_UNTIL_FAILING = 3
MOVES_UNTIL_TAKEN = 3
GONE_WAIT = timedelta(days=30)
FULL_EVERY = timedelta(days=1)
"""After so long a feed is asked for without validators: some servers say 304 whatever has changed."""
ACCEPT = "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, */*;q=0.5"
_MAX_REASON = 400
_MAX_COUNT = 32_000


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
    fresh_s: int | None = None
    retry_after_s: float | None = None
    duration_ms: int | None = None
    error: NewsbeamError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """The items of a changed document: how many there are, how many were tossed, lack a link, have a mended date."""

    seen: int = 0
    tossed: int = 0
    unlinked: int = 0
    dates_mended: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Polled:
    """A poll's outcome. `status` is that of `fetches`; `entries` are those of a document that changed.

    `fault` is the code and the message of what was wrong with a document whose items could be kept.
    """

    state: FeedState
    status: str
    entries: tuple[FeedEntry, ...] = ()
    counts: Counts | None = None
    fault: tuple[str, str] | None = None
    rejects: tuple[Reject, ...] = ()


def new_state(source: FeedSource, now: datetime) -> FeedState:
    """Return the state of a feed never polled: due at once."""
    return FeedState(source=source, first_seen_at=now, snapshot_at=now)


def polled_url(state: FeedState) -> str:
    """Return the link to ask: the configured one, or where it has moved to once three polls in a row said so."""
    moved = state.moved_to if state.moved_count >= MOVES_UNTIL_TAKEN else None
    return moved or state.source.feed_url


def poll_request(state: FeedState, now: datetime) -> PollRequest | None:
    """Return the request to make, or None for a feed that is not due or switched off."""
    if not state.source.enabled or (state.next_due_at is not None and state.next_due_at > now):
        return None
    headers = {"Accept": ACCEPT}
    if state.last_full_at is not None and now - state.last_full_at < FULL_EVERY:
        if state.etag:
            headers["If-None-Match"] = state.etag
        if state.last_modified:
            headers["If-Modified-Since"] = state.last_modified
    return PollRequest(url=polled_url(state), headers=headers)


def needs_parsing(state: FeedState, response: PollResponse) -> bool:
    """Return whether an answer brought a document that is not the last one again."""
    answered = response.error is None and response.status is not None
    return answered and response.status != 304 and _digest(response) != state.body_sha256


def poll(state: FeedState, now: datetime, response: PollResponse) -> Polled:
    """Return the feed's next state and the entries of a changed document. What is pending is never lost."""
    state = replace(state, last_fetch_at=now, snapshot_at=now)
    if response.error is not None or response.status is None:
        error = response.error or NewsbeamError(
            "no answer", reason="E_FETCH_FAILED", retryable=True
        )
        return _failed(state, now, error, response)
    if needs_parsing(state, response):
        return _read(state, now, response)
    if response.status == 304 and state.body_sha256 is None:
        return _failed(
            state,
            now,
            FeedError("304 for a document that we never had", reason="E_FEED_304"),
            response,
        )
    return _unchanged(state, now, response)


def apply_domain_backoff(
    states: Iterable[FeedState], known: Iterable[FeedState], now: datetime
) -> list[FeedState]:
    """Return the states, none due before its domain may be asked again; `known` are all feeds, polled or not."""
    holds: dict[str, datetime] = {}
    for one in known:
        if one.backoff_until is not None and one.backoff_until > now:
            domain = registrable_domain(polled_url(one))
            holds[domain] = max(holds.get(domain, now), one.backoff_until)
    return [
        _held(state, holds.get(registrable_domain(polled_url(state)), now) if holds else now, now)
        for state in states
    ]


def defer(state: FeedState, now: datetime, wait_s: float | None) -> FeedState:
    """Return the state of a feed whose site keeps us waiting: due after the wait; without one, due as it was."""
    if wait_s is None:
        return state
    return replace(state, next_due_at=now + timedelta(seconds=wait_s), snapshot_at=now)


def switched(state: FeedState, now: datetime) -> FeedState:
    """Return the state of a feed that is not polled, its health `disabled` while its list says so."""
    if not state.source.enabled and state.health != "disabled":
        return replace(
            state, health="disabled", health_reason="switched off in its list", snapshot_at=now
        )
    return state


def dequeue_due(
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
    return replace(state, pending=kept, snapshot_at=now), [
        _owed_entry(page, state, known) for page in due
    ]


def drop_queued(state: FeedState, entries: tuple[FeedEntry, ...]) -> tuple[FeedEntry, ...]:
    """Return the entries whose page is not owed already, in `state` as it was before `take_owed`."""
    owed = {_key(page.url) for page in state.pending}
    return tuple(entry for entry in entries if entry.url_key not in owed)


def _held(state: FeedState, until: datetime, now: datetime) -> FeedState:
    due = state.next_due_at or now
    return replace(state, next_due_at=until) if until > max(due, now) else state


def _owed_entry(page: PendingPage, state: FeedState, known: dict[str, FeedEntry]) -> FeedEntry:
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


def _digest(response: PollResponse) -> str:
    return hashlib.sha256(response.content).hexdigest()


def _read(state: FeedState, now: datetime, response: PollResponse) -> Polled:
    """Return what a new document makes of a feed."""
    is_cut = len(response.content) >= bounds.MAX_FEED_BYTES
    url = response.final_url or state.source.feed_url
    try:
        feed = parse_feed(response.content, content_type=response.content_type, url=url, now=now)
    except FeedError as error:
        too_large = FeedError(
            f"over {bounds.MAX_FEED_BYTES} bytes: {error}", reason="E_FEED_TOO_LARGE"
        )
        return _failed(state, now, too_large if is_cut else error, response)
    dates = [one.published_at for one in feed.entries if one.published_at and not one.date_flag]
    dates = [at for at in dates if at <= now]
    known = [*dates, state.last_item_at] if state.last_item_at else dates
    state = replace(
        _moved(state, response.moved_to),
        source=_described(state.source, feed),
        etag=_validator(response.etag),
        last_modified=_validator(response.last_modified),
        body_sha256=_digest(response),
        last_full_at=now,
        last_item_at=max(known, default=None),
        item_gap_s=pace.item_gap_s(dates) or state.item_gap_s,
        requested_interval_s=feed.requested_interval_s,
        skip_times=feed.skip_times,
    )
    fault = _fault(feed, is_cut=is_cut)
    return Polled(
        state=_well(state, now, response, changed=True, empty=not feed.entries, note=fault),
        status="ok",
        entries=_entries(state.source, feed, now),
        counts=_counts(feed),
        fault=fault,
        rejects=_left_out(state, feed, is_cut=is_cut),
    )


def _unchanged(state: FeedState, now: datetime, response: PollResponse) -> Polled:
    """Return what the last document, again, makes of a feed; its validators may have changed all the same."""
    state = _moved(state, response.moved_to)
    if response.status != 304:
        state = replace(
            state,
            etag=_validator(response.etag),
            last_modified=_validator(response.last_modified),
            last_full_at=now,
        )
    empty = state.health == "stale" and state.health_reason == NO_ITEMS
    after = _well(state, now, response, changed=False, empty=empty)
    if (
        after.health == "ok"
        and not state.consecutive_failures
        and (state.health_reason or "").startswith("E_FEED_")
    ):
        # It is the same document, with the same fault.
        after = replace(after, health_reason=state.health_reason)
    return Polled(state=after, status="not_modified")


def _well(
    state: FeedState,
    now: datetime,
    response: PollResponse,
    *,
    changed: bool,
    empty: bool,
    note: tuple[str, str] | None = None,
) -> FeedState:
    """Return the state after a poll that went well: when it is due again, and its health."""
    idle = (now - state.last_item_at).total_seconds() if state.last_item_at else None
    pace_s = pace.next_interval_s(
        state.poll_interval_s, gap_s=state.item_gap_s, idle_s=idle, changed=changed
    )
    interval = hints.bounded(max(pace_s, state.requested_interval_s or 0, response.fresh_s or 0))
    health, reason = (
        ("stale", NO_ITEMS) if empty else judge(state, now, duration_ms=response.duration_ms)
    )
    return replace(
        state,
        poll_interval_s=interval,
        next_due_at=hints.not_skipped(now + timedelta(seconds=interval), state.skip_times),
        last_success_at=now,
        consecutive_failures=0,
        backoff_until=None,
        health=health,
        health_reason=reason
        or (f"{note[0]}: {note[1]}"[:_MAX_REASON] if note else _moved_note(state)),
    )


def _moved_note(state: FeedState) -> str | None:
    taken = polled_url(state) != state.source.feed_url
    return f"moved for good to {state.moved_to}"[:_MAX_REASON] if taken else None


def _failed(
    state: FeedState, now: datetime, error: NewsbeamError, response: PollResponse
) -> Polled:
    failures = state.consecutive_failures + 1
    taken = polled_url(state) != state.source.feed_url
    gone = response.status == 410 and not taken
    wait, held = _waits(state, response, failures, gone=gone)
    message = clean_text(str(error), 500)
    failing = "failing" if failures >= FAILURES_UNTIL_FAILING else state.health
    lost = taken and (response.status in {404, 410} or failures >= FAILURES_UNTIL_FAILING)
    after = replace(
        state,
        poll_interval_s=state.poll_interval_s or DEFAULT_INTERVAL_S,
        next_due_at=now + wait,
        backoff_until=now + held if held else None,
        consecutive_failures=failures,
        # What a feed has moved to is forgotten when it fails: the configured link may by now say something else.
        moved_to=None if lost else state.moved_to,
        moved_count=0 if lost else state.moved_count,
        health="gone" if gone else failing,
        health_reason=f"{error.reason}: {message}"[:_MAX_REASON],
    )
    reject = _reject(state, error.reason, message, error)
    reject = replace(reject, retryable=not gone, attempt=min(failures, _MAX_COUNT))
    return Polled(state=after, status=str(getattr(error, "status", "ok")), rejects=(reject,))


def _waits(
    state: FeedState, response: PollResponse, failures: int, *, gone: bool
) -> tuple[timedelta, timedelta | None]:
    """Return how long a feed that failed waits, and for how long all of its domain do, if they do."""
    if gone:
        return GONE_WAIT, None
    first = timedelta(seconds=min(state.poll_interval_s or DEFAULT_INTERVAL_S, DEFAULT_INTERVAL_S))
    wait = backoff(failures, first=first)
    asked_s = (
        None
        if response.retry_after_s is None
        else min(response.retry_after_s, LONGEST_WAIT.total_seconds())
    )
    held_s = domain_backoff_s(response.status or 0, asked_s)
    wait = max(wait, timedelta(seconds=asked_s or 0))
    return wait, timedelta(seconds=held_s) if held_s else None


def _reject(
    state: FeedState, reason: str, message: str, error: NewsbeamError | None = None
) -> Reject:
    return Reject(
        stage=error.stage if error else "feed_parse",
        reason=reason,
        key=state.source.feed_id,
        message=message,
        error_class=type(error).__name__ if error else None,
        feed_id=state.source.feed_id,
        url=state.source.feed_url,
    )


def _left_out(state: FeedState, feed: ParsedFeed, *, is_cut: bool) -> tuple[Reject, ...]:
    """Return a reject for the items of a document that were too many to read."""
    if is_cut:
        cut = (
            f"only the first {bounds.MAX_FEED_BYTES} bytes are read, {len(feed.entries)} items kept"
        )
        return (_reject(state, "E_FEED_CUT", f"{cut}, {feed.tossed} tossed"),)
    if feed.tossed:
        message = f"{feed.tossed} items over the {bounds.MAX_ITEMS} that are read were tossed"
        return (_reject(state, "E_FEED_ITEMS_TOSSED", message),)
    return ()


def _fault(feed: ParsedFeed, *, is_cut: bool) -> tuple[str, str] | None:
    """Return what was wrong with a document whose items were kept, the gravest first."""
    if is_cut:
        return "E_FEED_CUT", f"only the first {bounds.MAX_FEED_BYTES} bytes were read"
    if feed.tossed:
        return "E_FEED_ITEMS_TOSSED", f"{feed.tossed} items over {bounds.MAX_ITEMS} were tossed"
    if feed.fault:
        return (
            "E_FEED_FAULT",
            f"{len(feed.entries)} items kept of a document that is broken: {feed.fault}",
        )
    counts = _counts(feed)
    if counts.unlinked:
        return "E_FEED_NO_LINK", f"{counts.unlinked} of {counts.seen} items have no link"
    return None


def _counts(feed: ParsedFeed) -> Counts:
    return Counts(
        seen=len(feed.entries) + feed.tossed,
        tossed=feed.tossed,
        unlinked=sum(1 for one in feed.entries if not one.url),
        dates_mended=sum(1 for one in feed.entries if one.date_flag),
    )


def _moved(state: FeedState, target: str | None) -> FeedState:
    """Return the state with a move counted, if the answer came by one; only answers that are feeds count."""
    if polled_url(state) != state.source.feed_url:
        # Where it moved to is asked now; if that has moved on, the configured link has to say where to, anew.
        return state if target is None else replace(state, moved_to=None, moved_count=0)
    if target is None or target == state.source.feed_url:
        return replace(state, moved_to=None, moved_count=0)
    count = state.moved_count + 1 if target == state.moved_to else 1
    return replace(state, moved_to=target, moved_count=min(count, _MAX_COUNT))


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
    usable = (
        value is not None
        and 0 < len(value) < MAX_HEADER
        and value.isascii()
        and value.isprintable()
    )
    return value if usable else None


def _entries(source: FeedSource, feed: ParsedFeed, now: datetime) -> tuple[FeedEntry, ...]:
    return tuple(_entry(source, one, one.url, now) for one in distinct(feed.entries) if one.url)


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
        date_flag=one.date_flag,
    )
