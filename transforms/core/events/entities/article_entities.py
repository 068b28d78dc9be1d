"""Who are the persons of an article, and which country and office does the article itself give them?"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from transforms.core.events.rules.lexicon import Lexicon, Match
from transforms.core.events.rules.rule_files import word_set

_TOKEN = re.compile(
    r"(?:[A-Za-z]\.){2,}|[^\W\d_](?:[\w]|[.'’](?=\w))*?(?=['’]s\b)|['’]s\b|[\w]+(?:[.'’][\w]+)*|\S"
)
_INITIALS = re.compile(r"[A-Z]|(?:[A-Z]\.)+")
_PARTICLES = word_set("al bin ibn van der de von el da dos di bint del la le abu")
_TITLES = frozenset(
    ("mr", "mrs", "ms", "dr", "sir", "lord", "sheikh", "general", "colonel", "gen", "col")
)
_FILLERS = word_set(
    "new former top senior outgoing incoming embattled newly appointed elected re-elected long-time longtime "
    "then acting  interim the a an ruling exiled ousted right-wing left-wing first second her his its their "
    "and retired leading  authoritarian main jailed"
)
_NOT_NAMES = word_set(
    "monday tuesday wednesday thursday friday saturday sunday january february march april may june july "
    "august september  october november december the he she it they in on at but and this that a an i we you "
    "there"
)
_OFFICE = word_set("GOV MIL LEG SPY OPP REB PRM PTY")
_POLITICAL = 0.4
"""An article is political where so large a share of its sentences names a country or an office."""
_POWER = word_set("power ruled rules led president leader office")


@dataclass(frozen=True, slots=True)
class Person:
    """A person as the article makes them known."""

    name: str
    country: str | None = None
    sector: str | None = None
    roles: frozenset[str] = frozenset()
    national: bool = False


@dataclass(frozen=True, slots=True)
class ArticleEntities:
    """An article's persons by surname, and the country it is mostly about."""

    persons: Mapping[str, Person]
    dominant_country: str | None = None
    political: bool = False

    def find_person(self, words: Sequence[str]) -> Person | None:
        """Return the person whose surname is among the words, the last word first."""
        for word in reversed(words):
            if word in self.persons:
                return self.persons[word]
        return None

    def office_holder(self, role: str, country: str | None) -> Person | None:
        """Return the one person who holds a role (of a country); None when there is none or more."""
        found = {
            p.name: p
            for p in self.persons.values()
            if role in p.roles and (country is None or p.country == country)
        }
        return next(iter(found.values())) if len(found) == 1 else None


def tokens(text: str) -> list[str]:
    """Cut a text into words and marks, possessive endings apart."""
    return _TOKEN.findall(text)


def read_persons(texts: Iterable[str], lexicon: Lexicon) -> dict[str, Person]:
    """Return, by surname, the persons of whom the sentences themselves say who they are."""
    return _read(texts, lexicon).persons


def read_entities(
    texts: Iterable[str], lexicon: Lexicon, known: Mapping[str, Person] | None = None
) -> ArticleEntities:
    """Return who the sentences of an article say its persons are; where they are silent, who they are `known` to be."""
    read = _read(texts, lexicon)
    persons = dict(read.persons)
    for surname, name in read.names.items():
        persons.setdefault(surname, Person(name))
    dominant = _dominant(read.countries)
    settled = _settle(persons, dominant)
    return ArticleEntities(
        _remember(settled, read.words, known or {}),
        dominant,
        read.told >= _POLITICAL * max(1, read.total),
    )


@dataclass(slots=True)
class _Reading:
    persons: dict[str, Person]
    names: dict[str, str]
    countries: Counter[str]
    words: set[str]
    told: int = 0
    total: int = 0


def _read(texts: Iterable[str], lexicon: Lexicon) -> _Reading:
    out = _Reading({}, {}, Counter(), set())
    for text in texts:
        words = tokens(text)
        matches = lexicon.scan(words)
        out.total += 1
        out.told += any(m.entry.country or m.entry.sector in _OFFICE for m in matches)
        if _is_title_case(words):
            continue
        out.words.update(w for w in words if w[:1].isupper())
        out.countries.update(
            m.entry.country for m in matches if m.entry.country not in (None, "IGO")
        )
        for person in _sentence(words, matches, out.persons):
            _add(out.persons, person)
        for start, end in _name_runs(words, matches):
            if end - start > 1:
                out.names.setdefault(words[end - 1], " ".join(words[start:end]))
    out.persons = {
        k: replace(p, name=out.names.get(k, p.name)) if " " not in p.name else p
        for k, p in out.persons.items()
    }
    return out


def _remember(
    persons: Mapping[str, Person], words: set[str], known: Mapping[str, Person]
) -> dict[str, Person]:
    """Fill in what other articles know of persons of whom this one says no country: by full name, or a rare surname."""
    out = dict(persons)
    surnames = Counter(name.split()[-1] for name in known)
    for name, person in known.items():
        surname = name.split()[-1]
        here = out.get(surname)
        same = here is None or here.name == name or here.name == surname
        if surname in words and surnames[surname] == 1 and same and not (here and here.country):
            sector = (here.sector if here else None) or person.sector
            out[surname] = replace(here or person, name=name, country=person.country, sector=sector)
    return out


def _dominant(countries: Counter[str]) -> str | None:
    ranked = countries.most_common(2)
    if not ranked:
        return None
    if len(ranked) == 1 or ranked[0][1] >= 1.8 * ranked[1][1]:
        return ranked[0][0]
    return None


def _settle(persons: Mapping[str, Person], dominant: str | None) -> dict[str, Person]:
    """Give the dominant country to the one national leader who came without one."""
    homeless = {p.name for p in persons.values() if p.national and p.country is None}
    out = dict(persons)
    if dominant and len(homeless) == 1:
        for key, person in persons.items():
            taken = any(
                o.country == dominant and _conflicting_offices(o, person) for o in persons.values()
            )
            if person.name in homeless and not taken:
                out[key] = replace(person, country=dominant)
    return out


def _conflicting_offices(a: Person, b: Person) -> bool:
    """Tell whether two cannot both hold their offices in one country."""
    heads = {"president", "leader"}
    return bool(a.roles & b.roles) or (
        "leader" in a.roles | b.roles and bool(a.roles & heads) and bool(b.roles & heads)
    )


def _add(persons: dict[str, Person], new: Person) -> None:
    key = new.name.split()[-1]
    old = persons.get(key)
    if old is None:
        persons[key] = new
        return
    name = max(old.name, new.name, key=lambda n: (n.count(" "), -len(n)))
    persons[key] = Person(
        name,
        old.country or new.country,
        old.sector or new.sector,
        old.roles | new.roles,
        old.national or new.national,
    )


def _is_title_case(words: Sequence[str]) -> bool:
    """Tell whether a headline writes all its words large, so that capitals make no names."""
    plain = [w for w in words if w[0].isalpha() and len(w) > 3]
    large = sum(w[0].isupper() for w in plain)
    return len(plain) >= 4 and large >= 0.8 * len(plain) and words[-1] != "."


def _is_name(word: str) -> bool:
    return (
        word[:1].isupper()
        and word[-1:].isalnum()
        and any(c.islower() for c in word)
        and word.lower() not in _NOT_NAMES
    )


def _name_at(words: Sequence[str], start: int, taken: frozenset[int]) -> int:
    end = start
    while end < min(len(words), start + 5) and end not in taken:
        initial = end > start and words[end] == "." and len(words[end - 1]) == 1
        particle = end > start and words[end].lower() in _PARTICLES
        if not (initial or particle or _is_name(words[end]) or _INITIALS.fullmatch(words[end])):
            break
        end += 1
    while end > start and not _is_name(words[end - 1]):
        end -= 1
    return end


def _name_runs(words: Sequence[str], matches: Sequence[Match]) -> Iterable[tuple[int, int]]:
    taken = frozenset(i for m in matches for i in range(m.start, m.end))
    at = 0
    while at < len(words):
        end = (
            _name_at(words, at, taken)
            if at not in taken and words[at].lower() not in _TITLES
            else at
        )
        if end > at and (at > 0 or end - at > 1):
            yield at, end
        at = max(end, at + 1)


def _sentence(
    words: Sequence[str], matches: Sequence[Match], persons: Mapping[str, Person]
) -> Iterable[Person]:
    taken = frozenset(i for m in matches for i in range(m.start, m.end))
    for n, match in enumerate(matches):
        if match.entry.kind != "role":
            continue
        start = match.end
        country = _before(words, matches, n)
        of, after_of = _of(words, matches, match.end)
        if of and after_of < len(words):
            country, start = of, after_of + (words[after_of] == ",")
        end = _name_at(words, start, taken)
        if end > start:
            yield _person(
                words,
                (start, end),
                match,
                country or _of(words, matches, end)[0] or _his(words, match, persons),
            )
        ends = words[max(after_of, match.end) : max(after_of, match.end) + 1]
        closed = (
            not ends
            or ends[0] in (",", ".", ";", ")", "—", "–")
            or ends[0] in ("who", "said", "told", "and")
        )
        appositive = _before_comma(words, match.start, taken) if closed else None
        if appositive:
            yield _person(words, appositive, match, of or country)
    yield from _in_power(words, matches)


def _person(
    words: Sequence[str], span: tuple[int, int], match: Match, country: str | None
) -> Person:
    role = " ".join(words[match.start : match.end]).lower()
    entry = match.entry
    return Person(
        " ".join(words[span[0] : span[1]]),
        country,
        entry.sector,
        frozenset((role,)),
        entry.national,
    )


def _before(words: Sequence[str], matches: Sequence[Match], n: int) -> str | None:
    """Country right before a role: "Israel's outgoing prime minister"."""
    at = matches[n].start
    for previous in reversed(matches[:n]):
        gap = words[previous.end : at]
        if len(gap) > 4 or any(
            w.lower() not in _FILLERS and w not in ("'s", "’s", "-") for w in gap
        ):
            return None
        if previous.entry.country:
            return previous.entry.country
        at = previous.start
    return None


def _of(words: Sequence[str], matches: Sequence[Match], at: int) -> tuple[str | None, int]:
    """Country after "of", and where it ends: "President Erdogan of Turkey"."""
    if at < len(words) and words[at].lower() in ("of", "for"):
        start = at + 1 + (words[at + 1 : at + 2] == ["the"])
        for match in matches:
            if match.start == start and match.entry.country:
                return match.entry.country, match.end
    return None, at


def _his(words: Sequence[str], match: Match, persons: Mapping[str, Person]) -> str | None:
    """Country of whoever "his exiled opposition leader" speaks of: the last known person before."""
    before = [w.lower() for w in words[max(0, match.start - 3) : match.start]]
    if not {"his", "her"} & set(before):
        return None
    known = [persons[w] for w in words[: match.start] if w in persons and persons[w].country]
    if known:
        return known[-1].country
    every = {p.country for p in persons.values() if p.country}
    return next(iter(every)) if len(every) == 1 else None


def _before_comma(words: Sequence[str], role: int, taken: frozenset[int]) -> tuple[int, int] | None:
    """The name in "NAME, the country's long-time ROLE"."""
    for at in range(role - 1, max(-1, role - 8), -1):
        if words[at] == ",":
            start = at
            while (
                start > 0
                and start - 1 not in taken
                and (_is_name(words[start - 1]) or words[start - 1].lower() in _PARTICLES)
            ):
                start -= 1
            return (start, at) if at - start >= 2 else None
        if words[at] in (".", ";", ":", '"', "“", "”"):
            return None
    return None


def _in_power(words: Sequence[str], matches: Sequence[Match]) -> Iterable[Person]:
    """Persons of "NAME, who has been in power in COUNTRY since"."""
    taken = frozenset(i for m in matches for i in range(m.start, m.end))
    for at, word in enumerate(words[:-3]):
        if (
            word == ","
            and words[at + 1].lower() == "who"
            and at > 0
            and _is_name(words[at - 1])
            and at - 1 not in taken
        ):
            clause = words[at + 2 : at + 12]
            country = next(
                (
                    m.entry.country
                    for m in matches
                    if at + 2 < m.start < at + 12 and m.entry.country
                ),
                None,
            )
            if country and _POWER & {w.lower() for w in clause}:
                yield Person(words[at - 1], country, "GOV", frozenset(("leader",)))
