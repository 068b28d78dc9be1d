"""Growth of the work of each stage when a hostile document doubles.

    python -m bench.growth [--only TEXT]... [--seconds 4]

For each stage and shape (bench/hostile_shapes.py) a document is doubled until the stage takes some
time, refuses it, or the document is larger than any that is read. The table gives the size of the
largest one in KB, its CPU time, and the exponent of the growth: the slope of log(time) by
log(size), by least squares over the last doublings. 1 is linear, 2 is square. The time of an
exponent is the best of three; compare times of one run only.
"""

import argparse
import io
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import NamedTuple

from rich.console import Console

from bench import hostile_batches, hostile_shapes
from bench.hostile_shapes import LEDE, Shape
from transforms.core.archives.formats.base import ArchiveFormat
from transforms.core.archives.formats.json_lines import JSON_LINES
from transforms.core.archives.formats.warc import WARC
from transforms.core.archives.link_lists.cdx import is_cdx, read_cdx
from transforms.core.archives.link_lists.sitemaps import read_sitemap
from transforms.core.archives.link_lists.url_lists import read_urls
from transforms.core.archives.page_defaults import PageDefaults
from transforms.core.archives.page_refs import PageRef
from transforms.core.clean.outline import outline_of
from transforms.core.clean.site_memory import learn_site
from transforms.core.clean.strip import load_rules, strip_boilerplate
from transforms.core.events.coder import code_article
from transforms.core.events.entities.article_entities import read_entities
from transforms.core.events.loading import load_coder
from transforms.core.events.parse.segments import MAX_CHARS as MAX_CODED_CHARS
from transforms.core.events.parse.segments import paragraphs, quotes, sentences
from transforms.core.extract.new_article import MAX_BODY_CHARS
from transforms.core.extract.page import read_page
from transforms.core.feeds.lists import parse_opml, parse_toml
from transforms.core.feeds.parse import parse_feed
from transforms.core.lake.merge.article_versions import changed_chars
from transforms.core.markup import html_attribute_counts
from transforms.core.stories.fingerprint import fingerprint, top_terms
from transforms.core.urls import url_key
from transforms.errors import NewsbeamError
from transforms.records import ArchivePart, Article, CodingInput, FeedEntry, Page

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
"""A fixed clock, so that two runs do the same work."""
ROUNDS = 3
"""The best of three is reported: a busy machine can only make a round slower."""
FIRST = 250
"""Parts of the smallest document: fewer are the documents that publishers write."""
MAX_BYTES = 10 * 1024 * 1024
"""The largest page or feed that is read."""
DOUBLINGS = 3
"""Doublings by which an exponent is measured: more would count what is done once a document."""
MIN_SECONDS = 0.01
"""Shorter times are mostly those of what is done once a document."""


class Stage(NamedTuple):
    """A stage: the shapes of its input, its work, and the characters of the largest input."""

    shapes: Mapping[str, Shape]
    work: Callable[[str], object]
    max_chars: int = MAX_BYTES


def page_of(body: str) -> Page:
    """Return a page with a hostile part below its article."""
    url = "https://a.test/2026/01/05/bridge"
    html = (
        "<html lang='en'><head><title>Town to close its bridge</title></head><body><article>"
        f"<h1>Town to close its bridge</h1>{f'<p>{LEDE}</p>' * 3}{body}</article></body></html>"
    )
    entry = FeedEntry(url=url, url_key=url_key(url), feed_id="f", first_seen_at=NOW)
    return Page(
        entry=entry, final_url=url, content_type="text/html", content=html.encode(), fetched_at=NOW
    )


def article_of(text: str, number: int = 0) -> Article:
    """Return an article whose body has a hostile part."""
    url = f"https://a.test/{number}"
    return Article(
        article_id=url_key(url),
        url_key=url_key(url),
        url=url,
        canonical_url=url,
        source_domain="a.test",
        title="Town to close its bridge",
        published_at=NOW,
        first_seen_at=NOW,
        seen_at=NOW,
        language="en",
        body=f"{LEDE}\n\n{text}",
    )


def extract(body: str) -> Article:
    """Return the article of a page."""
    return read_page(page_of(body))


def extract_state(state: str) -> Article:
    """Return the article of a page that has it in the state of an application only."""
    page = page_of("")
    data = "".join(
        f"<script {mark}{state}</script>"
        for mark in (
            "type='application/json' id='__NUXT_DATA__'>",
            "type='application/json'>",
            ">a=",
        )
    )
    head = "<html><title>Town to close its bridge</title>"
    return read_page(replace(page, content=f"{head}<div id=app></div>{data}".encode()))


def clean(text: str) -> Article:
    """Return an article without boilerplate."""
    return strip_boilerplate(article_of(text), load_rules("en"))


def remember(text: str) -> None:
    """Learn a site from four articles with the same hostile part, and clean one of them by it."""
    outlines = [outline_of(article_of(f"{number} {text}", number)) for number in range(4)]
    known = learn_site("a.test", outlines).boilerplate
    strip_boilerplate(article_of(text), (), known)


def read_sentences(text: str) -> None:
    """Split a text into sentences, and read its quotations and names."""
    found = list(paragraphs(text))
    for paragraph in found:
        quotes(paragraph)
    read_entities([s.text for p in found for s in sentences(p)], load_coder().lexicon)


def code(text: str) -> object:
    """Return the events of an article."""
    return code_article(CodingInput(article=article_of(text)))


def compare(text: str) -> None:
    """Do what finds copies of a text and names of a story."""
    fingerprint(text)
    top_terms([text])


def read_feed(channel: str) -> object:
    """Return the items of a feed."""
    return parse_feed(f"<rss><channel>{channel}</channel></rss>".encode(), now=NOW)


def read_opml(body: str) -> object:
    """Return the feeds of an OPML list."""
    return parse_opml(f"<opml><body>{body}</body></opml>".encode())


def read_links(text: str) -> object:
    """Return the links of a list of links."""
    return list(read_urls(text.splitlines()))


def read_map(content: str) -> object:
    """Return the links of a sitemap."""
    data = f"<urlset>{content}</urlset>".encode()
    return list(read_sitemap(data, url=None, now=NOW))


def read_captures(text: str) -> None:
    """Recognise an index of captures, and read its rows."""
    is_cdx(text)
    for _ in read_cdx(text):
        pass


def compare_versions(text: str) -> object:
    """Compare two versions of a text that share every part but their own ends."""
    return changed_chars(text, text.replace("today", "tomorrow"))


def read_archive(archive: ArchiveFormat, text: str) -> None:
    """List the pages of an archive, and read each."""
    file = io.BytesIO(text.encode("latin-1"))
    refs = [r for r in archive.list_pages(file, "a", None) if isinstance(r, PageRef)]
    places = tuple((ref.at.offset, ref.at.skip) for ref in refs)
    part = ArchivePart(path="a", kind=archive.name, inside="a", places=places)
    for _ in archive.read_pages(file, part, PageDefaults(NOW)):
        pass


STAGES: dict[str, Stage] = {
    "count attributes": Stage(
        hostile_shapes.PAGES, lambda body: sum(html_attribute_counts(body.encode()))
    ),
    "extract": Stage(hostile_shapes.PAGES, extract),
    "state": Stage(hostile_shapes.STATES, extract_state),
    "clean": Stage(hostile_shapes.TEXTS, clean, MAX_BODY_CHARS),
    "site memory": Stage(hostile_shapes.TEXTS, remember, MAX_BODY_CHARS),
    "sentences": Stage(hostile_shapes.TEXTS, read_sentences, 2 * MAX_CODED_CHARS),
    "code": Stage(hostile_shapes.TEXTS, code, 2 * MAX_CODED_CHARS),
    "copies": Stage(hostile_shapes.TEXTS, compare, MAX_BODY_CHARS),
    "feed": Stage(hostile_shapes.FEEDS, read_feed),
    "OPML": Stage(hostile_shapes.OUTLINES, read_opml),
    "TOML": Stage(hostile_shapes.TOML_LISTS, lambda text: parse_toml(text.encode())),
    "links": Stage(hostile_shapes.URL_LISTS, read_links),
    "sitemap": Stage(hostile_shapes.SITEMAPS, read_map),
    "CDX": Stage(hostile_shapes.CAPTURES, read_captures),
    "JSON Lines": Stage(hostile_shapes.ROWS, partial(read_archive, JSON_LINES)),
    "WARC": Stage(hostile_shapes.RECORDS, partial(read_archive, WARC)),
    "versions": Stage(hostile_shapes.VERSIONS, compare_versions, MAX_BODY_CHARS),
    "merge": Stage(hostile_batches.MERGES, hostile_batches.merge),
}
"""The stages, in the order of a run."""


@dataclass(frozen=True, slots=True)
class Growth:
    """The sizes of documents, in characters, the CPU time of each, and what ended the doubling."""

    sizes: tuple[int, ...]
    seconds: tuple[float, ...]
    end: str

    @property
    def exponent(self) -> float | None:
        """The slope of log(time) by log(size); None where all is too fast to be measured."""
        points = [
            (math.log(size), math.log(s))
            for size, s in zip(self.sizes, self.seconds, strict=True)
            if s >= MIN_SECONDS
        ][-DOUBLINGS - 1 :]
        return _slope(points) if len(points) > 1 else None


def _slope(points: Sequence[tuple[float, float]]) -> float:
    """Return the slope of the line through points, by least squares."""
    middle_x = sum(x for x, _ in points) / len(points)
    middle_y = sum(y for _, y in points) / len(points)
    spread = sum((x - middle_x) ** 2 for x, _ in points)
    return sum((x - middle_x) * (y - middle_y) for x, y in points) / spread


def measure(stage: Stage, shape: Shape, most_s: float) -> Growth:
    """Double a document until its work takes `most_s`, is refused, or is larger than any is."""
    sizes: list[int] = []
    seconds: list[float] = []
    end = "size"
    for document in _doubled(shape, stage.max_chars):
        spent, refusal = _best_time(stage.work, document, most_s)
        sizes.append(len(document))
        seconds.append(spent)
        if refusal or spent > most_s:
            end = refusal or "time"
            break
    return Growth(tuple(sizes), tuple(seconds), end)


def _doubled(shape: Shape, max_chars: int) -> Iterator[str]:
    count = FIRST
    document = shape(count)
    while len(document) <= max_chars:
        yield document
        count *= 2
        document = shape(count)


def _best_time(
    work: Callable[[str], object], document: str, most_s: float
) -> tuple[float, str | None]:
    """Return the CPU time of the best round, and the code of the error if it was refused."""
    best, refusal = math.inf, None
    for _ in range(ROUNDS):
        start = time.process_time()
        try:
            work(document)
        except NewsbeamError as error:
            refusal = error.reason
        best = min(best, time.process_time() - start)
        # What takes long varies little.
        if best > most_s / 4:
            break
    return best, refusal


def main() -> None:
    """Print a line for each stage and shape."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", action="append", metavar="TEXT", help="stages or shapes")
    parser.add_argument("--seconds", type=float, default=4.0, help="CPU time to double up to")
    values = parser.parse_args()
    out = Console()
    out.print("stage             shape                          KB     CPU s  exponent  end")
    for name, stage in STAGES.items():
        for shape_name, shape in stage.shapes.items():
            if any(text in f"{name}: {shape_name}" for text in values.only or [""]):
                growth = measure(stage, shape, values.seconds)
                out.print(
                    line_of(name, shape_name, growth), markup=False, highlight=False, soft_wrap=True
                )


def line_of(stage: str, shape: str, growth: Growth) -> str:
    """Return a line of the table."""
    exponent = growth.exponent
    slope = "       -" if exponent is None else f"{exponent:8.2f}"
    size, spent = growth.sizes[-1] / 1024, growth.seconds[-1]
    return f"{stage:17} {shape:28} {size:6.0f} {spent:8.3f}  {slope}  {growth.end}"


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        main()
