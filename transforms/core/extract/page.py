"""Which article is on a page?"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from lxml import html

from transforms.core.extract.body import own_blocks, read_body
from transforms.core.extract.captions import take_captions
from transforms.core.extract.html_document import decode, document_kind, parse
from transforms.core.extract.jsonld import Linked, read_linked
from transforms.core.extract.language import declared_language, detect_language
from transforms.core.extract.metadata import MAX_STANDFIRST_CHARS, Facts, read_facts, read_metas
from transforms.core.extract.named_elements import Named, read_names
from transforms.core.extract.new_article import check_size, new_article
from transforms.core.extract.page_dates import (
    Dated,
    Published,
    parse_stated,
    plausible,
    published,
    text_date,
    url_date,
)
from transforms.core.extract.page_kinds import SHORT_CHARS, WALLS, Seen, page_kind, shown_text
from transforms.core.extract.page_marks import read_marks
from transforms.core.extract.plain_text import article_from_text
from transforms.core.prose import tidy
from transforms.errors import ExtractError
from transforms.records import Article, Page, RemovedBlock


def extract_article(page: Page, *, now: datetime) -> Article:
    """Return the article of a page, or of a text that came without one; not yet cleaned of boilerplate.

    Raises ExtractError: E_EXTRACT_EMPTY (no article text), E_EXTRACT_NOT_HTML, E_EXTRACT_TOO_LARGE (over 10 MB,
    50,000 elements, or a million characters of text), E_EXTRACT_TOO_DEEP, E_EXTRACT_URL (the link is none).
    """
    if document_kind(page) == "text":
        text = decode(page.content, page.charset)
        return article_from_text(
            text, entry=page.entry, seen_at=page.fetched_at, now=now, fetch_id=page.fetch_id
        )
    tree = parse(page)
    metas = read_metas(tree)
    shown_title = tidy(" ".join(tree.xpath("//head/title/text()")[:1]))
    linked = read_linked(tree, shown_title)
    names = read_names(tree)
    facts = read_facts(tree, names, metas, linked, page.final_url)
    article = _described(page, facts, tree, now)
    return _with_body(article, page, facts, linked, tree, names, shown_title)


def read_page(page: Page) -> Article:
    """Return the article of a page as `extract_article` does, its dates checked against the time it was fetched."""
    return replace(extract_article(page, now=page.fetched_at), raw_uri=page.raw_uri)


def _described(page: Page, facts: Facts, tree: html.HtmlElement, now: datetime) -> Article:
    """Return the article as the page and the feed describe it, still without its text."""
    blank = new_article(
        page.entry,
        page_url=page.final_url,
        canonical=facts.canonical,
        seen_at=page.fetched_at,
        fetch_id=page.fetch_id,
    )
    date = published(_dates(page, facts, tree, now), now)
    return replace(
        blank,
        title=facts.title or (tidy(page.entry.title) or None if page.entry.title else None),
        standfirst=facts.standfirst or _summary(page),
        authors=facts.authors or ((tidy(page.entry.author),) if page.entry.author else ()),
        byline=facts.byline,
        published_at=date.at,
        published_precision=date.precision,
        published_basis=date.basis,
        modified_at=plausible(parse_stated(facts.modified), now),
        section=facts.section,
        tags=facts.tags,
        image_url=facts.image_url,
        flags=_with_feed_flag(date, page),
    )


def _with_feed_flag(date: Published, page: Page) -> tuple[str, ...]:
    """Return the flags of a date, with what became of the feed's own where that was asked for."""
    told = page.entry.date_flag if date.basis in {"feed", "url", "text", "first_seen"} else None
    return tuple(sorted({*date.flags, *([told] if told else [])}))


def _with_body(
    article: Article,
    page: Page,
    facts: Facts,
    linked: Linked,
    tree: html.HtmlElement,
    names: Sequence[Named],
    shown_title: str,
) -> Article:
    """Return the article with the text, captions and language of its page. Takes the tree apart."""
    declared = declared_language(tree)
    marks = read_marks(tree, names, linked, facts.section, page.final_url)
    captions = take_captions(tree, names)
    found = read_body(tree)
    blocks, removed = own_blocks(found, (facts.title, shown_title, *facts.headings), marks)
    check_size(blocks, page.final_url)
    body = "\n\n".join(blocks)
    shown = shown_text(tree) if len(body) < SHORT_CHARS else ""
    seen = Seen(
        titles=tuple(filter(None, (facts.title, shown_title, *facts.headings))),
        body=body,
        linked=linked,
        og_type=(facts.og_type or "").lower(),
        url=page.final_url,
        shown=shown,
        asks=found.asks,
    )
    kind = page_kind(seen, tree)
    if kind == "empty":
        raise ExtractError(
            f"the page {page.final_url[:300]!r} has no article text", reason="E_EXTRACT_EMPTY"
        )
    walled = kind in WALLS
    language, score = detect_language(None if walled else body, declared)
    return replace(
        article,
        body=None if walled else body or None,
        headings=()
        if walled
        else tuple(found.blocks[at] for at in sorted(found.headings) if found.blocks[at] in blocks),
        page_kind=kind,
        captions=() if walled else captions,
        removed=tuple(RemovedBlock(text=block, reason="wall", at=0) for block in blocks)
        if walled
        else removed,
        standfirst=next(
            (one.text for one in removed if one.reason == "standfirst"), article.standfirst
        ),
        language=language,
        language_score=score,
        flags=tuple(sorted({*article.flags, "truncated"})) if kind == "paywall" else article.flags,
    )


def _dates(
    page: Page, facts: Facts, tree: html.HtmlElement, now: datetime
) -> Iterator[tuple[str, Dated | None]]:
    """Yield what may be the publication time, surest first; what costs most only if nothing else would do."""
    linked, *metas = facts.published
    yield "jsonld", parse_stated(linked)
    for meta in metas:
        yield "meta", parse_stated(meta)
    if page.entry.published_at is not None:
        yield "feed", Dated(page.entry.published_at, "second")
    yield "url", url_date(page.final_url) or url_date(page.entry.url)
    yield "text", text_date(tree, page.final_url, now)


def _summary(page: Page) -> str | None:
    """Return the feed's summary of an article where it is plain text of a standfirst's length."""
    text = tidy(page.entry.summary or "")
    return text if 0 < len(text) <= MAX_STANDFIRST_CHARS and "<" not in text else None
