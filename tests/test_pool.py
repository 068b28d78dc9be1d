"""A piece of work that refuses, hangs, or kills its process costs only itself."""

import os
import signal
import time
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from typing import Any

import apache_beam as beam
import pytest
from apache_beam.runners.portability.fn_api_runner.fn_runner import FnApiRunner
from apache_beam.testing.util import assert_that, equal_to

from transforms.errors import ExtractError, NewsbeamError
from transforms.pool import PooledDoFn, PoolOptions
from transforms.processes import ordered_map

pytestmark = pytest.mark.slow


def work(item: str) -> str:
    if item == "refuse":
        raise ExtractError("no", reason="E_EXTRACT_EMPTY")
    if item == "hang":
        time.sleep(60)
    if item == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    return item.upper()


def refuse(item: str, error: NewsbeamError) -> tuple[str, str]:
    return item, error.reason


ITEMS = ["a", "refuse", "hang", "b", "die", "c"]
REFUSED = {"refuse": "E_EXTRACT_EMPTY", "hang": "E_EXTRACT_TIMEOUT", "die": "E_EXTRACT_CRASH"}


def test_in_a_pipeline_the_others_come_through() -> None:
    with beam.Pipeline(runner=FnApiRunner()) as pipeline:
        pooled: Any = PooledDoFn(work, refuse, ExtractError, PoolOptions(size=2, timeout_s=2))
        done = (
            pipeline | beam.Create(ITEMS) | beam.ParDo(pooled).with_outputs("rejects", main="good")
        )
        assert_that(done.good, equal_to(["A", "B", "C"]), label="good")
        assert_that(done.rejects, equal_to(list(REFUSED.items())), label="rejects")


def test_without_a_pipeline_results_keep_their_order() -> None:
    done = list(ordered_map(work, ITEMS, ExtractError, size=2, timeout_s=2))
    assert [item for item, _ in done] == ITEMS
    assert {i: d.reason for i, d in done if isinstance(d, NewsbeamError)} == REFUSED


def test_without_processes_a_refusal_is_one_too() -> None:
    done = [d for _, d in ordered_map(work, ["a", "refuse"], ExtractError, size=0)]
    assert done[0] == "A"
    assert isinstance(done[1], ExtractError)


def test_work_is_taken_as_it_is_needed() -> None:
    taken = []

    def items() -> Iterator[str]:
        for n in range(1000):
            taken.append(n)
            yield str(n)

    results = ordered_map(work, items(), ExtractError, size=1)
    next(results)
    assert len(taken) < 20


@pytest.mark.parametrize("name", ["pipelines", "transforms"])
def test_no_other_distribution_owns_our_import_names(name: str) -> None:
    assert set(packages_distributions()[name]) == {"newsbeam"}
