"""Read feed lists: OPML, TOML, lines of URLs, folders of them, or URLs, as feed sources.

The TOML form, in which every key but `url` is optional:

    [[feed]]
    url = "https://www.example.org/rss.xml"
    title = "Example"
    country = "GBR"          # of the publisher, ISO 3166 alpha-3
    language = "en"          # BCP 47
    tags = ["politics"]
    folder = "Europe"
    enabled = true
"""

import re
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

from lxml import etree

from transforms.core.charsets import UnreadableError, decode
from transforms.core.feeds import bounds
from transforms.core.feeds.parsed import MAX_LANGUAGE, line
from transforms.core.markup import xml_attribute_count
from transforms.core.typed_addresses import is_host, typed_address
from transforms.core.urls import MAX_URL_LENGTH, UrlError, normalise_url, url_key
from transforms.errors import ConfigError
from transforms.records import FeedSource

# A list of MAX_FEEDS feeds, at 250 bytes each.
MAX_LIST_BYTES = 50 * 1024 * 1024

# Bounds the states that a run holds in memory. A judgement.
MAX_FEEDS = 200_000

# Of the files in a folder, those that are lists by their ending; an XML file may be OPML.
_ENDINGS, _PERHAPS_OPML = (".opml", ".toml", ".txt"), ".xml"

# Where OPML's root element is searched for, to distinguish OPML from lines of URLs.
_HEAD_BYTES = 4096
# Longest values, in characters: they are columns of the lake. A judgement: real names are far
# shorter.
_MAX_FOLDER_NAME, _MAX_FOLDER, _MAX_TAG, _MAX_INVALID = 200, 1000, 100, 200

# The parser takes time by the square of a key's parts. Keys of a feed have one, so that no dot is
# left in a line beside its texts and comments; the limit leaves room for one's own mistakes.
_MAX_DOTS = 100
_TOML_TEXT = re.compile(
    r"#[^\n]*+|\"\"\"(?:[^\\]|\\.)*?(?:\"\"\"|\Z)|'''.*?(?:'''|\Z)"
    r"|\"(?:[^\"\\\n]|\\[^\n])*+\"?+|'[^'\n]*+'?+",
    re.DOTALL,
)

# Of one tag: libxml2 takes time by the square of them. An outline of OPML has about ten.
_MAX_TAG_ATTRIBUTES = 1_000
_TAG_NAME = re.compile(rb"<[A-Za-z_:][^<>\s/]*+")

_ROOTS = ("opml", "outlinedocument")
_TOML_TEXTS = ("title", "site_url", "country", "language", "folder")
_TOML_KEYS = frozenset({"url", "tags", "enabled", *_TOML_TEXTS})


class FeedList(NamedTuple):
    """The feeds of one or more lists, each once, in order; and the entries without a usable URL."""

    feeds: tuple[FeedSource, ...]
    invalid: tuple[str, ...] = ()


def read_feed_lists(names: Iterable[str], read: Callable[[str], bytes] | None = None) -> FeedList:
    """Return the feeds of files (OPML, TOML, one URL a line), of folders of them, and of URLs.

    A URL may lack its scheme, unless there is a file of that name. `read` returns a file's bytes.
    Raises ConfigError for a file that cannot be read, and if no feed is left.
    """
    names = list(names)
    merged = merged_feed_lists(names, read)
    if not merged.feeds:
        raise ConfigError(
            f"no feed in {', '.join(names) or 'an empty list'}; "
            "give an OPML or TOML file or feed links"
        )
    return merged


def merged_feed_lists(names: Iterable[str], read: Callable[[str], bytes] | None = None) -> FeedList:
    """Return what `read_feed_lists` does, without an error if no feed is left."""
    feeds: list[FeedSource] = []
    invalid: list[str] = []
    for name in names:
        found = _read_list(name, read or _read_file)
        feeds.extend(found.feeds)
        invalid.extend(found.invalid)
    return _distinct(feeds, invalid)


def parse_opml(data: bytes) -> FeedList:
    """Return the feeds of an OPML list, its folders joined with `/`.

    Raises ConfigError for a document that is not OPML.
    """
    _check_size(data)
    try:
        data, _ = bounds.as_utf8(data)
    except UnreadableError as error:
        raise ConfigError(f"the list {error}") from error
    _check_attributes(data)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, recover=True, huge_tree=False
    )
    try:
        root = etree.fromstring(data.strip(), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise ConfigError(f"not readable as OPML: {error}") from error
    if root is None:
        raise ConfigError("not an OPML list: its root is not <opml>")
    found = _outlines(root)
    # Another root is accepted if it has outlines with feeds.
    if not found.feeds and not str(root.tag).lower().endswith(_ROOTS):
        raise ConfigError("not an OPML list: its root is not <opml>")
    return found


def parse_toml(data: bytes) -> FeedList:
    """Return the feeds of a TOML list; raises ConfigError naming the entry that is wrong."""
    _check_size(data)
    try:
        text = _text_of(data)
        _check_keys(text)
        document = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"not readable as TOML: {error}") from error
    tables = document.get("feed")
    if not isinstance(tables, list):
        raise ConfigError("a TOML list has one [[feed]] table a feed, with at least its url")
    feeds = [_from_table(table, number) for number, table in enumerate(tables, start=1)]
    return _distinct(feeds, [])


def _text_of(data: bytes) -> str:
    """Return the text of a list; raises ConfigError if it is in an unknown charset."""
    try:
        return decode(data, is_markup=False).text
    except UnreadableError as error:
        raise ConfigError(f"the list {error}") from error


def _check_keys(text: str) -> None:
    """Raise ValueError for a line with too many dots beside its texts and comments."""
    if any(row.count(".") > _MAX_DOTS for row in _TOML_TEXT.sub("", text).splitlines()):
        raise ValueError(f"a key of over {_MAX_DOTS} parts")


def _check_attributes(data: bytes) -> None:
    """Raise ConfigError for a tag with too many attributes."""
    counts = (xml_attribute_count(data, tag.end()) for tag in _TAG_NAME.finditer(data))
    if any(count > _MAX_TAG_ATTRIBUTES for count in counts):
        raise ConfigError(f"not readable as OPML: a tag of over {_MAX_TAG_ATTRIBUTES} attributes")


def parse_lines(data: bytes) -> FeedList:
    """Return the feeds of a text file with one URL a line; `#` starts a comment."""
    _check_size(data)
    feeds: list[FeedSource] = []
    invalid: list[str] = []
    for text in _text_of(data).splitlines():
        # " #", since a URL may have a fragment.
        url = text.strip().split(" #", 1)[0].strip()
        if url and not url.startswith("#"):
            _add(feeds, invalid, url, feed_source)
    return _distinct(feeds, invalid)


def feed_source(url: str) -> FeedSource:
    """Return the source of a feed's URL, also with the scheme `feed:` or none; raises UrlError."""
    text = url.strip()
    if text.startswith(("feed:http:", "feed:https:")):
        text = text.removeprefix("feed:")
    elif text.startswith("feed://"):
        text = "http://" + text.removeprefix("feed://")
    text = typed_address(text) or text
    return FeedSource(feed_id=url_key(text), feed_url=normalise_url(text))


def _outlines(root: etree._Element) -> FeedList:
    """Return the feeds below an element, in document order."""
    feeds: list[FeedSource] = []
    invalid: list[str] = []
    stack: list[tuple[etree._Element, str | None]] = [(root, None)]
    while stack and len(feeds) < MAX_FEEDS:
        element, folder = stack.pop()
        fields = _lower_case_attributes(element)
        url = fields.get("xmlurl", "").strip()
        if url:
            _add(feeds, invalid, url, partial(_from_outline, fields=fields, folder=folder))
        inner = folder if url else _join(folder, _name(fields))
        # Comments and processing instructions have no string as their tag.
        children = [child for child in element if isinstance(child.tag, str)]
        stack.extend((child, inner) for child in reversed(children))
    return _distinct(feeds, invalid)


def _lower_case_attributes(element: etree._Element) -> dict[str, str]:
    """Return an element's attributes by local name: programs write xmlUrl, xmlurl and XMLURL."""
    return {etree.QName(name).localname.lower(): value for name, value in element.attrib.items()}


def _read_list(name: str, read: Callable[[str], bytes]) -> FeedList:
    if "://" in name and not name.startswith("file:"):
        return _of_url(name)
    if Path(name).is_dir():
        return _read_folder(Path(name), read)
    try:
        data = read(name)
    except OSError as error:
        if isinstance(error, FileNotFoundError | NotADirectoryError) and typed_address(name):
            return _of_url(name)
        hint = f"; for a site: newsbeam feeds find {name}" if is_host(name) else ""
        raise ConfigError(
            f"cannot read the feed list {name}: {error.strerror or error}{hint}"
        ) from error
    try:
        return _parse(name, data)
    except ConfigError as error:
        raise ConfigError(f"{name}: {error}") from error


def _of_url(url: str) -> FeedList:
    try:
        return FeedList((feed_source(url),))
    except UrlError as error:
        raise ConfigError(str(error)) from error


def _read_folder(folder: Path, read: Callable[[str], bytes]) -> FeedList:
    """Return the feeds of all lists in a folder, without links; what is no list is invalid."""
    files = [path for path in sorted(folder.rglob("*")) if _is_list(path)]
    if not files:
        raise ConfigError(f"no feed list in {folder}: a list ends in {', '.join(_ENDINGS)}")
    feeds: list[FeedSource] = []
    invalid: list[str] = []
    for path in files:
        try:
            found = _read_list(str(path), read)
        except ConfigError as error:
            invalid.append(str(error))
        else:
            feeds.extend(found.feeds)
            invalid.extend(found.invalid)
    return FeedList(tuple(feeds), tuple(invalid))


def _is_list(path: Path) -> bool:
    if path.is_symlink() or not path.is_file():
        return False
    ending = path.suffix.lower()
    return ending in _ENDINGS or (ending == _PERHAPS_OPML and b"<opml" in _head(path))


def _head(path: Path) -> bytes:
    """Return the beginning of a file; nothing if it cannot be read."""
    try:
        with path.open("rb") as file:
            return _ascii(file.read(_HEAD_BYTES))
    except OSError:
        return b""


def _parse(name: str, data: bytes) -> FeedList:
    if name.lower().endswith(".toml"):
        return parse_toml(data)
    if name.lower().endswith(".opml") or b"<opml" in _ascii(data[:_HEAD_BYTES]):
        return parse_opml(data)
    return parse_lines(data)


def _ascii(head: bytes) -> bytes:
    """Return the beginning of a document in lower case, without UTF-16's zero bytes."""
    return head.replace(b"\x00", b"").lower()


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
        invalid.append(url[:_MAX_INVALID])


def _distinct(feeds: Iterable[FeedSource], invalid: Iterable[str]) -> FeedList:
    """Return a list with the first occurrence of each feed."""
    first: dict[str, FeedSource] = {}
    for feed in feeds:
        first.setdefault(feed.feed_id, feed)
    return FeedList(tuple(first.values())[:MAX_FEEDS], tuple(invalid))


def _from_outline(url: str, fields: dict[str, str], folder: str | None) -> FeedSource:
    source = feed_source(url)
    title = line(fields.get("title")) or line(fields.get("text"))
    return replace(
        source,
        title=title if title not in {url, source.feed_url} else None,
        site_url=line(fields.get("htmlurl"), limit=MAX_URL_LENGTH),
        country=_country(fields.get("country")),
        language=line(fields.get("language"), limit=MAX_LANGUAGE),
        folder=folder,
        tags=_tags([fields.get("category", "")]),
        enabled=fields.get("enabled", "").strip().lower() != "false",
    )


def _from_table(table: object, number: int) -> FeedSource:
    if not isinstance(table, dict) or not isinstance(table.get("url"), str):
        raise ConfigError(f"[[feed]] number {number} has no url")
    unknown = sorted(set(table) - _TOML_KEYS)
    if unknown:
        known = ", ".join(sorted(_TOML_KEYS))
        raise ConfigError(f"[[feed]] number {number}: unknown {', '.join(unknown)}; known: {known}")
    texts = {key: _text(table, key, number) for key in _TOML_TEXTS}
    tags, enabled = table.get("tags", []), table.get("enabled", True)
    if not _is_text_list(tags) or not isinstance(enabled, bool):
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
        site_url=line(texts["site_url"], limit=MAX_URL_LENGTH),
        country=_country(texts["country"]),
        language=line(texts["language"], limit=MAX_LANGUAGE),
        folder=_folder(texts["folder"] or ""),
        tags=_tags(tags),
        enabled=enabled,
    )


def _text(table: dict[str, object], key: str, number: int) -> str | None:
    value = table.get(key)
    if value is not None and not isinstance(value, str):
        raise ConfigError(f"[[feed]] number {number}: {key} must be a string")
    return value


def _is_text_list(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _country(value: str | None) -> str | None:
    """Return a country's alpha-3 code; None for anything else."""
    code = (line(value) or "").upper()
    return code if len(code) == 3 and code.isascii() and code.isalpha() else None


def _name(fields: dict[str, str]) -> str | None:
    return line(fields.get("title") or fields.get("text"), limit=_MAX_FOLDER_NAME)


def _join(folder: str | None, name: str | None) -> str | None:
    return _folder(f"{folder or ''}/{name or ''}")


def _folder(path: str) -> str | None:
    """Return a path of folders normalised, so that writing and reading a list keeps it."""
    names = (line(name, limit=_MAX_FOLDER_NAME) for name in path.split("/"))
    joined = "/".join(name.strip() for name in names if name)[:_MAX_FOLDER]
    # Once more, since the cut may leave white space or a slash at the end.
    return "/".join(name.strip() for name in joined.split("/") if name.strip()) or None


def _tags(texts: Iterable[str]) -> tuple[str, ...]:
    """Return labels, sorted; a text may hold several with commas between them."""
    tags: set[str] = set()
    for text in texts:
        for name in text.split(","):
            tag = line(name.strip().strip("/"), limit=_MAX_TAG)
            if tag:
                tags.add(tag.strip())
    return tuple(sorted(tags))
