"""The tables of the lake. After the first release columns are only added, at the end, and only as
nullable.

Ids are xxh128 in 32 hex digits, hashes SHA-256 in hex. Countries are ISO 3166 alpha-3 (IGO for
NATO, UN, EU), languages BCP-47. Offsets count characters from 0 and leave out the end. Event types,
modes, sectors and contexts are PLOVER's.
"""

from transforms.core.lake.schema.schema import (
    BOOL,
    DATE,
    F32,
    F64,
    I16,
    I32,
    I64,
    STRING,
    TIME,
    Column,
    Folder,
    Table,
    column,
    make_table,
    required,
    strings,
    structs,
)

_RUN = (
    required("run_id", STRING, "id of the run that wrote this version of the row"),
    required("pipeline_version", STRING, "version of newsbeam that wrote it"),
)
STAMPS = ("updated_at", "updated_run_id")
"""The columns that tell when a row last changed. A row is compared without them: one that a run
makes again as it was keeps them as they were."""
_UPDATED_AT = column(
    "updated_at", TIME, "time of the last change of this row, by the lake's clock; never decreases"
)
_UPDATED_RUN_ID = column("updated_run_id", STRING, "id of the run that last changed this row")
_ACTOR_FIELDS = (
    required("text", STRING, "name as written in the text"),
    column("name", STRING, "full or canonical name"),
    column("country", STRING, "ISO 3166 alpha-3, IGO for international bodies"),
    column("sector", STRING, "PLOVER sector"),
    column("start", I32, "offset of text in evidence_field; null where it is not there"),
    column("end", I32, "end offset, exclusive"),
)


def _first_actor(role: str) -> tuple[Column, ...]:
    return (
        column(f"{role}_name", STRING, f"name of the first {role}"),
        column(f"{role}_country", STRING, f"country of the first {role}"),
        column(f"{role}_sector", STRING, f"sector of the first {role}"),
    )


EVENT_FIELDS: tuple[Column, ...] = (
    required("type", STRING, "PLOVER event type"),
    column("mode", STRING, "PLOVER mode of the type"),
    required(
        "quad", STRING, "verbal_cooperation|material_cooperation|verbal_conflict|material_conflict"
    ),
    required(
        "score", F32, "of the mode, or the type without one: -10 (conflict) to +10 (cooperation)"
    ),
    strings("contexts", "PLOVER contexts"),
    structs("actor", "actors, in text order", *_ACTOR_FIELDS),
    structs("recipient", "recipients of the action, in text order", *_ACTOR_FIELDS),
    *_first_actor("actor"),
    *_first_actor("recipient"),
    column("location", STRING, "name of the place, as written"),
    column("country", STRING, "country of that place, never of the actor"),
    column("admin1", STRING, "first-level region of that place"),
    column("lat", F64, "degrees north; null unless geo_precision is point or city"),
    column("lon", F64, "degrees east; null unless geo_precision is point or city"),
    required("geo_precision", STRING, "point|city|admin1|country|none"),
    column("date", DATE, "when it happened; the first day of a period"),
    required("date_precision", STRING, "day|week|month|year|none"),
    required("date_basis", STRING, "explicit|relative|publication|none"),
    required("modality", STRING, "actual|future|hypothetical|negated|historical"),
    column(
        "claimant",
        STRING,
        "who states the event; null where the article states it without a source",
    ),
    column("claimant_country", STRING, "country of the claimant"),
    column("claimant_sector", STRING, "sector of the claimant"),
    column("via", STRING, "intermediary that reported the claim"),
    column("dead", I32, "number of people killed, as stated in the sentence"),
    column("injured", I32, "number of people injured, as stated in the sentence"),
    column("size", I32, "size of the crowd, force or seizure"),
    required("confidence", F32, "confidence in the coding, 0 to 1"),
    required("rule", STRING, "name of the rule that coded it"),
    required("coder_version", STRING, "version of the event rules"),
    required("evidence", STRING, "exact substring of the article's title or body"),
    required("evidence_field", STRING, "title|body"),
    required("evidence_start", I32, "offset of the evidence in that field"),
    required("evidence_end", I32, "end offset, exclusive"),
    required("trigger", STRING, "words that the rule matched"),
    required("trigger_start", I32, "offset of the trigger in the same field"),
    required("trigger_end", I32, "end offset, exclusive"),
)

ARTICLES = make_table(
    "articles",
    (
        required(
            "article_id",
            STRING,
            "hash of the canonical URL, else of the normalised URL; the same in all versions",
        ),
        required("version", I16, "number of this version in article_versions, from 1"),
        required("url", STRING, "URL as linked"),
        required(
            "canonical_url",
            STRING,
            "URL of rel=canonical where it is plausible, else the normalised URL",
        ),
        required("source_domain", STRING, "registrable domain of the canonical URL"),
        strings("feed_ids", "ids of the feeds that listed it; empty for archives"),
        column("title", STRING, "headline"),
        column("standfirst", STRING, "summary printed below the headline"),
        strings("authors", "authors, in the order of the byline"),
        column("byline", STRING, "byline as printed"),
        column(
            "date_line", STRING, 'dateline, place and date at the start of the text: "KYIV, Oct 10"'
        ),
        column("credit", STRING, 'news agency named in the credit line: "Reuters"'),
        strings("captions", "captions, in page order"),
        column("published_at", TIME, "time of publication"),
        required("published_precision", STRING, "second|minute|day|none"),
        required(
            "published_basis", STRING, "feed|jsonld|meta|time|url|printed|modified|first_seen"
        ),
        required(
            "published_date",
            DATE,
            "UTC day of published_at, else of first_seen_at; the row's folder",
        ),
        column("modified_at", TIME, "time of the last change, as the page states it"),
        required("first_seen_at", TIME, "time of the first sighting"),
        required(
            "seen_at", TIME, "fetch time of this version; for archives, the date of the record"
        ),
        required("ingested_at", TIME, "time by the clock of the run that wrote the row"),
        column("language", STRING, "language as detected, BCP-47"),
        column("language_score", F32, "confidence of the detection, 0 to 1"),
        column("section", STRING, "section of the site, as the publisher names it"),
        strings("tags", "tags given by the publisher"),
        column("image_url", STRING, "URL of the lead image"),
        column(
            "body",
            STRING,
            "clean text, blank lines between paragraphs; null where the page has no article text",
        ),
        required("word_count", I32, "number of words in the body"),
        column("body_sha256", STRING, "SHA-256 of the body"),
        column("fingerprint", I64, "near-duplicate hash of the body, 64 bits as a signed integer"),
        required(
            "page_kind",
            STRING,
            "article|live_blog|paywall|consent_wall|challenge|login|soft_404|home|product|gallery|"
            "video|not_html|empty",
        ),
        required(
            "extraction_basis",
            STRING,
            "source of the body: page|feed|text|jsonld|next_data|nuxt|apollo|state",
        ),
        structs(
            "removed",
            "blocks removed from the body, in page order",
            required("text", STRING, "text of the block"),
            required("reason", STRING, "name of the rule, or site-memory, repeat, headline, ..."),
            required("at", I32, "offset in the body at which it was removed"),
        ),
        required("removed_chars", I32, "number of characters removed"),
        column("boilerplate_ratio", F32, "removed_chars / (removed_chars + length of body)"),
        strings("flags", "charset_guessed, date_guessed, title_mismatch, truncated, ..."),
        column("duplicate_of", STRING, "article_id of the earliest copy; null for that copy"),
        column("duplicate_kind", STRING, "exact|near|syndicated"),
        column("story_id", STRING, "id of its story"),
        required("event_count", I32, "number of event mentions in it"),
        column("memory_version", STRING, "version of site_blocks used to clean it; null for none"),
        column("next_revisit_at", TIME, "time of the next revisit; null where none is due"),
        column("raw_uri", STRING, "location of the raw page: file, record and offset in _raw"),
        *_RUN,
        _UPDATED_AT,
        _UPDATED_RUN_ID,
        column(
            "body_markdown",
            STRING,
            "the blocks of the body as Markdown: headings, lists, quotations, tables, code",
        ),
    ),
    key=("article_id",),
    folder=Folder("day", "published_date"),
    sort=("source_domain", "published_at", "article_id"),
    newest="seen_at",
    derived=("version", "duplicate_of", "duplicate_kind", "story_id", "event_count", *STAMPS),
    ruled=("first_seen_at", "feed_ids", "published_date", "next_revisit_at", "raw_uri"),
)

ARTICLE_VERSIONS = make_table(
    "article_versions",
    (
        required("article_id", STRING, "id of the article"),
        required("content_sha256", STRING, "hash of title and body"),
        required("version", I16, "rank by (seen_at, content_sha256), from 1"),
        required("published_date", DATE, "published_date of the article; the row's folder"),
        required("seen_at", TIME, "time of the first fetch of this text"),
        column("title", STRING, "headline of this version"),
        column("body", STRING, "clean text of this version"),
        column("body_sha256", STRING, "SHA-256 of the body"),
        required("title_changed", BOOL, "whether the title differs from the previous version's"),
        required(
            "chars_added", I32, "characters added since the previous version; 0 for the first"
        ),
        required(
            "chars_removed", I32, "characters removed since the previous version; 0 for the first"
        ),
        column("fetch_id", STRING, "fetch_id of the request that returned it; null for archives"),
        *_RUN,
        column("raw_uri", STRING, "location of the raw page: file, record and offset in _raw"),
        _UPDATED_AT,
        _UPDATED_RUN_ID,
    ),
    key=("article_id", "content_sha256"),
    folder=Folder("day", "published_date"),
    sort=("article_id", "content_sha256"),
    derived=(
        *("version", "published_date", "title_changed", "chars_added", "chars_removed"),
        *STAMPS,
    ),
)

EVENT_MENTIONS = make_table(
    "event_mentions",
    (
        required(
            "mention_id",
            STRING,
            "hash of article, type, mode, evidence and the trigger's position in the evidence",
        ),
        required("event_id", STRING, "id of the event that it reports"),
        required("article_id", STRING, "id of the article that contains it"),
        required("event", I16, "number of the event in the article"),
        required("source_domain", STRING, "source_domain of the article"),
        required("published_at", TIME, "published_at of the article, else its first_seen_at"),
        required("published_date", DATE, "published_date of the article; the row's folder"),
        required("seen_at", TIME, "seen_at of the article"),
        required(
            "body_sha256", STRING, "hash of the coded text, equal to body_sha256 of the article"
        ),
        required("in_lede", BOOL, "whether it is in the first two paragraphs"),
        required(
            "origin",
            STRING,
            "independent origin: the credited agency, else the domain of the earliest copy",
        ),
        *EVENT_FIELDS,
        *_RUN,
        column(
            "cue",
            STRING,
            "word that attributes the event to the claimant, where it is in the same sentence",
        ),
        column("cue_start", I32, "offset of the cue in the field named by evidence_field"),
        column("cue_end", I32, "end offset of the cue, exclusive"),
        _UPDATED_AT,
        _UPDATED_RUN_ID,
    ),
    key=("mention_id",),
    folder=Folder("day", "published_date"),
    sort=("event_id", "article_id", "mention_id"),
    derived=("event_id", "origin", *STAMPS),
)

SIGHTINGS = make_table(
    "sightings",
    (
        required("url_key", STRING, "hash of the normalised URL"),
        required("url", STRING, "URL as first linked"),
        column("article_id", STRING, "id of the article it leads to; null until known"),
        strings("feed_ids", "ids of the feeds that linked to it"),
        required("first_seen_at", TIME, "time of the first sighting"),
        required("last_seen_at", TIME, "time of the last sighting in a changed feed document"),
        column(
            "published_date",
            DATE,
            "published_date of the article; null where it is not in the lake",
        ),
    ),
    key=("url_key",),
    folder=Folder("bucket", "url_key"),
    sort=("url_key",),
    derived=("published_date",),
)

FETCHES = make_table(
    "fetches",
    (
        required("fetch_id", STRING, "hash of run_id, kind, url, attempt, hop"),
        required("run_id", STRING, "id of the run"),
        required("kind", STRING, "feed|article|robots|sitemap"),
        required("fetched_at", TIME, "time the request began"),
        required("fetch_date", DATE, "day of the run's clock; the row's folder"),
        column("feed_id", STRING, "id of the feed, or of the feed that linked to the page"),
        column("article_id", STRING, "id of the article extracted from the response"),
        required("url", STRING, "URL as requested"),
        column("final_url", STRING, "URL after redirects"),
        required("host", STRING, "host of the requested URL"),
        required(
            "status",
            STRING,
            "ok|not_modified|http_error|timeout|dns|tls|refused|robots|too_large|not_html|skipped",
        ),
        column("http_status", I16, "status code of the last hop"),
        required("attempt", I16, "number of the attempt, from 0"),
        column("duration_ms", I32, "milliseconds from the request to the last byte"),
        column("bytes", I64, "size of the body, decompressed"),
        column("content_type", STRING, "Content-Type header"),
        column("etag", STRING, "ETag header"),
        column("last_modified", STRING, "Last-Modified header"),
        column("body_sha256", STRING, "SHA-256 of the body, decompressed"),
        column("items_seen", I32, "number of entries in the feed document"),
        column("items_new", I32, "number of those entries not seen before"),
        column("error_class", STRING, "class or code of the failure"),
        column("error_message", STRING, "error message, truncated to 500 characters"),
        column("raw_uri", STRING, "location of the raw page: file, record and offset in _raw"),
    ),
    key=("fetch_id",),
    folder=Folder("day", "fetch_date"),
    sort=("fetched_at", "fetch_id"),
    newest="fetched_at",
    derived=("article_id", "items_new"),
)

REJECTS = make_table(
    "rejects",
    (
        required("reject_id", STRING, "hash of stage, key of the element, reason"),
        required("stage", STRING, "feed_parse|archive|fetch|extract|clean|events|write"),
        required("reason", STRING, "stable code, such as E_EXTRACT_EMPTY"),
        required("rejected_at", TIME, "time by the run's clock"),
        required("reject_date", DATE, "day of the run's clock; the row's folder"),
        column("feed_id", STRING, "id of the feed it came from"),
        column("article_id", STRING, "id of the article, where known"),
        column("url", STRING, "URL of the page or feed"),
        required("retryable", BOOL, "whether a retry may succeed"),
        required("attempt", I16, "number of the attempt, from 0"),
        column("error_class", STRING, "class of the error"),
        column("error_message", STRING, "error message, truncated to 500 characters"),
        column("payload", STRING, "JSON of the element, for replay"),
        required("payload_truncated", BOOL, "whether the payload was truncated"),
        *_RUN,
    ),
    key=("reject_date", "reject_id"),
    folder=Folder("day", "reject_date"),
    sort=("stage", "reason", "reject_date", "reject_id"),
    newest="rejected_at",
)

SITE_BLOCKS = make_table(
    "site_blocks",
    (
        required("site", STRING, "registrable domain"),
        required("block_hash", STRING, "hash of the zone and the block's normalised text"),
        required("sample", STRING, "text of the block, truncated to 200 characters"),
        strings("article_ids", "ids of articles that contain it, at most 16"),
        required("articles_seen", I32, "length of article_ids; 16 means 16 or more"),
        required("first_seen_at", TIME, "earliest seen_at of its articles"),
        required("last_seen_at", TIME, "latest seen_at of its articles"),
        required("verdict", STRING, "boilerplate|body|undecided"),
        required("zone", STRING, "position in its articles: edge|inside"),
    ),
    key=("site", "block_hash"),
    folder=Folder("bucket", "site", hash_first=True),
    sort=("site", "block_hash"),
    derived=("articles_seen", "verdict"),
)

PERSONS = make_table(
    "persons",
    (
        required("name", STRING, "full name, as written in articles"),
        required("surname", STRING, "last word of the name"),
        required("fact_hash", STRING, "hash of name, country and sector"),
        required("country", STRING, "country for which the person acts, as articles state it"),
        column("sector", STRING, "sector in which the person acts, as articles state it"),
        strings("article_ids", "ids of the articles that state it, at most 16"),
        required("articles_seen", I32, "length of article_ids; 16 means 16 or more"),
        required("first_date", DATE, "publication date of the earliest of them"),
        required("last_date", DATE, "publication date of the latest of them"),
    ),
    key=("name", "fact_hash"),
    folder=Folder("bucket", "name", hash_first=True),
    sort=("name", "fact_hash"),
    derived=("articles_seen",),
)

EVENTS = make_table(
    "events",
    (
        required(
            "event_id", STRING, "hash of the first mention at the time the event was first seen"
        ),
        strings("previous_ids", "ids under which it, or an event merged into it, was published"),
        required("published_date", DATE, "day of the first report; the row's folder"),
        required("first_published_at", TIME, "time of the first report"),
        required("last_published_at", TIME, "time of the last report"),
        *EVENT_FIELDS,
        required("canonical_mention_id", STRING, "id of the mention that the fields are from"),
        structs(
            "filled_from",
            "fields that are null in the canonical mention, with the mention that supplies each",
            required("field", STRING, "name of the field"),
            required("mention_id", STRING, "id of the mention that supplies it"),
        ),
        required("mention_count", I32, "number of mentions with the event's modality"),
        required("article_count", I32, "number of articles of those mentions"),
        required("source_count", I32, "number of source domains of those mentions"),
        required("origin_count", I32, "number of independent origins of those mentions"),
        required("claim_status", STRING, "stated|claimed|both, over those mentions"),
        strings("claimed_by", "claimants of those mentions, unless negated"),
        strings(
            "denied_by", "claimants of negated mentions, or the source_domain where there is none"
        ),
        required("contradicted", BOOL, "whether it is both affirmed and denied"),
        required("first_source_domain", STRING, "source domain of the first report"),
        column("story_id", STRING, "story_id of the canonical mention's article"),
        column("headline", STRING, "headline of the canonical mention's article"),
        required("sample_url", STRING, "URL of the canonical mention's article"),
        *_RUN,
        _UPDATED_AT,
        _UPDATED_RUN_ID,
    ),
    key=("event_id",),
    folder=Folder("day", "published_date"),
    sort=("type", "country", "first_published_at", "event_id"),
    derived=STAMPS,
    ruled=("previous_ids",),
)

STORIES = make_table(
    "stories",
    (
        required(
            "story_id", STRING, "hash of the first article at the time the story was first seen"
        ),
        strings("previous_ids", "ids under which it, or a story merged into it, was published"),
        required("story_date", DATE, "UTC day of first_at; the row's folder"),
        required("first_at", TIME, "time of the first article"),
        required("last_at", TIME, "time of the last article"),
        required("updated_at", TIME, _UPDATED_AT.description),
        column("headline", STRING, "headline of the first article"),
        strings("languages", "languages of its articles"),
        strings("top_terms", "names and terms, highest-weighted first"),
        column("top_type", STRING, "most frequent event type"),
        column("top_country", STRING, "most frequent country of its events"),
        required("article_count", I32, "number of articles"),
        required("source_count", I32, "number of source domains"),
        required("origin_count", I32, "number of independent origins"),
        required("event_count", I32, "number of events"),
        required("first_source_domain", STRING, "source domain of the first article"),
        required("first_article_id", STRING, "id of the first article"),
        *_RUN,
        _UPDATED_RUN_ID,
    ),
    key=("story_id",),
    folder=Folder("day", "story_date"),
    sort=("first_at", "story_id"),
    derived=STAMPS,
    ruled=("previous_ids",),
)

DELETED_ROWS = make_table(
    "deleted_rows",
    (
        required("table_name", STRING, "articles|article_versions|event_mentions|events|stories"),
        required("row_key", STRING, "key of the row; values of several columns are joined by /"),
        required("row_date", DATE, "date of the row's folder, and of this row's"),
        column(
            "replaced_by",
            STRING,
            "id of the event or story that the row was merged into; null if there is none",
        ),
        required("deleted_at", TIME, "time of the deletion, by the lake's clock; never decreases"),
        required("deleted_run_id", STRING, "id of the run that deleted it"),
    ),
    key=("row_date", "table_name", "row_key"),
    folder=Folder("day", "row_date"),
    sort=("row_date", "table_name", "row_key"),
    newest="deleted_at",
)

FEEDS = make_table(
    "feeds",
    (
        required("feed_id", STRING, "hash of the normalised feed URL"),
        required("feed_url", STRING, "URL as configured"),
        column("title", STRING, "title of the feed"),
        column("site_url", STRING, "URL of the publisher's site"),
        required("source_domain", STRING, "registrable domain of the feed URL"),
        column("country", STRING, "country of the publisher"),
        column("language", STRING, "language as declared"),
        column("folder", STRING, "folder in the OPML list"),
        strings("tags", "labels"),
        required("enabled", BOOL, "whether it is polled"),
        column("poll_interval_s", I32, "seconds between polls"),
        column("next_due_at", TIME, "time before which it is not polled"),
        required("first_seen_at", TIME, "time it was first configured"),
        column("last_fetch_at", TIME, "time of the last poll"),
        column("last_success_at", TIME, "time of the last response with status 200 or 304"),
        column("last_item_at", TIME, "time of the newest entry"),
        column("etag", STRING, "ETag of the last response with status 200"),
        column("last_modified", STRING, "Last-Modified of the last response with status 200"),
        column("body_sha256", STRING, "SHA-256 of the last 200's body; decides whether it changed"),
        column("moved_to", STRING, "target URL of a permanent redirect (301)"),
        required("moved_count", I16, "consecutive polls redirected there; adopted after three"),
        required("consecutive_failures", I32, "number of consecutive failed polls"),
        required("health", STRING, "ok|slow|stale|failing|gone|disabled"),
        column("health_reason", STRING, "reason for the health"),
        structs(
            "pending",
            "retry queue: pages that the next run fetches first, sorted by url",
            required("url", STRING, "URL of the page"),
            required("attempt", I16, "number of attempts so far"),
            required("not_before", TIME, "time before which it is not retried"),
        ),
        required("snapshot_at", TIME, "time by the run's clock"),
        required("run_id", STRING, "id of the run that wrote this version of the row"),
        column(
            "backoff_until",
            TIME,
            "time until which all feeds of its domain wait, after a 429, or a 503 with Retry-After",
        ),
        column(
            "last_full_at",
            TIME,
            "time of the last 200 with a body; a day later it is polled without validators",
        ),
        column("item_gap_s", I32, "typical seconds between its newest items"),
        column(
            "requested_interval_s", I32, "seconds between polls that the feed document requests"
        ),
        column(
            "skip_times",
            STRING,
            "hours (GMT) and days without polls, as the document requests: `0 1 Saturday`",
        ),
    ),
    key=("feed_id",),
    folder=Folder("all"),
    sort=("feed_id",),
    newest="snapshot_at",
    ruled=("first_seen_at", "pending"),
)

RUNS = make_table(
    "runs",
    (
        required("run_id", STRING, "id of the run"),
        required("kind", STRING, "scheduled|backfill|replay|rebuild|stream"),
        required("status", STRING, "running|ok|partial|failed"),
        required("run_date", DATE, "day of the run's clock; the row's folder"),
        required("started_at", TIME, "time the run started, by its clock"),
        column("ended_at", TIME, "time of its last commit"),
        column("window_start_at", TIME, "oldest publication time of its articles"),
        column("window_end_at", TIME, "newest publication time of its articles"),
        required("runner", STRING, "Beam runner"),
        required("pipeline_version", STRING, "version of newsbeam"),
        required("config_sha256", STRING, "hash of the options"),
        required("feeds", I32, "number of feeds polled"),
        required("articles_new", I32, "number of articles added to the lake"),
        required("articles_rejected", I32, "number of rejects added to the lake"),
        required("events_new", I32, "number of events added to the lake"),
        structs(
            "metrics",
            "counters by name",
            required("name", STRING, "name of the counter"),
            required("value", I64, "value of the counter"),
        ),
    ),
    key=("run_id",),
    folder=Folder("day", "run_date"),
    sort=("started_at", "run_id"),
    newest="ended_at",
)

TABLES: dict[str, Table] = {
    t.name: t
    for t in (
        ARTICLES,
        ARTICLE_VERSIONS,
        EVENT_MENTIONS,
        SIGHTINGS,
        FETCHES,
        REJECTS,
        SITE_BLOCKS,
        PERSONS,
        EVENTS,
        STORIES,
        DELETED_ROWS,
        FEEDS,
        RUNS,
    )
}
STAMPED = tuple(t for t in TABLES.values() if t.derived.issuperset(STAMPS))
"""The tables whose rows tell when they last changed."""
