"""Feeds and feed lists in the charsets of the world: read, flagged where guessed, else refused."""

import json

import pytest

from tests.helpers.printed_languages import PRINTED, Printed
from transforms.core.feeds.discover import feed_links
from transforms.core.feeds.document_faults import fault_of
from transforms.core.feeds.lists import parse_lines, parse_opml, parse_toml
from transforms.core.feeds.parse import parse_feed
from transforms.errors import ConfigError, FeedError

EACH = [
    pytest.param(printed, codec, id=f"{printed.language}-{codec}")
    for printed in PRINTED
    for codec in printed.codecs
]
WEB = {"cp932": "Shift_JIS", "cp949": "euc-kr", "gbk": "gb2312", "big5hkscs": "Big5"}


def rss(printed: Printed, codec: str, declaration: str = "", text: str | None = None) -> bytes:
    paragraphs = (text or printed.text).split("\n")
    items = "".join(
        f"<item><title>{paragraph}</title><link>https://news.test/{number}</link></item>"
        for number, paragraph in enumerate(paragraphs)
    )
    feed = f'<?xml version="1.0"{declaration}?><rss version="2.0"><channel><title>{printed.title}</title>'
    return f"{feed}{items}</channel></rss>".encode(codec)


def titles(data: bytes, content_type: str | None = None) -> list[str | None]:
    return [entry.title for entry in parse_feed(data, content_type=content_type).entries]


@pytest.mark.parametrize(("printed", "codec"), EACH)
def test_a_feed_that_names_no_charset_is_read_and_flagged(printed: Printed, codec: str) -> None:
    feed = parse_feed(rss(printed, codec))
    assert [entry.title for entry in feed.entries] == printed.text.split("\n")
    assert feed.title == printed.title
    assert feed.charset_guessed
    assert (fault_of(feed, is_cut=False) or "")[0] == "E_FEED_CHARSET_GUESSED"


@pytest.mark.parametrize(("printed", "codec"), EACH)
@pytest.mark.parametrize("content_type", [None, "text/xml; charset=iso-8859-1", "text/xml"])
def test_a_feed_that_names_a_wrong_charset_is_read(
    printed: Printed, codec: str, content_type: str | None
) -> None:
    data = rss(printed, codec, ' encoding="UTF-8"')
    assert titles(data, content_type) == printed.text.split("\n")


@pytest.mark.parametrize(("printed", "codec"), EACH)
def test_a_feed_that_names_its_charset_has_no_flag(printed: Printed, codec: str) -> None:
    label = WEB.get(codec, codec.replace("iso8859_", "iso-8859-").replace("_", "-"))
    label = label.replace("iso2022-jp", "iso-2022-jp").replace("cp874", "windows-874")
    feed = parse_feed(rss(printed, codec, f" encoding='{label}'"))
    assert [entry.title for entry in feed.entries] == printed.text.split("\n")
    assert not feed.charset_guessed


@pytest.mark.parametrize("label", ["Shift_JIS", "x-sjis", "windows-31j", "utf8mb4", "no-such"])
def test_letters_of_vendors_turn_no_feed_into_another_script(label: str) -> None:
    printed = next(item for item in PRINTED if item.language == "ja")
    text = "①石橋の再建を可決\n㈱橋の会、㌔当たり五億円\nⅢ期工事～髙橋市長"
    data = rss(printed, "cp932", f' encoding="{label}"', text)
    assert titles(data) == text.split("\n")


@pytest.mark.parametrize(("printed", "codec"), EACH)
def test_one_odd_byte_damages_one_title(printed: Printed, codec: str) -> None:
    if codec == "iso2022_jp":
        pytest.skip("has no bytes from 128")
    data = rss(printed, codec).replace(b"</title></channel>", b"\xff</title></channel>", 1)
    at = data.index(b"</title><link>")
    found = titles(data[:at] + b"\xff" + data[at:])
    assert found[1:] == printed.text.split("\n")[1:]


@pytest.mark.parametrize("label", ["utf-8", "iso-8859-1", "gb2312", "koi8-r"])
@pytest.mark.parametrize("printed", PRINTED, ids=lambda printed: f"{printed.language}-utf8")
def test_a_feed_in_utf8_is_read_whatever_it_says(printed: Printed, label: str) -> None:
    feed = parse_feed(rss(printed, "utf-8", f' encoding="{label}"'))
    assert [entry.title for entry in feed.entries] == printed.text.split("\n")
    assert not feed.charset_guessed


def test_the_head_of_an_article_in_a_feed_is_not_the_feeds_own() -> None:
    page = "<![CDATA[<html><head><meta charset='koi8-r'></head>Größe, Maße, Füße]]>"
    data = f"<rss version='2.0'><channel><item><title>Äpfel und Öl</title><description>{page}"
    data += "</description><link>https://news.test/1</link></item></channel></rss>"
    entry = parse_feed(data.encode("cp1252")).entries[0]
    assert (entry.title, entry.summary) == ("Äpfel und Öl", "Größe, Maße, Füße")


def test_titles_keep_their_joiners_and_lose_soft_hyphens() -> None:
    item = "<item><title>می\u200cگویند Donau\u00addampf</title><link>http://a.test/</link></item>"
    data = f"<rss version='2.0'><channel>{item}</channel></rss>".encode()
    assert titles(data) == ["می\u200cگویند Donaudampf"]


def test_references_to_control_characters_are_the_quotes_of_windows() -> None:
    item = "<item><title>The mayor&#146;s &#147;no&#148; &#150; again</title><link>http://a.test/</link></item>"
    data = f"<rss version='2.0'><channel>{item}</channel></rss>".encode()
    assert titles(data) == ["The mayor’s “no” – again"]


@pytest.mark.parametrize("codec", ["cp1251", "utf-8", "utf-16", "utf-8-sig"])
def test_json_feeds_are_read_alike(codec: str) -> None:
    items = [{"id": "1", "url": "https://news.test/1", "title": "Городской совет одобрил"}]
    version = "https://jsonfeed.org/version/1.1"
    document = json.dumps({"version": version, "items": items}, ensure_ascii=False)
    feed = parse_feed(document.encode(codec))
    assert feed.entries[0].title == "Городской совет одобрил"
    assert feed.charset_guessed == (codec == "cp1251")


@pytest.mark.parametrize("codec", ["cp852", "cp850"])
def test_a_feed_in_no_charset_of_the_web_is_refused(codec: str) -> None:
    printed = next(item for item in PRINTED if item.language == "de")
    with pytest.raises(FeedError, match="charset") as caught:
        parse_feed(rss(printed, codec))
    assert caught.value.reason == "E_FEED_CHARSET"


@pytest.mark.parametrize(("printed", "codec"), EACH)
def test_feed_lists_are_read_alike(printed: Printed, codec: str) -> None:
    title = printed.text.split("\n")[0][:90].strip()
    outline = f'<outline text="{title}" xmlUrl="https://news.test/rss"/>'
    opml = f"<opml><body>{outline}</body></opml>"
    toml = f'[[feed]]\nurl = "https://news.test/rss"\ntitle = "{title}"\n'
    lines = f"# {title}\nhttps://news.test/rss\n"
    assert parse_opml(opml.encode(codec)).feeds[0].title == title
    assert parse_toml(toml.encode(codec)).feeds[0].title == title
    assert [feed.feed_url for feed in parse_lines(lines.encode(codec)).feeds] == [
        "https://news.test/rss"
    ]


def test_a_feed_list_in_no_charset_is_refused() -> None:
    noise = "Größe für Ärzte und Brücken".encode("cp850")
    with pytest.raises(ConfigError, match="charset"):
        parse_opml(b"<opml><body><outline text='" + noise + b"'/></body></opml>")


def test_the_titles_of_the_feeds_that_a_page_names_are_read() -> None:
    link = "<link rel=alternate type='application/rss+xml' href=/rss title='Новости города'>"
    page = f"<html><head>{link}<title>Городской совет одобрил станцию</title></head>"
    found = feed_links(page.encode("cp1251"), "https://news.test/")
    assert [one.title for one in found] == ["Новости города"]
