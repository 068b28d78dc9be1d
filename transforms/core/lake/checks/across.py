"""Check the tables against each other: references, copied columns, counts.

Hashes stand for texts (`arrays`); `at` is always the row that a reference names, -1 for none.
"""

from collections.abc import Mapping
from datetime import timedelta

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
from transforms.core.lake.merge.stamps import KEPT
from transforms.core.lake.schema.tables import STAMPED

Tables = Mapping[str, Facts]
REFERENCES = (
    ("event_mentions", "article_id", "articles"),
    ("event_mentions", "event_id", "events"),
    ("events", "canonical_mention_id", "event_mentions"),
    ("events", "story_id", "stories"),
    ("articles", "story_id", "stories"),
    ("articles", "duplicate_of", "articles"),
    ("stories", "first_article_id", "articles"),
    ("sightings", "article_id", "articles"),
    ("article_versions", "article_id", "articles"),
    ("fetches", "article_id", "articles"),
    ("articles", "run_id", "runs"),
    ("article_versions", "run_id", "runs"),
    ("event_mentions", "run_id", "runs"),
    ("events", "run_id", "runs"),
    ("stories", "run_id", "runs"),
    ("fetches", "run_id", "runs"),
    ("rejects", "run_id", "runs"),
    ("feeds", "run_id", "runs"),
    *((table.name, "updated_run_id", "runs") for table in STAMPED),
    ("deleted_rows", "deleted_run_id", "runs"),
)
"""Table, column, and the table with the row that the column names; null names none."""

_KEPT_US = KEPT // timedelta(microseconds=1)


def check_across(tables: Tables, ledger: Ledger) -> None:
    """Run the checks that need more than one file."""
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
        _deleted_rows,
    ):
        check(tables, ledger)


def _keys(facts: Facts, ledger: Ledger) -> None:
    keys = facts.hashed("key")
    order = np.argsort(keys, kind="stable")
    repeated = order[1:][keys[order][1:] == keys[order][:-1]]
    facts.report(ledger, "C_KEY_DOUBLE", repeated, "an earlier row of the table has the same key")


def _references(tables: Tables, ledger: Ledger) -> None:
    for name, column, target in REFERENCES:
        named = tables[name].hashed(column)
        wrong = (named != 0) & (tables[target].find(named) < 0)
        _report(tables[name], ledger, "C_REFERENCE", wrong, f"its {column} is not in {target}")
    articles = tables["articles"]
    wrong = (articles.hashed("body_sha256") == 0) != (articles.hashed("story_id") == 0)
    message = "has a text but no story, or a story but no text"
    _report(articles, ledger, "C_REFERENCE", wrong, message)


def _report(facts: Facts, ledger: Ledger, check: str, wrong: Mask, message: str) -> None:
    facts.report(ledger, check, np.flatnonzero(wrong), message)


def _mentions(tables: Tables, ledger: Ledger) -> None:
    mentions, articles = tables["event_mentions"], tables["articles"]
    at = articles.find(mentions.hashed("article_id"))
    known = at >= 0
    for column in ("source_domain", "body_sha256"):
        wrong = known & _differ(mentions.hashed(column), articles.hashed(column), at)
        _report(mentions, ledger, "C_MENTION_ARTICLE", wrong, f"{column} is not the article's")
    for column, referenced in (
        ("published_date", "published_date"),
        ("seen_at", "seen_at"),
        ("published_at", "at"),
    ):
        wrong = known & _differ(mentions.numbers(column), articles.numbers(referenced), at)
        _report(mentions, ledger, "C_MENTION_ARTICLE", wrong, f"{column} is not the article's")


def _differ(values: Hashes | Numbers, referenced: Hashes | Numbers, at: Numbers) -> Mask:
    """Return where a row's value differs from that of the row which it refers to.

    If it refers to none, the result has no meaning: the caller must mask it.
    """
    if not len(referenced):
        return np.ones(len(values), np.bool_)
    return np.asarray(values != referenced[at], np.bool_)


def _versions(tables: Tables, ledger: Ledger) -> None:
    versions, articles = tables["article_versions"], tables["articles"]
    of = versions.hashed("article_id")
    # The rank of each version within its article: rows sorted by article, counted from its first.
    order = np.lexsort((versions.hashed("rank"), versions.numbers("seen_at"), of))
    starts = np.flatnonzero(np.diff(of[order], prepend=np.uint64(0)) != 0)
    rank = np.arange(len(order)) - np.repeat(starts, np.diff([*starts, len(order)])) + 1
    unranked = order[versions.numbers("version")[order] != rank]
    versions.report(ledger, "C_VERSION", unranked, "its version is not its rank by seen_at")
    at = articles.find(of)
    moved = (at >= 0) & _differ(
        versions.numbers("published_date"), articles.numbers("published_date"), at
    )
    _report(versions, ledger, "C_VERSION", moved, "published_date is not the article's")
    # Article and text in one hash, to find the version that has the article's current text.
    texts = Index(of * MIX + versions.hashed("content_sha256"))
    own = texts.find(articles.hashed("key") * MIX + articles.hashed("content"))
    message = "article_versions has no version with the article's text"
    _report(articles, ledger, "C_VERSION", own < 0, message)
    wrong = (own >= 0) & _differ(articles.numbers("version"), versions.numbers("version"), own)
    message = "its version is not the number of its text in article_versions"
    _report(articles, ledger, "C_VERSION", wrong, message)


def _sightings(tables: Tables, ledger: Ledger) -> None:
    sightings, articles = tables["sightings"], tables["articles"]
    of = sightings.hashed("article_id")
    at = articles.find(of)
    day = sightings.numbers("published_date")
    moved = (at >= 0) & _differ(day, articles.numbers("published_date"), at)
    message = "published_date is not the day of the article's folder"
    _report(sightings, ledger, "C_SIGHTING", moved, message)
    wrong = (of == 0) & (day != UNKNOWN)
    _report(sightings, ledger, "C_SIGHTING", wrong, "has a published_date but no article")
    own = sightings.find(articles.hashed("key"))
    lost = (own < 0) | _differ(articles.hashed("key"), of, own)
    _report(articles, ledger, "C_SIGHTING", lost, "no sighting of its own URL names the article")
    _sighting_summaries(tables, at, lost, ledger)


def _sighting_summaries(tables: Tables, at: Numbers, lost: Mask, ledger: Ledger) -> None:
    """Check that an article has the first sighting and the feeds of all links that lead to it.

    Not of `lost` articles, which are reported already.
    """
    sightings, articles = tables["sightings"], tables["articles"]
    size, known = len(articles), at >= 0
    first = least(at[known], sightings.numbers("first_seen_at")[known], size)
    wrong = ~lost & (first != articles.numbers("first_seen_at"))
    _report(
        articles, ledger, "C_SIGHTING", wrong, "first_seen_at is not the first of its sightings"
    )
    linked, listed = sightings.elements(), articles.elements()
    owner = at[linked.owner] if len(at) else linked.owner
    feeds = sum_distinct(owner[owner >= 0], linked.value[owner >= 0], size)
    wrong = ~lost & (feeds != sum_distinct(listed.owner, listed.value, size))
    _report(articles, ledger, "C_SIGHTING", wrong, "feed_ids are not those of its sightings")


def _copies(tables: Tables, ledger: Ledger) -> None:
    articles = tables["articles"]
    first = articles.hashed("duplicate_of")
    kind = articles.hashed("duplicate_kind")
    body = articles.hashed("body_sha256")
    at = articles.find(first)
    known = (first != 0) & (at >= 0)
    wrong = (first == 0) != (kind == 0)
    message = "one of duplicate_of and duplicate_kind is null"
    _report(articles, ledger, "C_COPY", wrong, message)
    wrong = known & (first[at] != 0)
    message = "duplicate_of names an article that is a copy itself"
    _report(articles, ledger, "C_COPY", wrong, message)
    wrong = known & (kind == text_hash("exact")) & (body[at] != body)
    message = "duplicate_kind is exact, but duplicate_of names an article with another text"
    _report(articles, ledger, "C_COPY", wrong, message)
    other = known & _differ(articles.hashed("story_id"), articles.hashed("story_id"), at)
    _report(articles, ledger, "C_COPY", other, "duplicate_of names an article of another story")
    early = known & (articles.numbers("at") < articles.numbers("at")[at])
    message = "was published before the article that it is a copy of"
    _report(articles, ledger, "C_COPY", early, message)


def _events(tables: Tables, ledger: Ledger) -> None:
    events, mentions, articles = tables["events"], tables["event_mentions"], tables["articles"]
    at = mentions.find(events.hashed("canonical_mention_id"))
    known = at >= 0
    wrong = known & _differ(events.hashed("key"), mentions.hashed("event_id"), at)
    _report(events, ledger, "C_EVENT_MENTION", wrong, "its canonical mention is of another event")
    wrong = known & _differ(events.hashed("coded"), mentions.hashed("coded"), at)
    message = "a column is not that of its canonical mention"
    _report(events, ledger, "C_EVENT_MENTION", wrong, message)
    article = articles.find(mentions.hashed("article_id"))[at] if len(mentions) else at
    wrong = (
        known
        & (article >= 0)
        & _differ(events.hashed("headline"), articles.hashed("headline"), article)
    )
    message = "headline, sample_url or story_id is not that of its canonical mention's article"
    _report(events, ledger, "C_EVENT_MENTION", wrong, message)
    filled = events.elements()
    source = mentions.find(filled.value)
    wrong = (source < 0) | _differ(
        events.hashed("key")[filled.owner], mentions.hashed("event_id"), source
    )
    message = "filled_from names a mention that is not the event's"
    events.report(ledger, "C_EVENT_MENTION", np.unique(filled.owner[wrong]), message)


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
        wrong = found != events.numbers(name)
        _report(events, ledger, "C_COUNT", wrong, f"{name} is not that of its mentions")


def _story_counts(tables: Tables, ledger: Ledger) -> None:
    stories, articles, mentions = tables["stories"], tables["articles"], tables["event_mentions"]
    size = len(stories)
    at = stories.find(articles.hashed("story_id"))
    known = at >= 0
    when = articles.numbers("at")[known]
    # Mention to article to story.
    article = articles.find(mentions.hashed("article_id"))
    story = np.where(article >= 0, at[article], -1) if len(at) else article
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
        wrong = found != stories.numbers(name)
        _report(stories, ledger, "C_COUNT", wrong, f"{name} is not that of its articles")
    first = articles.find(stories.hashed("first_article_id"))
    wrong = (first >= 0) & _differ(stories.hashed("key"), articles.hashed("story_id"), first)
    _report(stories, ledger, "C_COUNT", wrong, "its first article is of another story")


def _article_counts(tables: Tables, ledger: Ledger) -> None:
    articles, mentions = tables["articles"], tables["event_mentions"]
    at = articles.find(mentions.hashed("article_id"))
    found = np.bincount(at[at >= 0], minlength=len(articles))
    wrong = found != articles.numbers("event_count")
    _report(articles, ledger, "C_COUNT", wrong, "event_count is not that of its mentions")


def _deleted_rows(tables: Tables, ledger: Ledger) -> None:
    """Check that deleted rows are gone, unless they were written again later, and that what
    replaced them is there, or was deleted in its turn.
    """
    deleted = tables["deleted_rows"]
    deleted_at, replaced_by = deleted.numbers("deleted_at"), deleted.hashed("replaced_by")
    # Of a chain of replacements, the later ones may have been dropped: they are of other files.
    is_kept = deleted_at > (deleted_at.max(initial=UNKNOWN + _KEPT_US) - _KEPT_US)
    for table in STAMPED:
        rows = tables[table.name]
        is_here = deleted.hashed("table_name") == text_hash(table.name)
        at = rows.find(deleted.hashed("target"))
        found = is_here & (at >= 0)
        if found.any():
            found &= rows.numbers("updated_at")[at] < deleted_at
        _report(deleted, ledger, "C_DELETED", found, f"the row is in {table.name} all the same")
        is_known = rows.find(replaced_by) >= 0
        is_known |= np.isin(replaced_by, deleted.hashed("target")[is_here])
        lost = is_here & is_kept & (replaced_by != 0) & ~is_known
        _report(deleted, ledger, "C_DELETED", lost, f"its replaced_by is not in {table.name}")
