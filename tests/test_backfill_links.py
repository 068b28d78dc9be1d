import gzip
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlsplit

import apache_beam as beam
import pytest
from apache_beam.runners.portability.fn_api_runner.fn_runner import FnApiRunner
from apache_beam.testing.test_pipeline import TestPipeline

from tests.helpers.beam_outputs import collect, collected
from tests.helpers.web_site import Site, bomb, hang_up, redirect, respond, serve, status
from transforms.clock import RunClock
from transforms.core.urls import url_key
from transforms.fetch import FetchPages
from transforms.links import LinkOptions, cdx_responses, crawl, feed_documents, link_entries
from transforms.links.rejects import MAX_REJECTS
from transforms.records import FeedEntry, Reject
from transforms.web import WebOptions

pytestmark = pytest.mark.slow

NOW = datetime(2024, 5, 20, 12, tzinfo=UTC)
XML = "application/xml"


@pytest.fixture
def site() -> Iterator[Site]:
    with serve() as running:
        yield running


def options(site: Site, **more: Any) -> LinkOptions:
    web = WebOptions(
        connect_to=site.address, spacing_s=0, timeout_s=5, deadline=more.pop("deadline", None)
    )
    return LinkOptions(web=web, now=NOW, **more)


def found(
    site: Site, source: str, content: bytes | None = None, **more: Any
) -> tuple[list[FeedEntry], list[Reject]]:
    both = list(link_entries(source, content, options(site, **more)))
    return [one for one in both if isinstance(one, FeedEntry)], [
        one for one in both if isinstance(one, Reject)
    ]


def paths(entries: list[FeedEntry]) -> list[str]:
    return [entry.url.removeprefix("http://a.test") for entry in entries]


def codes(rejects: list[Reject]) -> list[tuple[str, str | None]]:
    return [(one.reason, (one.url or "").removeprefix("http://a.test") or None) for one in rejects]


def urlset(*locs: str, lastmod: str = "") -> str:
    changed = f"<lastmod>{lastmod}</lastmod>" if lastmod else ""
    return f"<urlset>{''.join(f'<url><loc>{loc}</loc>{changed}</url>' for loc in locs)}</urlset>"


def news(loc: str, day: str) -> str:
    return f"<url><loc>{loc}</loc><news:news><news:publication_date>{day}</news:publication_date></news:news></url>"


def index(*locs: str, lastmod: str = "") -> str:
    return (
        urlset(*locs, lastmod=lastmod).replace("urlset", "sitemapindex").replace("url>", "sitemap>")
    )


def packed(text: str) -> bytes:
    return gzip.compress(text.encode())


def atom(head: str, *items: tuple[str, str]) -> str:
    entries = "".join(
        f'<entry><id>{u}</id><title>{t}</title><link href="http://a.test{u}"/></entry>'
        for u, t in items
    )
    space = 'xmlns="http://www.w3.org/2005/Atom" xmlns:fh="http://purl.org/syndication/history/1.0"'
    return f"<feed {space}><title>A</title>{head}{entries}</feed>"


def test_an_index_leads_to_all_its_sitemaps_in_order(site: Site) -> None:
    site.routes |= {
        "a.test/sitemap.xml": respond(
            index("/1.xml.gz", "/2.xml", "/3.txt", "/inner.xml", "/1.xml.gz"), kind=XML
        ),
        "a.test/1.xml.gz": respond(packed(urlset("/a", "/b?x=1&amp;y=2")), kind="application/gzip"),
        "a.test/2.xml": respond(packed(urlset("/c", "/a")), kind=XML, Content_Encoding="gzip"),
        "a.test/3.txt": respond("http://a.test/d\nhttp://b.test/e\n", kind="text/plain"),
        "a.test/inner.xml": redirect("/inner-moved.xml"),
        "a.test/inner-moved.xml": respond(index("/4.xml", "/sitemap.xml"), kind=XML),
        "a.test/4.xml": respond(atom("", ("/f", "F")), kind=XML),
    }
    entries, rejects = found(site, "http://a.test/sitemap.xml")
    assert paths(entries) == ["/a", "/b?x=1&y=2", "/c", "/d", "http://b.test/e", "/f"]
    assert not rejects
    first = FeedEntry(url="http://a.test/a", url_key=url_key("http://a.test/a"), first_seen_at=NOW)
    assert entries[0] == first
    assert [seen.path for seen in site.seen if seen.path != "/robots.txt"].count("/1.xml.gz") == 1


def test_a_document_under_two_names_is_read_once(site: Site) -> None:
    site.routes |= {
        "a.test/sitemap.xml": respond(index("/1.xml", "/alias.xml"), kind=XML),
        "a.test/1.xml": respond(urlset("/a", "ftp://a.test/b"), kind=XML),
        "a.test/alias.xml": redirect("/1.xml"),
    }
    entries, rejects = found(site, "http://a.test/sitemap.xml")
    assert (len(entries), len(rejects)) == (1, 1)


def test_nothing_is_requested_before_it_is_needed(site: Site) -> None:
    site.routes |= {
        "a.test/sitemap.xml": respond(index("/1.xml", "/2.xml"), kind=XML),
        "a.test/1.xml": respond(urlset("/a"), kind=XML),
        "a.test/2.xml": respond(urlset("/b"), kind=XML),
    }
    walk = link_entries("http://a.test/sitemap.xml", None, options(site))
    assert not site.seen
    next(walk)
    assert not site.requests_for("/2.xml")
    assert len(list(walk)) == 1


def test_a_document_that_cannot_be_fetched_is_one_reject(site: Site) -> None:
    names = ("gone", "html", "cut", "no", "binary", "empty", "bomb", "hangs-up", "bad-link", "good")
    site.routes |= {
        "a.test/robots.txt": respond("User-agent: *\nDisallow: /no", kind="text/plain"),
        "a.test/sitemap.xml": respond(index(*(f"/{name}" for name in names)), kind=XML),
        "a.test/html": respond("<!doctype html><html><title>Not found</title><body>Sorry."),
        "a.test/cut": respond(urlset("/a", "/b")[:-25], kind=XML),
        "a.test/binary": respond(b"%PDF\x00\x01", kind=XML),
        "a.test/empty": respond(b"", kind=XML),
        "a.test/bomb": bomb(80 << 20),
        "a.test/hangs-up": hang_up(),
        "a.test/bad-link": respond(urlset("javascript:x", "/c"), kind=XML),
        "a.test/good": respond(urlset("/d"), kind=XML),
    }
    entries, rejects = found(site, "http://a.test/sitemap.xml")
    assert paths(entries) == ["/a", "/c", "/d"]
    assert codes(rejects) == [
        ("E_FETCH_HTTP_404", "/gone"),
        ("E_FEED_IS_HTML", "/html"),
        ("E_ARCHIVE_SITEMAP", "/cut"),
        ("E_FETCH_ROBOTS", "/no"),
        ("E_ARCHIVE_KIND", "/binary"),
        ("E_ARCHIVE_EMPTY", "/empty"),
        ("E_ARCHIVE_CUT", "/bomb"),
        ("E_ARCHIVE_KIND", "/bomb"),
        ("E_FETCH_CONNECT", "/hangs-up"),
        ("E_ARCHIVE_LINK", "/bad-link"),
    ]
    assert {one.stage for one in rejects} == {"fetch", "feed_parse"}
    assert len({(one.stage, one.key, one.reason) for one in rejects}) == len(rejects), (
        "each is a row of its own"
    )
    assert [one.retryable for one in rejects if one.stage == "fetch"] == [False, False, True]


def test_links_are_selected_by_day_site_and_number(site: Site) -> None:
    dated = "".join(
        news(f"/{day}", f"2024-05-{day}T23:00:00Z") for day in (9, 10, 11, 12, 13) if day > 9
    )
    site.routes |= {
        "a.test/sitemap.xml": respond(
            "<sitemapindex><sitemap><loc>/old.xml</loc><lastmod>2024-04</lastmod></sitemap>"
            "<sitemap><loc>/may.xml</loc><lastmod>2024-05</lastmod></sitemap></sitemapindex>",
            kind=XML,
        ),
        "a.test/old.xml": respond(urlset("/old"), kind=XML),
        "a.test/may.xml": respond(
            f"<urlset>{dated}<url><loc>/undated</loc></url><url><loc>http://b.test/</loc></url>"
            "<url><loc>/changed-last</loc><lastmod>2024-05-10</lastmod></url></urlset>",
            kind=XML,
        ),
    }
    entries, rejects = found(
        site, "http://a.test/sitemap.xml", start=date(2024, 5, 11), end=date(2024, 5, 12)
    )
    assert paths(entries) == ["/11", "/12", "/undated", "http://b.test/"]
    assert not rejects
    assert not site.requests_for("/old.xml")
    entries, _ = found(site, "http://a.test/may.xml", includes_site=lambda url: "//b.test/" in url)
    assert [entry.url for entry in entries] == ["http://b.test/"]
    entries, rejects = found(site, "http://a.test/may.xml", max_links=2)
    assert paths(entries) == ["/10", "/11"]
    assert codes(rejects) == [("E_ARCHIVE_LIMIT", "/may.xml")]
    assert not found(site, "list", b"http://a.test/1\nhttp://a.test/2", max_links=2)[1], (
        "two are not more than two"
    )


def test_indexes_in_indexes_end(site: Site) -> None:
    for depth in range(6):
        site.routes[f"a.test/{depth}"] = respond(index(f"/{depth + 1}", f"/leaf{depth}"), kind=XML)
        site.routes[f"a.test/leaf{depth}"] = respond(urlset(f"/page{depth}"), kind=XML)
    entries, rejects = found(site, "http://a.test/0")
    assert paths(entries) == ["/page2", "/page1", "/page0"]
    assert codes(rejects) == [("E_ARCHIVE_DEPTH", "/3")]


def test_too_many_sitemaps_end(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crawl, "MAX_SITEMAPS", 2)
    site.routes["a.test/0"] = respond(index(*(f"/{n}" for n in range(1, 9))), kind=XML)
    site.routes |= {f"a.test/{n}": respond(urlset(f"/page{n}"), kind=XML) for n in range(1, 9)}
    entries, rejects = found(site, "http://a.test/0")
    assert paths(entries) == ["/page1", "/page2"]
    assert codes(rejects) == [("E_ARCHIVE_LIMIT", "/3")]


def test_the_deadline_ends_a_walk_with_one_reject(site: Site) -> None:
    content = index(*(f"http://a.test/{n}" for n in range(500))).encode()
    entries, rejects = found(site, "index.xml", content, deadline=time.time() - 1)
    assert not entries
    assert codes(rejects) == [("E_FETCH_DEADLINE", "/0")]


def test_an_archived_feed_is_read_backwards_and_its_newest_word_counts(site: Site) -> None:
    older = '<link rel="prev-archive" href="{}"/>'
    site.routes |= {
        "a.test/feed": respond(
            atom(older.format("/2"), ("/d", "D"), ("/b", "B, corrected")), kind=XML
        ),
        "a.test/2": respond(
            atom("<fh:archive/>" + older.format("/1"), ("/c", "C"), ("/b", "B")), kind=XML
        ),
        "a.test/1": respond(atom("<fh:archive/>" + older.format("/feed"), ("/a", "A")), kind=XML),
    }
    entries, rejects = found(site, "http://a.test/feed")
    assert [(entry.url[-2:], entry.title) for entry in entries] == [
        ("/d", "D"),
        ("/b", "B, corrected"),
        ("/c", "C"),
        ("/a", "A"),
    ]
    assert not rejects
    assert {entry.feed_id for entry in entries} == {None}
    assert {entry.entry_id for entry in entries} == {f"http://a.test/{name}" for name in "abcd"}


def test_pages_of_rss_and_of_json_feed(site: Site) -> None:
    link = '<atom:link xmlns:atom="http://www.w3.org/2005/Atom" rel="next" href="/rss?page=2"/>'
    rss = (
        "<rss "
        "version='2.0'><channel><title>A</title>{}<item><title>T</title><link>http://a.test/{}</link></item>"
    )
    rss += "</channel></rss>"
    json_feed = (
        '{{"version": "https://jsonfeed.org/version/1.1", "title": "A", "next_url": "{}", '
        '"items": [{}]}}'
    )
    site.routes |= {
        "a.test/rss": respond(rss.format(link, "b"), kind=XML),
        "a.test/rss?page=2": respond(rss.format("", "a"), kind=XML),
        "a.test/1.json": respond(
            json_feed.format("/2.json", '{"id": "1", "url": "http://a.test/d"}')
        ),
        "a.test/2.json": respond(
            json_feed.format("/2.json", '{"id": "2", "url": "http://a.test/c"}')
        ),
    }
    assert paths(found(site, "http://a.test/rss")[0]) == ["/b", "/a"]
    assert paths(found(site, "http://a.test/1.json")[0]) == ["/d", "/c"]


def test_a_feed_is_read_up_to_the_page_that_cannot_be_fetched(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = '<link rel="next" href="{}"/>'
    site.routes |= {
        "a.test/feed": respond(atom(page.format("/lost"), ("/a", "A")), kind=XML),
        "a.test/other": respond(atom(page.format("/page"), ("/b", "B")), kind=XML),
        "a.test/page": respond("<html><body>Log in"),
        "a.test/broken": respond(atom(page.format("/lost"), ("/c", "C"))[:-20], kind=XML),
        "a.test/deep": respond(atom(page.format("/feed") + "<a>" * 1000), kind=XML),
    }
    assert codes(found(site, "http://a.test/feed")[1]) == [("E_FETCH_HTTP_404", "/lost")]
    assert codes(found(site, "http://a.test/other")[1]) == [("E_FEED_IS_HTML", "/page")]
    entries, rejects = found(site, "http://a.test/broken")
    assert paths(entries) == ["/c"]
    assert codes(rejects) == [("E_FEED_FAULT", "/broken"), ("E_FETCH_HTTP_404", "/lost")]
    (reject,) = found(site, "http://a.test/deep")[1]
    assert (reject.reason, reject.feed_id, reject.key) == (
        "E_FEED_TOO_DEEP",
        None,
        url_key("http://a.test/deep"),
    )
    site.routes["a.test/packed"] = respond(atom(page.format("/packed-2"), ("/d", "D")), kind=XML)
    site.routes["a.test/packed-2"] = respond(
        packed(atom("", ("/e", "E"), ("/f", "F")))[:-10], kind=XML
    )
    entries, rejects = found(site, "http://a.test/packed")
    assert paths(entries)[0] == "/d"
    assert codes(rejects)[0] == ("E_ARCHIVE_CUT", "/packed-2")
    monkeypatch.setattr(feed_documents, "MAX_FEED_DOCUMENTS", 3)
    for number in range(9):
        site.routes[f"a.test/p{number}"] = respond(
            atom(page.format(f"/p{number + 1}"), (f"/{number}", "T")), kind=XML
        )
    entries, rejects = found(site, "http://a.test/p0")
    assert (len(entries), [one.reason for one in rejects]) == (3, ["E_ARCHIVE_LIMIT"])


def test_local_lists(site: Site) -> None:
    entries, rejects = found(
        site, "urls.txt", b"# May\nhttp://a.test/a\nnone\nhttp://a.test/b\nhttp://a.test/a\n"
    )
    assert paths(entries) == ["/a", "/b"]
    assert [(one.reason, one.url) for one in rejects] == [("E_ARCHIVE_LINK", None)]
    assert rejects[0].message.startswith("urls.txt: line 3: ")
    entries, rejects = found(
        site,
        "urls.txt",
        b"http://a.test/\n" + b"\n".join(b"ftp://a.test/%d" % n for n in range(500)),
    )
    assert len(entries) == 1
    assert len(rejects) == MAX_REJECTS + 1
    assert rejects[-1].message.startswith("urls.txt: 400 more")
    entries, rejects = found(
        site, "urls.gz", gzip.compress(b"http://a.test/a\nhttp://a.test/bcdef" * 9)[:-9]
    )
    assert [one.reason for one in rejects] == ["E_ARCHIVE_CUT"]
    assert [one.reason for one in found(site, "notes", b"nothing here")[1]] == ["E_ARCHIVE_KIND"]
    assert [one.reason for one in found(site, "http://a.test:x/", None)[1]] == ["E_ARCHIVE_LINK"]
    assert not site.seen


CAPTURES = """\
test,a)/ 20200101000000 http://a.test:80/ text/html 200 AAA 100
test,a)/ 20200201000000 http://a.test:80/ text/html 200 BBB 100
test,a)/b 20200301000000 http://a.test/b?q=1 text/html 200 CCC 100
test,a)/c 20200401000000 http://a.test/c text/html 200 DDD 100
test,a)/d 20200501000000 http://a.test/d text/html 200 EEE 100
test,a)/e 20200601000000 http://a.test/e text/html 200 FFF 100
"""


def cdx_server(handler: BaseHTTPRequestHandler) -> None:
    """Answer two rows at a time, with the key to go on."""
    query = parse_qs(urlsplit(handler.path).query)
    rows = CAPTURES.splitlines(keepends=True)
    start = int(query.get("resumeKey", ["key 0"])[0].split()[1])
    key = f"\nkey+{start + 2}\n" if start + 2 < len(rows) else ""
    respond("".join(rows[start : start + 2]) + key, kind="text/plain")(handler)


def test_captures_of_an_index_that_comes_in_parts(site: Site) -> None:
    site.routes["web.archive.org/cdx/search/cdx"] = cdx_server
    source = (
        "http://web.archive.org/cdx/search/cdx?url=a.test&matchType=host&showResumeKey=true&limit=2"
    )
    entries, rejects = found(site, source)
    assert not rejects
    assert [(entry.url, entry.first_seen_at.month) for entry in entries] == [
        *(("http://a.test/", month) for month in (1, 2)),
        ("http://a.test/b?q=1", 3),
        *((f"http://a.test/{name}", month) for name, month in (("c", 4), ("d", 5), ("e", 6))),
    ]
    assert (
        entries[0].capture_url == "http://web.archive.org/web/20200101000000id_/http://a.test:80/"
    )
    assert len(site.requests_for("/cdx/search/cdx")) == 3
    assert len(found(site, source, start=date(2020, 3, 1))[0]) == 4, (
        "nothing is captured before it is published"
    )


def test_an_index_without_end_ends(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    row = "test,a)/ 2020 http://a.test/ text/html 200 - 1\n\n"
    site.routes["same.test/cdx"] = respond(f"{row}same-key\n", kind="text/plain")
    assert len(found(site, "http://same.test/cdx?url=a.test")[0]) == 2
    assert len(site.requests_for("same.test/cdx")) == 2, "once without the key, once with it"

    def on_and_on(handler: BaseHTTPRequestHandler) -> None:
        respond(f"{row}{len(site.seen)}\n", kind="text/plain")(handler)

    site.routes["endless.test/cdx"] = on_and_on
    monkeypatch.setattr(cdx_responses, "MAX_CDX_RESPONSES", 4)
    entries, rejects = found(site, "http://endless.test/cdx?url=a.test")
    assert len(entries) == 4
    assert [one.reason for one in rejects] == ["E_ARCHIVE_LIMIT"]


def test_indexes_of_other_archives(site: Site) -> None:
    site.routes |= {
        "pywb.test/news/cdx": respond(
            "test,a)/ 2020 http://a.test/ text/html 200 A 1\nbad line\n", kind="text/plain"
        ),
        "pywb.test/none/cdx": respond("", kind="text/plain"),
        "pywb.test/short/cdx": respond("2020 http://a.test/x", kind="text/plain"),
        "wall.test/cdx": respond(
            "t 2020 http://a.test/ text/html 200 A 1\n\nkey\n", kind="text/plain"
        ),
        "wall.test/cdx?url=a.test&resumeKey=key": respond("<html><body>Too many requests"),
        "crawl.test/2020-10-index": respond(
            '{"urlkey": "t", "timestamp": "2020", "url": "http://a.test/"}'
        ),
    }
    entries, rejects = found(site, "http://pywb.test/news/cdx?url=a.test/*")
    assert [entry.capture_url for entry in entries] == [
        "http://pywb.test/news/2020id_/http://a.test/"
    ]
    assert codes(rejects) == [("E_ARCHIVE_CDX", "http://pywb.test/news/cdx?url=a.test/*")]
    assert found(site, "http://pywb.test/none/cdx?url=b.test") == ([], []), (
        "nothing captured is no fault"
    )
    entries, rejects = found(site, "http://wall.test/cdx?url=a.test")
    assert len(entries) == 1
    assert [one.reason for one in rejects] == ["E_FEED_IS_HTML"]
    (entry,) = found(site, "http://pywb.test/short/cdx?url=b.test&fl=timestamp,original")[0]
    assert entry.url == "http://a.test/x"
    assert [one.reason for one in found(site, "http://crawl.test/2020-10-index?url=a.test")[1]] == [
        "E_ARCHIVE_CDX"
    ]
    (entry,) = found(
        site,
        "a.cdx.gz",
        gzip.compress(b" CDX N b a m s k\nt 2020 http://a.test/ text/html 200 A\n"),
    )[0]
    assert entry.capture_url == "https://web.archive.org/web/2020id_/http://a.test/"


def test_a_capture_is_fetched_from_the_archive_and_is_a_page_of_its_time(site: Site) -> None:
    web = "web.archive.org/web"
    site.routes |= {
        "web.archive.org/cdx/search/cdx": respond(CAPTURES, kind="text/plain"),
        f"{web}/20200101000000id_/http://a.test:80/": respond(
            "<p>January", x_archive_orig_content_type="text/html"
        ),
        f"{web}/20200201000000id_/http://a.test:80/": redirect(
            f"http://{web}/20200202000000id_/http://www.a.test/"
        ),
        f"{web}/20200202000000id_/http://www.a.test/": respond("<p>February"),
        f"{web}/20200301000000id_/http://a.test/b?q=1": redirect(
            f"http://{web}/20200301000001id_/http://other.test/b"
        ),
        f"{web}/20200301000001id_/http://other.test/b": respond("<p>March"),
        f"{web}/20200401000000id_/http://a.test/c": redirect("http://web.archive.org/sorry"),
        "web.archive.org/sorry": respond("<p>Sorry."),
        f"{web}/20200501000000id_/http://a.test/d": status(404),
        f"{web}/20200601000000id_/http://a.test/e": respond(b"GIF", kind="image/gif"),
        "a.test/robots.txt": respond("User-agent: *\nDisallow: /", kind="text/plain"),
    }
    entries, _ = found(site, "http://web.archive.org/cdx/search/cdx?url=a.test")
    with TestPipeline(runner=FnApiRunner()) as pipeline:
        created = pipeline | "Entries" >> beam.Create(entries)
        fetched = created | "Fetch" >> FetchPages(options(site).web, RunClock("r", NOW))
        number = collect(fetched)
    rows = collected(number)
    pages = sorted(rows["pages"], key=lambda page: page.fetched_at)
    assert [(page.content, page.final_url) for page in pages] == [
        (b"<p>January", "http://a.test/"),
        (b"<p>February", "http://a.test/"),
        (b"<p>March", "http://other.test/b"),
    ]
    assert [page.fetched_at for page in pages] == [entry.first_seen_at for entry in entries[:3]]
    assert sorted((one.reason, one.url) for one in rows["rejects"]) == [
        ("E_FETCH_HTTP_404", "http://a.test/d"),
        ("E_FETCH_NOT_CAPTURED", "http://a.test/c"),
        ("E_FETCH_NOT_HTML", "http://a.test/e"),
    ]
    whole = [row for row in rows["fetches"] if row.kind == "article" and not row.is_redirect]
    assert {(row.host, row.url) for row in whole} == {
        ("web.archive.org", entry.capture_url) for entry in entries
    }
    assert len({row.fetch_id for row in rows["fetches"]}) == len(rows["fetches"])
    assert {page.fetch_id for page in pages} <= {row.fetch_id for row in whole}
    assert {seen.host for seen in site.seen} == {"web.archive.org"}, "the site itself is left alone"
