"""Find the persons that a sentence describes: the offices they hold, and in which country.

The constructions are those of newspaper English: "Kenyan President Amina Otieno", "President
Otieno of Kenya", "Amina Otieno, the country's long-time president," and "Otieno, who has been in
power in Kenya since".
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from transforms.core.events.entities.names import (
    is_name,
    matched_words,
    name_end,
    name_start,
)
from transforms.core.events.rules.lexicon import Match
from transforms.core.events.rules.rule_files import word_set

_MAX_FILLERS = 4
"""Words between a country and an office: "Israel's newly elected right-wing prime minister"."""
# All of them must be in `_FILLERS`, so the limit is loose: 2 and 8 gave the same on 1,687 texts.

_POSSESSIVE_WINDOW = 3
"""Words before an office searched for "his" or "her": "his exiled opposition leader"."""

_APPOSITION_WINDOW = 7
"""Words before an office searched for the comma of an apposition."""
# "NAME, the country's long-time main opposition leader" needs six. 12 changes 5 texts of 1,687:
# the comma may then be that of another phrase.

_CLAUSE_WINDOW = 10
"""Words read of a clause with "who"; 6 and 20 gave the same on 1,687 texts."""

_FILLERS = word_set(
    "'s ’s - new former top senior outgoing incoming embattled newly appointed elected re-elected "
    "long-time longtime then acting interim the a an ruling exiled ousted right-wing left-wing "
    "first second her his its their and retired leading authoritarian main jailed"
)
_POWER = word_set("power ruled rules led president leader office")
_STOPS = frozenset((".", ";", ":", '"', "“", "”"))
_AFTER_APPOSITION = frozenset((",", ".", ";", ")", "—", "–", "who", "said", "told", "and"))


@dataclass(frozen=True, slots=True)
class Person:
    """A person as an article describes them: country, sector and the offices they hold.

    `national`: whether one of these offices has one holder a country.
    """

    name: str
    country: str | None = None
    sector: str | None = None
    roles: frozenset[str] = frozenset()
    national: bool = False


def persons_in(
    words: Sequence[str], matches: Sequence[Match], known: Mapping[str, Person]
) -> Iterator[Person]:
    """Yield the persons that a sentence describes.

    `known` are the persons so far by surname; the caller adds those of this sentence as they come.
    """
    taken = matched_words(matches)
    for number, match in enumerate(matches):
        if match.entry.kind == "role":
            yield from _office_holders(words, matches, number, taken, known)
    yield from _persons_in_power(words, matches, taken)


def _office_holders(
    words: Sequence[str],
    matches: Sequence[Match],
    number: int,
    taken: frozenset[int],
    known: Mapping[str, Person],
) -> Iterator[Person]:
    """Yield the person named after an office, and the one named before it in an apposition."""
    office = matches[number]
    country, office_end = _country_after_of(words, matches, office.end)
    start = office.end
    if country is not None and office_end < len(words):
        start = office_end + (words[office_end] == ",")
    country = country or _country_before(words, matches, number)
    end = name_end(words, start, taken)
    if end > start:
        yield _person(
            words[start:end],
            words,
            office,
            country
            or _country_after_of(words, matches, end)[0]
            or _country_of_possessor(words, office, known),
        )
    if _ends_apposition(words, office_end):
        name = _name_before_comma(words, office.start, taken)
        if name:
            yield _person(name, words, office, country)


def _person(
    name: Sequence[str], words: Sequence[str], office: Match, country: str | None
) -> Person:
    return Person(
        name=" ".join(name),
        country=country,
        sector=office.entry.sector,
        roles=frozenset((" ".join(words[office.start : office.end]).lower(),)),
        national=office.entry.national,
    )


def _country_before(words: Sequence[str], matches: Sequence[Match], number: int) -> str | None:
    """Return the country right before an office: "Israel's outgoing prime minister"."""
    start = matches[number].start
    for previous in reversed(matches[:number]):
        between = words[previous.end : start]
        if len(between) > _MAX_FILLERS or any(w.lower() not in _FILLERS for w in between):
            return None
        if previous.entry.country:
            return previous.entry.country
        start = previous.start
    return None


def _country_after_of(
    words: Sequence[str], matches: Sequence[Match], at: int
) -> tuple[str | None, int]:
    """Return the country after "of" and its end: "President Erdogan of Turkey"."""
    if at < len(words) and words[at].lower() in ("of", "for"):
        start = at + 1 + (words[at + 1 : at + 2] == ["the"])
        for match in matches:
            if match.start == start and match.entry.country:
                return match.entry.country, match.end
    return None, at


def _country_of_possessor(
    words: Sequence[str], office: Match, known: Mapping[str, Person]
) -> str | None:
    """Return the country of the possessor in "his exiled opposition leader".

    That is the country of the last known person before, else the one of all known persons.
    """
    window = words[max(0, office.start - _POSSESSIVE_WINDOW) : office.start]
    if not any(w.lower() in ("his", "her") for w in window):
        return None
    for word in reversed(words[: office.start]):
        if word in known and known[word].country:
            return known[word].country
    countries = {p.country for p in known.values() if p.country}
    return next(iter(countries)) if len(countries) == 1 else None


def _ends_apposition(words: Sequence[str], at: int) -> bool:
    return at >= len(words) or words[at] in _AFTER_APPOSITION


def _name_before_comma(words: Sequence[str], office: int, taken: frozenset[int]) -> Sequence[str]:
    """Return the name in "NAME, the country's long-time OFFICE"; none if it is one word."""
    for at in range(office - 1, max(-1, office - 1 - _APPOSITION_WINDOW), -1):
        if words[at] in _STOPS:
            return ()
        if words[at] == ",":
            name = words[name_start(words, at, taken) : at]
            return name if len(name) > 1 else ()
    return ()


def _persons_in_power(
    words: Sequence[str], matches: Sequence[Match], taken: frozenset[int]
) -> Iterator[Person]:
    """Yield the persons of "NAME, who has been in power in COUNTRY since"."""
    for comma in range(1, len(words) - 3):
        if words[comma] != "," or words[comma + 1].lower() != "who":
            continue
        if comma - 1 in taken or not is_name(words[comma - 1]):
            continue
        start, end = comma + 2, comma + 2 + _CLAUSE_WINDOW
        country = _first_country(matches, start + 1, end)
        if country and any(w.lower() in _POWER for w in words[start:end]):
            yield Person(words[comma - 1], country, "GOV", frozenset(("leader",)))


def _first_country(matches: Sequence[Match], start: int, end: int) -> str | None:
    for match in matches:
        if start <= match.start < end and match.entry.country:
            return match.entry.country
    return None
