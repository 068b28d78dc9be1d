import json
import time
from datetime import UTC, datetime

import pytest

from transforms.core.archives.link_lists.documents import Document
from transforms.core.archives.link_lists.paged_feeds import PageLinks, page_links, read_page
from transforms.core.feeds.poll import poll
from transforms.core.feeds.poll_types import PollResponse
from transforms.core.feeds.states import new_state
from transforms.records import FeedSource

NOW = datetime(2024, 5, 20, 12, tzinfo=UTC)
URL = "https://a.test/feed/"
ATOM = """<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom" xmlns:fh="http://purl.org/syndication/history/1.0"
 xml:lang="en" {base}><title>A</title>{head}
<entry><title>One</title><id>1</id><link href="https://a.test/1"/><link rel="next" href="https://a.test/not"/>
<author><name>Ann</name></author><updated>2024-05-01T10:00:00Z</updated><summary>Said.</summary></entry>{tail}</feed>"""
RSS = """<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:fh="http://purl.org/syndication/history/1.0">
<channel><link>https://a.test/</link>{head}<item><title>One</title><link>https://a.test/1</link></item></channel></rss>"""


def atom(head: str = "", base: str = "", tail: str = "") -> bytes:
    return ATOM.format(head=head, base=base, tail=tail).encode()


@pytest.mark.parametrize(
    ("document", "links"),
    [
        (atom(), PageLinks()),
        (atom('<link rel="next" href="?page=2"/>'), PageLinks(next="https://a.test/feed/?page=2")),
        (atom('<link rel="NEXT" href="2"/>', 'xml:base="https://b.test/f/"'), PageLinks(next="https://b.test/f/2")),
        (atom(tail=('<link rel="prev-archive" ' 'href="/4"/>')), PageLinks(prev_archive="https://a.test/4")),
        (atom('<link rel="prev-archive" href="/4"/><fh:archive/>'),
         PageLinks(prev_archive="https://a.test/4")),
        (atom("<fh:complete/>"), PageLinks(is_complete=True)),
        (atom('<link rel="next-archive" href="/4"/><link rel="previous" href="/5"/>'), PageLinks()),
        (atom('<link rel="next" href="file:///etc/passwd"/>'), PageLinks()),
        (RSS.format(head=('<atom:link rel="next" ' 'href="?paged=2"/>')).encode(), PageLinks(next="https://a.test/feed/?paged=2")),
        (RSS.format(head=('<fh:archive/><atom:link '
'rel="prev-archive" ' 'href="3.xml"/>')).encode("utf-16"),
         PageLinks(prev_archive="https://a.test/feed/3.xml")),
        (b"\xef\xbb\xbf" + json.dumps({"next_url": "https://a.test/2.json", "items": []}).encode(), PageLinks(next="https://a.test/2.json")),
        (b'{"next_url": 7}', PageLinks()),
        (b'{"next_url": ', PageLinks()),
        (b"", PageLinks()),
    ],
)  # fmt: skip
def test_links_of_a_document_to_other_documents(document: bytes, links: PageLinks) -> None:
    assert page_links(document, URL) == links


def test_which_document_comes_next() -> None:
    assert PageLinks(prev_archive="a", next="b").older == "a"
    assert PageLinks(next="b").older == "b"
    assert PageLinks(next="b", is_complete=True).older is None


def test_entries_are_as_a_poll_gives_them() -> None:
    page = read_page(
        Document(name=URL, url=URL, content=atom('<link rel="next" href="?page=2"/>')), NOW
    )
    live = poll(
        new_state(FeedSource(feed_id="f", feed_url=URL), NOW),
        NOW,
        PollResponse(status=200, final_url=URL, content=atom('<link rel="next" href="?page=2"/>')),
    )
    (entry,) = page.entries
    assert entry.feed_id is None
    assert (entry.title, entry.author, entry.summary, entry.language) == (
        "One",
        "Ann",
        "Said.",
        "en",
    )
    assert [
        getattr(entry, name) for name in ("url", "entry_id", "published_at", "first_seen_at")
    ] == [
        getattr(live.entries[0], name)
        for name in ("url", "entry_id", "published_at", "first_seen_at")
    ]
    assert page.links.older == "https://a.test/feed/?page=2"
    assert not page.rejects
    assert page.fault is None


def test_a_page_without_items_still_leads_on() -> None:
    empty = (
        b'<feed xmlns="http://www.w3.org/2005/Atom"><title>A</title><link rel="prev-archive" '
        b'href="/1"/></feed>'
    )
    assert (
        read_page(Document(name=URL, url=URL, content=empty), NOW).links.older == "https://a.test/1"
    )


def test_a_truncated_document_is_reported_and_its_earlier_items_are_kept() -> None:
    content = atom('<link rel="next" href="?page=2"/>')
    page = read_page(Document(name=URL, url=URL, content=content[:-20]), NOW)
    assert len(page.entries) == 1
    assert page.fault is not None
    assert page.fault[0] == "E_FEED_FAULT"
    assert page.links.older == "https://a.test/feed/?page=2"


def test_documents_that_would_harm_are_refused_with_all_they_name() -> None:
    started = time.monotonic()
    deep = atom('<link rel="next" href="?page=2"/>' + "<a>" * 200_000)
    page = read_page(Document(name=URL, url=URL, content=deep), NOW)
    assert [reject.reason for reject in page.rejects] == ["E_FEED_TOO_DEEP"]
    assert page.links.older is None
    laughs = "<!ENTITY e0 'ha'>" + "".join(
        f"<!ENTITY e{n} '{f'&e{n - 1};' * 10}'>" for n in range(1, 10)
    )
    bomb = (
        f"<!DOCTYPE feed [{laughs}]>".encode()
        + atom('<link rel="next" href="?p=&e9;"/>').split(b"?>", 1)[1]
    )
    assert page_links(bomb, URL).next in {None, "https://a.test/feed/?p="}
    assert time.monotonic() - started < 5
