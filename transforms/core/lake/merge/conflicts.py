"""What two versions of one row become: commutative, associative and idempotent, whatever the order
of arrival.
"""

import dataclasses
import json
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from transforms.core.clean.site_memory import merge_occurrences
from transforms.core.events.entities.known_persons import merge_person_facts
from transforms.core.ids import text_sha256
from transforms.core.lake.encoding.arrow_rows import Key, Row, content_hash, key_of
from transforms.core.lake.encoding.from_rows import person_fact, site_block
from transforms.core.lake.encoding.to_rows import person_row, published_date, site_block_row
from transforms.core.lake.schema.schema import Table
from transforms.core.lake.schema.tables import (
    ARTICLE_VERSIONS,
    ARTICLES,
    EVENT_FIELDS,
    FEEDS,
    FETCHES,
    PERSONS,
    REJECTS,
    RUNS,
    SIGHTINGS,
    SITE_BLOCKS,
)
from transforms.core.revisits import later_revisit

_EVENT_FIELDS = tuple(c.name for c in EVENT_FIELDS)
Resolve = Callable[[Row, Row], Row]


def newest_wins(table: Table, a: Row, b: Row) -> Row:
    """Return the row that is newer by the table's time.

    Of equals the greater content, then the first to be written.
    """
    rank_a, rank_b = _rank(table, a), _rank(table, b)
    if rank_a != rank_b:
        return a if rank_a > rank_b else b
    return a if _written(a) <= _written(b) else b


def _rank(table: Table, row: Row) -> tuple[bool, Any, str]:
    when = row[table.newest] if table.newest else None
    return when is not None, when if when is not None else 0, content_hash(table, row)


def _written(row: Row) -> tuple[str, str]:
    at = row.get("ingested_at") or row.get("snapshot_at")
    return at.isoformat() if at else "", row.get("run_id") or ""


def _union(a: Row, b: Row, name: str) -> list[str]:
    return sorted({*a[name], *b[name]})


def resolve_article(a: Row, b: Row) -> Row:
    """Newest `seen_at` wins.

    The first sight is the least, the feeds are the union, the next look the later one.
    """
    row = newest_wins(ARTICLES, a, b) | {
        "first_seen_at": min(a["first_seen_at"], b["first_seen_at"]),
        "feed_ids": _union(a, b, "feed_ids"),
        "next_revisit_at": later_revisit(a["next_revisit_at"], b["next_revisit_at"]),
        "raw_uri": _raw_uri(a, b),
    }
    return row | {"published_date": published_date(row)}


def _raw_uri(a: Row, b: Row) -> str | None:
    """Return where the newest page is kept; of one page that was kept twice, the least."""
    newest = max(a["seen_at"], b["seen_at"])
    kept = [r["raw_uri"] for r in (a, b) if r["seen_at"] == newest and r["raw_uri"] is not None]
    return min(kept, default=None)


def resolve_version(a: Row, b: Row) -> Row:
    """The first fetch of a text stands."""
    return min(
        a, b, key=lambda r: (r["seen_at"], r["run_id"], r["pipeline_version"], r["fetch_id"] or "")
    )


def resolve_sighting(a: Row, b: Row) -> Row:
    """The first link stands; the last sight is the greatest; the union of feeds; of the articles it
    led to, its own.

    An article whose id is the link's key is the link's own; of others the least stands. So each
    article keeps one sighting that names it.
    """
    known = sorted({r["article_id"] for r in (a, b)} - {None}, key=lambda i: (i != a["url_key"], i))
    return min(a, b, key=lambda r: (r["first_seen_at"], r["url"])) | {
        "last_seen_at": max(a["last_seen_at"], b["last_seen_at"]),
        "article_id": known[0] if known else None,
        "feed_ids": _union(a, b, "feed_ids"),
    }


def resolve_site_block(a: Row, b: Row) -> Row:
    """The 16 least of the articles that prove it.

    First sight and sample the least, last sight the greatest.
    """
    return site_block_row(merge_occurrences(site_block(a), site_block(b)))


def resolve_person(a: Row, b: Row) -> Row:
    """The 16 least of the articles that say so; the first day the least, the last the greatest."""
    return person_row(merge_person_facts(person_fact(a), person_fact(b)))


def resolve_fetch(a: Row, b: Row) -> Row:
    """Newest wins; links that were new when the request was first merged are none the second
    time."""
    counts = [r["items_new"] for r in (a, b) if r["items_new"] is not None]
    return newest_wins(FETCHES, a, b) | {"items_new": max(counts, default=None)}


def resolve_feed(a: Row, b: Row) -> Row:
    """Newest snapshot wins; a feed was first seen when it was first configured."""
    return newest_wins(FEEDS, a, b) | {"first_seen_at": min(a["first_seen_at"], b["first_seen_at"])}


RESOLVE: dict[str, Resolve] = {
    ARTICLES.name: resolve_article,
    ARTICLE_VERSIONS.name: resolve_version,
    SIGHTINGS.name: resolve_sighting,
    FEEDS.name: resolve_feed,
    FETCHES.name: resolve_fetch,
    SITE_BLOCKS.name: resolve_site_block,
    PERSONS.name: resolve_person,
    **{t.name: partial(newest_wins, t) for t in (REJECTS, RUNS)},
}


def merged(table: Table, rows: Iterable[Row]) -> dict[Key, Row]:
    """Return the rows by key, versions of one key resolved."""
    resolve, out = RESOLVE[table.name], dict[Key, Row]()
    for row in rows:
        key = key_of(table, row)
        out[key] = resolve(out[key], row) if key in out else row
    return out


@dataclasses.dataclass(frozen=True, slots=True)
class Unit:
    """An article's row with all its mentions' rows: what wins, wins together."""

    article: Row
    mentions: tuple[Row, ...]


def resolve_unit(a: Unit, b: Unit) -> Unit:
    """Return the merged article with the mentions coded from the row that won.

    Of two codings of equal rows, one that found something wins, since the other may have failed.
    """
    article = resolve_article(a.article, b.article)
    rank_a, rank_b = _rank(ARTICLES, a.article), _rank(ARTICLES, b.article)
    if rank_a == rank_b:
        rank_a, rank_b = _coding(a), _coding(b)
    if rank_a == rank_b:
        return Unit(
            article, a.mentions if _written(a.article) <= _written(b.article) else b.mentions
        )
    return Unit(article, a.mentions if rank_a > rank_b else b.mentions)


def _coding(unit: Unit) -> tuple[bool, str, str]:
    """Return what ranks codings: something before nothing, then what they say but for what the
    article says too.
    """
    said = [
        {name: m[name] for name in ("mention_id", "event", *_EVENT_FIELDS)} for m in unit.mentions
    ]
    return (
        bool(said),
        " ".join(sorted(text_sha256(json.dumps(m, sort_keys=True, default=str)) for m in said)),
        "",
    )
