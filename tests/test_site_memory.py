"""Cleaning by the memory of a site is done in the pool: it cannot hold a run."""

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import apache_beam as beam
import pytest
from apache_beam.runners.portability.fn_api_runner.fn_runner import FnApiRunner

from tests.helpers.beam_outputs import collect, collected
from tests.helpers.lakes import make_lake
from tests.helpers.synthetic_sites import newspaper
from transforms.pool import PoolOptions
from transforms.records import Article
from transforms.site_memory import CleanBySiteMemory

pytestmark = pytest.mark.slow

SITE = newspaper(6)
ARTICLES = [story.article(SITE.domain) for story in SITE.stories]
OWN = {article.url: "\n\n".join(s.own) for article, s in zip(ARTICLES, SITE.stories, strict=True)}
LIMIT_S = 8.0
"""Of one article: the first one has to wait until the pool's processes have imported the rules."""


def cleaned(
    articles: Sequence[Article], lake: Path, pool: PoolOptions
) -> tuple[dict[str, str | None], dict[str, int], int]:
    """Return the bodies by URL, the counters, and the number of blocks that were learned."""
    make_lake(lake)
    with beam.Pipeline(runner=FnApiRunner()) as pipeline:
        found = (
            pipeline | beam.Create(articles, reshuffle=False) | CleanBySiteMemory(str(lake), pool)
        )
        number = collect(found)
    out = collected(number)
    counters = {
        c.key.metric.name: c.committed for c in pipeline.result.metrics().query()["counters"]
    }
    return {a.url: a.body for a in out["articles"]}, counters, len(out["blocks"])


def hostile(lines: int) -> Article:
    """Return an article of the site that takes a minute to clean."""
    body = "\n\n".join(f"Berth {n % 7} is free, {n} are not: {n}" for n in range(lines))
    return replace(ARTICLES[0], article_id="f" * 32, url=f"http://{SITE.domain}/berths", body=body)


@pytest.mark.parametrize("size", [0, 2], ids=["in the worker", "in a pool"])
def test_articles_are_cleaned(tmp_path: Path, size: int) -> None:
    bodies, counters, blocks = cleaned(ARTICLES, tmp_path, PoolOptions(size=size))
    assert bodies == OWN
    assert counters["removed"] >= len(ARTICLES)
    assert blocks
    assert "failed" not in counters


def test_an_article_that_takes_too_long_stays_as_it_was(tmp_path: Path) -> None:
    slow = hostile(600_000)
    start = time.monotonic()
    bodies, counters, _ = cleaned(
        [*ARTICLES, slow], tmp_path, PoolOptions(size=2, timeout_s=LIMIT_S)
    )
    assert bodies == OWN | {slow.url: slow.body}
    assert counters["failed"] == 1
    assert time.monotonic() - start < 60


def test_after_the_deadline_nothing_is_learned_or_cleaned(tmp_path: Path) -> None:
    pool = PoolOptions(size=2, deadline=time.time() - 1)
    bodies, counters, blocks = cleaned(ARTICLES, tmp_path, pool)
    assert bodies == {article.url: article.body for article in ARTICLES}
    assert (blocks, "removed" in counters) == (0, False)
