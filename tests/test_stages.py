"""Extract, clean, code, pick and merge, each on a pipeline of its own: results and rejects."""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import apache_beam as beam
from apache_beam.runners.portability.fn_api_runner.fn_runner import FnApiRunner
from apache_beam.testing.test_pipeline import TestPipeline
from apache_beam.testing.util import assert_that, equal_to

from tests.helpers.beam_outputs import collect, collected
from tests.helpers.lakes import (
    NOW,
    WORDS,
    article,
    coded,
    dequeued,
    make_batch,
    make_lake,
    mention,
    rows,
    run_of,
    sighting,
    state,
)
from transforms.clean import StripBoilerplate
from transforms.core.urls import url_key
from transforms.errors import EventsError, NewsbeamError
from transforms.events import CodeEvents
from transforms.extract import ExtractArticles
from transforms.lake import MergeIntoLake
from transforms.pool import PooledDoFn, PoolOptions
from transforms.records import (
    CodedArticle,
    CodingInput,
    FeedEntry,
    Fetch,
    Page,
    PendingPage,
    Reject,
)
from transforms.seen import PickUnseen

POOL = PoolOptions(size=0)
BODY = (
    "Kenyan ministers met French envoys in Nairobi on Monday to discuss the port that has "
    "been closed since spring."
)


def pipeline() -> TestPipeline:
    return TestPipeline(runner=FnApiRunner())


def page(url: str, html: str) -> Page:
    entry = FeedEntry(url=url, url_key=url_key(url), feed_id="f1", first_seen_at=NOW)
    return Page(
        entry=entry, final_url=url, content_type="text/html", content=html.encode(), fetched_at=NOW
    )


def test_extract_gives_articles_and_refuses_pages_without_one() -> None:
    good = page(
        "http://a.test/1",
        f"<html><body><article><h1>T</h1><p>{BODY}</p><p>{WORDS}</p></article></body></html>",
    )
    bad = page("http://a.test/2", "<html><body></body></html>")
    with pipeline() as p:
        outcome = p | beam.Create([good, bad]) | ExtractArticles(pool=POOL)
        number = collect(outcome)
    got = collected(number)
    (found,), (refused,) = got["good"], got["rejects"]
    assert BODY in found.body
    assert found.feed_ids == ("f1",)
    assert (refused.stage, refused.reason, refused.url) == (
        "extract",
        "E_EXTRACT_EMPTY",
        "http://a.test/2",
    )


def test_clean_strips_and_keeps_what_it_took_in_sight() -> None:
    dirty = article("http://a.test/1", f"{BODY}\n\nSign up for our daily newsletter.\n\n{WORDS}")
    with pipeline() as p:
        clean = p | beam.Create([dirty]) | StripBoilerplate()
        bodies = clean.good | beam.Map(lambda a: (a.body, [r.text for r in a.removed]))
        assert_that(
            bodies, equal_to([(f"{BODY}\n\n{WORDS}", ["Sign up for our daily newsletter."])])
        )


def test_events_are_coded_in_english_and_other_languages_pass_without() -> None:
    english, german = (
        article("http://a.test/1", BODY),
        article("http://a.test/2", BODY, language="de"),
    )
    empty = article("http://a.test/3", "", page_kind="consent_wall")
    with pipeline() as p:
        number = collect(
            p
            | beam.Create([CodingInput(article=a) for a in (english, german, empty)])
            | CodeEvents(POOL)
        )
    got = collected(number)
    found = {c.article.url: {m.type for m in c.mentions} for c in got["good"]}
    assert found == {
        "http://a.test/1": {"CONSULT"},
        "http://a.test/2": set(),
        "http://a.test/3": set(),
    }
    assert got["rejects"] == []


def test_an_article_that_cannot_be_coded_is_kept_without_events(monkeypatch: Any) -> None:
    def fail(_: object) -> CodedArticle:
        raise EventsError("no", reason="E_EVENTS_FAILED")

    monkeypatch.setattr("transforms.events.code_article", fail)
    one = article("http://a.test/1", BODY)
    with pipeline() as p:
        number = collect(p | beam.Create([CodingInput(article=one)]) | CodeEvents(POOL))
    got = collected(number)
    assert got["good"] == [CodedArticle(article=one)]
    assert [(r.reason, r.article_id) for r in got["rejects"]] == [
        ("E_EVENTS_FAILED", one.article_id)
    ]


def entry(url: str, feed: str = "f1") -> FeedEntry:
    return FeedEntry(url=url, url_key=url_key(url), feed_id=feed, first_seen_at=NOW)


def test_one_entry_a_link_is_picked_and_none_that_was_seen(tmp_path: Path) -> None:
    make_lake(tmp_path).merge(make_batch(sightings=(sighting("http://a.test/old"),)))
    entries = [
        entry("http://a.test/new", "f2"),
        entry("https://www.a.test/new?utm_source=x", "f1"),
        entry("http://a.test/old"),
    ]
    with pipeline() as p:
        picked = p | beam.Create(entries) | PickUnseen(str(tmp_path))
        assert_that(
            picked | beam.Map(lambda e: (e.url_key, e.feed_id)),
            equal_to([(url_key("http://a.test/new"), "f1")]),
        )


def test_all_that_arrives_is_merged_in_one_commit(tmp_path: Path) -> None:
    make_lake(tmp_path)
    feed = state("http://a.test/feed")
    queued = PendingPage(
        feed_id=feed.source.feed_id,
        url="http://a.test/2",
        attempt=1,
        not_before=datetime(2024, 6, 1, tzinfo=UTC),
    )
    fetch = Fetch(
        fetch_id="1",
        kind="article",
        fetched_at=NOW,
        url="http://a.test/1",
        host="a.test",
        status="ok",
    )
    reject = Reject(stage="extract", reason="E_EXTRACT_EMPTY", key="k", message="nothing")

    def made(p: beam.Pipeline, name: str, items: Iterable[object]) -> Any:
        return p | name >> beam.Create(list(items))

    with pipeline() as p:
        records = (
            made(p, "c", [coded(article("http://a.test/1"), mention(WORDS))]),
            made(p, "s", [sighting("http://a.test/1")]),
            made(p, "mixed", [fetch, reject, feed]),
            made(p, "o", [queued]),
            made(p, "t", [dequeued(queued)]),
            made(p, "none", []),
        )
        assert_that(records | MergeIntoLake(str(tmp_path), run_of(), 0.0), equal_to(["r1"]))
    counts = {
        t: len(rows(tmp_path, t))
        for t in ("articles", "event_mentions", "sightings", "fetches", "rejects", "runs")
    }
    assert set(counts.values()) == {1}
    assert [p["url"] for p in rows(tmp_path, "feeds")[0]["pending"]] == ["http://a.test/2"]


def test_a_bug_that_one_input_meets_stops_no_other() -> None:
    def broken(item: int) -> int:
        return 1 // item

    def refuse(item: int, error: NewsbeamError) -> tuple[int, str, bool]:
        return item, error.reason, error.retryable

    pooled: Any = PooledDoFn(broken, refuse, EventsError, POOL)
    with pipeline() as p:
        done = p | beam.Create([1, 0]) | beam.ParDo(pooled).with_outputs("rejects", main="good")
        assert_that(done.good, equal_to([1]), label="good")
        assert_that(done.rejects, equal_to([(0, "E_EVENTS_BUG", True)]), label="rejects")


def test_an_article_that_cleaning_fails_on_is_a_reject(monkeypatch: Any) -> None:
    def fail(*_: object) -> None:
        raise KeyError("a bug")

    monkeypatch.setattr("transforms.clean.strip_boilerplate", fail)
    with pipeline() as p:
        number = collect(
            p | beam.Create([article("http://a.test/1", feed_ids=("f1",))]) | StripBoilerplate()
        )
    got = collected(number)
    assert got["good"] == []
    assert [(r.reason, r.feed_id, r.url) for r in got["rejects"]] == [
        ("E_CLEAN_BUG", "f1", "http://a.test/1")
    ]
