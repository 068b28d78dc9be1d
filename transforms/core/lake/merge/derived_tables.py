"""What follows from the facts: copies, stories, and the events of their mentions, for the groups
that a slice touched.

A group is recomputed whole, however far it reaches, so the result depends on the facts alone and
not on the slices in which they came.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from transforms.core.ids import numbered_ids
from transforms.core.lake.encoding.arrow_rows import Row, as_stored
from transforms.core.lake.merge.base_tables import Touched
from transforms.core.lake.merge.overlay import Overlay
from transforms.core.lake.schema.schema import Table
from transforms.core.lake.schema.tables import (
    ARTICLES,
    EVENT_FIELDS,
    EVENT_MENTIONS,
    EVENTS,
    STORIES,
)
from transforms.core.stories.copies import (
    DayTexts,
    TextSummary,
    connected_groups,
    copies_of,
    copy_kind,
    day_texts,
    days_around,
    origin_of,
)
from transforms.core.stories.event_clusters import (
    canonical_order,
    event_clusters,
    merge_event_fields,
)
from transforms.core.stories.fingerprint import shingles, top_terms
from transforms.core.stories.stable_ids import StableIds

_TEXT_COLUMNS = (
    "published_date",
    "published_at",
    "first_seen_at",
    "source_domain",
    "credit",
    "body_sha256",
    "fingerprint",
    "word_count",
    "story_id",
)


class Window:
    """The texts of the days that are asked for, as the merge has left them so far."""

    def __init__(self, ws: Overlay) -> None:
        self._ws = ws
        self._texts: dict[date, dict[str, TextSummary]] = {}
        self._days: dict[date, DayTexts] = {}
        self._shingles: dict[str, frozenset[int]] = {}
        self._copies: dict[str, list[TextSummary]] = {}

    def texts(self, day: date) -> dict[str, TextSummary]:
        """Return the day's texts by article."""
        if day not in self._texts:
            rows = self._ws.scan(ARTICLES, _folder(day), _TEXT_COLUMNS)
            self._texts[day] = {r["article_id"]: _text(r) for r in rows}
        return self._texts[day]

    def near(self, text: TextSummary) -> list[TextSummary]:
        """Return the copies of a text, and those that were in one story with it."""
        return [*self.copies(text), *self.mates(text.story_id, days_around(text.day))]

    def mates(self, story_id: str | None, days: Iterable[date]) -> Iterator[TextSummary]:
        """Yield the texts of these days that have been in a story."""
        if story_id is not None:
            for day in days:
                yield from (t for t in self.texts(day).values() if t.story_id == story_id)

    def copies(self, text: TextSummary) -> list[TextSummary]:
        """Return the copies of a text."""
        if text.article_id not in self._copies:
            days = map(self._day, days_around(text.day))
            self._copies[text.article_id] = copies_of(text, days, self._shingles_of)
        return self._copies[text.article_id]

    def _day(self, day: date) -> DayTexts:
        if day not in self._days:
            self._days[day] = day_texts(self.texts(day).values())
        return self._days[day]

    def _shingles_of(self, text: TextSummary) -> frozenset[int]:
        if text.article_id not in self._shingles:
            row = self._ws.get(ARTICLES, _folder(text.day), (text.article_id,))
            self._shingles[text.article_id] = shingles(row["body"] or "") if row else frozenset()
        return self._shingles[text.article_id]


@dataclass(frozen=True, slots=True)
class _Group:
    """The copies of one text in order of publication: their rows, their mentions' rows, and these
    by event.
    """

    texts: list[TextSummary]
    articles: list[Row]
    mentions: list[list[Row]]
    events: list[list[Row]]


def derive(ws: Overlay, touched: dict[str, Touched]) -> None:
    """Recompute copies, stories and events of every group that a touched article is or was in."""
    window = Window(ws)
    start = {t.article_id: t for t in _start(window, touched)}
    reached = {t.article_id: t for g in connected_groups(start.values(), window.near) for t in g}
    found = [_load(ws, texts) for texts in connected_groups(reached.values(), window.copies)]
    days = {t.day for t in reached.values()} | {
        t.before["published_date"] for t in touched.values() if t.before
    }
    _write_stories(ws, found, days, touched)
    _write_events(ws, found, days, touched)
    for group in found:
        _write_articles(ws, group)


def _start(window: Window, touched: dict[str, Touched]) -> Iterator[TextSummary]:
    for article_id, t in touched.items():
        yield window.texts(t.now["published_date"])[article_id]
        if t.before is not None:
            yield from window.mates(t.before["story_id"], days_around(t.before["published_date"]))


def _load(ws: Overlay, texts: list[TextSummary]) -> _Group:
    articles = [_required(ws.get(ARTICLES, _folder(t.day), (t.article_id,))) for t in texts]
    mentions = [ws.of_article(EVENT_MENTIONS, _folder(t.day), t.article_id) for t in texts]
    return _Group(texts, articles, mentions, event_clusters(mentions))


def _required(row: Row | None) -> Row:
    if row is None:
        raise KeyError("an article vanished within a merge")
    return row


def _write_articles(ws: Overlay, group: _Group) -> None:
    first = group.texts[0]
    for text, row, mentions in zip(group.texts, group.articles, group.mentions, strict=True):
        copy = text is not first
        row |= {
            "duplicate_of": first.article_id if copy else None,
            "duplicate_kind": copy_kind(first, text) if copy else None,
            "event_count": len(mentions),
        }
        ws.put(ARTICLES, row)


def _write_stories(
    ws: Overlay, found: list[_Group], days: set[date], touched: dict[str, Touched]
) -> None:
    told = [g for g in found if g.texts[0].body_sha256 is not None]
    ids = {t.story_id for g in found for t in g.texts} | {
        t.before["story_id"] for t in touched.values() if t.before
    }
    old = _old_rows(ws, STORIES, "story_id", ids, days)
    names = StableIds({i: frozenset(r["previous_ids"]) for i, r in old.items()})
    new = []
    for group in told:
        had = [t.story_id for t in group.texts if t.story_id]
        story_id, previous = names.assign(
            had, _new_ids("story", group.articles[0], group.texts[0].article_id)
        )
        for row in group.articles:
            row["story_id"] = story_id
        new.append(_story_row(group) | {"story_id": story_id, "previous_ids": previous})
    for group in found:
        if group.texts[0].body_sha256 is None:
            group.articles[0]["story_id"] = None
    _replace_rows(ws, STORIES, old, new)


def _new_ids(kind: str, row: Row, member: str) -> Callable[[int], str]:
    """Return what gives the n-th id made from a row.

    `seen_at` sets apart a member that was gone for a while.
    """
    return numbered_ids(kind, member, row["seen_at"].isoformat())


def _old_rows(
    ws: Overlay, table: Table, column: str, ids: Iterable[str | None], days: set[date]
) -> dict[str, Row]:
    wanted = {i for i in ids if i}
    return {
        r[column]: r for day in sorted(days) for r in ws.where(table, _folder(day), column, wanted)
    }


def _replace_rows(ws: Overlay, table: Table, old: dict[str, Row], new: list[Row]) -> None:
    for row in old.values():
        ws.delete(table, table.folder.name(row), tuple(row[c] for c in table.key))
    for row in as_stored(table, new):
        ws.put(table, row)


def _story_row(group: _Group) -> Row:
    first, articles = group.articles[0], group.articles
    times = [t.at for t in group.texts]
    newest = max(articles, key=lambda r: (r["ingested_at"], r["run_id"], r["article_id"]))
    real = [min(c, key=canonical_order) for c in group.events]
    return {
        "story_date": times[0].date(),
        "first_at": times[0],
        "last_at": times[-1],
        "updated_at": newest["ingested_at"],
        "headline": first["title"],
        "languages": sorted({r["language"] for r in articles} - {None}),
        "top_terms": top_terms([first["title"] or "", first["body"] or ""]),
        "top_type": _most_common(m["type"] for m in real),
        "top_country": _most_common(m["country"] for m in real),
        "article_count": len(articles),
        "source_count": len({r["source_domain"] for r in articles}),
        "origin_count": 1,
        "event_count": len(group.events),
        "first_source_domain": first["source_domain"],
        "first_article_id": first["article_id"],
        "run_id": newest["run_id"],
        "pipeline_version": newest["pipeline_version"],
    }


def _most_common(values: Iterable[str | None]) -> str | None:
    counts = Counter(v for v in values if v is not None)
    return min(counts, key=lambda v: (-counts[v], v)) if counts else None


def _write_events(
    ws: Overlay, found: list[_Group], days: set[date], touched: dict[str, Touched]
) -> None:
    ids = {m["event_id"] for g in found for ms in g.mentions for m in ms}
    old = _old_rows(
        ws, EVENTS, "event_id", ids.union(*(t.events_before for t in touched.values())), days
    )
    names = StableIds({i: frozenset(r["previous_ids"]) for i, r in old.items()})
    new = []
    for group in found:
        origin = origin_of(group.texts)
        articles = {r["article_id"]: r for r in group.articles}
        for mentions in group.events:
            had = [m["event_id"] for m in mentions if m["event_id"]]
            event_id, previous = names.assign(
                had, _new_ids("event", mentions[0], mentions[0]["mention_id"])
            )
            for m in mentions:
                m |= {"event_id": event_id, "origin": origin}
                ws.put(EVENT_MENTIONS, m)
            new.append(
                _event_row(mentions, articles) | {"event_id": event_id, "previous_ids": previous}
            )
    _replace_rows(ws, EVENTS, old, new)


def _event_row(mentions: list[Row], articles: dict[str, Row]) -> Row:
    best = min(mentions, key=canonical_order)
    fields, filled = merge_event_fields(mentions, [c.name for c in EVENT_FIELDS])
    same = [m for m in mentions if m["modality"] == best["modality"]]
    source = articles[best["article_id"]]
    newest = max(
        (articles[m["article_id"]] for m in mentions), key=lambda r: (r["ingested_at"], r["run_id"])
    )
    return {
        **fields,
        "filled_from": filled,
        "canonical_mention_id": best["mention_id"],
        "published_date": mentions[0]["published_date"],
        "first_published_at": mentions[0]["published_at"],
        "last_published_at": max(m["published_at"] for m in mentions),
        "mention_count": len(same),
        "article_count": len({m["article_id"] for m in same}),
        "source_count": len({m["source_domain"] for m in same}),
        "origin_count": len({m["origin"] for m in same}),
        **_claims(mentions, same),
        "first_source_domain": mentions[0]["source_domain"],
        "story_id": source["story_id"],
        "headline": source["title"],
        "sample_url": source["canonical_url"],
        "run_id": newest["run_id"],
        "pipeline_version": newest["pipeline_version"],
    }


def _claims(mentions: list[Row], same: list[Row]) -> Row:
    """Return who says so and who denies it.

    A mention of the event's own modality says so unless that is negated.
    """
    denials = [m for m in mentions if m["modality"] == "negated"]
    said = [m for m in same if m["modality"] != "negated"]
    claimed = {m["claimant"] for m in said} - {None}
    own_voice = any(m["claimant"] is None for m in same)
    claims = any(m["claimant"] is not None for m in same)
    return {
        "claim_status": "both" if own_voice and claims else "stated" if own_voice else "claimed",
        "claimed_by": sorted(claimed),
        "denied_by": sorted({m["claimant"] or m["source_domain"] for m in denials}),
        "contradicted": bool(said and denials),
    }


def _folder(day: date) -> str:
    return f"day={day.isoformat()}"


def _text(row: Row) -> TextSummary:
    return TextSummary(
        article_id=row["article_id"],
        day=row["published_date"],
        at=row["published_at"] or row["first_seen_at"],
        first_seen_at=row["first_seen_at"],
        source_domain=row["source_domain"],
        credit=row["credit"],
        body_sha256=row["body_sha256"],
        fingerprint=row["fingerprint"],
        word_count=row["word_count"],
        story_id=row["story_id"],
    )
