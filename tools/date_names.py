"""Write `transforms/rules/dates/names.toml` from the Unicode CLDR, as Babel has it.

    python -m tools.date_names

The names of months and days of the week in all languages, and the order of day, month and year in
numbers. A file, since reading the 1,000 locales takes half a second of CPU and
a new version of Babel must not change what a date means unseen.
"""

import textwrap
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set
from importlib.metadata import version
from pathlib import Path

from babel import Locale, localedata

from transforms.core.dates.folding import name_key

TARGET = Path(__file__).parents[1] / "transforms" / "rules" / "dates" / "names.toml"
# Of several meanings of a name, that in one of these languages is the one if the language is not
# known: those of most newspapers.
NEWSPAPERS = """
af am ar az be bg bn bs ca cs cy da de el en es et eu fa fi fil fr ga gl gu he hi hr hu hy id is it
ja ka kk km kn ko lo lt lv mk ml mn mr ms mt my nb ne nl nn no pa pl ps pt ro ru si sk sl so sq sr
sv sw ta te th tr uk ur uz vi zh
"""
CONTEXTS, WIDTHS = ("format", "stand-alone"), ("wide", "abbreviated")
# A shorter Latin abbreviation is a word of many texts.
MIN_LATIN_CHARS = 3
HEADER = """\
# Written by `python -m tools.date_names` from Unicode CLDR (Babel {babel}); not to be edited: what
# is missing goes to words.toml. Names are folded (`core/dates/folding.py`).
# © 2004-2025 Unicode, Inc.; Unicode License V3, in LICENSE-CLDR.txt beside this file.
"""

Meanings = dict[str, dict[int, set[str]]]
"""The numbers that a name means, each with its languages."""


def main() -> None:
    """Write the file."""
    TARGET.write_text(text_of(list(locales())), encoding="utf-8")


def locales() -> Iterator[Locale]:
    """Yield all locales."""
    for identifier in sorted(localedata.locale_identifiers()):
        yield Locale.parse(identifier)


def text_of(found: list[Locale]) -> str:
    """Return the content of the file."""
    weekdays = weekday_names(found)
    months, by_language = _split(month_names(found), weekdays)
    orders = day_orders(found)
    parts = [HEADER.format(babel=version("babel"))]
    parts.append("[months]")
    parts += [_entry(str(number), months[number]) for number in sorted(months)]
    parts.append("\n# Names of several months: the language says which.\n[months_by_language]")
    for name, numbers in sorted(by_language.items()):
        pairs = ", ".join(f"{language} = {numbers[language]}" for language in sorted(numbers))
        parts.append(f'"{name}" = {{ {pairs} }}')
    parts += [
        "\n[weekdays]",
        _entry("names", {name for names in weekdays.values() for name in names}),
    ]
    parts.append("\n# Locales whose numbers do not begin with the day.\n[orders]")
    parts += [_entry(order, names) for order, names in sorted(orders.items())]
    return "\n".join(parts) + "\n"


def month_names(found: Iterable[Locale]) -> Meanings:
    """Return the names of months with their numbers and languages."""
    meanings: Meanings = defaultdict(lambda: defaultdict(set))
    for locale in found:
        for number, name in _names(locale.months):
            if _is_name(name):
                meanings[name_key(name)][number].add(locale.language)
    return meanings


def weekday_names(found: Iterable[Locale]) -> dict[str, set[str]]:
    """Return the names of the days of the week by language."""
    names: dict[str, set[str]] = defaultdict(set)
    for locale in found:
        kept = {name_key(name) for _, name in _names(locale.days) if _is_name(name, 2)}
        names[locale.language] |= kept
    return names


def day_orders(found: Iterable[Locale]) -> dict[str, set[str]]:
    """Return the locales in whose short dates the month or the year is first."""
    orders: dict[str, set[str]] = {"mdy": set(), "ymd": set()}
    for locale in found:
        letters = [c for c in locale.date_formats["short"].pattern if c in "dMy"]
        order = "".join(dict.fromkeys(letters)).lower()
        if order in orders:
            orders[order].add(str(locale).lower())
    return orders


def _names(table: Mapping[str, Mapping[str, Mapping[int, str]]]) -> Iterator[tuple[int, str]]:
    for context in CONTEXTS:
        for width in WIDTHS:
            yield from dict(table[context][width]).items()


def _is_name(name: str, latin: int = MIN_LATIN_CHARS) -> bool:
    """Return whether a name is one: not a number, nor a letter or two of the Latin script."""
    key = name_key(name)
    if not key or any(c.isdigit() for c in name):
        return False
    return len(key) >= (latin if key.isascii() else 2)


def _split(
    meanings: Meanings, weekdays: Mapping[str, set[str]]
) -> tuple[dict[int, set[str]], dict[str, dict[str, int]]]:
    """Return the names by month, and beside them the languages in which one means another month."""
    newspapers = frozenset(NEWSPAPERS.split())
    of_days = {name for language in newspapers for name in weekdays.get(language, ())}
    months: dict[int, set[str]] = {number: set() for number in range(1, 13)}
    by_language: dict[str, dict[str, int]] = {}
    for name, numbers in meanings.items():
        usual = _usual(numbers, newspapers, name in of_days)
        if usual is not None:
            months[usual].add(name)
        others = {
            language: number
            for number, languages in numbers.items()
            for language in languages
            if number != usual
        }
        if others:
            by_language[name] = others
    return months, by_language


def _usual(numbers: Mapping[int, set[str]], newspapers: Set[str], is_day: bool) -> int | None:
    """Return the month that a name means where the language is not known; None if several."""
    usual = {number for number, languages in numbers.items() if languages & newspapers}
    if not usual and is_day:
        return None
    decided = usual or set(numbers)
    return decided.pop() if len(decided) == 1 else None


def _entry(key: str, names: Iterable[str]) -> str:
    lines = textwrap.wrap(
        " ".join(sorted(names)), 96, break_long_words=False, break_on_hyphens=False
    )
    return "\n".join([f'{key} = """', *lines, '"""'])


if __name__ == "__main__":
    main()
