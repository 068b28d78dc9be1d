"""Print the contents of the demo's lake, and queries to try on it."""

from shlex import quote

import duckdb
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from pipelines.jobs.reject_lines import reason_line, sample_line
from pipelines.terminal import safe_line
from transforms.lake_views import connect

_WIDE = 100
"""Columns of a terminal from which on all counts are shown: they leave 45 to the titles, most of
which then need one or two lines.
"""
_INDENT = 14
"""Columns before the evidence of an event, and before its type."""
_TYPE = 22
"""Columns of the type and mode of an event: the longest that the demo codes has 21."""

ARTICLES = """
SELECT a.source_domain AS source, a.title, a.word_count AS words, len(a.removed) AS removed,
a.event_count AS mentions,
       b.source_domain AS copy_of
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
SELECT reason, count(*), arg_min(url, url), arg_min(error_message, url)
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
        "SELECT left(claimant, 16) AS claimant, "
        "if(modality = 'negated', 'denies', 'says') AS verb, "
        "concat_ws(' ', actor_country, type) AS event, left(evidence, 60) AS evidence "
        "FROM event_mentions "
        "WHERE claimant IS NOT NULL ORDER BY modality DESC, published_at",
    ),
    (
        "Which events are known from one wire report, however many papers print it?",
        "SELECT date, type, left(actor_name, 16) AS who, left(recipient_name, 16) AS whom, "
        "source_count AS papers, origin_count AS origins FROM events "
        "WHERE source_count > origin_count ORDER BY date, type, who",
    ),
    (
        "What was removed from the pages of each paper, and why?",
        "SELECT source_domain, r.reason, count(*) AS n, min(r.text) AS sample FROM "
        "articles, unnest(removed) AS t(r) "
        "GROUP BY ALL ORDER BY n DESC, 1, 2 LIMIT 12",
    ),
    (
        "Which articles came through several feeds?",
        "SELECT left(a.title, 45) AS title, f.title AS feed FROM articles a "
        "JOIN feeds f ON list_contains(a.feed_ids, f.feed_id) WHERE len(a.feed_ids) > 1 "
        "ORDER BY a.title, feed",
    ),
)
"""Questions of an analyst, and the SQL that answers each on any lake. `newsbeam sql` shows all
columns of each on a terminal of 80 columns; more of the texts on a wider one.
"""


def show_lake(lake: str, console: Console) -> None:
    """Print the lake's articles, events and rejects."""
    with connect(lake) as views:
        ((articles, mentions, events, rejects),) = views.execute(COUNTS).fetchall()
        _heading(console, f"{articles} articles, with {mentions} mentions of {events} events")
        _articles(console, views)
        _events(console, views, events)
        _heading(console, f"{rejects} rejects")
        _rejects(console, views)


def show_queries(lake: str, console: Console) -> None:
    """Print commands to try."""
    console.print("\nTry:", style="bold")
    for question, query in QUERIES:
        console.print(f"\n# {question}", style="dim")
        console.print(
            f'newsbeam sql "{query}" --lake {quote(lake)}',
            soft_wrap=True,
        )


def _heading(console: Console, text: str) -> None:
    console.print(f"\n{text}", style="bold")


def _articles(console: Console, views: duckdb.DuckDBPyConnection) -> None:
    """Print a table of the articles; a narrow terminal shows fewer counts, and whole titles."""
    wide = console.width >= _WIDE
    table = Table(header_style="dim", box=SIMPLE_HEAD)
    table.add_column("source", no_wrap=True)
    table.add_column("title")
    counts = ("words", "removed", "mentions") if wide else ("mentions",)
    for name in counts:
        table.add_column(name, justify="right", no_wrap=True)
    for source, title, words, removed, mentions, copy_of in views.execute(ARTICLES).fetchall():
        shown = Text(safe_line(title or ""))
        if copy_of:
            shown.append(f"\ncopy of {safe_line(copy_of)}", style="dim")
        numbers = (words, removed, mentions) if wide else (mentions,)
        table.add_row(Text(safe_line(source)), shown, *map(str, numbers))
    console.print(table)


def _events(console: Console, views: duckdb.DuckDBPyConnection, total: int) -> None:
    """Print lines for each event: type, parties and place; then its evidence."""
    shown = views.execute(EVENTS).fetchall()
    _heading(console, f"{len(shown)} of the {total} events, with their evidence")
    console.print()
    for date, event, parties, how, words in shown:
        start = f"  {date or '':<{_INDENT - 2}}"
        head = Text.assemble(start, (f"{event:<{_TYPE}}", "cyan"), safe_line(parties))
        evidence = Text(f"{'':{_INDENT}}{safe_line(words)}", style="dim")
        for line in (*_with_place(head, safe_line(how), console.width), evidence):
            console.print(line, no_wrap=True, overflow="ellipsis")


def _with_place(head: Text, how: str, width: int) -> list[Text]:
    """Return the line of an event with its place and claimant; these below it if it is full."""
    if not how:
        return [head]
    whole = Text.assemble(head, (f"  ({how})", "dim"))
    if whole.cell_len <= width:
        return [whole]
    return [head, Text(f"{'':{_INDENT + _TYPE}}({how})", style="dim")]


def _rejects(console: Console, views: duckdb.DuckDBPyConnection) -> None:
    """Print each reason with its count and what to do, and below it a sample."""
    console.print()
    for reason, count, url, message in views.execute(REJECTS).fetchall():
        console.print(Padding(Text(safe_line(reason_line(reason, count))), (0, 0, 0, 2)))
        sample = Text(safe_line(sample_line(url, message)), style="dim")
        console.print(Padding(sample, (0, 0, 0, 4)))
