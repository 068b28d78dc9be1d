"""What a merge must keep: each key once, the same bytes whatever the order and the batches, ids
once given.
"""

import dataclasses
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.helpers.examples import examples
from tests.helpers.lakes import (
    NOW,
    WORDS,
    article,
    coded,
    dequeued,
    hashes,
    make_batch,
    make_lake,
    mention,
    rows,
    run_of,
    sighting,
    state,
)
from transforms.core.lake.merge.conflicts import resolve_site_block
from transforms.core.lake.merge.raw_parts import parts_folder
from transforms.core.lake.schema.tables import DELETED_ROWS, TABLES
from transforms.core.urls import url_key
from transforms.records import Batch, CodedArticle, Fetch, PendingPage, RawPart, Reject, Sighting
from transforms.stores import LocalStore

IDS = {"event_id", "story_id", "previous_ids"}
MakePath = Callable[[], Path]


@pytest.fixture
def make_path(tmp_path_factory: pytest.TempPathFactory) -> MakePath:
    return lambda: tmp_path_factory.mktemp("lake")


def without_ids(path: Path, table: str) -> list[Any]:
    """Return a table's rows without the ids that may depend on the order of arrival, in an order
    that does not.
    """
    found = [{k: v for k, v in r.items() if k not in IDS} for r in rows(path, table)]
    return sorted(found, key=repr)


def test_a_merge_twice_is_a_merge_once(tmp_path: Path) -> None:
    one = make_batch(
        coded(article("http://a.test/1"), mention(WORDS)),
        sightings=(sighting("http://a.test/1"), sighting("http://a.test/2")),
        states=(state("http://a.test/feed"),),
        rejects=(Reject(stage="extract", reason="E_EXTRACT_EMPTY", key="k", message="nothing"),),
    )
    lake = make_lake(tmp_path)
    lake.merge(one)
    before = hashes(tmp_path)
    lake.merge(dataclasses.replace(one, run=run_of("r2")))
    after = hashes(tmp_path)
    assert {k for k in after if before.get(k) != after[k]} == {
        "runs/day=2024-05-06/part-00000.parquet"
    }


def test_a_slice_that_an_engine_merges_twice_is_counted_once(tmp_path: Path) -> None:
    poll = Fetch(
        fetch_id="1",
        kind="feed",
        fetched_at=NOW,
        feed_id="f1",
        url="http://a.test/f",
        host="a.test",
        status="ok",
    )
    one = make_batch(
        coded(article("http://a.test/1"), mention(WORDS)),
        sightings=(sighting("http://a.test/1"),),
        fetches=(poll,),
        rejects=(Reject(stage="extract", reason="E_EXTRACT_EMPTY", key="k", message="nothing"),),
        ended_at=NOW,
    )
    lake = make_lake(tmp_path)
    lake.merge(one)
    before = hashes(tmp_path)
    (run,) = rows(tmp_path, "runs")
    assert (run["feeds"], run["articles_new"], run["articles_rejected"], run["status"]) == (
        1,
        1,
        1,
        "partial",
    )
    assert [r["items_new"] for r in rows(tmp_path, "fetches")] == [1]
    lake.merge(one)
    assert hashes(tmp_path) == before


def test_kept_pages_that_an_engine_merges_twice_are_in_one_file(tmp_path: Path) -> None:
    lake, waiting = make_lake(tmp_path), f"{parts_folder('r1')}/part.warc.gz"
    LocalStore(tmp_path).put(waiting, b"record", None)
    part = RawPart(record_id="id", fetch_id="1", path=waiting, offset=0, length=6)
    one = make_batch(
        coded(article("http://a.test/1", raw_uri="id", fetch_id="1")), raw=(part,), ended_at=NOW
    )
    lake.merge(one)
    before = hashes(tmp_path)
    assert not (tmp_path / waiting).exists()
    lake.merge(one)
    assert hashes(tmp_path) == before
    (found,) = rows(tmp_path, "articles")
    assert (tmp_path / found["raw_uri"].partition("#")[0]).read_bytes() == b"record"


def test_an_article_that_moves_to_another_day_is_once_in_the_lake(tmp_path: Path) -> None:
    lake = make_lake(tmp_path)
    url = "http://a.test/1"
    lake.merge(make_batch(coded(article(url), mention(WORDS)), sightings=(sighting(url),)))
    earlier = article(url, published_at=NOW - timedelta(days=2), seen_at=NOW + timedelta(hours=1))
    lake.merge(make_batch(coded(earlier, mention(WORDS)), run=run_of("r2")))
    for table in ("articles", "article_versions", "event_mentions", "events"):
        found = rows(tmp_path, table)
        assert [r["published_date"] for r in found] == [date(2024, 5, 4)], table
    assert [r["story_date"] for r in rows(tmp_path, "stories")] == [date(2024, 5, 4)]
    left = tmp_path / "articles" / "day=2024-05-06" / "part-00000.parquet"
    assert pq.read_metadata(left).num_rows == 0, "a query that listed it can still open it"
    assert rows(tmp_path, "sightings")[0]["published_date"] == date(2024, 5, 4)


def test_a_changed_text_is_a_version_and_recodes_its_mentions(tmp_path: Path) -> None:
    lake = make_lake(tmp_path)
    url = "http://a.test/1"
    lake.merge(make_batch(coded(article(url), mention(WORDS))))
    longer = WORDS + " and the envoys left"
    later = article(url, longer, seen_at=NOW + timedelta(hours=2))
    lake.merge(make_batch(coded(later, mention(longer, "left")), run=run_of("r2")))
    versions = sorted(rows(tmp_path, "article_versions"), key=lambda r: r["version"])
    assert [(v["version"], v["chars_added"], v["chars_removed"]) for v in versions] == [
        (1, 0, 0),
        (2, 16, 0),
    ]
    assert [a["version"] for a in rows(tmp_path, "articles")] == [2]
    assert [m["trigger"] for m in rows(tmp_path, "event_mentions")] == ["left"]


def test_recoding_without_events_deletes_event_and_mentions(tmp_path: Path) -> None:
    lake = make_lake(tmp_path)
    url = "http://a.test/1"
    lake.merge(make_batch(coded(article(url), mention(WORDS))))
    assert len(rows(tmp_path, "events")) == 1
    lake.merge(make_batch(coded(article(url, seen_at=NOW + timedelta(hours=1))), run=run_of("r2")))
    assert rows(tmp_path, "events") == []
    assert rows(tmp_path, "event_mentions") == []
    assert rows(tmp_path, "articles")[0]["event_count"] == 0


def test_an_older_fetch_that_arrives_late_changes_neither_text_nor_mentions(tmp_path: Path) -> None:
    lake = make_lake(tmp_path)
    url = "http://a.test/1"
    lake.merge(make_batch(coded(article(url, seen_at=NOW + timedelta(hours=1)), mention(WORDS))))
    old = "An older text that says nothing of the kind. " * 5
    lake.merge(
        make_batch(
            coded(article(url, old, first_seen_at=NOW - timedelta(days=1))), run=run_of("r2")
        )
    )
    (row,) = rows(tmp_path, "articles")
    assert (row["body"], row["version"], row["first_seen_at"]) == (
        WORDS,
        2,
        NOW - timedelta(days=1),
    )
    assert len(rows(tmp_path, "event_mentions")) == 1


def test_copies_are_one_story_and_one_event_with_one_origin(tmp_path: Path) -> None:
    lake = make_lake(tmp_path)
    first = article("http://a.test/1", credit="Reuters")
    near = WORDS.replace("convoys and for", "convoys, for")
    second = article("http://b.test/x", near, published_at=NOW, credit="Reuters")
    lake.merge(make_batch(coded(first, mention(WORDS)), coded(second, mention(near))))
    articles = {r["url"]: r for r in rows(tmp_path, "articles")}
    assert articles["http://a.test/1"]["duplicate_of"] is None
    copy = articles["http://b.test/x"]
    assert (copy["duplicate_of"], copy["duplicate_kind"]) == (first.article_id, "syndicated")
    (story,) = rows(tmp_path, "stories")
    assert (story["article_count"], story["source_count"], story["first_article_id"]) == (
        2,
        2,
        first.article_id,
    )
    (event,) = rows(tmp_path, "events")
    assert (event["mention_count"], event["source_count"], event["origin_count"]) == (2, 2, 1)
    assert {m["origin"] for m in rows(tmp_path, "event_mentions")} == {"Reuters"}


def test_texts_of_the_same_words_in_another_order_are_not_copies(tmp_path: Path) -> None:
    lake = make_lake(tmp_path)
    other = " ".join(reversed(WORDS.split()))
    lake.merge(
        make_batch(coded(article("http://a.test/1")), coded(article("http://b.test/1", other)))
    )
    assert [r["duplicate_of"] for r in rows(tmp_path, "articles")] == [None, None]
    assert len(rows(tmp_path, "stories")) == 2


def test_ids_once_given_stay_when_an_earlier_copy_arrives(tmp_path: Path) -> None:
    lake = make_lake(tmp_path)
    lake.merge(make_batch(coded(article("http://a.test/1"), mention(WORDS))))
    (event,), (story,) = rows(tmp_path, "events"), rows(tmp_path, "stories")
    early = article("http://b.test/1", published_at=NOW - timedelta(days=1))
    lake.merge(make_batch(coded(early, mention(WORDS)), run=run_of("r2")))
    (event2,), (story2,) = rows(tmp_path, "events"), rows(tmp_path, "stories")
    assert (event2["event_id"], story2["story_id"]) == (event["event_id"], story["story_id"])
    assert event2["published_date"] == date(2024, 5, 5)
    assert story2["first_source_domain"] == "b.test"


def test_a_copy_that_joins_two_stories_keeps_both_ids_in_sight(tmp_path: Path) -> None:
    """The chain a - b - c: without b, the outer ones are too far apart in days."""
    lake = make_lake(tmp_path)
    days = [NOW - timedelta(days=6), NOW - timedelta(days=3), NOW]
    a, b, c = (
        article(f"http://{n}.test/1", published_at=t) for n, t in zip("abc", days, strict=True)
    )
    lake.merge(make_batch(coded(a), coded(c)))
    ids = {r["story_id"] for r in rows(tmp_path, "stories")}
    assert len(ids) == 2
    lake.merge(make_batch(coded(b), run=run_of("r2")))
    (story,) = rows(tmp_path, "stories")
    assert {story["story_id"], *story["previous_ids"]} == ids
    lake.merge(
        make_batch(
            coded(dataclasses.replace(b, body="Gone.", seen_at=NOW + timedelta(1))),
            run=run_of("r3"),
        )
    )
    assert sorted(s["article_count"] for s in rows(tmp_path, "stories")) == [1, 1, 1]
    assert len({s["story_id"] for s in rows(tmp_path, "stories")}) == 3


def test_one_article_through_three_links_has_three_sightings(tmp_path: Path) -> None:
    lake = make_lake(tmp_path)
    canonical = "http://a.test/1"
    links = [canonical, "http://m.a.test/1", "http://a.test/1/amp"]
    found = [
        article(canonical, url=u, url_key=url_key(u), feed_ids=(f"f{n}",))
        for n, u in enumerate(links)
    ]
    seen = tuple(sighting(u, f"f{n}") for n, u in enumerate(links))
    lake.merge(make_batch(*map(coded, found), sightings=seen))
    (row,) = rows(tmp_path, "articles")
    assert row["feed_ids"] == ["f0", "f1", "f2"], (
        "the page is one of its own links here, so there is no fourth"
    )
    assert {s["article_id"] for s in rows(tmp_path, "sightings")} == {url_key(canonical)}
    assert len(rows(tmp_path, "sightings")) == 3


def test_a_canonical_link_that_entries_of_one_feed_share_is_not_trusted(tmp_path: Path) -> None:
    lake = make_lake(tmp_path)
    section = "http://a.test/news"
    links = ["http://a.test/1", "http://a.test/2"]
    found = [
        article(section, f"{WORDS} {u}", url=u, url_key=url_key(u), feed_ids=("f1",)) for u in links
    ]
    lake.merge(make_batch(*map(coded, found)))
    assert sorted(r["canonical_url"] for r in rows(tmp_path, "articles")) == links


def test_another_feed_that_carries_a_known_article_is_added_to_it(tmp_path: Path) -> None:
    lake = make_lake(tmp_path)
    url = "http://a.test/1"
    lake.merge(make_batch(coded(article(url, feed_ids=("f1",))), sightings=(sighting(url, "f1"),)))
    later = NOW + timedelta(hours=1)
    lake.merge(make_batch(sightings=(sighting(url, "f2", later),), run=run_of("r2", later)))
    (row,) = rows(tmp_path, "articles")
    assert row["feed_ids"] == ["f1", "f2"]
    assert row["run_id"] == "r1"


def test_a_link_that_turns_out_to_be_another_article_loses_neither(tmp_path: Path) -> None:
    lake = make_lake(tmp_path)
    link = "http://a.test/latest"
    for n, target in enumerate(["http://a.test/one", "http://a.test/two"]):
        a = article(
            target,
            f"{WORDS} {n}",
            url=link,
            url_key=url_key(link),
            seen_at=NOW + timedelta(hours=n),
        )
        lake.merge(make_batch(coded(a), run=run_of(f"r{n}")))
    for n, target in enumerate(["http://a.test/one", "http://a.test/two"]):
        a = article(
            target,
            f"{WORDS} {n}",
            published_at=NOW - timedelta(days=4),
            seen_at=NOW + timedelta(days=1),
        )
        lake.merge(make_batch(coded(a), run=run_of(f"again{n}")))
    assert sorted(r["canonical_url"] for r in rows(tmp_path, "articles")) == [
        "http://a.test/one",
        "http://a.test/two",
    ]


def test_queued_pages_are_pending_in_their_feed(tmp_path: Path) -> None:
    lake = make_lake(tmp_path)
    feed = state("http://a.test/feed")
    queued_page = PendingPage(
        feed_id=feed.source.feed_id,
        url="http://a.test/1",
        attempt=1,
        not_before=NOW + timedelta(hours=1),
    )
    lake.merge(make_batch(states=(feed,), queued=(queued_page,)))
    assert lake.feed_states()[feed.source.feed_id].pending == (queued_page,)


def test_a_feeds_request_counts_new_links_and_a_pages_request_names_its_article(
    tmp_path: Path,
) -> None:
    lake = make_lake(tmp_path)
    url = "http://a.test/1"
    poll = Fetch(
        fetch_id="1",
        kind="feed",
        fetched_at=NOW,
        feed_id="f1",
        url="http://a.test/f",
        host="a.test",
        status="ok",
    )
    get = Fetch(fetch_id="2", kind="article", fetched_at=NOW, url=url, host="a.test", status="ok")
    found = coded(article(url, fetch_id="2"))
    lake.merge(
        make_batch(
            found, fetches=(poll, get), sightings=(sighting(url), sighting("http://a.test/2"))
        )
    )
    by_kind = {r["kind"]: r for r in rows(tmp_path, "fetches")}
    assert by_kind["feed"]["items_new"] == 2
    assert by_kind["article"]["article_id"] == url_key(url)


def test_a_runs_counts_are_those_of_its_commits(tmp_path: Path) -> None:
    lake = make_lake(tmp_path)
    lake.merge(make_batch(coded(article("http://a.test/1"), mention(WORDS)), run_state="running"))
    lake.merge(
        make_batch(
            coded(article("http://a.test/1"), mention(WORDS)),
            coded(article("http://a.test/2", "Else.")),
        )
    )
    (run,) = rows(tmp_path, "runs")
    assert (run["articles_new"], run["events_new"], run["status"]) == (2, 1, "ok")


def test_every_table_can_be_named_before_it_has_rows(tmp_path: Path) -> None:
    make_lake(tmp_path)
    assert all(
        len(list((tmp_path / t).rglob("*.parquet"))) == 1
        for t in ("articles", "site_blocks", "feeds")
    )


_SITES = st.sampled_from(["a.test", "b.test", "c.test"])
_BODIES = st.sampled_from([WORDS, WORDS.replace("Monday", "Tuesday"), "Rain fell. " * 30, ""])
Arrived = list[tuple[CodedArticle | None, Sighting | None]]


@st.composite
def arrivals(draw: st.DrawFn, *, shared_links: bool = False) -> Arrived:
    """Draw pages as they arrive: a few sites and texts, so that keys, copies and days meet, and
    links wander.
    """
    out: Arrived = []
    for _ in range(draw(st.integers(1, 6))):
        site = draw(_SITES)
        url = f"http://{site}/{draw(st.integers(1, 3))}"
        canonical = (
            f"http://{site}/{draw(st.integers(1, 4))}"
            if shared_links and draw(st.booleans())
            else url
        )
        seen = NOW + timedelta(hours=draw(st.integers(0, 3)))
        first = seen - timedelta(hours=draw(st.sampled_from([0, 15])))
        published = draw(
            st.sampled_from([None, NOW - timedelta(days=1), NOW - timedelta(days=3), NOW])
        )
        body = draw(_BODIES)
        a = article(
            canonical,
            body,
            url=url,
            url_key=url_key(url),
            seen_at=seen,
            first_seen_at=first,
            published_at=published,
            feed_ids=() if shared_links else ("f1",),
        )
        # What is coded is a function of the text: equal rows have equal mentions.
        mentions = (mention(body, "met"),) if body.startswith("ministers") else ()
        one = (
            sighting(url, draw(st.sampled_from(["f1", "f2"])), seen)
            if draw(st.booleans())
            else None
        )
        out.append((coded(a, *mentions), one))
        if draw(st.booleans()):
            out.append(
                (
                    None,
                    sighting(
                        f"http://{site}/{draw(st.integers(1, 4))}", "f3", seen - timedelta(hours=20)
                    ),
                )
            )
    return out


def slice_of(items: Arrived, **fields: Any) -> Batch:
    sightings = tuple(s for _, s in items if s)
    return make_batch(*(c for c, _ in items if c), sightings=sightings, **fields)


def check_invariants(path: Path) -> None:
    """Each key is once in its table, each article is found by its own sighting, and references are
    whole.
    """
    data = {name: rows(path, name) for name in TABLES}
    for name, table in TABLES.items():
        keys = [tuple(r[k] for k in table.key) for r in data[name]]
        assert len(keys) == len(set(keys)), name
    own = {s["url_key"]: s for s in data["sightings"]}
    articles = {a["article_id"]: a for a in data["articles"]}
    for i, a in articles.items():
        assert (own[i]["article_id"], own[i]["published_date"]) == (i, a["published_date"])
    stories, events = (
        {s["story_id"] for s in data["stories"]},
        {e["event_id"] for e in data["events"]},
    )
    assert {a["story_id"] for a in data["articles"]} - {None} == stories
    assert {m["event_id"] for m in data["event_mentions"]} == events
    assert {m["article_id"] for m in data["event_mentions"]} <= articles.keys()
    assert all(a["story_id"] for a in data["articles"] if a["body"])


def check_grouping(make_path: MakePath, data: st.DataObject, items: Arrived) -> None:
    whole, parts = make_path(), make_path()
    make_lake(whole).merge(slice_of(items))
    check_invariants(whole)
    lake = make_lake(parts)
    mixed = data.draw(st.permutations(items))
    while mixed:
        size = data.draw(st.integers(1, 3))
        lake.merge(slice_of(mixed[:size]))
        check_invariants(parts)
        mixed = mixed[size:]
    for table in (
        "articles",
        "article_versions",
        "event_mentions",
        "sightings",
        "events",
        "stories",
    ):
        assert without_ids(parts, table) == without_ids(whole, table), table
    folders = [
        {p.relative_to(r).parent for p in r.rglob("*.parquet") if pq.read_metadata(p).num_rows}
        - {p.relative_to(r).parent for p in (r / DELETED_ROWS.name).rglob("*.parquet")}
        for r in (whole, parts)
    ]
    assert folders[0] == folders[1]


SLOW = settings(
    max_examples=examples(30),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@SLOW
@given(data=st.data(), items=arrivals())
def test_any_grouping_into_batches_gives_the_same_lake(
    make_path: MakePath, data: st.DataObject, items: Arrived
) -> None:
    check_grouping(make_path, data, items)


@SLOW
@given(data=st.data(), items=arrivals(shared_links=True))
def test_so_it_does_where_links_lead_now_here_now_there(
    make_path: MakePath, data: st.DataObject, items: Arrived
) -> None:
    check_grouping(make_path, data, items)


@SLOW
@given(data=st.data(), items=arrivals(shared_links=True))
def test_the_order_within_a_slice_changes_no_byte(
    make_path: MakePath, data: st.DataObject, items: Arrived
) -> None:
    one, other = make_path(), make_path()
    make_lake(one).merge(slice_of(items))
    make_lake(other).merge(slice_of(data.draw(st.permutations(items))))
    assert hashes(one) == hashes(other)


def test_an_id_that_another_story_took_over_is_not_created_again(tmp_path: Path) -> None:
    """X founds a story.

    An earlier copy Y joins and keeps its id; X loses its text, then comes back with another.
    """
    lake = make_lake(tmp_path)
    x, y = "http://a.test/x", "http://b.test/y"
    lake.merge(make_batch(coded(article(x), mention(WORDS))))
    lake.merge(
        make_batch(
            coded(article(y, published_at=NOW - timedelta(days=1)), mention(WORDS)),
            run=run_of("r2"),
        )
    )
    later = [NOW + timedelta(hours=h) for h in (1, 2)]
    lake.merge(
        make_batch(coded(article(x, "", page_kind="paywall", seen_at=later[0])), run=run_of("r3"))
    )
    other = "Rain fell on the quay for days. " * 9 + WORDS
    lake.merge(
        make_batch(coded(article(x, other, seen_at=later[1]), mention(other)), run=run_of("r4"))
    )
    check_invariants(tmp_path)
    assert len(rows(tmp_path, "stories")) == len(rows(tmp_path, "events")) == 2


def test_overlapping_runs_lose_no_queued_page(tmp_path: Path) -> None:
    """The later run began before the earlier ended, and knows nothing of what that owes."""
    lake = make_lake(tmp_path)
    slow, quick = (
        state("http://a.test/feed"),
        state("http://a.test/feed", snapshot_at=NOW + timedelta(hours=1)),
    )
    queued_page = PendingPage(
        feed_id=slow.source.feed_id, url="http://a.test/1", attempt=1, not_before=NOW
    )
    lake.merge(make_batch(states=(quick,), run=run_of("r2")))
    lake.merge(make_batch(states=(slow,), queued=(queued_page,)))
    assert lake.feed_states()[slow.source.feed_id].pending == (queued_page,)


def test_a_page_that_was_tried_is_queued_with_its_next_attempt_or_not_at_all(
    tmp_path: Path,
) -> None:
    lake = make_lake(tmp_path)
    feed = state("http://a.test/feed")
    first = PendingPage(
        feed_id=feed.source.feed_id, url="http://a.test/1", attempt=1, not_before=NOW
    )
    again = dataclasses.replace(first, attempt=2)
    lake.merge(make_batch(states=(feed,), queued=(first,)))
    failed = make_batch(dequeued=(dequeued(first),), queued=(again,), run=run_of("r2"))
    for _ in range(2):
        lake.merge(failed)
        assert lake.feed_states()[feed.source.feed_id].pending == (again,)
    lake.merge(make_batch(dequeued=(dequeued(again),), run=run_of("r3")))
    assert lake.feed_states()[feed.source.feed_id].pending == ()


def test_text_that_is_not_unicode_does_not_stop_a_merge(tmp_path: Path) -> None:
    lake = make_lake(tmp_path)
    lake.merge(make_batch(coded(article("http://a.test/1", title="half \ud83d here"))))
    assert rows(tmp_path, "articles")[0]["title"] == "half ? here"


def test_of_two_codings_the_one_with_mentions_is_kept_in_any_order(tmp_path: Path) -> None:
    a = article("http://a.test/1")
    for name, order in {
        "one": (coded(a), coded(a, mention(WORDS))),
        "two": (coded(a, mention(WORDS)), coded(a)),
    }.items():
        lake = make_lake(tmp_path / name)
        for n, c in enumerate(order):
            lake.merge(make_batch(c, run=run_of(f"r{n}")))
        assert len(rows(tmp_path / name, "event_mentions")) == 1


def test_a_column_that_an_older_file_lacks_is_null_there(tmp_path: Path) -> None:
    lake = make_lake(tmp_path)
    lake.merge(make_batch(coded(article("http://a.test/1"))))
    (path,) = (tmp_path / "articles" / "day=2024-05-06").iterdir()
    pq.write_table(pq.read_table(path, partitioning=None).drop_columns(["raw_uri"]), path)
    lake.merge(make_batch(coded(article("http://a.test/2", "Else. " * 30)), run=run_of("r2")))
    assert [r["raw_uri"] for r in rows(tmp_path, "articles")] == [None, None]


def test_a_site_block_resolves_in_any_order() -> None:
    def block(*ids: str, **fields: Any) -> dict[str, Any]:
        row = {
            "article_ids": list(ids),
            "articles_seen": len(ids),
            "first_seen_at": NOW,
            "last_seen_at": NOW,
        }
        return (
            row
            | {
                "site": "a.test",
                "block_hash": "h",
                "sample": "s",
                "verdict": "undecided",
                "zone": "edge",
            }
            | fields
        )

    a, b = block("1", "2"), block("2", "3", sample="r", last_seen_at=NOW + timedelta(1))
    assert resolve_site_block(a, b) == resolve_site_block(b, a)
    assert resolve_site_block(a, b)["article_ids"] == ["1", "2", "3"]
    assert resolve_site_block(a, a) == a
    many = block(*(f"{n:02}" for n in range(20)))
    assert resolve_site_block(many, a)["articles_seen"] == 16
