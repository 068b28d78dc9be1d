"""What a stream remembers between two ticks, and what it takes from the lake instead."""

from dataclasses import replace
from datetime import timedelta

from tests.helpers.lakes import NOW, state
from transforms.core.feeds.shards import SHARDS, Shard, dump_shard, load_shard, shard_of
from transforms.records import FeedState, PendingPage

HOUR = timedelta(hours=1)
URL = "http://a.test/feed"


def polled(at: timedelta, url: str = URL, **fields: object) -> FeedState:
    """Return the state of a feed after a poll."""
    when = NOW + at
    return state(url, last_fetch_at=when, snapshot_at=when, next_due_at=when + HOUR, **fields)


def queued(listed: FeedState, name: str, at: timedelta = timedelta()) -> PendingPage:
    return PendingPage(
        feed_id=listed.source.feed_id, url=f"http://a.test/{name}", attempt=1, not_before=NOW + at
    )


def test_a_feed_that_the_stream_has_polled_is_not_new_because_the_lake_does_not_know_it_yet() -> (
    None
):
    new = state(URL, snapshot_at=NOW + HOUR)
    shard = Shard().after([new], [polled(timedelta())], NOW)
    (now,) = shard.current([new], NOW + HOUR)
    assert now.next_due_at == NOW + HOUR


def test_the_newer_of_two_states_counts() -> None:
    mine, theirs = polled(HOUR), polled(2 * HOUR)
    shard = Shard().after([mine], [mine], NOW)
    assert shard.current([theirs], NOW)[0].next_due_at == theirs.next_due_at
    shard = Shard().after([mine], [theirs], NOW)
    assert shard.current([mine], NOW)[0].next_due_at == theirs.next_due_at


def test_a_dequeued_page_is_not_dequeued_again_while_the_lake_still_lists_it() -> None:
    feed = polled(timedelta())
    due, later = queued(feed, "due"), queued(feed, "later", HOUR)
    listed = replace(feed, pending=(due, later))
    assert Shard().current([listed], NOW)[0].pending == (due, later)
    after = Shard().after([listed], [], NOW)
    assert after.current([listed], NOW)[0].pending == (later,)
    again = replace(due, attempt=2, not_before=NOW + HOUR)
    merged = replace(feed, pending=(again, later))
    assert after.current([merged], NOW)[0].pending == (again, later)
    assert after.after([merged], [], NOW).dequeued == frozenset()


def test_a_feed_that_is_listed_no_more_is_forgotten() -> None:
    one, other = polled(timedelta()), polled(timedelta(), "http://b.test/feed")
    shard = Shard().after([one, other], [one, other], NOW)
    assert set(shard.after([other], [], NOW).feeds) == {other.source.feed_id}


def test_a_domain_that_is_backing_off_delays_all_its_feeds() -> None:
    one = polled(-2 * HOUR, backoff_until=NOW + HOUR)
    other = replace(polled(-2 * HOUR, "http://www.a.test/news"), next_due_at=None)
    assert [s.next_due_at for s in Shard().current([one, other], NOW)] == [NOW + HOUR] * 2
    assert shard_of(one) == shard_of(other)


def test_domains_are_spread_over_the_shards() -> None:
    names = {shard_of(state(f"http://site{n}.test/feed")) for n in range(20 * SHARDS)}
    assert len(names) == SHARDS


def test_a_shard_is_restored_whole_and_one_of_other_code_is_ignored() -> None:
    feed = polled(timedelta())
    shard = Shard().after([replace(feed, pending=(queued(feed, "x"),))], [feed], NOW)
    kept = dump_shard(shard)
    assert load_shard(kept) == shard
    assert shard.dequeued
    assert load_shard(None) == load_shard(b"other" + kept) == Shard()
