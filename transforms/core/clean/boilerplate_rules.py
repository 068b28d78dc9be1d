"""Which boilerplate is known by its words: the rules of `transforms/rules/boilerplate`, read and
checked.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from transforms.core.clean.agencies import load_agencies
from transforms.errors import ConfigError

SCOPES = ("block", "list", "ending", "twice")
PLACES = ("any", "head", "tail", "beside")
FIELDS = ("byline", "caption", "credit", "date_line")
LANGUAGES = ("common", "en", "de", "fr", "es")
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
} | _FLAGS
_PART = re.compile(r"\{([a-z]+)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class BoilerplateRule:
    """One kind of text that is no part of an article, and where it has to stand to count.

    `scope` block: the whole block matches. list: so does a marker, and the headlines below it go
    too (`alone`: the marker goes even without them). ending: what matches at the end of a block
    goes. twice: the block matches and stands again right below. `where`: head is before the first
    paragraph, tail is the last blocks, beside is next to something that was taken out. `moves`
    names the field that takes the group `value`. `text_only` rules are for texts that came without
    a page. A `call` speaks to the reader: no block that quotes somebody, or reports speech by the
    words of `reports`, is one, and none of a list that the article introduces. The words of a
    `label` make subheads too: no heading of the page right above a paragraph is one. `needs` saves
    time: without one of these words, in small letters, a text is not tried.
    """

    name: str
    language: str
    scope: str
    where: str
    pattern: re.Pattern[str]
    max_chars: int = 300
    alone: bool = True
    moves: str | None = None
    text_only: bool = False
    call: bool = False
    label: bool = False
    reports: re.Pattern[str] | None = None
    needs: tuple[str, ...] = ()
    drops: tuple[str, ...] = ()
    keeps: tuple[str, ...] = ()


@cache
def load_rules(language: str | None) -> tuple[BoilerplateRule, ...]:
    """Return the rules of every language and those of one.

    All there are where the language is not known.
    """
    if language is None:
        return tuple(rule for name in LANGUAGES for rule in _load(name))
    base = language.split("-")[0].lower()
    return _load("common") + (_load(base) if base in LANGUAGES[1:] else ())


@cache
def _load(name: str) -> tuple[BoilerplateRule, ...]:
    text = (
        files("transforms")
        .joinpath("rules", "boilerplate", f"{name}.toml")
        .read_text(encoding="utf-8")
    )
    return read_rules(text, name)


def read_rules(text: str, language: str) -> tuple[BoilerplateRule, ...]:
    """Return the rules in a TOML text, in its order.

    `{name}` in a pattern is that part of its table `parts`, else of the names of agencies.

    Raises ConfigError naming the rule that cannot be used.
    """
    try:
        file = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"boilerplate rules of {language!r} are not TOML: {error}") from error
    parts = {**load_agencies().parts, **file.get("parts", {})}
    reports = re.compile(parts["reports"], re.IGNORECASE) if "reports" in parts else None
    rules = tuple(_rule(table, language, parts, reports) for table in file.get("rule", []))
    names = [rule.name for rule in rules]
    if len(set(names)) < len(names):
        raise ConfigError(
            f"boilerplate rules of {language!r}: two rules share a name; rename one of them"
        )
    return rules


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
    written = _PART.sub(lambda part: f"(?:{parts[part[1]]})", table["pattern"])
    try:
        pattern = re.compile(rf"(?:{written})\Z" if ending else written, flags)
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
        max_chars=table.get("max_chars", 300),
        alone=table.get("alone", True),
        moves=table.get("moves"),
        text_only=table.get("text_only", False),
        call=table.get("call", False),
        label=table.get("label", False),
        reports=reports,
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
