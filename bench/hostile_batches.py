"""Hostile batches of a merge: each line of a document names a kind of record, and its number."""

import dataclasses
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from bench.hostile_shapes import LEDE, Shape, repeated
from transforms.core.lake.batch import fill_batch
from transforms.core.lake.merge.merge import merge_batch
from transforms.core.lake.merge.overlay import Overlay, path_of
from transforms.core.urls import url_key
from transforms.records import (
    Actor,
    Article,
    Batch,
    CodedArticle,
    EventMention,
    FeedSource,
    FeedState,
    PendingPage,
    PersonFact,
    Reject,
    RunContext,
    Sighting,
    SiteBlock,
)

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
"""The clock of the first merge."""
LATER = timedelta(hours=1)
"""Time until the second merge."""
_SHARED = " ".join(f"shared{n}" for n in range(30))
_FEED = FeedState(
    source=FeedSource(feed_id="f", feed_url="http://a.test/feed"),
    first_seen_at=NOW,
    snapshot_at=NOW,
)


def article(number: int, body: str, *, name: str | None = None, days: int = 0) -> CodedArticle:
    """Return an article of a site; `name` is that of its canonical link, by default its number."""
    url = f"http://a.test/{number}"
    canonical = f"http://a.test/{name or number}"
    return CodedArticle(
        article=Article(
            article_id=url_key(canonical),
            url_key=url_key(url),
            url=url,
            canonical_url=canonical,
            source_domain="a.test",
            feed_ids=("f",),
            title="Town to close its bridge",
            published_at=NOW - timedelta(days=days),
            first_seen_at=NOW,
            seen_at=NOW,
            language="en",
            body=body,
        )
    )


def with_mentions(coded: CodedArticle, count: int = 1, party: str = "town") -> CodedArticle:
    """Return the article with mentions of so many events in its first sentence."""
    text = coded.article.body or ""
    mentions = [
        EventMention(
            event=number,
            type="CONSULT",
            quad="verbal_cooperation",
            score=2.5,
            actor=(Actor(text=party, name=party, country="FRA"),),
            confidence=0.7,
            rule="consult.meet",
            coder_version="bench",
            evidence=text,
            evidence_field="body",
            evidence_start=0,
            evidence_end=len(text),
            trigger=text[:3],
            trigger_start=0,
            trigger_end=3,
        )
        for number in range(1, count + 1)
    ]
    return dataclasses.replace(coded, mentions=tuple(mentions))


def own_words(number: int, count: int = 30) -> str:
    """Return words that no other text has."""
    return " ".join(f"own{number}x{n}" for n in range(count))


def sighting(number: int, feed_id: str = "f") -> Sighting:
    """Return the sighting of a link in a feed."""
    url = f"http://a.test/{number}"
    return Sighting(
        url_key=url_key(url), url=url, feed_ids=(feed_id,), first_seen_at=NOW, last_seen_at=NOW
    )


def _block(number: int) -> SiteBlock:
    return SiteBlock(
        site="a.test",
        block_hash=f"{number:016x}",
        zone="edge",
        sample=f"Read more on bridge {number}",
        article_ids=tuple(url_key(f"http://a.test/{n}") for n in range(4)),
        first_seen_at=NOW,
        last_seen_at=NOW,
    )


def _person(number: int) -> PersonFact:
    day = NOW.date()
    return PersonFact(
        name=f"Jane Roe{number}",
        country="FRA",
        sector="GOV",
        article_ids=("a",),
        first_date=day,
        last_date=day,
    )


KINDS: dict[str, Callable[[int], Any]] = {
    "article": lambda n: article(n, own_words(n)),
    "copy": lambda n: article(n, LEDE * 3),
    "copy-of-a-week": lambda n: article(n, LEDE * 3, days=n % 7),
    "template": lambda n: article(n, f"{_SHARED} {n}"),
    "half-template": lambda n: article(n, f"{_SHARED} {own_words(n, 15)}"),
    "link": lambda n: article(n, LEDE * 3, name="bridge"),
    "link-to-a-text": lambda n: article(n, own_words(n), name="bridge"),
    "event": lambda n: with_mentions(article(n, own_words(n))),
    "event-of-copies": lambda n: with_mentions(article(n, LEDE * 3)),
    "events-of-copies": lambda n: with_mentions(article(n, LEDE * 3), 3, party=f"party{n}"),
    "sighting": sighting,
    "sighting-of-one": lambda n: sighting(1, feed_id=f"f{n}"),
    "page-to-retry": lambda n: PendingPage(
        feed_id="f", url=f"http://a.test/{n}", attempt=1, not_before=NOW
    ),
    "reject": lambda n: Reject(
        stage="extract", reason="E_EXTRACT_EMPTY", key=f"k{n}", message="no text"
    ),
    "block-of-a-site": _block,
    "person": _person,
}
"""Makers of records by kind: of one number, always the same record."""

MERGES: dict[str, Shape] = {kind: repeated(f"{kind} #\n") for kind in KINDS}
"""Documents of records of one kind."""


def merge(document: str) -> None:
    """Merge every second record into an empty lake, then all of them as of an hour later."""
    lines = [line.split() for line in document.splitlines()]
    records = [KINDS[kind](int(number)) for kind, number in lines]
    files: dict[str, pa.Table] = {}
    _merge_records(files, "r1", NOW, records[::2])
    _merge_records(files, "r2", NOW + LATER, [_as_of(record, NOW + LATER) for record in records])


def _as_of(record: Any, at: datetime) -> Any:
    """Return an article as a later visit finds it; other records as they are."""
    if not isinstance(record, CodedArticle):
        return record
    return dataclasses.replace(record, article=dataclasses.replace(record.article, seen_at=at))


def _merge_records(
    files: dict[str, pa.Table], run_id: str, now: datetime, records: Iterable[Any]
) -> None:
    run = RunContext(
        run_id=run_id,
        kind="scheduled",
        now=now,
        runner="bench",
        pipeline_version="bench",
        config_sha256="0" * 64,
    )

    def read(path: str, names: Any) -> pa.Table | None:
        found = files.get(path)
        if found is None or names is None:
            return found
        return found.select([name for name in names if name in found.schema.names])

    lake = Overlay(read)
    merge_batch(lake, fill_batch(Batch(run=run), [_FEED, *records]))
    files.update({path_of(table, folder): data for table, folder, data in lake.files()})
