"""Speed of the event coder, compared with spaCy's full pipeline on the same bodies.

    python bench/events.py [FILE.jsonl | FOLDER-OF-HTML]

The input is the output of `newsbeam extract`, or pages, whose bodies are extracted first (not
timed); without one, the pages of the demo. Both run in this process, in turn; the best round of
each counts. The coder's time includes all its steps, parsing too.
"""

import argparse
import json
import resource
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from pipelines.demo.demo import SITE
from pipelines.files.file_stages import page_of
from pipelines.files.jsonl import find_inputs
from transforms.core.archives.formats.page_file import PAGE_FILE
from transforms.core.events.coder import code_events
from transforms.core.events.loading import load_coder
from transforms.core.events.parse.model import load_model
from transforms.core.extract.page import extract_article
from transforms.errors import ExtractError

NOW = datetime(2024, 10, 18, tzinfo=UTC)
"""A fixed clock: relative dates in the bodies resolve to the same days in every run."""
ROUNDS = 3
"""The best of three is reported: a busy machine can only make a round slower."""
BATCH = 64
"""Documents that spaCy parses together: fewer than its default, to hold fewer in memory."""
ENGLISH = "en"


def bodies(paths: Sequence[str]) -> list[str]:
    """Return the English bodies of one JSON Lines file, or of pages."""
    if len(paths) == 1 and Path(paths[0]).suffix == ".jsonl":
        return _bodies_of_rows(Path(paths[0]))
    return _bodies_of_pages(paths)


def _bodies_of_rows(path: Path) -> list[str]:
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [row["text"] for row in rows if _is_english(row.get("text"), row.get("language"))]


def _bodies_of_pages(paths: Sequence[str]) -> list[str]:
    found = []
    for source in find_inputs(list(paths), PAGE_FILE.endings):
        try:
            article = extract_article(page_of(source, published_at=None, now=NOW), now=NOW)
        except ExtractError:
            continue
        if article.body and _is_english(article.body, article.language):
            found.append(article.body)
    return found


def _is_english(text: str | None, language: str | None) -> bool:
    """Return whether there is a text in English; one of unknown language counts as English."""
    return bool(text) and (language or ENGLISH) == ENGLISH


def seconds(work: Callable[[], object]) -> float:
    """Return the CPU seconds that a call takes."""
    start = time.process_time()
    work()
    return time.process_time() - start


def main() -> None:
    """Print documents per second of both, their ratio, and the peak memory."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("paths", nargs="*", default=[str(SITE)], metavar="PATH")
    out = Console()
    texts = bodies(parser.parse_args().paths)
    coder, plain = load_coder(), load_model()
    mentions = 0

    def code() -> None:
        nonlocal mentions
        mentions = sum(
            len(code_events(t, title=None, published_at=NOW, coder=coder)) for t in texts
        )

    def parse() -> None:
        for _ in plain.pipe(texts, batch_size=BATCH):
            pass

    times = [(seconds(code), seconds(parse)) for _ in range(ROUNDS)]
    coded, parsed = (min(t) for t in zip(*times, strict=True))
    out.print(
        f"events   {len(texts) / coded:8.2f} documents a second a core, {mentions} "
        f"mentions in {len(texts)} texts"
    )
    out.print(f"spaCy    {len(texts) / parsed:8.2f} documents a second a core, plain full pipeline")
    out.print(f"ratio    {parsed / coded:8.2f}")
    out.print(
        f"memory   {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:8.0f} MB at most"
    )


if __name__ == "__main__":
    main()
