"""The faults of a feed's document whose items could be kept, and how many items were lost."""

from transforms.core.feeds import bounds
from transforms.core.feeds.parsed import ParsedFeed
from transforms.core.feeds.poll_types import Counts
from transforms.errors import NewsbeamError
from transforms.records import FeedState, Reject


def counts_of(feed: ParsedFeed) -> Counts:
    """Return the counts of a document's items."""
    return Counts(
        seen=len(feed.entries) + feed.dropped,
        dropped=feed.dropped,
        unlinked=sum(1 for entry in feed.entries if not entry.url),
        dates_flagged=sum(1 for entry in feed.entries if entry.date_flag),
    )


def fault_of(feed: ParsedFeed, *, is_cut: bool) -> tuple[str, str] | None:
    """Return code and message of the most serious fault; None for a document without one.

    `is_cut`: the document was longer than MAX_FEED_BYTES.
    """
    if is_cut:
        return "E_FEED_CUT", f"only the first {bounds.MAX_FEED_BYTES} bytes were read"
    if feed.dropped:
        message = f"{feed.dropped} items over {bounds.MAX_ITEMS} were dropped"
        return "E_FEED_ITEMS_DROPPED", message
    if feed.fault:
        message = f"the document is broken, {len(feed.entries)} items kept: {feed.fault}"
        return "E_FEED_FAULT", message
    counts = counts_of(feed)
    if counts.unlinked:
        return "E_FEED_NO_LINK", f"{counts.unlinked} of {counts.seen} items have no link"
    if feed.charset_guessed:
        return "E_FEED_CHARSET_GUESSED", "the charset was guessed: none is named that fits"
    return None


def lost_items(state: FeedState, feed: ParsedFeed, *, is_cut: bool) -> tuple[Reject, ...]:
    """Return a reject for the items of a document that were over its limits, if there were any."""
    if is_cut:
        message = (
            f"only the first {bounds.MAX_FEED_BYTES} bytes are read: "
            f"{len(feed.entries)} items kept, {feed.dropped} dropped"
        )
        return (feed_reject(state, "E_FEED_CUT", message),)
    if feed.dropped:
        message = f"{feed.dropped} items over the {bounds.MAX_ITEMS} that are read were dropped"
        return (feed_reject(state, "E_FEED_ITEMS_DROPPED", message),)
    return ()


def feed_reject(
    state: FeedState, reason: str, message: str, error: NewsbeamError | None = None
) -> Reject:
    """Return a reject of a feed; its stage is that of the error, else parsing."""
    return Reject(
        stage=error.stage if error else "feed_parse",
        reason=reason,
        key=state.source.feed_id,
        message=message,
        error_class=type(error).__name__ if error else None,
        feed_id=state.source.feed_id,
        url=state.source.feed_url,
    )
