"""Made-up sites of several articles each: what is theirs line by line, and what the site says on
every page.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from xml.sax.saxutils import escape

from tests.helpers.lakes import NOW, article
from transforms.records import Article

_SYLLABLES = (
    "ba",
    "cor",
    "den",
    "fal",
    "gri",
    "hol",
    "jun",
    "ket",
    "lom",
    "mar",
    "nes",
    "pol",
    "rud",
    "sil",
    "tor",
    "ven",
)
_FRAMES = (
    "The {} of {} {} before the {} {} could {} the {} in {}, the {} said.",
    "Since the {} came to {}, nobody there has {} what the {} {} of the {} and its {}.",
    "A {} that {} the {} for years will {} in {} after all, and {} of {} {} to see it.",
    "“{} was never {},” said a {} from {}, who had {} the {} and the {} by {}.",
)


def _word(rng: random.Random) -> str:
    return "".join(rng.choice(_SYLLABLES) for _ in range(rng.choice((2, 2, 3))))


def sentence(rng: random.Random) -> str:
    """Return a sentence that no other article has."""
    frame = rng.choice(_FRAMES)
    return frame.format(*(_word(rng) for _ in range(frame.count("{}"))))


def paragraphs(seed: object, count: int) -> list[str]:
    """Return paragraphs of one or two sentences, always the same for a seed."""
    rng = random.Random(str(seed))
    return [" ".join(sentence(rng) for _ in range(rng.choice((1, 1, 2)))) for _ in range(count)]


@dataclass
class Story:
    """One article: its own blocks, and its page's in order (its own among them)."""

    name: str
    own: list[str]
    page: list[str]
    authors: tuple[str, ...] = ()

    def article(self, domain: str, **fields: Any) -> Article:
        """Return the article as extraction gives it: with the site's boilerplate in its body."""
        values = {
            "title": f"Story {self.name}",
            "authors": self.authors,
            "published_at": NOW - timedelta(hours=2),
        }
        return article(f"http://{domain}/{self.name}", "\n\n".join(self.page), **values | fields)

    def html(self, domain: str) -> str:
        """Return the article's page."""
        body = "".join(f"<p>{escape(block)}</p>" for block in self.page)
        authors = "".join(f"<meta name='author' content='{escape(name)}'>" for name in self.authors)
        return (
            f"<html><head><title>Story {self.name}</title>{authors}<link rel='canonical' "
            f"href='http://{domain}/{self.name}'></head><body><article><h1>Story "
            f"{self.name}</h1>{body}</article>"
            "</body></html>"
        )


@dataclass
class SyntheticSite:
    """A site: its stories, the blocks that are its boilerplate, and those that recur and are not
    boilerplate.
    """

    domain: str
    stories: list[Story]
    boilerplate: Sequence[str]
    traps: Sequence[str] = field(default_factory=tuple)


def newspaper(count: int = 6, seed: int = 1) -> SyntheticSite:
    """Return a site in English whose boilerplate no rule knows, with all the traps that were met on
    real sites.
    """
    head = "Letters from the coast, every week"
    inside = "The picture gallery of the week waits further down"
    about = (
        "The Harbour Post has told the news of nine towns since a printer, a pilot and a "
        "baker put their savings "
        "together, and it belongs to those who work for it."
    )
    label, weather = "From the nine towns", "Tide tables and weather for the coast, hour by hour"
    play = "Third quarter, a long kick from the left finds nobody and rolls out"
    background = (
        "The quarrel began nine years ago, when the water company of the county wanted "
        "to build a wall that would "
        "have cut the fishing villages off from the open sea."
    )
    bio = "The towns of the coast and those who govern them are what Ada Quill writes about."
    subhead, last = "What happens next", "The case goes on."
    stories = []
    for n in range(count):
        own = paragraphs((seed, n), 7)
        own[4:4] = [subhead]
        if n in (0, 1):
            own[3:3] = [play]
        if n in (1, 3, 4):
            own[6:6] = [background]
        if n in (2, 5):
            own.append(last)
        mine = [bio] if n % 2 == 0 else []
        page = [head, *own[:2], inside, *own[2:], *mine, about, label, weather]
        stories.append(
            Story(str(n), own + mine, page, ("Ada Quill",) if n % 2 == 0 else ("Ben Rook",))
        )
    return SyntheticSite(
        "harbourpost.test",
        stories,
        (head, inside, about, label, weather),
        (play, background, bio, subhead, last),
    )


def recipe_site(count: int = 5) -> SyntheticSite:
    """Return a site of recipes in Dutch, a language without rules: the titles of its lists recur on
    every page.
    """
    advert = "Even iets anders"
    end = "Bewaar dit recept in je eigen kookboek op onze site"
    stories = []
    for n in range(count):
        rng = random.Random(n)
        amounts = [
            f"{rng.randrange(2, 900)} gram {rng.choice(('bloem', 'boter', 'suiker', 'rijst'))}"
            for _ in range(4)
        ]
        steps = paragraphs(("recipes", n), 4)
        own = [steps[0], "Ingrediënten", *amounts, "Bereiding", *steps[1:]]
        page = [
            steps[0],
            "Ingrediënten",
            *amounts,
            advert,
            "Bereiding",
            *steps[1:3],
            advert,
            *steps[3:],
            end,
        ]
        stories.append(Story(str(n), own, page))
    return SyntheticSite("keuken.test", stories, (advert, end), ("Ingrediënten", "Bereiding"))


def updates(count: int = 5) -> SyntheticSite:
    """Return a site on which one story was put up again and again, a little longer each time."""
    all_of_it = paragraphs("updates", 6 + count)
    stories = [Story(str(n), own := all_of_it[: 6 + n], own) for n in range(count)]
    return SyntheticSite("live.test", stories, ())
