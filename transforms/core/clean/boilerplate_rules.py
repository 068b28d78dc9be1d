"""Read and check the boilerplate rules of `transforms/rules/boilerplate`."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import chain
from typing import Any

from transforms.core.clean.agencies import load_agencies
from transforms.errors import ConfigError

SCOPES = ("block", "list", "ending", "twice", "credits")
PLACES = ("any", "head", "tail", "beside")
FIELDS = ("byline", "caption", "credit", "date_line")
COMPLETE = ("en", "de", "fr", "es")
"""The languages whose rules have every kind of boilerplate; they stand for an unknown language."""
LANGUAGES = (
    *("common", *COMPLETE),
    *("ar", "bg", "bn", "cs", "da", "el", "fa", "fi", "he", "hi", "hr", "hu", "id", "it", "ja"),
    *("ko", "nl", "no", "pl", "pt", "ro", "ru", "sk", "sr", "sv", "tr", "uk", "vi", "zh"),
)
# Languages that are written so alike that the words of one occur in the other.
_SAME_WORDS = {"bs": "hr", "sh": "hr", "nb": "no", "nn": "no", "ms": "id"}
# Two or three sentences; a rule for longer notices sets its own. It keeps patterns off paragraphs.
DEFAULT_MAX_CHARS = 300
_FLAGS = {"case", "alone", "text_only", "call", "label"}
_KEYS = {
    "name",
    "scope",
    "where",
    "pattern",
    "max_chars",
    "moves",
    "needs",
    "drops",
    "keeps",
    "shape",
    "words",
    "weak",
} | _FLAGS
_PART = re.compile(r"\{([a-z]+)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class BoilerplateRule:
    """One kind of text that is not part of an article.

    - `scope` is what is removed. block: a block that matches as a whole. list: the same, a marker,
      and the headlines below it (`alone`: the marker even without headlines). ending: the end of a
      block that matches. twice: a block that matches and is repeated right below, and its repeats.
      credits: lines of who did what for the article (`credit_lines.py`), by the words of the tasks;
      those of `weak` are also tasks for a film or a play.
    - `where` is the place it must be in. head: before the first paragraph. tail: the last blocks.
      beside: next to a block that was removed.
    - `moves` names the field that gets the group `value`, else the whole text.
    - `text_only` rules apply only to texts that came without a page.
    - A `call` addresses the reader, so it spares blocks that quote or report speech (by the pattern
      `reports`), and items of a list that the article introduces.
    - The words of a `label` also occur as subheads, so it spares headings of the page right above a
      paragraph.
    - `needs` saves time: a text without any of these lower-case words is not matched.
    """

    name: str
    language: str
    scope: str
    where: str
    pattern: re.Pattern[str]
    max_chars: int = DEFAULT_MAX_CHARS
    alone: bool = True
    moves: str | None = None
    text_only: bool = False
    call: bool = False
    label: bool = False
    reports: re.Pattern[str] | None = None
    weak: re.Pattern[str] | None = None
    needs: tuple[str, ...] = ()
    drops: tuple[str, ...] = ()
    keeps: tuple[str, ...] = ()


@cache
def load_rules(language: str | None) -> tuple[BoilerplateRule, ...]:
    """Return the rules of a language, those common to all, and the English ones, since pages in
    every language have English boilerplate; those of the complete languages if it is not known.
    """
    if language is None:
        return tuple(chain.from_iterable(map(_load, ("common", *COMPLETE))))
    base = language.split("-")[0].lower()
    base = _SAME_WORDS.get(base, base)
    own = _load(base) if base in LANGUAGES[1:] else ()
    return (*_load("common"), *own, *(_load("en") if base != "en" else ()))


@cache
def _load(name: str) -> tuple[BoilerplateRule, ...]:
    return read_rules(_file(name), name)


@cache
def _shapes() -> Mapping[str, Any]:
    """Return the forms of rules, and the parts of their patterns."""
    return tomllib.loads(_file("shapes"))


def _file(name: str) -> str:
    rules = files("transforms").joinpath("rules", "boilerplate", f"{name}.toml")
    return rules.read_text(encoding="utf-8")


def read_rules(text: str, language: str) -> tuple[BoilerplateRule, ...]:
    """Return the rules in a TOML text, in its order.

    A rule with a `shape` has what the shape gives (`shapes.toml`). `{name}` in a pattern stands for
    that entry of the text's table `parts`, else of those of the shapes and of `Agencies.parts`.

    Raises ConfigError naming the invalid rule.
    """
    try:
        file = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"boilerplate rules of {language!r} are not TOML: {error}") from error
    parts = {**load_agencies().parts, **_shapes()["parts"], **file.get("parts", {})}
    reports = re.compile(parts["reports"], re.IGNORECASE) if "reports" in parts else None
    tables = [_shaped(table, language) for table in file.get("rule", [])]
    rules = tuple(_rule(table, language, parts, reports) for table in tables)
    names = [rule.name for rule in rules]
    if len(set(names)) < len(names):
        raise ConfigError(
            f"boilerplate rules of {language!r}: two rules share a name; rename one of them"
        )
    return rules


def _shaped(table: Mapping[str, Any], language: str) -> Mapping[str, Any]:
    """Return a rule with what its shape gives."""
    name = table.get("shape")
    if name is None:
        return table
    shape = _shapes()["shape"].get(name)
    if shape is None or "words" not in table:
        raise ConfigError(
            f"boilerplate rule {table.get('name', name)!r} of {language!r}: no such shape, or "
            f"no words for it: {name}"
        )
    pattern = shape["pattern"].replace("{words}", table["words"])
    return {"name": name, **shape, "pattern": pattern, **table}


def _expanded(pattern: str, parts: Mapping[str, str]) -> str:
    """Return a pattern with its parts in place; a part may have parts."""
    once = _PART.sub(lambda part: f"(?:{parts[part[1]]})", pattern)
    return _PART.sub(lambda part: f"(?:{parts[part[1]]})", once)


def _rule(
    table: Mapping[str, Any],
    language: str,
    parts: Mapping[str, str],
    reports: re.Pattern[str] | None,
) -> BoilerplateRule:
    name = table.get("name", "?")
    _check(table, name, language, parts)
    flags = 0 if table.get("case") else re.IGNORECASE
    ending = table.get("scope", "block") == "ending"
    expanded = _expanded(table["pattern"], parts)
    weak = table.get("weak")
    try:
        pattern = re.compile(rf"(?:{expanded})\Z" if ending else expanded, flags)
        weak_pattern = re.compile(_expanded(weak, parts), flags) if weak else None
    except re.error as error:
        raise ConfigError(
            f"boilerplate rule {name!r} of {language!r}: the pattern does not compile: {error}"
        ) from error
    return BoilerplateRule(
        name=name,
        language=language,
        scope=table.get("scope", "block"),
        where=table.get("where", "any"),
        pattern=pattern,
        max_chars=table.get("max_chars", DEFAULT_MAX_CHARS),
        alone=table.get("alone", True),
        moves=table.get("moves"),
        text_only=table.get("text_only", False),
        call=table.get("call", False),
        label=table.get("label", False),
        reports=reports,
        weak=weak_pattern,
        needs=tuple(table.get("needs", ())),
        drops=tuple(table["drops"]),
        keeps=tuple(table["keeps"]),
    )


def _check(table: Mapping[str, Any], name: str, language: str, parts: Mapping[str, str]) -> None:
    missing = {"name", "pattern", "drops", "keeps"} - table.keys()
    if missing or table.keys() - _KEYS:
        odd = ", ".join(sorted(missing | (table.keys() - _KEYS)))
        raise ConfigError(f"boilerplate rule {name!r} of {language!r}: missing or unknown: {odd}")
    for key, allowed in (("scope", SCOPES), ("where", PLACES), ("moves", FIELDS)):
        if key in table and table[key] not in allowed:
            raise ConfigError(
                f"boilerplate rule {name!r} of {language!r}: {key} must be one of "
                f"{', '.join(allowed)}"
            )
    unknown = {part[1] for part in _PART.finditer(table["pattern"])} - parts.keys()
    if unknown:
        raise ConfigError(
            f"boilerplate rule {name!r} of {language!r}: no such part: {', '.join(sorted(unknown))}"
        )
