"""The stages on files alone: articles of pages, events of texts, groups of copies, feeds."""

import dataclasses
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import quote

from pipelines.files.jsonl import (
    ROW_ENDINGS,
    STDIN,
    Input,
    address_of,
    files_in,
    find_inputs,
    read_rows,
    with_own_ids,
)
from pipelines.files.mention_json import mention_to_json
from pipelines.jobs.requirements import require_coder
from transforms.core.archives.formats.page_file import HTML_ENDINGS, PAGE_FILE
from transforms.core.archives.link_lists.kinds import FEED_ENDINGS
from transforms.core.archives.page_defaults import NOWHERE, PageDefaults, page_at
from transforms.core.clean.outline import outline_of
from transforms.core.clean.site_memory import learn_site
from transforms.core.clean.strip import load_rules, strip_boilerplate, strip_site_boilerplate
from transforms.core.events.coder import code_events
from transforms.core.events.loading import load_coder
from transforms.core.extract.page import extract_article
from transforms.core.feeds.parse import PARSE_TIMEOUT_S, parse_feed
from transforms.core.feeds.parsed import ParsedFeed
from transforms.core.fetch.headers import charset_of
from transforms.core.iso_times import parse_time
from transforms.core.markdown import body_markdown
from transforms.core.stories.online import OnlineGroups
from transforms.errors import (
    CleanError,
    ConfigError,
    EventsError,
    ExtractError,
    FeedError,
    NewsbeamError,
)
from transforms.processes import ordered_map
from transforms.records import Article, Page

_INPUT = "E_INPUT"
Row = dict[str, Any]
Failed = tuple[str, NewsbeamError]
Extracted = tuple[Input, Article | NewsbeamError]
Fetch = Callable[[Input], Input]
"""Fetches the input at an address: see `fetched`."""


def extract_files(
    paths: Sequence[str],
    *,
    published_at: datetime | None,
    now: datetime,
    workers: int,
    fetch: Fetch,
    learn_sites: bool = False,
) -> Iterator[Row | Failed]:
    """Yield the article of each page or text, or its file's or address's name and its error.

    With `learn_sites`, all files are read before the first article is yielded, and the boilerplate
    of each site is learned from all of its pages. Files of one folder whose pages do not state
    their site count as one site.
    """
    work = partial(_extract, published_at=published_at, now=now)
    sources = _fetched(find_inputs(paths, PAGE_FILE.endings), fetch)
    done = ordered_map(work, sources, ExtractError, size=workers)
    if learn_sites:
        done = _without_site_boilerplate(list(done), workers)
    for source, article in done:
        yield (
            (source.name, article)
            if isinstance(article, NewsbeamError)
            else article_json(source.id, article)
        )


def _fetched(sources: Iterable[Input], fetch: Fetch) -> Iterator[Input]:
    """Yield inputs, those at addresses fetched, one after the other as they are needed."""
    for source in sources:
        yield fetch(source) if source.is_address else source


def _without_site_boilerplate(items: list[Extracted], workers: int) -> Iterator[Extracted]:
    """Yield the articles again, without the boilerplate of their sites.

    One that takes too long stays as it was.
    """
    sites = defaultdict[str, list[Article]](list)
    for source, article in items:
        if isinstance(article, Article):
            sites[_site(source, article)].append(article)
    boilerplate = {
        site: learn_site(site, map(outline_of, articles)).boilerplate
        for site, articles in sites.items()
    }
    to_clean = (
        (article, boilerplate[_site(source, article)])
        for source, article in items
        if isinstance(article, Article)
    )
    cleaned = ordered_map(strip_site_boilerplate, to_clean, CleanError, size=workers)
    for source, article in items:
        if isinstance(article, Article):
            _, clean = next(cleaned)
            yield source, article if isinstance(clean, NewsbeamError) else clean
        else:
            yield source, article


def _site(source: Input, article: Article) -> str:
    return (
        str(Path(source.name).parent) if NOWHERE in article.canonical_url else article.source_domain
    )


def _extract(source: Input, *, published_at: datetime | None, now: datetime) -> Article:
    article = extract_article(page_of(source, published_at=published_at, now=now), now=now)
    return strip_boilerplate(article, load_rules(article.language))


def page_of(source: Input, *, published_at: datetime | None, now: datetime) -> Page:
    """Return the page in a file, with an invented URL that does not resolve; or at an address."""
    content = source.read()
    if source.is_address:
        return _page_at_address(source, content, PageDefaults(now, published_at))
    text = source.name.removesuffix(".gz").endswith(".txt") or (
        source.name == STDIN and b"<" not in content[:1024]
    )
    url = f"http://{NOWHERE}/{quote(source.stem)}"
    defaults = PageDefaults(now, published_at)
    return page_at(url, content, defaults, content_type="text/plain" if text else None)


def _page_at_address(source: Input, content: bytes, defaults: PageDefaults) -> Page:
    page = page_at(
        source.name,
        content,
        defaults,
        content_type=source.content_type,
        charset=charset_of(source.content_type),
    )
    return dataclasses.replace(page, final_url=source.final_url or source.name)


def article_json(name: str, article: Article) -> Row:
    """Return the object that `extract` prints."""
    at = article.published_at
    return {
        "id": name,
        "url": None if NOWHERE in article.canonical_url else article.canonical_url,
        "title": article.title,
        "authors": list(article.authors),
        "published_at": at.astimezone(UTC).isoformat().replace("+00:00", "Z") if at else None,
        "language": article.language,
        "page_kind": article.page_kind,
        "extraction_basis": article.extraction_basis,
        "text": article.body or "",
        "markdown": body_markdown(article) or "",
        "credit": article.credit,
        "removed": [dataclasses.asdict(r) for r in article.removed],
    }


def event_files(
    paths: Sequence[str],
    *,
    published_at: datetime | None,
    now: datetime,
    workers: int,
    fetch: Fetch,
) -> Iterator[Row | Failed]:
    """Yield the events of each row of text and of each page, or why it was skipped.

    Raise MachineError before the first row if this machine cannot code events.
    """
    require_coder()
    work = partial(_code, published_at=published_at, now=now)
    inputs = _texts_and_pages(paths, fetch)
    for (where, text), done in ordered_map(work, inputs, EventsError, size=workers):
        if not isinstance(done, NewsbeamError):
            yield done
        elif text is None or done.reason == _INPUT or not isinstance(done, EventsError):
            yield where, done
        else:
            about = _about(text.id) if isinstance(text, Input) else {"id": text["id"]}
            yield about | {"events": [], "skipped": done.reason}


def _texts_and_pages(
    paths: Sequence[str], fetch: Fetch
) -> Iterator[tuple[str, Row | Input | None]]:
    """Yield the rows of files of JSON lines, and the pages of the other paths, with their names."""
    found = [_pages_at(path) for path in paths]
    own = iter(with_own_ids([page for pages in found for page in pages]))
    for path, pages in zip(paths, found, strict=True):
        for page in _fetched(islice(own, len(pages)), fetch):
            yield page.name, page
        if not pages:
            yield from read_rows([path])


def _pages_at(path: str) -> list[Input]:
    """Return the pages at a path: an address, a file of HTML, a folder without JSON lines."""
    if Path(path).is_dir():
        has_rows = bool(files_in(path, ROW_ENDINGS))
        return [] if has_rows else files_in(path, HTML_ENDINGS)
    is_page = path.lower().endswith(HTML_ENDINGS) or address_of(path) is not None
    return find_inputs([path], HTML_ENDINGS) if is_page else []


def _code(
    item: tuple[str, Row | Input | None], *, published_at: datetime | None, now: datetime
) -> Row:
    _, source = item
    if not isinstance(source, Input):
        return _code_row(source, published_at)
    article = article_json(source.id, _extract(source, published_at=published_at, now=now))
    coded = _code_row(article, published_at)
    return _about(article["id"], article["url"], article["title"]) | coded


def _about(name: str, url: str | None = None, title: str | None = None) -> Row:
    """Return what a row of events says of a page."""
    return {"id": name, "url": url, "title": title}


def _code_row(row: Row | None, published_at: datetime | None) -> Row:
    text, title = text_of(row), (row or {}).get("title")
    assert row is not None  # noqa: S101 - text_of refused it
    mentions = code_events(
        text,
        title=title if isinstance(title, str) else None,
        published_at=_time(row.get("published_at")) or published_at,
        language=row.get("language") if isinstance(row.get("language"), str) else None,
        coder=load_coder(),
    )
    return {"id": row["id"], "events": [mention_to_json(m) for m in mentions]}


def text_of(row: Row | None) -> str:
    """Return the text of a row; raise EventsError for a row without an id and a text."""
    text = (row or {}).get("text")
    if row is None or "id" not in row or not isinstance(text, str):
        raise EventsError('not a JSON object with "id" and "text"', reason=_INPUT)
    return text


def _time(value: object) -> datetime | None:
    try:
        return parse_time(value) if isinstance(value, str) else None
    except ConfigError as error:
        raise EventsError(f"published_at: {error}", reason=_INPUT) from error


def story_files(paths: Sequence[str]) -> Iterator[Row | Failed]:
    """Yield the cluster of each row, decided from the rows before it alone."""
    groups = OnlineGroups()
    for where, row in read_rows(paths):
        try:
            text = text_of(row)
        except EventsError as error:
            yield where, error
            continue
        assert row is not None  # noqa: S101 - text_of refused it
        yield {"id": row["id"], "cluster": groups.add(str(row["id"]), text)}


def feed_files(paths: Iterable[str], fetch: Fetch) -> Iterator[Row | Failed]:
    """Yield what was read from each feed document, each within a time limit."""
    sources = _fetched(find_inputs(list(paths), FEED_ENDINGS, sniff=b"<{"), fetch)
    done = ordered_map(
        _feed,
        sources,
        FeedError,
        size=1,
        timeout_s=PARSE_TIMEOUT_S,
        preloaded=[parse_feed.__module__],
    )
    for source, feed in done:
        yield (source.name, feed) if isinstance(feed, NewsbeamError) else feed.to_json(source.id)


def _feed(source: Input) -> ParsedFeed:
    return parse_feed(source.read(), content_type=source.content_type, url=source.final_url)
