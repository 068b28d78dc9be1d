"""The rejects of documents that list links, and of what is in them."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TypeVar

from transforms.core.archives.link_lists.documents import Document, Kind
from transforms.core.feeds.not_a_feed import page_error
from transforms.core.fetch.headers import clean_text
from transforms.core.ids import stable_id
from transforms.core.urls import UrlError, url_key
from transforms.errors import FeedError, NewsbeamError
from transforms.records import Reject

# Of one document: enough to see what is wrong with its links. Without a limit, a list of another
# kind would give a reject for each line.
MAX_REJECTS = 100
# A message is for people, and may quote any length of text from a document.
_MAX_MESSAGE = 500

T = TypeVar("T")


def reject_of(
    reason: str,
    message: str,
    name: str,
    url: str | None,
    *,
    item: str = "",
    stage: str = FeedError.stage,
) -> Reject:
    """Return the reject of a document, or of an item in it; the message names a local file."""
    text = message if url else f"{name}: {message}"
    key = stable_id(name, item) if item else document_key(name)
    return Reject(
        stage=stage, reason=reason, key=key, message=clean_text(text, _MAX_MESSAGE), url=url
    )


def document_key(name: str) -> str:
    """Return the key of a document: its URL's, or its name's if that is not a URL."""
    try:
        return url_key(name)
    except UrlError:
        return stable_id(name)


def error_reject(error: NewsbeamError, name: str, url: str | None) -> Reject:
    """Return the reject of a document that could not be fetched or parsed."""
    reject = reject_of(error.reason, str(error), name, url, stage=error.stage)
    return replace(reject, error_class=type(error).__name__, retryable=error.retryable)


def kind_reject(document: Document, kind: Kind) -> Reject:
    """Return the reject of a document that lists no links."""
    if kind is Kind.HTML:
        error = page_error(document.content, document.url)
        return error_reject(error, document.name, document.url)
    reason = "E_ARCHIVE_EMPTY" if kind is Kind.EMPTY else "E_ARCHIVE_KIND"
    expected = "a sitemap, a feed, an index of captures (CDX) or a list of URLs is expected"
    return reject_of(reason, f"{kind.value}: {expected}", document.name, document.url)


def cut_rejects(document: Document, kind: Kind) -> Iterator[Reject]:
    """Yield the reject of a document of which not all could be read, if it is one."""
    if not document.fault:
        return
    advice = (
        "; ask for less at a time, with limit=100000&showResumeKey=true" if kind is Kind.CDX else ""
    )
    message = f"{kind.value}: {document.fault}{advice}"
    yield reject_of("E_ARCHIVE_CUT", message, document.name, document.url)


def limit_rejects(found: Iterable[T], document: Document) -> Iterator[T | Reject]:
    """Yield what was found, with only the first `MAX_REJECTS` rejects, and one for the rest."""
    count = 0
    for item in found:
        if isinstance(item, Reject):
            count += 1
            if count > MAX_REJECTS:
                continue
        yield item
    if count > MAX_REJECTS:
        message = (
            f"{count - MAX_REJECTS} more links or rows cannot be used, "
            f"the first {MAX_REJECTS} have rejects of their own"
        )
        yield reject_of("E_ARCHIVE_LINK", message, document.name, document.url)
