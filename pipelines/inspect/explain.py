"""Why is the lake as it is: what was taken out of an article's page, and which words made an
event?"""

import html
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
from rich.console import Console, Group, RenderableType
from rich.text import Text

from pipelines.inspect.passages import passage_of, segments
from transforms.core.prose import tidy
from transforms.core.urls import UrlError, url_key
from transforms.errors import ConfigError
from transforms.lake_views import connect, rows_of

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
_EVENT_FACTS = (
    *(
        "rule",
        "confidence",
        "date",
        "date_precision",
        "date_basis",
        "location",
        "country",
        "geo_precision",
    ),
    *("claimant", "via", "dead", "injured", "size", "contexts", "mention_id", "coder_version"),
)
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of an article as its page had it.

    `reason` says why it was taken out, None where it stayed.
    """

    text: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Explained:
    """Mentions, each with its article: of the `article` asked for, else of an event, its canonical
    one first.
    """

    told: list[tuple[Row, Row]]
    article: Row | None = None


def find(lake: str, wanted: str) -> Explained:
    """Return what an URL, as linked or canonical, or an id or the start of it, means: an article,
    event or mention.

    Raises ConfigError where the lake has none such, or several.
    """
    with connect(lake) as connection:
        if "/" in wanted or "." in wanted:
            return _article(connection, _one(_by_url(connection, wanted), wanted, lake))
        if len(wanted) < _MIN_PREFIX:
            raise ConfigError(
                f"{wanted!r}: give the URL, or at least {_MIN_PREFIX} characters of the id"
            )
        found = [
            (kind, row["id"])
            for kind, query in _IDS.items()
            for row in rows_of(connection, query, wanted)
        ]
        kind, found_id = _one(found, wanted, lake)
        return (
            _article(connection, found_id)
            if kind == "article"
            else _event(connection, kind, found_id)
        )


_IDS = {
    kind: f"SELECT {kind}_id AS id FROM {table} WHERE starts_with({kind}_id, ?) ORDER BY 1 LIMIT 5"  # noqa: S608
    for kind, table in (("article", "articles"), ("event", "events"), ("mention", "event_mentions"))
}
_CANONICAL = """
    FROM event_mentions AS m WHERE m.{kind}_id = ?
    ORDER BY m.mention_id NOT IN (SELECT canonical_mention_id FROM events), m.published_at,
    m.mention_id LIMIT 50
"""


def _one(found: list[Any], wanted: str, lake: str) -> Any:
    if len(found) == 1:
        return found[0]
    many = ", ".join(one if isinstance(one, str) else f"{one[0]} {one[1]}" for one in found)
    raise ConfigError(
        f"{wanted!r} may be {many}" if found else f"{wanted!r}: nothing of that name in {lake}"
    )


def _by_url(connection: duckdb.DuckDBPyConnection, url: str) -> list[str]:
    try:
        key = url_key(url if "://" in url else f"http://{url}")
    except UrlError as error:
        raise ConfigError(f"{url!r} is no link: {error}") from error
    query = "SELECT article_id FROM sightings WHERE url_key = ? AND published_date IS NOT NULL"
    return [row["article_id"] for row in rows_of(connection, query, key)]


def _article(connection: duckdb.DuckDBPyConnection, article_id: str) -> Explained:
    (article,) = rows_of(connection, "FROM articles WHERE article_id = ?", article_id)
    query = (
        "FROM event_mentions WHERE article_id = ? ORDER BY evidence_field DESC, "
        "trigger_start, mention_id"
    )
    return Explained(
        [(mention, article) for mention in rows_of(connection, query, article_id)], article
    )


def _event(connection: duckdb.DuckDBPyConnection, kind: str, found_id: str) -> Explained:
    mentions = rows_of(connection, _CANONICAL.format(kind=kind), found_id)
    query = "FROM articles WHERE list_contains(?, article_id)"
    articles = {
        r["article_id"]: r for r in rows_of(connection, query, [m["article_id"] for m in mentions])
    }
    return Explained([(mention, articles[mention["article_id"]]) for mention in mentions])


def pieces(body: str | None, removed: Sequence[Row]) -> Iterator[Piece]:
    """Yield the text of a page in order: the body's stretches, and between them what was taken
    out."""
    text, at = body or "", 0
    for one in removed:
        if stretch := text[at : one["at"]].strip("\n"):
            yield Piece(stretch)
        yield Piece(one["text"], one["reason"])
        at = max(at, one["at"])
    if stretch := text[at:].strip("\n"):
        yield Piece(stretch)


def show(found: Explained, console: Console) -> None:
    """Print an article, what was taken out of it marked and named.

    Or the mentions of an event, their words marked.
    """
    if found.article is not None:
        console.print(Group(*_shown(found.article)))
    for mention, article in found.told:
        console.print(Group(*_shown_mention(mention, article)))


def _shown_mention(mention: Row, article: Row) -> Iterator[RenderableType]:
    yield Text()
    yield Text(_heading(mention), style="bold")
    line = Text()
    for text, label in segments(passage_of(mention, article["title"], article["body"])):
        said = _clean(text, lines=True) if label is None else text
        line.append(
            *((f"[{label} {_clean(text)}]", _STYLES[label]) if label else (_spaced(said, text),))
        )
    yield line
    for name, value in _event_facts(mention, article):
        yield Text.assemble((f"{name}: ", "dim"), _clean(value))


def _spaced(clean: str, text: str) -> str:
    """Return a stretch with the spaces at its ends, which cleaning takes off."""
    return (
        (" " if text[:1].isspace() else "")
        + clean.strip()
        + (" " if text[-1:].isspace() and clean.strip() else "")
    )


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


def _heading(m: Row) -> str:
    kind = f"{m['type']} {m['mode']}" if m["mode"] else m["type"]
    sides = (
        m["actor_name"] or m["actor_country"] or "?",
        m["recipient_name"] or m["recipient_country"] or "?",
    )
    return f"{m['event_id'][:8]} {kind}: {_clean(sides[0])} -> {_clean(sides[1])} ({m['modality']})"


def _event_facts(m: Row, article: Row) -> Iterator[tuple[str, str]]:
    yield "article", f"{article['canonical_url']} ({m['evidence_field']})"
    yield from ((name, value) for name, value in _facts(m, _EVENT_FACTS) if value != "none")


def _shown(row: Row) -> Iterator[RenderableType]:
    yield Text(_clean(row["title"] or "(no title)"), style="bold")
    for name, value in _facts(row, _FACTS):
        yield Text.assemble((f"{name}: ", "dim"), _clean(value))
    for piece in pieces(row["body"], row["removed"]):
        yield Text()
        if piece.reason is None:
            yield Text(_clean(piece.text, lines=True))
        else:
            yield Text.assemble((f"- {piece.reason}: ", "bold red"), (_clean(piece.text), "red"))
    yield Text()
    yield Text(_summary(row), style="dim")


def _facts(row: Row, names: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield those of a row's columns that say something."""
    for name in names:
        value = round(row[name], 3) if isinstance(row[name], float) else row[name]
        if value not in (None, [], ""):
            yield name, " · ".join(map(str, value)) if isinstance(value, list) else str(value)


def _summary(row: Row) -> str:
    blocks = len(row["removed"])
    return (
        f"{row['word_count']} words kept; {blocks} blocks taken out, {row['removed_chars']} "
        "characters"
    )


def _clean(text: str, *, lines: bool = False) -> str:
    """Return text that cannot steer a terminal."""
    return "\n".join(map(tidy, text.split("\n"))) if lines else tidy(text)


def to_html(found: Explained) -> str:
    """Return a page of its own: an article with what was taken out of it struck through, or an
    event's mentions.
    """
    if found.article is not None:
        article, title, main = (
            found.article,
            tidy(found.article["title"] or "(no title)"),
            _article_html(found.article),
        )
    else:
        mention, article = found.told[0]
        title, main = _heading(mention), ""
    title = html.escape(title)
    events = "\n".join(_mention_html(*one) for one in found.told)
    return (
        "<!doctype html>\n<html "
        f'lang="{html.escape(article["language"] or "")}"><head><meta charset="utf-8">'
        f"<title>{title}</title><style>{_STYLE}</style></head><body>\n<h1>{title}</h1>\n{main}{events}</body></html>\n"
    )


def _article_html(row: Row) -> str:
    body = "\n".join(map(_piece_html, pieces(row["body"], row["removed"])))
    facts = _list_html(_facts(row, _FACTS))
    footer = f"<footer>{html.escape(_summary(row))}</footer>"
    return f"{facts}\n<main>\n{body}\n</main>\n{footer}\n"


def _list_html(facts: Iterable[tuple[str, str]]) -> str:
    items = "".join(
        f"<dt>{html.escape(name)}</dt><dd>{html.escape(value)}</dd>" for name, value in facts
    )
    return f"<dl>{items}</dl>"


def _mention_html(mention: Row, article: Row) -> str:
    passage = passage_of(mention, article["title"], article["body"])
    words = "".join(
        f"<mark><b>{label}</b> {html.escape(text)}</mark>" if label else html.escape(text)
        for text, label in segments(passage)
    )
    facts = _list_html(_event_facts(mention, article))
    heading = f"<h2>{html.escape(_heading(mention))}</h2>"
    return f"<section>{heading}<blockquote>{words}</blockquote>{facts}</section>"


_STYLE = (
    "body{font:17px/1.5 Georgia,serif;max-width:44rem;margin:2rem auto;padding:0 "
    "1rem;color:#1b1b1b}"
    "dl{font:13px/1.5 sans-serif;display:grid;grid-template-columns:max-content "
    "1fr;gap:0 1rem;color:#555}"
    "dd{margin:0;overflow-wrap:anywhere}.out{background:#fdecea;border-left:3px solid "
    "#c0392b;padding:.3rem .7rem;"
    "margin:1rem 0}.out b{font:600 12px sans-serif;color:#c0392b;display:block}.out "
    "del{color:#7a3b34}"
    "mark{background:#fff3c4;padding:0 .15rem}mark b{font:600 11px sans-serif;color:#8a6d00}"
    "blockquote{margin:.5rem 0;padding-left:.8rem;border-left:3px solid "
    "#ddd;white-space:pre-wrap}h2{font-size:1.05rem}"
    "footer{font:13px sans-serif;color:#555;border-top:1px solid #ddd;padding-top:.5rem}"
)


def _piece_html(piece: Piece) -> str:
    if piece.reason is not None:
        return (
            "<div "
            f'class="out"><b>{html.escape(piece.reason)}</b><del>{html.escape(piece.text)}</del></div>'
        )
    blocks = (html.escape(block).replace("\n", "<br>") for block in piece.text.split("\n\n"))
    return "".join(f"<p>{block}</p>" for block in blocks)
