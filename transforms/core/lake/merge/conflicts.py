"""Resolve two versions of one row to one.

Each rule is commutative, associative and idempotent, so that the result does not depend on the
order of arrival, nor on how often a row arrives.
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

    Of two equally new, the one whose content has the greater hash; of equal content, the one
    written first.
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
    """Return the row with the newest `seen_at`.

    `first_seen_at` is the earlier, `next_revisit_at` the later of the two, `feed_ids` the union.
    """
    row = newest_wins(ARTICLES, a, b) | {
        "first_seen_at": min(a["first_seen_at"], b["first_seen_at"]),
        "feed_ids": _union(a, b, "feed_ids"),
        "next_revisit_at": later_revisit(a["next_revisit_at"], b["next_revisit_at"]),
        "raw_uri": _raw_uri(a, b),
    }
    return row | {"published_date": published_date(row)}


def _raw_uri(a: Row, b: Row) -> str | None:
    """Return where the newest page is kept; of one page that was kept twice, the lesser URI."""
    newest = max(a["seen_at"], b["seen_at"])
    kept = [r["raw_uri"] for r in (a, b) if r["seen_at"] == newest and r["raw_uri"] is not None]
    return min(kept, default=None)


def resolve_version(a: Row, b: Row) -> Row:
    """Return the row of the first fetch of the text."""
    return min(
        a, b, key=lambda r: (r["seen_at"], r["run_id"], r["pipeline_version"], r["fetch_id"] or "")
    )


def resolve_sighting(a: Row, b: Row) -> Row:
    """Return the row of the first sighting, with the later `last_seen_at` and the union of feeds.

    If the link led to two articles, it keeps its own, whose id is the link's key; else the
    lesser id. So each article has one sighting that names it.
    """
    ids = {a["article_id"], b["article_id"]} - {None}
    known = sorted(ids, key=lambda article_id: (article_id != a["url_key"], article_id))
    return min(a, b, key=lambda r: (r["first_seen_at"], r["url"])) | {
        "last_seen_at": max(a["last_seen_at"], b["last_seen_at"]),
        "article_id": known[0] if known else None,
        "feed_ids": _union(a, b, "feed_ids"),
    }


def resolve_site_block(a: Row, b: Row) -> Row:
    """Return the union of the articles that prove it, cut to the 16 least ids.

    `first_seen_at` and sample are the lesser, `last_seen_at` the greater of the two.
    """
    return site_block_row(merge_occurrences(site_block(a), site_block(b)))


def resolve_person(a: Row, b: Row) -> Row:
    """Return the union of the articles that state it, cut to the 16 least ids; first and last
    day are the least and the greatest.
    """
    return person_row(merge_person_facts(person_fact(a), person_fact(b)))


def resolve_fetch(a: Row, b: Row) -> Row:
    """Return the newest row, with the greater `items_new`."""
    # When a request is merged a second time, the links that were new the first time no longer are.
    counts = [r["items_new"] for r in (a, b) if r["items_new"] is not None]
    return newest_wins(FETCHES, a, b) | {"items_new": max(counts, default=None)}


def resolve_feed(a: Row, b: Row) -> Row:
    """Return the newest snapshot, with the earlier `first_seen_at`: when it was configured."""
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
    """An article's row with the rows of all its mentions, which are kept or replaced together."""

    article: Row
    mentions: tuple[Row, ...]


def resolve_unit(a: Unit, b: Unit) -> Unit:
    """Return the merged article with the mentions coded from the row that won.

    Of two codings of equal rows, one with mentions wins, since the other may have failed.
    """
    article = resolve_article(a.article, b.article)
    rank_a, rank_b = _rank(ARTICLES, a.article), _rank(ARTICLES, b.article)
    if rank_a != rank_b:
        return Unit(article, a.mentions if rank_a > rank_b else b.mentions)
    coding_a, coding_b = _coding_rank(a), _coding_rank(b)
    if coding_a != coding_b:
        return Unit(article, a.mentions if coding_a > coding_b else b.mentions)
    is_a_first = _written(a.article) <= _written(b.article)
    return Unit(article, a.mentions if is_a_first else b.mentions)


def _coding_rank(unit: Unit) -> tuple[bool, str]:
    """Return the rank of a coding: one with mentions is above one without, then by content.

    Columns copied from the article are left out.
    """
    hashes = [_mention_hash(mention) for mention in unit.mentions]
    return bool(hashes), " ".join(sorted(hashes))


def _mention_hash(mention: Row) -> str:
    content = {name: mention[name] for name in ("mention_id", "event", *_EVENT_FIELDS)}
    return text_sha256(json.dumps(content, sort_keys=True, default=str))
