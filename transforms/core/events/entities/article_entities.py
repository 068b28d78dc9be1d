"""Find the persons of an article, with the countries and offices that the article gives them."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from transforms.core.events.entities.names import is_title_case, name_runs, tokens
from transforms.core.events.entities.person_mentions import Person, persons_in
from transforms.core.events.rules.lexicon import Lexicon, Match
from transforms.core.events.rules.rule_files import word_set

_POLITICAL_SHARE = 0.4
"""Share of its sentences that name a country or an office, from which an article is political."""
# In a political article a party needs only a name. Of 1,955 coded mentions 0.3 adds 40, such as a
# stabbing in a train, and 0.5 loses 23, such as a minister's resignation.

_DOMINANCE = 1.8
"""Ratio of mentions of the most frequent country to those of the next, to be dominant."""
# It is the default for offices and cities, where a wrong country costs more than none. 1.0 changes
# the parties of 12 texts of 1,687, 2.5 of 7: it drops correct ones.

_OFFICE_SECTORS = word_set("GOV MIL LEG SPY OPP REB PRM PTY")
_HEADS_OF_STATE = frozenset(("president", "leader"))


@dataclass(frozen=True, slots=True)
class ArticleEntities:
    """An article's persons by surname, the country it is mostly about, whether it is political."""

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
        """Return the one person who holds an office (of a country); None for none or several."""
        holders: dict[str, Person] = {}
        for person in self.persons.values():
            if role in person.roles and country in (None, person.country):
                holders[person.name] = person
        return next(iter(holders.values())) if len(holders) == 1 else None


@dataclass(slots=True)
class _Reading:
    """The persons and counts of the sentences read up to now."""

    persons: dict[str, Person] = field(default_factory=dict)
    full_names: dict[str, str] = field(default_factory=dict)
    countries: Counter[str] = field(default_factory=Counter)
    capitalised: set[str] = field(default_factory=set)
    political_sentences: int = 0
    sentences: int = 0


def read_persons(texts: Iterable[str], lexicon: Lexicon) -> dict[str, Person]:
    """Return the persons that the sentences describe, by surname."""
    return _read(texts, lexicon).persons


def read_entities(
    texts: Iterable[str], lexicon: Lexicon, known: Mapping[str, Person] | None = None
) -> ArticleEntities:
    """Return the entities of an article's sentences.

    Persons to whom the article gives no country take it from `known`, by their full names.
    """
    reading = _read(texts, lexicon)
    persons = dict(reading.persons)
    for surname, name in reading.full_names.items():
        persons.setdefault(surname, Person(name))
    dominant = _dominant(reading.countries)
    persons = _with_default_country(persons, dominant)
    return ArticleEntities(
        persons=_with_known(persons, reading.capitalised, known or {}),
        dominant_country=dominant,
        political=reading.political_sentences >= _POLITICAL_SHARE * max(1, reading.sentences),
    )


def _read(texts: Iterable[str], lexicon: Lexicon) -> _Reading:
    reading = _Reading()
    for text in texts:
        words = tokens(text)
        matches = lexicon.scan(words)
        reading.sentences += 1
        reading.political_sentences += any(map(_is_political, matches))
        if not is_title_case(words):
            _read_sentence(words, matches, reading)
    for surname, person in reading.persons.items():
        if " " not in person.name and surname in reading.full_names:
            reading.persons[surname] = replace(person, name=reading.full_names[surname])
    return reading


def _is_political(match: Match) -> bool:
    return match.entry.country is not None or match.entry.sector in _OFFICE_SECTORS


def _read_sentence(words: Sequence[str], matches: Sequence[Match], reading: _Reading) -> None:
    reading.capitalised.update(w for w in words if w[:1].isupper())
    countries = (m.entry.country for m in matches)
    reading.countries.update(c for c in countries if c is not None and c != "IGO")
    for person in persons_in(words, matches, reading.persons):
        _add(reading.persons, person)
    for start, end in name_runs(words, matches):
        if end - start > 1:
            reading.full_names.setdefault(words[end - 1], " ".join(words[start:end]))


def _add(persons: dict[str, Person], new: Person) -> None:
    """Add a sentence's description of a person; an earlier description wins."""
    surname = _surname(new.name)
    old = persons.get(surname)
    if old is None:
        persons[surname] = new
        return
    persons[surname] = Person(
        # The name with the most words, and of these the shortest.
        name=max(old.name, new.name, key=lambda name: (name.count(" "), -len(name))),
        country=old.country or new.country,
        sector=old.sector or new.sector,
        roles=old.roles | new.roles,
        national=old.national or new.national,
    )


def _surname(name: str) -> str:
    return name.rsplit(maxsplit=1)[-1]


def _dominant(countries: Counter[str]) -> str | None:
    ranked = countries.most_common(2)
    if not ranked:
        return None
    country, count = ranked[0]
    if len(ranked) == 2 and count < _DOMINANCE * ranked[1][1]:
        return None
    return country


def _with_default_country(persons: dict[str, Person], country: str | None) -> dict[str, Person]:
    """Return the persons, with the country for the only national leader without one.

    It is not given if another person of that country holds a conflicting office.
    """
    leader = _only_leader_without_country(persons.values())
    if country is None or leader is None:
        return persons
    compatriots = [p for p in persons.values() if p.country == country]
    out = dict(persons)
    for surname, person in persons.items():
        if person.name == leader and not _conflicts(person, compatriots):
            out[surname] = replace(person, country=country)
    return out


def _only_leader_without_country(persons: Iterable[Person]) -> str | None:
    names = {p.name for p in persons if p.national and p.country is None}
    return names.pop() if len(names) == 1 else None


def _conflicts(person: Person, compatriots: Iterable[Person]) -> bool:
    return any(_have_conflicting_offices(person, other) for other in compatriots)


def _have_conflicting_offices(a: Person, b: Person) -> bool:
    """Return whether two persons cannot both hold their offices in one country."""
    if a.roles & b.roles:
        return True
    if "leader" not in a.roles | b.roles:
        return False
    return bool(a.roles & _HEADS_OF_STATE) and bool(b.roles & _HEADS_OF_STATE)


def _with_known(
    persons: dict[str, Person], capitalised: set[str], known: Mapping[str, Person]
) -> dict[str, Person]:
    """Return the persons, those without a country completed from other articles.

    A surname identifies a known person if no other has it and the article gives no other full name.
    """
    out = dict(persons)
    bearers = Counter(map(_surname, known))
    for name, person in known.items():
        surname = _surname(name)
        if surname not in capitalised or bearers[surname] > 1:
            continue
        here = out.get(surname)
        if here is None:
            out[surname] = replace(person, name=name)
        elif here.country is None and here.name in (name, surname):
            sector = here.sector or person.sector
            out[surname] = replace(here, name=name, country=person.country, sector=sector)
    return out
