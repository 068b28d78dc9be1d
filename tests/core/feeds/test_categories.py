"""An item with any number of categories is read, in a time that grows with their number alone."""

import feedparser
import pytest

from tests.helpers.work import count_calls
from transforms.core.feeds.parse import parse_feed

ELEMENTS = {
    "category": "<category>Boats #</category>",
    "keywords": "<keywords>boats #</keywords>",
    "subject": "<dc:subject>boats #</dc:subject>",
    "media": "<media:category label='Boats #'/>",
    "itunes": "<itunes:category text='Boats #'/>",
    "tags": "<tags>boats #, piers #</tags>",
}
HEAD = (
    "<rss version='2.0' xmlns:dc='http://purl.org/dc/elements/1.1/' "
    "xmlns:media='http://search.yahoo.com/mrss/' "
    "xmlns:itunes='http://www.itunes.com/dtds/podcast-1.0.dtd'><channel><item>"
)


def rss(element: str, count: int) -> bytes:
    categories = "".join(element.replace("#", str(n)) for n in range(count))
    end = "<title>Boats leave</title><link>http://a.test/1</link></item></channel></rss>"
    return f"{HEAD}{categories}{end}".encode()


@pytest.mark.parametrize("name", ELEMENTS)
def test_an_item_of_many_categories_is_read(name: str) -> None:
    (entry,) = parse_feed(rss(ELEMENTS[name], 3_000)).entries
    assert (entry.title, entry.url) == ("Boats leave", "http://a.test/1")
    assert len(feedparser.parse(rss(ELEMENTS[name], 3_000))["entries"][0]["tags"]) == 1_000


@pytest.mark.parametrize("name", ELEMENTS)
def test_twice_the_categories_are_twice_the_work(name: str) -> None:
    few, many = (rss(ELEMENTS[name], count) for count in (2_000, 4_000))
    assert count_calls(lambda: parse_feed(many)) < 2.2 * count_calls(lambda: parse_feed(few))


def test_fewer_categories_are_as_feedparser_reads_them() -> None:
    found = feedparser.parse(rss("<category>Boats</category><category>Pier #</category>", 3))
    terms = [tag["term"] for tag in found["entries"][0]["tags"]]
    assert terms == ["Boats", "Pier 0", "Pier 1", "Pier 2"]
