"""Files of one page each: HTML or plain text, also gzipped."""

import html
import re
from collections.abc import Iterator
from functools import partial
from itertools import islice
from typing import BinaryIO
from urllib.parse import quote, urljoin

from tld import get_tld

from transforms.core.archives.formats.base import (
    ArchiveFormat,
    PageRead,
    beginning,
    page_or_error,
)
from transforms.core.archives.page_defaults import NOWHERE, PageDefaults, page_at
from transforms.core.archives.page_refs import Damage, PageRef, Place
from transforms.core.urls import UrlError, normalise_url
from transforms.errors import ArchiveError
from transforms.records import ArchivePart, Page

TEXT_ENDINGS = (".txt", ".txt.gz")
HTML_ENDINGS = (".html", ".htm", ".html.gz", ".htm.gz", ".xhtml")
# A file is read as a whole before extraction, which takes 10 MB, can refuse it: a bound on memory
# with room for what extraction cuts away.
MAX_FILE_BYTES = 64 * 2**20

_START = Place(0)
_HTML_STARTS = (b"<!doctype html", b"<html", b"<head", b"<body")
# The bound keeps a `<link` that is never closed from being searched to the end of the page; 24 of
# 30,537 such tags of news pages are longer.
_TAG = re.compile(rb"<(?:link|meta)\b[^<>]{0,2000}>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""([a-z:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'<>]+))""", re.IGNORECASE)
# Of 1,346 news pages that name their canonical URL, 16 do so further down, behind long scripts.
_HEAD_BYTES = 200_000
# The same pages have at most 226 such tags up to their canonical URL.
_MAX_TAGS = 500


def page_of_file(content: bytes, inside: str, defaults: PageDefaults) -> Page:
    """Return a file as a page. `inside` is its path, with `/`, within the folder that was named.

    Its URL is its canonical link, else that of a mirrored folder (`www.example.com/2020/a.html`),
    else one at `file.invalid` made of its path.
    """
    is_text = inside.removesuffix(".gz").endswith(".txt")
    own = None if is_text else _own_url(content)
    url = own or mirrored_url(inside) or f"http://{NOWHERE}/{_quoted(inside)}"
    return page_at(url, content, defaults, content_type="text/plain" if is_text else None)


def mirrored_url(inside: str) -> str | None:
    """Return the URL of a file of a mirrored site, whose first folder is a host; else None."""
    host, _, path = inside.partition("/")
    if not path or get_tld(f"http://{host}", fail_silently=True) is None:
        return None
    return _absolute(urljoin(f"http://{host}/", _quoted(path, "/%@?=&;,+~")))


def _own_url(content: bytes) -> str | None:
    """Return the URL that a page declares: rel=canonical, else og:url."""
    links: dict[str, str] = {}
    for tag in islice(_TAG.finditer(content[:_HEAD_BYTES]), _MAX_TAGS):
        attributes = _attributes(tag[0])
        if "canonical" in attributes.get("rel", "").lower().split():
            links.setdefault("canonical", attributes.get("href", ""))
        if (attributes.get("property") or attributes.get("name", "")).lower() == "og:url":
            links.setdefault("og:url", attributes.get("content", ""))
    return _absolute(links.get("canonical")) or _absolute(links.get("og:url"))


def _attributes(tag: bytes) -> dict[str, str]:
    """Return the attributes of a tag; of one that is repeated the last."""
    found = _ATTRIBUTE.findall(tag.decode("utf8", "replace"))
    return {
        name.lower(): html.unescape(double_quoted or single_quoted or bare)
        for name, double_quoted, single_quoted, bare in found
    }


def _absolute(link: str | None) -> str | None:
    bare = (link or "").strip()
    if not bare.lower().startswith("http"):
        return None
    try:
        return normalise_url(bare)
    except UrlError:
        return None


def _quoted(path: str, safe: str = "/") -> str:
    """Return a path as part of a URL, whether its bytes are UTF-8 or not."""
    return quote(path.removesuffix(".gz").encode("utf8", "surrogateescape"), safe)


def _is_html(head: bytes) -> bool:
    return beginning(head).startswith(_HTML_STARTS)


def _list_pages(file: BinaryIO, name: str, start: Place | None) -> Iterator[PageRef | Damage]:
    yield PageRef(_START, "", None, 0)


def _read_pages(file: BinaryIO, part: ArchivePart, defaults: PageDefaults) -> Iterator[PageRead]:
    yield _START, page_or_error(partial(_page, file, part.inside, defaults))


def _page(file: BinaryIO, inside: str, defaults: PageDefaults) -> Page:
    content = file.read(MAX_FILE_BYTES + 1)
    if len(content) > MAX_FILE_BYTES:
        raise ArchiveError(
            f"{inside} has over {MAX_FILE_BYTES} bytes", reason="E_ARCHIVE_TOO_LARGE"
        )
    return page_of_file(content, inside, defaults)


PAGE_FILE = ArchiveFormat(
    name="page",
    endings=HTML_ENDINGS + TEXT_ENDINGS,
    sniff=_is_html,
    list_pages=_list_pages,
    read_pages=_read_pages,
    packed_endings=(".gz",),
)
