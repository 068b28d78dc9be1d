"""The public API: every name can be imported, and does what its docstring says, in a pipeline of somebody else too."""

from datetime import UTC, datetime
from pathlib import Path

import apache_beam as beam
import pytest
from apache_beam.testing.test_pipeline import TestPipeline
from apache_beam.testing.util import assert_that, equal_to

import pipelines
import transforms
from pipelines import code_events, extract, open_lake
from transforms import ExtractArticles, PoolOptions, StripBoilerplate
from transforms.core.urls import url_key
from transforms.errors import ExtractError
from transforms.records import FeedEntry, Page

NOW = datetime(2024, 5, 8, tzinfo=UTC)
URL = "https://post.test/2024/talks"
SENTENCE = (
    "French ministers met Kenyan envoys in Nairobi on Monday to discuss the port that both "
    "countries have argued over since the spring."
)
HTML = (
    "<html lang='en'><head><title>Talks on the harbour</title>"
    "<meta property='article:published_time' content='2024-05-07T08:00:00Z'></head>"
    f"<body><h1>Talks on the harbour</h1><p>{SENTENCE}</p><p>The talks went on into the night, and "
    "the delegations agreed to meet again next week in Paris, a spokesman said.</p></body></html>"
)


@pytest.mark.parametrize("module", [pipelines, transforms])
def test_every_public_name_can_be_imported(module: object) -> None:
    for name in getattr(module, "__all__"):  # noqa: B009 - of either module
        assert getattr(module, name) is not None
    with pytest.raises(AttributeError, match="no_such_name"):
        getattr(module, "no_such_name")  # noqa: B009


@pytest.mark.parametrize("html", [HTML, HTML.encode()])
def test_a_page_gives_an_article_and_its_events(html: str | bytes) -> None:
    article = extract(html, URL, now=NOW)
    assert (article.title, article.canonical_url) == ("Talks on the harbour", URL)
    assert article.published_at == datetime(2024, 5, 7, 8, tzinfo=UTC)
    assert article.body is not None
    mentions = code_events(article)
    assert "CONSULT" in {mention.type for mention in mentions}
    for mention in mentions:
        field = article.title if mention.evidence_field == "title" else article.body
        assert mention.evidence == (field or "")[mention.evidence_start : mention.evidence_end]


def test_a_text_gives_events_with_dates_from_its_publication() -> None:
    (mention, *_) = code_events(SENTENCE, published_at=datetime(2024, 5, 7, tzinfo=UTC))
    assert (mention.type, str(mention.date)) == ("CONSULT", "2024-05-06")


def test_a_page_without_an_article_is_an_error() -> None:
    with pytest.raises(ExtractError):
        extract("<html><body></body></html>")


def test_a_lake_is_opened(sample_lake: Path) -> None:
    assert open_lake(str(sample_lake)).days()


def test_the_transforms_work_in_another_pipeline() -> None:
    entry = FeedEntry(url=URL, url_key=url_key(URL), first_seen_at=NOW)
    page = Page(
        entry=entry, final_url=URL, content_type="text/html", content=HTML.encode(), fetched_at=NOW
    )
    with TestPipeline() as pipeline:
        pages = pipeline | beam.Create([page])
        extracted = pages | ExtractArticles(PoolOptions(size=0))
        clean = extracted.good | StripBoilerplate()
        titles = clean.good | beam.Map(lambda article: article.title)
        assert_that(titles, equal_to(["Talks on the harbour"]))
