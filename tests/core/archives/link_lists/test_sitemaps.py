import time
from datetime import UTC, date, datetime

import pytest

from transforms.core.archives.link_lists.documents import Kind, kind_of, unpack
from transforms.core.archives.link_lists.sitemaps import (
    BROKEN_OFF,
    SitemapFault,
    SitemapLink,
    last_day,
    published,
    read_sitemap,
)

NOW = datetime(2024, 5, 20, 12, tzinfo=UTC)
BASE = "https://news.test/sitemaps/a.xml"
NEWS = b"""<?xml version="1.0" encoding="UTF-8"?>
<?xml-stylesheet type="text/xsl" href="/main.xsl"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"
  xmlns:image="http://www.google.com/schemas/sitemap-image/1.1" xmlns:xhtml="http://www.w3.org/1999/xhtml"
  xmlns:video="http://www.google.com/schemas/sitemap-video/1.1">
 <url>
  <loc>https://news.test/a?id=1&amp;p=2</loc>
  <xhtml:link rel="alternate" hreflang="de" href="https://news.test/de/a"/>
  <lastmod>2024-05-18</lastmod>
  <image:image><image:loc>https://cdn.test/a.jpg</image:loc><image:title>A picture</image:title></image:image>
  <video:video><video:title>A film</video:title><video:publication_date>2001-01-01</video:publication_date>
  </video:video>
  <news:news>
   <news:publication><news:name>The News</news:name><news:language>en</news:language></news:publication>
   <news:publication_date>2024-05-17T22:30:00-04:00</news:publication_date>
   <news:title>Tom &amp;amp; Ann&#8217;s day</news:title>
  </news:news>
 </url>
 <!-- <url><loc>https://news.test/not-yet</loc></url> -->
 <url><loc>https://news.test/b</loc></url>
</urlset>"""


def links(data: bytes, url: str | None = BASE) -> list[SitemapLink]:
    return [one for one in read_sitemap(data, url=url, now=NOW) if isinstance(one, SitemapLink)]


def urls(data: bytes) -> list[str]:
    return [one.url for one in links(data)]


def faults(data: bytes, url: str | None = BASE) -> list[SitemapFault]:
    return [one for one in read_sitemap(data, url=url, now=NOW) if isinstance(one, SitemapFault)]


def test_a_news_sitemap_gives_title_time_and_language_of_its_article_only() -> None:
    first, second = links(NEWS)
    assert first == SitemapLink(
        url="https://news.test/a?id=1&p=2",
        last_day=date(2024, 5, 18),
        title="Tom & Ann\N{RIGHT SINGLE QUOTATION MARK}s day",
        published_at=datetime(2024, 5, 18, 2, 30, tzinfo=UTC),
        language="en",
    )
    assert second == SitemapLink(url="https://news.test/b")
    assert not faults(NEWS)


def test_an_index_names_sitemaps() -> None:
    index = b"<sitemapindex><sitemap><loc>2024-05.xml.gz</loc><lastmod>2024-05</lastmod></sitemap></sitemapindex>"
    assert links(index) == [
        SitemapLink(url="https://news.test/sitemaps/2024-05.xml.gz", last_day=date(2024, 5, 31))
    ]


@pytest.mark.parametrize(
    "data",
    [
        b"<urlset><url><loc>https://a.test/x?a=1&b=2</loc></url></urlset>",
        b"<urlset><url><loc>\n  https://a.test/x?a=1&amp;b=2\n  </loc></url></urlset>",
        b"<urlset><url><loc><![CDATA[https://a.test/x?a=1&b=2]]></loc></url></urlset>",
        (
            b"\xef\xbb\xbf\n\n <?xml "
            b"version='1.0'?><urlset><url><loc>https://a.test/x?a=1&amp;b=2</loc></url></urlset>"
        ),
        b"<sm:urlset><sm:url><sm:loc>https://a.test/x?a=1&amp;b=2</sm:loc></sm:url></sm:urlset>",
        b"<urlset xmlns='http://wrong.test/'><URL><Loc>//a.test/x?a=1&amp;b=2</Loc></URL></urlset>",
        b"<urlset><url><loc>https://a.test/x?a=1&amp;b=2</loc><news:news><news:title>\x0b&nbsp;\xff</news:title>"
        b"</news:news></url></urlset>",
        (
            "<?xml version='1.0' "
            "encoding='utf-16'?><urlset><url><loc>https://a.test/x?a=1&amp;b=2</loc></url></urlset>"
        ).encode("utf-16"),
    ],
)
def test_sloppy_sitemaps_are_read(data: bytes) -> None:
    data = unpack(data).content
    assert kind_of(data) is Kind.SITEMAP
    assert urls(data) == ["https://a.test/x?a=1&b=2"]
    assert not faults(data)


def test_other_codings_are_those_declared() -> None:
    data = (
        "<?xml version='1.0' "
        "encoding='windows-1251'?><urlset><url><loc>http://a.test/</loc><n:news><n:title>Мир"
    )
    assert links((data + "</n:title></n:news></url></urlset>").encode("cp1251"))[0].title == "Мир"


def test_a_coding_that_is_not_declared_is_found() -> None:
    title = "Городской совет одобрил строительство станции"
    data = (
        f"<urlset><url><loc>http://a.test/</loc><n:news><n:title>{title}</n:title></n:news></url>"
    )
    for codec in ("utf-8", "cp1251", "koi8-r"):
        assert links((data + "</urlset>").encode(codec))[0].title == title


def test_complete_entries_of_a_truncated_sitemap_are_kept() -> None:
    cut = NEWS[: NEWS.index(b"news.test/b") + 8]
    assert urls(cut) == ["https://news.test/a?id=1&p=2"], "the link that was cut is a wrong one"
    assert faults(cut) == [BROKEN_OFF]
    for end in range(0, len(NEWS), 13):
        assert set(urls(NEWS[:end])) <= set(urls(NEWS))


def test_an_open_tag_costs_no_other_link() -> None:
    data = (
        b"<urlset><url><loc>http://a.test/1</loc><t>A <b> "
        b"B</t></url><url><loc>http://a.test/2</loc></url></urlset>"
    )
    assert sorted(urls(data)) == ["http://a.test/1", "http://a.test/2"]
    assert len(faults(data)) == 1


def test_links_that_cannot_be_fetched_are_reported() -> None:
    data = b"<urlset><url><loc>ftp://a.test/1</loc></url><url><loc>/2</loc></url><url><loc>http://[/</loc></url></urlset>"
    assert [fault.url for fault in faults(data)] == ["ftp://a.test/1", "http://[/"]
    assert urls(data) == ["https://news.test/2"]
    assert len(faults(data, None)) == 3, "a file has no site that a relative link could belong to"


def test_an_empty_sitemap_is_not_an_error() -> None:
    for data in (
        b"<urlset/>",
        b"<urlset></urlset>",
        b'<?xml version="1.0"?><urlset xmlns="x:y" />',
    ):
        assert list(read_sitemap(data, url=BASE, now=NOW)) == []


def test_nothing_is_expanded_or_read_from_elsewhere(tmp_path: object) -> None:
    secret = f"{tmp_path}/secret"
    with open(secret, "w", encoding="utf-8") as file:
        file.write("https://a.test/secret")
    tail = "<urlset><url><loc>https://a.test/&e;</loc></url><url><loc>https://a.test/b</loc></url></urlset>"
    outer = (
        f"<!DOCTYPE urlset [<!ENTITY e SYSTEM 'file://{secret}'> <!ENTITY % p SYSTEM "
        f"'file://{secret}'> %p;]>{tail}"
    )
    assert kind_of(outer.encode()) is Kind.SITEMAP
    assert urls(outer.encode()) == ["https://a.test/&e;", "https://a.test/b"]
    laughs = "".join(f"<!ENTITY e{n} '{f'&e{n - 1};' * 10}'>" for n in range(1, 10))
    bomb = f"<!DOCTYPE urlset [<!ENTITY e0 'ha'>{laughs}]>{tail.replace('&e;', '&e9;')}"
    started = time.monotonic()
    assert urls(bomb.encode()) == ["https://a.test/&e9;", "https://a.test/b"]
    assert time.monotonic() - started < 2


def test_deep_and_wide_documents_end_soon() -> None:
    started = time.monotonic()
    deep = (
        b"<urlset><url><loc>http://a.test/1</loc></url>"
        + b"<a>" * 200_000
        + b"</a>" * 200_000
        + b"</urlset>"
    )
    assert urls(deep) == ["http://a.test/1"]
    assert "depth" in faults(deep)[0].message.lower()
    wide = (
        b"<urlset><url "
        + b" ".join(b'a%d=""' % n for n in range(100_000))
        + b"><loc>http://a.test/1</loc></url></urlset>"
    )
    assert len(urls(wide)) <= 1
    opened = b"<urlset>" + b"<![CDATA[" * 200_000 + b"&" * 200_000 + b"</urlset>"
    assert not urls(opened)
    assert time.monotonic() - started < 20


def test_more_links_than_the_protocol_allows_are_read() -> None:
    data = (
        b"<urlset>"
        + b"".join(b"<url><loc>http://a.test/%d</loc></url>" % n for n in range(50_010))
        + b"</urlset>"
    )
    assert len(urls(data)) == 50_010


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-05-17", datetime(2024, 5, 17, tzinfo=UTC)),
        ("2024-05-17T10:20Z", datetime(2024, 5, 17, 10, 20, tzinfo=UTC)),
        ("2024-05-17T10:20:30.450+02:00", datetime(2024, 5, 17, 8, 20, 30, tzinfo=UTC)),
        ("2024-05-17 10:20:30 +0200", datetime(2024, 5, 17, 8, 20, 30, tzinfo=UTC)),
        ("Fri, 17 May 2024 10:20:30 GMT", datetime(2024, 5, 17, 10, 20, 30, tzinfo=UTC)),
        ("2024-05", None),
        ("2024", None),
        ("soon", None),
        (None, None),
    ],
)
def test_times_of_publication(text: str | None, expected: datetime | None) -> None:
    assert published(text, NOW) == (expected, None)


def test_a_time_that_cannot_be_true_is_flagged() -> None:
    assert published("2024-07-01", NOW) == (NOW, "date_clamped")
    assert published("2124-07-01", NOW) == (None, "date_refused")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024", date(2024, 12, 31)),
        ("2024-02", date(2024, 2, 29)),
        ("2024-02-03", date(2024, 2, 3)),
        ("2024-02-03T23:00:00-05:00", date(2024, 2, 4)),
        ("2024-13", None),
        ("2024-02-30", None),
        ("20240", None),
        ("", None),
    ],
)
def test_a_date_known_less_well_may_mean_its_last_day(text: str, expected: date | None) -> None:
    assert last_day(text) == expected
