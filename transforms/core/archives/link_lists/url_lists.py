"""Which links does a plain list name? One a line, as text sitemaps have them; `#` begins a comment."""

from collections.abc import Iterable, Iterator
from urllib.parse import urljoin

from transforms.core.urls import UrlError, normalise_url

MAX_LINE = 16 * 1024
_LOOKED_AT = 50


def is_url_list(head: str) -> bool:
    """Return whether the first lines of a text that say something have a link among them, and no binary data."""
    said = [line for line in map(_said, head.splitlines()[:_LOOKED_AT]) if line]
    return "\x00" not in head and any(
        line.lower().startswith(("http://", "https://")) for line in said
    )


def read_urls(lines: Iterable[str]) -> Iterator[str | UrlError]:
    """Yield each line's link, normalised, or why it cannot be one."""
    for number, line in enumerate(lines, 1):
        said = _said(line[: MAX_LINE + 1])
        if not said:
            continue
        try:
            yield normalise_url(said)
        except UrlError as error:
            yield UrlError(f"line {number}: {error}")


def absolute(link: str, base: str | None) -> str:
    """Return a link that a document at `base` names, normalised; UrlError where it cannot be fetched."""
    link = link.strip()
    try:
        # Joining takes away an empty part at a link's end, even where there is nothing to join.
        return normalise_url(
            link if link.lower().startswith(("http://", "https://")) else urljoin(base or "", link)
        )
    except UrlError:
        raise
    except ValueError as error:
        raise UrlError(f"not a link: {link[:200]!r} ({error})") from error


def _said(line: str) -> str:
    """Return a line without its comment; a `#` within a link is no comment."""
    bare = line.strip("\ufeff \t\r\n")
    return "" if bare.startswith("#") else bare.split(" #", 1)[0].split("\t", 1)[0].strip()
