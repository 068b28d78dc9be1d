"""What a page shows between the first and the last block of its article is in the body or among
the removed blocks."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html

from tests.helpers.article_page import NOW, make_page
from transforms.core.clean.strip import load_rules, strip_boilerplate
from transforms.core.extract.page import extract_article
from transforms.core.extract.rendered_blocks import HIDDEN
from transforms.records import Article

TITLE = "Harbour town closes its bridge"
ABOVE = (
    "The council of the harbour town voted on Monday to close its old bridge for a whole year.",
    "Engineers had warned since spring that two of the piers were sinking into the river bed.",
)
BELOW = (
    "Ferries will carry workers from June on, and each of the four boats has room for sixty.",
    "The bridge was built in 1911 and last repaired in 1974, when a barge struck the pier.",
)
INSIDE = "The mayor told a crowd on the quay that the town could not have waited any longer."
# https://html.spec.whatwg.org/#elements-3, without those that are not in a body.
ELEMENTS = (
    *("a", "abbr", "address", "article", "aside", "b", "bdi", "bdo", "blockquote", "center"),
    *("cite", "code", "data", "dd", "del", "details", "dfn", "div", "dl", "dt", "em", "fieldset"),
    *("font", "footer", "form", "h2", "h3", "h4", "h5", "h6", "header", "hgroup", "i", "ins"),
    *("kbd", "label", "li", "main", "mark", "menu", "nav", "ol", "output", "p", "pre", "q", "s"),
    *("samp", "search", "section", "small", "span", "strong", "sub", "summary", "sup", "table"),
    *("td", "th", "time", "tr", "u", "ul", "var"),
)
# Parts of a page that are beside its text, whatever they contain.
BESIDE = {"aside", "nav", "footer", "form"}
_INNER = {
    "dl": "<dd>{}</dd>",
    "ul": "<li>{}</li>",
    "ol": "<li>{}</li>",
    "menu": "<li>{}</li>",
    "table": "<tr><td>{}</td></tr>",
    "details": "<summary>{}</summary>",
}
_OUTER = {
    "dd": "<dl>{}</dl>",
    "dt": "<dl>{}</dl>",
    "li": "<ul>{}</ul>",
    "td": "<table><tr>{}</tr></table>",
    "th": "<table><tr>{}</tr></table>",
    "tr": "<table>{}</table>",
    "summary": "<details>{}</details>",
}


def paragraphs(texts: tuple[str, ...], wrapper: str = "{}") -> str:
    return "".join(wrapper.format(f"<p>{text}</p>") for text in texts)


def read(body: str) -> Article:
    page = f"<html lang='en'><head><title>{TITLE}</title></head><body>{body}</body></html>"
    article = extract_article(make_page(page), now=NOW)
    return strip_boilerplate(article, load_rules(article.language))


def wrapped(tag: str, text: str) -> str:
    inner = f"<td>{text}</td>" if tag == "tr" else _INNER.get(tag, "{}").format(text)
    return _OUTER.get(tag, "{}").format(f"<{tag}>{inner}</{tag}>")


def words(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).casefold()


def assert_conserved(article: Article, body: str) -> None:
    """Assert that each text between the first and the last block is in the body or removed."""
    blocks = (article.body or "").split("\n\n")
    accounted = [words(text) for text in (*blocks, *(one.text for one in article.removed))]
    shown = [words(text) for text in html.fromstring(f"<div>{body}</div>").itertext()]
    shown = [text for text in shown if text]
    first = next(index for index, text in enumerate(shown) if words(blocks[0]).startswith(text))
    last = max(index for index, text in enumerate(shown) if words(blocks[-1]).endswith(text))
    lost = [text for text in shown[first : last + 1] if not any(text in one for one in accounted)]
    assert lost == []


@pytest.mark.parametrize("tag", ELEMENTS)
def test_a_paragraph_in_any_element_is_kept(tag: str) -> None:
    article = read(
        f"<main><h1>{TITLE}</h1>{paragraphs(ABOVE)}{wrapped(tag, INSIDE)}{paragraphs(BELOW)}</main>"
    )
    accounted = [article.body or "", *(block.text for block in article.removed)]
    assert any(INSIDE in text for text in accounted)
    if tag not in BESIDE:
        assert INSIDE in (article.body or "")


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (f"{paragraphs(ABOVE)}{INSIDE}{paragraphs(BELOW)}", INSIDE),
        (f"{paragraphs(ABOVE)}<p>“No.”</p>{paragraphs(BELOW)}", "“No.”"),
        (f"{paragraphs(ABOVE)}<div><ul><li>carts of farms</li></ul></div>{paragraphs(BELOW)}", "carts of farms"),
        (f"{paragraphs(ABOVE)}<h2>The vote</h2><h3>Who was for it</h3>{paragraphs(BELOW)}", "The vote"),
        (f"{paragraphs(ABOVE)}<p><a href='/q'>But has the region not turned the plan down twice?</a></p>{paragraphs(BELOW)}", "twice?"),
        (f"{paragraphs(ABOVE)}<table><tr><td>Monday</td><td><ul><li>9 to 12</li><li>13 to 17</li></ul></td></tr><tr><td>Sunday</td><td>closed</td></tr></table>{paragraphs(BELOW)}", "Monday | 9 to 12, 13 to 17"),
        (paragraphs(ABOVE, "<div class='box'><div class='t'>{}</div></div>") + "<div class='box'><div class='t'><ul><li>carts of farms</li><li>the school bus</li></ul></div></div>" + paragraphs(BELOW, "<div class='box'><div class='t'>{}</div></div>"), "the school bus"),
        (f"{paragraphs(ABOVE)}<dl><dt>When</dt><dd>From the first of June on</dd></dl>{paragraphs(BELOW)}", "From the first of June on"),
        (f"{paragraphs(ABOVE)}<center>* The toll is due in cash.</center>{paragraphs(BELOW)}", "The toll is due in cash."),
    ],
    ids=["loose", "dialogue", "nested-list", "two-headings", "question", "table", "slots", "terms", "center"],
)  # fmt: skip
def test_text_among_paragraphs_is_kept(body: str, text: str) -> None:
    page = f"<article><h1>{TITLE}</h1>{body}</article>"
    article = read(page)
    assert text in (article.body or "")
    assert_conserved(article, page)


@pytest.mark.parametrize(
    ("inside", "reason"),
    [
        ("<div class='newsletter-box'><p>Every morning the day's news, sent to your inbox.</p></div>", "newsletter"),
        ("<div class='x1'><div class='y2'><a href='/a'>Ferry sinks</a> <a href='/b'>Mayor resigns</a></div></div>", "related-links"),
        ("<figure><img src='b.jpg'><figcaption>The bridge at dusk</figcaption></figure>", "caption"),
    ],
    ids=["box", "links", "caption"],
)  # fmt: skip
def test_what_is_not_the_articles_is_removed_with_its_reason(inside: str, reason: str) -> None:
    page = f"<article><h1>{TITLE}</h1>{paragraphs(ABOVE)}{inside}{paragraphs(BELOW)}</article>"
    article = read(page)
    assert reason in {block.reason for block in article.removed}
    assert article.body == "\n\n".join((*ABOVE, *BELOW))
    assert_conserved(article, page)


def element_of(tags: list[str], text: str) -> str:
    for tag in tags:
        text = wrapped(tag, text)
    return text


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.lists(st.sampled_from(ELEMENTS), min_size=1, max_size=3),
            st.text(alphabet="abc de.?", min_size=1, max_size=60).filter(lambda text: text.strip()),
        ),
        max_size=6,
    )
)
def test_nothing_between_paragraphs_is_lost(parts: list[tuple[list[str], str]]) -> None:
    inside = "".join(element_of(tags, text) for tags, text in parts)
    page = f"<article><h1>{TITLE}</h1>{paragraphs(ABOVE)}{inside}{paragraphs(BELOW)}</article>"
    assert_conserved(read(page), page)


def test_elements_are_those_that_are_shown() -> None:
    assert not HIDDEN & set(ELEMENTS)
