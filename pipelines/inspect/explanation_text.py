"""An explanation as text on a terminal."""

from collections.abc import Iterator

from rich.console import Console, Group, RenderableType
from rich.text import Text

from pipelines.inspect.explanation import (
    Explanation,
    Row,
    article_fields,
    article_summary,
    mention_fields,
    mention_heading,
    page_blocks,
)
from pipelines.inspect.passages import passage_of, segments
from pipelines.terminal import safe_line, safe_text

_STYLES = {
    "trigger": "bold magenta",
    "actor": "green",
    "recipient": "cyan",
    "says": "yellow",
    "claimant": "yellow",
    "via": "yellow",
    "date": "blue",
    "place": "blue",
}


def print_explanation(explanation: Explanation, console: Console) -> None:
    """Print an article with its removed blocks named and coloured, then its events' mentions."""
    if explanation.article is not None:
        console.print(Group(*_article_lines(explanation.article)))
    for mention, article in explanation.mentions:
        console.print(Group(*_mention_lines(mention, article)))


def _article_lines(article: Row) -> Iterator[RenderableType]:
    yield Text(safe_line(article["title"] or "(no title)"), style="bold")
    for name, value in article_fields(article):
        yield Text.assemble((f"{name}: ", "dim"), safe_line(value))
    for block in page_blocks(article["body"], article["removed"]):
        yield Text()
        if block.removed_by is None:
            yield Text(safe_text(block.text))
        else:
            yield Text.assemble(
                (f"- {block.removed_by}: ", "bold red"), (safe_line(block.text), "red")
            )
    yield Text()
    yield Text(article_summary(article), style="dim")


def _mention_lines(mention: Row, article: Row) -> Iterator[RenderableType]:
    yield Text()
    yield Text(safe_line(mention_heading(mention)), style="bold")
    passage = Text()
    for text, label in segments(passage_of(mention, article["title"], article["body"])):
        if label is None:
            passage.append(safe_text(text))
        else:
            passage.append(f"[{label} {safe_line(text)}]", _STYLES[label])
    yield passage
    for name, value in mention_fields(mention, article):
        yield Text.assemble((f"{name}: ", "dim"), safe_line(value))
