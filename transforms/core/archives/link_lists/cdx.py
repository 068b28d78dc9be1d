"""The captures that an index of a web archive lists.

Read are CDX lines
(https://iipc.github.io/warc-specifications/specifications/cdx-format/cdx-2015/), CDXJ, JSON objects
one a line, and the array of arrays that `output=json` of
https://github.com/internetarchive/wayback gives.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote

from transforms.core.urls import UrlError, normalise_url

HTML_TYPES = frozenset({"text/html", "application/xhtml+xml"})
NEEDED = frozenset({"timestamp", "original"})
"""Columns without which a row is of no use."""
TIME = r"[0-9]{4,14}"
# Links have up to 2 KB in practice, and a row one or two of them; more would only cost memory.
MAX_LINE = 64 * 1024

# As much of a link or a line as a message needs, in characters.
_MAX_QUOTED = 200
# The year of the first web page: no capture is older.
_OLDEST_YEAR = 1991
# The missing digits of a shorter timestamp are taken from here.
_EARLIEST = "00000101000000"
_PLAIN = ("urlkey", "timestamp", "original", "mimetype", "statuscode", "digest")
# The letters of a CDX file's first line.
_LETTERS = {
    "N": "urlkey",
    "b": "timestamp",
    "a": "original",
    "m": "mimetype",
    "s": "statuscode",
    "k": "digest",
}
# Names in CDXJ, and in the JSON of pywb's servers.
_OTHER_NAMES = {"url": "original", "mime": "mimetype", "status": "statuscode"}
_ROW = re.compile(rf"\S+ {TIME} (?:\S+ \S+ (?:[0-9]{{3}}|-) \S+|\{{.*)")
_HEADER = re.compile(r"\s?CDX((?:\s[A-Za-z])+)\s*")
_JSON_ROWS = re.compile(r'\[\s*\[\s*"')
# The bound keeps a long line of another kind from being searched to its end.
_JSON_ROW = re.compile(r'\{[^\n]{0,2000}"timestamp"\s*:\s*"')
# All that URLs have: a capture is found by its URL as it was, not as it would be quoted.
_URL_SAFE = "%/:?&=+,;@!$'()*~[]|"


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """A page as an archive captured it. `timestamp` is the archive's name of the capture."""

    url: str
    original: str
    timestamp: str
    at: datetime
    digest: str | None = None

    def replay_url(self, base: str) -> str:
        """Return the link to the capture as it was taken, without the archive's own additions."""
        return f"{base}{self.timestamp}id_/{quote(self.original, safe=_URL_SAFE)}"


@dataclass(frozen=True, slots=True)
class CdxFault:
    """What is wrong with a row that cannot be read."""

    message: str


@dataclass(frozen=True, slots=True)
class ResumeKey:
    """The server has more rows: the key to query them with."""

    key: str


Row = Mapping[str, str]


def is_cdx(head: str) -> bool:
    """Return whether a text begins as an index of captures does."""
    if _JSON_ROWS.match(head):
        row = _first_json_row(head)
        return row is not None and set(standard_names(row)) >= NEEDED
    lines = (line for line in head.splitlines() if line.strip() and line[0] not in "!#")
    first = next(lines, "")
    # The entries of a JSON Feed may have timestamps too.
    if _JSON_ROW.match(first) and "jsonfeed.org/version" not in first:
        return True
    return bool(_HEADER.fullmatch(first) or _ROW.match(first))


def read_cdx(text: str, columns: Sequence[str] = ()) -> Iterator[Capture | CdxFault | ResumeKey]:
    """Yield the captures of pages that answered 200, and faults of rows that cannot be read.

    Of captures of the same content in a row only the first is yielded. `columns` are those that the
    query asked for (`fl`); without them and without a header they are the usual ones.
    """
    last: tuple[str, str | None] | None = None
    rows = _json_rows(text) if text.lstrip().startswith("[") else _line_rows(text, columns)
    for row in rows:
        found = row if isinstance(row, CdxFault | ResumeKey) else _capture(row)
        if isinstance(found, Capture):
            content = (found.url, found.digest)
            is_repeated = found.digest is not None and content == last
            last = content
            if is_repeated:
                continue
        if found is not None:
            yield found


def _capture(row: Row) -> Capture | CdxFault | None:
    """Return the capture of a row, None for a row of no page, or what is wrong with it."""
    if not row.keys() >= NEEDED:
        return CdxFault("a row without a timestamp or a link")
    if not _is_page(row):
        return None
    timestamp, original = row["timestamp"], row["original"]
    at = _time(timestamp)
    if at is None:
        return CdxFault(f"not a time: {timestamp[:40]!r} of {original[:_MAX_QUOTED]!r}")
    try:
        url = normalise_url(original)
    except UrlError as error:
        return CdxFault(str(error))
    digest = row.get("digest", "-")
    return Capture(
        url=url,
        original=original,
        timestamp=timestamp,
        at=at,
        digest=None if digest in {"-", ""} else digest,
    )


def _is_page(row: Row) -> bool:
    """Return whether a row is of HTML with status 200; a missing column counts as that."""
    content_type = row.get("mimetype", "text/html").split(";", 1)[0].strip().lower()
    return content_type in HTML_TYPES and row.get("statuscode", "200") == "200"


def _time(digits: str) -> datetime | None:
    """Return the time of 4 to 14 digits, an even number.

    Missing ones are those of the beginning of the period.
    """
    # A year has four digits, and all that follow come in twos.
    if not re.fullmatch(TIME, digits) or len(digits) % 2:
        return None
    whole = digits + _EARLIEST[len(digits) :]
    try:
        at = datetime.fromisoformat(f"{whole[:8]}T{whole[8:]}").replace(tzinfo=UTC)
    except ValueError:
        return None
    return at if at.year >= _OLDEST_YEAR else None


def _line_rows(text: str, columns: Sequence[str]) -> Iterator[Row | CdxFault | ResumeKey]:
    names = tuple(columns) or _PLAIN
    is_after_blank = False
    for number, line in enumerate(_lines(text), 1):
        bare = line.strip("\ufeff \t\r\n")
        header = _HEADER.fullmatch(line)
        if header:
            names = tuple(_LETTERS.get(letter, letter) for letter in header[1].split())
        elif is_after_blank and bare and " " not in bare:
            yield ResumeKey(bare)
        elif bare and bare[0] not in "!#":
            yield _line_row(bare, names, number)
        is_after_blank = not bare


def _lines(text: str) -> Iterator[str]:
    """Yield the lines of a text, without a list of them all."""
    # Not `splitlines`: as a list, the lines of an index of 50 MB would take several times as much.
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
            f"line {number}: {len(fields)} fields, {len(names)} are expected: "
            f"{line[:_MAX_QUOTED]!r}"
        )
    return dict(zip(names, fields, strict=False))


def _object_row(line: str, brace: int, number: int) -> Row | CdxFault:
    """Return a row of CDXJ, or one that is a JSON object alone."""
    try:
        values = json.loads(line[brace:])
    except (ValueError, RecursionError) as error:
        return CdxFault(f"line {number}: not readable as JSON: {error}")
    row = {_OTHER_NAMES.get(name, name): str(value) for name, value in values.items()}
    if brace == 0:
        return row
    _, timestamp = line[:brace].split()
    return {"timestamp": timestamp} | row


def _first_json_row(head: str) -> list[str] | None:
    try:
        row, _ = json.JSONDecoder().raw_decode(head, head.index("[", head.index("[") + 1))
    except (ValueError, RecursionError):
        return None
    return [str(value) for value in row]


def _json_rows(text: str) -> Iterator[Row | CdxFault | ResumeKey]:
    """Yield the rows of an array of arrays."""
    # One by one: the objects of a long array would fill the memory.
    decoder = json.JSONDecoder()
    names: tuple[str, ...] = ()
    is_after_blank = False
    at = _skip_blanks(text, text.index("[") + 1)
    while not text.startswith("]", at):
        try:
            row, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError) as error:
            yield CdxFault(f"not readable as JSON, what follows is lost: {error}")
            return
        values = [str(value) for value in row] if isinstance(row, list) else []
        if not names:
            names = standard_names(values)
        elif is_after_blank and len(values) == 1:
            yield ResumeKey(values[0])
        elif values:
            yield dict(zip(names, values, strict=False))
        is_after_blank = not values
        at = _skip_blanks(text, at)


def _skip_blanks(text: str, at: int) -> int:
    while at < len(text) and text[at] in ", \t\r\n":
        at += 1
    return at


def standard_names(names: Iterable[str]) -> tuple[str, ...]:
    """Return the names of columns as in the `fl` parameter of CDX servers."""
    return tuple(_OTHER_NAMES.get(name, name) for name in names)
