"""The records that cross stages, in the order they flow.

Names and meanings are those of the lake's tables. Times are aware UTC; unknown is ``None`` or an
empty tuple.
"""

import datetime as dt
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedSource:
    """A feed as the user configured it."""

    feed_id: str
    feed_url: str
    title: str | None = None
    site_url: str | None = None
    country: str | None = None
    language: str | None = None
    folder: str | None = None
    tags: tuple[str, ...] = ()
    enabled: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingPage:
    """A page that a feed announced and that is still to be fetched, not before a time."""

    feed_id: str
    url: str
    attempt: int
    not_before: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DequeuedPage:
    """A page that a run took from its feed's retry queue; `attempt` is that of the queue."""

    feed_id: str
    url: str
    attempt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedState:
    """The state of a feed after its polls: validators, intervals, health, pending pages."""

    source: FeedSource
    poll_interval_s: int | None = None
    next_due_at: datetime | None = None
    first_seen_at: datetime
    last_fetch_at: datetime | None = None
    last_success_at: datetime | None = None
    last_item_at: datetime | None = None
    etag: str | None = None
    last_modified: str | None = None
    body_sha256: str | None = None
    moved_to: str | None = None
    moved_count: int = 0
    consecutive_failures: int = 0
    health: str = "ok"
    health_reason: str | None = None
    pending: tuple[PendingPage, ...] = ()
    backoff_until: datetime | None = None
    """All feeds of its domain wait until then, as the server required."""
    last_full_at: datetime | None = None
    item_gap_s: int | None = None
    requested_interval_s: int | None = None
    skip_times: str | None = None
    snapshot_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedEntry:
    """One item of a feed: the URL of an article's page, and the feed's metadata about it."""

    url: str
    url_key: str
    entry_id: str | None = None
    feed_id: str | None = None
    title: str | None = None
    published_at: datetime | None = None
    author: str | None = None
    summary: str | None = None
    language: str | None = None
    first_seen_at: datetime
    attempt: int = 0
    canonical_is_shared: bool = False
    date_flag: str | None = None
    """How an impossible date was treated: date_clamped or date_refused."""
    etag: str | None = None
    last_modified: str | None = None
    """With an ETag or a time of modification, the page is fetched only if it has changed."""
    capture_url: str | None = None
    """Where an archive has the page as it was at `first_seen_at`; it is fetched from there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Revisit:
    """An article whose page is to be fetched again, and when it was last fetched."""

    article_id: str
    url: str
    first_seen_at: datetime
    seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetch:
    """One request and its result: a row of `fetches`."""

    fetch_id: str
    kind: str
    fetched_at: datetime
    feed_id: str | None = None
    article_id: str | None = None
    url: str
    final_url: str | None = None
    host: str
    status: str
    http_status: int | None = None
    attempt: int = 0
    duration_ms: int | None = None
    bytes: int | None = None
    content_type: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    body_sha256: str | None = None
    items_seen: int | None = None
    items_new: int | None = None
    error_class: str | None = None
    error_message: str | None = None
    raw_uri: str | None = None

    @property
    def is_redirect(self) -> bool:
        """Whether this is one redirect of a request; the request as a whole has another row."""
        return self.status == "ok" and 300 <= (self.http_status or 0) < 400


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivePart:
    """Pages of one file of an archive: the kind of the file, and where in it they begin.

    A place is an offset in the file, in bytes (in Parquet: the number of a row group), and the
    number of records, lines or rows to skip from there. `inside` is the file's path within the
    folder that the user named.
    """

    path: str
    kind: str
    inside: str
    places: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPart:
    """Articles of one day of the lake."""

    day: dt.date
    article_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page as it was fetched, or a text that came without one (then `content_type` is
    text/plain).
    """

    entry: FeedEntry
    final_url: str
    content_type: str | None
    charset: str | None = None
    content: bytes
    fetched_at: datetime
    fetch_id: str | None = None
    raw_uri: str | None = None
    """Where the raw page is stored; until the commit, the id of its record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RawPart:
    """A raw page to be stored: the id of its record, and where its bytes are until the commit."""

    record_id: str
    fetch_id: str | None
    path: str
    offset: int
    length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RemovedBlock:
    """Text that was removed from a body: why, and the offset in the body where it was."""

    text: str
    reason: str
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One article: its clean text, and the metadata of its page and feed.

    `headings` are the subheadings among the body's blocks; for cleaning, not in the lake. `marks`
    are the Markdown prefixes of the body's blocks, "" of a paragraph.
    """

    article_id: str
    url_key: str
    url: str
    canonical_url: str
    source_domain: str
    feed_ids: tuple[str, ...] = ()
    title: str | None = None
    standfirst: str | None = None
    authors: tuple[str, ...] = ()
    byline: str | None = None
    date_line: str | None = None
    credit: str | None = None
    captions: tuple[str, ...] = ()
    published_at: datetime | None = None
    published_precision: str = "none"
    published_basis: str = "first_seen"
    modified_at: datetime | None = None
    first_seen_at: datetime
    seen_at: datetime
    language: str | None = None
    language_score: float | None = None
    section: str | None = None
    tags: tuple[str, ...] = ()
    image_url: str | None = None
    body: str | None = None
    marks: tuple[str, ...] = ()
    headings: tuple[str, ...] = ()
    page_kind: str = "article"
    extraction_basis: str = "page"
    removed: tuple[RemovedBlock, ...] = ()
    flags: tuple[str, ...] = ()
    memory_version: str | None = None
    raw_uri: str | None = None
    fetch_id: str | None = None

    @property
    def day(self) -> dt.date:
        """The day of the article's partition: of its publication, else of its first sight."""
        return (self.published_at or self.first_seen_at).date()


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteBlock:
    """A block that articles of a site share, and at most 16 of these articles: a row of
    `site_blocks`.

    `zone` is where it occurs in them: edge (head or tail) or inside.
    """

    site: str
    block_hash: str
    zone: str
    sample: str
    article_ids: tuple[str, ...]
    first_seen_at: datetime
    last_seen_at: datetime
    verdict: str = "undecided"


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonFact:
    """A person's country and sector as articles state them, and at most 16 of these articles: a row
    of `persons`.

    The days are those of publication.
    """

    name: str
    country: str
    sector: str | None
    article_ids: tuple[str, ...]
    first_date: dt.date
    last_date: dt.date

    @property
    def surname(self) -> str:
        """The last word of the name."""
        return self.name.rsplit(" ", 1)[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who acts or is acted upon; offsets are in the mention's `evidence_field`."""

    text: str
    name: str | None = None
    country: str | None = None
    sector: str | None = None
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventMention:
    """One report of an event, at one place of a text.

    `event` numbers the event within the article, from 1.
    """

    event: int
    type: str
    mode: str | None = None
    quad: str
    score: float
    contexts: tuple[str, ...] = ()
    actor: tuple[Actor, ...] = ()
    recipient: tuple[Actor, ...] = ()
    location: str | None = None
    country: str | None = None
    admin1: str | None = None
    lat: float | None = None
    lon: float | None = None
    geo_precision: str = "none"
    date: dt.date | None = None
    date_precision: str = "none"
    date_basis: str = "none"
    modality: str = "actual"
    claimant: str | None = None
    claimant_country: str | None = None
    claimant_sector: str | None = None
    via: str | None = None
    dead: int | None = None
    injured: int | None = None
    size: int | None = None
    confidence: float
    rule: str
    coder_version: str
    in_lede: bool = False
    evidence: str
    evidence_field: str
    evidence_start: int
    evidence_end: int
    trigger: str
    trigger_start: int
    trigger_end: int
    cue: str | None = None
    """The words that attribute the report to a source ("said"); offsets as the trigger's."""
    cue_start: int | None = None
    cue_end: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PageArticle:
    """The article of a page as it was extracted, and without the boilerplate that rules remove."""

    extracted: Article
    clean: Article


@dataclass(frozen=True, slots=True, kw_only=True)
class CodingInput:
    """An article to be coded, and facts that others agree on about persons with its surnames."""

    article: Article
    persons: tuple[PersonFact, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CodedArticle:
    """An article with all its mentions, which are stored and replaced together."""

    article: Article
    mentions: tuple[EventMention, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """A link seen in a feed or an archive, and its article once that is known."""

    url_key: str
    url: str
    article_id: str | None = None
    feed_ids: tuple[str, ...] = ()
    first_seen_at: datetime
    last_seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Reject:
    """An input that a stage rejected: a stable code, and what is needed to replay it."""

    stage: str
    reason: str
    key: str
    message: str
    error_class: str | None = None
    feed_id: str | None = None
    article_id: str | None = None
    url: str | None = None
    retryable: bool = False
    attempt: int = 0
    payload: str | None = None
    payload_truncated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RunContext:
    """The run that writes: its id, its clock, and the code and configuration behind it."""

    run_id: str
    kind: str
    now: datetime
    runner: str
    pipeline_version: str
    config_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """The progress of a backfill: the last page in the lake, by the number of its source and its
    place there.

    `key` identifies the work: the sources with their present state, and the options that select
    pages. `read_bytes` is the size of the files read.
    """

    key: str
    run_id: str
    now: datetime
    source: int
    place: tuple[int, int]
    pages: int
    read_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """All that one commit merges into the lake.

    `fill_batch` fills the tuples of records, by the type of a record: two fields never have the
    same type, and a new kind of record needs only a field here.
    """

    run: RunContext
    coded: tuple[CodedArticle, ...] = ()
    sightings: tuple[Sighting, ...] = ()
    fetches: tuple[Fetch, ...] = ()
    rejects: tuple[Reject, ...] = ()
    states: tuple[FeedState, ...] = ()
    queued: tuple[PendingPage, ...] = ()
    """Pages to try again in a later run."""
    dequeued: tuple[DequeuedPage, ...] = ()
    site_blocks: tuple[SiteBlock, ...] = ()
    persons: tuple[PersonFact, ...] = ()
    revisited: tuple[Revisit, ...] = ()
    raw: tuple[RawPart, ...] = ()
    cursor: Cursor | None = None
    done: str | None = None
    """The key of the backfill that ends with this commit."""
    metrics: tuple[tuple[str, int], ...] = ()
    ended_at: datetime | None = None
    run_state: str = "done"
    """The state of the run after this commit: running, done or failed."""
