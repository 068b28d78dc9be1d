"""The stories of the generated archive: sentences from templates, in random order.

A story depends on its key alone. `archive_text.toml` has the templates and describes their syntax.
"""

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

MIN_WORDS, MAX_WORDS = 130, 320
"""The length of a text is drawn between these; it ends with the sentence that reaches it."""
POLITICAL = 0.33
"""Share of political stories: a judgement; most of what newspapers print is not political."""
_PARTS = re.compile(r"\[([^\]]*)\]|\{([^}]*)\}")
_RANGE = re.compile(r"(\d+)-(\d+)")
# The lists of words from which a story draws one word, which it then keeps.
_OWN = (
    "goods",
    "deed",
    "theme",
    "cause",
    "crowd",
    "armed",
    "target",
    "accused",
    "charge",
    "relief",
    "ware",
    "club",
)
_MORE = ("crop", "animal", "illness", "art", "dish", "planet", "town", "company", "street")
Piece = Callable[["Scene"], str]
Template = tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Story:
    """A text before a site prints it.

    `wire` is the agency that sent it to several sites, `title2` an alternative headline.
    """

    title: str
    title2: str
    dek: str
    section: str
    place: str
    paragraphs: tuple[str, ...]
    wire: str | None = None


@dataclass(frozen=True, slots=True)
class Topic:
    """The templates of one kind of story."""

    section: str
    titles: tuple[Template, ...]
    leads: tuple[Template, ...]
    texts: tuple[Template, ...]
    pool: tuple[Template, ...]


@dataclass(frozen=True, slots=True)
class Book:
    """All templates and words."""

    political: tuple[Topic, ...]
    other: tuple[Topic, ...]
    updates: tuple[Template, ...]
    words: Mapping[str, Sequence[str]]
    countries: tuple[tuple[str, str, str, tuple[str, ...]], ...]
    parts: Mapping[str, tuple[Sequence[str], Sequence[str]]]
    wires: tuple[str, ...]


@dataclass(slots=True)
class Scene:
    """The names and things of a story, and the random numbers for the rest of its text."""

    book: Book
    rng: Random
    facts: dict[str, str] = field(default_factory=dict)

    def word(self, name: str) -> str:
        """Return the story's fact with this name, else a word drawn from the list."""
        known = self.facts.get(name)
        return known if known is not None else self.new(name)

    def new(self, name: str) -> str:
        """Return a word drawn from a list, or an invented person, company or town."""
        if name == "person":
            return f"{self.pick(self.book.words['first'])} {self.new('surname')}"
        if name == "company":
            return f"{self.new('surname')} {self.pick(self.book.words['sector'])}"
        parts = self.book.parts.get("town" if name.startswith("town") else name)
        if parts is None:
            return self.pick(self.book.words[name])
        return self.pick(parts[0]) + self.pick(parts[1])

    def pick(self, choices: Sequence[str]) -> str:
        """Return a random choice."""
        # Takes a third less time than Random.choice.
        return choices[int(self.rng.random() * len(choices))]

    def render_any(self, templates: Sequence[Template]) -> str:
        """Return the sentence of a random template."""
        return sentence(templates[int(self.rng.random() * len(templates))], self)


@cache
def load_book() -> Book:
    """Return the templates and words of `archive_text.toml`."""
    data = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    pools = {name: _templates(texts) for name, texts in data["pools"].items()}
    topics: dict[bool, list[Topic]] = {True: [], False: []}
    for table in data["topic"]:
        topics[table.get("political", False)].append(_topic(table, pools))
    return Book(
        political=tuple(topics[True]),
        other=tuple(topics[False]),
        updates=pools["update"],
        words={
            name: words.split() if isinstance(words, str) else words
            for name, words in data["words"].items()
        },
        countries=tuple(_countries(data["country"][0]["rows"])),
        parts={name: (a.split(), b.split()) for name, (a, b) in data["parts"].items()},
        wires=tuple(data["wires"]),
    )


def write_story(key: str, day: date, *, wire: bool = False) -> Story:
    """Return the story of a key, dated `day`; with `wire`, as an agency sends it."""
    book, rng = load_book(), Random(key)
    topic = rng.choice(book.political if rng.random() < POLITICAL else book.other)
    scene = Scene(book, rng)
    scene.facts = _facts(scene, day)
    titles = [_capital(sentence(template, scene)) for template in rng.sample(topic.titles, 2)]
    lead, dek = [_capital(sentence(template, scene)) for template in rng.sample(topic.leads, 2)]
    paragraphs = _paragraphs([lead, *_sentences(topic, scene, len(lead.split()))], rng)
    place = scene.word("city" if topic in book.political else "town")
    story = Story(titles[0], titles[1], dek, topic.section, place, paragraphs)
    return _with_dateline(story, scene.pick(book.wires), day) if wire else story


def revise(story: Story, key: str) -> Story:
    """Return the story as changed after publication.

    It has a new paragraph, in half of the cases instead of another one, and sometimes the other
    headline.
    """
    book, rng = load_book(), Random(key)
    added = Scene(book, rng).render_any(book.updates)
    at = rng.randrange(1, len(story.paragraphs))
    # A short story loses none, so that it stays a version of the same text.
    removed = 1 if rng.random() < 0.5 and len(story.paragraphs) > 4 else 0
    paragraphs = (*story.paragraphs[:at], added, *story.paragraphs[at + removed :])
    return replace(
        story, paragraphs=paragraphs, title=story.title2 if rng.random() < 0.5 else story.title
    )


def sentence(template: Template, scene: Scene) -> str:
    """Return the text of a template in a scene."""
    return "".join([piece(scene) for piece in template])


def compiled(text: str) -> Template:
    """Return a template parsed into pieces; raise ValueError on a choice within a choice."""
    pieces: list[Piece] = []
    at = 0
    for found in _PARTS.finditer(text):
        pieces.append(_literal(text[at : found.start()]))
        choices, slot = found.groups()
        pieces.append(_choice(choices) if slot is None else _slot(slot))
        at = found.end()
    if "[" in text[at:] or "]" in text[at:]:
        raise ValueError(f"a choice that is not closed, or within another: {text!r}")
    return (*pieces, _literal(text[at:]))


def _topic(table: Mapping[str, Any], pools: Mapping[str, tuple[Template, ...]]) -> Topic:
    return Topic(
        section=table["section"],
        titles=_templates(table["title"]),
        leads=_templates(table["lead"]),
        texts=_templates(table["text"]),
        pool=pools["political" if table.get("political") else "local"],
    )


def _templates(texts: Sequence[str]) -> tuple[Template, ...]:
    return tuple(compiled(text) for text in texts)


def _countries(rows: str) -> Iterator[tuple[str, str, str, tuple[str, ...]]]:
    for row in rows.split("\n"):
        if row:
            name, people, capital, cities = row.split("|")
            yield name, people, capital, (capital, *cities.split(","))


def _literal(text: str) -> Piece:
    return lambda _: text


def _choice(choices: str) -> Piece:
    templates = tuple(compiled(choice) for choice in choices.split("|"))
    return lambda scene: scene.render_any(templates)


def _slot(name: str) -> Piece:
    span = _RANGE.fullmatch(name)
    if span is None:
        return lambda scene: scene.word(name)
    low, high = int(span[1]), int(span[2])
    # A year has no thousands separator. Every range of the templates within these bounds is one
    # of years.
    is_year = low >= 1600 and high <= 2025
    return lambda scene: format(
        low + int(scene.rng.random() * (high - low + 1)), "" if is_year else ","
    )


def _facts(scene: Scene, day: date) -> dict[str, str]:
    """Return the facts of a story: three countries, three persons, places and things."""
    facts = {name: scene.new(name) for name in (*_OWN, *_MORE)}
    facts["town2"] = scene.new("town")
    facts["Armed"] = _capital(facts["armed"])
    facts["day"] = f"{day - timedelta(days=scene.rng.randrange(2)):%A}"
    for letter, (name, people, capital, cities) in zip(
        "CDX", scene.rng.sample(scene.book.countries, 3), strict=True
    ):
        facts |= {letter: name, letter + "a": people, letter + "c": capital}
        facts.setdefault("city", scene.pick(cities))
    for letter in "PQR":
        facts |= _person(letter, scene)
    return facts


def _person(letter: str, scene: Scene) -> dict[str, str]:
    """Return a person's full name, surname, role and pronouns, by the names in the templates."""
    she = scene.rng.random() < 0.5
    first, last = scene.new("first"), scene.new("surname")
    return {
        letter: f"{first} {last}",
        letter + "s": last,
        letter + "r": scene.new("role"),
        letter + "she": "she" if she else "he",
        letter + "her": "her" if she else "him",
        letter + "their": "her" if she else "his",
    }


def _with_dateline(story: Story, agency: str, day: date) -> Story:
    """Return the story with an agency's dateline."""
    line = f"{story.place.upper()}, {day:%b} {day.day} ({agency}) - "
    return replace(
        story, paragraphs=(line + story.paragraphs[0], *story.paragraphs[1:]), wire=agency
    )


def _sentences(topic: Topic, scene: Scene, words: int) -> Iterator[str]:
    """Yield sentences until the text, whose lead has `words` words, has the length drawn for it.

    No template is used twice.
    """
    remaining = scene.rng.randint(MIN_WORDS, MAX_WORDS) - words
    templates = [*topic.texts, *scene.rng.sample(topic.pool, 7)]
    scene.rng.shuffle(templates)
    for template in templates:
        if remaining <= 0:
            return
        text = _capital(sentence(template, scene))
        remaining -= text.count(" ") + 1
        yield text


def _paragraphs(sentences: Sequence[str], rng: Random) -> tuple[str, ...]:
    """Return paragraphs of one to three sentences, of one or two for the first one."""
    paragraphs, at = [], 0
    while at < len(sentences):
        size = rng.choice((1, 2) if at == 0 else (1, 2, 2, 3))
        paragraphs.append(" ".join(sentences[at : at + size]))
        at += size
    return tuple(paragraphs)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
