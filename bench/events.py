"""Documents a second a core of the event coder, beside spaCy's plain full pipeline on the same
bodies, in the same run.

`python bench/events.py JSONL-or-folder-of-HTML`: rows of `newsbeam extract`, or pages, whose bodies
are taken first. The two take turns; each one's best round counts. Both are one process; the coder's
figure includes all it does.
"""

import json
import resource
import sys
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
ROUNDS = 3
BATCH = 64


def bodies(paths: Sequence[str]) -> list[str]:
    """Return the English bodies of JSON lines or of pages."""
    if len(paths) == 1 and Path(paths[0]).suffix == ".jsonl":
        rows = [
            json.loads(line) for line in Path(paths[0]).read_text(encoding="utf-8").splitlines()
        ]
        return [r["text"] for r in rows if r.get("text") and (r.get("language") or "en") == "en"]
    out = []
    for source in find_inputs(list(paths), PAGE_FILE.endings):
        try:
            article = extract_article(page_of(source, published_at=None, now=NOW), now=NOW)
        except ExtractError:
            continue
        if article.body and (article.language or "en") == "en":
            out.append(article.body)
    return out


def seconds(work: Callable[[], object]) -> float:
    """Return the CPU seconds that a piece of work takes."""
    start = time.process_time()
    work()
    return time.process_time() - start


def main(paths: Sequence[str]) -> None:
    """Print documents a second for both, and their ratio."""
    out = Console()
    texts = bodies(paths or [str(SITE)])
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
    main(sys.argv[1:])
