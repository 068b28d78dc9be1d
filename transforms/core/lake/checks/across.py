"""Do the tables agree with each other: references, copied columns, counts?"""

from collections.abc import Mapping

import numpy as np

from transforms.core.lake.checks.arrays import (
    MIX,
    UNKNOWN,
    Hashes,
    Index,
    Mask,
    Numbers,
    count_distinct,
    greatest,
    least,
    sum_distinct,
    text_hash,
)
from transforms.core.lake.checks.findings import Ledger
from transforms.core.lake.checks.row_facts import Facts

Tables = Mapping[str, Facts]
REFERENCES = (
    *(("event_mentions", "article_id", "articles"), ("event_mentions", "event_id", "events")),
    *(("events", "canonical_mention_id", "event_mentions"), ("events", "story_id", "stories")),
    *(("articles", "story_id", "stories"), ("articles", "duplicate_of", "articles")),
    *(("stories", "first_article_id", "articles"), ("sightings", "article_id", "articles")),
    *(("article_versions", "article_id", "articles"), ("fetches", "article_id", "articles")),
    *(
        (t, "run_id", "runs")
        for t in ("articles", "article_versions", "event_mentions", "events", "stories")
    ),
    *((t, "run_id", "runs") for t in ("fetches", "rejects", "feeds")),
)
"""Columns that name a row, and the table that it is in; null names none."""


def check_across(tables: Tables, ledger: Ledger) -> None:
    """Check all that takes more than one file to see."""
    for facts in tables.values():
        _keys(facts, ledger)
    _references(tables, ledger)
    for check in (
        _mentions,
        _versions,
        _sightings,
        _copies,
        _events,
        _event_counts,
        _story_counts,
        _article_counts,
    ):
        check(tables, ledger)


def _keys(facts: Facts, ledger: Ledger) -> None:
    keys = facts.hashed("key")
    order = np.argsort(keys, kind="stable")
    again = order[1:][keys[order][1:] == keys[order][:-1]]
    facts.report(ledger, "C_KEY_DOUBLE", again, "its key stands in the table before")


def _references(tables: Tables, ledger: Ledger) -> None:
    for name, column, target in REFERENCES:
        wanted = tables[name].hashed(column)
        wrong = (wanted != 0) & (tables[target].find(wanted) < 0)
        tables[name].report(
            ledger, "C_REFERENCE", np.flatnonzero(wrong), f"its {column} is not in {target}"
        )
    articles = tables["articles"]
    untold = (articles.hashed("body_sha256") == 0) != (articles.hashed("story_id") == 0)
    articles.report(
        ledger,
        "C_REFERENCE",
        np.flatnonzero(untold),
        "an article has a story if it has a text, and only so",
    )


def _told(facts: Facts, ledger: Ledger, check: str, wrong: Mask, message: str) -> None:
    facts.report(ledger, check, np.flatnonzero(wrong), message)


def _mentions(tables: Tables, ledger: Ledger) -> None:
    mentions, articles = tables["event_mentions"], tables["articles"]
    at = articles.find(mentions.hashed("article_id"))
    known = at >= 0
    for column in ("source_domain", "body_sha256"):
        wrong = known & _differ(mentions.hashed(column), articles.hashed(column), at)
        _told(mentions, ledger, "C_MENTION_ARTICLE", wrong, f"{column} is not the article's")
    for column, its in (
        ("published_date", "published_date"),
        ("seen_at", "seen_at"),
        ("published_at", "at"),
    ):
        wrong = known & _differ(mentions.numbers(column), articles.numbers(its), at)
        _told(mentions, ledger, "C_MENTION_ARTICLE", wrong, f"{column} is not the article's")


def _differ(mine: Hashes | Numbers, theirs: Hashes | Numbers, at: Numbers) -> Mask:
    """Return where a row's value is not that of the row which it refers to.

    Where it refers to none, anything.
    """
    if not len(theirs):
        return np.ones(len(mine), np.bool_)
    return np.asarray(mine != theirs[at], np.bool_)


def _versions(tables: Tables, ledger: Ledger) -> None:
    versions, articles = tables["article_versions"], tables["articles"]
    of = versions.hashed("article_id")
    order = np.lexsort((versions.hashed("rank"), versions.numbers("seen_at"), of))
    starts = np.flatnonzero(np.diff(of[order], prepend=np.uint64(0)) != 0)
    rank = np.arange(len(order)) - np.repeat(starts, np.diff([*starts, len(order)])) + 1
    unranked = order[versions.numbers("version")[order] != rank]
    versions.report(ledger, "C_VERSION", unranked, "its version is not its rank by seen_at")
    at = articles.find(of)
    moved = (at >= 0) & _differ(
        versions.numbers("published_date"), articles.numbers("published_date"), at
    )
    _told(versions, ledger, "C_VERSION", moved, "published_date is not the article's")
    texts = Index(of * MIX + versions.hashed("content_sha256"))
    own = texts.find(articles.hashed("key") * MIX + articles.hashed("content"))
    _told(
        articles,
        ledger,
        "C_VERSION",
        own < 0,
        "article_versions has no version with the article's text",
    )
    wrong = (own >= 0) & _differ(articles.numbers("version"), versions.numbers("version"), own)
    _told(
        articles,
        ledger,
        "C_VERSION",
        wrong,
        "its version is not the number of its text in article_versions",
    )


def _sightings(tables: Tables, ledger: Ledger) -> None:
    sightings, articles = tables["sightings"], tables["articles"]
    of = sightings.hashed("article_id")
    at = articles.find(of)
    day = sightings.numbers("published_date")
    moved = (at >= 0) & _differ(day, articles.numbers("published_date"), at)
    _told(
        sightings,
        ledger,
        "C_SIGHTING",
        moved,
        "published_date is not the day under which the article lies",
    )
    _told(
        sightings,
        ledger,
        "C_SIGHTING",
        (of == 0) & (day != UNKNOWN),
        "has a published_date but no article",
    )
    own = sightings.find(articles.hashed("key"))
    lost = (own < 0) | _differ(articles.hashed("key"), of, own)
    _told(articles, ledger, "C_SIGHTING", lost, "no sighting of its own URL leads to the article")
    _summed_up(tables, at, lost, ledger)


def _summed_up(tables: Tables, at: Numbers, lost: Mask, ledger: Ledger) -> None:
    """Check that an article has the first sight and the feeds of all links that lead to it."""
    sightings, articles = tables["sightings"], tables["articles"]
    size, known = len(articles), at >= 0
    first = least(at[known], sightings.numbers("first_seen_at")[known], size)
    wrong = ~lost & (first != articles.numbers("first_seen_at"))
    _told(articles, ledger, "C_SIGHTING", wrong, "first_seen_at is not the first of its sightings")
    there, listed = sightings.elements(), articles.elements()
    owner = at[there.owner] if len(at) else there.owner
    feeds = sum_distinct(owner[owner >= 0], there.value[owner >= 0], size)
    wrong = ~lost & (feeds != sum_distinct(listed.owner, listed.value, size))
    _told(articles, ledger, "C_SIGHTING", wrong, "feed_ids are not those of its sightings")


def _copies(tables: Tables, ledger: Ledger) -> None:
    articles = tables["articles"]
    first, kind, body = (
        articles.hashed(c) for c in ("duplicate_of", "duplicate_kind", "body_sha256")
    )
    at = articles.find(first)
    known = (first != 0) & (at >= 0)
    exact = kind == text_hash("exact")
    _told(
        articles,
        ledger,
        "C_COPY",
        (first == 0) != (kind == 0),
        "one of duplicate_of and duplicate_kind is null",
    )
    _told(
        articles,
        ledger,
        "C_COPY",
        known & (first[at] != 0),
        "duplicate_of names an article that is a copy itself",
    )
    _told(
        articles,
        ledger,
        "C_COPY",
        known & exact & (body[at] != body),
        "is an exact copy of another text",
    )
    other = known & _differ(articles.hashed("story_id"), articles.hashed("story_id"), at)
    _told(articles, ledger, "C_COPY", other, "is a copy of an article of another story")
    early = known & (articles.numbers("at") < articles.numbers("at")[at])
    _told(
        articles, ledger, "C_COPY", early, "was published before the article that it is a copy of"
    )


def _events(tables: Tables, ledger: Ledger) -> None:
    events, mentions, articles = tables["events"], tables["event_mentions"], tables["articles"]
    at = mentions.find(events.hashed("canonical_mention_id"))
    known = at >= 0
    wrong = known & _differ(events.hashed("key"), mentions.hashed("event_id"), at)
    _told(events, ledger, "C_EVENT_MENTION", wrong, "its canonical mention is of another event")
    wrong = known & _differ(events.hashed("said"), mentions.hashed("said"), at)
    _told(events, ledger, "C_EVENT_MENTION", wrong, "does not say what its canonical mention says")
    its = articles.find(mentions.hashed("article_id"))[at] if len(mentions) else at
    wrong = known & (its >= 0) & _differ(events.hashed("shown"), articles.hashed("shown"), its)
    message = "headline, sample_url or story_id is not that of its canonical mention's article"
    _told(events, ledger, "C_EVENT_MENTION", wrong, message)
    filled = events.elements()
    source = mentions.find(filled.value)
    strange = (source < 0) | _differ(
        events.hashed("key")[filled.owner], mentions.hashed("event_id"), source
    )
    message = "filled_from names a mention that is not the event's"
    events.report(ledger, "C_EVENT_MENTION", np.unique(filled.owner[strange]), message)


def _event_counts(tables: Tables, ledger: Ledger) -> None:
    events, mentions = tables["events"], tables["event_mentions"]
    size = len(events)
    at = events.find(mentions.hashed("event_id"))
    known = at >= 0
    when = mentions.numbers("published_at")[known]
    same = known & ~_differ(mentions.hashed("modality"), events.hashed("modality"), at)
    expected = {
        "first_published_at": least(at[known], when, size),
        "last_published_at": greatest(at[known], when, size),
        "mention_count": np.bincount(at[same], minlength=size),
    }
    for count, column in (
        ("article_count", "article_id"),
        ("source_count", "source_domain"),
        ("origin_count", "origin"),
    ):
        expected[count] = count_distinct(at[same], mentions.hashed(column)[same], size)
    for name, found in expected.items():
        _told(
            events,
            ledger,
            "C_COUNT",
            found != events.numbers(name),
            f"{name} is not that of its mentions",
        )


def _story_counts(tables: Tables, ledger: Ledger) -> None:
    stories, articles, mentions = tables["stories"], tables["articles"], tables["event_mentions"]
    size = len(stories)
    at = stories.find(articles.hashed("story_id"))
    known = at >= 0
    when = articles.numbers("at")[known]
    told_in = articles.find(mentions.hashed("article_id"))
    story = np.where(told_in >= 0, at[told_in], -1) if len(at) else told_in
    expected = {
        "article_count": np.bincount(at[known], minlength=size),
        "source_count": count_distinct(at[known], articles.hashed("source_domain")[known], size),
        "event_count": count_distinct(
            story[story >= 0], mentions.hashed("event_id")[story >= 0], size
        ),
        "first_at": least(at[known], when, size),
        "last_at": greatest(at[known], when, size),
    }
    for name, found in expected.items():
        _told(
            stories,
            ledger,
            "C_COUNT",
            found != stories.numbers(name),
            f"{name} is not that of its articles",
        )
    first = articles.find(stories.hashed("first_article_id"))
    wrong = (first >= 0) & _differ(stories.hashed("key"), articles.hashed("story_id"), first)
    _told(stories, ledger, "C_COUNT", wrong, "its first article is of another story")


def _article_counts(tables: Tables, ledger: Ledger) -> None:
    articles, mentions = tables["articles"], tables["event_mentions"]
    at = articles.find(mentions.hashed("article_id"))
    found = np.bincount(at[at >= 0], minlength=len(articles))
    _told(
        articles,
        ledger,
        "C_COUNT",
        found != articles.numbers("event_count"),
        "event_count is not that of its mentions",
    )
