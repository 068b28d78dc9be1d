"""A piece of work that refuses, hangs, or kills its process costs only itself."""

import errno
import os
import resource
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from importlib.metadata import packages_distributions
from multiprocessing.context import ForkServerContext, ForkServerProcess
from multiprocessing.forkserver import _forkserver
from pathlib import Path
from typing import Any

import apache_beam as beam
import pytest
from apache_beam.runners.portability.fn_api_runner.fn_runner import FnApiRunner
from apache_beam.testing.util import assert_that, equal_to
from lxml import html

from tests.helpers.lakes import NOW
from transforms.core.extract.page import extract_article, read_page
from transforms.core.urls import url_key
from transforms.errors import ExtractError, MachineError, NewsbeamError
from transforms.pool import PooledDoFn, PoolOptions
from transforms.processes import Processes, ordered_map, result_or_error
from transforms.records import FeedEntry, Page

pytestmark = pytest.mark.slow


def work(item: str) -> str:
    if item == "refuse":
        raise ExtractError("no", reason="E_EXTRACT_EMPTY")
    if item == "hang":
        time.sleep(60)
    if item == "grow":
        return str(len(bytearray(3 * 1024**3)))
    if item == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    return item.upper()


def refuse(item: str, error: NewsbeamError) -> tuple[str, str]:
    return item, error.reason


ITEMS = ["a", "refuse", "hang", "grow", "b", "die", "c"]
REFUSED = {
    "refuse": "E_EXTRACT_EMPTY",
    "hang": "E_EXTRACT_TIMEOUT",
    "grow": "E_EXTRACT_MEMORY",
    "die": "E_EXTRACT_CRASH",
}


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


def idle_processes(server: bool) -> list[int]:
    """Return the ids of the pool's processes, or of their server."""
    names = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            pid, _, rest = stat.read_text().partition(" ")
            names[int(pid)] = int(rest.rpartition(")")[2].split()[1])
    forkserver = _forkserver._forkserver_pid  # type: ignore[attr-defined]
    if server:
        return [forkserver]
    return [pid for pid, parent in names.items() if parent == forkserver]


def kill(pids: Iterable[int]) -> None:
    for pid in pids:
        os.kill(pid, signal.SIGKILL)


def kill_processes() -> None:
    kill(idle_processes(server=False))


def kill_one_process() -> None:
    kill(idle_processes(server=False)[:1])


def kill_server() -> None:
    kill(idle_processes(server=True))


def kill_all() -> None:
    kill([*idle_processes(server=False), *idle_processes(server=True)])


@pytest.mark.parametrize("kills", [kill_processes, kill_one_process, kill_server, kill_all])
@pytest.mark.parametrize("size", [1, 2])
def test_a_pool_whose_idle_processes_die_is_started_again(
    kills: Callable[[], None], size: int
) -> None:
    pool = Processes(size, [])
    for text in ("a", "b", "c"):
        task = pool.submit(work, text, 20)
        assert result_or_error(task.result, ExtractError, 20) == text.upper()
        kills()
        # Some items come before the pool knows of the loss, and some after.
        time.sleep(0.3 if text == "b" else 0)
    tasks = [pool.submit(work, text, 20) for text in "defghi"]
    assert [result_or_error(t.result, ExtractError, 20) for t in tasks] == list("DEFGHI")


def test_an_item_at_work_while_the_server_dies_is_not_at_fault() -> None:
    pool = Processes(1, [])
    assert pool.submit(work, "a", 20).result() == "A"
    task = pool.submit(pause, 2, 20)
    time.sleep(0.5)
    kill_server()
    assert result_or_error(task.result, ExtractError, 20) == 2


def test_a_machine_on_which_no_process_starts_ends_the_run() -> None:
    pool = Processes(1, [])
    pool._context = Unstartable()  # type: ignore[assignment]
    pool._pool = pool._new_pool()
    with pytest.raises(MachineError, match="cannot start"):
        pool.submit(work, "a", 20)


def test_an_item_that_ends_its_process_is_at_fault_whatever_the_code() -> None:
    for code in (1, 9, 255):
        (found,) = (d for _, d in ordered_map(leave, [code], ExtractError, size=1))
        assert isinstance(found, ExtractError)
        assert found.reason == "E_EXTRACT_CRASH"


PAGE = b"<p>Boats leave the pier at noon.</p>"


def limited(kind: int, room: int) -> None:
    """Leave this process, which ends after its item, little room for more memory."""
    size = resource.getpagesize()
    used = int(Path("/proc/self/statm").read_text().split()[5 if kind == DATA else 0]) * size
    resource.setrlimit(kind, (used + room, resource.getrlimit(kind)[1]))


DATA, ADDRESSES = resource.RLIMIT_DATA, resource.RLIMIT_AS


def allocate(kind: int) -> int:
    limited(kind, 100 * 2**20)
    return len(bytearray(500 * 2**20))


def parse_page(kind: int) -> str:
    document = page_of(PAGE * 10_000)
    limited(kind, 2**20)
    return str(extract_article(document, now=NOW).title)


def evaluate(kind: int) -> float:
    tree = html.document_fromstring(b"<p>a</p>" * 200_000)
    limited(kind, 100_000)
    return float(len(tree.xpath("//node()|//p/..//p")))


def fork(kind: int) -> None:
    raise OSError(errno.ENOMEM, "Cannot allocate memory")


def raise_from(kind: int) -> None:
    try:
        limited(kind, 100 * 2**20)
        bytearray(500 * 2**20)
    except MemoryError as error:
        raise ExtractError("not an article", reason="E_EXTRACT_EMPTY") from error


NEEDS_MEMORY = [allocate, parse_page, evaluate, raise_from]


@pytest.mark.parametrize("needs_memory", [*NEEDS_MEMORY, fork])
def test_an_item_that_reaches_the_limit_of_memory_is_at_fault(
    needs_memory: Callable[[int], object],
) -> None:
    done = [d for _, d in ordered_map(needs_memory, [DATA], ExtractError, size=1)]
    assert [d.reason for d in done if isinstance(d, ExtractError)] == ["E_EXTRACT_MEMORY"]


@pytest.mark.parametrize("needs_memory", NEEDS_MEMORY)
def test_an_item_is_not_at_fault_for_a_machine_without_memory(
    needs_memory: Callable[[int], object],
) -> None:
    with pytest.raises(MachineError, match="no memory left"):
        list(ordered_map(needs_memory, [ADDRESSES], ExtractError, size=1))


def test_without_processes_nothing_but_the_machine_limits_memory() -> None:
    with pytest.raises(MachineError, match="no memory left"):
        list(ordered_map(fork, [DATA], ExtractError, size=0))


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"%PDF-1.7", "E_EXTRACT_NOT_HTML"), (b"<div>" * 9_000 + PAGE, "E_EXTRACT_TOO_DEEP")],
)
def test_a_page_that_its_parser_refuses_is_still_refused_for_that(
    content: bytes, reason: str
) -> None:
    done = [d for _, d in ordered_map(read_page, [page_of(content)], ExtractError, size=1)]
    assert [d.reason for d in done if isinstance(d, ExtractError)] == [reason]


def page_of(content: bytes) -> Page:
    url = "http://a.test/1"
    entry = FeedEntry(url=url, url_key=url_key(url), first_seen_at=NOW)
    return Page(
        entry=entry, final_url=url, content_type="text/html", content=content, fetched_at=NOW
    )


class Unstartable(ForkServerContext):
    """A machine that has no memory for another process."""

    class Process(ForkServerProcess):
        @staticmethod
        def _Popen(process_obj: Any) -> Any:  # noqa: N802
            raise OSError(errno.ENOMEM, "Cannot allocate memory")


def pause(seconds: int) -> int:
    time.sleep(seconds)
    return seconds


def leave(code: int) -> None:
    os._exit(code)


@pytest.mark.parametrize("name", ["pipelines", "transforms"])
def test_no_other_distribution_owns_our_import_names(name: str) -> None:
    assert set(packages_distributions()[name]) == {"newsbeam"}
