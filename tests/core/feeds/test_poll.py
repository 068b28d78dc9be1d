from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.core.feeds.lists import feed_source
from transforms.core.feeds.poll import PollResponse, new_state, poll, poll_request, put_off, take_owed, without_pending
from transforms.errors import FetchError
from transforms.records import FeedState, OwedPage

NOW = datetime(2022, 10, 11, 12, tzinfo=UTC)
RSS = (
    b"<rss version='2.0'><channel><title>News</title>"
    b"<item><link>https://a.test/1</link><title>One</title><pubDate>Tue, 11 Oct 2022 08:00:00 GMT</pubDate></item>"
    b"<item><link>https://a.test/2</link><title>Two</title></item></channel></rss>"
)
STATE = new_state(feed_source("https://a.test/rss"), NOW)
OK = PollResponse(status=200, content=RSS, etag='"1"', last_modified="Tue, 11 Oct 2022 08:00:00 GMT")


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
    error = PollResponse(error=FetchError("slow", reason="E_FETCH_TIMEOUT", retryable=True, status="timeout"))
    waits = []
    for _ in range(8):
        polled = poll(state, NOW, error)
        assert polled.status == "timeout"
        assert polled.reject is not None
        assert polled.reject.reason == "E_FETCH_TIMEOUT"
        state = polled.state
        assert state.next_due_at is not None
        waits.append((state.next_due_at - NOW) / timedelta(hours=1))
    assert waits == [1, 2, 4, 8, 16, 24, 24, 24]
    assert (state.health, state.health_reason, state.etag) == ("failing", "E_FETCH_TIMEOUT", '"1"')
    assert poll(state, NOW, OK).state.health == "ok"


def test_gone_and_retry_after() -> None:
    gone = poll(STATE, NOW, PollResponse(status=410, error=FetchError("gone", reason="E_FETCH_HTTP_410")))
    assert gone.state.health == "gone"
    error = FetchError("busy", reason="E_FETCH_HTTP_429", retryable=True)
    busy = poll(STATE, NOW, PollResponse(status=429, error=error, retry_after_s=3e8)).state
    assert busy.next_due_at == NOW + timedelta(days=1)


def test_a_page_instead_of_a_feed_is_a_failure() -> None:
    polled = poll(STATE, NOW, PollResponse(status=200, content=b"<html>log in</html>"))
    assert polled.reject is not None
    assert (polled.reject.stage, polled.reject.reason) == ("feed_parse", "E_FEED_IS_HTML")
    assert polled.state.body_sha256 is None
    assert polled.state.consecutive_failures == 1


def test_moves_are_counted() -> None:
    moved = replace(OK, moved_to="https://b.test/rss")
    state = poll(poll(STATE, NOW, moved).state, NOW, moved).state
    assert (state.moved_to, state.moved_count) == ("https://b.test/rss", 2)
    assert poll(state, NOW, OK).state.moved_count == 0


def _owing(*pages: tuple[str, int, int]) -> FeedState:
    owed = tuple(
        OwedPage(feed_id=STATE.source.feed_id, url=url, attempt=attempt, not_before=NOW + timedelta(hours=hours))
        for url, attempt, hours in pages
    )
    return replace(STATE, pending=owed)


def test_owed_pages_are_taken_when_due() -> None:
    state = _owing(("https://a.test/1", 2, 0), ("https://a.test/2", 1, 1), ("https://a.test/9", 0, -1))
    entries = poll(state, NOW, OK).entries
    after, owed = take_owed(state, NOW, entries)
    assert [(entry.url, entry.attempt, entry.title) for entry in owed] == [
        ("https://a.test/1", 2, "One"),
        ("https://a.test/9", 0, None),
    ]
    assert [page.url for page in after.pending] == ["https://a.test/2"]
    assert without_pending(state, entries) == ()


def test_a_state_that_lost_a_page_is_newer_than_the_one_that_has_it() -> None:
    before, now = _owing(("https://a.test/1", 2, 1)), NOW + timedelta(hours=1)
    after, owed = take_owed(before, now)
    assert (after.pending, after.snapshot_at, len(owed)) == ((), now, 1)
    assert owed[0].first_seen_at == NOW
    assert take_owed(before, NOW + timedelta(minutes=59)) == (before, [])


def test_a_feed_whose_site_keeps_us_waiting_is_put_off() -> None:
    after = put_off(STATE, NOW, 3600.0)
    assert after == replace(STATE, next_due_at=NOW + timedelta(hours=1), snapshot_at=NOW)
    assert put_off(STATE, NOW, None) == STATE


@pytest.mark.parametrize("value", ['"\ufffd1"', "x" * 1000, ""])
def test_validators_that_may_not_be_whole_are_not_kept(value: str) -> None:
    state = poll(STATE, NOW, replace(OK, etag=value, last_modified=value)).state
    assert (state.etag, state.last_modified) == (None, None)
    assert poll(STATE, NOW, replace(OK, etag="x" * 999)).state.etag == "x" * 999


def test_messages_that_quote_a_document_can_be_stored() -> None:
    error = FetchError("odd \udcff\x00", reason="E_FETCH_PROTOCOL")
    reject = poll(STATE, NOW, PollResponse(error=error)).reject
    assert reject is not None
    assert reject.message == "odd \ufffd\ufffd"


_RESPONSES = st.builds(
    PollResponse,
    status=st.sampled_from([None, 200, 304, 404, 410, 429, 500]),
    final_url=st.sampled_from([None, "https://a.test/rss", "::"]),
    moved_to=st.sampled_from([None, "https://b.test/rss"]),
    content=st.one_of(st.just(RSS), st.binary(max_size=50)),
    content_type=st.one_of(st.none(), st.text(max_size=20)),
    etag=st.one_of(st.none(), st.text(max_size=20)),
    last_modified=st.one_of(st.none(), st.text(max_size=20)),
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
        assert timedelta(0) < state.next_due_at - now <= timedelta(days=7)
        assert (polled.reject is None) == (state.consecutive_failures == 0)
        assert not (polled.reject and polled.entries)
        request = poll_request(state, state.next_due_at)
        assert request is not None
        assert all(value.isprintable() and value.isascii() for value in request.headers.values())
