"""The generated archive is the same for the same options, and its pages are what a reader of
archives meets.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastwarc.warc import ArchiveIterator, WarcRecord, WarcRecordType

from bench.archive import BROKEN, CHANGED, Capture, plan, records, write_archive
from bench.archive_text import compiled, load_book, write_story
from transforms.core.clean.strip import load_rules, strip_boilerplate
from transforms.core.extract.page import extract_article
from transforms.core.stories.fingerprint import shingles, similarity
from transforms.core.urls import url_key
from transforms.records import Article, FeedEntry, Page

pytestmark = pytest.mark.slow

ARTICLES, SEED, SITES = 200, 1, 24
NOW = datetime(2026, 1, 1, tzinfo=UTC)
LARGE = 20_000


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("archive") / "a.warc.gz")


def write(path: Path, **options: object) -> Path:
    write_archive(path, ARTICLES, **{"seed": SEED, "sites": SITES, **options})  # type: ignore[arg-type]
    return path


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def read(path: Path) -> Iterator[WarcRecord]:
    with path.open("rb") as file:
        yield from ArchiveIterator(
            file,
            record_types=WarcRecordType.response,
            parse_http=True,
            auto_decode="all",
            verify_digests=False,
        )


def article(record: WarcRecord) -> Article:
    url, at = record.headers["WARC-Target-URI"], record.record_date
    page = Page(
        entry=FeedEntry(url=url, url_key=url_key(url), first_seen_at=at),
        final_url=url,
        content_type=record.http_content_type,
        charset=record.http_charset,
        content=record.reader.read(),
        fetched_at=at,
    )
    return extract_article(page, now=NOW)


def captures() -> list[Capture]:
    return plan(ARTICLES, seed=SEED, sites=SITES)


def test_the_same_options_give_the_same_bytes(archive: Path, tmp_path: Path) -> None:
    assert digest(write(tmp_path / "again.warc.gz")) == digest(archive)
    assert digest(write(tmp_path / "other.warc.gz", seed=2)) != digest(archive)


def test_records_are_what_was_planned_in_order_of_capture(archive: Path) -> None:
    times = [record.record_date for record in read(archive)]

    assert len(times) == len(captures())
    assert times == sorted(times)
    assert {time.year for time in times} == {2025}


def test_each_record_is_a_member_of_its_own_with_the_digest_of_its_block(archive: Path) -> None:
    with archive.open("rb") as file:
        found = list(ArchiveIterator(file, parse_http=False, verify_digests=True))
    assert len(found) == len(captures()) + 1
    assert len({record.record_id for record in found}) == len(found)
    assert archive.read_bytes().count(b"\x1f\x8b\x08") >= len(found)


def test_each_page_yields_its_complete_article(archive: Path) -> None:
    """A page that shows its author within the text keeps that line.

    Nothing of the story itself is lost.
    """
    seen = 0
    for record, (capture, _, printed) in zip(
        read(archive), records(ARTICLES, seed=SEED, sites=SITES), strict=True
    ):
        if capture.kind not in {"article", "changed"}:
            continue
        found = article(record)
        body = strip_boilerplate(found, load_rules(found.language)).body or ""
        story = printed.text.split(") - ", 1)[-1] if capture.wire else printed.text
        assert story in body, printed.url
        assert len(body) - len(story) < 100, printed.url
        assert (found.title, found.language, found.page_kind) == (printed.title, "en", "article")
        assert found.published_at == printed.published, printed.url
        assert found.canonical_url == printed.url
        seen += 1
    assert seen >= ARTICLES


def test_shares_are_as_configured() -> None:
    kinds = Counter(capture.kind for capture in plan(LARGE, seed=SEED, sites=SITES))

    assert kinds["article"] == LARGE
    assert kinds["changed"] == pytest.approx(CHANGED * LARGE, rel=0.25)
    assert sum(kinds[k] for k in ("missing", "moved", "empty", "image")) == pytest.approx(
        BROKEN * LARGE, rel=0.4
    )


def test_a_wire_is_printed_on_several_sites_within_a_day() -> None:
    wired = [c for c in plan(LARGE, seed=SEED, sites=SITES) if c.wire and c.kind == "article"]
    groups: dict[int, list[Capture]] = {}
    for capture in wired:
        groups.setdefault(capture.story, []).append(capture)

    assert len(wired) == pytest.approx(0.03 * LARGE, rel=0.25)
    assert set(map(len, groups.values())) == {2, 3, 4, 5, 6}
    for group in groups.values():
        assert len({c.site for c in group}) == len(group)
        assert max(c.published for c in group) - min(c.published for c in group) < 86_400


def test_copies_have_one_text_and_name_their_wire() -> None:
    texts: dict[int, set[str]] = {}
    copies = 0
    for capture, _, printed in records(1_000, seed=SEED, sites=SITES):
        if capture.wire and capture.kind == "article":
            texts.setdefault(capture.story, set()).add(printed.text)
            copies += 1
            assert f"Source: {printed.author}" in printed.html

    assert copies > 2 * len(texts) > 0
    assert {len(found) for found in texts.values()} == {1}


def test_stories_are_of_varied_length_and_no_copies_of_each_other() -> None:
    texts = [" ".join(write_story(f"x/{n}", NOW.date()).paragraphs) for n in range(300)]
    lengths = [len(text.split()) for text in texts]
    grams = [shingles(text) for text in texts]

    assert min(lengths) >= 120
    assert max(lengths) <= 350
    assert max(similarity(a, b) for n, a in enumerate(grams) for b in grams[:n]) < 0.4


def test_hardly_a_paragraph_recurs_on_a_site() -> None:
    seen: Counter[tuple[int, str]] = Counter()
    for capture, site, printed in records(2_000, seed=SEED, sites=4):
        if capture.kind == "article":
            seen.update({(site.number, paragraph) for paragraph in printed.text.split("\n\n")})

    assert sum(count >= 3 for count in seen.values()) / len(seen) < 0.002


def test_most_stories_are_not_political_and_all_templates_can_be_filled() -> None:
    book = load_book()
    sections = Counter(write_story(f"y/{n}", NOW.date()).section for n in range(1_000))

    assert 250 < sections["World"] + sections["Politics"] < 400
    assert set(sections) == {topic.section for topic in (*book.political, *book.other)}


def test_a_choice_within_a_choice_is_refused() -> None:
    with pytest.raises(ValueError, match="not closed"):
        compiled("It was [cold|[very|quite] warm].")


def test_json_lines_have_the_same_texts(tmp_path: Path) -> None:
    rows = [
        json.loads(line)
        for line in write(tmp_path / "a.jsonl", form="jsonl").read_bytes().splitlines()
    ]
    pages = [
        p
        for c, _, p in records(ARTICLES, seed=SEED, sites=SITES)
        if c.kind in {"article", "changed"}
    ]

    assert [(row["url"], row["text"]) for row in rows] == [(page.url, page.text) for page in pages]
    assert all(
        datetime.fromisoformat(row["published_at"]) < datetime.fromisoformat(row["fetched_at"])
        for row in rows
    )
