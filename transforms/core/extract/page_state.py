"""Read the state that applications leave in a page for their scripts: Next, Nuxt, Apollo, others.

They are JSON in a script of type application/json, or a literal that a script assigns. Nuxt writes
numbers in place of values (devalue), or the body of a function with its arguments after it.

https://github.com/Rich-Harris/devalue
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple
from urllib.parse import unquote

from lxml import html

from transforms.core.extract.flight import read_flight
from transforms.core.extract.loose_json import (
    MAX_CHARS,
    read_first,
    read_roots,
    read_with_names,
    unescape,
)

# Bounds on hostile pages. Of 1,500 pages, the most had 25 scripts of type application/json.
MAX_SCRIPTS = 100
MAX_ASSIGNED = 20
MAX_PARAMETERS = 2_000
MAX_PLACES = 200_000
# A shorter script has no text of an article.
MIN_SCRIPT_CHARS = 200
_DATA_TYPES = frozenset({"application/json", "text/json", "application/vnd.api+json"})
_CODE_TYPES = frozenset({"", "text/javascript", "application/javascript", "module"})
# window.__NUXT__ = {..., window["state"] = [..., Fusion.globalContent = JSON.parse("...
_ASSIGNED = re.compile(
    r"(?P<name>[\w$]{1,80}(?:\.[\w$]{1,80}|\[[\"'][\w$-]{1,80}[\"']\]){0,4}+)\s*+=\s*+"
    r"(?:(?=[{\[])|(?P<parsed>JSON\.parse\(\s*+(?:decodeURIComponent\()?)|"
    r"\(?\s*+function\s*+\((?P<parameters>[\w$,\s]{0,20000}+)\)\s*+\{)"
)
_QUOTED = re.compile(r"\"((?:[^\"\\]++|\\.)*+)\"|'((?:[^'\\]++|\\.)*+)'", re.DOTALL)
_RETURN = re.compile(r"\breturn\b\s*+")
_BASES = {"next_data": "next_data", "nuxt": "nuxt", "apollo": "apollo"}


class State(NamedTuple):
    """A value that a page keeps for its scripts, and the kind of application it is of."""

    basis: str
    value: Any


def read_states(scripts: Sequence[html.HtmlElement]) -> Iterator[State]:
    """Yield the states in the scripts of a page: next_data, nuxt, apollo, or state."""
    texts = [script.text for script in scripts if script.text and "__next_f" in script.text]
    for value in read_flight(texts):
        yield State("next_data", value)
    for script in scripts[:MAX_SCRIPTS]:
        text = script.text or ""
        if not MIN_SCRIPT_CHARS <= len(text) <= MAX_CHARS or script.get("src"):
            continue
        kind = (script.get("type") or "").split(";")[0].strip().lower()
        if kind in _DATA_TYPES:
            basis = _basis(script.get("id") or "")
            for root in read_roots(text):
                yield State(basis, _referred(root) if basis == "nuxt" else root)
        elif kind in _CODE_TYPES:
            yield from _assigned(text)


def _basis(name: str) -> str:
    """Return the application that the id of a script, or of a variable, is of."""
    folded = name.strip("_").lower()
    return next((basis for part, basis in _BASES.items() if part in folded), "state")


def _assigned(text: str) -> Iterator[State]:
    """Yield the literals that a script assigns to names."""
    at = 0
    for _ in range(MAX_ASSIGNED):
        found = _ASSIGNED.search(text, at)
        if not found:
            return
        if found["parsed"]:
            value, at = _parsed_string(text, found.end())
        elif found["parameters"] is not None:
            # Other functions that return an object are code.
            if _basis(found["name"]) != "nuxt":
                at = found.end()
                continue
            value, at = _returned(text, found.end(), found["parameters"])
        else:
            value, at = read_first(text, found.end())
        if isinstance(value, dict | list):
            yield State(_basis(found["name"]), value)


def _parsed_string(text: str, at: int) -> tuple[Any, int]:
    """Return the value of the JSON in a string literal, and where the literal ends."""
    literal = _QUOTED.match(text, at)
    if not literal:
        return None, at
    content = unescape(literal[1] or literal[2] or "")
    if content.startswith(("%7B", "%5B")):
        content = unquote(content)
    return next(iter(read_roots(content)), None), literal.end()


def _returned(text: str, at: int, parameters: str) -> tuple[Any, int]:
    """Return the value that a function returns when called, and where its body ends.

    Nuxt 2 writes values that occur more than once as arguments.
    """
    start = _RETURN.search(text, at)
    if not start:
        return None, at
    _, end = read_with_names(text, start.end(), {})
    call = text.find("(", end)
    arguments = read_with_names(f"[{text[call + 1 :]}", 0, {})[0] if call >= 0 else ()
    names = parameters.replace(",", " ").split()[:MAX_PARAMETERS]
    values = dict(zip(names, arguments or (), strict=False))
    return read_with_names(text, start.end(), values)


def _referred(root: Any) -> Any:
    """Return the value of which Nuxt 3 wrote a list: each number in it is a place in the list."""
    if not isinstance(root, list) or not root:
        return root
    places = root[:MAX_PLACES]
    made: list[Any] = [_container(place) for place in places]
    for place, value in zip(places, made, strict=True):
        _fill(place, value, made)
    return made[0]


def _container(place: Any) -> Any:
    """Return an empty object or array for one, else the value itself."""
    if isinstance(place, dict):
        return {}
    return [] if isinstance(place, list) else place


def _fill(place: Any, value: Any, made: Sequence[Any]) -> None:
    """Put the values of an object or array where it has their places."""
    if isinstance(place, dict):
        value.update((name, made[at]) for name, at in place.items() if _is_place(at, made))
    elif isinstance(place, list):
        value.extend(made[at] for at in place if _is_place(at, made))


def _is_place(at: Any, made: Sequence[Any]) -> bool:
    return isinstance(at, int) and not isinstance(at, bool) and 0 <= at < len(made)
