"""Extract the article of a page."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from lxml import html

from transforms.core.clean.names import split_authors
from transforms.core.dates.parsed_time import Place
from transforms.core.dates.place import place_of
from transforms.core.extract.body import Body, read_body
from transforms.core.extract.captions import find_captions
from transforms.core.extract.dialogs import Dialog, remove_dialogs
from transforms.core.extract.foreign_blocks import remove_foreign_blocks
from transforms.core.extract.hidden_text import (
    find_hidden_text,
    is_hidden_article,
    shows_article,
)
from transforms.core.extract.html_document import decode_page, document_kind, parse
from transforms.core.extract.jsonld import JsonLd, read_jsonld
from transforms.core.extract.language import declared_language, detect_language
from transforms.core.extract.metadata import (
    MAX_STANDFIRST_CHARS,
    PageMetadata,
    read_metadata,
    read_metas,
)
from transforms.core.extract.named_elements import NamedElement, named_elements
from transforms.core.extract.new_article import MAX_MESSAGE_URL_CHARS, check_size, new_article
from transforms.core.extract.page_dates import article_times
from transforms.core.extract.page_kinds import (
    SHORT_CHARS,
    WALLS,
    PageContent,
    is_paid,
    page_kind,
    visible_text,
)
from transforms.core.extract.page_labels import PageLabels, read_labels
from transforms.core.extract.plain_text import article_from_text
from transforms.core.extract.printed_dates import MAX_LABEL_CHARS, PageTimes, displayed_times
from transforms.core.extract.rendered_blocks import Rendered, RenderedBlock, render
from transforms.core.extract.walls import asks_to_pay
from transforms.core.prose import tidy
from transforms.errors import ExtractError
from transforms.records import Article, Page, RemovedBlock

# The page's own times come from its newsroom; the feed's flag describes the feed's time, or one
# that is used instead of it.
_BASES_WITH_FEED_FLAG = frozenset({"feed", "url", "printed", "first_seen"})


def extract_article(page: Page, *, now: datetime) -> Article:
    """Return the article of a page, or of a bare text, before boilerplate is removed from it.

    Raises ExtractError: E_EXTRACT_EMPTY (no article text), E_EXTRACT_NOT_HTML, E_EXTRACT_TOO_LARGE
    (over 10 MB, 50,000 elements, or a million characters of text), E_EXTRACT_TOO_DEEP,
    E_EXTRACT_CHARSET (no charset makes a text of it), E_EXTRACT_URL (no link identifies it).
    """
    kind = document_kind(page)
    decoded = decode_page(page)
    if kind == "text":
        article = article_from_text(
            decoded.text, entry=page.entry, seen_at=page.fetched_at, now=now, fetch_id=page.fetch_id
        )
    else:
        parsed = _parse(page, decoded.text)
        article = _with_text(_from_metadata(parsed), parsed, now)
    return _flagged(article, "charset_guessed") if decoded.is_guessed else article


def read_page(page: Page) -> Article:
    """Return the article as `extract_article` does, its dates checked against the fetch time."""
    return replace(extract_article(page, now=page.fetched_at), raw_uri=page.raw_uri)


@dataclass(frozen=True, slots=True, kw_only=True)
class _ParsedPage:
    """A page with its tree and what was read from it; `head_title` is the text of its title."""

    page: Page
    tree: html.HtmlElement
    head_title: str
    jsonld: JsonLd
    names: Sequence[NamedElement]
    metadata: PageMetadata
    dialogs: Sequence[Dialog]
    scripts: Sequence[html.HtmlElement]

    @property
    def titles(self) -> tuple[str | None, ...]:
        """The headline, and other texts that may repeat it."""
        return (self.metadata.title, self.head_title, *self.metadata.headings)


def _parse(page: Page, text: str) -> _ParsedPage:
    tree = parse(page, text)
    dialogs = remove_dialogs(tree)
    metas = read_metas(tree)
    head_title = tidy(" ".join(tree.xpath("//head/title/text()")[:1]))
    jsonld = read_jsonld(tree, head_title)
    names = named_elements(tree)
    return _ParsedPage(
        page=page,
        tree=tree,
        head_title=head_title,
        jsonld=jsonld,
        names=names,
        metadata=read_metadata(tree, names, metas, jsonld, page.final_url),
        dialogs=dialogs,
        # Extraction removes them from the tree.
        scripts=list(tree.iter("script")),
    )


def _from_metadata(parsed: _ParsedPage) -> Article:
    """Return the article with the metadata of the page and its feed, but without its text."""
    page, metadata = parsed.page, parsed.metadata
    blank = new_article(
        page.entry,
        page_url=page.final_url,
        canonical=metadata.canonical,
        seen_at=page.fetched_at,
        fetch_id=page.fetch_id,
    )
    entry = page.entry
    return replace(
        blank,
        title=metadata.title or tidy(entry.title or "") or None,
        standfirst=metadata.standfirst or _summary(page),
        authors=metadata.authors or split_authors([entry.author or ""]),
        byline=metadata.byline,
        section=metadata.section,
        tags=metadata.tags,
        image_url=metadata.image_url,
    )


def _flagged(article: Article, flag: str) -> Article:
    return replace(article, flags=tuple(sorted({*article.flags, flag})))


@dataclass(frozen=True, slots=True, kw_only=True)
class _PageText:
    """The text of a page: what it was taken from, its own blocks, the removed ones, captions.

    `times` are the dates that it displays around its headline, `place` where it is from.
    """

    basis: str = "page"
    body: Body
    blocks: Sequence[str]
    marks: Sequence[str]
    removed: tuple[RemovedBlock, ...]
    captions: tuple[str, ...]
    times: PageTimes
    place: Place


def _place(parsed: _ParsedPage, rendered: Sequence[RenderedBlock]) -> Place:
    """Return where the page is from; its short lines may show the order of day and month."""
    tree = parsed.tree
    tag = tree.get("lang") or tree.get("xml:lang") or parsed.metadata.locale
    lines = (block.text for block in rendered if len(block.text) <= MAX_LABEL_CHARS)
    return place_of(tag, parsed.page.final_url, lines)


def _read_text(parsed: _ParsedPage, domain: str) -> _PageText:
    """Return the text of a page: of its HTML, or of its scripts if its HTML has no article.

    Changes the tree: labels are read before captions are removed, and the body is read last.
    """
    tree, url = parsed.tree, parsed.page.final_url
    labels = read_labels(tree, parsed.names, parsed.jsonld, parsed.metadata.section, url)
    captions, rendered = _render(tree, parsed.names)
    place = _place(parsed, rendered.blocks)
    times = displayed_times(tree, rendered.blocks, parsed.titles, place)
    body = read_body(tree, domain, rendered)
    own = remove_foreign_blocks(body, parsed.titles, labels, place)
    shown = _PageText(
        body=body,
        blocks=own.blocks,
        marks=own.marks,
        removed=own.removed,
        captions=captions,
        times=times,
        place=place,
    )
    if shows_article(own.blocks):
        return shown
    return _hidden_text(parsed, shown, labels, domain) or shown


def _render(
    tree: html.HtmlElement, names: Sequence[NamedElement]
) -> tuple[tuple[str, ...], Rendered]:
    """Return the captions of a page and its blocks, and remove the captions from the tree."""
    captions = find_captions(tree, names)
    rendered = render(tree, captions.elements)
    for element in captions.elements:
        element.drop_tree()
    return captions.texts, rendered


def _hidden_text(
    parsed: _ParsedPage, shown: _PageText, labels: PageLabels, domain: str
) -> _PageText | None:
    """Return the text that the page has for its scripts only; None behind a paywall."""
    if is_paid(parsed.jsonld) or shown.body.paywall_prompt or asks_to_pay("\n".join(shown.blocks)):
        return None
    titles = frozenset(filter(None, parsed.titles))
    hidden = find_hidden_text(parsed.scripts, parsed.jsonld, titles, parsed.page.final_url)
    if hidden is None:
        return None
    markup = f"<html><body><article>{hidden.markup}</article></body></html>"
    tree = parse(parsed.page, markup)
    captions, rendered = _render(tree, named_elements(tree))
    body = read_body(tree, domain, rendered)
    own = remove_foreign_blocks(body, parsed.titles, labels, shown.place)
    # An articleBody is a text, also where the description is the same.
    description = None if hidden.basis == "jsonld" else parsed.metadata.standfirst
    if not is_hidden_article(own.blocks, shown.blocks, description):
        return None
    replaced = (RemovedBlock(text=block, reason="placeholder", at=0) for block in shown.blocks)
    return _PageText(
        basis=hidden.basis,
        body=body,
        blocks=own.blocks,
        marks=own.marks,
        removed=(*shown.removed, *replaced, *own.removed),
        captions=captions,
        times=shown.times,
        place=shown.place,
    )


def _with_text(article: Article, parsed: _ParsedPage, now: datetime) -> Article:
    """Return the article with the text, times, captions, kind and language of its page."""
    declared = declared_language(parsed.tree)
    read = _read_text(parsed, article.source_domain)
    article = _with_times(article, parsed, read, now)
    check_size(read.blocks, parsed.page.final_url)
    text = "\n\n".join(read.blocks)
    kind = _kind(parsed, read.body, text, read.captions)
    article = replace(
        article,
        page_kind=kind,
        extraction_basis=read.basis,
        standfirst=_removed_standfirst(read.removed) or article.standfirst,
    )
    if kind in WALLS:
        return _with_wall_text(article, parsed.dialogs, read.blocks, declared)
    if kind == "paywall":
        article = _flagged(article, "truncated")
    language, score = detect_language(text, declared)
    return replace(
        article,
        body=text or None,
        marks=tuple(read.marks),
        headings=_kept_headings(read.body, read.blocks),
        captions=read.captions,
        removed=_with_dialogs(parsed.dialogs, read.removed, end=len(text)),
        language=language,
        language_score=score,
    )


def _with_times(article: Article, parsed: _ParsedPage, read: _PageText, now: datetime) -> Article:
    """Return the article with the times of its publication and last change."""
    times = article_times(parsed.page, parsed.metadata, read.times, read.place, now)
    time, feed_flag = times.published, parsed.page.entry.date_flag
    flags = {*article.flags, *time.flags}
    if feed_flag and time.basis in _BASES_WITH_FEED_FLAG:
        flags.add(feed_flag)
    return replace(
        article,
        published_at=time.at,
        published_precision=time.precision,
        published_basis=time.basis,
        modified_at=times.modified_at,
        flags=tuple(sorted(flags)),
    )


def _kind(parsed: _ParsedPage, body: Body, text: str, captions: tuple[str, ...]) -> str:
    """Return the kind of the page. Raises ExtractError (E_EXTRACT_EMPTY) if it has no text."""
    url = parsed.page.final_url
    content = PageContent(
        titles=tuple(filter(None, parsed.titles)),
        shown_titles=(parsed.head_title, *parsed.metadata.headings),
        body=text,
        jsonld=parsed.jsonld,
        og_type=(parsed.metadata.og_type or "").lower(),
        url=url,
        visible=visible_text(parsed.tree) if len(text) < SHORT_CHARS else "",
        paywall_prompt=body.paywall_prompt,
        listing=body.listing,
        captions=captions,
        consent_dialog=any(dialog.asks for dialog in parsed.dialogs),
    )
    kind = page_kind(content, parsed.tree)
    if kind == "empty" and not parsed.jsonld.article:
        what = f"the page {url[:MAX_MESSAGE_URL_CHARS]!r} has no article text"
        raise ExtractError(what, reason="E_EXTRACT_EMPTY")
    return kind


def _removed_standfirst(removed: Sequence[RemovedBlock]) -> str | None:
    """Return the standfirst above the text of the page."""
    return next((block.text for block in removed if block.reason == "standfirst"), None)


def _with_dialogs(
    dialogs: Sequence[Dialog], removed: Sequence[RemovedBlock], end: int
) -> tuple[RemovedBlock, ...]:
    """Return the removed blocks with those of dialogs, above and below the text."""
    above: list[RemovedBlock] = []
    below: list[RemovedBlock] = []
    for dialog in dialogs:
        reason, at = "consent" if dialog.asks else "overlay", 0 if dialog.is_above else end
        blocks = (RemovedBlock(text=text, reason=reason, at=at) for text in dialog.texts)
        (above if dialog.is_above else below).extend(blocks)
    return (*above, *removed, *below)


def _with_wall_text(
    article: Article, dialogs: Sequence[Dialog], blocks: Sequence[str], declared: str | None
) -> Article:
    """Return the article of a page that is a wall: its text is kept as removed blocks."""
    language, score = detect_language(None, declared)
    walls = tuple(RemovedBlock(text=block, reason="wall", at=0) for block in blocks)
    return replace(
        article,
        body=None,
        removed=_with_dialogs(dialogs, walls, end=0),
        language=language,
        language_score=score,
    )


def _kept_headings(body: Body, blocks: Sequence[str]) -> tuple[str, ...]:
    """Return the subheadings among the article's blocks, in their order."""
    headings = (body.blocks[index] for index in sorted(body.headings))
    kept = frozenset(blocks)
    return tuple(heading for heading in headings if heading in kept)


def _summary(page: Page) -> str | None:
    """Return the feed's summary if it is plain text of a standfirst's length."""
    text = tidy(page.entry.summary or "")
    is_standfirst = 0 < len(text) <= MAX_STANDFIRST_CHARS and "<" not in text
    return text if is_standfirst else None
