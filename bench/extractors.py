"""The extractors that are compared, each called as its manual recommends.

A function here returns an extractor and imports its library only then, since any of them may be
missing, and each is measured in a process that has not loaded the others.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

Extract = Callable[[bytes], str]
NOW = datetime(2024, 10, 18, tzinfo=UTC)
"""A fixed clock, so that two runs give the same texts."""
OURS = "newsbeam"
BASE = "trafilatura, metadata"


def newsbeam() -> Extract:
    """Return newsbeam as `newsbeam extract` runs it: body, metadata and cleaning, page by page.

    What newsbeam learns from a site's other pages is not used.
    """
    from transforms.core.clean.strip import load_rules, strip_boilerplate
    from transforms.core.extract.page import extract_article
    from transforms.errors import ExtractError
    from transforms.records import FeedEntry, Page

    entry = FeedEntry(url="http://file.invalid/page", url_key="page", first_seen_at=NOW)

    def extract(content: bytes) -> str:
        page = Page(
            entry=entry, final_url=entry.url, content_type=None, content=content, fetched_at=NOW
        )
        try:
            article = extract_article(page, now=NOW)
        except ExtractError:
            return ""
        return strip_boilerplate(article, load_rules(article.language)).body or ""

    return extract


def trafilatura(**options: Any) -> Extract:
    """Return trafilatura with options, without readers' comments."""
    from trafilatura import extract

    return lambda content: extract(content.decode(), include_comments=False, **options) or ""


def trafilatura_metadata() -> Extract:
    """Return trafilatura's default with metadata: the base of the CPU ratio."""
    from trafilatura import bare_extraction

    def extract(content: bytes) -> str:
        document = bare_extraction(content.decode(), with_metadata=True, include_comments=False)
        return (getattr(document, "text", None) or "") if document else ""

    return extract


def readability() -> Extract:
    """Return readability-lxml: the text of its HTML, one line per block."""
    document = import_module("readability").Document
    return lambda content: _text_of(document(content.decode()).summary())


def newspaper4k() -> Extract:
    """Return newspaper4k, given the HTML so that it does not fetch the page.

    Some languages need packages that it does not install; it raises on their pages.
    """
    article = import_module("newspaper").Article

    def extract(content: bytes) -> str:
        parsed = article("http://file.invalid/page", fetch_images=False)
        parsed.download(input_html=content.decode())
        parsed.parse()
        return str(parsed.text)

    return extract


def resiliparse() -> Extract:
    """Return resiliparse: its plain text of the main content."""
    plain = import_module("resiliparse.extract.html2text").extract_plain_text
    return lambda content: str(plain(content.decode(), main_content=True, alt_texts=False))


def goose3() -> Extract:
    """Return goose3."""
    goose = import_module("goose3").Goose()
    return lambda content: str(goose.extract(raw_html=content.decode()).cleaned_text)


def justext() -> Extract:
    """Return jusText with its English stop words."""
    module = import_module("justext")
    stop = module.get_stoplist("English")

    def extract(content: bytes) -> str:
        return "\n".join(
            p.text for p in module.justext(content.decode(), stop) if not p.is_boilerplate
        )

    return extract


def named(module: str) -> Extract:
    """Return the `extract` function of a module with trafilatura's interface."""
    extract = import_module(module).extract
    return lambda content: str(extract(content.decode()) or "")


def _text_of(summary: str) -> str:
    """Return the text of HTML, with a line break around each block element."""
    from lxml import html

    tree = html.fromstring(summary)
    for block in tree.iter(
        "p", "div", "li", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "tr", "td", "br"
    ):
        block.text, block.tail = f"\n{block.text or ''}", f"\n{block.tail or ''}"
    return str(tree.text_content())


EXTRACTORS: dict[str, Callable[[], Extract]] = {
    OURS: newsbeam,
    BASE: trafilatura_metadata,
    "trafilatura": trafilatura,
    "trafilatura fast": lambda: trafilatura(fast=True),
    "trafilatura precision": lambda: trafilatura(favor_precision=True),
    "trafilatura recall": lambda: trafilatura(favor_recall=True),
    "readability-lxml": readability,
    "newspaper4k": newspaper4k,
    "resiliparse": resiliparse,
    "goose3": goose3,
    "jusText": justext,
    "etrafilatura": lambda: named("etrafilatura"),
    "trafipy": lambda: named("trafipy"),
}
