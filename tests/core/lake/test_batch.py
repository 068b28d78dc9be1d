"""Records find their field of a batch by type."""

import pytest

from tests.helpers.lakes import NOW, article, coded, dequeued, run_of, sighting, state
from transforms.core.lake.batch import dequeued_page, fill_batch
from transforms.records import Batch, FeedEntry, PendingPage

FEED = state("http://a.test/feed")
QUEUED = PendingPage(feed_id=FEED.source.feed_id, url="http://a.test/2", attempt=1, not_before=NOW)


def test_each_record_is_in_the_field_of_its_type_in_order_of_arrival() -> None:
    first, second = sighting("http://a.test/1"), sighting("http://a.test/2")
    found = coded(article("http://a.test/1"))
    batch = fill_batch(Batch(run=run_of()), [second, found, FEED, first, QUEUED, dequeued(QUEUED)])
    assert batch == Batch(
        run=run_of(),
        coded=(found,),
        sightings=(second, first),
        states=(FEED,),
        queued=(QUEUED,),
        dequeued=(dequeued(QUEUED),),
    )


def test_what_no_batch_holds_is_a_bug() -> None:
    with pytest.raises(KeyError):
        fill_batch(Batch(run=run_of()), [run_of()])


def test_an_entry_of_the_retry_queue_leaves_it_at_its_attempt() -> None:
    entry = FeedEntry(
        url=QUEUED.url, url_key="k", feed_id=QUEUED.feed_id, first_seen_at=NOW, attempt=1
    )
    assert dequeued_page(entry) == dequeued(QUEUED)
