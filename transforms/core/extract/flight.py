"""Read the stream of values that React Server Components leave in a page, as Next.js does.

Scripts push parts of one text. It has a row for each value: its number in hexadecimal, a colon, and
JSON; or "T", the number of bytes in hexadecimal, a comma, and a text. Values name others by "$" and
their number.

https://github.com/facebook/react/blob/main/packages/react-client/src/ReactFlightClient.js
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

# Bounds on hostile pages. The streams of two newspapers have 38,000 and 200,000 characters in 32
# and 68 parts, and rows of up to 60,000.
MAX_PARTS = 2_000
MAX_CHARS = 4_000_000
MAX_ROWS = 5_000
# A shorter row has no text of an article.
MIN_ROW_CHARS = 200
MAX_DEPTH = 60
_PUSHED = re.compile(r"self\.__next_f\.push\(\[1,(\"(?:[^\"\\]++|\\.)*+\")\]\)", re.DOTALL)
_ROW = re.compile(rb"([0-9a-f]{0,8}):(?:T([0-9a-f]{1,8}),)?")
_REFERENCE = re.compile(r"\$[0-9a-f]{1,8}")


def read_flight(texts: Sequence[str]) -> Iterator[Any]:
    """Yield the larger values of a stream, given the texts of a page's scripts in their order.

    In place of a reference to a text is the text; other references stay as they are.
    """
    stream = _stream(texts)
    rows = list(_rows(stream.encode("utf-8", "replace")))
    known = {f"${number}": row for number, row, is_text in rows if is_text}
    for _, row, is_text in rows:
        if not is_text and (len(row) >= MIN_ROW_CHARS or _names_text(row, known)):
            value = _value(row)
            if value is not None:
                yield _resolved(value, known, 0)


def _stream(texts: Sequence[str]) -> str:
    parts: list[str] = []
    chars = 0
    for text in texts:
        for found in _PUSHED.finditer(text):
            part = _value(found[1])
            if not isinstance(part, str):
                continue
            chars += len(part)
            if chars > MAX_CHARS or len(parts) >= MAX_PARTS:
                return "".join(parts)
            parts.append(part)
    return "".join(parts)


def _rows(stream: bytes) -> Iterator[tuple[str, str, bool]]:
    """Yield the number of each row, its content, and whether it is a text."""
    at = 0
    for _ in range(MAX_ROWS):
        row = _ROW.match(stream, at)
        if not row:
            return
        if row[2]:
            end = row.end() + int(row[2], 16)
            at = end
        else:
            end = stream.find(b"\n", row.end())
            end = len(stream) if end < 0 else end
            at = end + 1
        yield row[1].decode(), stream[row.end() : end].decode("utf-8", "replace"), bool(row[2])


def _names_text(row: str, known: Mapping[str, str]) -> bool:
    return any(found in known for found in _REFERENCE.findall(row))


def _value(text: str) -> Any:
    """Return the value of JSON; None if it is not, as rows that name scripts are not."""
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None


def _resolved(value: Any, known: Mapping[str, str], depth: int) -> Any:
    """Return a value with the texts that it names."""
    if depth > MAX_DEPTH:
        return None
    if isinstance(value, str):
        return known.get(value, value) if _REFERENCE.fullmatch(value) else value
    if isinstance(value, dict):
        return {name: _resolved(one, known, depth + 1) for name, one in value.items()}
    if isinstance(value, list):
        return [_resolved(one, known, depth + 1) for one in value]
    return value
