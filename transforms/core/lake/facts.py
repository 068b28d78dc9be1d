"""The facts of a slice: articles with their versions and mentions, sightings, requests, rejects, feed states.

Each is resolved with what the lake holds. An article is found by `sightings.published_date`, which names its day.
"""

import dataclasses
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from itertools import islice

from transforms.core.lake.resolve import RESOLVE, Unit, merged, resolve_unit
from transforms.core.lake.rows import (
    Row,
    article_rows,
    as_stored,
    feed_row,
    feed_state,
    fetch_row,
    key_of,
    mention_rows,
    published_date,
    reject_row,
    settle_mention,
    sighting_row,
    version_row,
)
from transforms.core.lake.schema import Table
from transforms.core.lake.tables import (
    ARTICLE_VERSIONS,
    ARTICLES,
    EVENT_MENTIONS,
    FEEDS,
    FETCHES,
    REJECTS,
    SIGHTINGS,
)
from transforms.core.lake.versions import number_versions
from transforms.core.lake.workspace import Workspace
from transforms.core.urls import normalise_url, url_key
from transforms.records import CodedArticle, FeedState, OwedPage, RunContext, Sighting, Slice

BUCKETS = tuple(f"bucket={d}" for d in "0123456789abcdef")
MAX_PENDING = 10_000
"""Pages that one feed may be owed; of more, those tried most often go."""


@dataclasses.dataclass(frozen=True, slots=True)
class Touched:
    """An article that a slice wrote: its row before, if there was one, and now; the events its mentions reported."""

    before: Row | None
    now: Row
    events_before: frozenset[str] = frozenset()


def merge_facts(ws: Workspace, piece: Slice) -> dict[str, Touched]:
    """Merge a slice's facts into the workspace; return the articles touched, by id."""
    coded = settle_identity(piece.coded)
    _upsert(ws, REJECTS, [reject_row(r, piece.run) for r in piece.rejects])
    states = [*piece.states, *_stored_states(ws, piece)]
    _upsert(ws, FEEDS, [feed_row(s, piece.run) for s in with_owed(states, piece.owed)])
    seen = _merge_sightings(ws, piece, coded)
    articles = {c.article.fetch_id: c.article.article_id for c in coded}
    _upsert(ws, FETCHES, [_with_outcome(fetch_row(f, piece.run), seen.new_links, articles) for f in piece.fetches])
    return _merge_articles(ws, coded, piece.run, seen)


def settle_identity(coded: Iterable[CodedArticle]) -> list[CodedArticle]:
    """Give articles whose canonical link several entries of one feed share the identity of their own URL.

    A site that names one page as canonical for all its articles would else leave only one of them.
    """
    items = list(coded)
    links: dict[tuple[str, str], set[str]] = {}
    for c in items:
        for feed_id in c.article.feed_ids:
            links.setdefault((feed_id, c.article.article_id), set()).add(c.article.url_key)
    shared = {article_id for (_, article_id), urls in links.items() if len(urls) > 1}
    return [_as_its_own(c) if c.article.article_id in shared else c for c in items]


def _as_its_own(c: CodedArticle) -> CodedArticle:
    own = normalise_url(c.article.url)
    return dataclasses.replace(
        c, article=dataclasses.replace(c.article, canonical_url=own, article_id=url_key(c.article.url))
    )


def _stored_states(ws: Workspace, piece: Slice) -> list[FeedState]:
    """Return the stored states of feeds that are owed a page but were not polled."""
    missing = {p.feed_id for p in piece.owed} - {s.source.feed_id for s in piece.states}
    rows = [ws.get(FEEDS, FEEDS.folder.placeholder, (feed_id,)) for feed_id in sorted(missing)]
    return [dataclasses.replace(feed_state(r), snapshot_at=piece.run.now) for r in rows if r is not None]


def with_owed(states: Sequence[FeedState], owed: Sequence[OwedPage]) -> list[FeedState]:
    """Return the states with the pages that this slice could not get added to their pending lists."""
    by_feed: dict[str, list[OwedPage]] = {}
    for page in owed:
        by_feed.setdefault(page.feed_id, []).append(page)
    return [_with_pending(s, by_feed[s.source.feed_id]) if s.source.feed_id in by_feed else s for s in states]


def _with_pending(state: FeedState, owed: list[OwedPage]) -> FeedState:
    pages: dict[str, OwedPage] = {}
    for page in [*state.pending, *owed]:
        known = pages.get(page.url)
        if known is None or (page.attempt, page.not_before) > (known.attempt, known.not_before):
            pages[page.url] = page
    kept = sorted(pages.values(), key=lambda p: (p.attempt, p.url))[:MAX_PENDING]
    return dataclasses.replace(state, pending=tuple(sorted(kept, key=lambda p: p.url)))


def _upsert(ws: Workspace, table: Table, rows: list[Row]) -> None:
    """Merge rows that never move."""
    for key, row in merged(table, as_stored(table, rows)).items():
        old = ws.get(table, table.folder.name(row), key)
        ws.put(table, RESOLVE[table.name](old, row) if old else row)


@dataclasses.dataclass(frozen=True, slots=True)
class _Seen:
    """What a slice's sightings say of articles: those touched, those that share a link, and where these lay before.

    An article that loses its link to another gets a sighting under its canonical URL, so that `sightings` still says
    where it lies.
    """

    touched: set[str]
    displaced: set[str]
    places: dict[str, set[date]]
    new_links: Counter[str]
    """By feed, the links never seen before."""


def _merge_sightings(ws: Workspace, piece: Slice, coded: list[CodedArticle]) -> _Seen:
    """Merge the sightings of entries and of articles."""
    rows = [sighting_row(s) for s in [*piece.sightings, *(_sighting_of(c) for c in coded)]]
    ids: dict[str, set[str]] = {}
    for row in rows:
        ids.setdefault(row["url_key"], set()).update({row["article_id"]} - {None})
    touched, places, new_links = set(), dict[str, set[date]](), Counter[str]()
    for key, row in merged(SIGHTINGS, as_stored(SIGHTINGS, rows)).items():
        old = ws.get(SIGHTINGS, SIGHTINGS.folder.name(row), key)
        new = RESOLVE[SIGHTINGS.name](old, row) | {"published_date": old["published_date"]} if old else row
        ws.put(SIGHTINGS, new)
        if old is not None and old["article_id"]:
            ids[row["url_key"]].add(old["article_id"])
            places.setdefault(old["article_id"], set()).add(old["published_date"])
        if old is None:
            new_links.update(new["feed_ids"])
        if new["article_id"] and _differs(old, new):
            touched.add(new["article_id"])
    displaced = set[str]().union(*(names for names in ids.values() if len(names) > 1))
    return _Seen(touched, displaced, places, new_links)


def _with_outcome(fetch: Row, new_links: Counter[str], articles: dict[str | None, str]) -> Row:
    """Return a request's row with what the slice made of its answer."""
    if fetch["kind"] == "feed":
        return fetch | {"items_new": new_links[fetch["feed_id"]] if fetch["status"] == "ok" else None}
    return fetch | {"article_id": articles.get(fetch["fetch_id"])}


def _differs(old: Row | None, new: Row) -> bool:
    return old is None or any(old[c] != new[c] for c in ("article_id", "feed_ids", "first_seen_at"))


def _sighting_of(c: CodedArticle) -> Sighting:
    a = c.article
    return Sighting(
        url_key=a.url_key,
        url=a.url,
        article_id=a.article_id,
        feed_ids=a.feed_ids,
        first_seen_at=a.first_seen_at,
        last_seen_at=a.first_seen_at,
    )


def _merge_articles(ws: Workspace, coded: list[CodedArticle], run: RunContext, seen: _Seen) -> dict[str, Touched]:
    articles = article_rows((c.article for c in coded), run)
    incoming = _units(coded, articles)
    versions = _incoming_versions(coded, articles)
    ids = incoming.keys() | seen.touched | seen.displaced
    sightings = sightings_of(ws, ids)
    touched = {}
    for article_id in sorted(ids):
        own = sightings.get(article_id, [])
        old = _stored_unit(ws, article_id, {s["published_date"] for s in own} | seen.places.get(article_id, set()))
        new = _resolved(old, incoming.get(article_id))
        if new is None:
            continue
        article = _with_sightings(_with_derived(new.article, old), own)
        before = old.article if old else None
        version = _merge_versions(ws, before, article, versions.get(article_id, []))
        article = article | {"version": version}
        ws.move(ARTICLES, before, article)
        _replace_mentions(ws, old, new.mentions, article)
        _settle_sightings(ws, article, own, article_id in seen.displaced)
        touched[article_id] = Touched(before, article, _events_of(old))
    return touched


def _events_of(unit: Unit | None) -> frozenset[str]:
    return frozenset(m["event_id"] for m in unit.mentions) if unit else frozenset()


def _with_derived(article: Row, old: Unit | None) -> Row:
    """Return the row with the derived columns it had, so that ids once given stay."""
    return article | {k: old.article[k] for k in ARTICLES.derived} if old else article


def _units(coded: list[CodedArticle], articles: list[Row]) -> dict[str, Unit]:
    rows = [m for c, a in zip(coded, articles, strict=True) for m in mention_rows(c.mentions, a)]
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
        versions.setdefault(article["article_id"], []).append(version_row(article, c.article.fetch_id))
    return versions


def sightings_of(ws: Workspace, article_ids: Iterable[str]) -> dict[str, list[Row]]:
    """Return the sightings of each article that has any."""
    wanted, found = set(article_ids), dict[str, list[Row]]()
    for folder in BUCKETS:
        for row in ws.scan(SIGHTINGS, folder, ["article_id", "feed_ids", "first_seen_at", "published_date"]):
            if row["article_id"] in wanted:
                found.setdefault(row["article_id"], []).append(row)
    return found


def _stored_unit(ws: Workspace, article_id: str, days: set[date | None]) -> Unit | None:
    for day in sorted(d for d in days if d is not None):
        article = ws.get(ARTICLES, f"day={day.isoformat()}", (article_id,))
        if article is not None:
            mentions = ws.of_article(EVENT_MENTIONS, f"day={day.isoformat()}", article_id)
            return Unit(article, tuple(mentions))
    return None


def _resolved(old: Unit | None, new: Unit | None) -> Unit | None:
    return resolve_unit(old, new) if old and new else old or new


def _with_sightings(article: Row, sightings: list[Row]) -> Row:
    row = article | {
        "first_seen_at": min([article["first_seen_at"], *(s["first_seen_at"] for s in sightings)]),
        "feed_ids": sorted({*article["feed_ids"], *(f for s in sightings for f in s["feed_ids"])}),
    }
    return row | {"published_date": published_date(row)}


def _merge_versions(ws: Workspace, before: Row | None, article: Row, incoming: list[Row]) -> int:
    """Merge an article's versions, renumber them, and return the number of the text that the article now has."""
    old = _rows_of(ws, ARTICLE_VERSIONS, before)
    rows = merged(ARTICLE_VERSIONS, [*old, *incoming])
    numbered = number_versions(list(rows.values()), article["published_date"])
    _replace(ws, ARTICLE_VERSIONS, old, numbered)
    same = [v["version"] for v in numbered if (v["title"], v["body"]) == (article["title"], article["body"])]
    return int(same[0])


def _replace_mentions(ws: Workspace, old: Unit | None, mentions: Sequence[Row], article: Row) -> None:
    """Write an article's mentions; those that were there before keep the event they were given."""
    before = {m["mention_id"]: m for m in old.mentions} if old else {}
    new = []
    for m in mentions:
        known = before.get(m["mention_id"], m)
        new.append(settle_mention(m, article) | {k: known[k] for k in ("event_id", "origin")})
    _replace(ws, EVENT_MENTIONS, list(before.values()), new)


def _replace(ws: Workspace, table: Table, old: list[Row], new: list[Row]) -> None:
    for row in old:
        ws.delete(table, table.folder.name(row), key_of(table, row))
    for row in new:
        ws.put(table, row)


def _rows_of(ws: Workspace, table: Table, article: Row | None) -> list[Row]:
    if article is None:
        return []
    return ws.of_article(table, f"day={article['published_date'].isoformat()}", article["article_id"])


def _settle_sightings(ws: Workspace, article: Row, sightings: list[Row], displaced: bool) -> None:
    """Write the article's day into all its sightings, and one under its own id where another article took its link."""
    day: date = article["published_date"]
    keys = {s["url_key"] for s in sightings}
    for key in keys:
        row = ws.get(SIGHTINGS, f"bucket={key[0]}", (key,))
        if row is not None and row["published_date"] != day:
            ws.put(SIGHTINGS, row | {"published_date": day})
    own = url_key(article["canonical_url"])
    taken = ws.get(SIGHTINGS, f"bucket={own[0]}", (own,))
    if (displaced or not keys) and taken is None:
        row = {
            "url_key": own,
            "url": article["canonical_url"],
            "article_id": article["article_id"],
            "feed_ids": [],
            "first_seen_at": article["first_seen_at"],
            "last_seen_at": article["first_seen_at"],
            "published_date": day,
        }
        ws.put(SIGHTINGS, row)
