"""The identity of articles: decides whether the canonical link that a page names is trusted."""

import dataclasses
from collections.abc import Iterable, Iterator, Mapping

from transforms.core.lake.encoding.arrow_rows import Row
from transforms.core.lake.merge.overlay import BUCKETS, Overlay
from transforms.core.lake.schema.tables import ARTICLES, SIGHTINGS
from transforms.core.stories.fingerprint import shingles, similarity
from transforms.core.urls import normalise_url, url_key
from transforms.records import CodedArticle

# Links of an archive have no feed: all are counted as those of one.
_NO_FEED = ("",)
_ARCHIVED = frozenset({"backfill", "rebuild"})
_SIGHTING_COLUMNS = ("feed_ids", "first_seen_at", "published_date")
SAME_TEXT = 0.9
"""Share of common shingles from which two pages with one title are one article under two links.

A judgement: a date or a counter of the page may differ, a paragraph of another article may not. A
lower bound would merge two short articles that share most of their boilerplate.
"""

_Text = tuple[str | None, str | None]
"""Title and body."""


def resolve_identity(ws: Overlay, coded: Iterable[CodedArticle], kind: str) -> list[CodedArticle]:
    """Identify articles by their own link if their canonical link cannot be trusted.

    A site that names one page as canonical for all its articles would otherwise keep only one of
    them. So a canonical link is not trusted if several entries of a feed share it, or if an earlier
    entry of the feed led to it and its page has another text. (If the texts are the same, the
    feed gives each link a new parameter at every poll, and there is one article.) The order in
    which links arrive can therefore change the id of an article, and nothing else.

    An archive (`kind` backfill, or rebuild of its pages) has no feeds. Its links that lead to
    different texts are different articles, and a link that has been an article of its own remains
    one; there, the order of arrival may change more than ids.
    """
    items, is_archived = list(coded), kind in _ARCHIVED
    prefetch_links(ws, _links_of(items))
    if is_archived:
        items = [_with_own_identity(c) if _is_own_article(c, ws) else c for c in items]
    followed = _followed_links(items)
    stored = sightings_of(ws, set(followed))
    distrusted = {
        article_id
        for article_id, group in followed.items()
        if _is_shared(article_id, group, stored.get(article_id, []), ws, archived=is_archived)
    }
    known = _known_links(stored)
    return [
        _with_own_identity(c)
        if c.article.article_id in distrusted and _is_new_link(c, known)
        else c
        for c in items
    ]


def _links_of(items: Iterable[CodedArticle]) -> Iterator[str]:
    for c in items:
        yield c.article.url_key
        yield c.article.article_id


def _followed_links(items: Iterable[CodedArticle]) -> dict[str, list[CodedArticle]]:
    """Return the articles by id, for ids that differ from the link of one of their articles."""
    groups: dict[str, list[CodedArticle]] = {}
    with_other_link = set[str]()
    for c in items:
        article_id = c.article.article_id
        groups.setdefault(article_id, []).append(c)
        if c.article.url_key != article_id:
            with_other_link.add(article_id)
    return {key: group for key, group in groups.items() if key in with_other_link}


def _known_links(stored: Mapping[str, Iterable[Row]]) -> set[tuple[str, str]]:
    known: set[tuple[str, str]] = set()
    for article_id, sightings in stored.items():
        known.update((article_id, sighting["url_key"]) for sighting in sightings)
    return known


def _is_own_article(c: CodedArticle, ws: Overlay) -> bool:
    """Return whether the lake has an article under the page's own link: ids do not change."""
    key = c.article.url_key
    row = ws.get(SIGHTINGS, SIGHTINGS.folder.name({"url_key": key}), (key,))
    return row is not None and row["article_id"] == key != c.article.article_id


def _is_new_link(c: CodedArticle, known: set[tuple[str, str]]) -> bool:
    a = c.article
    return a.url_key != a.article_id and (a.article_id, a.url_key) not in known


def prefetch_links(ws: Overlay, keys: Iterable[str]) -> None:
    """Read the sightings of these links, each bucket once, so that `get` finds them in memory."""
    ws.prefetch(SIGHTINGS, ({"url_key": key} for key in keys))


def sightings_of(ws: Overlay, article_ids: set[str]) -> dict[str, list[Row]]:
    """Return the sightings of each article: the links that lead to it."""
    found: dict[str, list[Row]] = {}
    if not article_ids:
        return found
    # Sightings lie by the hash of their link, so those of an article may be in any bucket.
    for folder in BUCKETS:
        for row in ws.find(SIGHTINGS, folder, "article_id", article_ids, _SIGHTING_COLUMNS):
            found.setdefault(row["article_id"], []).append(row)
    return found


def _is_shared(
    article_id: str, group: list[CodedArticle], links: list[Row], ws: Overlay, *, archived: bool
) -> bool:
    """Return whether several links of one feed lead to the article: in this batch, or over time
    with different texts.
    """
    incoming = [(c.article.url_key, c.article.feed_ids) for c in group]
    if _is_one_feed_with_several(incoming):
        return True
    stored = [(s["url_key"], s["feed_ids"]) for s in links if s["url_key"] != article_id]
    default = _NO_FEED if archived else ()
    if not _is_one_feed_with_several([*incoming, *stored], default):
        return False
    texts = [(c.article.title, c.article.body) for c in group]
    first = _stored_text(ws, article_id, links) or texts[0]
    return not all(_is_same_text(first, text) for text in texts)


def _is_one_feed_with_several(
    links: Iterable[tuple[str, Iterable[str]]], default: tuple[str, ...] = ()
) -> bool:
    """Return whether a feed has several of the links; links without a feed have the default."""
    by_feed: dict[str, set[str]] = {}
    for key, feeds in links:
        for feed_id in feeds or default:
            by_feed.setdefault(feed_id, set()).add(key)
    return any(len(keys) > 1 for keys in by_feed.values())


def _stored_text(ws: Overlay, article_id: str, links: list[Row]) -> _Text | None:
    for day in {s["published_date"] for s in links} - {None}:
        row = ws.get(ARTICLES, f"day={day.isoformat()}", (article_id,))
        if row is not None:
            return row["title"], row["body"]
    return None


def _is_same_text(a: _Text, b: _Text) -> bool:
    (title_a, body_a), (title_b, body_b) = a, b
    if title_a != title_b:
        return False
    if body_a == body_b:
        return True
    return similarity(shingles(body_a or ""), shingles(body_b or "")) >= SAME_TEXT


def _with_own_identity(c: CodedArticle) -> CodedArticle:
    url = c.article.url
    article = dataclasses.replace(
        c.article, canonical_url=normalise_url(url), article_id=url_key(url)
    )
    return dataclasses.replace(c, article=article)
