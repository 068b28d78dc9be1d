"""The views of a lake in DuckDB's SQL: one per table, three that join tables, and one of what the
columns mean.
"""

from transforms.core.lake.schema.columns import description
from transforms.core.lake.schema.schema import Table
from transforms.core.lake.schema.tables import TABLES

VIEWS_PATH = "_meta/views.sql"

_HEAD = """\
-- Views over this lake. From its folder: duckdb -init _meta/views.sql
SET TimeZone = 'UTC';

-- One view a table. The day of the path stands in for the table's own date, which is the same: a
-- filter on either opens
-- the files of those days alone. Tables are joined on their dates too, and in WHERE: from there
-- DuckDB carries a filter
-- on the date of one over to the others.
"""

CURRENT_ARTICLES = """\
-- Articles as they read now: pages with an article's text, newest version, without the columns that
-- serve newsbeam.
-- Copies are there too; where duplicate_of is null, the text is a source's own.
CREATE OR REPLACE VIEW current_articles AS
SELECT published_date, published_at, published_precision, published_basis, source_domain, title,
standfirst, authors,
       date_line, credit, language, section, tags, page_kind, word_count, body, captions,
       image_url, canonical_url,
       first_seen_at, modified_at, version, duplicate_of, duplicate_kind, story_id, event_count,
       feed_ids, flags,
       article_id, published_date AS day
FROM articles
WHERE page_kind IN ('article', 'live_blog') AND body IS NOT NULL;
"""

EVENTS_WITH_EVIDENCE = """\
-- One row a mention: the event as it stands in events; then where it is told, in which words, and
-- who says so.
-- published_date and day are the report's, first_published_date the event's. in_text is true, or
-- the lake is damaged.
CREATE OR REPLACE VIEW events_with_evidence AS
SELECT e.event_id, e.type, e.mode, e.quad, e.score, e.contexts, e.modality, e.date,
e.date_precision, e.date_basis,
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
-- One row a story: its articles in order of publication, who had it first, and the minutes until
-- another source had it,
-- be it as a copy; null where no other had it.
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
  s.languages, s.top_terms,
         s.top_type, s.top_country, s.article_count, s.source_count, s.origin_count, s.event_count,
         list({'reported_at': coalesce(a.published_at, a.first_seen_at),
         'source_domain': a.source_domain,
               'title': a.title, 'canonical_url': a.canonical_url,
               'duplicate_kind': a.duplicate_kind,
               'article_id': a.article_id}
              ORDER BY coalesce(a.published_at, a.first_seen_at), a.first_seen_at,
              a.article_id) AS articles
  FROM stories s, articles a
  WHERE a.story_id = s.story_id AND a.published_date >= s.story_date
  GROUP BY ALL
);
"""


def views_sql() -> str:
    """Return the script that creates a view per table, the views that join tables, and
    `column_descriptions`.

    Paths are relative: run it from the lake's folder, `duckdb -init _meta/views.sql`, or set
    DuckDB's `file_search_path` to the folder.
    """
    tables = "".join(_table_view(table) for table in TABLES.values())
    return "\n".join(
        [
            _HEAD + tables,
            CURRENT_ARTICLES,
            EVENTS_WITH_EVIDENCE,
            STORIES_WITH_SOURCES,
            _descriptions(),
        ]
    )


def _table_view(table: Table) -> str:
    kind, date = table.folder.kind, table.folder.column
    columns = f"* REPLACE (day AS {date})" if kind == "day" else "*"
    types = {
        "day": ", hive_types = {'day': DATE}",
        "bucket": ", hive_types = {'bucket': VARCHAR}",
        "all": "",
    }[kind]
    return (
        f"CREATE OR REPLACE VIEW {table.name} AS SELECT {columns} "  # noqa: S608 - names of our own tables
        f"FROM read_parquet('{table.name}/*/*.parquet', hive_partitioning = true{types});\n"
    )


def _descriptions() -> str:
    rows = ",\n".join(
        f"  ({_text(table.name)}, {_text(field.name)}, {_text(description(field))})"
        for table in TABLES.values()
        for field in table.schema
    )
    return (
        "-- What the columns of the tables mean, as the files say it too.\n"
        f"CREATE OR REPLACE VIEW column_descriptions AS\nSELECT * FROM (VALUES\n{rows}\n"
        ") AS t(table_name, column_name, description);\n"
    )


def _text(text: str) -> str:
    escaped = text.replace("'", "''")
    return f"'{escaped}'"
