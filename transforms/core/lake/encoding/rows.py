"""From records to rows, and from rows to the bytes of a Parquet file.

A row is a dict from a table's columns to values as Arrow gives them back; it does not leave the lake.
"""

import dataclasses
import io
import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from transforms.core.fetch.headers import clean_text
from transforms.core.ids import stable_id, text_sha256
from transforms.core.lake.schema.schema import Table
from transforms.core.lake.schema.tables import ARTICLES, EVENT_FIELDS, FEEDS
from transforms.core.revisits import next_revisit
from transforms.core.stories.fingerprint import fingerprint, words_of
from transforms.core.urls import registrable_domain, url_key
from transforms.records import (
    Article,
    EventMention,
    FeedSource,
    FeedState,
    Fetch,
    PendingPage,
    PersonFact,
    Reject,
    RemovedBlock,
    RunContext,
    Sighting,
    SiteBlock,
)

Row = dict[str, Any]
Key = tuple[Any, ...]
_MESSAGE = 500
_LIVE = {"scheduled", "stream"}
"""Runs that see articles as they come; what an archive has is not looked at again."""
_VOLATILE = {"run_id", "pipeline_version", "ingested_at", "snapshot_at"}
_ARTICLE_FIELDS = [f.name for f in dataclasses.fields(Article) if f.name in ARTICLES.schema.names]


def key_of(table: Table, row: Row) -> Key:
    """Return the key of a row."""
    return tuple(row[c] for c in table.key)


def is_redirect(fetch: Row) -> bool:
    """Tell whether a request's row is but a step of a request, which has a row of its own as a whole."""
    return fetch["status"] == "ok" and 300 <= (fetch["http_status"] or 0) < 400


def to_arrow(table: Table, rows: Iterable[Row]) -> pa.Table:
    """Return the rows as an Arrow table of exactly the table's schema; half characters in them are replaced."""
    listed = list(rows)
    try:
        return pa.Table.from_pylist(listed, schema=table.schema)
    except UnicodeEncodeError:
        return pa.Table.from_pylist([_whole(row) for row in listed], schema=table.schema)


def as_stored(table: Table, rows: Iterable[Row]) -> list[Row]:
    """Return the rows as reading them back would give them: single floats rounded, absent columns null."""
    return list(to_arrow(table, rows).to_pylist())


def _whole(value: Any) -> Any:
    """Return a value whose texts can be written as UTF-8."""
    if isinstance(value, str):
        return value.encode("utf8", "replace").decode("utf8")
    if isinstance(value, dict):
        return {k: _whole(v) for k, v in value.items()}
    return [_whole(v) for v in value] if isinstance(value, list | tuple) else value


def in_order(table: Table, data: pa.Table) -> pa.Table:
    """Return the rows in the table's order."""
    return data.sort_by([(c, "ascending") for c in table.sort]).combine_chunks()


def to_parquet(data: pa.Table) -> bytes:
    """Return the bytes of the Parquet file: the same for the same rows."""
    sink = io.BytesIO()
    pq.write_table(data, sink, compression="zstd", compression_level=3, row_group_size=50_000)
    return sink.getvalue()


def content_hash(table: Table, row: Row) -> str:
    """Return the hash of what a row says: without who wrote it when, derived columns and those with their own rule."""
    out = _VOLATILE | table.derived | table.ruled
    content = {k: row[k] for k in table.schema.names if k not in out}
    return text_sha256(json.dumps(content, sort_keys=True, default=_plain))


def _plain(value: object) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    raise TypeError(f"no canonical form for {type(value)}")


def published_date(row: Row) -> date:
    """Return the day an article lies under: of its publication, else of its first sight."""
    day: date = (row["published_at"] or row["first_seen_at"]).date()
    return day


def article_rows(articles: Iterable[Article], run: RunContext) -> list[Row]:
    """Return the rows of articles, derived columns at their first values."""
    return as_stored(ARTICLES, (_article_row(a, run) for a in articles))


def _article_row(article: Article, run: RunContext) -> Row:
    row = {name: getattr(article, name) for name in _ARTICLE_FIELDS}
    body = article.body
    removed = sum(len(r.text) for r in article.removed)
    row |= {
        "version": 1,
        "event_count": 0,
        "removed": [{"text": r.text, "reason": r.reason, "at": r.at} for r in article.removed],
        "word_count": len(body.split()) if body else 0,
        "body_sha256": text_sha256(body) if body else None,
        "fingerprint": fingerprint(body) if body and words_of(body) else None,
        "removed_chars": removed,
        "boilerplate_ratio": round(removed / (removed + len(body)), 4) if body else None,
        "ingested_at": run.now,
        "next_revisit_at": _next_revisit(article) if run.kind in _LIVE else None,
        "feed_ids": sorted(set(article.feed_ids)),
        "tags": sorted(set(article.tags)),
        "flags": sorted(set(article.flags)),
        **_made_by(run),
    }
    return row | {"published_date": published_date(row)}


def _next_revisit(article: Article) -> datetime | None:
    return next_revisit(article.published_at, article.first_seen_at, article.seen_at)


def article_of(row: Row) -> Article:
    """Return the article that a row holds, but for its subheadings, which the lake does not keep."""
    fields = {name: row[name] for name in _ARTICLE_FIELDS}
    lists = {name: tuple(value) for name, value in fields.items() if isinstance(value, list)}
    removed = tuple(RemovedBlock(**block) for block in row["removed"])
    return Article(**fields | lists | {"removed": removed, "url_key": url_key(row["url"])})


def content_sha256(row: Row) -> str:
    """Return the hash of an article's title and body: what makes a version."""
    return text_sha256(json.dumps([row["title"], row["body"]]))


def version_row(article: Row, fetch_id: str | None) -> Row:
    """Return the version that an article's row is, derived columns at their first values."""
    same = (
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
    return {k: article[k] for k in same} | {
        "content_sha256": content_sha256(article),
        "version": 1,
        "title_changed": False,
        "chars_added": 0,
        "chars_removed": 0,
        "fetch_id": fetch_id,
    }


def mention_rows(mentions: Sequence[EventMention], article: Row) -> list[Row]:
    """Return the rows of an article's mentions; `event_id` and `origin` are yet to be derived."""
    fields = [c.name for c in EVENT_FIELDS]
    rows, seen = [], dict[str, int]()
    for m in mentions:
        row = dataclasses.asdict(m)
        row |= _first("actor", row["actor"]) | _first("recipient", row["recipient"])
        row = {k: row[k] for k in [*fields, "event", "in_lede", "cue", "cue_start", "cue_end"]}
        place = m.trigger_start - m.evidence_start
        base = stable_id(article["article_id"], m.type, m.mode, m.evidence_field, m.evidence, place)
        number = seen[base] = seen.get(base, -1) + 1
        row |= {"mention_id": stable_id(base, number), "event_id": "", "origin": ""}
        rows.append(
            settle_mention(row, article) | {k: article[k] for k in ("run_id", "pipeline_version")}
        )
    return rows


def settle_mention(row: Row, article: Row) -> Row:
    """Return a mention's row with what it copies from its article."""
    same = ("article_id", "source_domain", "published_date", "seen_at", "body_sha256")
    return (
        row
        | {k: article[k] for k in same}
        | {"published_at": article["published_at"] or article["first_seen_at"]}
    )


def _first(role: str, actors: Sequence[Row]) -> Row:
    first = actors[0] if actors else {}
    return {f"{role}_{k}": first.get(k) for k in ("name", "country", "sector")}


def sighting_row(s: Sighting) -> Row:
    """Return the row of a sighting."""
    return _fields(s) | {"feed_ids": sorted(set(s.feed_ids)), "published_date": None}


def fetch_row(f: Fetch, run: RunContext) -> Row:
    """Return the row of a request."""
    row = _fields(f) | {"run_id": run.run_id, "fetch_date": run.now.date()}
    row["error_message"] = _cut(f.error_message)
    return row


def reject_row(r: Reject, run: RunContext) -> Row:
    """Return the row of a reject."""
    row = _fields(r)
    del row["key"], row["message"]
    return row | {
        "reject_id": stable_id(r.stage, r.key, r.reason),
        "rejected_at": run.now,
        "reject_date": run.now.date(),
        "error_message": _cut(r.message),
        **_made_by(run),
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


def feed_state(row: Row) -> FeedState:
    """Return the state that a feed's row holds."""
    source_fields = [f.name for f in dataclasses.fields(FeedSource)]
    source = FeedSource(
        **{k: row[k] for k in source_fields if k != "tags"}, tags=tuple(row["tags"])
    )
    own = {f.name for f in dataclasses.fields(FeedState)} - {"source", "pending"}
    pending = tuple(PendingPage(feed_id=source.feed_id, **p) for p in row["pending"])
    return FeedState(source=source, pending=pending, **{k: row[k] for k in own & row.keys()})


def site_block_row(block: SiteBlock) -> Row:
    """Return the row of a site's block."""
    ids = list(block.article_ids)
    return _fields(block) | {"article_ids": ids, "articles_seen": len(ids)}


def site_block(row: Row) -> SiteBlock:
    """Return the block that a row holds."""
    fields = {f.name: row[f.name] for f in dataclasses.fields(SiteBlock)}
    return SiteBlock(**fields | {"article_ids": tuple(row["article_ids"])})


def person_row(fact: PersonFact) -> Row:
    """Return the row of what articles say of a person."""
    ids = list(fact.article_ids)
    fact_hash = stable_id(fact.name, fact.country, fact.sector)
    counted = {"article_ids": ids, "articles_seen": len(ids)}
    return _fields(fact) | counted | {"fact_hash": fact_hash, "surname": fact.surname}


def person_fact(row: Row) -> PersonFact:
    """Return what a row says of a person."""
    fields = {f.name: row[f.name] for f in dataclasses.fields(PersonFact)}
    return PersonFact(**fields | {"article_ids": tuple(row["article_ids"])})


def _fields(record: Sighting | Fetch | Reject | SiteBlock | PersonFact) -> Row:
    """Return the fields of a record that holds no other; `asdict` would copy each value, at ten times the cost."""
    return {name: getattr(record, name) for name in record.__slots__}


def _made_by(run: RunContext) -> Row:
    return {"run_id": run.run_id, "pipeline_version": run.pipeline_version}


def _cut(message: str | None) -> str | None:
    return clean_text(message, _MESSAGE) if message else None
