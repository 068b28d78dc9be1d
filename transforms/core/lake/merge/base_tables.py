"""Merge a batch into the base tables: articles with versions and mentions, sightings, requests,
rejects, feed states.

Each row is resolved with the one that the lake holds. The day of an article's folder is found in
`sightings.published_date`.
"""

import dataclasses
from collections import Counter
from collections.abc import Sequence
from itertools import chain, islice

from transforms.core.lake.encoding.arrow_rows import Row, as_stored, key_of
from transforms.core.lake.encoding.to_rows import (
    article_rows,
    fetch_row,
    mention_rows,
    published_date,
    reject_row,
    sighting_row,
    version_row,
    with_article_columns,
)
from transforms.core.lake.merge.article_identity import (
    prefetch_links,
    resolve_identity,
    sightings_of,
)
from transforms.core.lake.merge.article_versions import number_versions
from transforms.core.lake.merge.conflicts import RESOLVE, Unit, merged, resolve_unit
from transforms.core.lake.merge.feed_states import merge_feeds
from transforms.core.lake.merge.overlay import Overlay
from transforms.core.lake.merge.rebuilt import KIND as REBUILD
from transforms.core.lake.merge.rebuilt import rebuilt_unit, rebuilt_versions
from transforms.core.lake.schema.schema import Table
from transforms.core.lake.schema.tables import (
    ARTICLE_VERSIONS,
    ARTICLES,
    EVENT_MENTIONS,
    FETCHES,
    REJECTS,
    SIGHTINGS,
)
from transforms.core.revisits import later_revisit, next_revisit
from transforms.records import Batch, CodedArticle, Fetch, RunContext, Sighting


@dataclasses.dataclass(frozen=True, slots=True)
class Touched:
    """An article that a batch wrote: its row before (None: it is new) and after, and the events
    that its mentions reported before.
    """

    before: Row | None
    now: Row
    events_before: frozenset[str] = frozenset()


def merge_base_tables(ws: Overlay, batch: Batch) -> dict[str, Touched]:
    """Merge a batch's records into the base tables; return the articles touched, by id."""
    coded = resolve_identity(ws, batch.coded, batch.run.kind)
    dropped = merge_feeds(ws, batch)
    _upsert(ws, REJECTS, [reject_row(r, batch.run) for r in [*batch.rejects, *dropped]])
    seen = _merge_sightings(ws, batch, coded)
    articles = {c.article.fetch_id: c.article.article_id for c in coded}
    _upsert(
        ws,
        FETCHES,
        [_fetch_row(f, batch.run, seen.new_links, articles) for f in batch.fetches],
    )
    touched = _merge_articles(ws, coded, batch.run, seen)
    _plan_revisits(ws, batch)
    return touched


def _upsert(ws: Overlay, table: Table, rows: list[Row]) -> None:
    """Merge rows that never move to another folder."""
    for key, row in merged(table, as_stored(table, rows)).items():
        old = ws.get(table, table.folder.name(row), key)
        ws.put(table, RESOLVE[table.name](old, row) if old else row)


@dataclasses.dataclass(frozen=True, slots=True)
class _Seen:
    """The result of merging a batch's sightings: the articles whose sightings changed, and the
    number of links never seen before, by feed.
    """

    touched: set[str]
    new_links: Counter[str | None]


def _merge_sightings(ws: Overlay, batch: Batch, coded: list[CodedArticle]) -> _Seen:
    """Merge the sightings of entries and of articles."""
    sightings = list(batch.sightings)
    for article in coded:
        sightings += _own_sightings(article)
    rows = [sighting_row(sighting) for sighting in sightings]
    touched, new_links = set[str | None](), Counter[str | None]()
    ws.prefetch(SIGHTINGS, rows)
    for key, row in merged(SIGHTINGS, as_stored(SIGHTINGS, rows)).items():
        old = ws.get(SIGHTINGS, SIGHTINGS.folder.name(row), key)
        if old is None:
            new = row | {"published_date": None}
            new_links.update(new["feed_ids"])
            touched.add(new["article_id"])
        else:
            new = _merged_sighting(old, row)
            if any(old[column] != new[column] for column in _OF_ARTICLES):
                touched |= {new["article_id"], old["article_id"]}
        ws.put(SIGHTINGS, new)
    return _Seen({article_id for article_id in touched if article_id is not None}, new_links)


# Columns of a sighting that its article's row is made of. A change of any other column (a later
# last_seen_at, at every poll) does not rewrite the article.
_OF_ARTICLES = ("article_id", "feed_ids", "first_seen_at")


def _merged_sighting(old: Row, row: Row) -> Row:
    """Return the merged sighting; if it leads to another article, its day is not known yet."""
    new = RESOLVE[SIGHTINGS.name](old, row)
    is_moved = old["article_id"] != new["article_id"]
    return new | {"published_date": None if is_moved else old["published_date"]}


def _fetch_row(
    fetch: Fetch, run: RunContext, new_links: Counter[str | None], articles: dict[str | None, str]
) -> Row:
    """Return a request's row with what the batch made of its response."""
    row = fetch_row(fetch, run)
    if fetch.kind != "feed":
        return row | {"article_id": articles.get(fetch.fetch_id)}
    has_document = fetch.status == "ok" and not fetch.is_redirect
    return row | {"items_new": new_links[fetch.feed_id] if has_document else None}


def _own_sightings(c: CodedArticle) -> list[Sighting]:
    """Return the sightings that follow from an article: of its link, and of its canonical URL.

    The key of its canonical URL is its id, so that sighting always names the article, and tells the
    day of its folder.
    """
    a = c.article
    links = {a.article_id: a.canonical_url, a.url_key: a.url}
    return [
        Sighting(
            url_key=key,
            url=url,
            article_id=a.article_id,
            feed_ids=a.feed_ids,
            first_seen_at=a.first_seen_at,
            last_seen_at=a.first_seen_at,
        )
        for key, url in links.items()
    ]


def _merge_articles(
    ws: Overlay, coded: list[CodedArticle], run: RunContext, seen: _Seen
) -> dict[str, Touched]:
    articles = article_rows((c.article for c in coded), run)
    incoming = _units(coded, articles)
    versions = _incoming_versions(coded, articles)
    ids = incoming.keys() | seen.touched
    sightings = sightings_of(ws, ids)
    links = (sighting["url_key"] for sighting in chain.from_iterable(sightings.values()))
    prefetch_links(ws, {*ids, *links})
    is_rebuild = run.kind == REBUILD
    touched = {}
    for article_id in sorted(ids):
        own = sightings.get(article_id, [])
        old = _stored_unit(ws, article_id)
        new = _resolved(old, incoming.get(article_id), is_rebuild=is_rebuild)
        if new is None:
            continue
        article = _with_sightings(_with_derived(new.article, old), own)
        before = old.article if old else None
        version = _merge_versions(
            ws, before, article, versions.get(article_id, []), is_rebuild=is_rebuild
        )
        article = article | {"version": version}
        ws.move(ARTICLES, before, article)
        _replace_mentions(ws, old, new.mentions, article)
        _write_day_into_sightings(ws, article, own)
        touched[article_id] = Touched(before, article, _events_of(old))
    return touched


def _plan_revisits(ws: Overlay, batch: Batch) -> None:
    """Plan the next revisit of each article that was revisited, whatever the outcome."""
    prefetch_links(ws, (revisit.article_id for revisit in batch.revisited))
    for revisit in batch.revisited:
        unit = _stored_unit(ws, revisit.article_id)
        if unit is None:
            continue
        row = unit.article
        last = max(row["seen_at"], batch.run.now)
        planned = next_revisit(row["published_at"], row["first_seen_at"], last)
        ws.put(ARTICLES, row | {"next_revisit_at": later_revisit(row["next_revisit_at"], planned)})


def _events_of(unit: Unit | None) -> frozenset[str]:
    return frozenset(m["event_id"] for m in unit.mentions) if unit else frozenset()


def _with_derived(article: Row, old: Unit | None) -> Row:
    """Return the row with the derived columns of the stored one, so that its ids stay the same."""
    return article | {k: old.article[k] for k in ARTICLES.derived} if old else article


def _units(coded: list[CodedArticle], articles: list[Row]) -> dict[str, Unit]:
    """Return each article with its mentions, by id; of one id, the resolved one."""
    rows = list[Row]()
    for c, article in zip(coded, articles, strict=True):
        rows += mention_rows(c.mentions, article)
    # Converted together: an Arrow table per article takes half as long again.
    mentions = iter(as_stored(EVENT_MENTIONS, rows))
    units: dict[str, Unit] = {}
    for c, article in zip(coded, articles, strict=True):
        unit = Unit(article, tuple(islice(mentions, len(c.mentions))))
        known = units.get(article["article_id"])
        units[article["article_id"]] = resolve_unit(known, unit) if known else unit
    return units


def _incoming_versions(coded: list[CodedArticle], articles: list[Row]) -> dict[str, list[Row]]:
    versions: dict[str, list[Row]] = {}
    for c, article in zip(coded, articles, strict=True):
        versions.setdefault(article["article_id"], []).append(
            version_row(article, c.article.fetch_id)
        )
    return versions


def _stored_unit(ws: Overlay, article_id: str) -> Unit | None:
    """Return an article with its mentions from the day that its own sighting names."""
    sighting = ws.get(SIGHTINGS, f"bucket={article_id[0]}", (article_id,))
    if sighting is None or sighting["article_id"] != article_id:
        return None
    if sighting["published_date"] is None:
        return None
    folder = f"day={sighting['published_date'].isoformat()}"
    article = ws.get(ARTICLES, folder, (article_id,))
    if article is None:
        return None
    return Unit(article, tuple(ws.of_article(EVENT_MENTIONS, folder, article_id)))


def _resolved(old: Unit | None, new: Unit | None, *, is_rebuild: bool) -> Unit | None:
    if old is None or new is None:
        return old or new
    return rebuilt_unit(old, new) if is_rebuild else resolve_unit(old, new)


def _with_sightings(article: Row, sightings: list[Row]) -> Row:
    """Return the row with the first sighting and the feeds of all links that lead to it."""
    feed_ids = set[str]()
    for sighting in sightings:
        feed_ids.update(sighting["feed_ids"])
    row = article | {
        "first_seen_at": min(s["first_seen_at"] for s in sightings),
        "feed_ids": sorted(feed_ids),
    }
    return row | {"published_date": published_date(row)}


def _merge_versions(
    ws: Overlay, before: Row | None, article: Row, incoming: list[Row], *, is_rebuild: bool
) -> int:
    """Merge an article's versions, renumber them, and return the number of its current text.

    In a rebuild the incoming versions come from pages that were read before.
    """
    old = _rows_of(ws, ARTICLE_VERSIONS, before)
    if is_rebuild:
        rows = rebuilt_versions(old, merged(ARTICLE_VERSIONS, incoming).values(), before)
    else:
        rows = list(merged(ARTICLE_VERSIONS, [*old, *incoming]).values())
    numbered = number_versions(rows, article["published_date"], old)
    _replace(ws, ARTICLE_VERSIONS, old, numbered)
    text = article["title"], article["body"]
    return int(next(v["version"] for v in numbered if (v["title"], v["body"]) == text))


def _replace_mentions(ws: Overlay, old: Unit | None, mentions: Sequence[Row], article: Row) -> None:
    """Write an article's mentions; those that are stored already keep their event and origin."""
    before = {m["mention_id"]: m for m in old.mentions} if old else {}
    new = []
    for mention in mentions:
        known = before.get(mention["mention_id"], mention)
        derived = {"event_id": known["event_id"], "origin": known["origin"]}
        new.append(with_article_columns(mention, article) | derived)
    _replace(ws, EVENT_MENTIONS, list(before.values()), new)


def _replace(ws: Overlay, table: Table, old: list[Row], new: list[Row]) -> None:
    for row in old:
        ws.delete(table, table.folder.name(row), key_of(table, row))
    for row in new:
        ws.put(table, row)


def _rows_of(ws: Overlay, table: Table, article: Row | None) -> list[Row]:
    if article is None:
        return []
    folder = f"day={article['published_date'].isoformat()}"
    return ws.of_article(table, folder, article["article_id"])


def _write_day_into_sightings(ws: Overlay, article: Row, sightings: list[Row]) -> None:
    """Write the day of the article's folder into all its sightings."""
    for sighting in sightings:
        key = sighting["url_key"]
        row = ws.get(SIGHTINGS, f"bucket={key[0]}", (key,))
        if row is not None and row["published_date"] != article["published_date"]:
            ws.put(SIGHTINGS, row | {"published_date": article["published_date"]})
