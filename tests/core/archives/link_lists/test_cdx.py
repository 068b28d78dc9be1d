import json
from datetime import UTC, datetime

import pytest

from transforms.core.archives.link_lists.cdx import Capture, CdxFault, ResumeKey, read_cdx
from transforms.core.archives.link_lists.cdx_server import (
    WAYBACK,
    captured_url,
    columns_of,
    is_cdx_query,
    replay_base,
    resumed_query,
)

PLAIN = """\
test,a)/ 20200101120000 http://www.a.test:80/ text/html 200 AAA 100
test,a)/ 20200102120000 http://www.a.test:80/ text/html 200 AAA 100
test,a)/ 20200103120000 http://www.a.test:80/ warc/revisit - AAA 100
test,a)/ 20200104120000 http://www.a.test:80/ text/html 200 BBB 100
test,a)/ 20200105120000 http://www.a.test:80/ text/html 200 AAA 100
test,a)/b 20200101120000 http://a.test/b text/html 301 CCC 100
test,a)/c.jpg 20200101120000 http://a.test/c.jpg image/jpeg 200 DDD 100
test,a)/d 20200101120000 http://a.test/d application/xhtml+xml 200 AAA 100
"""
KEPT = [
    ("http://www.a.test/", 1),
    ("http://www.a.test/", 4),
    ("http://www.a.test/", 5),
    ("http://a.test/d", 1),
]


def captures(text: str, columns: tuple[str, ...] = ()) -> list[Capture]:
    return [one for one in read_cdx(text, columns) if isinstance(one, Capture)]


def short(text: str, columns: tuple[str, ...] = ()) -> list[tuple[str, int]]:
    return [(one.url, one.at.day) for one in captures(text, columns)]


def rows(text: str = PLAIN) -> list[list[str]]:
    return [line.split() for line in text.splitlines()]


def test_pages_that_answered_are_kept_and_the_same_content_in_a_row_once() -> None:
    assert short(PLAIN) == KEPT
    assert short(PLAIN.replace("\n", "\r\n")) == KEPT


def test_columns_are_those_of_the_header() -> None:
    full = "\n".join(f"{' '.join(row[:6])} - - 100 7 a.warc.gz" for row in rows())
    assert short(f" CDX N b a m s k r M S V g\n{full}\n") == KEPT
    assert short(full) == KEPT
    turned = "\n".join(" ".join([row[2], row[1], row[4], row[3], row[5]]) for row in rows())
    assert short(f" CDX a b s m k\n{turned}") == KEPT


def test_columns_are_those_requested() -> None:
    query = "https://web.archive.org/cdx/search/cdx?url=a.test&fl=timestamp,original,statuscode"
    answer = "\n".join(f"{row[1]} {row[2]} {row[4]}" for row in rows() if row[3] != "image/jpeg")
    assert short(answer, columns_of(query)) == [
        (url, day) for url, day in short(PLAIN.replace("AAA", "-").replace("BBB", "-"))
    ]
    assert columns_of("https://a.test/cdx?fl=url,mime") == ("original", "mimetype")
    assert columns_of("https://a.test/cdx?url=x") == ()


def test_the_forms_in_json() -> None:
    head = ["urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length"]
    assert short(json.dumps([head, *rows()], indent=0)) == KEPT
    assert short(json.dumps([head, *rows()])) == KEPT
    names = ["urlkey", "timestamp", "url", "mime", "status", "digest", "length"]
    objects = [dict(zip(names, row, strict=True)) for row in rows()]
    assert short("\n".join(map(json.dumps, objects))) == KEPT
    lines = (f"{one.pop('urlkey')} {one.pop('timestamp')} {json.dumps(one)}" for one in objects)
    assert short("!OpenWayback-CDXJ 1.0\n" + "\n".join(lines)) == KEPT
    assert list(read_cdx("[]")) == list(read_cdx("")) == []


def test_broken_lines_are_reported_and_the_others_read() -> None:
    bad = (
        "test,a)/ 20201301000000 http://a.test/x text/html 200 A 1\ntest,a)/ 2020\n"
        + 'test,a)/ 2020 {"url": \n'
    )
    bad += (
        "test,a)/ 19700101000000 http://a.test/x text/html 200 A 1\ntest,a)/ 2020 http://[/ "
        "text/html 200 A 1\n"
    )
    found = list(read_cdx(bad + "x" * 100_000 + "\n" + PLAIN))
    assert [type(one) for one in found] == [CdxFault] * 6 + [Capture] * 4
    cut = json.dumps(
        [["timestamp", "original"], ["2020", "http://a.test/"], ["2021", "http://a.test/b"]]
    )[:-10]
    assert [type(one) for one in read_cdx(cut)] == [Capture, CdxFault]
    deep = '[["timestamp","original"],' + "[" * 200_000
    assert [type(one) for one in read_cdx(deep)] == [CdxFault]


@pytest.mark.parametrize(
    ("digits", "at"),
    [
        ("2020", datetime(2020, 1, 1, tzinfo=UTC)),
        ("202005", datetime(2020, 5, 1, tzinfo=UTC)),
        ("2020050607", datetime(2020, 5, 6, 7, tzinfo=UTC)),
        ("20200506070809", datetime(2020, 5, 6, 7, 8, 9, tzinfo=UTC)),
        ("20200", None),
        ("20200230", None),
    ],
)
def test_timestamps_may_be_short(digits: str, at: datetime | None) -> None:
    (found,) = read_cdx(f"test,a)/ {digits} http://a.test/ text/html 200 A 1")
    assert (found.at if isinstance(found, Capture) else None) == at


def test_a_capture_is_requested_as_it_was_captured() -> None:
    (found,) = captures("test,a)/ 2020 HTTP://a.test:80/x?utm_source=b&c=ä#d text/html 200 A 1")
    assert found.url == "http://a.test/x?c=%C3%A4"
    assert (
        found.replay_url(WAYBACK)
        == f"{WAYBACK}2020id_/HTTP://a.test:80/x?utm_source=b&c=%C3%A4%23d"
    )


def test_a_resumption_key_follows_an_empty_line() -> None:
    assert list(read_cdx(PLAIN + "\ntest%2Ca%29%2F+2020%21\n"))[-1] == ResumeKey(
        "test%2Ca%29%2F+2020%21"
    )
    rows_of = json.dumps([["timestamp", "original"], ["2020", "http://a.test/"], [], ["key"]])
    assert list(read_cdx(rows_of))[-1] == ResumeKey("key")
    assert ResumeKey not in map(type, read_cdx(PLAIN + "\n\n"))


def test_resuming_replaces_the_key_and_nothing_else() -> None:
    query = "https://a.test/cdx?url=b.test/*&showResumeKey=true&limit=2"
    once = resumed_query(query, "test%2Ca+1")
    assert once == f"{query}&resumeKey=test%2Ca+1"
    assert resumed_query(once, "test,b 2") == f"{query}&resumeKey=test%2Cb+2"


@pytest.mark.parametrize(
    ("source", "base"),
    [
        ("https://web.archive.org/cdx/search/cdx?url=a.test", "https://web.archive.org/web/"),
        ("https://web.archive.org/web/timemap/cdx?url=a.test", "https://web.archive.org/web/"),
        ("http://pywb.test:8080/news/cdx?url=a.test", "http://pywb.test:8080/news/"),
        ("http://pywb.test:8080/news-cdx?url=a.test", "http://pywb.test:8080/news/"),
        ("https://index.crawl.test/2020-10-index?url=a.test", None),
        ("https://files.test/captures.cdx", WAYBACK),
        ("captures.cdx", WAYBACK),
        ("//[odd]/captures.cdx?fl=x", WAYBACK),
    ],
)
def test_addresses_of_captures(source: str, base: str | None) -> None:
    assert replay_base(source) == base
    assert columns_of(source) == ()


def test_which_links_ask_for_captures() -> None:
    assert is_cdx_query("https://a.test/cdx?url=b")
    assert is_cdx_query("https://a.test/cdx?url=b&fl=timestamp,original")
    assert not is_cdx_query("https://a.test/cdx?url=b&fl=original"), "that is a list of URLs"
    assert not is_cdx_query("https://a.test/urls.txt")
    assert not is_cdx_query("cdx")


@pytest.mark.parametrize(
    ("link", "url"),
    [
        (
            "https://web.archive.org/web/20200102030405id_/http://a.test/x?b=1",
            "http://a.test/x?b=1",
        ),
        (
            "https://web.archive.org/web/20200102030405/http://www.a.test:80/x",
            "http://www.a.test/x",
        ),
        ("http://pywb.test/news/2020mp_/https:/a.test/x", "https://a.test/x"),
        ("http://a.test/2020/http-status", None),
        ("https://web.archive.org/login", None),
        ("https://web.archive.org/web/2020id_/http://[", None),
    ],
)
def test_which_page_a_link_to_an_archive_is_of(link: str, url: str | None) -> None:
    assert captured_url(link) == url
