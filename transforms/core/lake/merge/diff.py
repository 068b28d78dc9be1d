"""What would a merge change in articles and in the events that they tell?"""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from transforms.core.lake.encoding.parquet import Row
from transforms.core.lake.merge.overlay import Overlay
from transforms.core.lake.merge.rebuilt import says
from transforms.core.lake.schema.tables import ARTICLES, EVENT_MENTIONS

_TEXTS = frozenset(
    {
        "body",
        "removed",
        "body_sha256",
        "fingerprint",
        "word_count",
        "removed_chars",
        "boilerplate_ratio",
    }
)
_EVENT = ("type", "mode", "modality", "claimant", "date", "country", "rule", "evidence")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One article: the columns that say another thing (before, now), paragraphs and mentions that
    go and come.
    """

    article_id: str
    url: str
    columns: dict[str, tuple[Any, Any]]
    paragraphs_gone: tuple[str, ...]
    paragraphs_new: tuple[str, ...]
    events_gone: tuple[Row, ...]
    events_new: tuple[Row, ...]


def changes_of(ws: Overlay) -> list[Change]:
    """Return the changes of a workspace by article; what differs only by who made it is none."""
    articles = {(now or old or {})["article_id"]: (old, now) for old, now in ws.changed(ARTICLES)}
    gone, new = defaultdict[str, list[Row]](list), defaultdict[str, list[Row]](list)
    folders: dict[str, str] = {}
    for old, now in ws.changed(EVENT_MENTIONS):
        told = now or old or {}
        folders[told["article_id"]] = EVENT_MENTIONS.folder.name(told)
        if old is not None and (now is None or _event(old) != _event(now)):
            gone[old["article_id"]].append(_event(old))
        if now is not None and (old is None or _event(old) != _event(now)):
            new[now["article_id"]].append(_event(now))
    ids = sorted(articles.keys() | gone.keys() | new.keys())
    same = {i: ws.get(ARTICLES, folder, (i,)) for i, folder in folders.items() if i not in articles}
    found = [
        _change(i, *articles.get(i, (same.get(i),) * 2), tuple(gone[i]), tuple(new[i])) for i in ids
    ]
    return [
        c
        for c in found
        if c.columns or c.paragraphs_gone or c.paragraphs_new or c.events_gone or c.events_new
    ]


def _change(
    article_id: str, old: Row | None, now: Row | None, gone: tuple[Row, ...], new: tuple[Row, ...]
) -> Change:
    before, after = (says(ARTICLES, row) if row else {} for row in (old, now))
    names = [n for n in after if n not in _TEXTS and before.get(n) != after[n]]
    was, becomes = (_paragraphs(row) for row in (old, now))
    return Change(
        article_id=article_id,
        url=(now or old or {}).get("canonical_url", ""),
        columns={n: (before.get(n), after[n]) for n in names},
        paragraphs_gone=tuple(p for p in was if p not in becomes),
        paragraphs_new=tuple(p for p in becomes if p not in was),
        events_gone=gone,
        events_new=new,
    )


def _paragraphs(row: Row | None) -> list[str]:
    return (row["body"] or "").split("\n\n") if row and row["body"] else []


def _event(row: Row) -> Row:
    actors = {role: [a["name"] or a["text"] for a in row[role]] for role in ("actor", "recipient")}
    return {name: row[name] for name in _EVENT} | actors
