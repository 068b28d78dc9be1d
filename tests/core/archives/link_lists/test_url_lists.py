import gzip
import io

import pytest

from tests.helpers.web_site import pack
from transforms.core.archives.link_lists.documents import Kind, kind_of, unpack
from transforms.core.archives.link_lists.url_lists import read_urls
from transforms.core.feeds import parse
from transforms.core.feeds.feed_document import FeedFormat
from transforms.core.feeds.xml_feed import parse_xml_feed
from transforms.core.urls import UrlError

LIST = (
    "\ufeff# pages of May\nhttps://a.test/1\r\n\n  https://A.test/2#top  # the "
    "second\nhttps://a.test/#3\nmailto:x@a.test\n"
)


def test_a_list_gives_its_links_and_reports_other_lines() -> None:
    *good, bad = read_urls(io.StringIO(LIST))
    assert good == ["https://a.test/1", "https://a.test/2", "https://a.test/"]
    assert isinstance(bad, UrlError)
    assert str(bad).startswith("line 6: ")


def test_a_line_without_end_is_one_fault() -> None:
    assert [type(one) for one in read_urls(["http://a.test/" + "x" * 10_000_000])] == [UrlError]


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (LIST.encode(), Kind.URLS),
        (b"", Kind.EMPTY),
        (b"\xef\xbb\xbf \n", Kind.EMPTY),
        (b"all is well\n", Kind.OTHER),
        (b"\x89PNG\r\n\x00\x00http://a.test/", Kind.OTHER),
        (b"<!DOCTYPE html><html><body>no such page", Kind.HTML),
        (b"<html><head></head><body><rss></rss>", Kind.HTML),
        (b"<!-- <html> --><urlset>", Kind.SITEMAP),
        (b"<?xml version='1.0'?><ns:sitemapindex xmlns:ns='x'>", Kind.INDEX),
        (b"<?xml version='1.0'?><!DOCTYPE rss [<!ENTITY x 'y'>]><rss version='2.0'>", Kind.FEED),
        (b"<br />Warning: it is late<rss version='2.0'>", Kind.FEED),
        (b"<feed xmlns='http://www.w3.org/2005/Atom'>", Kind.FEED),
        (
            b'{"version": "https://jsonfeed.org/version/1.1", "timestamp": "1", "items": []}',
            Kind.FEED,
        ),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", Kind.OTHER),
        (b" CDX N b a m s k r M S V g\n", Kind.CDX),
        (b"test,a)/ 20200101000000 http://a.test/ text/html 200 ABC 100\n", Kind.CDX),
        (b'test,a)/ 20200101000000 {"url": "http://a.test/"}\n', Kind.CDX),
        (
            b'{"urlkey": "test,a)/", "timestamp": "20200101000000", "url": "http://a.test/"}\n',
            Kind.CDX,
        ),
        (b'[["urlkey","timestamp","original"],\n["test,a)/","2020","http://a.test/"]]', Kind.CDX),
        (b'[["a", "b"]]', Kind.OTHER),
    ],
)
def test_what_a_document_is(content: bytes, kind: Kind) -> None:
    assert kind_of(content) is kind


def test_a_document_of_any_registered_feed_format_is_a_feed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    twtxt = FeedFormat(
        name="twtxt", sniff=lambda head: head.startswith(b"# nick"), parse=parse_xml_feed
    )
    monkeypatch.setattr(parse, "FEED_FORMATS", (twtxt, *parse.FEED_FORMATS))
    assert kind_of(b"# nick = desk\n2024-05-06T08:00:00Z\tTalks begin\n") is Kind.FEED
    assert kind_of(b"# pages of May\nhttps://a.test/1\n") is Kind.URLS


def test_documents_are_unpacked_within_bounds() -> None:
    text = b"http://a.test/\n" * 1000
    packed = gzip.compress(text)
    assert unpack(packed).content == text
    assert unpack(gzip.compress(packed)).content == text, "by the server, and by who made it"
    broken = unpack(packed[:-20])
    assert text.startswith(broken.content)
    assert broken.fault == "its gzip broke off"
    assert "broken" in (unpack(packed[:10] + b"\xff" * 50).fault or "")
    bomb = unpack(pack(200 << 20, "gzip"), limit=1 << 20)
    assert len(bomb.content) == 1 << 20
    assert "first 1048576 bytes" in (bomb.fault or "")
    assert unpack(text, limit=20).content == text[:20]
    assert unpack(text).fault is None
