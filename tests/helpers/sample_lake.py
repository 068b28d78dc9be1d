"""A lake with rows for each question of docs/questions.md: two months, seven papers, two runs."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.helpers.lakes import (
    NOW,
    WORDS,
    article,
    coded,
    make_batch,
    make_lake,
    mention,
    rows,
    run_of,
    sighting,
    state,
)
from transforms.core.lake.encoding.arrow_rows import Row, sort_rows, to_arrow, to_parquet
from transforms.core.lake.schema.tables import TABLES
from transforms.core.urls import registrable_domain, url_key
from transforms.records import Actor, CodedArticle, Fetch, PendingPage, Reject

YESTERDAY = NOW - timedelta(days=1)
FEEDS = {"well": "http://daily.test/feed", "ill": "http://quiet.test/feed"}
STRIKE = (
    (
        "http://north.test/strike",
        0,
        "Dockers in Mombasa walked out at dawn over unpaid wages, their union said.",
    ),
    (
        "http://south.test/port",
        30,
        "A strike has shut the port of Mombasa since the early hours, shippers report.",
    ),
    (
        "http://east.test/dock",
        95,
        "Kenyan dockers stopped work today and blocked both gates of the harbour.",
    ),
)
"""One event reported by three papers in different words: URL, minutes after the first, text."""
KENYA = Actor(text="Kenyan dockers", name="Kenya", country="KEN", sector="LAB")
UGANDA = Actor(text="Uganda", name="Uganda", country="UGA", sector="GOV")
FRANCE = Actor(text="France", name="France", country="FRA", sector="GOV")
GERMANY = Actor(text="Germany", name="Germany", country="DEU", sector="GOV")
CLAIM = "Uruguay says Argentine troops landed on the island, which Argentina denies."


def make_newsroom(path: Path) -> Path:
    """Fill a folder with the lake, and return it."""
    lake = make_lake(path)
    lake.merge(
        make_batch(
            *_first_day(),
            run=run_of("r1", YESTERDAY),
            rejects=_rejects(1),
            fetches=_polls("r1", YESTERDAY),
        )
    )
    second = make_batch(
        *_second_day(),
        run=run_of("r2", NOW),
        rejects=_rejects(2),
        fetches=_polls("r2", NOW),
        states=tuple(_states()),
        queued=(
            PendingPage(
                feed_id=url_key(FEEDS["ill"]),
                url="http://quiet.test/late",
                attempt=1,
                not_before=NOW,
            ),
        ),
        sightings=tuple(sighting(url) for url, _, _ in STRIKE),
    )
    lake.merge(second)
    join_reports(path, [url_key(url) for url, _, _ in STRIKE])
    return path


def _first_day() -> Iterable[CodedArticle]:
    for n in range(10, 40, 3):
        yield coded(_short("quiet.test", n, "The mayor of Quiet opened another bridge."))
    for n in range(24):
        kind, body = ("article", f"Column {n} of the walled paper.") if n % 2 else ("paywall", "")
        kind = "empty" if n in (0, 2) else kind
        page = article(
            f"http://walled.test/{n}",
            body,
            page_kind=kind,
            published_at=YESTERDAY,
            first_seen_at=YESTERDAY,
        )
        yield coded(page)
    for n in range(14):
        yield _protest(n)
    yield coded(
        _edited("Minister in talks", f"{WORDS} {'He is said to have taken money. ' * 9}", YESTERDAY)
    )


def _second_day() -> Iterable[CodedArticle]:
    yield coded(_edited("Minister innocent", WORDS[::-1], NOW))
    met = "France and Germany met envoys of Uganda in Kampala."
    talks = mention(
        met, type="CONSULT", actor=(FRANCE, GERMANY), recipient=(UGANDA,), location="Kampala", country="UGA",
        lat=0.3163, lon=32.5822, geo_precision="city", date=date(2024, 5, 4), date_precision="day",
        date_basis="explicit",
    )  # fmt: skip
    yield coded(article("http://daily.test/talks", met, title="Talks in Kampala"), talks)
    wire = f"{WORDS} in Geneva"
    for site, minutes in (("daily.test", 0), ("walled.test", 45)):
        at = NOW - timedelta(hours=5) + timedelta(minutes=minutes)
        copy = article(f"http://{site}/wire", wire, credit="Reuters", published_at=at)
        yield coded(copy, mention(wire, confidence=0.4))
    yield _claims()
    for url, minutes, text in STRIKE:
        polls = article(
            url,
            text,
            title=text.split(",")[0],
            published_at=NOW - timedelta(hours=4 - minutes / 60),
        )
        trigger = next(w for w in ("walked out", "strike", "stopped work") if w in text)
        yield coded(
            polls,
            mention(
                text,
                trigger,
                type="PROTEST",
                mode="strike",
                quad="material_conflict",
                actor=(KENYA,),
            ),
        )


def _short(site: str, days: int, text: str) -> Any:
    at = NOW - timedelta(days=days)
    return article(
        f"http://{site}/{days}", text, title=text, published_at=at, first_seen_at=at, seen_at=at
    )


def _protest(days: int) -> CodedArticle:
    """A protest in Kenya: one a day in the last week, one every second day in the week before."""
    page = _short("daily.test", days, f"Crowd number {days} marched in Nairobi over prices.")
    marched = mention(
        page.body, "marched", type="PROTEST", quad="material_conflict", country="KEN", geo_precision="country",
        date=page.day, date_precision="day", date_basis="relative", size=100 * days, dead=2 if days % 4 == 0 else None,
    )  # fmt: skip
    return coded(page, marched) if days < 7 or days % 2 else coded(page)


def _edited(title: str, body: str, seen: datetime) -> Any:
    at = YESTERDAY - timedelta(hours=2)
    return article(
        "http://north.test/minister",
        body,
        title=title,
        published_at=at,
        first_seen_at=YESTERDAY,
        seen_at=seen,
    )


def _claims() -> CodedArticle:
    page = article("http://south.test/island", CLAIM, title="Landing on the island")
    troops = (Actor(text="Argentine troops", name="Argentina", country="ARG", sector="MIL"),)
    said: dict[str, Any] = {
        "type": "MOBILIZE",
        "mode": "troops",
        "quad": "material_conflict",
        "actor": troops,
    }
    claim = mention(CLAIM, "landed", claimant="Uruguay", claimant_country="URY", **said)
    denial = mention(
        CLAIM, "denies", claimant="Argentina", claimant_country="ARG", modality="negated", **said
    )
    return coded(page, claim, denial)


def _polls(run: str, at: datetime) -> tuple[Fetch, ...]:
    """One poll that succeeds through a redirect, one that brings nothing new, two that fail."""
    polls = [
        ("well", "ok", 301, None, 10), ("well", "ok", 200, 4, 200), ("well", "not_modified", 304, None, 100),
        ("ill", "timeout", None, None, 3000), ("ill", "http_error", 500, None, 50),
    ]  # fmt: skip
    return tuple(
        Fetch(
            fetch_id=f"{run}-{n}", kind="feed", fetched_at=at, feed_id=url_key(FEEDS[feed]), url=FEEDS[feed],
            host=registrable_domain(FEEDS[feed]), status=status, http_status=code, duration_ms=ms, items_seen=new,
        )
        for n, (feed, status, code, new, ms) in enumerate(polls)
    )  # fmt: skip


def _states() -> Iterable[Any]:
    yield state(FEEDS["well"])
    yield state(FEEDS["ill"], health="failing", health_reason="2 polls failed in a row")


def _rejects(run: int) -> tuple[Reject, ...]:
    gone = Reject(
        stage="fetch",
        reason="E_FETCH_HTTP_404",
        key=f"k{run}",
        message="answered 404",
        url=f"http://gone.test/{run}",
    )
    late = Reject(
        stage="fetch", reason="E_FETCH_TIMEOUT", key="k", message="too late", url="http://late.test/", retryable=True,
        payload="{}",
    )  # fmt: skip
    return (gone, late)


def join_reports(path: Path, article_ids: list[str]) -> None:
    """Rewrite rows so that reports of one event share a story and an event of as many origins.

    A later merge has this result once reports in different words have been matched.
    """
    articles, mentions = (
        _of(path, "articles", article_ids),
        _of(path, "event_mentions", article_ids),
    )
    events = [e for e in rows(path, "events") if e["event_id"] in {m["event_id"] for m in mentions}]
    stories = [
        s for s in rows(path, "stories") if s["story_id"] in {a["story_id"] for a in articles}
    ]
    event, story = (
        min(found, key=lambda r: r[at])
        for found, at in ((events, "first_published_at"), (stories, "first_at"))
    )
    many = {name: len(article_ids) for name in ("article_count", "source_count", "origin_count")}
    last = max(a["published_at"] for a in articles)
    _put(path, "articles", articles, story_id=story["story_id"])
    _put(path, "event_mentions", mentions, event_id=event["event_id"])
    _put(
        path,
        "events",
        [event],
        drop=events,
        mention_count=len(mentions),
        last_published_at=last,
        **many,
    )
    _put(path, "stories", [story], drop=stories, last_at=last, **many)


def _of(path: Path, table: str, article_ids: list[str]) -> list[Row]:
    return sorted(
        (r for r in rows(path, table) if r["article_id"] in article_ids),
        key=lambda r: r["published_at"],
    )


def _put(
    path: Path, table: str, changed: list[Row], drop: Iterable[Row] = (), **values: Any
) -> None:
    """Write rows with other values into their table, which has all of them in one folder."""
    what = TABLES[table]
    (folder,) = {what.folder.name(r) for r in changed}
    file = path / table / folder / "part-00000.parquet"
    keys = {tuple(r[k] for k in what.key) for r in (*changed, *drop)}
    kept = [
        r
        for r in rows(path, table)
        if what.folder.name(r) == folder and tuple(r[k] for k in what.key) not in keys
    ]
    file.write_bytes(
        to_parquet(sort_rows(what, to_arrow(what, [*kept, *(r | values for r in changed)])))
    )
