"""Texts as scrapers deliver them, in the styles of many newsrooms, written for these tests and
none's own.

Each line of `scraped/*.txt` is marked: T title, B body, X not the article's own.
"""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from transforms.core.clean.strip import load_rules, strip_boilerplate
from transforms.core.extract.plain_text import article_from_text
from transforms.records import Article, FeedEntry

NOW = datetime(2024, 5, 1, 12, tzinfo=UTC)
FOLDER = Path(__file__).with_name("scraped")
SCRAPED = {path.stem: path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.txt"))}


def cleaned(name: str) -> tuple[Article, list[str], list[str]]:
    marked = [line.split(" ", 1) for line in SCRAPED[name].splitlines()]
    entry = FeedEntry(url=f"https://example.com/{name}", url_key="a", first_seen_at=NOW)
    article = article_from_text(
        "\n\n".join(text for _, text in marked), entry=entry, seen_at=NOW, now=NOW
    )
    junk = [" ".join(text.split()) for mark, text in marked if mark == "X"]
    body = [" ".join(text.split()) for mark, text in marked if mark == "B"]
    return strip_boilerplate(article, load_rules(article.language)), body, junk


@pytest.mark.parametrize("name", SCRAPED)
def test_scraped_text_keeps_its_body_and_loses_the_rest(name: str) -> None:
    article, body, junk = cleaned(name)
    left = (article.body or "").split("\n\n")

    assert [line for line in body if line not in left] == []
    assert [line for line in left if line in junk] == []
    assert left == body


@pytest.mark.parametrize("name", SCRAPED)
def test_scraped_text_gives_its_headline(name: str) -> None:
    title = next(line[2:] for line in SCRAPED[name].splitlines() if line.startswith("T "))
    assert cleaned(name)[0].title == title


def test_fields_are_filled_from_what_goes() -> None:
    broadcaster = cleaned("broadcaster")[0]
    assert broadcaster.credit == "Reuters, AFP"
    assert broadcaster.byline == "ENTV"
    assert broadcaster.captions == (
        "President Adam Norling meets sailors at the port. /Jane Roe/AFP",
    )
    tabloid = cleaned("tabloid")[0]
    assert tabloid.authors == ("Jane Roe",)
    assert tabloid.published_at == datetime(2024, 4, 30, 9, 14, tzinfo=UTC)
    assert tabloid.published_basis == "printed"
