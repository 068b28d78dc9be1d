"""The date that a page displays is read where it declares none, and is no part of the text."""

from datetime import UTC, datetime

import pytest

from transforms.core.extract.page import extract_article
from transforms.records import Article, FeedEntry, Page

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
TEXT = "".join(
    f"<p>The council of the harbour town voted on its bridge for the {n}th time, and on its road.</p>"
    for n in range(4, 9)
)


def read(
    above: str = "",
    below: str = "",
    after: str = "",
    head: str = "",
    lang: str = "en-GB",
    url: str = "http://post.test/bridge",
) -> Article:
    content = (
        f"<html lang='{lang}'><head><meta charset='utf-8'><title>The bridge of the town</title>{head}</head>"
        f"<body><article>{above}<h1>The bridge of the town</h1>{below}{TEXT}{after}</article></body></html>"
    )
    entry = FeedEntry(url=url, url_key="1" * 32, first_seen_at=NOW)
    page = Page(
        entry=entry,
        final_url=url,
        content_type="text/html",
        content=content.encode(),
        fetched_at=NOW,
    )
    return extract_article(page, now=NOW)


def published(article: Article) -> str:
    day = f"{article.published_at:%Y-%m-%d %H:%M}" if article.published_at else "none"
    return f"{day} {article.published_basis}"


@pytest.mark.parametrize(
    ("line", "lang", "time"),
    [
        ("<span class='date'>2 كانون الأول 2025</span>", "ar", "2025-12-02 00:00"),
        ("<div>۱۱ آذر ۱۴۰۴ - ۱۴:۳۰</div>", "fa", "2025-12-02 14:30"),
        ("<p>Dienstag, 2. Dezember 2025, 09:12 Uhr</p>", "de", "2025-12-02 09:12"),
        ("<p>Von Ada Quill | 02.12.2025</p>", "de", "2025-12-02 00:00"),
        ("<div>2025年12月2日 9時12分</div>", "ja", "2025-12-02 09:12"),
        ("<li>Опубликовано: 2 декабря 2025 г., 09:12 МСК</li>", "ru", "2025-12-02 06:12"),
        ("<div>২ ডিসেম্বর ২০২৫</div>", "bn", "2025-12-02 00:00"),
        ("<p>12/2/2025</p>", "en-US", "2025-12-02 00:00"),
        ("<p>2/12/2025</p>", "en-GB", "2025-12-02 00:00"),
        ("<a href='/2025/12/'>Dec 2, 2025</a> by <a href='/ada'>Ada</a>", "en", "2025-12-02 00:00"),
        ("<p>Published</p><p>2 December 2025</p>", "en", "2025-12-02 00:00"),
    ],
)
def test_date_line_below_the_headline(line: str, lang: str, time: str) -> None:
    assert published(read(below=line, lang=lang)) == f"{time} printed"
    assert published(read(above=line, lang=lang)) == f"{time} printed"


@pytest.mark.parametrize(
    "line",
    [
        "<p>Published 2 December 2025 | Updated 4 December 2025</p>",
        "<p>Zuletzt aktualisiert: 04.12.2025</p><p>Erstellt: 02.12.2025</p>",
        "<time itemprop='dateModified' datetime='2025-12-04T18:40:12+01:00'>02/12/2025 | "
        "Actualizado a 04/12/2025 18:40</time>",
        "<time class='updated' datetime='2025-12-04'>4 Dec</time> <time datetime='2025-12-02'>2 Dec</time>",
        "<p>Updated: <time datetime='2025-12-04'>4 Dec</time></p><p>2 December 2025</p>",
        "<p>2 dicembre 2025 (aggiornato il 4 dicembre 2025)</p>",
        "<div>2025-12-02 00:00 发布 2025-12-04 00:00 更新</div>",
    ],
)
def test_of_two_stamps_the_publication_is_the_publication(line: str) -> None:
    article = read(below=line)

    assert published(article).startswith("2025-12-02 ")
    assert f"{article.modified_at:%Y-%m-%d}" == "2025-12-04"


def test_a_change_alone_is_a_guess_of_the_publication() -> None:
    article = read(below="<p>Updated on 4 December 2025</p>")

    assert published(article) == "2025-12-04 00:00 modified"
    assert article.flags == ("date_guessed",)
    # It gives way to any other sign, as the URL.
    other = read(
        below="<p>Updated on 4 December 2025</p>", url="http://post.test/2025/12/02/bridge"
    )
    assert published(other) == "2025-12-02 00:00 url"


def test_time_element_states_more_than_it_shows() -> None:
    article = read(
        below="<p>By Ada, <time datetime='2025-12-02T09:12:00+01:00'>a month ago</time></p>"
    )

    assert published(article) == "2025-12-02 08:12 time"


def test_labelled_date_below_the_text() -> None:
    assert published(read(after="<p>Posted on 2 December 2025</p>")) == "2025-12-02 00:00 printed"
    named = "<p class='postmetadata'>2. Dezember 2025 um 09:43 | Rezepte | 6 Kommentare</p>"
    assert published(read(after=named, lang="de")) == "2025-12-02 09:43 printed"
    changed = "<p>Page last modified Dec. 2, 2025</p>"
    assert published(read(after=changed)) == "2025-12-02 00:00 modified"
    assert published(read(after="<p>2 December 2025</p>")) == "none first_seen"


@pytest.mark.parametrize(
    "start",
    ["TARNHOLM, 2 December 2025 –", "2.12.2025 -", "(2 Dec 2025)", "Tarnholm | 2 Dec 2025 |"],
)
def test_dateline_of_the_first_paragraph(start: str) -> None:
    text = "The council of the harbour town has voted on its bridge, after ten years of talks."

    assert published(read(below=f"<p>{start} {text}</p>")) == "2025-12-02 00:00 printed"
    sentence = f"<p>On 2 December 2025 the council met – not in the old town hall. {text}</p>"
    assert published(read(below=sentence)) == "none first_seen"


def test_label_without_a_kind_is_no_publication() -> None:
    head = META.format("2025-12-20T10:00:00Z")
    changed = "<meta property='article:modified_time' content='2025-12-27T10:00:00Z'>"
    line = "<p>Date: 2 December 2025</p>"
    hall = "<p>Town hall, date: 2 December 2025</p>"

    assert published(read(head=head + changed, below=hall)).startswith("2025-12-20")
    assert published(read(below=line)) == "2025-12-02 00:00 printed"


@pytest.mark.parametrize(
    "line",
    [
        # Another's text, the site's own line, a sentence, a day without a year, an order unknown.
        "<blockquote>— Ada Quill (@ada) 2 December 2025</blockquote>",
        "<figure><figcaption>The bridge on 2 December 2025</figcaption></figure>",
        "<nav>2 December 2025</nav>",
        "<p>The town had shut the old bridge to all cars on 2 December 2025, after ten years of talks.</p>",
        "<p>2 December</p>",
        "<p>31/12/2999</p>",
    ],
)
def test_what_is_no_date_of_the_article(line: str) -> None:
    assert published(read(below=line)) == "none first_seen"


def test_order_of_day_and_month_by_the_pages_other_dates_and_the_url() -> None:
    mixed = read(below="<p>03/04/2025</p>", after="<p>13/04/2025</p>", lang="en")
    by_url = read(below="<p>03/04/2025</p>", lang="en", url="http://post.test/2025/04/03/a")
    future = read(below="<p>03/09/2026</p>", lang="en-GB")
    unknown = read(below="<p>03/04/2025</p>", lang="en")

    assert published(mixed) == "2025-04-03 00:00 printed"
    assert published(by_url) == "2025-04-03 00:00 url"
    assert published(future) == "none first_seen"
    assert (published(unknown), unknown.flags) == ("2025-03-04 00:00 printed", ("date_guessed",))


META = "<meta property='article:published_time' content='{}'>"


def test_displayed_date_counts_if_a_later_one_is_declared_and_nothing_confirms_that() -> None:
    head = META.format("2025-12-20T10:00:00Z")
    line = "<p>2 December 2025</p>"
    changed = "<meta property='article:modified_time' content='{}'>"

    assert published(read(head=head, below=line)).startswith("2025-12-02")
    same = head + changed.format("2025-12-20T10:00:00Z")
    assert published(read(head=same, below=line)).startswith("2025-12-02")
    # Beside other words, a later change shows that the declared time is no change; a URL confirms
    # it; many words tell of an event; a day may be that of another zone.
    later = head + changed.format("2025-12-27T10:00:00Z")
    assert published(read(head=later, below=line)).startswith("2025-12-02")
    words = "<p>In the town hall, 2 December 2025</p>"
    assert published(read(head=later, below=words)).startswith("2025-12-20")
    url = "http://post.test/2025/12/20/bridge"
    assert published(read(head=head, below=line, url=url)).startswith("2025-12-20")
    event = "<p>Where the council of the town will meet its guests again: 2 December 2025</p>"
    assert published(read(head=head, below=event)).startswith("2025-12-20")
    near = "<p>19 December 2025</p>"
    assert published(read(head=head, below=near)).startswith("2025-12-20")


@pytest.mark.parametrize(
    ("name", "content", "day"),
    [
        ("w-published-date", "2025-12-02T06:03:43.274Z", "2025-12-02"),
        ("published", "December 2, 2025", "2025-12-02"),
        ("publishDateTime", "20251202", "2025-12-02"),
        ("page_created_at", "1764633600", "2025-12-02"),
        ("last-publication-date-update", "2025-12-02", "none"),
        ("publisher", "2025-12-02", "none"),
    ],
)
def test_meta_elements_that_say_when(name: str, content: str, day: str) -> None:
    article = read(head=f"<meta name='{name}' content='{content}'>")

    assert published(article).startswith(day)


@pytest.mark.parametrize(
    "node",
    [
        '{"@type": "WebPage", "datePublished": "2025-12-02"}',
        '{"@graph": [{"@type": "Person"}, {"@type": "Recipe", "datePublished": "2025-12-02"}]}',
    ],
)
def test_page_of_the_article_has_its_date_in_jsonld(node: str) -> None:
    script = f"<script type='application/ld+json'>{node}</script>"

    assert published(read(head=script)) == "2025-12-02 00:00 jsonld"
    meta = f"<meta name='script:ld+json' content='{node}'>"
    assert published(read(head=meta)) == "2025-12-02 00:00 jsonld"
    comment = script.replace("WebPage", "Comment").replace("Recipe", "ImageObject")
    assert published(read(head=comment)) == "none first_seen"


@pytest.mark.parametrize(
    ("where", "line"),
    [
        ("below", "2 كانون الأول 2025"),
        ("below", "Dienstag, 02.12.2025, 09:12 Uhr"),
        ("below", "Mis à jour le 2 décembre 2025 à 09h12"),
        ("below", "Oppdatert 2. desember 2025 kl. 14.30"),
        ("below", "2 ธันวาคม 2568 เวลา 09:12 น."),
        ("after", "Stand: 02.12.2025"),
        ("after", "Pubblicato il 2 dicembre 2025"),
        ("after", "2 December 2025"),
    ],
)
def test_date_line_leaves_the_text(where: str, line: str) -> None:
    article = read(**{where: f"<p>{line}</p>"})

    assert line not in (article.body or "")
    assert [block.text for block in article.removed if block.reason == "date"] == [line]


def test_dates_of_entries_and_sentences_stay() -> None:
    entry = "<h2>3 December 2025</h2><p>Nobody came to the bridge, and the council met without its guests.</p>"
    sentence = (
        "<p>On 2 December 2025 nobody came to the bridge, and the council met without guests.</p>"
    )
    article = read(below=sentence, after=f"<h2>2 December 2025</h2>{TEXT}{entry}")

    for text in ("On 2 December 2025", "\n\n2 December 2025\n\n", "\n\n3 December 2025\n\n"):
        assert text in (article.body or "")
