"""Why is an article in the lake as it is: what was taken out of its page, by which rule, and where did it stand?"""

import html
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
from rich.console import Console, Group, RenderableType
from rich.text import Text

from pipelines.query import connect, rows_of
from transforms.core.prose import tidy
from transforms.core.urls import UrlError, url_key
from transforms.errors import ConfigError

_MIN_PREFIX = 6
_FACTS = (
    "url",
    "published_at",
    "published_precision",
    "published_basis",
    "language",
    "page_kind",
    "extraction_basis",
    "authors",
    "byline",
    "date_line",
    "credit",
    "captions",
    "flags",
    "duplicate_of",
    "memory_version",
)
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of an article as its page had it; `reason` says why it was taken out, None where it stayed."""

    text: str
    reason: str | None = None


def find_article(lake: str, wanted: str) -> Row:
    """Return the row of an article by its URL, as linked or canonical, or its id or the start of it.

    Raises ConfigError where the lake has none such, or several.
    """
    connection = connect(lake)
    found = _by_url(connection, wanted) if "/" in wanted or "." in wanted else _by_id(connection, wanted)
    if len(found) != 1:
        many = ", ".join(row["article_id"] for row in found)
        raise ConfigError(
            f"{wanted!r} is the start of several ids: {many}" if found else f"{wanted!r}: no such article in {lake}"
        )
    return found[0]


def _by_url(connection: duckdb.DuckDBPyConnection, url: str) -> list[Row]:
    try:
        key = url_key(url if "://" in url else f"http://{url}")
    except UrlError as error:
        raise ConfigError(f"{url!r} is no link: {error}") from error
    query = "FROM articles WHERE article_id IN (SELECT article_id FROM sightings WHERE url_key = ?)"
    return rows_of(connection, query, key)


def _by_id(connection: duckdb.DuckDBPyConnection, start: str) -> list[Row]:
    if len(start) < _MIN_PREFIX:
        raise ConfigError(f"{start!r}: give the URL, or at least {_MIN_PREFIX} characters of the id")
    return rows_of(connection, "FROM articles WHERE starts_with(article_id, ?) ORDER BY article_id LIMIT 5", start)


def pieces(body: str | None, removed: Sequence[Row]) -> Iterator[Piece]:
    """Yield the text of a page in order: the body's stretches, and between them what was taken out."""
    text, at = body or "", 0
    for one in removed:
        if stretch := text[at : one["at"]].strip("\n"):
            yield Piece(stretch)
        yield Piece(one["text"], one["reason"])
        at = max(at, one["at"])
    if stretch := text[at:].strip("\n"):
        yield Piece(stretch)


def show(row: Row, console: Console) -> None:
    """Print an article to a terminal, what was taken out of it marked and named."""
    console.print(Group(*_shown(row)))


def _shown(row: Row) -> Iterator[RenderableType]:
    yield Text(_clean(row["title"] or "(no title)"), style="bold")
    for name, value in _facts(row):
        yield Text.assemble((f"{name}: ", "dim"), _clean(value))
    for piece in pieces(row["body"], row["removed"]):
        yield Text()
        if piece.reason is None:
            yield Text(_clean(piece.text, lines=True))
        else:
            yield Text.assemble((f"- {piece.reason}: ", "bold red"), (_clean(piece.text), "red"))
    yield Text()
    yield Text(_summary(row), style="dim")


def _facts(row: Row) -> Iterator[tuple[str, str]]:
    for name in _FACTS:
        value = row[name]
        if value not in (None, [], ""):
            yield name, " · ".join(map(str, value)) if isinstance(value, list) else str(value)


def _summary(row: Row) -> str:
    blocks = len(row["removed"])
    return f"{row['word_count']} words kept; {blocks} blocks taken out, {row['removed_chars']} characters"


def _clean(text: str, *, lines: bool = False) -> str:
    """Return text that cannot steer a terminal."""
    return "\n".join(map(tidy, text.split("\n"))) if lines else tidy(text)


def to_html(row: Row) -> str:
    """Return a page of its own with the article, what was taken out of it struck through and named."""
    title = html.escape(tidy(row["title"] or "(no title)"))
    facts = "".join(f"<dt>{html.escape(n)}</dt><dd>{html.escape(v)}</dd>" for n, v in _facts(row))
    body = "\n".join(map(_piece_html, pieces(row["body"], row["removed"])))
    summary = html.escape(_summary(row))
    return (
        f'<!doctype html>\n<html lang="{html.escape(row["language"] or "")}"><head><meta charset="utf-8">'
        f"<title>{title}</title><style>{_STYLE}</style></head><body>\n<h1>{title}</h1>\n<dl>{facts}</dl>\n"
        f"<main>\n{body}\n</main>\n<footer>{summary}</footer>\n</body></html>\n"
    )


_STYLE = (
    "body{font:17px/1.5 Georgia,serif;max-width:44rem;margin:2rem auto;padding:0 1rem;color:#1b1b1b}"
    "dl{font:13px/1.5 sans-serif;display:grid;grid-template-columns:max-content 1fr;gap:0 1rem;color:#555}"
    "dd{margin:0;overflow-wrap:anywhere}.out{background:#fdecea;border-left:3px solid #c0392b;padding:.3rem .7rem;"
    "margin:1rem 0}.out b{font:600 12px sans-serif;color:#c0392b;display:block}.out del{color:#7a3b34}"
    "footer{font:13px sans-serif;color:#555;border-top:1px solid #ddd;padding-top:.5rem}"
)


def _piece_html(piece: Piece) -> str:
    if piece.reason is not None:
        return f'<div class="out"><b>{html.escape(piece.reason)}</b><del>{html.escape(piece.text)}</del></div>'
    blocks = (html.escape(block).replace("\n", "<br>") for block in piece.text.split("\n\n"))
    return "".join(f"<p>{block}</p>" for block in blocks)
