"""Recompute the derived tables: copies, stories, and the events of their mentions, for the groups
of articles that a batch touched.

A group is recomputed whole, however far it reaches, so the result depends on the base tables alone
and not on the batches in which their rows came.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import chain

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
    CopySearch,
    DayTexts,
    Near,
    TextSummary,
    connected_groups,
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

_StoryDay = tuple[str, date]
"""The id of a story, and a day of its texts."""


class Window:
    """The articles' texts by day, read when first needed, with the changes of the merge so far."""

    def __init__(self, ws: Overlay) -> None:
        self._ws = ws
        self._texts: dict[date, dict[str, TextSummary]] = {}
        self._days: dict[date, DayTexts] = {}
        self._shingles: dict[str, frozenset[int]] = {}
        self._stories: dict[date, dict[str, list[TextSummary]]] = {}

    def texts(self, day: date) -> dict[str, TextSummary]:
        """Return the day's texts by article."""
        if day not in self._texts:
            rows = self._ws.scan(ARTICLES, _folder(day), _TEXT_COLUMNS)
            self._texts[day] = {r["article_id"]: _text(r) for r in rows}
        return self._texts[day]

    def near(self) -> Near:
        """Return what finds the copies of a text, and what was in the same story before."""
        copies, told = self.copies(), set[_StoryDay]()
        return lambda text, known: chain(
            copies(text, known), self.story_texts(text.story_id, days_around(text.day), told)
        )

    def copies(self) -> Near:
        """Return what finds the copies of a text."""
        return CopySearch(self._day, self._shingles_of).copies_of

    def story_texts(
        self, story_id: str | None, days: Iterable[date], told: set[_StoryDay]
    ) -> Iterator[TextSummary]:
        """Yield the texts of these days that were in a story before the merge.

        Days that were told of a story are left out, and those of this call added to them.
        """
        if story_id is None:
            return
        for day in days:
            if (story_id, day) not in told:
                told.add((story_id, day))
                yield from self._stories_of(day).get(story_id, ())

    def _stories_of(self, day: date) -> dict[str, list[TextSummary]]:
        if day not in self._stories:
            stories: dict[str, list[TextSummary]] = {}
            for text in self.texts(day).values():
                if text.story_id is not None:
                    stories.setdefault(text.story_id, []).append(text)
            self._stories[day] = stories
        return self._stories[day]

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
    """The copies of one text in order of publication: their rows, the rows of their mentions, and
    the same mentions by event.
    """

    texts: list[TextSummary]
    articles: list[Row]
    mentions: list[list[Row]]
    events: list[list[Row]]


def derive(ws: Overlay, touched: dict[str, Touched]) -> None:
    """Recompute copies, stories and events of every group that a touched article is or was in."""
    window = Window(ws)
    reached = _reached(window, touched)
    groups = [_load(ws, texts) for texts in connected_groups(reached.values(), window.copies())]
    days = {text.day for text in reached.values()}
    days |= {t.before["published_date"] for t in touched.values() if t.before}
    _write_stories(ws, groups, days, touched)
    _write_events(ws, groups, days, touched)
    for group in groups:
        _write_articles(ws, group)


def _reached(window: Window, touched: dict[str, Touched]) -> dict[str, TextSummary]:
    """Return the texts whose copies, story or events the touched articles may change, by id."""
    start = {text.article_id: text for text in _touched_texts(window, touched)}
    groups = connected_groups(start.values(), window.near())
    return {text.article_id: text for text in chain.from_iterable(groups)}


def _touched_texts(window: Window, touched: dict[str, Touched]) -> Iterator[TextSummary]:
    """Yield the touched texts, and those of the stories that they may have left."""
    told = set[_StoryDay]()
    for article_id, t in touched.items():
        yield window.texts(t.now["published_date"])[article_id]
        if t.before is not None:
            days = days_around(t.before["published_date"])
            yield from window.story_texts(t.before["story_id"], days, told)


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
        is_copy = text is not first
        row |= {
            "duplicate_of": first.article_id if is_copy else None,
            "duplicate_kind": copy_kind(first, text) if is_copy else None,
            "event_count": len(mentions),
        }
        ws.put(ARTICLES, row)


def _write_stories(
    ws: Overlay, groups: list[_Group], days: set[date], touched: dict[str, Touched]
) -> None:
    old = _stored_rows(ws, STORIES, "story_id", _story_ids_before(groups, touched), days)
    stable_ids = _stable_ids(old)
    new = []
    for group in groups:
        if group.texts[0].body_sha256 is None:
            # Without a text there is nothing to compare: the article is alone, and in no story.
            group.articles[0]["story_id"] = None
            continue
        before = [text.story_id for text in group.texts if text.story_id]
        make_id = _new_ids("story", group.articles[0], group.texts[0].article_id)
        story_id, previous = stable_ids.assign(before, make_id)
        for row in group.articles:
            row["story_id"] = story_id
        new.append(_story_row(group) | {"story_id": story_id, "previous_ids": previous})
    _replace_rows(ws, STORIES, old, new)


def _story_ids_before(groups: list[_Group], touched: dict[str, Touched]) -> set[str | None]:
    ids = {t.before["story_id"] for t in touched.values() if t.before}
    for group in groups:
        ids.update(text.story_id for text in group.texts)
    return ids


def _stable_ids(stored: dict[str, Row]) -> StableIds:
    return StableIds({key: frozenset(row["previous_ids"]) for key, row in stored.items()})


def _new_ids(kind: str, row: Row, member: str) -> Callable[[int], str]:
    """Return the function that makes the n-th id of a group from its first member."""
    # With seen_at: a member that leaves its group and comes back later, with a newer row, must not
    # make the id under which the old group was published.
    return numbered_ids(kind, member, row["seen_at"].isoformat())


def _stored_rows(
    ws: Overlay, table: Table, column: str, ids: Iterable[str | None], days: set[date]
) -> dict[str, Row]:
    """Return the rows of these days with one of the ids, by id."""
    known = {i for i in ids if i}
    rows: dict[str, Row] = {}
    for day in sorted(days):
        rows.update((row[column], row) for row in ws.where(table, _folder(day), column, known))
    return rows


def _replace_rows(ws: Overlay, table: Table, old: dict[str, Row], new: list[Row]) -> None:
    for row in old.values():
        ws.delete(table, table.folder.name(row), tuple(row[c] for c in table.key))
    for row in as_stored(table, new):
        ws.put(table, row)


def _story_row(group: _Group) -> Row:
    first, articles = group.articles[0], group.articles
    times = [t.at for t in group.texts]
    newest = max(articles, key=lambda r: (r["ingested_at"], r["run_id"], r["article_id"]))
    canonical = [min(mentions, key=canonical_order) for mentions in group.events]
    return {
        "story_date": times[0].date(),
        "first_at": times[0],
        "last_at": times[-1],
        # Never null in this table; `stamps` sets it.
        "updated_at": newest["ingested_at"],
        "headline": first["title"],
        "languages": sorted({r["language"] for r in articles} - {None}),
        "top_terms": top_terms([first["title"] or "", first["body"] or ""]),
        "top_type": _most_common(m["type"] for m in canonical),
        "top_country": _most_common(m["country"] for m in canonical),
        "article_count": len(articles),
        "source_count": len({r["source_domain"] for r in articles}),
        # A story is one text and its copies, so all its articles have the same origin.
        "origin_count": 1,
        "event_count": len(group.events),
        "first_source_domain": first["source_domain"],
        "first_article_id": first["article_id"],
        "run_id": newest["run_id"],
        "pipeline_version": newest["pipeline_version"],
    }


def _most_common(values: Iterable[str | None]) -> str | None:
    counts = Counter(v for v in values if v is not None)
    # Of equally frequent values the first in the alphabet, so that the order of rows has no effect.
    return min(counts, key=lambda v: (-counts[v], v)) if counts else None


def _write_events(
    ws: Overlay, groups: list[_Group], days: set[date], touched: dict[str, Touched]
) -> None:
    old = _stored_rows(ws, EVENTS, "event_id", _event_ids_before(groups, touched), days)
    stable_ids = _stable_ids(old)
    new = []
    for group in groups:
        origin = origin_of(group.texts)
        articles = {row["article_id"]: row for row in group.articles}
        for mentions in group.events:
            event_id, previous = _assign_event_id(stable_ids, mentions)
            for mention in mentions:
                mention |= {"event_id": event_id, "origin": origin}
                ws.put(EVENT_MENTIONS, mention)
            ids = {"event_id": event_id, "previous_ids": previous}
            new.append(_event_row(mentions, articles) | ids)
    _replace_rows(ws, EVENTS, old, new)


def _event_ids_before(groups: list[_Group], touched: dict[str, Touched]) -> set[str]:
    ids = set[str]()
    for t in touched.values():
        ids |= t.events_before
    for group in groups:
        ids.update(mention["event_id"] for mention in chain.from_iterable(group.mentions))
    return ids


def _assign_event_id(stable_ids: StableIds, mentions: list[Row]) -> tuple[str, list[str]]:
    first = mentions[0]
    before = [mention["event_id"] for mention in mentions if mention["event_id"]]
    return stable_ids.assign(before, _new_ids("event", first, first["mention_id"]))


def _event_row(mentions: list[Row], articles: dict[str, Row]) -> Row:
    """Return the event's row: the fields of the canonical mention, with counts over the others."""
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
        **_claim_columns(mentions, same),
        "first_source_domain": mentions[0]["source_domain"],
        "story_id": source["story_id"],
        "headline": source["title"],
        "sample_url": source["canonical_url"],
        "run_id": newest["run_id"],
        "pipeline_version": newest["pipeline_version"],
    }


def _claim_columns(mentions: list[Row], same: list[Row]) -> Row:
    """Return the columns on who claims the event and who denies it.

    A mention of the event's own modality claims it, unless that modality is negated.
    """
    denials = [m for m in mentions if m["modality"] == "negated"]
    claims = [m for m in same if m["modality"] != "negated"]
    return {
        "claim_status": _claim_status({m["claimant"] for m in same}),
        "claimed_by": sorted({m["claimant"] for m in claims} - {None}),
        "denied_by": sorted({m["claimant"] or m["source_domain"] for m in denials}),
        "contradicted": bool(claims and denials),
    }


def _claim_status(claimants: set[str | None]) -> str:
    """Return the status from the claimants of the mentions, None if an article states it."""
    if None not in claimants:
        return "claimed"
    return "stated" if claimants == {None} else "both"


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
