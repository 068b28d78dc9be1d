"""Which feeds did the user ask for? OPML, TOML, lines of links, or links themselves, as feed sources.

The TOML form, every key but `url` optional:

    [[feed]]
    url = "https://www.example.org/rss.xml"
    title = "Example"
    country = "GBR"          # of the publisher, ISO 3166 alpha-3
    language = "en"          # BCP 47
    tags = ["politics"]
    folder = "Europe"
    enabled = true
"""

import tomllib
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

from lxml import etree

from transforms.core.feeds.parsed import line
from transforms.core.urls import UrlError, normalise_url, url_key
from transforms.errors import ConfigError
from transforms.records import FeedSource

MAX_LIST_BYTES = 50 * 1024 * 1024
MAX_FEEDS = 200_000

_ROOTS = ("opml", "outlinedocument")
_TOML_TEXTS = ("title", "site_url", "country", "language", "folder")
_TOML_KEYS = frozenset({"url", "tags", "enabled", *_TOML_TEXTS})


class FeedList(NamedTuple):
    """The feeds of one or more lists, each once, in order; and the entries that lead to no feed."""

    feeds: tuple[FeedSource, ...]
    invalid: tuple[str, ...] = ()


def read_feed_lists(names: Iterable[str], read: Callable[[str], bytes] | None = None) -> FeedList:
    """Return the feeds that files (OPML, TOML, one link a line) and feed links name; `read` gives a file's bytes.

    Raises ConfigError for a file that cannot be read, and where nothing is left.
    """
    names = list(names)
    merged = merged_feed_lists(names, read)
    if not merged.feeds:
        raise ConfigError(
            f"no feed in {', '.join(names) or 'an empty list'}; give an OPML or TOML file or feed links"
        )
    return merged


def merged_feed_lists(names: Iterable[str], read: Callable[[str], bytes] | None = None) -> FeedList:
    """Return what `read_feed_lists` does, and no error where nothing is left."""
    lists = [_read_one(name, read or _read_file) for name in names]
    return _once(
        [feed for one in lists for feed in one.feeds],
        [bad for one in lists for bad in one.invalid],
    )


def parse_opml(data: bytes) -> FeedList:
    """Return the feeds of an OPML list, folders joined with `/`; raises ConfigError for what is no OPML."""
    _check_size(data)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, recover=True, huge_tree=False
    )
    try:
        root = etree.fromstring(data.strip(), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise ConfigError(f"not readable as OPML: {error}") from error
    found = _outlines(root) if root is not None else FeedList(())
    if root is None or not (found.feeds or str(root.tag).lower().endswith(_ROOTS)):
        raise ConfigError("not an OPML list: its root is not <opml>")
    return found


def parse_toml(data: bytes) -> FeedList:
    """Return the feeds of a TOML list; raises ConfigError naming the entry that is wrong."""
    _check_size(data)
    try:
        document = tomllib.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"not readable as TOML: {error}") from error
    tables = document.get("feed")
    if not isinstance(tables, list):
        raise ConfigError("a TOML list has one [[feed]] table a feed, with at least its url")
    return _once([_from_table(table, number) for number, table in enumerate(tables, start=1)], [])


def parse_lines(data: bytes) -> FeedList:
    """Return the feeds of a text file with one link a line; `#` starts a comment."""
    _check_size(data)
    feeds: list[FeedSource] = []
    invalid: list[str] = []
    for text in data.decode("utf-8-sig", "replace").splitlines():
        link = text.strip().split(" #", 1)[0].strip()
        if link and not link.startswith("#"):
            _add(feeds, invalid, link, feed_source)
    return _once(feeds, invalid)


def feed_source(url: str) -> FeedSource:
    """Return the source for a feed's link; raises UrlError where it is none."""
    text = url.strip()
    if text.startswith(("feed:http:", "feed:https:")):
        text = text.removeprefix("feed:")
    elif text.startswith("feed://"):
        text = "http://" + text.removeprefix("feed://")
    return FeedSource(feed_id=url_key(text), feed_url=normalise_url(text))


def _outlines(root: etree._Element) -> FeedList:
    feeds: list[FeedSource] = []
    invalid: list[str] = []
    stack: list[tuple[etree._Element, str | None]] = [(root, None)]
    while stack and len(feeds) < MAX_FEEDS:
        element, folder = stack.pop()
        fields = {
            etree.QName(name).localname.lower(): value for name, value in element.attrib.items()
        }
        url = fields.get("xmlurl", "").strip()
        if url:
            _add(feeds, invalid, url, partial(_from_outline, fields=fields, folder=folder))
        inner = folder if url else _join(folder, _name(fields))
        stack.extend((child, inner) for child in reversed(element) if isinstance(child.tag, str))
    return _once(feeds, invalid)


def _read_one(name: str, read: Callable[[str], bytes]) -> FeedList:
    if "://" in name and not name.startswith("file:"):
        try:
            return FeedList((feed_source(name),))
        except UrlError as error:
            raise ConfigError(str(error)) from error
    try:
        data = read(name)
    except OSError as error:
        raise ConfigError(f"cannot read the feed list {name}: {error.strerror or error}") from error
    try:
        return _parse(name, data)
    except ConfigError as error:
        raise ConfigError(f"{name}: {error}") from error


def _parse(name: str, data: bytes) -> FeedList:
    if name.lower().endswith(".toml"):
        return parse_toml(data)
    head = data[:4096].replace(b"\x00", b"").lower()
    if name.lower().endswith(".opml") or b"<opml" in head:
        return parse_opml(data)
    return parse_lines(data)


def _read_file(name: str) -> bytes:
    path = Path(name)
    if path.stat().st_size > MAX_LIST_BYTES:
        raise ConfigError(f"{name} has over {MAX_LIST_BYTES} bytes, too many for a feed list")
    return path.read_bytes()


def _check_size(data: bytes) -> None:
    if len(data) > MAX_LIST_BYTES:
        raise ConfigError(f"feed list of {len(data)} bytes, at most {MAX_LIST_BYTES} are read")


def _add(
    feeds: list[FeedSource], invalid: list[str], url: str, make: Callable[[str], FeedSource]
) -> None:
    try:
        feeds.append(make(url))
    except UrlError:
        invalid.append(url[:200])


def _once(feeds: list[FeedSource], invalid: list[str]) -> FeedList:
    first: dict[str, FeedSource] = {}
    for feed in feeds:
        first.setdefault(feed.feed_id, feed)
    return FeedList(tuple(first.values())[:MAX_FEEDS], tuple(invalid))


def _from_outline(url: str, fields: dict[str, str], folder: str | None) -> FeedSource:
    source = feed_source(url)
    named = line(fields.get("title")) or line(fields.get("text"))
    return replace(
        source,
        title=named if named not in {url, source.feed_url} else None,
        site_url=line(fields.get("htmlurl"), limit=2048),
        country=_country(fields.get("country")),
        language=line(fields.get("language"), limit=35),
        folder=folder,
        tags=_tags(fields.get("category", "")),
        enabled=fields.get("enabled", "").strip().lower() != "false",
    )


def _from_table(table: object, number: int) -> FeedSource:
    if not isinstance(table, dict) or not isinstance(table.get("url"), str):
        raise ConfigError(f"[[feed]] number {number} has no url")
    unknown = sorted(set(table) - _TOML_KEYS)
    if unknown:
        raise ConfigError(
            f"[[feed]] number {number}: unknown {', '.join(unknown)}; known: {', '.join(sorted(_TOML_KEYS))}"
        )
    texts = {key: _text(table, key, number) for key in _TOML_TEXTS}
    tags, enabled = table.get("tags", []), table.get("enabled", True)
    if (
        not isinstance(tags, list)
        or not all(isinstance(tag, str) for tag in tags)
        or not isinstance(enabled, bool)
    ):
        raise ConfigError(
            f"[[feed]] number {number}: tags is a list of strings, enabled is true or false"
        )
    try:
        source = feed_source(table["url"])
    except UrlError as error:
        raise ConfigError(f"[[feed]] number {number}: {error}") from error
    title = line(texts["title"])
    return replace(
        source,
        title=title if title != source.feed_url else None,
        site_url=line(texts["site_url"], limit=2048),
        country=_country(texts["country"]),
        language=line(texts["language"], limit=35),
        folder=_folder(texts["folder"] or ""),
        tags=_tags(*tags),
        enabled=enabled,
    )


def _text(table: dict[str, object], key: str, number: int) -> str | None:
    value = table.get(key)
    if value is not None and not isinstance(value, str):
        raise ConfigError(f"[[feed]] number {number}: {key} is a string")
    return value


def _country(value: str | None) -> str | None:
    """Return a country's alpha-3 code; None for anything else."""
    code = (line(value) or "").upper()
    return code if len(code) == 3 and code.isascii() and code.isalpha() else None


def _name(fields: dict[str, str]) -> str | None:
    return line(fields.get("title") or fields.get("text"), limit=200)


def _join(folder: str | None, name: str | None) -> str | None:
    return _folder(f"{folder or ''}/{name or ''}")


def _folder(path: str) -> str | None:
    """Return a path of folders in the one form that a list written and read again keeps."""
    names = (line(name, limit=200) for name in path.split("/"))
    joined = "/".join(name.strip() for name in names if name)[:1000]
    return "/".join(name.strip() for name in joined.split("/") if name.strip()) or None


def _tags(*texts: str) -> tuple[str, ...]:
    """Return labels, sorted; a comma parts two."""
    names = (name for text in texts for name in text.split(","))
    tags = {tag.strip() for name in names if (tag := line(name.strip().strip("/"), limit=100))}
    return tuple(sorted(tags))
