"""Rows of tables from records."""

import dataclasses
import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from transforms.core.fetch.headers import clean_text
from transforms.core.ids import stable_id, text_sha256
from transforms.core.lake.encoding.arrow_rows import Row, as_stored
from transforms.core.lake.schema.tables import ARTICLES, EVENT_FIELDS, FEEDS
from transforms.core.markdown import body_markdown
from transforms.core.revisits import next_revisit
from transforms.core.stories.fingerprint import fingerprint, words_of
from transforms.core.urls import registrable_domain
from transforms.records import (
    Article,
    EventMention,
    FeedState,
    Fetch,
    PendingPage,
    PersonFact,
    Reject,
    RunContext,
    Sighting,
    SiteBlock,
)

ARTICLE_FIELDS = [f.name for f in dataclasses.fields(Article) if f.name in ARTICLES.schema.names]
"""Fields of an `Article` that go into the column of their name."""
_MENTION_FIELDS = (
    *(c.name for c in EVENT_FIELDS),
    *("event", "in_lede", "cue", "cue_start", "cue_end"),
)
"""Fields of an `EventMention` that go into the column of their name."""
_COPIED_TO_VERSION = (
    "article_id",
    "published_date",
    "seen_at",
    "title",
    "body",
    "body_sha256",
    "raw_uri",
    "run_id",
    "pipeline_version",
)
_COPIED_TO_MENTION = ("article_id", "source_domain", "published_date", "seen_at", "body_sha256")
_MAX_MESSAGE_CHARS = 500
"""Error messages of libraries may quote a whole page; their first line or two says what failed."""
_LIVE = {"scheduled", "stream"}
"""Kinds of run that see articles as they appear; pages of an archive are not revisited."""


def published_date(row: Row) -> date:
    """Return the day of an article's folder: of its publication, else of its first sighting."""
    day: date = (row["published_at"] or row["first_seen_at"]).date()
    return day


def article_rows(articles: Iterable[Article], run: RunContext) -> list[Row]:
    """Return the rows of articles, derived columns at their initial values."""
    return as_stored(ARTICLES, (_article_row(article, run) for article in articles))


def _article_row(article: Article, run: RunContext) -> Row:
    body = article.body
    removed = [{"text": r.text, "reason": r.reason, "at": r.at} for r in article.removed]
    removed_chars = sum(len(block.text) for block in article.removed)
    row = {name: getattr(article, name) for name in ARTICLE_FIELDS}
    row |= {
        "version": 1,
        "event_count": 0,
        "removed": removed,
        "body_markdown": body_markdown(article),
        "word_count": len(body.split()) if body else 0,
        "body_sha256": text_sha256(body) if body else None,
        "fingerprint": _fingerprint(body),
        "removed_chars": removed_chars,
        "boilerplate_ratio": _boilerplate_ratio(body, removed_chars),
        "ingested_at": run.now,
        "next_revisit_at": _first_revisit(article, run),
        "feed_ids": sorted(set(article.feed_ids)),
        "tags": sorted(set(article.tags)),
        "flags": sorted(set(article.flags)),
        **_provenance(run),
    }
    row["published_date"] = published_date(row)
    return row


def _fingerprint(body: str | None) -> int | None:
    return fingerprint(body) if body and words_of(body) else None


def _boilerplate_ratio(body: str | None, removed_chars: int) -> float | None:
    return round(removed_chars / (removed_chars + len(body)), 4) if body else None


def _first_revisit(article: Article, run: RunContext) -> datetime | None:
    if run.kind not in _LIVE:
        return None
    return next_revisit(article.published_at, article.first_seen_at, article.seen_at)


def version_row(article: Row, fetch_id: str | None) -> Row:
    """Return the row of an article's present text, derived columns at their initial values."""
    copied = {name: article[name] for name in _COPIED_TO_VERSION}
    return copied | {
        "content_sha256": content_sha256(article),
        "version": 1,
        "title_changed": False,
        "chars_added": 0,
        "chars_removed": 0,
        "fetch_id": fetch_id,
    }


def content_sha256(row: Row) -> str:
    """Return the hash of an article's title and body: what makes a version."""
    return text_sha256(json.dumps([row["title"], row["body"]]))


def mention_rows(mentions: Sequence[EventMention], article: Row) -> list[Row]:
    """Return the rows of an article's mentions; `event_id` and `origin` are yet to be derived."""
    rows, used = list[Row](), dict[str, int]()
    for mention in mentions:
        row = _mention_row(mention)
        place = mention.trigger_start - mention.evidence_start
        base = stable_id(
            article["article_id"],
            mention.type,
            mention.mode,
            mention.evidence_field,
            mention.evidence,
            place,
        )
        # A sentence that occurs twice in an article gives the same base twice.
        number = used[base] = used.get(base, -1) + 1
        row |= {"mention_id": stable_id(base, number), "event_id": "", "origin": ""}
        row = with_article_columns(row, article)
        rows.append(row | {k: article[k] for k in ("run_id", "pipeline_version")})
    return rows


def _mention_row(mention: EventMention) -> Row:
    row = dataclasses.asdict(mention)
    row |= _first_actor("actor", row["actor"]) | _first_actor("recipient", row["recipient"])
    return {name: row[name] for name in _MENTION_FIELDS}


def _first_actor(role: str, actors: Sequence[Row]) -> Row:
    first = actors[0] if actors else {}
    return {f"{role}_{k}": first.get(k) for k in ("name", "country", "sector")}


def with_article_columns(mention: Row, article: Row) -> Row:
    """Return a mention's row with the columns that it copies from its article."""
    copied = {name: article[name] for name in _COPIED_TO_MENTION}
    published_at = article["published_at"] or article["first_seen_at"]
    return mention | copied | {"published_at": published_at}


def sighting_row(sighting: Sighting) -> Row:
    """Return the row of a sighting."""
    feed_ids = sorted(set(sighting.feed_ids))
    return _fields(sighting) | {"feed_ids": feed_ids, "published_date": None}


def fetch_row(fetch: Fetch, run: RunContext) -> Row:
    """Return the row of a request."""
    return _fields(fetch) | {
        "run_id": run.run_id,
        "fetch_date": run.now.date(),
        "error_message": _cut(fetch.error_message),
    }


def reject_row(reject: Reject, run: RunContext) -> Row:
    """Return the row of a reject."""
    row = _fields(reject)
    del row["key"], row["message"]
    return row | {
        "reject_id": stable_id(reject.stage, reject.key, reject.reason),
        "rejected_at": run.now,
        "reject_date": run.now.date(),
        "error_message": _cut(reject.message),
        **_provenance(run),
    }


def feed_row(state: FeedState, run: RunContext) -> Row:
    """Return the row of a feed's state."""
    row = dataclasses.asdict(state)
    source = row.pop("source")
    row |= source | {
        "source_domain": registrable_domain(source["feed_url"]),
        "tags": sorted(set(source["tags"])),
        "pending": pending_pages(state.pending),
        "run_id": run.run_id,
    }
    return as_stored(FEEDS, [row])[0]


def pending_pages(pages: Iterable[PendingPage]) -> list[Row]:
    """Return the value of the column `pending`: a feed's retry queue, by URL."""
    by_url = sorted(pages, key=lambda page: page.url)
    return [{"url": p.url, "attempt": p.attempt, "not_before": p.not_before} for p in by_url]


def site_block_row(block: SiteBlock) -> Row:
    """Return the row of a site's block."""
    ids = list(block.article_ids)
    return _fields(block) | {"article_ids": ids, "articles_seen": len(ids)}


def person_row(fact: PersonFact) -> Row:
    """Return the row of a fact on a person."""
    ids = list(fact.article_ids)
    return _fields(fact) | {
        "article_ids": ids,
        "articles_seen": len(ids),
        "fact_hash": stable_id(fact.name, fact.country, fact.sector),
        "surname": fact.surname,
    }


def _fields(record: Sighting | Fetch | Reject | SiteBlock | PersonFact) -> Row:
    """Return the fields of a record that holds no other record."""
    # dataclasses.asdict copies each value deeply, at ten times the cost.
    return {name: getattr(record, name) for name in record.__slots__}


def _provenance(run: RunContext) -> Row:
    return {"run_id": run.run_id, "pipeline_version": run.pipeline_version}


def _cut(message: str | None) -> str | None:
    return clean_text(message, _MAX_MESSAGE_CHARS) if message else None
