"""CPU time per page of each stage, and the peak memory: `make bench`.

    python bench/stages.py [FOLDER-OF-HTML]

Without a folder, the pages are those of the demo. Compare only figures of one run, or of two
versions run in turn: machines differ, and their load varies.
"""

import argparse
import resource
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TypeVar

from rich.console import Console

from pipelines.demo.demo import SITE
from pipelines.files.file_stages import page_of
from pipelines.files.jsonl import find_inputs
from transforms.core.archives.formats.page_file import PAGE_FILE
from transforms.core.clean.outline import outline_of
from transforms.core.clean.strip import load_rules, strip_boilerplate
from transforms.core.events.coder import code_article
from transforms.core.extract.page import extract_article
from transforms.core.lake.lake import Lake
from transforms.errors import ExtractError
from transforms.records import Article, Batch, CodedArticle, CodingInput, Page, RunContext
from transforms.stores import LocalStore

NOW = datetime(2024, 10, 18, tzinfo=UTC)
"""A fixed clock, so that two runs do the same work."""
ROUNDS = 3
"""The best of three is reported: a busy machine can only make a round slower."""
In = TypeVar("In")
Out = TypeVar("Out")


def timed(name: str, work: Callable[[In], Out], items: Sequence[In], out: Console) -> list[Out]:
    """Print the CPU time per item of `work`, the best round after a warm-up; return its results."""
    # The first round loads models, rules and caches, which a long run pays for only once.
    best, results = float("inf"), [work(item) for item in items]
    for _ in range(ROUNDS):
        start = time.process_time()
        results = [work(item) for item in items]
        best = min(best, time.process_time() - start)
    out.print(f"{name:8} {1000 * best / max(1, len(items)):8.2f} ms CPU a page, {len(items)} pages")
    return results


def extract(page: Page) -> Article | None:
    """Return the article, or None if the page has none."""
    try:
        return extract_article(page, now=NOW)
    except ExtractError:
        return None


def clean(article: Article) -> Article:
    """Return the article without boilerplate."""
    return strip_boilerplate(article, load_rules(article.language))


def merge(coded: Sequence[CodedArticle]) -> None:
    """Merge the coded articles into a new lake."""
    run = RunContext(
        run_id="bench",
        kind="scheduled",
        now=NOW,
        runner="none",
        pipeline_version="bench",
        config_sha256="0" * 64,
    )
    with tempfile.TemporaryDirectory() as folder:
        lake = Lake(LocalStore(folder))
        lake.prepare()
        lake.merge(Batch(run=run, coded=tuple(coded)))


def main() -> None:
    """Print one line per stage, then the totals."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("paths", nargs="*", default=[str(SITE)], metavar="PATH")
    out = Console()
    sources = find_inputs(parser.parse_args().paths, PAGE_FILE.endings)
    pages = [page_of(source, published_at=None, now=NOW) for source in sources]
    articles = [a for a in timed("extract", extract, pages, out) if a is not None]
    cleaned = timed("clean", clean, articles, out)
    timed("outline", outline_of, cleaned, out)
    coded = timed("events", code_article, [CodingInput(article=a) for a in cleaned], out)
    # Once only: merging the same articles a second time would change nothing.
    start = time.process_time()
    merge(coded)
    out.print(
        f"{'merge':8} {1000 * (time.process_time() - start) / max(1, len(coded)):8.2f} ms "
        "CPU a page"
    )
    words = sum(len((c.article.body or "").split()) for c in coded)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    out.print(
        f"{words} words, {sum(len(c.mentions) for c in coded)} mentions, {peak:.0f} MB at most"
    )


if __name__ == "__main__":
    main()
