"""Resolve an article that was made again from its stored page: it replaces the stored rows if
their content differs.

So a rebuild with the code that made the lake changes no byte, and one with a changed rule changes
only the articles that the rule applies to.
"""

from collections.abc import Collection, Iterable, Sequence

from transforms.core.lake.encoding.arrow_rows import Row
from transforms.core.lake.encoding.to_rows import published_date
from transforms.core.lake.merge.conflicts import Unit, resolve_version
from transforms.core.lake.schema.schema import Table
from transforms.core.lake.schema.tables import ARTICLES, EVENT_MENTIONS

KIND = "rebuild"
"""The kind of a run whose rows replace the stored ones."""
# Who made the row and when. Every rebuild changes these, so they are not compared.
_PROVENANCE = frozenset(
    {"run_id", "pipeline_version", "ingested_at", "memory_version", "coder_version"}
)
# Columns that links and revisits have filled; the page itself does not hold them.
_NOT_FROM_PAGE = frozenset({"first_seen_at", "feed_ids", "next_revisit_at"})
# Columns that a mention copies from its article, which is compared by itself.
_COPIED = frozenset(
    {"article_id", "source_domain", "published_at", "published_date", "seen_at", "body_sha256"}
)


def rebuilt_unit(old: Unit, new: Unit) -> Unit:
    """Return the new article and mentions, with the old row if the content is the same.

    If the lake has a newer page of the article than the one that was read again, the old unit.
    """
    if new.article["seen_at"] < old.article["seen_at"]:
        return old
    row = new.article | {name: old.article[name] for name in _NOT_FROM_PAGE}
    row |= {
        "published_date": published_date(row),
        "raw_uri": row["raw_uri"] or old.article["raw_uri"],
    }
    is_same = comparable(ARTICLES, old.article) == comparable(ARTICLES, row)
    known = {m["mention_id"]: m for m in old.mentions}
    mentions = tuple(_old_if_same(known.get(m["mention_id"]), m) for m in new.mentions)
    return Unit(old.article if is_same else row, mentions)


def rebuilt_versions(old: Sequence[Row], incoming: Iterable[Row], before: Row | None) -> list[Row]:
    """Return an article's versions after its pages were read again.

    Versions that their pages no longer give are left out, those that they give now are added. The
    text that `before`, the article's row, had is replaced by the text that its page gives now, with
    the time at which the old text was first seen.
    """
    current = _version_of(before, old)
    new = [_with_first_fetch(row, before, current) for row in incoming]
    kept = _still_given(old, new)
    for row in new:
        key = row["content_sha256"]
        known = kept.get(key)
        if known is None:
            kept[key] = row
        elif row["seen_at"] < known["seen_at"]:
            kept[key] = resolve_version(known, row)
    return list(kept.values())


def _still_given(old: Sequence[Row], new: Sequence[Row]) -> dict[str, Row]:
    """Return the old versions whose page was not read again, or gave the same text, by hash."""
    read_again = {row["seen_at"] for row in new}
    hashes = {row["content_sha256"] for row in new}
    kept: dict[str, Row] = {}
    for row in old:
        if row["seen_at"] not in read_again or row["content_sha256"] in hashes:
            kept[row["content_sha256"]] = row
    return kept


def _with_first_fetch(row: Row, before: Row | None, current: Row | None) -> Row:
    """Return a version with the first fetch of `current`, if it is of the page of `before`."""
    if before is None or current is None or row["seen_at"] != before["seen_at"]:
        return row
    return row | {name: current[name] for name in ("seen_at", "fetch_id", "raw_uri")}


def _version_of(article: Row | None, versions: Sequence[Row]) -> Row | None:
    if article is None:
        return None
    text = article["title"], article["body"]
    return next((v for v in versions if (v["title"], v["body"]) == text), None)


def _old_if_same(old: Row | None, new: Row) -> Row:
    if old is None:
        return new
    before = comparable(EVENT_MENTIONS, old, _COPIED)
    return old if before == comparable(EVENT_MENTIONS, new, _COPIED) else new


def comparable(table: Table, row: Row, excluded: Collection[str] = ()) -> Row:
    """Return the row without provenance, derived columns and the excluded ones."""
    left_out = _PROVENANCE.union(table.derived, excluded)
    return {name: row[name] for name in table.schema.names if name not in left_out}
