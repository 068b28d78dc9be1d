"""What `newsbeam explain` shows: an article with the blocks removed from its page, or the mentions
of an event, each with its article.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from pipelines.inspect.pending import say_if_pending
from transforms.core.urls import UrlError, url_key
from transforms.errors import ConfigError
from transforms.lake_views import connect, rows_of

# Shorter prefixes are more often typing errors than ids: six hex digits are one of 16 million.
_MIN_PREFIX = 6
_ID_TABLES = {"article": "articles", "event": "events", "mention": "event_mentions"}
# Up to five candidates are named if a prefix is ambiguous.
_ID_QUERY = "SELECT {kind}_id AS id FROM {table} WHERE starts_with({kind}_id, ?) ORDER BY 1 LIMIT 5"
# An event of a large story can have hundreds of mentions; the canonical one and the 49 earliest
# suffice to judge it.
_MENTIONS_QUERY = """
    FROM event_mentions AS m WHERE m.{kind}_id = ?
    ORDER BY m.mention_id NOT IN (SELECT canonical_mention_id FROM events), m.published_at,
    m.mention_id LIMIT 50
"""
_ARTICLE_MENTIONS_QUERY = """
    FROM event_mentions WHERE article_id = ?
    ORDER BY evidence_field DESC, trigger_start, mention_id
"""
_ARTICLE_FIELDS = (
    "url",
    "published_at",
    "published_precision",
    "published_basis",
    "language",
    "page_kind",
    "extraction_basis",
    "authors",
    "byline",
    "date_line",
    "credit",
    "captions",
    "flags",
    "duplicate_of",
    "memory_version",
)
_MENTION_FIELDS = (
    "rule",
    "confidence",
    "date",
    "date_precision",
    "date_basis",
    "location",
    "country",
    "geo_precision",
    "claimant",
    "via",
    "dead",
    "injured",
    "size",
    "contexts",
    "mention_id",
    "coder_version",
)
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class PageBlock:
    """A run of text of a page.

    `removed_by` is the rule or reason that removed it, None if it is part of the body.
    """

    text: str
    removed_by: str | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """Mentions, each with its article.

    They are those of `article` if an article was requested, else those of an event, its canonical
    mention first.
    """

    mentions: list[tuple[Row, Row]]
    article: Row | None = None


def explain(lake: str, reference: str) -> Explanation:
    """Return the explanation of an article, event or mention of a lake.

    `reference` is a URL, as linked or canonical, or an id or its first characters. Raises
    ConfigError if the lake has nothing of that name, or several things.
    """
    with connect(lake) as connection:
        say_if_pending(lake)
        if "/" in reference or "." in reference:
            article_id = _only(_article_ids_of_url(connection, reference), reference, lake)
            return _explain_article(connection, article_id)
        if len(reference) < _MIN_PREFIX:
            raise ConfigError(
                f"{reference!r}: give the URL, or at least {_MIN_PREFIX} characters of the id"
            )
        kind, row_id = _only(_ids_with_prefix(connection, reference), reference, lake)
        if kind == "article":
            return _explain_article(connection, row_id)
        return _explain_event(connection, kind, row_id)


def _article_ids_of_url(connection: duckdb.DuckDBPyConnection, url: str) -> list[str]:
    try:
        key = url_key(url if "://" in url else f"http://{url}")
    except UrlError as error:
        raise ConfigError(f"{url!r} is not a URL: {error}") from error
    query = "SELECT article_id FROM sightings WHERE url_key = ? AND published_date IS NOT NULL"
    return [row["article_id"] for row in rows_of(connection, query, key)]


def _ids_with_prefix(connection: duckdb.DuckDBPyConnection, prefix: str) -> list[tuple[str, str]]:
    found = []
    for kind, table in _ID_TABLES.items():
        query = _ID_QUERY.format(kind=kind, table=table)
        found += [(kind, row["id"]) for row in rows_of(connection, query, prefix)]
    return found


def _only(found: list[Any], reference: str, lake: str) -> Any:
    """Return the only element; raises ConfigError if there is none, or several."""
    if not found:
        raise ConfigError(f"{reference!r}: nothing of that name in {lake}")
    if len(found) > 1:
        names = (item if isinstance(item, str) else " ".join(item) for item in found)
        raise ConfigError(f"{reference!r} is ambiguous: {', '.join(names)}")
    return found[0]


def _explain_article(connection: duckdb.DuckDBPyConnection, article_id: str) -> Explanation:
    (article,) = rows_of(connection, "FROM articles WHERE article_id = ?", article_id)
    mentions = rows_of(connection, _ARTICLE_MENTIONS_QUERY, article_id)
    return Explanation([(mention, article) for mention in mentions], article)


def _explain_event(connection: duckdb.DuckDBPyConnection, kind: str, row_id: str) -> Explanation:
    mentions = rows_of(connection, _MENTIONS_QUERY.format(kind=kind), row_id)
    article_ids = [mention["article_id"] for mention in mentions]
    rows = rows_of(connection, "FROM articles WHERE list_contains(?, article_id)", article_ids)
    articles = {row["article_id"]: row for row in rows}
    return Explanation([(mention, articles[mention["article_id"]]) for mention in mentions])


def page_blocks(body: str | None, removed: Sequence[Row]) -> Iterator[PageBlock]:
    """Yield the text of a page in order: the body, interleaved with the removed blocks.

    `removed` are the elements of the column of that name: text, reason, and the offset in the body
    at which the block was.
    """
    text = body or ""
    end = 0
    for block in removed:
        if kept := text[end : block["at"]].strip("\n"):
            yield PageBlock(kept)
        yield PageBlock(block["text"], block["reason"])
        end = max(end, block["at"])
    if kept := text[end:].strip("\n"):
        yield PageBlock(kept)


def article_fields(article: Row) -> Iterator[tuple[str, str]]:
    """Yield name and value of the columns of an article that are not empty."""
    return _fields(article, _ARTICLE_FIELDS)


def mention_fields(mention: Row, article: Row) -> Iterator[tuple[str, str]]:
    """Yield name and value of the columns of a mention that are not empty, its article first."""
    yield "article", f"{article['canonical_url']} ({mention['evidence_field']})"
    for name, value in _fields(mention, _MENTION_FIELDS):
        if value != "none":
            yield name, value


def _fields(row: Row, names: Sequence[str]) -> Iterator[tuple[str, str]]:
    for name in names:
        value = row[name]
        if value is None or value in ([], ""):
            continue
        if isinstance(value, float):
            value = round(value, 3)
        yield name, " · ".join(map(str, value)) if isinstance(value, list) else str(value)


def mention_heading(mention: Row) -> str:
    """Return a line such as `1a2b3c4d SANCTION withdraw: Bolivia -> Brazil (actual)`."""
    event_type = f"{mention['type']} {mention['mode'] or ''}".rstrip()
    actor, recipient = _parties(mention["actor"]), _parties(mention["recipient"])
    event = mention["event_id"][:8]
    return f"{event} {event_type}: {actor} -> {recipient} ({mention['modality']})"


def _parties(parties: Sequence[Row]) -> str:
    """Return the names of actors or recipients, as in the text where they have no canonical one."""
    return ", ".join(party["name"] or party["text"] for party in parties) or "?"


def article_summary(article: Row) -> str:
    """Return a line with the sizes of the body and of what was removed."""
    return (
        f"{article['word_count']} words kept; {len(article['removed'])} blocks removed, "
        f"{article['removed_chars']} characters"
    )
