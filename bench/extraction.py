"""Bodies of newsbeam and of its peers against gold bodies, on the same pages in one run: `make
bench-extraction`.

    python -m bench.extraction [FOLDER] [--only NAME]...

FOLDER holds `html/<id>.html.gz` and `gold.jsonl`; without it, `data/extraction` in the folder that
NEWSBEAM_DATA names. Each extractor runs in a new process of its own. CPU is its process time on the
pages after a first few, which warm up.
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
PASSES = 10
WIDTH = 110
LIMIT_S = 600.0
P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Result:
    """What one extractor gave: its texts by page, CPU ms a page, pages it raised on.

    Or why it could not run.
    """

    texts: tuple[str, ...] = ()
    ms: float = 0.0
    raised: int = 0
    absent: str | None = None


def read_pages(folder: Path) -> tuple[list[Gold], list[bytes]]:
    """Return the gold bodies and the pages they are of, in one order."""
    rows = [
        json.loads(line)
        for line in (folder / "gold.jsonl").read_text(encoding="utf-8").splitlines()
        if line
    ]
    rows = [row for row in rows if row.get("body") is not None]
    golds = [Gold(row["body"], frozenset(row.get("optional") or ())) for row in rows]
    return golds, [
        gzip.decompress((folder / "html" / f"{row['id']}.html.gz").read_bytes()) for row in rows
    ]


def run(name: str, folder: Path) -> Result:
    """Run one extractor over all pages; a page that it raises on is an empty text."""
    logging.disable(logging.CRITICAL)
    try:
        extract = EXTRACTORS[name]()
    except ImportError as error:
        return Result(
            absent="not installed"
            if isinstance(error, ModuleNotFoundError)
            else f"no import: {error}"
        )
    except AttributeError as error:
        return Result(absent=f"cannot be called: {error}")
    _, pages = read_pages(folder)
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
    except Exception:  # whatever another library raises on a page
        return None


def memory(folder: Path) -> list[float]:
    """Return newsbeam's memory in MB after each of ten passes over the pages."""
    extract = EXTRACTORS[OURS]()
    _, pages = read_pages(folder)
    sizes = []
    for _ in range(PASSES):
        for page in pages:
            _attempt(extract, page)
        sizes.append(_resident_mb())
    return sizes


def _resident_mb() -> float:
    """Return the memory of this process: now where the system tells, else the most it ever had."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (
            2**20 if sys.platform == "darwin" else 2**10
        )
    return pages * resource.getpagesize() / 2**20


def apart(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | None:
    """Return what work gives in a new process of its own.

    None where it dies or takes longer than the limit.
    """
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_send, args=(there, work, args, kwargs), daemon=True)
    process.start()
    there.close()
    try:
        return here.recv() if here.poll(LIMIT_S) else None
    except EOFError:
        return None
    finally:
        process.terminate()
        process.join()


def _send(
    there: Connection, work: Callable[..., T], args: Sequence[object], kwargs: dict[str, object]
) -> None:
    there.send(work(*args, **kwargs))


def table_of(results: dict[str, Result], golds: Sequence[Gold], title: str) -> Table:
    """Return the table, the best F1 first; extractors that did not run are named at its end."""
    base = results[BASE].ms if BASE in results else 0.0
    table = Table(title=title)
    table.add_column("extractor", no_wrap=True)
    for column in ("F1", "precision", "recall", "exact", "ms CPU", "ratio", "raised"):
        table.add_column(column, justify="right")
    scores = {
        name: score(list(zip(golds, r.texts, strict=True)))
        for name, r in results.items()
        if not r.absent
    }
    for name in sorted(scores, key=lambda name: -scores[name].f1):
        s, r = scores[name], results[name]
        ratio = f"{r.ms / base:.2f}" if base else "-"
        shares = (f"{value:.4f}" for value in (s.f1, s.precision, s.recall, s.exact))
        table.add_row(name, *shares, f"{r.ms:.1f}", ratio, str(r.raised))
    for name, r in results.items():
        if r.absent:
            table.add_row(name, r.absent, *["-"] * 6)
    return table


def main() -> None:
    """Print the table and newsbeam's memory."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--only", action="append", choices=list(EXTRACTORS), metavar="NAME")
    chosen = parser.parse_args()
    data = os.environ.get("NEWSBEAM_DATA")
    folder = chosen.folder or (Path(data, "data", "extraction") if data else None)
    if folder is None or not (folder / "gold.jsonl").is_file():
        parser.error("name a folder that has gold.jsonl and html/, or set NEWSBEAM_DATA")
    golds, _ = read_pages(folder)
    results = {}
    for name in chosen.only or EXTRACTORS:
        print(f"{name} ...", file=sys.stderr, flush=True)  # noqa: T201 - who waits is told for what
        results[name] = apart(run, name, folder) or Result(absent=f"died, or over {LIMIT_S:.0f} s")
    out = Console(width=WIDTH)
    out.print(
        table_of(results, golds, f"{folder.name}: {len(golds)} pages; ratio: CPU to that of {BASE}")
    )
    if OURS in results:
        sizes = " ".join(f"{mb:.0f}" for mb in apart(memory, folder) or ())
        out.print(f"{OURS}'s memory in MB after each of {PASSES} passes: {sizes}", soft_wrap=True)


if __name__ == "__main__":
    main()
