"""A feed's document as records, whatever its format, and how its values become text."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from html import unescape

import xxhash

from transforms.core.charsets import without_controls
from transforms.core.prose import without_unseen
from transforms.core.urls import MAX_URL_LENGTH, UrlError, normalise_url, url_key

# Longest title, in characters. The longest of 810 items is 147 characters long.
MAX_TITLE = 1_000

# Longest summary, in characters. Some feeds have whole articles in it: of 810 items one is longer.
MAX_SUMMARY = 20_000

# Longest language tag that implementations must support (RFC 5646 section 4.4.1).
MAX_LANGUAGE = 35

# Most ids are URLs.
MAX_GUID = MAX_URL_LENGTH

# A person's name, in characters. A judgement: longer ones are not names but notes.
MAX_NAME = 200

# Authors that are read: an agency's list of contributors is not a byline.
MAX_AUTHORS = 50

# HTML is cut at this multiple of the longest text: its tags and entities take room. A judgement.
_MARKUP_FACTOR = 20

_BREAKS = re.compile(
    r"<(?:br|/?(?:p|div|li|ul|ol|h[1-6]|tr|table|blockquote|section|figure))\b[^<>]*>",
    re.IGNORECASE,
)
_HIDDEN = (("<script", "</script"), ("<style", "</style"), ("<!--", "-->"))
_TAGS = re.compile(r"</?(?:[A-Za-z][^<>]*)?>")
# Characters that XML 1.0 cannot hold go too, so that a list can be exported as OPML.
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")
_SPACES = re.compile(r"[ \t\r\f\v\u00a0]+")
_BLANK_LINES = re.compile(r" ?\n[ \n]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedEntry:
    """One item of a feed.

    `entry_id` is the feed's id for it, else its link, else a hash of title and date. `date_flag`
    names the correction of a date that is not credible: date_clamped or date_refused.
    """

    entry_id: str
    url: str | None = None
    title: str | None = None
    published_at: datetime | None = None
    author: str | None = None
    summary: str | None = None
    language: str | None = None
    date_flag: str | None = None

    @property
    def key(self) -> str:
        """Return the identity within a feed: the key of the link, or the id if it has none."""
        return url_key(self.url) if self.url else f"id:{self.entry_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedFeed:
    """A feed's document.

    `requested_interval_s` and `skip_times` are its publisher's requests for polling. `fault` is set
    if the document is broken but the items before could be kept; `dropped` counts items over
    the limit. `charset_guessed`: it names no charset, or one that does not fit.
    """

    format: str
    title: str | None = None
    site_url: str | None = None
    language: str | None = None
    requested_interval_s: int | None = None
    skip_times: str | None = None
    entries: tuple[ParsedEntry, ...] = ()
    fault: str | None = None
    dropped: int = 0
    charset_guessed: bool = False

    def to_json(self, source_id: str) -> dict[str, object]:
        """Return the object that `newsbeam feeds parse` prints for this document."""
        return {
            "id": source_id,
            "title": self.title,
            "charset_guessed": self.charset_guessed,
            "entries": [_entry_json(entry) for entry in self.entries],
        }


def distinct(entries: Iterable[ParsedEntry]) -> tuple[ParsedEntry, ...]:
    """Return the first entry of each key; entries with one id and several links are all kept."""
    first: dict[str, ParsedEntry] = {}
    for entry in entries:
        first.setdefault(entry.key, entry)
    return tuple(first.values())


def entry_id(
    guid: str | None,
    url: str | None,
    title: str | None,
    stated_at: datetime | None,
    text: str | None,
) -> str | None:
    """Return an item's id: its own, else its link, else a hash of its title (or text) and date.

    None for an item that has none of these.
    """
    if guid or url:
        return guid or url
    words = title or text
    if not words and stated_at is None:
        return None
    date = stated_at.isoformat() if stated_at else ""
    return xxhash.xxh128_hexdigest(f"{words or ''}\n{date}".encode())


def link(value: object) -> str | None:
    """Return a value as a normalised URL, or None if it is not one that can be fetched."""
    if not isinstance(value, str) or not value.strip():
        return None
    try:
        return normalise_url(value)
    except UrlError:
        return None


def line(value: object, *, html: bool = False, limit: int = MAX_TITLE) -> str | None:
    """Return a value as one line of plain text, or None when nothing is left."""
    text = _text(value, html=html, limit=limit)
    return " ".join(text.split())[:limit] or None


def names_line(names: Iterable[object]) -> str | None:
    """Return names as one line, with commas between them, or None when nothing is left."""
    lines = (line(name, limit=MAX_NAME) for name in names)
    return line(", ".join(name for name in lines if name))


def paragraphs(value: object, *, html: bool = True, limit: int = MAX_SUMMARY) -> str | None:
    """Return a value as plain text, a blank line between paragraphs, or None for no text."""
    text = _SPACES.sub(" ", _text(value, html=html, limit=limit))
    return _BLANK_LINES.sub("\n\n", text).strip()[:limit].strip() or None


def _entry_json(entry: ParsedEntry) -> dict[str, object]:
    published_at = entry.published_at.isoformat() if entry.published_at else None
    return {
        "id": entry.entry_id,
        "url": entry.url,
        "title": entry.title,
        "published_at": published_at.replace("+00:00", "Z") if published_at else None,
        "author": entry.author,
        "summary": entry.summary,
    }


def _text(value: object, *, html: bool, limit: int) -> str:
    if not isinstance(value, str):
        return ""
    text = value[: limit * _MARKUP_FACTOR].encode("utf-8", "replace").decode("utf-8")
    if html:
        text = unescape(_TAGS.sub("", _BREAKS.sub("\n", _visible(text))))
    return without_unseen(_CONTROLS.sub("", without_controls(text)))


def _visible(text: str) -> str:
    """Return HTML without scripts, styles and comments."""
    for start, end in _HIDDEN:
        text = _without(text, start, end)
    return text


def _without(text: str, start: str, end: str) -> str:
    """Return a text without the spans between two delimiters, in linear time.

    An end tag stays, as `_TAGS` removes it.
    """
    lower = text.lower()
    # Offsets in the lower-case text hold only if lower-casing kept the length: it does not for
    # a few characters such as the Turkish dotted I.
    if start not in lower or len(lower) != len(text):
        return text
    kept: list[str] = []
    at = 0
    while (opening := lower.find(start, at)) >= 0:
        closing = lower.find(end, opening)
        if closing < 0:
            break
        kept.append(text[at:opening])
        at = closing if end.startswith("</") else closing + len(end)
    return " ".join((*kept, text[at:]))
