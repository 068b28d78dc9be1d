"""Print the contents of the demo's lake, and queries to try on it."""

from shlex import quote

import duckdb
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from pipelines.terminal import safe_line
from transforms.lake_views import connect

_TRUNCATED = frozenset({"title", "for example", "why"})
"""Columns whose cells are truncated, not wrapped, on a narrow terminal."""
_NUMERIC = frozenset({"words", "removed", "mentions", "pages"})

ARTICLES = """
SELECT a.source_domain AS source, a.title, a.word_count AS words, len(a.removed) AS removed,
a.event_count AS mentions,
       b.source_domain AS "copy of"
FROM articles a LEFT JOIN articles b ON a.duplicate_of = b.article_id
ORDER BY a.published_at, a.article_id
"""

COUNTS = """
SELECT (SELECT count(*) FROM articles), (SELECT count(*) FROM event_mentions),
       (SELECT count(*) FROM events), (SELECT count(*) FROM rejects)
"""

EVENTS = """
WITH shown AS (
  SELECT e.*, m.claimant AS says, m.evidence AS words, m.article_id AS article,
  m.evidence_start AS place
  FROM events e JOIN event_mentions m ON m.mention_id = e.canonical_mention_id
  QUALIFY row_number() OVER (
    PARTITION BY m.article_id
    ORDER BY e.modality = 'negated' DESC, e.modality = 'actual' DESC, e.mention_count DESC,
    e.confidence DESC, place
  ) <= 2
)
SELECT left(date::VARCHAR,
CASE date_precision WHEN 'year' THEN 4 WHEN 'month' THEN 7 ELSE 10 END) AS date,
       concat_ws(' ', type, mode) AS event,
       concat_ws(' -> ', nullif(array_to_string([coalesce(a.name, a.text) FOR a IN actor], ', '),
       ''),
                 nullif(array_to_string([coalesce(r.name, r.text) FOR r IN recipient], ', '),
                 '')) AS parties,
       concat_ws(', ', 'in ' || location, nullif(modality, 'actual'), 'says ' || says) AS how, words
FROM shown ORDER BY first_published_at, article, place, event_id
"""

REJECTS = """
SELECT reason, count(*) AS pages, min(url) AS "for example", min(error_message) AS why
FROM rejects GROUP BY reason ORDER BY reason
"""

QUERIES = (
    (
        "Who did what to whom, on cooperative and on hostile terms?",
        "SELECT actor_country AS who, recipient_country AS whom, count(*) AS events, "
        "round(avg(score), 1) AS balance "
        "FROM events WHERE modality = 'actual' AND who <> whom GROUP BY ALL ORDER BY "
        "balance, who, whom",
    ),
    (
        "Who claims what, and who denies it?",
        "SELECT claimant, modality, type, actor_name AS who, evidence, source_domain "
        "FROM event_mentions "
        "WHERE claimant IS NOT NULL ORDER BY modality DESC, published_at",
    ),
    (
        "Which events are known from one wire report, however many papers print it?",
        "SELECT date, type, actor_name, recipient_name, source_count, origin_count FROM events "
        "WHERE source_count > origin_count ORDER BY date, type, actor_name",
    ),
    (
        "What was removed from the pages of each paper, and why?",
        "SELECT source_domain, r.reason, count(*) AS n, min(r.text) AS sample FROM "
        "articles, unnest(removed) AS t(r) "
        "GROUP BY ALL ORDER BY n DESC, 1, 2 LIMIT 12",
    ),
    (
        "Which articles came through several feeds?",
        "SELECT a.title, len(a.feed_ids) AS feeds, list(f.title ORDER BY f.title) AS "
        "through FROM articles a "
        "JOIN feeds f ON list_contains(a.feed_ids, f.feed_id) GROUP BY ALL HAVING feeds "
        "> 1 ORDER BY a.title",
    ),
)
"""Questions of an analyst, and the SQL that answers each on any lake."""


def show_lake(lake: str, console: Console) -> None:
    """Print the lake's articles, events and rejects."""
    with connect(lake) as views:
        ((articles, mentions, events, rejects),) = views.execute(COUNTS).fetchall()
        title = f"{articles} articles, with {mentions} mentions of {events} events"
        _table(console, views, title, ARTICLES)
        _events(console, views, events)
        _table(console, views, f"{rejects} rejects", REJECTS)


def show_queries(lake: str, console: Console) -> None:
    """Print commands to try."""
    console.print("\nTry:", style="bold")
    for question, query in QUERIES:
        console.print(f"\n# {question}", style="dim")
        console.print(
            f'newsbeam sql "{query}" --lake {quote(lake)}',
            soft_wrap=True,
        )


def _events(console: Console, views: duckdb.DuckDBPyConnection, total: int) -> None:
    """Print two lines for each event: type, parties and place; then its evidence."""
    shown = views.execute(EVENTS).fetchall()
    console.print(f"\n{len(shown)} of the {total} events, with their evidence\n", style="bold")
    for date, event, parties, how, words in shown:
        head = Text.assemble(
            f"  {date or '':<12}",
            (f"{event:<22}", "cyan"),
            safe_line(parties),
            (safe_line(f"  ({how})") if how else "", "dim"),
        )
        for line in (head, Text(f"{'':14}{safe_line(words)}", style="dim")):
            console.print(line, no_wrap=True, overflow="ellipsis")


def _table(console: Console, views: duckdb.DuckDBPyConnection, title: str, query: str) -> None:
    result = views.execute(query)
    table = Table(
        title=title, title_justify="left", title_style="bold", header_style="dim", box=SIMPLE_HEAD
    )
    for name, *_ in result.description or ():
        table.add_column(
            name, no_wrap=name not in _TRUNCATED, justify="right" if name in _NUMERIC else "left"
        )
    for row in result.fetchall():
        table.add_row(*map(_cell, row))
    console.print()
    console.print(table)


def _cell(value: object) -> Text:
    return Text("" if value is None else safe_line(str(value)), no_wrap=True, overflow="ellipsis")
