"""List what extraction loses without a trace on pages.

    python -m bench.conservation FOLDER [FOLDER ...] [--worst 10]

Each folder has html/<id>.html.gz. A text that a page shows between the first and the last block of
the article's body has to be in the body or among the removed blocks. Prints the number of
characters that are in neither, for each folder, and the pages that lose most.
"""

import argparse
import gzip
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.extractors import NOW
from transforms.core.clean.strip import load_rules, strip_boilerplate
from transforms.core.extract.alignment import align, compact, covered
from transforms.core.extract.html_document import parse
from transforms.core.extract.page import extract_article
from transforms.core.extract.rendered_blocks import render
from transforms.errors import ExtractError
from transforms.records import Article, FeedEntry, Page

SHOWN_CHARS = 100


@dataclass(frozen=True, slots=True)
class Loss:
    """The characters shown inside the article of a page, those lost, and the longest lost text."""

    page: str
    shown: int
    lost: int
    sample: str


def losses(folder: Path) -> Iterator[Loss]:
    """Yield the losses of each page of a folder that has an article."""
    for path in sorted((folder / "html").glob("*.html.gz")):
        loss = loss_of(path.name, gzip.decompress(path.read_bytes()))
        if loss:
            yield loss


def loss_of(name: str, content: bytes) -> Loss | None:
    """Return what is lost of a page; None if it has no article."""
    entry = FeedEntry(url="http://file.invalid/page", url_key="page", first_seen_at=NOW)
    page = Page(
        entry=entry, final_url=entry.url, content_type=None, content=content, fetched_at=NOW
    )
    try:
        article = extract_article(page, now=NOW)
    except ExtractError:
        return None
    clean = strip_boilerplate(article, load_rules(article.language))
    if not clean.body:
        return None
    return _loss(name, clean, page)


def _loss(name: str, article: Article, page: Page) -> Loss:
    rendered = render(parse(page)).blocks
    blocks = (article.body or "").split("\n\n")
    inside = covered(align(blocks, rendered))
    if not inside:
        return Loss(name, 0, 0, "")
    span = rendered[min(inside) : max(inside) + 1]
    accounted = compact("".join((*blocks, *(block.text for block in article.removed))))
    lost = [block.text for block in span if compact(block.text) not in accounted]
    return Loss(
        name,
        shown=sum(len(block.text) for block in span),
        lost=sum(map(len, lost)),
        sample=max(lost, key=len, default=""),
    )


def main() -> None:
    """Print the losses of each folder, and of its worst pages."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--worst", type=int, default=10, help="number of pages listed")
    chosen = parser.parse_args()
    for folder in chosen.folders:
        found = sorted(losses(folder), key=lambda loss: loss.lost, reverse=True)
        shown, lost = sum(loss.shown for loss in found), sum(loss.lost for loss in found)
        sys.stdout.write(
            f"{folder}: {lost} of {shown} characters lost, on "
            f"{sum(loss.lost > 0 for loss in found)} of {len(found)} pages\n"
        )
        for loss in found[: chosen.worst]:
            if loss.lost:
                sys.stdout.write(f"{loss.lost:8} {loss.page}: {loss.sample[:SHOWN_CHARS]}\n")


if __name__ == "__main__":
    main()
