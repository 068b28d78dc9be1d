"""Which article is a page, when several links claim the same canonical one?"""

import dataclasses
from collections.abc import Iterable, Iterator, Mapping

from transforms.core.lake.encoding.arrow_rows import Row
from transforms.core.lake.merge.overlay import BUCKETS, Overlay
from transforms.core.lake.schema.tables import ARTICLES, SIGHTINGS
from transforms.core.stories.fingerprint import shingles, similarity
from transforms.core.urls import normalise_url, url_key
from transforms.records import CodedArticle

_NO_FEED = ("",)
_ARCHIVED = frozenset({"backfill", "rebuild"})
SAME_TEXT = 0.9
"""Share of common shingles from which two pages with one title are one article under two links: a
date or a counter of the page may differ, a paragraph of another article may not."""


def resolve_identity(ws: Overlay, coded: Iterable[CodedArticle], kind: str) -> list[CodedArticle]:
    """Give articles the identity of their own link where their canonical link cannot be trusted.

    A site that names one page as canonical for all its articles would else leave only one of them.
    So a canonical link that several entries of a feed share is not trusted; nor one that an earlier
    entry of the feed led to, unless both pages say the same (a feed that gives each link a new
    parameter a poll has one article still). Whose link came first may so decide which id an article
    has, and no more.

    An archive (`kind` backfill, or rebuild of its pages) has no feeds. Of its links those that lead
    to other texts are not of one article, and who has been an article of its own stays one; there,
    order may decide more.
    """
    items, is_archived = list(coded), kind in _ARCHIVED
    prefetch_links(ws, _links_of(items))
    if is_archived:
        items = [_as_its_own(c) if _is_its_own(c, ws) else c for c in items]
    followed = _followed_links(items)
    stored = sightings_of(ws, set(followed))
    distrusted = {
        article_id
        for article_id, group in followed.items()
        if _is_shared(article_id, group, stored.get(article_id, []), ws, archived=is_archived)
    }
    known = _known_links(stored)
    return [
        _as_its_own(c) if c.article.article_id in distrusted and _is_new(c, known) else c
        for c in items
    ]


def _links_of(items: Iterable[CodedArticle]) -> Iterator[str]:
    for c in items:
        yield c.article.url_key
        yield c.article.article_id


def _followed_links(items: Iterable[CodedArticle]) -> dict[str, list[CodedArticle]]:
    """Return the articles by id, where one of them has a link other than its canonical one."""
    groups: dict[str, list[CodedArticle]] = {}
    for c in items:
        groups.setdefault(c.article.article_id, []).append(c)
    return {
        article_id: group
        for article_id, group in groups.items()
        if any(c.article.url_key != article_id for c in group)
    }


def _known_links(stored: Mapping[str, Iterable[Row]]) -> set[tuple[str, str]]:
    known: set[tuple[str, str]] = set()
    for article_id, sightings in stored.items():
        known.update((article_id, sighting["url_key"]) for sighting in sightings)
    return known


def _is_its_own(c: CodedArticle, ws: Overlay) -> bool:
    """Return whether the lake has the page's own link as an article: ids once given stay."""
    key = c.article.url_key
    row = ws.get(SIGHTINGS, SIGHTINGS.folder.name({"url_key": key}), (key,))
    return row is not None and row["article_id"] == key != c.article.article_id


def _is_new(c: CodedArticle, known: set[tuple[str, str]]) -> bool:
    a = c.article
    return a.url_key != a.article_id and (a.article_id, a.url_key) not in known


def prefetch_links(ws: Overlay, keys: Iterable[str]) -> None:
    """Read what the lake says of these links, for `get` to find it."""
    ws.prefetch(SIGHTINGS, ({"url_key": key} for key in keys))


def sightings_of(ws: Overlay, article_ids: set[str]) -> dict[str, list[Row]]:
    """Return the sightings of each article: the links that lead to it."""
    found: dict[str, list[Row]] = {}
    columns = ("feed_ids", "first_seen_at", "published_date")
    for folder in BUCKETS if article_ids else ():
        for row in ws.find(SIGHTINGS, folder, "article_id", article_ids, columns):
            found.setdefault(row["article_id"], []).append(row)
    return found


def _is_shared(
    article_id: str, group: list[CodedArticle], links: list[Row], ws: Overlay, *, archived: bool
) -> bool:
    """Return whether several links of one feed lead to the article: at one time, or over time with
    other texts.
    """
    here = [(c.article.url_key, c.article.feed_ids) for c in group]
    if _one_feed_has_several(here):
        return True
    before = [(s["url_key"], s["feed_ids"]) for s in links if s["url_key"] != article_id]
    none = _NO_FEED if archived else ()
    if not _one_feed_has_several((key, feeds or none) for key, feeds in [*here, *before]):
        return False
    texts = [(c.article.title, c.article.body) for c in group]
    first = _stored_text(ws, article_id, links) or texts[0]
    return not all(_say_the_same(first, text) for text in texts)


def _one_feed_has_several(links: Iterable[tuple[str, Iterable[str]]]) -> bool:
    by_feed: dict[str, set[str]] = {}
    for key, feeds in links:
        for feed_id in feeds:
            by_feed.setdefault(feed_id, set()).add(key)
    return any(len(keys) > 1 for keys in by_feed.values())


def _stored_text(
    ws: Overlay, article_id: str, links: list[Row]
) -> tuple[str | None, str | None] | None:
    for day in {s["published_date"] for s in links} - {None}:
        row = ws.get(ARTICLES, f"day={day.isoformat()}", (article_id,))
        if row is not None:
            return row["title"], row["body"]
    return None


def _say_the_same(a: tuple[str | None, str | None], b: tuple[str | None, str | None]) -> bool:
    if a[0] != b[0]:
        return False
    return a[1] == b[1] or similarity(shingles(a[1] or ""), shingles(b[1] or "")) >= SAME_TEXT


def _as_its_own(c: CodedArticle) -> CodedArticle:
    own = normalise_url(c.article.url)
    return dataclasses.replace(
        c,
        article=dataclasses.replace(
            c.article, canonical_url=own, article_id=url_key(c.article.url)
        ),
    )
