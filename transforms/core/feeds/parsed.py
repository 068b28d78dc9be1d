"""What a feed's document says, whatever its format."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from html import unescape

import xxhash

from transforms.core.urls import UrlError, normalise_url, url_key

MAX_TITLE = 1_000
MAX_SUMMARY = 20_000

_BREAKS = re.compile(
    r"<(?:br|/?(?:p|div|li|ul|ol|h[1-6]|tr|table|blockquote|section|figure))\b[^<>]*>",
    re.IGNORECASE,
)
_HIDDEN = (("<script", "</script"), ("<style", "</style"), ("<!--", "-->"))
_TAGS = re.compile(r"</?(?:[A-Za-z][^<>]*)?>")
# What XML 1.0 cannot hold goes too, so that a list can be exported.
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
_SPACES = re.compile(r"[ \t\r\f\v\u00a0]+")
_BLANK_LINES = re.compile(r" ?\n[ \n]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedEntry:
    """One item of a feed. `entry_id` is what the feed calls it, else its link, else a hash of title and date.

    `date_flag` says what became of a date that could not be true: date_clamped or date_refused.
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
        """Return the identity within a feed: the link where there is one, else the id."""
        return url_key(self.url) if self.url else f"id:{self.entry_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedFeed:
    """A feed's document. `fault` says where it broke, when the items before that place were kept.

    `requested_interval_s` and `skips` are when its publisher wants it to be polled, `tossed` counts items over the cap.
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

    def to_json(self, source_id: str) -> dict[str, object]:
        """Return the object that `newsbeam feeds parse` prints for this document."""
        return {
            "id": source_id,
            "title": self.title,
            "entries": [
                {
                    "id": entry.entry_id,
                    "url": entry.url,
                    "title": entry.title,
                    "published_at": entry.published_at.isoformat().replace("+00:00", "Z")
                    if entry.published_at
                    else None,
                    "author": entry.author,
                    "summary": entry.summary,
                }
                for entry in self.entries
            ],
        }


def distinct(entries: Iterable[ParsedEntry]) -> tuple[ParsedEntry, ...]:
    """Return the entries, each identity once, the first of each; one id with several links stays several entries."""
    first: dict[str, ParsedEntry] = {}
    for entry in entries:
        first.setdefault(entry.key, entry)
    return tuple(first.values())


def entry_id(
    guid: str | None, url: str | None, title: str | None, said_at: datetime | None, text: str | None
) -> str | None:
    """Return an item's id: its own, else its link, else a hash of title and date, or of its text without a title.

    None for an item that says nothing at all.
    """
    if guid or url:
        return guid or url
    words = title or text
    if not words and said_at is None:
        return None
    return xxhash.xxh128_hexdigest(
        f"{words or ''}\n{said_at.isoformat() if said_at else ''}".encode()
    )


def link(value: object) -> str | None:
    """Return a value as a link that can be fetched, normalised, or None."""
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


def paragraphs(value: object, *, html: bool = True, limit: int = MAX_SUMMARY) -> str | None:
    """Return a value as plain text, a blank line between paragraphs, or None when nothing is left."""
    text = _SPACES.sub(" ", _text(value, html=html, limit=limit))
    return _BLANK_LINES.sub("\n\n", text).strip()[:limit].strip() or None


def _text(value: object, *, html: bool, limit: int) -> str:
    if not isinstance(value, str):
        return ""
    text = value[: limit * 20].encode("utf-8", "replace").decode("utf-8")
    if html:
        text = unescape(_TAGS.sub("", _BREAKS.sub("\n", _visible(text))))
    return _CONTROLS.sub("", text)


def _visible(text: str) -> str:
    """Return HTML without scripts, styles and comments, in linear time."""
    for start, end in _HIDDEN:
        lower = text.lower() if start in text.lower() else ""
        kept: list[str] = []
        at = 0
        while len(lower) == len(text) and (opening := lower.find(start, at)) >= 0:
            closing = lower.find(end, opening)
            if closing < 0:
                break
            kept.append(text[at:opening])
            at = closing if end.startswith("</") else closing + len(end)
        text = " ".join((*kept, text[at:]))
    return text
