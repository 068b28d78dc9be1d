"""Odd encodings, broken characters and vast pages give storable text in bounded time."""

import time
from contextlib import suppress
from dataclasses import replace

import pytest

from tests.helpers.article_page import HEAD, NOW, PROSE, make_html, make_page
from transforms.core.extract.page import extract_article
from transforms.errors import ExtractError
from transforms.records import Article

RUSSIAN = (
    "Совет портового города решил закрыть старый мост на год, потому что опоры уходят в речной ил."
)
JAPANESE = "港町の議会は月曜日、古い橋を一年間閉鎖することを決めた。橋脚が川底の泥に沈みつつあるためだという。"
CHINESE = (
    "港口小镇的议会星期一决定关闭老桥一年，因为桥墩正在陷入河床的淤泥之中，渡轮将从六月开始运行。"
)


def document(text: str, charset: str | None) -> str:
    meta = f'<meta charset="{charset}">' if charset else ""
    body = f"<article>{f'<p>{text}</p>' * 3}</article>"
    return f"<html><head>{meta}<title>{text[:20]}</title></head><body>{body}</body></html>"


def storable(article: Article) -> bool:
    """Return whether every text of the article is UTF-8 without control characters."""
    texts = [
        article.title,
        article.standfirst,
        article.byline,
        article.body,
        article.section,
        article.image_url,
    ]
    texts += [
        *article.authors,
        *article.tags,
        *article.captions,
        *(one.text for one in article.removed),
    ]
    for text in filter(None, texts):
        text.encode("utf-8")
        if any((ord(char) < 32 and char != "\n") or ord(char) == 127 for char in text):
            return False
    return True


@pytest.mark.parametrize(
    ("text", "codec", "meta", "header"),
    [
        (RUSSIAN, "cp1251", "windows-1251", None),
        (RUSSIAN, "cp1251", None, "windows-1251"),
        (RUSSIAN, "utf-8", "windows-1251", "utf-8"),
        (RUSSIAN, "koi8-r", "koi8-r", "koi8-r"),
        (JAPANESE, "shift_jis", "shift_jis", None),
        (JAPANESE, "shift_jis", "Shift_JIS", "no-such-charset"),
        (JAPANESE, "euc_jp", "euc-jp", None),
        (CHINESE, "gb2312", "gb2312", None),
        (CHINESE, "gb18030", None, "gb2312"),
        (CHINESE, "utf-8-sig", "gb2312", "gb2312"),
        (CHINESE, "utf-16", None, "utf-8"),
    ],
)
def test_charset_of_header_meta_and_mark(
    text: str, codec: str, meta: str | None, header: str | None
) -> None:
    page = make_page(document(text, meta).encode(codec))
    article = extract_article(replace(page, charset=header), now=NOW)

    assert text in (article.body or "")


HOSTILE = (
    "\ud800 \x00 \x08 \x1b[2J \ufffe \uffff &#0; &#xD800; &#xDFFF; &#8; &#x1F; \u2028 \x7f &#127;"
)


def test_what_cannot_be_stored_never_reaches_the_article() -> None:
    head = (
        HEAD.replace("Jane Roe", "Jane \\ud83d Roe\\u0000")
        .replace("Region", "Re\\udfffgion")
        .replace("The Ex", HOSTILE)
    )
    body = (
        f'<p class="byline">By Jane {HOSTILE} Roe</p><figure><img><figcaption>'
        f"A {HOSTILE} pier</figcaption></figure>"
    )
    content = make_html(body + PROSE.replace("mayor", f"may{HOSTILE}or"), head).encode(
        "utf-8", "surrogatepass"
    )

    assert storable(extract_article(make_page(content), now=NOW))


def test_a_bare_text_is_storable_too() -> None:
    content = (
        f"A title {HOSTILE} here\n\nA first {HOSTILE} sentence that the clerk read out on Monday."
    ).encode("utf-8", "surrogatepass")
    assert storable(extract_article(make_page(content, "text/plain"), now=NOW))


def test_comments_are_not_text() -> None:
    body = (
        "<!-- <p>Hidden words of the printer.</p> --><!--[if IE]><p>Old browser</p><![endif]-->"
        + PROSE
    )
    text = extract_article(make_page(make_html(body)), now=NOW).body or ""

    assert "Hidden words" not in text
    assert "Old browser" not in text


@pytest.mark.parametrize(
    "body",
    [
        "".join(f"<p>Line {index} of it.</p>" for index in range(30_000)),
        "<div>"
        + "".join(f"<a href='/{index}'>Link {index}</a> " for index in range(20_000))
        + "</div>",
        "".join(f"<span class='caption'>Line {index}</span>" for index in range(20_000))
        + "<img src='a'>",
        "<p>" + "".join(f"<span>Boat {index} sails. </span>" for index in range(24_000)) + "</p>",
        "<p>"
        + "".join(f"<sup><a href='#{index}'>{index}</a></sup> boats " for index in range(12_000))
        + "</p>",
        "<p>"
        + "".join(f"<a href='/{index}'>Boat {index}</a> sails. " for index in range(12_000))
        + "</p>",
        "<p class='dek'>" * 240 + "word " * 50_000,
        "<table>" + "<tr><td>1<td>2<td>3</tr>" * 10_000 + "</table>",
    ],
    ids=["paragraphs", "links", "captions", "spans", "notes", "line of links", "nested", "table"],
)
def test_vast_pages_take_bounded_time(body: str) -> None:
    started = time.process_time()
    with suppress(ExtractError):
        extract_article(make_page(make_html(body)), now=NOW)
    assert time.process_time() - started < 20


@pytest.mark.parametrize("count", [3, 600])
def test_crowded_line_keeps_its_words(count: int) -> None:
    markup = " ".join(f"<span>boat</span> <b>{index}</b>" for index in range(count))
    body = (
        extract_article(
            make_page(make_html(f"<p>On the quay: {markup} sail.</p>{PROSE}")), now=NOW
        ).body
        or ""
    )
    words = " ".join(f"boat {index}" for index in range(count))
    assert f"On the quay: {words} sail." in body


@pytest.mark.parametrize(
    "body",
    [
        "<p>The first of many.</p>"
        + "<blockquote>" * 200
        + "<p>The council voted to close bridge {}.</p>" * 5_000,
        (
            "<article><h2><a href='/x'>A</a></h2><p>"
            "The council voted on Monday to close bridge {}.</p></article>"
        )
        * 5_000,
        "<a href='/author/x'>nobody {}</a>" * 20_000,
    ],
)
def test_blocks_are_placed_in_bounded_time(body: str) -> None:
    started = time.process_time()
    with suppress(ExtractError):
        extract_article(make_page(f"<html><body><article>{body}</article></body></html>"), now=NOW)
    assert time.process_time() - started < 15


MANY = " ".join(f"a{n}={n}" for n in range(1_001))


@pytest.mark.parametrize(
    "body",
    [
        f"<p {MANY}>x</p>",
        f"<p {MANY}",
        f"<textarea><!-- </textarea><p {MANY}>-->",
        "<p " + " ".join(f"a{n}" for n in range(1_000_000)) + ">x</p>",
        "<p " + "".join(f"a{n}='{n}'" for n in range(100_000)) + ">x</p>",
        ("<b " + " ".join(f"a{n}" for n in range(900)) + "></b>") * 230,
    ],
    ids=["in a tag", "not closed", "behind a text", "a million", "without space", "in all"],
)
def test_too_many_attributes_are_refused_before_the_page_is_parsed(body: str) -> None:
    started = time.process_time()
    with pytest.raises(ExtractError, match="attributes") as refused:
        extract_article(make_page(make_html(PROSE + body)), now=NOW)
    assert refused.value.reason == "E_EXTRACT_TOO_LARGE"
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    "body",
    [
        f"<p {' '.join(f'a{n}={n}' for n in range(900))}>x</p>",
        f"<script>if (a <b) {{ {MANY} }}</script>",
        f"<!-- <p {MANY}> -->",
        f"<p title='{MANY}'>x</p>",
    ],
    ids=["within the limit", "script", "comment", "value"],
)
def test_what_is_within_the_limit_of_attributes_is_read(body: str) -> None:
    assert extract_article(make_page(make_html(PROSE + body)), now=NOW).body
