import json
import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.core.feeds import bounds
from transforms.core.feeds.parse import parse_feed
from transforms.core.feeds.parsed import distinct
from transforms.errors import FeedError

NOW = datetime(2022, 10, 11, 12, tzinfo=UTC)


def rss(items: str, head: str = "<title>News</title>") -> bytes:
    return (
        f'<?xml version="1.0"?><rss version="2.0"><channel>{head}{items}</channel></rss>'.encode()
    )


def item(link: str | None = "https://a.test/1", **fields: str) -> str:
    inner = "".join(f"<{name}>{value}</{name}>" for name, value in fields.items())
    return f"<item>{f'<link>{link}</link>' if link else ''}{inner}</item>"


def test_rss_entry() -> None:
    feed = parse_feed(
        rss(
            item(
                "/world/1?utm_source=rss",
                guid="tag:1",
                title="War &amp;amp; peace",
                pubDate="Tue, 11 Oct 2022 08:00:00 EDT",
                description="&lt;p&gt;One.&lt;!-- x --&gt;&lt;/p&gt;&lt;script&gt;x&lt;/script&gt;"
                "&lt;p&gt;Two &amp;amp; three.&lt;/p&gt;",
                author="Ann Lee",
            )
        ),
        url="https://www.a.test/rss.xml",
        now=NOW,
    )
    (entry,) = feed.entries
    assert (feed.title, feed.format, feed.fault) == ("News", "rss20", None)
    assert entry.url == "https://www.a.test/world/1"
    assert entry.entry_id == "tag:1"
    assert entry.title == "War & peace"
    assert entry.published_at == datetime(2022, 10, 11, 12, tzinfo=UTC)
    assert entry.summary == "One.\n\nTwo & three."
    assert entry.author == "Ann Lee"


@pytest.mark.parametrize(
    "document",
    [
        "<feed "
        'xmlns="http://www.w3.org/2005/Atom"><title>T</title><entry><id>urn:1</id><title>One</title>'
        '<link rel="self" href="https://a.test/self"/><link href="https://a.test/1"/>'
        "<updated>2022-10-11T08:00:00+02:00</updated></entry></feed>",
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        'xmlns="http://purl.org/rss/1.0/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>T</title></channel><item><title>One</title>'
        "<link>https://a.test/1</link><dc:date>2022-10-11T06:00:00Z</dc:date></item></rdf:RDF>",
        '{"version": "https://jsonfeed.org/version/1.1", "title": "T", "items": [{"id": '
        '1, "title": "One", '
        '"url": "https://a.test/1", "date_published": "2022-10-11T08:00:00+02:00"}]}',
    ],
)
def test_other_formats(document: str) -> None:
    feed = parse_feed(document.encode(), url="https://a.test/feed", now=NOW)
    (entry,) = feed.entries
    assert (feed.title, entry.url, entry.title) == ("T", "https://a.test/1", "One")
    assert entry.published_at == datetime(2022, 10, 11, 6, tzinfo=UTC)


def test_identity_is_link_then_guid_then_title_and_date() -> None:
    same_guid = item("https://a.test/1", guid="g") + item("https://a.test/2", guid="g")
    same_link = item("https://a.test/3", guid="x") + item("http://www.a.test/3#c", guid="y")
    no_link = (
        item(None, guid="g2")
        + item(None, guid="g2")
        + item(None, title="T")
        + item(None, title="U")
    )
    permalink = item(None, guid="https://a.test/4")
    feed = parse_feed(rss(same_guid + same_link + no_link + permalink + item(None)))
    assert [entry.url for entry in distinct(feed.entries)] == [
        "https://a.test/1", "https://a.test/2", "https://a.test/3", None, None, None, "https://a.test/4",
    ]  # fmt: skip


def test_day_and_month_are_in_the_order_that_the_feeds_other_dates_show() -> None:
    def days(*dates: str, language: str = "en-us") -> list[str]:
        items = "".join(item(f"https://a.test/{n}", pubDate=d) for n, d in enumerate(dates))
        text = rss(items).replace(
            b"<channel>", f"<channel><language>{language}</language>".encode()
        )
        found = parse_feed(text, now=NOW).entries
        return [f"{entry.published_at:%m-%d} {entry.date_flag}" for entry in found]

    assert days("03/04/2022", "13/04/2022") == ["04-03 None", "04-13 None"]
    assert days("03/04/2022", "04/13/2022") == ["03-04 None", "04-13 None"]
    assert days("03/04/2022") == ["03-04 None"]
    assert days("03/04/2022", language="en") == ["03-04 date_guessed"]
    assert days("03/04/2022", language="fr") == ["04-03 None"]
    # A month later than now is a day.
    assert days("04/12/2022", language="fr") == ["04-12 None"]


@pytest.mark.parametrize(
    ("date", "expected", "flag"),
    [
        ("Tue, 11 Oct 2022 08:00:00 CST", "2022-10-11T14:00", None),
        ("Tue, 11 Oct 2022 08:00:00 EDT", "2022-10-11T12:00", None),
        ("Tue, 11 Oct 2022 08:00:00 CEST", "2022-10-11T06:00", None),
        ("Tue, 11 Oct 2022 08:00 PM GMT", "2022-10-11T20:00", None),
        ("mar., 11 oct. 2022 08:00:00 +0200", "2022-10-11T06:00", None),
        ("Di, 11 März 2022 08:00:00 +0100", "2022-03-11T07:00", None),
        ("вт, 11 окт 2022 08:00:00 +0300", "2022-10-11T05:00", None),
        ("October 11, 2022", "2022-10-11T00:00", None),
        # feedparser took the month, or the day, of the next three from the clock.
        ("2016/6/29", "2016-06-29T00:00", None),
        ("2016/6/29 15:07:41", "2016-06-29T15:07", None),
        ("2022年1月8日", "2022-01-08T00:00", None),
        ("2021-11-22 21:00:00 +0000 UTC", "2021-11-22T21:00", None),
        ("2022-10-08 09:30:00 EDT", "2022-10-08T13:30", None),
        ("08.10.2022 09:30 MESZ", "2022-10-08T07:30", None),
        ("٨ أكتوبر ٢٠٢٢", "2022-10-08T00:00", None),
        ("Sat Oct  8 09:30:00 2022", "2022-10-08T09:30", None),
        ("Sat, 08 Oct 2022 09:30 IST", "2022-10-08T04:00", "date_zone_assumed"),
        ("08/10/2022", None, None),
        ("8 October", None, None),
        ("2022-10", None, None),
        ("1665475200", "2022-10-11T08:00", None),
        ("1665475200000", "2022-10-11T08:00", None),
        ("2022-10-12T12:00:00Z", "2022-10-12T12:00", None),
        ("2022-10-14T12:00:00Z", "2022-10-11T12:00", "date_clamped"),
        ("Fri, 01 Jan 2099 00:00:00 GMT", None, "date_refused"),
        ("Thu, 01 Jan 1970 00:00:00 GMT", None, "date_refused"),
        ("0", None, None),
        ("99999999999999999999", None, None),
        ("0000-00-00T00:00:00Z", None, "date_refused"),
        ("Tue, 31 Foo 2022 08:00:00 GMT", None, None),
        ("no date", None, None),
        ("", None, None),
    ],
)
def test_dates(date: str, expected: str | None, flag: str | None) -> None:
    (entry,) = parse_feed(rss(item(pubDate=date)), now=NOW).entries
    found = entry.published_at.strftime("%Y-%m-%dT%H:%M") if entry.published_at else None
    assert (found, entry.date_flag) == (expected, flag)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "E_FEED_EMPTY"),
        (b" \n\xef\xbb\xbf ", "E_FEED_EMPTY"),
        (b"<!DOCTYPE html><html><body>Welcome</body></html>", "E_FEED_IS_HTML"),
        (b"<!DOCTYPE html><html><title>Log in</title></html>", "E_FEED_LOGIN"),
        (
            b"<html><title>News</title><item><link>https://a.test/1</link></item></html>",
            "E_FEED_IS_HTML",
        ),
        (b"<html><head><title>x", "E_FEED_IS_HTML"),
        (b"not a feed at all", "E_FEED_MALFORMED"),
        (b'<rss version="2.0"><channel><title>x', "E_FEED_MALFORMED"),
        (b"<urlset><url><loc>https://a.test/</loc></url></urlset>", "E_FEED_MALFORMED"),
        (b'{"error": "no"}', "E_FEED_JSON"),
        (b'{"version": "https://jsonfeed.org/version/1", "items": 3}', "E_FEED_JSON"),
        (b"[1, 2]", "E_FEED_JSON"),
        (b"{" * 100_000, "E_FEED_MALFORMED"),
        (b'{"a":' + b"[" * 100_000, "E_FEED_MALFORMED"),
    ],
)
def test_documents_that_are_not_feeds(data: bytes, reason: str) -> None:
    with pytest.raises(FeedError) as caught:
        parse_feed(data)
    assert caught.value.reason == reason


def test_a_feed_without_items_is_a_feed() -> None:
    assert parse_feed(rss("")).entries == ()
    assert parse_feed(rss("", head="<itunes:subtitle>undeclared</itunes:subtitle>")).fault


def test_an_item_without_link_title_and_guid_is_read() -> None:
    first, second = parse_feed(
        rss(
            "<item><description>One</description></item><item><description>Two</description></item>"
        )
    ).entries
    assert (first.summary, first.url) == ("One", None)
    assert first.entry_id != second.entry_id
    assert parse_feed(rss("<item><category>x</category></item>")).entries == ()


def test_an_enclosure_is_not_the_entrys_link() -> None:
    atom = """<feed xmlns="http://www.w3.org/2005/Atom"><entry><link rel="alternate">https://a.test/1</link>
    <link rel="enclosure">https://a.test/1.mp3</link></entry></feed>"""
    assert parse_feed(atom.encode()).entries[0].url == "https://a.test/1"


def test_undeclared_entities_and_prefixes_and_controls_cost_no_item() -> None:
    document = rss(
        item("https://a.test/1", title="caf&eacute; &nbsp; x")
        + "<foo:bar>x</foo:bar>"
        + item("https://a.test/2", title="a\x0bb\x00c")
    )
    first, second = parse_feed(document).entries
    assert (first.title, second.title) == ("café x", "abc")


@pytest.mark.parametrize("coding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_wide_codings_without_a_mark_are_read_and_bounded(
    coding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "MAX_ITEMS", 2)
    items = "".join(item(f"https://a.test/{n}", title="Größe") for n in range(5))
    feed = parse_feed(rss(items).decode().replace("?>", ' encoding="utf-16"?>', 1).encode(coding))
    assert ([entry.title for entry in feed.entries], feed.dropped) == (["Größe"] * 2, 3)


def test_what_the_publisher_asks_for_is_read() -> None:
    head = (
        "<title>N</title><ttl>90</ttl><skipHours><hour>0</hour><hour> 24 "
        "</hour><hour>7</hour></skipHours>"
    )
    feed = parse_feed(
        rss(item(), head=head + "<skipDays><day>Sunday</day><day>Caturday</day></skipDays>")
    )
    assert (feed.requested_interval_s, feed.skip_times) == (5400, "0 7 Sunday")
    sy = (
        '<rss version="2.0" '
        'xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"><channel><sy:updatePeriod>daily'
    )
    sy += "</sy:updatePeriod><sy:updateFrequency>12</sy:updateFrequency><item><link>https://a.test/</link></item></channel></rss>"
    assert parse_feed(sy.encode()).requested_interval_s == 7200


def test_items_before_a_fault_are_kept() -> None:
    broken = (
        rss(item("https://a.test/1") + item("https://a.test/2"))[:-30] + b"<item><link>&bad & <"
    )
    feed = parse_feed(broken)
    assert [entry.url for entry in feed.entries][:1] == ["https://a.test/1"]
    assert feed.fault


def test_wrong_charset_and_utf16() -> None:
    document = rss(item(title="Größe")).decode()
    for data, kind in (
        (document.encode(), "text/xml; charset=iso-8859-99"),
        (document.replace("?>", ' encoding="utf-16"?>', 1).encode("utf-16"), None),
        (document.encode("latin-1"), "text/xml; charset=iso-8859-1"),
    ):
        assert parse_feed(data, content_type=kind).entries[0].title == "Größe"


def test_entity_bombs_and_files_are_harmless() -> None:
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    bomb = (
        f'<!DOCTYPE r [<!ENTITY l0 "lol"><!ENTITY x SYSTEM "file:///etc/passwd">{entities}]>'
    ).encode()
    started = time.process_time()
    feed = parse_feed(bomb + rss(item(title="&l11;&x;")).split(b"?>", 1)[1])
    assert "root:" not in str(feed)
    assert len(str(feed)) < 10_000
    assert time.process_time() - started < 2


def test_a_name_of_a_file_is_not_opened() -> None:
    with pytest.raises(FeedError):
        parse_feed(b"/etc/passwd")


def test_depth_costs_little() -> None:
    started = time.process_time()
    with pytest.raises(FeedError) as caught:
        parse_feed(rss("<a>" * 200_000))
    assert caught.value.reason == "E_FEED_TOO_DEEP"
    assert time.process_time() - started < 1


def test_too_many_items_are_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "MAX_ITEMS", 20)
    feed = parse_feed(rss("".join(item(f"https://a.test/{n}") for n in range(50))))
    assert (len(feed.entries), feed.dropped, feed.fault) == (20, 30, None)


def test_too_many_bytes_are_refused() -> None:
    with pytest.raises(FeedError) as caught:
        parse_feed(b" " * bounds.MAX_FEED_BYTES + b"<rss/>")
    assert caught.value.reason == "E_FEED_TOO_LARGE"


def test_json_form() -> None:
    feed = parse_feed(rss(item(title="One", pubDate="2022-10-11T08:00:00Z")), now=NOW)
    assert feed.to_json("a.xml") == {
        "id": "a.xml",
        "title": "News",
        "charset_guessed": False,
        "entries": [
            {
                "id": "https://a.test/1",
                "url": "https://a.test/1",
                "title": "One",
                "published_at": "2022-10-11T08:00:00Z",
                "author": None,
                "summary": None,
            }
        ],
    }


_PIECES = st.sampled_from(
    ["<rss>", "<channel>", "<item>", "</item>", "<link>", "https://a.test/1", "<![CDATA[", "]]>", "&amp;", "&", "<",
     ">", "<!DOCTYPE x [", ("<feed " "xmlns='http://www.w3.org/2005/Atom'>"), "<entry>", "<pubDate>", "Tue, 99 Foo 0000",
     "\x00", '{"version":"https://jsonfeed.org/version/1","items":[', "{}", "]}", ("<?xml version='1.0' " "encoding='x'?>")]
)  # fmt: skip


@given(
    st.one_of(
        st.lists(_PIECES, max_size=30).map(lambda parts: "".join(parts).encode()),
        st.binary(max_size=200),
    )
)
def test_only_feed_errors_come_out(data: bytes) -> None:
    try:
        feed = parse_feed(data, url="https://a.test/feed", content_type="text/xml", now=NOW)
    except FeedError:
        return
    for entry in feed.entries:
        assert entry.entry_id
        assert entry.published_at is None or entry.published_at <= NOW + timedelta(hours=48)


def numbered(part: str, count: int) -> str:
    return "".join(part.replace("#", str(n)) for n in range(count))


@pytest.mark.parametrize(
    "hostile",
    [
        "<x" + numbered(" a#='1'", 1_001) + "/>",
        f"<x{numbered(' a#', 900_000)}>",
        f"<x{numbered(' a#', 300)}/>" * 700,
        "<" * 9_000_000,
        "< " * 4_500_000,
        "<a " * 3_000_000,
        "<a " + "a" * 9_000_000,
        "<a " + "word " * 1_800_000,
        "<a b='" + "a" * 9_000_000 + "'>",
        "<" + "a" * 9_000_000,
        "<x y='>' " + numbered(" a#='1'", 1_001) + "/>",
        f"<x {'y=' * 30_000}" * 20,
    ],
    ids=[
        *("in a tag", "without values", "in all", "brackets", "brackets and spaces", "open tags"),
        *("an open tag", "an open tag of words", "a long value", "a long name", "behind a bracket"),
        "open tags in all",
    ],
)
def test_tags_and_attributes_are_bounded_before_they_are_parsed(hostile: str) -> None:
    started = time.process_time()
    with pytest.raises(FeedError) as caught:
        parse_feed(rss(item(title="One") + hostile))
    assert caught.value.reason == "E_FEED_TOO_COMPLEX"
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    "harmless",
    [
        "<x" + numbered(" a#='1'", 900) + "/>",
        f"<description><![CDATA[{'< ' * 200_000}]]></description>",
        f"<!-- <x{numbered(' a#', 2_000)}> -->",
        f"<x y='{'word ' * 2_000}'/>",
        "<description>3 < 4 and 5 < 6</description>",
    ],
    ids=["within the limit", "text", "comment", "value", "broken"],
)
def test_feeds_within_the_bounds_of_tags_are_read(harmless: str) -> None:
    assert [entry.title for entry in parse_feed(rss(item(title="One") + harmless)).entries][:1] == [
        "One"
    ]


def json_item(
    version: str = '"https://jsonfeed.org/version/1.1"', feed: str = "", **item: object
) -> str:
    entry = json.dumps({"id": "1", "url": "https://a.test/1", "title": "One", **item})
    return f'{{"version": {version}, "title": "T", {feed} "items": [{entry}]}}'


@pytest.mark.parametrize(
    ("document", "author"),
    [
        (json_item(authors={"name": "Ada Quill"}), "Ada Quill"),
        (json_item(authors=[{"name": "Ada Quill"}, {"name": "Ben Rook"}]), "Ada Quill, Ben Rook"),
        (json_item(authors=["Ada Quill", "Ben Rook"]), "Ada Quill, Ben Rook"),
        (json_item(authors="Ada Quill"), "Ada Quill"),
        (json_item(author={"name": "Ada Quill"}, authors=[]), "Ada Quill"),
        (json_item(author="Ada Quill", authors={"url": "https://a.test/ada"}), "Ada Quill"),
        (json_item(feed='"authors": [{"name": "Ada Quill"}],'), "Ada Quill"),
        (json_item(feed='"author": {"name": "Ben Rook"},', authors={"name": "Ada Quill"}), "Ada Quill"),
        (json_item(version='"1.1"', authors={"name": "Ada Quill"}), "Ada Quill"),
        (json_item(version="1.1", author={"name": "Ada Quill"}), "Ada Quill"),
        (json_item(version='"1"', authors=None), None),
        (json_item(authors=7), None),
    ],
    ids=range(12),
)  # fmt: skip
def test_authors_of_a_json_feed(document: str, author: str | None) -> None:
    (entry,) = parse_feed(document.encode()).entries
    assert (entry.url, entry.title, entry.author) == ("https://a.test/1", "One", author)


@pytest.mark.parametrize(
    "document",
    [
        '{"version": "1.1", "items": []}',
        '{"version": "1.1", "items": [{"id": 1, "price": 3}]}',
        '{"version": "1.0", "items": [{"url": "https://a.test/1"}]}',
        '{"version": "2.0", "items": [{"id": 1, "url": "https://a.test/1"}]}',
        '{"items": [{"id": 1, "url": "https://a.test/1"}]}',
    ],
)
def test_other_json_with_items_is_no_feed(document: str) -> None:
    with pytest.raises(FeedError) as caught:
        parse_feed(document.encode())
    assert caught.value.reason == "E_FEED_JSON"
