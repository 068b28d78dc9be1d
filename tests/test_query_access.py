"""Queries reach the files of their lake and no others, and write none, unless `--allow-files` says
so; a lake's own script is never run.
"""

# ruff: noqa: S608 - the queries are the tests' own

import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner, Result

from pipelines.cli.app import app
from pipelines.inspect.explanation import explain
from pipelines.inspect.lake_check import check
from tests.helpers.lakes import make_lake, rows
from transforms.core.lake.schema.tables import TABLES
from transforms.core.lake.schema.views import VIEWS_PATH
from transforms.errors import ConfigError
from transforms.lake_statements import check_statement
from transforms.lake_views import connect

pytestmark = pytest.mark.slow

WRITES = {
    "copy": "COPY (SELECT 1) TO '{lake}/new.csv'",
    "copy-elsewhere": "COPY (SELECT 1) TO '{beside}/new.csv'",
    "copy-over-a-file": "COPY (SELECT 1) TO '{lake}/feeds/all=0/part-00000.parquet'",
    "with-copy": "WITH x AS (COPY (SELECT 1) TO '{lake}/new.csv') FROM x",
    "create-with-copy": "CREATE TABLE t AS WITH x AS (COPY (SELECT 1) TO '{lake}/a') FROM x",
    "type-with-copy": (
        "CREATE TYPE e AS ENUM (WITH x AS (COPY (SELECT 1) TO '{lake}/a') SELECT '1' FROM x)"
    ),
    "explain-with-copy": "EXPLAIN WITH x AS (copy (SELECT 1) TO '{lake}/new.csv') FROM x",
    "explain-analyze-copy": "EXPLAIN ANALYZE COPY (SELECT 1) TO '{lake}/new.csv'",
    "explain-comment-copy": "EXPLAIN/**/ANALYZE COPY (SELECT 1) TO '{lake}/new.csv'",
    "explain-options-copy": "EXPLAIN (ANALYZE, FORMAT json) COPY (SELECT 1) TO '{lake}/n'",
    "prepare-copy": "PREPARE p AS COPY (SELECT 1) TO '{lake}/new.csv'; EXECUTE p",
    "serialized-copy": (
        "FROM json_execute_serialized_sql(json_serialize_sql("
        "'WITH x AS (C' || 'OPY (SELECT 1) TO ''{lake}/new.csv'') FROM x'))"
    ),
    "serialized-in-text": "FROM query('FROM json_exec' || 'ute_serialized_sql(''{{}}'')')",
    "quoted-function": """FROM "json_execute_serialized_sql"('{{}}')""",
    "after-other-letters": "SELECT 'é€😀'; WITH x AS (COPY (SELECT 1) TO '{lake}/n') FROM x",
    "attach": "ATTACH '{lake}/new.db'",
    "attach-elsewhere": "ATTACH '{beside}/new.db'",
    "export": "EXPORT DATABASE '{lake}/new'",
    "import": "IMPORT DATABASE '{lake}/_meta'",
    "logging": "CALL enable_logging(storage = 'file', storage_path = '{lake}/log')",
    "profiling": "CALL enable_profiling(save_location = '{lake}/profile')",
    "profiling-pragma": "PRAGMA profiling_output = '{lake}/profile'",
    "secret": "CREATE PERSISTENT SECRET s (TYPE http)",
}
READS = {
    "text": "FROM read_text('{beside}/secret.txt')",
    "csv": "FROM read_csv('{beside}/secret.txt')",
    "name": "FROM '{beside}/secret.csv'",
    "glob": "FROM glob('{beside}/*')",
    "above": "FROM read_text('{lake}/../secret.txt')",
    "sibling": "FROM read_text('{lake}-2/secret.txt')",
    "relative": "FROM read_text('secret.txt')",
    "device": "FROM read_text('/dev/stdin')",
    "open-again": "SET enable_external_access = true",
    "unlock": "RESET lock_configuration",
    "temporary": "SET temp_directory = '{beside}'",
    "extension": "LOAD httpfs",
    "install": "INSTALL httpfs",
    "remote": "FROM read_csv('http://127.0.0.1:9/x.csv')",
    "variables": "FROM connection",
}
STAY = {
    "word-in-text": "SELECT 'copy' AS found",
    "quoted-name": 'SELECT 1 AS "copy"',
    "comment": "SELECT 1 -- COPY (SELECT 1) TO 'x'",
    "longer-name": "SELECT 1 AS copy_of, 2 AS querying",
    "explain": "EXPLAIN SELECT count(*) FROM articles",
    "explain-analyze": "EXPLAIN ANALYZE (SELECT count(*) FROM articles)",
    "memory": "CREATE TABLE t AS FROM articles; UPDATE t SET title = ''; DROP TABLE t",
    "view": "CREATE VIEW v AS FROM articles; FROM v",
    "macro": "CREATE MACRO f(x) AS x + 1; SELECT f(1)",
    "time-zone": "SET TimeZone = 'Asia/Tokyo'; SELECT now()",
    "threads": "SET threads = 1",
    "variable": "SET VARIABLE a = 1; SELECT getvariable('a')",
    "describe": "DESCRIBE articles",
    "summarize": "SUMMARIZE articles",
    "show": "SHOW TABLES",
    "own-files": "SELECT count(*) FROM read_parquet('{lake}/articles/*/*.parquet')",
    "json": """SELECT json_extract('{{"a": 1}}', '$.a')""",
}


@pytest.fixture
def lake(sample_lake: Path, tmp_path: Path) -> Path:
    """Return a copy of the sample lake with files beside it."""
    to = tmp_path / "lake [1] 'q'*"
    shutil.copytree(sample_lake, to)
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / "secret.csv").write_text("a,b\n1,secret\n")
    sibling = tmp_path / f"{to.name}-2"
    sibling.mkdir()
    (sibling / "secret.txt").write_text("secret")
    return to


def filled(query: str, lake: Path) -> str:
    name = str(lake).replace("'", "''")
    if "*.parquet" in query:
        name = name.replace("[", "[[]").replace("*", "[*]")
    return query.format(lake=name, beside=lake.parent)


def sql(lake: Path, query: str, *options: str, stdin: str | None = None) -> Result:
    words = ["sql", *([query] if query else []), "--lake", str(lake), *options]
    return CliRunner().invoke(app, words, input=stdin)


def content(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("name", WRITES)
def test_no_query_writes(
    lake: Path, name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    before = content(tmp_path)
    done = sql(lake, filled(WRITES[name], lake))
    assert isinstance(done.exception, ConfigError), done.output
    assert content(tmp_path) == before


@pytest.mark.parametrize("name", READS)
def test_no_query_reads_beside_the_lake(
    lake: Path, name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    done = sql(lake, filled(READS[name], lake))
    assert isinstance(done.exception, ConfigError), done.output
    assert "secret" not in done.output


@pytest.mark.parametrize("name", STAY)
def test_queries_of_the_lake_work(lake: Path, name: str) -> None:
    done = sql(lake, filled(STAY[name], lake))
    assert done.exception is None
    assert done.exit_code == 0


def test_the_shell_goes_on_after_a_refusal(lake: Path) -> None:
    queries = filled("COPY (SELECT 1) TO '{lake}/new.csv';\nSELECT 41 + 1 AS n;\n", lake)
    done = sql(lake, "", "--json", stdin=queries)
    assert done.exit_code == 1
    assert done.stdout == '{"n": 42}\n'
    assert "--allow-files" in done.stderr


def test_a_refusal_names_the_option_that_allows_it(lake: Path) -> None:
    for query in (READS["text"], WRITES["attach"], WRITES["with-copy"]):
        done = sql(lake, filled(query, lake))
        assert "--allow-files" in str(done.exception)


@pytest.mark.parametrize("name", ["copy-elsewhere", "attach-elsewhere"])
def test_one_s_own_queries_may_write(lake: Path, name: str, tmp_path: Path) -> None:
    done = sql(lake, filled(WRITES[name], lake), "--allow-files")
    assert done.exception is None
    assert list(tmp_path.glob("new.*"))


def test_one_s_own_queries_may_read(lake: Path) -> None:
    done = sql(lake, filled(READS["text"], lake), "--allow-files", "--json")
    assert '"content": "secret"' in done.stdout


def test_the_script_of_a_lake_is_not_run(lake: Path, tmp_path: Path) -> None:
    (lake / VIEWS_PATH).write_text(f"COPY (SELECT 1) TO '{tmp_path}/pwned.csv';")
    connect(str(lake)).close()
    explain(str(lake), rows(lake, "articles")[0]["article_id"])
    assert check(str(lake), lambda text: None).counts["C_VIEWS"] == 1
    assert not (tmp_path / "pwned.csv").exists()


def test_a_connection_is_closed_wherever_it_is_opened(lake: Path) -> None:
    with connect(str(lake)) as views, pytest.raises(duckdb.PermissionException):
        views.execute(f"FROM read_text('{lake.parent}/secret.txt')")


def test_large_sorts_use_the_folder_for_temporary_files(
    lake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    with connect(str(lake)) as views:
        views.execute("SET memory_limit = '60MB'")
        views.execute(
            "CREATE TABLE t AS SELECT md5(range::VARCHAR) m FROM range(2000000) ORDER BY m"
        )
        assert views.execute("SELECT count(*) FROM t").fetchall() == [(2000000,)]
        assert views.execute("SELECT count(*) > 0 FROM duckdb_temporary_files()").fetchone() == (
            True,
        )
    assert not list(here.iterdir())


def test_the_printed_views_work_in_duckdb_itself(
    lake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, ["ddl", "--dialect", "duckdb", "--location", lake.name])
    assert done.exit_code == 0
    monkeypatch.chdir("/")
    with duckdb.connect() as plain, connect(str(lake)) as ours:
        plain.execute(done.stdout)
        for view in (*TABLES, "current_articles", "events_with_evidence", "stories_with_sources"):
            query = f"SELECT count(*) FROM {view}"
            assert plain.execute(query).fetchall() == ours.execute(query).fetchall()


def test_a_bucket_s_views_name_the_bucket() -> None:
    words = ["ddl", "--dialect", "duckdb", "--location", "s3://bucket/lake/"]
    done = CliRunner().invoke(app, words)
    assert "read_parquet('s3://bucket/lake/articles/*/*.parquet'" in done.stdout


@pytest.mark.parametrize("option", ["events", "--database=d", "--since=2024-01-01"])
def test_options_that_views_do_not_have_are_refused(option: str) -> None:
    words = ["ddl", "--dialect", "duckdb", "--location", "lake", option]
    done = CliRunner().invoke(app, words)
    assert isinstance(done.exception, ConfigError)
    assert "--dialect duckdb" in str(done.exception)


def test_a_lake_without_rows_can_be_queried(tmp_path: Path) -> None:
    make_lake(tmp_path / "lake")
    assert sql(tmp_path / "lake", "SELECT count(*) FROM articles").exit_code == 0


def statements(query: str) -> Iterator[duckdb.Statement]:
    yield from duckdb.extract_statements(query)


@pytest.mark.parametrize("query", ["SELECT 1", "BEGIN; COMMIT", "FROM query_table('articles')"])
def test_statements_without_files_pass(query: str) -> None:
    for statement in statements(query):
        check_statement(statement)
