"""Replay: process the rejects of a lake again, after a rule, a limit or a site has been fixed."""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import apache_beam as beam

from pipelines.jobs.ingest import feed_contents
from pipelines.jobs.page_stages import process_pages
from pipelines.jobs.plan import Contents, Plan, PlannedBatch, Run, split_into_batches
from pipelines.jobs.run_options import RunOptions
from transforms.core.feeds.states import orphaned
from transforms.core.lake.batch import sighting_of
from transforms.core.reject_codes import is_code, nearest_codes
from transforms.core.replay import replay_entry
from transforms.errors import ConfigError
from transforms.fetch import FetchPages
from transforms.lake_views import connect, rows_of
from transforms.records import Cursor, FeedEntry, FeedState, Sighting

BATCH_ENTRIES = 2_000
"""Pages of one commit, as in a batch of links: fetched pages are kept in memory until the merge."""
_STAGES_WITHOUT_PAGE = frozenset({"feed_parse", "archive"})
"""Stages whose rejects are not pages: feeds are polled again, archives need another backfill."""
_NEWEST = """
    FROM rejects WHERE coalesce(reason = ?, true)
    QUALIFY row_number() OVER (PARTITION BY reject_id ORDER BY rejected_at DESC) = 1
    ORDER BY reject_id
"""
_IN_THE_LAKE = (
    "SELECT url_key FROM sightings WHERE article_id IS NOT NULL AND published_date IS NOT NULL"
)
_SHOWN_CODES = 3
"""Codes of the lake that an error names if none is like the given one: what fits a line."""
Row = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class ReplayPlan(Plan):
    """The rejects of one reason, or all: feeds are polled again, then pages are fetched again."""

    reason: str | None = None

    kind = "replay"
    is_polling = True

    @property
    def config(self) -> object:
        """Return the reason."""
        return self.reason

    def batches(self, run: Run, cursor: Cursor | None) -> Iterator[PlannedBatch]:
        """Yield one batch of feeds, then batches of the pages whose article the lake lacks."""
        known = run.lake.feed_states()
        with connect(run.options.lake) as connection:
            rejects = rows_of(connection, _NEWEST, self.reason)
            in_lake = {row["url_key"] for row in rows_of(connection, _IN_THE_LAKE)}
        if states := _feed_states(known, rejects):
            orphans = orphaned(known, [state.source for state in states])
            yield PlannedBatch(
                label=f"{len(states)} feeds",
                build=partial(feed_contents, states=states, options=run.options, orphans=orphans),
            )
        entries = _entries(rejects, in_lake, run)
        for label, batch in split_into_batches(entries, BATCH_ENTRIES, "pages"):
            yield PlannedBatch(
                label=label,
                build=partial(page_contents, entries=batch, options=run.options),
            )


def check_reason(lake: str, reason: str | None) -> None:
    """Raise ConfigError for a code that neither newsbeam nor the lake has."""
    if reason is None or is_code(reason):
        return
    with connect(lake) as views:
        known = {row["reason"] for row in rows_of(views, "SELECT DISTINCT reason FROM rejects")}
    if reason not in known:
        nearest = nearest_codes(reason, known) or sorted(known)[:_SHOWN_CODES]
        hint = f"; is it {' or '.join(nearest)}?" if nearest else ""
        raise ConfigError(f"--reason {reason}: there is no such code{hint}")


def page_contents(
    pipeline: beam.Pipeline, entries: Sequence[FeedEntry], options: RunOptions
) -> Contents:
    """Fetch and process the pages of rejected entries; another failure is a new reject."""
    retried = pipeline | "Entries" >> beam.Create(entries)
    fetched = retried | "FetchPages" >> FetchPages(options.web, options.clock)
    processed = process_pages(fetched.pages, options)
    sightings = retried | "Sight" >> beam.Map(sighting_of).with_output_types(Sighting)
    return (
        *processed.contents,
        processed.no_article,
        sightings,
        fetched.fetches,
        fetched.rejects,
    )


def _entries(rejects: Sequence[Row], in_lake: set[str], run: Run) -> list[FeedEntry]:
    """Return the entries to fetch, each link once; a capture is not the live page."""
    entries: dict[str, FeedEntry] = {}
    for reject in rejects:
        entry = replay_entry(reject, run.options.now) if _is_page(reject) else None
        if entry is None:
            continue
        if entry.capture_url or entry.url_key not in in_lake:
            entries[entry.capture_url or entry.url_key] = entry
    return [entry for _, entry in sorted(entries.items())]


def _is_page(reject: Row) -> bool:
    """Return whether a reject is a page; of rejected requests, only pages have a payload."""
    if reject["stage"] in _STAGES_WITHOUT_PAGE or not reject["url"]:
        return False
    return reject["stage"] != "fetch" or reject["payload"] is not None


def _feed_states(known: Mapping[str, FeedState], rejects: Sequence[Row]) -> list[FeedState]:
    """Return the rejected feeds, due now, without validators, so that servers send them."""
    rejected = {r["feed_id"] for r in rejects if r["stage"] == "feed_parse"}
    return [
        dataclasses.replace(
            known[feed_id], next_due_at=None, etag=None, last_modified=None, body_sha256=None
        )
        for feed_id in sorted(rejected & known.keys())
    ]
