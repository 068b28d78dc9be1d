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

SCOPES = ("block", "list", "ending", "twice")
PLACES = ("any", "head", "tail", "beside")
FIELDS = ("byline", "caption", "credit", "date_line")
LANGUAGES = ("common", "en", "de", "fr", "es")
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
} | _FLAGS
_PART = re.compile(r"\{([a-z]+)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class BoilerplateRule:
    """One kind of text that is not part of an article.

    - `scope` is what is removed. block: a block that matches as a whole. list: the same, a marker,
      and the headlines below it (`alone`: the marker even without headlines). ending: the end of a
      block that matches. twice: a block that matches and is repeated right below, and its repeats.
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
    needs: tuple[str, ...] = ()
    drops: tuple[str, ...] = ()
    keeps: tuple[str, ...] = ()


@cache
def load_rules(language: str | None) -> tuple[BoilerplateRule, ...]:
    """Return the rules common to all languages and those of one, or all rules if the language is
    not known.
    """
    if language is None:
        return tuple(chain.from_iterable(map(_load, LANGUAGES)))
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

    `{name}` in a pattern stands for that entry of the text's table `parts`, else of
    `Agencies.parts`.

    Raises ConfigError naming the invalid rule.
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
    expanded = _PART.sub(lambda part: f"(?:{parts[part[1]]})", table["pattern"])
    try:
        pattern = re.compile(rf"(?:{expanded})\Z" if ending else expanded, flags)
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
