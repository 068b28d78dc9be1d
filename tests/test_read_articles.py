"""A page is extracted and cleaned in one task of the pool, with the results of the two stages."""

from typing import Any

import apache_beam as beam
import pytest
from apache_beam.runners.portability.fn_api_runner.fn_runner import FnApiRunner
from apache_beam.testing.test_pipeline import TestPipeline

from tests.helpers.beam_outputs import collect, collected
from tests.helpers.lakes import NOW, WORDS
from transforms.clean import StripBoilerplate, take_clean
from transforms.core.urls import url_key
from transforms.extract import ExtractArticles
from transforms.pool import PoolOptions
from transforms.read_articles import ReadArticles
from transforms.records import Article, FeedEntry, Page

CALL = "Sign up for our daily newsletter."
MORE = "The mayor told the council that the work on the bridge would cost 38 million crowns."
URL = "http://a.test/1"
HTML = (
    f"<html><body><article><h1>Talks</h1><p>{WORDS}.</p><p>{CALL}</p><p>{MORE}</p>"
    "</article></body></html>"
)


def page(html: str, url: str = URL) -> Page:
    entry = FeedEntry(url=url, url_key=url_key(url), feed_id="f1", first_seen_at=NOW)
    return Page(
        entry=entry, final_url=url, content_type="text/html", content=html.encode(), fetched_at=NOW
    )


def read(pages: list[Page], size: int = 0, timeout_s: float = 60.0) -> dict[str, list[Any]]:
    with TestPipeline(runner=FnApiRunner()) as pipeline:
        found = (
            pipeline
            | beam.Create(pages)
            | ReadArticles(PoolOptions(size=size, timeout_s=timeout_s))
        )
        number = collect(found)
    return collected(number)


def in_two_stages(one: Page) -> Article:
    with TestPipeline(runner=FnApiRunner()) as pipeline:
        extracted = pipeline | beam.Create([one]) | ExtractArticles(PoolOptions(size=0))
        number = collect(extracted.good | StripBoilerplate())
    article: Article = collected(number)["good"][0]
    return article


def test_the_article_is_that_of_the_two_stages() -> None:
    (found,) = read([page(HTML)])["good"]
    assert [block.text for block in found.clean.removed] == [CALL]
    assert CALL in found.extracted.body
    assert found.clean == take_clean(found) == in_two_stages(page(HTML))


def test_an_article_that_cleaning_fails_on_is_a_reject(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise KeyError("a bug")

    monkeypatch.setattr("transforms.clean.strip_boilerplate", fail)
    (refused,) = read([page(HTML)])["rejects"]
    assert (refused.stage, refused.reason, refused.url) == ("clean", "E_CLEAN_BUG", URL)


@pytest.mark.slow
def test_cleaning_is_done_in_the_pool(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise AssertionError("cleaned outside the pool")

    monkeypatch.setattr("transforms.clean.strip_boilerplate", fail)
    got = read([page(HTML), page("<html></html>", "http://a.test/2")], size=1)
    assert [CALL in found.clean.body for found in got["good"]] == [False]
    assert [reject.reason for reject in got["rejects"]] == ["E_EXTRACT_EMPTY"]


@pytest.mark.slow
def test_a_page_over_the_time_limit_is_a_reject() -> None:
    items = "".join(f"<li>Entry {n} of the register, as printed:</li>" for n in range(9_000))
    got = read([page(HTML.replace(CALL, f"<ul>{items}</ul>"))], size=1, timeout_s=0.05)
    assert [reject.reason for reject in got["rejects"]] == ["E_EXTRACT_TIMEOUT"]
