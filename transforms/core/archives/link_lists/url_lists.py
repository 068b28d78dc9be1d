"""Plain lists of URLs: one a line, as text sitemaps have them; `#` begins a comment."""

from collections.abc import Iterable, Iterator
from urllib.parse import urljoin

from transforms.core.urls import UrlError, normalise_url

# URLs of over 2 KB are refused in any case; a binary file may be one line.
MAX_LINE = 16 * 1024
# Comments may come before the first link; a text that has none in this many lines is not a list.
_SNIFFED_LINES = 50


def is_url_list(head: str) -> bool:
    """Return whether there is a link in the first lines of a text, and no binary data."""
    if "\x00" in head:
        return False
    links = map(_link_of_line, head.splitlines()[:_SNIFFED_LINES])
    return any(link.lower().startswith(("http://", "https://")) for link in links)


def read_urls(lines: Iterable[str]) -> Iterator[str | UrlError]:
    """Yield each line's link, normalised, or why it cannot be one."""
    for number, line in enumerate(lines, 1):
        link = _link_of_line(line[: MAX_LINE + 1])
        if not link:
            continue
        try:
            yield normalise_url(link)
        except UrlError as error:
            yield UrlError(f"line {number}: {error}")


def absolute(link: str, base: str | None) -> str:
    """Return a link of a document at `base`, normalised. Raises UrlError if it is not a URL."""
    link = link.strip()
    try:
        # Joining takes away an empty query or fragment, so what is absolute is left alone.
        is_absolute = link.lower().startswith(("http://", "https://"))
        return normalise_url(link if is_absolute else urljoin(base or "", link))
    except UrlError:
        raise
    except ValueError as error:
        raise UrlError(f"not a link: {link[:200]!r} ({error})") from error


def _link_of_line(line: str) -> str:
    """Return a line without its comment; a `#` within a link does not begin one."""
    bare = line.strip("\ufeff \t\r\n")
    if bare.startswith("#"):
        return ""
    return bare.split(" #", 1)[0].split("\t", 1)[0].strip()
