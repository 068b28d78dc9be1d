"""The changes that a merge makes to articles and to the events that they report."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from transforms.core.lake.encoding.arrow_rows import Row
from transforms.core.lake.merge.overlay import Overlay
from transforms.core.lake.merge.rebuilt import comparable
from transforms.core.lake.schema.tables import ARTICLES, EVENT_MENTIONS

# The body, shown by paragraphs, and the columns that follow from it.
_TEXTS = frozenset(
    {
        "body",
        "body_markdown",
        "removed",
        "body_sha256",
        "fingerprint",
        "word_count",
        "removed_chars",
        "boilerplate_ratio",
    }
)
_EVENT = ("type", "mode", "modality", "claimant", "date", "country", "rule", "evidence")


RowChange = tuple[Row | None, Row | None]
"""A row before and after; None if it comes or goes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """The changes of one article: columns with another value (before, after), and the paragraphs
    and mentions that are removed and added.
    """

    article_id: str
    url: str
    columns: dict[str, tuple[Any, Any]]
    paragraphs_gone: tuple[str, ...]
    paragraphs_new: tuple[str, ...]
    events_gone: tuple[Row, ...]
    events_new: tuple[Row, ...]


def changes_of(ws: Overlay) -> list[Change]:
    """Return the changes of an overlay by article, without rows that differ in provenance only."""
    articles: dict[str, RowChange] = {}
    for old, now in ws.changed(ARTICLES):
        articles[(now or old or {})["article_id"]] = (old, now)
    mentions = _MentionChanges()
    for old, now in ws.changed(EVENT_MENTIONS):
        mentions.add(old, now)
    changes = []
    for article_id in sorted(articles.keys() | mentions.folders.keys()):
        old, now = articles.get(article_id) or mentions.unchanged_article(ws, article_id)
        gone, new = tuple(mentions.gone[article_id]), tuple(mentions.new[article_id])
        change = _change(article_id, old, now, gone, new)
        if _is_any(change):
            changes.append(change)
    return changes


class _MentionChanges:
    """The mentions removed and added, and the folder of each article's mentions, by article."""

    def __init__(self) -> None:
        self.gone = defaultdict[str, list[Row]](list)
        self.new = defaultdict[str, list[Row]](list)
        self.folders: dict[str, str] = {}

    def add(self, old: Row | None, now: Row | None) -> None:
        """Add the change of a mention; `old` is None if it is added, `now` if it goes."""
        row = now or old or {}
        self.folders[row["article_id"]] = EVENT_MENTIONS.folder.name(row)
        before = _event(old) if old is not None else None
        after = _event(now) if now is not None else None
        if before == after:
            return
        if before is not None:
            self.gone[row["article_id"]].append(before)
        if after is not None:
            self.new[row["article_id"]].append(after)

    def unchanged_article(self, ws: Overlay, article_id: str) -> RowChange:
        """Return an article whose mentions alone change: the same row before and after."""
        row = ws.get(ARTICLES, self.folders[article_id], (article_id,))
        return row, row


def _is_any(change: Change) -> bool:
    has_texts = change.paragraphs_gone or change.paragraphs_new
    has_events = change.events_gone or change.events_new
    return bool(change.columns or has_texts or has_events)


def _change(
    article_id: str, old: Row | None, now: Row | None, gone: tuple[Row, ...], new: tuple[Row, ...]
) -> Change:
    before = comparable(ARTICLES, old) if old else {}
    after = comparable(ARTICLES, now) if now else {}
    old_paragraphs, new_paragraphs = _paragraphs(old), _paragraphs(now)
    return Change(
        article_id=article_id,
        url=(now or old or {}).get("canonical_url", ""),
        columns=_changed_columns(before, after),
        paragraphs_gone=tuple(p for p in old_paragraphs if p not in new_paragraphs),
        paragraphs_new=tuple(p for p in new_paragraphs if p not in old_paragraphs),
        events_gone=gone,
        events_new=new,
    )


def _changed_columns(before: Row, after: Row) -> dict[str, tuple[Any, Any]]:
    return {
        name: (before.get(name), value)
        for name, value in after.items()
        if name not in _TEXTS and before.get(name) != value
    }


def _paragraphs(row: Row | None) -> list[str]:
    return (row["body"] or "").split("\n\n") if row and row["body"] else []


def _event(row: Row) -> Row:
    event = {name: row[name] for name in _EVENT}
    for role in ("actor", "recipient"):
        event[role] = [actor["name"] or actor["text"] for actor in row[role]]
    return event
