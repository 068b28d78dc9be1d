"""Score the bodies of newsbeam and of other extractors against gold bodies.

    python -m bench.extraction [FOLDER] [--only NAME]...    # or: make bench-extraction

FOLDER holds `html/<id>.html.gz` and `gold.jsonl`; the default is `data/extraction` in the folder
that NEWSBEAM_DATA names. Each extractor runs in its own process. CPU is its process time per page;
the first pages warm it up and are not timed.
"""

import argparse
import gzip
import json
import logging
import multiprocessing
import os
import resource
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import ParamSpec, TypeVar

from rich.console import Console
from rich.table import Table

from bench.extractors import BASE, EXTRACTORS, OURS, Extract
from bench.shingles import Gold, score

WARM_UP = 20
"""Pages at the start that are not timed: extractors load models and fill caches on them."""
PASSES = 10
"""Passes over the pages for the memory: a leak shows as growth from pass to pass."""
WIDTH = 110
LIMIT_S = 600.0
"""A judgement: an extractor that hangs on a page must not block the others forever."""
P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Result:
    """The result of one extractor: its texts in page order, CPU ms per page, pages it raised on.

    If it could not run, `absent` is the reason.
    """

    texts: tuple[str, ...] = ()
    ms: float = 0.0
    raised: int = 0
    absent: str | None = None


def read_pages(folder: Path) -> tuple[list[Gold], list[bytes]]:
    """Return the gold bodies and their pages, in the order of `gold.jsonl`."""
    # Not splitlines(): texts may hold U+2028, which JSON does not escape.
    lines = (folder / "gold.jsonl").read_text(encoding="utf-8").split("\n")
    rows = [json.loads(line) for line in lines if line]
    rows = [row for row in rows if row.get("body") is not None]
    golds = [Gold(row["body"], frozenset(row.get("optional") or ())) for row in rows]
    paths = [folder / "html" / f"{row['id']}.html.gz" for row in rows]
    return golds, [gzip.decompress(path.read_bytes()) for path in paths]


def run(name: str, folder: Path) -> Result:
    """Run one extractor over all pages; a page that it raises on gets an empty text."""
    # What extractors log about single pages would mix with the progress on stderr.
    logging.disable(logging.CRITICAL)
    try:
        extract = EXTRACTORS[name]()
    except ModuleNotFoundError:
        return Result(absent="not installed")
    except ImportError as error:
        return Result(absent=f"no import: {error}")
    except AttributeError as error:
        return Result(absent=f"cannot be called: {error}")
    _, pages = read_pages(folder)
    # Of few pages at most a quarter warms up, so that most of them are timed.
    cold = min(WARM_UP, len(pages) // 4)
    first = [_attempt(extract, page) for page in pages[:cold]]
    start = time.process_time()
    texts = first + [_attempt(extract, page) for page in pages[cold:]]
    ms = 1000 * (time.process_time() - start) / max(1, len(pages) - cold)
    return Result(
        texts=tuple(text or "" for text in texts), ms=ms, raised=sum(text is None for text in texts)
    )


def _attempt(extract: Extract, page: bytes) -> str | None:
    try:
        return extract(page)
    except Exception:  # third-party extractors raise errors of many types
        return None


def memory(folder: Path) -> list[float]:
    """Return the memory in MB of newsbeam's extraction after each pass over the pages."""
    extract = EXTRACTORS[OURS]()
    _, pages = read_pages(folder)
    sizes = []
    for _ in range(PASSES):
        for page in pages:
            _attempt(extract, page)
        sizes.append(_resident_mb())
    return sizes


def _resident_mb() -> float:
    """Return the resident memory of this process in MB; without Linux's /proc, its peak."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        # getrusage counts kilobytes on Linux and bytes on macOS.
        unit = 2**20 if sys.platform == "darwin" else 2**10
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
    return pages * resource.getpagesize() / 2**20


def in_new_process(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | None:
    """Return the result of a call in a new process.

    Return None if the process dies or takes longer than LIMIT_S.
    """
    # Spawned, not forked: a fork would inherit the modules and memory of this process.
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_send, args=(sender, work, args, kwargs), daemon=True)
    process.start()
    # Only the child may hold the sending end, or its death would not end the wait.
    sender.close()
    try:
        return receiver.recv() if receiver.poll(LIMIT_S) else None
    except EOFError:
        return None
    finally:
        process.terminate()
        process.join()


def _send(
    sender: Connection, work: Callable[..., T], args: Sequence[object], kwargs: dict[str, object]
) -> None:
    sender.send(work(*args, **kwargs))


def table_of(results: dict[str, Result], golds: Sequence[Gold], title: str) -> Table:
    """Return the table, the best F1 first; extractors that did not run come last."""
    base = results[BASE].ms if BASE in results else 0.0
    table = Table(title=title)
    table.add_column("extractor", no_wrap=True)
    for column in ("F1", "precision", "recall", "exact", "ms CPU", "ratio", "raised"):
        table.add_column(column, justify="right")
    scores = {}
    for name, result in results.items():
        if not result.absent:
            scores[name] = score(list(zip(golds, result.texts, strict=True)))
    for name in sorted(scores, key=lambda name: -scores[name].f1):
        found, result = scores[name], results[name]
        shares = (found.f1, found.precision, found.recall, found.exact)
        cells = [f"{share:.4f}" for share in shares]
        ratio = f"{result.ms / base:.2f}" if base else "-"
        table.add_row(name, *cells, f"{result.ms:.1f}", ratio, str(result.raised))
    for name, result in results.items():
        if result.absent:
            table.add_row(name, result.absent, *["-"] * 6)
    return table


def main() -> None:
    """Print the table and newsbeam's memory."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument(
        "--only",
        action="append",
        choices=list(EXTRACTORS),
        metavar="NAME",
        help="run only this extractor (repeatable)",
    )
    options = parser.parse_args()
    folder = options.folder or _default_folder()
    if folder is None or not (folder / "gold.jsonl").is_file():
        parser.error("name a folder that has gold.jsonl and html/, or set NEWSBEAM_DATA")
    golds, _ = read_pages(folder)
    results = _run_all(options.only or list(EXTRACTORS), folder)
    title = f"{folder.name}: {len(golds)} pages; ratio: CPU to that of {BASE}"
    out = Console(width=WIDTH)
    out.print(table_of(results, golds, title))
    if OURS in results:
        sizes = " ".join(f"{mb:.0f}" for mb in in_new_process(memory, folder) or ())
        out.print(f"{OURS}'s memory in MB after each of {PASSES} passes: {sizes}", soft_wrap=True)


def _default_folder() -> Path | None:
    data = os.environ.get("NEWSBEAM_DATA")
    return Path(data, "data", "extraction") if data else None


def _run_all(names: Sequence[str], folder: Path) -> dict[str, Result]:
    results = {}
    for name in names:
        # A run takes minutes: progress goes to stderr, the table alone to stdout.
        print(f"{name} ...", file=sys.stderr, flush=True)  # noqa: T201
        result = in_new_process(run, name, folder)
        results[name] = result or Result(absent=f"died, or over {LIMIT_S:.0f} s")
    return results


if __name__ == "__main__":
    main()
