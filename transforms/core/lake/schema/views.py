"""The views of a lake in DuckDB's SQL: one per table, three over several tables, one with the
descriptions of the columns, and the macro `changes_since`.
"""

import glob
from collections.abc import Collection

from transforms.core.lake.schema.changes import changes_query
from transforms.core.lake.schema.columns import description
from transforms.core.lake.schema.schema import DATE, STRING, TIME, Table
from transforms.core.lake.schema.tables import DELETED_ROWS, TABLES

VIEWS_PATH = "_meta/views.sql"

_RELATIVE = "-- Views over this lake. From its folder: duckdb -init _meta/views.sql\n"
_ABSOLUTE = "-- Views over a lake, as newsbeam defines them: duckdb -init FILE\n"
_HEAD = """\
SET TimeZone = 'UTC';

-- One view per table. The day in the path replaces the table's date column, which is equal to it: a
-- filter on either opens only the files of those days. Joins compare dates too, and in WHERE, since
-- from there DuckDB applies a filter on the date of one table to the others.
"""

CURRENT_ARTICLES = """\
-- Articles that have a text, in their current version, without internal columns. Copies are
-- included; where duplicate_of is null, the article is not a copy.
CREATE OR REPLACE VIEW current_articles AS
SELECT published_date, published_at, published_precision, published_basis, source_domain,
       title, standfirst, authors, date_line, credit, language, section, tags, page_kind,
       word_count, body, captions, image_url, canonical_url, first_seen_at, modified_at, version,
       duplicate_of, duplicate_kind, story_id, event_count, feed_ids, flags,
       article_id, published_date AS day
FROM articles
WHERE page_kind IN ('article', 'live_blog') AND body IS NOT NULL;
"""

EVENTS_WITH_EVIDENCE = """\
-- One row per mention: the event as in events, then the article, the evidence and the claimant.
-- published_date and day are those of the report, first_published_date is that of the event.
-- in_text is false only in a damaged lake.
CREATE OR REPLACE VIEW events_with_evidence AS
SELECT e.event_id, e.type, e.mode, e.quad, e.score, e.contexts, e.modality,
       e.date, e.date_precision, e.date_basis,
       e.actor, e.actor_name, e.actor_country, e.actor_sector,
       e.recipient, e.recipient_name, e.recipient_country, e.recipient_sector,
       e.location, e.country, e.admin1, e.lat, e.lon, e.geo_precision, e.dead, e.injured, e.size,
       e.confidence, e.claim_status, e.claimed_by, e.denied_by, e.contradicted,
       e.article_count, e.source_count, e.origin_count, e.story_id,
       e.published_date AS first_published_date,
       m.published_date, m.published_at, m.source_domain, m.origin, a.title AS headline,
       a.canonical_url,
       m.modality AS mention_modality, m.claimant, m.claimant_country, m.claimant_sector, m.via,
       m.evidence, m.trigger, m.in_lede, m.rule, m.confidence AS mention_confidence,
       substring(CASE m.evidence_field WHEN 'title' THEN a.title ELSE a.body END,
                 m.evidence_start + 1,
                 m.evidence_end - m.evidence_start) IS NOT DISTINCT FROM m.evidence AS in_text,
       m.mention_id, m.article_id, m.published_date AS day
FROM event_mentions m, events e, articles a
WHERE e.event_id = m.event_id AND m.published_date >= e.published_date
  AND a.article_id = m.article_id AND a.published_date = m.published_date;
"""

STORIES_WITH_SOURCES = """\
-- One row per story: its articles in order of publication, the first source, and the minutes until
-- another source reported it, even as a copy; null where no other source did.
CREATE OR REPLACE VIEW stories_with_sources AS
SELECT *,
       [t FOR t, n IN [a.title FOR a IN articles] IF t IS NOT NULL
        AND list_position([a.title FOR a IN articles], t) = n] AS headlines,
       [s FOR s, n IN [a.source_domain FOR a IN articles]
        IF list_position([a.source_domain FOR a IN articles], s) = n] AS sources,
       (epoch([a.reported_at FOR a IN articles IF a.source_domain <> articles[1].source_domain][1])
        - epoch(articles[1].reported_at)) / 60 AS lead_minutes,
       story_date AS day
FROM (
  SELECT s.story_id, s.story_date, s.headline, s.first_at, s.last_at, s.first_source_domain,
         s.languages, s.top_terms, s.top_type, s.top_country,
         s.article_count, s.source_count, s.origin_count, s.event_count,
         list({'reported_at': coalesce(a.published_at, a.first_seen_at),
               'source_domain': a.source_domain, 'title': a.title,
               'canonical_url': a.canonical_url, 'duplicate_kind': a.duplicate_kind,
               'article_id': a.article_id}
              ORDER BY coalesce(a.published_at, a.first_seen_at), a.first_seen_at, a.article_id)
           AS articles
  FROM stories s, articles a
  WHERE a.story_id = s.story_id AND a.published_date >= s.story_date
  GROUP BY ALL
);
"""


CHANGES_SINCE = f"""\
-- The rows that were written or deleted at or after a time, by the lake's clock. It comes last,
-- since DuckDB refuses it for a lake without updated_at (newsbeam upgrade adds that).
CREATE OR REPLACE MACRO changes_since(since) AS TABLE
{changes_query("since")};
"""
_LATER_TABLES = (DELETED_ROWS,)
"""Tables that lakes of older versions lack until they are upgraded."""
_TYPES = {STRING: "VARCHAR", DATE: "DATE", TIME: "TIMESTAMPTZ"}


def views_sql(location: str | None = None) -> str:
    """Return the script that creates a view per table, the views that join tables,
    `column_descriptions`, and the macro `changes_since`.

    `location` is the lake's address. Without it paths are relative: the script works in the lake's
    folder, or if DuckDB's `file_search_path` is set to it.
    """
    return f"{views_alone_sql(location)}\n{CHANGES_SINCE}"


def views_alone_sql(location: str | None, names: Collection[str] = TABLES) -> str:
    """Return that script without the macro, which DuckDB refuses for a lake of an older newsbeam.

    Tables that such a lake lacks, since they are not among `names`, have no rows.
    """
    folder = "" if location is None else glob.escape(location.rstrip("/")) + "/"
    tables = "".join(
        _empty_view(table)
        if table in _LATER_TABLES and table.name not in names
        else _table_view(table, folder)
        for table in TABLES.values()
    )
    head = _RELATIVE if location is None else _ABSOLUTE
    return "\n".join(
        [
            head + _HEAD + tables,
            CURRENT_ARTICLES,
            EVENTS_WITH_EVIDENCE,
            STORIES_WITH_SOURCES,
            _descriptions(),
        ]
    )


def _table_view(table: Table, lake: str) -> str:
    kind, date = table.folder.kind, table.folder.column
    columns = f"* REPLACE (day AS {date})" if kind == "day" else "*"
    # Without types DuckDB guesses them from the paths: buckets 0 to 9 alone would be integers.
    types = {
        "day": ", hive_types = {'day': DATE}",
        "bucket": ", hive_types = {'bucket': VARCHAR}",
        "all": "",
    }[kind]
    path = sql_literal(f"{lake}{table.name}/*/*.parquet")
    files = f"read_parquet({path}, hive_partitioning = true{types})"
    query = f"SELECT {columns} FROM {files}"  # noqa: S608 - names of our own tables
    return f"CREATE OR REPLACE VIEW {table.name} AS {query};\n"


def _empty_view(table: Table) -> str:
    columns = [f"NULL::{_TYPES[f.type]} AS {f.name}" for f in table.schema]
    query = f"SELECT {', '.join(columns)}, NULL::DATE AS day WHERE false"
    return f"CREATE OR REPLACE VIEW {table.name} AS {query};\n"


def _descriptions() -> str:
    rows = list[str]()
    for table in TABLES.values():
        for field in table.schema:
            values = map(sql_literal, (table.name, field.name, description(field)))
            rows.append(f"  ({', '.join(values)})")
    listed = ",\n".join(rows)
    return (
        "-- The descriptions of the tables' columns, which are in the files' schemas too.\n"
        f"CREATE OR REPLACE VIEW column_descriptions AS\nSELECT * FROM (VALUES\n{listed}\n"
        ") AS t(table_name, column_name, description);\n"
    )


def sql_literal(text: str) -> str:
    """Return a text as a string literal of SQL."""
    escaped = text.replace("'", "''")
    return f"'{escaped}'"
