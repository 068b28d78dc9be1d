"""Read JSON as pages write it, and the literals of JavaScript: what strict JSON refuses.

Read too: comments, marks of CDATA and HTML comments, commas too many or missing, several roots,
raw line breaks in strings, quotes in strings that are not escaped, names and values without quotes,
single quotes, entities in place of quotes, and brackets that are never closed.
"""

import html as markup
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

# Bounds on hostile pages; what follows is not read. On 1,500 pages the largest script with JSON-LD
# has 840,000 characters, the largest state 2.1 million. A million takes 0.3 s token by token.
MAX_CHARS = 3_000_000
MAX_LOOSE_CHARS = 1_000_000
# Deeper values are no article's; the readers of the values stop before.
MAX_DEPTH = 100
_ENTITIES = re.compile(r"[\s{\[]{0,20}&(?:quot|#34|#x22);", re.IGNORECASE)
# A quote ends a string only where JSON may go on: so `"a "word" of it"` is one string.
_ENDS = (
    r"""(?=\s*+(?:[:}\])]|//|/\*|\Z|"[\w@$-]{1,40}+"\s*+:|,\s*+(?:["'{}\[\]\d/-]"""
    r"""|[\w$@]{1,40}+\s*+:|true\b|false\b|null\b)))"""
)
# Possessive throughout, and each alternative takes what it began: no text is read twice.
_TOKEN = re.compile(
    r"(?P<skipped>\s++|(?://|/\*)?[ \t]{0,8}(?:<!\[CDATA\[|\]\]>)(?:[ \t]{0,8}\*/)?|<!--|-->"
    r"|//[^\n]*+|/\*(?:[^*]++|\*(?!/))*+(?:\*/)?)"
    r"|(?P<open>[{\[])|(?P<close>[}\]])|(?P<comma>[,;])"
    rf"""|"(?P<string>(?:[^"\\]++|\\.|"(?!{_ENDS}))*+)"?"""
    r"|(?P<call>\()"
    r"|'(?P<single>(?:[^'\\]++|\\.)*+)'?"
    r"|(?P<bare>[^\s,;:{}\[\]\"'()/<](?:[^\n,;:{}\[\]\"'()/<]*+))",
    re.DOTALL,
)
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|.)", re.DOTALL)
_CONTROLS = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "\n": ""}
_CONSTANTS: Mapping[str, Any] = {
    **{"true": True, "!0": True, "false": False, "!1": False},
    **dict.fromkeys(("null", "undefined", "void 0", "NaN", "Infinity", "-Infinity")),
}
# What the literals of data call: new Date(1714471509), Array(3).
_CONSTRUCTED = re.compile(r"\b(?:Date|Array|Set|Map|URL|BigInt)\s{0,3}$")
_CONSTRUCTED_CHARS = 20
_STRICT = json.JSONDecoder(strict=False)
_VALUES = frozenset({"string", "single", "bare"})
_NUMBER = re.compile(r"-?(?:\d{1,18}|\d{0,18}\.\d{1,18})(?:[eE][+-]?\d{1,3})?")


def read_roots(text: str) -> list[Any]:
    """Return the values of a text: one if it is JSON, else the objects and arrays found in it."""
    if len(text) > MAX_CHARS:
        return []
    try:
        return [json.loads(text, strict=False)]
    except (ValueError, RecursionError):
        return list(read_loosely(text))


def read_first(text: str, at: int) -> tuple[Any, int]:
    """Return the object or array that begins at a place of a script, and where it ends.

    None and the end of the text if it is longer than any that is read, or code.
    """
    try:
        return _STRICT.raw_decode(text, at)
    except (ValueError, RecursionError):
        return next(_loose_roots(text, at, {}, data_only=True), (None, len(text)))


def read_with_names(text: str, at: int, names: Mapping[str, Any]) -> tuple[Any, int]:
    """Return what `read_first` does, of code too; a name stands for its value in `names`."""
    return next(_loose_roots(text, at, names), (None, len(text)))


def read_loosely(text: str) -> Iterator[Any]:
    """Yield the objects and arrays of a text, what it can read of each; takes linear time."""
    if _ENTITIES.match(text):
        text = markup.unescape(text)
    for value, _ in _loose_roots(text, 0, {}):
        yield value


def _loose_roots(
    text: str, at: int, names: Mapping[str, Any], *, data_only: bool = False
) -> Iterator[tuple[Any, int]]:
    """Yield the objects and arrays of a text, from a place on, and where each ends.

    With `data_only`, stop at a call of a function: then it is code.
    """
    reader = _Reader({**_CONSTANTS, **names})
    for token in _TOKEN.finditer(text, at, at + MAX_LOOSE_CHARS):
        kind = token.lastgroup or "skipped"
        if kind == "open":
            if len(reader.open) >= MAX_DEPTH:
                break
            reader.begin([] if token.group() == "[" else {})
        elif kind == "close":
            for value in reader.end(list if token.group() == "]" else dict):
                yield value, token.end()
        elif kind == "call" and data_only and not _constructs(text, token.start()):
            return
        else:
            reader.take(kind, token[kind])
    for value in reader.open[:1]:
        yield value, len(text)


def _constructs(text: str, at: int) -> bool:
    """Return whether the parenthesis at a place is that of a value, as in `new Date(0)`."""
    return _CONSTRUCTED.search(text, max(at - _CONSTRUCTED_CHARS, 0), at) is not None


class _Reader:
    """The objects and arrays that are open, and the name whose value comes next."""

    def __init__(self, names: Mapping[str, Any]) -> None:
        self.names = names
        self.open: list[Any] = []
        self.key: str | None = None

    def begin(self, value: Any) -> None:
        if self.open:
            self._put(value)
        self.open.append(value)
        self.key = None

    def end(self, kind: type) -> Iterator[Any]:
        """Close the innermost value of a kind, and those within that are still open."""
        self.key = None
        if not any(isinstance(value, kind) for value in self.open):
            return
        while True:
            value = self.open.pop()
            if isinstance(value, kind):
                break
        if not self.open:
            yield value

    def take(self, kind: str, text: str) -> None:
        """Take a comma, a name if an object waits for one, or a value."""
        if kind == "comma":
            self.key = None
        if kind not in _VALUES or not self.open:
            return
        if isinstance(self.open[-1], dict) and self.key is None:
            self.key = _text_of(kind, text)
        else:
            self._put(self._value(kind, text))
            self.key = None

    def _value(self, kind: str, text: str) -> Any:
        value = _text_of(kind, text)
        if kind != "bare":
            return value
        if value in self.names:
            return self.names[value]
        return float(value) if _NUMBER.fullmatch(value) else value

    def _put(self, value: Any) -> None:
        parent = self.open[-1]
        if isinstance(parent, list):
            parent.append(value)
        elif self.key is not None:
            parent[self.key] = value


def _text_of(kind: str, text: str) -> str:
    if kind == "bare":
        return text.rstrip()
    return unescape(text) if "\\" in text else text


def unescape(text: str) -> str:
    """Return the text of a string of JSON or JavaScript, its escapes replaced."""
    plain = _ESCAPE.sub(_unescaped, text)
    # Two escapes of a pair are one character.
    return plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _unescaped(escape: re.Match[str]) -> str:
    code = escape[1]
    if len(code) > 1:
        return chr(int(code[1:], 16))
    return _CONTROLS.get(code, code)
