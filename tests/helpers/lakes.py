"""Batches and lakes for tests: builders of records with defaults, and readers of what a lake holds."""

import contextlib
import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from transforms.core.lake.lake import Lake
from transforms.core.lake.log.commit_file import Commit
from transforms.core.lake.log.history import consistent_number, pending_commit
from transforms.core.lake.schema.tables import TABLES
from transforms.core.urls import registrable_domain, url_key
from transforms.records import (
    Actor,
    Article,
    Batch,
    CodedArticle,
    DequeuedPage,
    EventMention,
    FeedSource,
    FeedState,
    PendingPage,
    RunContext,
    Sighting,
)
from transforms.stores import LocalStore

NOW = datetime(2024, 5, 6, 12, tzinfo=UTC)
NETWORK = frozenset({"fetches", "runs", "feeds"})
"""The tables that record requests and runs, which differ between runs on the same pages."""
WORDS = (
    "ministers met envoys in the capital on Monday to discuss a ceasefire that both "
    "armies had refused for months and "
    "said that talks would go on until the border is open again for aid convoys and for "
    "families who fled the fighting"
)


def run_of(run_id: str = "r1", now: datetime = NOW) -> RunContext:
    """Return the context of a run."""
    return RunContext(
        run_id=run_id,
        kind="scheduled",
        now=now,
        runner="FnApiRunner",
        pipeline_version="test",
        config_sha256="0" * 64,
    )


def article(canonical: str, body: str | None = None, **fields: Any) -> Article:
    """Return an article of the page at a canonical URL."""
    values: dict[str, Any] = {
        "article_id": url_key(canonical),
        "url_key": url_key(canonical),
        "url": canonical,
        "canonical_url": canonical,
        "source_domain": registrable_domain(canonical),
        "title": "Ministers meet envoys",
        "published_at": NOW - timedelta(hours=3),
        "published_precision": "second",
        "published_basis": "feed",
        "first_seen_at": NOW,
        "seen_at": NOW,
        "language": "en",
        "language_score": 0.9,
        "body": WORDS if body is None else body or None,
    }
    return Article(**values | fields)


def mention(text: str, trigger: str = "met", *, event: int = 1, **fields: Any) -> EventMention:
    """Return a mention whose evidence is a whole text and whose trigger is a word of it."""
    at = text.index(trigger)
    values: dict[str, Any] = {
        "event": event,
        "type": "CONSULT",
        "quad": "verbal_cooperation",
        "score": 2.5,
        "actor": (Actor(text="ministers", country="FRA", sector="GOV"),),
        "confidence": 0.7,
        "rule": "consult.meet",
        "coder_version": "test",
        "evidence": text,
        "evidence_field": "body",
        "evidence_start": 0,
        "evidence_end": len(text),
        "trigger": trigger,
        "trigger_start": at,
        "trigger_end": at + len(trigger),
    }
    return EventMention(**values | fields)


def coded(a: Article, *mentions: EventMention) -> CodedArticle:
    """Return an article with its mentions."""
    return CodedArticle(article=a, mentions=mentions)


def sighting(url: str, feed_id: str = "f1", at: datetime = NOW) -> Sighting:
    """Return the sighting of a link in a feed."""
    return Sighting(
        url_key=url_key(url), url=url, feed_ids=(feed_id,), first_seen_at=at, last_seen_at=at
    )


def state(url: str, **fields: Any) -> FeedState:
    """Return the state of a feed."""
    source = FeedSource(feed_id=url_key(url), feed_url=url)
    values: dict[str, Any] = {"source": source, "first_seen_at": NOW, "snapshot_at": NOW}
    return FeedState(**values | fields)


def dequeued(page: PendingPage) -> DequeuedPage:
    """Return the record of a page that a run took from the retry queue."""
    return DequeuedPage(feed_id=page.feed_id, url=page.url, attempt=page.attempt)


def make_batch(
    *coded_articles: CodedArticle, run: RunContext | None = None, **fields: Any
) -> Batch:
    """Return a batch of articles, of run `r1` unless another is given."""
    return Batch(run=run or run_of(), coded=coded_articles, **fields)


def first_batch() -> Batch:
    """Return a batch of two articles of two days, one of which a feed listed."""
    yesterday = NOW - timedelta(days=1)
    return make_batch(
        coded(article("http://a.test/1"), mention(WORDS)),
        coded(article("http://b.test/1", published_at=yesterday), mention(WORDS)),
        sightings=(sighting("http://a.test/1"),),
    )


def second_batch(*more: CodedArticle) -> Batch:
    """Return a batch that moves an article of `first_batch` to another day, and of more articles.

    Merged after the first batch, it makes a commit that writes, replaces and deletes files.
    """
    moved = article(
        "http://a.test/1", published_at=NOW - timedelta(days=2), seen_at=NOW + timedelta(hours=1)
    )
    return make_batch(coded(moved, mention(WORDS)), *more, run=run_of("r2"))


def writer_batch(writer: int) -> Batch:
    """Return the batch of one article that one of several writers at once merges."""
    written = article(f"http://s{writer}.test/1", f"{writer} " * 30 + WORDS)
    return make_batch(coded(written), run=run_of(f"w{writer}"))


def make_lake(path: Path) -> Lake:
    """Return a new lake in a folder."""
    lake = Lake(LocalStore(path))
    lake.prepare()
    return lake


def hashes(path: Path, without: frozenset[str] = frozenset()) -> dict[str, str]:
    """Return the SHA-256 of each Parquet file of a lake, without those of some tables, by path."""
    files = sorted(p for name in TABLES.keys() - without for p in (path / name).rglob("*.parquet"))
    return {
        p.relative_to(path).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in files
    }


def rows(path: Path, table: str) -> list[dict[str, Any]]:
    """Return all rows of a table, in order of its files."""
    found = sorted((path / table).rglob("*.parquet"))
    return [r for p in found for r in pq.read_table(p, partitioning=None).to_pylist()]


def half_published(root: Path) -> Commit:
    """Interrupt a writer between two renames of its publishing, and return its commit."""
    make_lake(root).merge(first_batch())

    class Dying(LocalStore):
        left = 3

        def rename(self, source: str, target: str) -> bool:
            Dying.left -= 1
            if not Dying.left:
                raise KeyboardInterrupt
            return super().rename(source, target)

    with contextlib.suppress(KeyboardInterrupt):
        Lake(Dying(root)).merge(second_batch(coded(article("http://c.test/1", "Else. " * 30))))
    commit = pending_commit(LocalStore(root))
    assert commit is not None
    assert consistent_number(LocalStore(root)) is None
    return commit
