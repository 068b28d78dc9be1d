"""What better code makes of an article that the lake has: it replaces what was there where it says
another thing.

So a rebuild with the code that made the lake changes no byte, and one with a changed rule changes
the articles that the rule is about.
"""

from collections.abc import Collection, Iterable, Sequence

from transforms.core.lake.encoding.arrow_rows import Row
from transforms.core.lake.encoding.to_rows import published_date
from transforms.core.lake.merge.conflicts import Unit, resolve_version
from transforms.core.lake.schema.schema import Table
from transforms.core.lake.schema.tables import ARTICLES, EVENT_MENTIONS

KIND = "rebuild"
"""The kind of a run whose rows replace."""
_BY_WHOM = frozenset(
    {"run_id", "pipeline_version", "ingested_at", "memory_version", "coder_version"}
)
_OF_ARTICLE = frozenset({"first_seen_at", "feed_ids", "next_revisit_at"})
"""What links and looks have told of an article, and no page does."""
_COPIED = frozenset(
    {"article_id", "source_domain", "published_at", "published_date", "seen_at", "body_sha256"}
)
"""What a mention copies from its article."""


def rebuilt_unit(old: Unit, new: Unit) -> Unit:
    """Return the new article and mentions, each row its old self where it says the same.

    Where the lake has a newer page of the article than those that were read again, that stands.
    """
    if new.article["seen_at"] < old.article["seen_at"]:
        return old
    row = new.article | {name: old.article[name] for name in _OF_ARTICLE}
    row |= {
        "published_date": published_date(row),
        "raw_uri": row["raw_uri"] or old.article["raw_uri"],
    }
    article = old.article if says(ARTICLES, old.article) == says(ARTICLES, row) else row
    known = {m["mention_id"]: m for m in old.mentions}
    return Unit(article, tuple(_same_or_new(known.get(m["mention_id"]), m) for m in new.mentions))


def rebuilt_versions(old: Sequence[Row], incoming: Iterable[Row], before: Row | None) -> list[Row]:
    """Return an article's versions without those that its pages no longer give, and with those they
    give now.

    The text that the article had, `before`, becomes the text that its page gives now, first seen
    when that was.
    """
    current = _text_of(before, old)
    new = [_dated(row, before, current) for row in incoming]
    again = {row["seen_at"] for row in new}
    now = {row["content_sha256"] for row in new}
    kept = {
        r["content_sha256"]: r
        for r in old
        if r["seen_at"] not in again or r["content_sha256"] in now
    }
    for row in new:
        key = row["content_sha256"]
        known = kept.get(key)
        if known is None or row["seen_at"] < known["seen_at"]:
            kept[key] = row if known is None else resolve_version(known, row)
    return list(kept.values())


def _dated(row: Row, before: Row | None, current: Row | None) -> Row:
    """Return a version of the page that the article was of as first seen when the article's text
    was.
    """
    if before is None or current is None or row["seen_at"] != before["seen_at"]:
        return row
    return row | {name: current[name] for name in ("seen_at", "fetch_id", "raw_uri")}


def _text_of(article: Row | None, versions: Sequence[Row]) -> Row | None:
    if article is None:
        return None
    return next(
        (v for v in versions if (v["title"], v["body"]) == (article["title"], article["body"])),
        None,
    )


def _same_or_new(old: Row | None, new: Row) -> Row:
    same = old is not None and says(EVENT_MENTIONS, old, _COPIED) == says(
        EVENT_MENTIONS, new, _COPIED
    )
    return old if same and old is not None else new


def says(table: Table, row: Row, but: Collection[str] = ()) -> Row:
    """Return what a row says: without who made it when, what is derived, and these columns."""
    out = _BY_WHOM | table.derived
    return {name: row[name] for name in table.schema.names if name not in out and name not in but}
