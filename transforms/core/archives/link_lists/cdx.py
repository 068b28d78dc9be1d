"""Which captures does an index of a web archive list, and where is each to be had?

Read are CDX lines (https://iipc.github.io/warc-specifications/specifications/cdx-format/cdx-2015/), CDXJ, JSON objects
one a line, and the array of arrays that `output=json` of https://github.com/internetarchive/wayback gives.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import parse_qs, quote, quote_plus, urlsplit, urlunsplit

from transforms.core.urls import UrlError, normalise_url

WAYBACK = "https://web.archive.org/web/"
"""Where the captures of an index that does not say where it is from are asked for."""
HTML_TYPES = frozenset({"text/html", "application/xhtml+xml"})
MAX_LINE = 64 * 1024

_OLDEST_YEAR = 1991
_EXACT = 14
_PLAIN = ("urlkey", "timestamp", "original", "mimetype", "statuscode", "digest")
_LETTERS = {
    "N": "urlkey",
    "b": "timestamp",
    "a": "original",
    "m": "mimetype",
    "s": "statuscode",
    "k": "digest",
}
_OTHER_NAMES = {"url": "original", "mime": "mimetype", "status": "statuscode"}
_NEEDED = {"timestamp", "original"}
_TIME = r"[0-9]{4,14}"
_ROW = re.compile(rf"\S+ {_TIME} (?:\S+ \S+ (?:[0-9]{{3}}|-) \S+|\{{.*)")
_HEADER = re.compile(r"\s?CDX((?:\s[A-Za-z])+)\s*")
_JSON_ROWS = re.compile(r'\[\s*\[\s*"')
_JSON_ROW = re.compile(r'\{[^\n]{0,2000}"timestamp"\s*:\s*"')
_REPLAY = re.compile(
    rf"/{_TIME}(?:[a-z]{{2}}_)?/(https?:/{{1,2}}[^/].*)", re.IGNORECASE | re.DOTALL
)
_SAFE_KEY = re.compile(r"[A-Za-z0-9%+._~*()!-]*")
_SEARCH = "/cdx/search/cdx"
_ENDPOINTS = ("/timemap/cdx", "/cdx", "-cdx")
_URL_SAFE = "%/:?&=+,;@!$'()*~[]|"


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """A page as an archive took it at a time; `timestamp` are the digits by which the archive knows it."""

    url: str
    original: str
    timestamp: str
    at: datetime
    digest: str | None = None

    def replay_url(self, base: str) -> str:
        """Return where the capture is had as it was taken, without the archive's own additions."""
        return f"{base}{self.timestamp}id_/{quote(self.original, safe=_URL_SAFE)}"


@dataclass(frozen=True, slots=True)
class CdxFault:
    """A row that cannot be read: what is wrong with it."""

    message: str


@dataclass(frozen=True, slots=True)
class ResumeKey:
    """The server has more rows: the key to ask for them with."""

    key: str


Row = Mapping[str, str]


def is_cdx(head: str) -> bool:
    """Return whether a text begins as an index of captures does."""
    if _JSON_ROWS.match(head):
        row = _first_json_row(head)
        return row is not None and set(_named(row)) >= _NEEDED
    lines = (line for line in head.splitlines() if line.strip() and line[0] not in "!#")
    first = next(lines, "")
    is_object = bool(_JSON_ROW.match(first)) and "jsonfeed.org/version" not in first
    return is_object or bool(_HEADER.fullmatch(first) or _ROW.match(first))


def read_cdx(text: str, columns: Sequence[str] = ()) -> Iterator[Capture | CdxFault | ResumeKey]:
    """Yield the captures of pages that answered 200, each content once in a row, and what cannot be read.

    `columns` are those that the query asked for (`fl`); without them and a header they are the usual ones.
    """
    last: tuple[str, str | None] | None = None
    rows = _json_rows(text) if text.lstrip().startswith("[") else _line_rows(text, columns)
    for row in rows:
        found = row if isinstance(row, CdxFault | ResumeKey) else _capture(row)
        if isinstance(found, Capture):
            same = (found.url, found.digest)
            if found.digest is not None and same == last:
                continue
            last = same
        if found is not None:
            yield found


def asks_cdx(source: str) -> bool:
    """Return whether a link asks a CDX server for captures, whose time is among the columns asked for."""
    if not _is_link(source) or not urlsplit(source).path.rstrip("/").endswith(_ENDPOINTS):
        return False
    columns = columns_of(source)
    return not columns or set(columns) >= _NEEDED


def columns_of(query: str) -> tuple[str, ...]:
    """Return the columns that a link to a CDX server asks for (`fl`); () where it leaves them to the server."""
    fields = parse_qs(urlsplit(query).query).get("fl", [""])[0] if _is_link(query) else ""
    return _named(name.strip() for name in fields.split(",") if name.strip())


def replay_base(source: str) -> str | None:
    """Return the start of links to captures that the index at this link lists; None for an index without any.

    An index that is a file, wherever it lies, is taken for the Wayback Machine's.
    """
    if not _is_link(source):
        return WAYBACK
    parts = urlsplit(source)
    path = parts.path.rstrip("/")
    if path.endswith(_SEARCH):
        return urlunsplit(
            (parts.scheme, parts.netloc, path.removesuffix(_SEARCH) + "/web/", "", "")
        )
    if path.endswith("-index"):
        return None
    for end in _ENDPOINTS:
        if path.endswith(end):
            return urlunsplit((parts.scheme, parts.netloc, path.removesuffix(end) + "/", "", ""))
    return WAYBACK


def resumed(query: str, key: str) -> str:
    """Return the link that asks a CDX server for the rows after those it gave."""
    parts = urlsplit(query)
    kept = [
        field for field in parts.query.split("&") if field and not field.startswith("resumeKey=")
    ]
    said = key if _SAFE_KEY.fullmatch(key) else quote_plus(key)
    return urlunsplit(parts._replace(query="&".join([*kept, f"resumeKey={said}"])))


def captured_url(replay_url: str) -> str | None:
    """Return the link, normalised, whose capture is at a link of an archive; None where there is none."""
    parts = urlsplit(replay_url)
    found = _REPLAY.search(parts.path + (f"?{parts.query}" if parts.query else ""))
    if found is None:
        return None
    try:
        # Servers on the way make one slash of two.
        return normalise_url(re.sub(r"(?i)\A(https?):/{1,2}", r"\1://", found[1]))
    except UrlError:
        return None


def _is_link(source: str) -> bool:
    return source.lower().startswith(("http://", "https://"))


def _capture(row: Row) -> Capture | CdxFault | None:
    """Return the capture of a row, None for one that is no page, or what is wrong with it."""
    if not row.keys() >= _NEEDED:
        return CdxFault("a row without a timestamp or a link")
    mime = row.get("mimetype", "text/html").split(";", 1)[0].strip().lower()
    if mime not in HTML_TYPES or row.get("statuscode", "200") != "200":
        return None
    at = _time(row["timestamp"])
    if at is None:
        return CdxFault(f"not a time: {row['timestamp'][:40]!r} of {row['original'][:200]!r}")
    digest = row.get("digest", "-")
    try:
        url = normalise_url(row["original"])
    except UrlError as error:
        return CdxFault(str(error))
    said = None if digest in {"-", ""} else digest
    return Capture(
        url=url, original=row["original"], timestamp=row["timestamp"], at=at, digest=said
    )


def _time(digits: str) -> datetime | None:
    """Return the time that 4 to 14 digits, of which there is an even number, tell from the left."""
    if not re.fullmatch(_TIME, digits) or len(digits) % 2:
        return None
    whole = digits + "00000101000000"[len(digits) :]
    try:
        month, day, hour, minute, second = (int(whole[n : n + 2]) for n in range(4, _EXACT, 2))
        at = datetime(int(whole[:4]), month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
    return at if at.year >= _OLDEST_YEAR else None


def _line_rows(text: str, columns: Sequence[str]) -> Iterator[Row | CdxFault | ResumeKey]:
    names, blank = tuple(columns) or _PLAIN, False
    for number, line in enumerate(_lines(text), 1):
        bare = line.strip("\ufeff \t\r\n")
        header = _HEADER.fullmatch(line)
        if header:
            names = tuple(_LETTERS.get(letter, letter) for letter in header[1].split())
        elif blank and bare and " " not in bare:
            yield ResumeKey(bare)
        elif bare and bare[0] not in "!#":
            yield _line_row(bare, names, number)
        blank = not bare


def _lines(text: str) -> Iterator[str]:
    """Yield the lines one by one: an index may be long."""
    at = 0
    while at < len(text):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        yield text[at:end]
        at = end + 1


def _line_row(line: str, names: Sequence[str], number: int) -> Row | CdxFault:
    if len(line) > MAX_LINE:
        return CdxFault(f"line {number}: {len(line)} characters, at most {MAX_LINE} are read")
    brace = line.find("{")
    if brace == 0 or (_ROW.match(line) and line.split(" ", 2)[2].startswith("{")):
        return _object_row(line, brace, number)
    fields = line.split()
    if len(fields) < len(names):
        return CdxFault(
            f"line {number}: {len(fields)} fields, {len(names)} are expected: {line[:200]!r}"
        )
    return dict(zip(names, fields, strict=False))


def _object_row(line: str, brace: int, number: int) -> Row | CdxFault:
    """Return a row of CDXJ, or one that is a JSON object alone."""
    try:
        said = json.loads(line[brace:])
    except (ValueError, RecursionError) as error:
        return CdxFault(f"line {number}: not readable as JSON: {error}")
    key, stamp = line[:brace].split() if brace else ("", "")
    row = {"timestamp": stamp} if key else {}
    return row | {_OTHER_NAMES.get(name, name): str(value) for name, value in said.items()}


def _first_json_row(head: str) -> list[str] | None:
    try:
        row, _ = json.JSONDecoder().raw_decode(head, head.index("[", head.index("[") + 1))
    except (ValueError, RecursionError):
        return None
    return [str(value) for value in row]


def _json_rows(text: str) -> Iterator[Row | CdxFault | ResumeKey]:
    """Yield the rows of an array of arrays one by one: the whole of a long one would fill the memory."""
    decoder, blank = json.JSONDecoder(), False
    names: tuple[str, ...] = ()
    at = _next_row(text, text.index("[") + 1)
    while not text.startswith("]", at):
        try:
            row, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError) as error:
            yield CdxFault(f"not readable as JSON, what follows is lost: {error}")
            return
        values = [str(value) for value in row] if isinstance(row, list) else []
        if not names:
            names = _named(values)
        elif blank and len(values) == 1:
            yield ResumeKey(values[0])
        elif values:
            yield dict(zip(names, values, strict=False))
        blank, at = not values, _next_row(text, at)


def _next_row(text: str, at: int) -> int:
    while at < len(text) and text[at] in ", \t\r\n":
        at += 1
    return at


def _named(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(_OTHER_NAMES.get(name, name) for name in names)
