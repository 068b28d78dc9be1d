from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.core.feeds import bounds
from transforms.core.feeds.domain_backoff import apply_domain_backoff
from transforms.core.feeds.lists import feed_source
from transforms.core.feeds.moves import polled_url
from transforms.core.feeds.poll import poll, poll_request
from transforms.core.feeds.poll_types import PollResponse
from transforms.core.feeds.retry_queue import dequeue_due, drop_queued
from transforms.core.feeds.states import defer, mark_disabled, new_state
from transforms.errors import FetchError
from transforms.records import FeedState, PendingPage

NOW = datetime(2022, 10, 11, 12, tzinfo=UTC)
RSS = (
    b"<rss version='2.0'><channel><title>News</title>"
    b"<item><link>https://a.test/1</link><title>One</title><pubDate>Tue, 11 Oct 2022 "
    b"08:00:00 GMT</pubDate></item>"
    b"<item><link>https://a.test/2</link><title>Two</title></item></channel></rss>"
)
STATE = new_state(feed_source("https://a.test/rss"), NOW)
OK = PollResponse(
    status=200, content=RSS, etag='"1"', last_modified="Tue, 11 Oct 2022 08:00:00 GMT"
)


def test_a_changed_document_gives_its_entries() -> None:
    polled = poll(STATE, NOW, OK)
    assert [entry.url for entry in polled.entries] == ["https://a.test/1", "https://a.test/2"]
    assert polled.entries[0].first_seen_at == NOW
    assert polled.entries[0].feed_id == STATE.source.feed_id
    after = polled.state
    assert (after.etag, after.last_modified) == ('"1"', "Tue, 11 Oct 2022 08:00:00 GMT")
    assert after.last_item_at == datetime(2022, 10, 11, 8, tzinfo=UTC)
    assert after.next_due_at == NOW + timedelta(hours=1)
    assert after.source.title == "News"


def test_validators_are_sent_and_undue_feeds_rest() -> None:
    after = poll(STATE, NOW, OK).state
    assert poll_request(after, NOW + timedelta(minutes=59)) is None
    request = poll_request(after, NOW + timedelta(hours=1))
    assert request is not None
    assert request.headers["If-None-Match"] == '"1"'
    assert request.headers["If-Modified-Since"] == "Tue, 11 Oct 2022 08:00:00 GMT"
    assert poll_request(replace(STATE, source=replace(STATE.source, enabled=False)), NOW) is None


@pytest.mark.parametrize("response", [PollResponse(status=304), replace(OK, etag='"2"')])
def test_the_body_decides_what_is_new(response: PollResponse) -> None:
    later = poll(poll(STATE, NOW, OK).state, NOW + timedelta(hours=1), response)
    assert (later.status, later.entries) == ("not_modified", ())
    assert later.state.last_success_at == NOW + timedelta(hours=1)


def test_the_same_etag_with_another_body_is_new() -> None:
    later = poll(poll(STATE, NOW, OK).state, NOW, replace(OK, content=RSS.replace(b"/2", b"/3")))
    assert [entry.url for entry in later.entries] == ["https://a.test/1", "https://a.test/3"]


def test_failures_back_off_and_keep_what_is_known() -> None:
    state = poll(STATE, NOW, OK).state
    error = PollResponse(
        error=FetchError("slow", reason="E_FETCH_TIMEOUT", retryable=True, status="timeout")
    )
    waits = []
    for _ in range(8):
        polled = poll(state, NOW, error)
        assert polled.status == "timeout"
        assert [one.reason for one in polled.rejects] == ["E_FETCH_TIMEOUT"]
        state = polled.state
        assert state.next_due_at is not None
        waits.append((state.next_due_at - NOW) / timedelta(hours=1))
    assert waits == [1, 2, 4, 8, 16, 24, 24, 24]
    assert (state.health, state.health_reason, state.etag) == (
        "failing",
        "E_FETCH_TIMEOUT: slow",
        '"1"',
    )
    assert poll(state, NOW, OK).state.health == "ok"


def test_gone_and_retry_after() -> None:
    gone = poll(
        STATE, NOW, PollResponse(status=410, error=FetchError("gone", reason="E_FETCH_HTTP_410"))
    )
    assert gone.state.health == "gone"
    assert poll_request(gone.state, NOW + timedelta(days=29)) is None
    assert [one.retryable for one in gone.rejects] == [False]
    error = FetchError("busy", reason="E_FETCH_HTTP_429", retryable=True)
    busy = poll(STATE, NOW, PollResponse(status=429, error=error, retry_after_s=3e8)).state
    assert busy.next_due_at == NOW + timedelta(days=1)


def test_a_page_instead_of_a_feed_is_a_failure() -> None:
    polled = poll(STATE, NOW, PollResponse(status=200, content=b"<html>log in</html>"))
    (reject,) = polled.rejects
    assert (reject.stage, reject.reason) == ("feed_parse", "E_FEED_IS_HTML")
    assert polled.state.body_sha256 is None
    assert polled.state.consecutive_failures == 1


def test_moves_are_counted() -> None:
    moved = replace(OK, moved_to="https://b.test/rss")
    state = poll(poll(STATE, NOW, moved).state, NOW, moved).state
    assert (state.moved_to, state.moved_count) == ("https://b.test/rss", 2)
    assert poll(state, NOW, OK).state.moved_count == 0


def _after(
    state: FeedState, *responses: PollResponse, every: timedelta = timedelta(hours=1)
) -> FeedState:
    for number, response in enumerate(responses):
        state = poll(state, NOW + number * every, response).state
    return state


def test_a_move_is_taken_over_after_three_polls_in_a_row_and_only_by_feeds() -> None:
    moved = replace(OK, moved_to="https://b.test/rss")
    page = replace(moved, content=b"<html>sold</html>")
    state = _after(STATE, moved, moved, page)
    assert (polled_url(state), state.moved_count) == ("https://a.test/rss", 2)
    taken = _after(state, moved)
    assert (polled_url(taken), taken.source.feed_url) == (
        "https://b.test/rss",
        "https://a.test/rss",
    )
    assert taken.health_reason == "moved permanently to https://b.test/rss"
    assert polled_url(_after(taken, OK)) == "https://b.test/rss"
    assert _after(taken, replace(OK, moved_to="https://c.test/rss")).moved_to is None


@pytest.mark.parametrize(("status", "times"), [(404, 1), (410, 1), (500, 3)])
def test_a_move_that_fails_is_forgotten(status: int, times: int) -> None:
    taken = _after(STATE, *[replace(OK, moved_to="https://b.test/rss")] * 3)
    failed = PollResponse(status=status, error=FetchError("x", reason=f"E_FETCH_HTTP_{status}"))
    after = _after(taken, *[failed] * times)
    assert (polled_url(after), after.moved_count, after.health == "gone") == (
        "https://a.test/rss",
        0,
        False,
    )
    if times > 1:
        assert polled_url(_after(taken, failed)) == "https://b.test/rss"


def test_validators_are_left_out_once_a_day() -> None:
    state = poll(STATE, NOW, OK).state
    same = PollResponse(status=304)
    for hours, sent in ((1, True), (23, True), (24, False), (25, False)):
        request = poll_request(replace(state, next_due_at=NOW), NOW + timedelta(hours=hours))
        assert request is not None
        assert ("If-None-Match" in request.headers) == sent
        state = poll(state, NOW + timedelta(hours=hours), same).state
    full = poll(state, NOW + timedelta(hours=26), replace(OK, etag='"2"')).state
    assert (full.etag, full.last_full_at) == ('"2"', NOW + timedelta(hours=26))


def test_a_304_for_a_document_never_fetched_is_a_failure() -> None:
    assert [one.reason for one in poll(STATE, NOW, PollResponse(status=304)).rejects] == [
        "E_FEED_304"
    ]


def _due(state: FeedState) -> float:
    assert state.next_due_at is not None
    return (state.next_due_at - NOW) / timedelta(minutes=1)


@pytest.mark.parametrize(
    ("head", "fields", "minutes"),
    [
        (b"", {}, 60),
        (b"<ttl>180</ttl>", {}, 180),
        (b"<ttl>30</ttl>", {}, 60),
        (b"<ttl>99999</ttl>", {}, 360),
        (b"<ttl>soon</ttl>", {}, 60),
        (b"", {"fresh_s": 7200}, 120),
        (b"", {"fresh_s": 10**9}, 360),
        (b"<skipHours><hour>13</hour><hour>14</hour></skipHours>", {}, 180),
        (b"<skipDays><day>Tuesday</day></skipDays>", {}, 720),
        (
            b"<skipHours>" + b"".join(b"<hour>%d</hour>" % n for n in range(24)) + b"</skipHours>",
            {},
            60,
        ),
    ],
)
def test_publishers_say_when_and_are_heard_within_bounds(
    head: bytes, fields: dict[str, int], minutes: int
) -> None:
    content = RSS.replace(b"<channel>", b"<channel>" + head)
    first = poll(STATE, NOW, replace(OK, content=content, **fields)).state  # type: ignore[arg-type]
    assert _due(first) == minutes
    if head.startswith(b"<ttl>180"):
        assert _due(poll(first, NOW, PollResponse(status=304)).state) >= 180


def _feed(*minutes_ago: int) -> PollResponse:
    items = "".join(
        f"<item><link>https://a.test/{ago}</link><pubDate>{NOW - timedelta(minutes=ago)}</pubDate></item>"
        for ago in minutes_ago
    )
    return PollResponse(
        status=200, content=f"<rss version='2.0'><channel>{items}</channel></rss>".encode()
    )


def test_busy_feeds_are_polled_often_and_quiet_ones_seldom() -> None:
    busy, quiet = _feed(*range(5, 200, 10)), _feed(*range(0, 20 * 1440, 1440))
    assert [_due(poll(STATE, NOW, one).state) for one in (busy, quiet)] == [30, 120]
    state = STATE
    for _ in range(5):
        state = replace(poll(state, NOW, busy).state, body_sha256=None)
    assert (_due(state), state.item_gap_s) == (10, 600)
    for _ in range(9):
        state = replace(poll(state, NOW, quiet).state, body_sha256=None)
    assert _due(state) == 360
    assert _due(poll(poll(STATE, NOW, OK).state, NOW, PollResponse(status=304)).state) == 90


def test_all_feeds_of_a_domain_are_delayed_where_one_got_retry_after() -> None:
    error = FetchError("busy", reason="E_FETCH_HTTP_429", retryable=True)
    limited = new_state(feed_source("https://www.example.com/rss"), NOW)
    delayed = poll(limited, NOW, PollResponse(status=429, error=error, retry_after_s=7200)).state
    assert delayed.backoff_until == NOW + timedelta(hours=2)
    sibling, other = (
        new_state(feed_source("https://feeds.example.com/x"), NOW),
        new_state(feed_source("https://b.test/x"), NOW),
    )
    later = replace(sibling, next_due_at=NOW + timedelta(hours=3))
    held = apply_domain_backoff([sibling, other, later], [delayed], NOW + timedelta(hours=1))
    assert [one.next_due_at for one in held] == [delayed.backoff_until, None, later.next_due_at]
    assert apply_domain_backoff([sibling], [delayed], NOW + timedelta(hours=2)) == [sibling]
    assert poll(delayed, NOW, OK).state.backoff_until is None
    unsaid = poll(STATE, NOW, PollResponse(status=429, error=error)).state
    assert unsaid.backoff_until is not None
    assert poll(STATE, NOW, PollResponse(status=503, error=error)).state.backoff_until is None


def test_health_is_measured_by_a_feeds_own_rhythm() -> None:
    hourly = poll(STATE, NOW, _feed(*range(0, 600, 60))).state
    same = PollResponse(status=304)
    healths = [poll(hourly, NOW + timedelta(days=days), same).state.health for days in (1, 3, 4)]
    assert healths == ["ok", "ok", "stale"]
    monthly = poll(STATE, NOW, _feed(*(n * 43_200 for n in range(5)))).state
    assert [
        poll(monthly, NOW + timedelta(days=days), same).state.health for days in (100, 181)
    ] == ["ok", "stale"]
    empty = poll(
        STATE, NOW, replace(OK, content=b"<rss version='2.0'><channel></channel></rss>")
    ).state
    assert (empty.health, poll(empty, NOW, same).state.health) == ("stale", "stale")
    assert (
        poll(STATE, NOW, replace(OK, duration_ms=12_000)).state.health_reason
        == "took 12 s to answer"
    )
    off = mark_disabled(replace(STATE, source=replace(STATE.source, enabled=False)), NOW)
    assert (off.health, mark_disabled(off, NOW)) == ("disabled", off)


def test_flagged_dates_do_not_set_the_interval() -> None:
    ahead = poll(STATE, NOW, _feed(*range(-5000, -4000, 100))).state
    assert (ahead.last_item_at, ahead.item_gap_s) == (None, None)


def test_items_without_a_link_are_counted() -> None:
    content = RSS.replace(b"<link>https://a.test/2</link>", b"")
    polled = poll(STATE, NOW, replace(OK, content=content))
    assert polled.counts is not None
    assert (len(polled.entries), polled.counts.unlinked, polled.state.health) == (1, 1, "ok")
    assert polled.state.health_reason == "E_FEED_NO_LINK: 1 of 2 items have no link"
    assert (
        poll(polled.state, NOW, PollResponse(status=304)).state.health_reason
        == polled.state.health_reason
    )
    assert poll(polled.state, NOW, OK).state.health_reason is None


def test_a_truncated_document_is_kept_and_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "MAX_FEED_BYTES", len(RSS) - 40)
    polled = poll(STATE, NOW, replace(OK, content=RSS[:-40]))
    assert ([one.reason for one in polled.rejects], len(polled.entries)) == (["E_FEED_CUT"], 2)
    nothing = poll(STATE, NOW, replace(OK, content=b"{" * (len(RSS) - 40)))
    assert [one.reason for one in nothing.rejects] == ["E_FEED_TOO_LARGE"]


def _owing(*pages: tuple[str, int, int]) -> FeedState:
    pending = tuple(
        PendingPage(
            feed_id=STATE.source.feed_id,
            url=url,
            attempt=attempt,
            not_before=NOW + timedelta(hours=hours),
        )
        for url, attempt, hours in pages
    )
    return replace(STATE, pending=pending)


def test_pending_pages_are_dequeued_when_due() -> None:
    state = _owing(
        ("https://a.test/1", 2, 0), ("https://a.test/2", 1, 1), ("https://a.test/9", 0, -1)
    )
    entries = poll(state, NOW, OK).entries
    after, retries = dequeue_due(state, NOW, entries)
    assert [(entry.url, entry.attempt, entry.title) for entry in retries] == [
        ("https://a.test/1", 2, "One"),
        ("https://a.test/9", 0, None),
    ]
    assert [page.url for page in after.pending] == ["https://a.test/2"]
    assert drop_queued(state, entries) == ()


def test_a_state_that_lost_a_page_is_newer_than_the_one_that_has_it() -> None:
    before, now = _owing(("https://a.test/1", 2, 1)), NOW + timedelta(hours=1)
    after, retries = dequeue_due(before, now)
    assert (after.pending, after.snapshot_at, len(retries)) == ((), now, 1)
    assert retries[0].first_seen_at == NOW
    assert dequeue_due(before, NOW + timedelta(minutes=59)) == (before, [])


def test_a_feed_whose_site_asks_for_a_wait_is_deferred() -> None:
    after = defer(STATE, NOW, 3600.0)
    assert after == replace(STATE, next_due_at=NOW + timedelta(hours=1), snapshot_at=NOW)
    assert defer(STATE, NOW, None) == STATE


@pytest.mark.parametrize("value", ['"\ufffd1"', "x" * 1000, ""])
def test_validators_that_may_be_truncated_are_not_kept(value: str) -> None:
    state = poll(STATE, NOW, replace(OK, etag=value, last_modified=value)).state
    assert (state.etag, state.last_modified) == (None, None)
    assert poll(STATE, NOW, replace(OK, etag="x" * 999)).state.etag == "x" * 999


def test_messages_that_quote_a_document_can_be_stored() -> None:
    error = FetchError("odd \udcff\x00", reason="E_FETCH_PROTOCOL")
    (reject,) = poll(STATE, NOW, PollResponse(error=error)).rejects
    assert reject.message == "odd \ufffd\ufffd"


_RESPONSES = st.builds(
    PollResponse,
    status=st.sampled_from([None, 200, 304, 404, 410, 429, 500, 503]),
    final_url=st.sampled_from([None, "https://a.test/rss", "::"]),
    moved_to=st.sampled_from([None, "https://b.test/rss"]),
    content=st.one_of(st.just(RSS), st.binary(max_size=50)),
    content_type=st.one_of(st.none(), st.text(max_size=20)),
    etag=st.one_of(st.none(), st.text(max_size=20)),
    last_modified=st.one_of(st.none(), st.text(max_size=20)),
    fresh_s=st.one_of(st.none(), st.integers(0, 10**9)),
    duration_ms=st.one_of(st.none(), st.integers(0, 10**6)),
    retry_after_s=st.one_of(st.none(), st.floats(min_value=0, max_value=1e9)),
    error=st.sampled_from([None, FetchError("x", retryable=True), FetchError("y", status="dns")]),
)


@given(st.lists(_RESPONSES, max_size=6))
def test_state_stays_sane_whatever_comes(responses: list[PollResponse]) -> None:
    state = _owing(("https://a.test/1", 2, 0))
    for number, response in enumerate(responses):
        now = NOW + timedelta(hours=number)
        polled = poll(state, now, response)
        state = polled.state
        assert state.pending
        assert state.snapshot_at == state.last_fetch_at == now
        assert state.next_due_at is not None
        assert timedelta(0) < state.next_due_at - now <= timedelta(days=30)
        assert (not polled.rejects) == (state.consecutive_failures == 0)
        assert not (polled.rejects and polled.entries)
        request = poll_request(state, state.next_due_at)
        assert request is not None
        assert all(value.isprintable() and value.isascii() for value in request.headers.values())
