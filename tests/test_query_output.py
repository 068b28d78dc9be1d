"""What `newsbeam sql` prints on a terminal and through a pipe, and the files it writes."""

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
from rich.cells import cell_len
from typer.testing import CliRunner, Result

from pipelines.cli.app import app
from tests.helpers.lakes import rows
from tests.helpers.terminals import on_a_terminal
from transforms.errors import ConfigError

pytestmark = pytest.mark.slow

CONTROLS = "a\x1b[31m\x9b2J\u202eb\u2066c\ufeff"
HOSTILE = f"SELECT '{CONTROLS}' AS a, 1 AS b UNION ALL SELECT 'a much longer text than that', 2"


def sql(lake: Path, query: str, *options: str, stdin: str | None = None) -> Result:
    words = ["sql", *([query] if query else []), "--lake", str(lake), *options]
    return CliRunner().invoke(app, words, input=stdin)


def shown(lake: Path, query: str, *options: str) -> list[str]:
    """Return the lines on a terminal of 80 columns."""
    text = on_a_terminal(["sql", query, "--lake", str(lake), *options], columns=80)
    return text.replace("\r\n", "\n").splitlines()


def test_a_table_fits_the_terminal(sample_lake: Path) -> None:
    lines = shown(sample_lake, "FROM articles")
    assert max(map(cell_len, lines)) <= 80
    assert "│ … │" in lines[1]
    assert "56 rows (20 shown)" in lines[-1]
    assert "columns (" in lines[-1]


def test_all_rows_are_shown_if_asked(sample_lake: Path) -> None:
    lines = shown(sample_lake, "SELECT article_id, title FROM articles", "--all")
    assert max(map(cell_len, lines)) <= 80
    ids = {row["article_id"] for row in rows(sample_lake, "articles")}
    assert {line[2:34] for line in lines if line[2:34] in ids} == ids


def test_a_small_result_is_shown_whole(sample_lake: Path) -> None:
    lines = shown(sample_lake, "SELECT 1 AS a, NULL AS b, 'x\ny' AS c")
    assert lines[3:] == [
        "├───────┼────────┼─────────┤",
        "│     1 │ NULL   │ x\\ny    │",
        "└───────┴────────┴─────────┘",
    ]


def test_a_pipe_gets_all_columns_and_rows(sample_lake: Path) -> None:
    done = sql(sample_lake, "FROM articles")
    stored = rows(sample_lake, "articles")
    assert all(row["article_id"] in done.stdout for row in stored)
    names = done.stdout.splitlines()[1].strip("│").split("│")
    assert {name.strip() for name in names} == {*stored[0], "day"}


def test_more_rows_than_one_table_has(sample_lake: Path) -> None:
    done = sql(sample_lake, "SELECT range AS n FROM range(25_000)")
    numbers = [line.strip("│ ") for line in done.stdout.splitlines()]
    assert [int(n) for n in numbers if n.isdecimal()] == list(range(25_000))


@pytest.mark.parametrize("query", ["SET threads = 1", "CREATE TABLE t (a INT)", "BEGIN; COMMIT"])
def test_a_statement_without_rows_prints_nothing(sample_lake: Path, query: str) -> None:
    for options in ((), ("--csv",), ("--json",)):
        assert sql(sample_lake, query, *options).output == ""


def test_a_query_without_rows_prints_its_columns(sample_lake: Path) -> None:
    done = sql(sample_lake, "SELECT title FROM articles WHERE false")
    assert "title" in done.stdout
    assert sql(sample_lake, "SELECT title FROM articles WHERE false", "--csv").stdout == "title\n"


def test_a_plan_is_shown_as_text(sample_lake: Path) -> None:
    done = sql(sample_lake, "EXPLAIN SELECT count(*) FROM articles")
    assert "\\n" not in done.stdout
    assert len(done.stdout.splitlines()) > 3


def test_controls_are_replaced_and_the_columns_stay_in_line(sample_lake: Path) -> None:
    for text in ("\n".join(shown(sample_lake, HOSTILE)), sql(sample_lake, HOSTILE).stdout):
        assert not set(text) & set("\x1b\x9b\u202e\u2066\ufeff")
        assert len({cell_len(line) for line in text.splitlines()}) == 1


def test_csv_is_the_data(sample_lake: Path) -> None:
    query = "SELECT title, body, removed FROM articles ORDER BY article_id"
    done = sql(sample_lake, query, "--csv")
    found = list(csv.DictReader(io.StringIO(done.stdout, newline="")))
    stored = sorted(rows(sample_lake, "articles"), key=lambda row: row["article_id"])
    assert [row["body"] or None for row in found] == [row["body"] for row in stored]
    assert [row["title"] or None for row in found] == [row["title"] for row in stored]


def test_csv_of_a_pipe_has_controls_and_of_a_terminal_none(sample_lake: Path) -> None:
    command = [sys.executable, "-m", "pipelines.cli", "sql", HOSTILE, "--lake", str(sample_lake)]
    piped = subprocess.run([*command, "--csv"], capture_output=True, check=True, text=True)
    assert CONTROLS in piped.stdout
    seen = "\n".join(shown(sample_lake, HOSTILE, "--csv"))
    assert "a\ufffd[31m\ufffd2J\ufffdb\ufffdc\ufffd" in seen
    assert not set(seen) & set("\x1b\x9b\u202e\u2066\ufeff")


def test_csv_and_json_are_not_both(sample_lake: Path) -> None:
    assert isinstance(sql(sample_lake, "SELECT 1", "--csv", "--json").exception, ConfigError)


QUERY = "SELECT 1 AS a, 'x,\"y\u202e' AS b UNION ALL SELECT 2, NULL ORDER BY a"
ROWS = [{"a": 1, "b": 'x,"y\u202e'}, {"a": 2, "b": None}]


@pytest.mark.parametrize("ending", [".csv", ".json", ".jsonl", ".ndjson", ".parquet", ".CSV"])
def test_a_file_has_the_rows(sample_lake: Path, tmp_path: Path, ending: str) -> None:
    target = tmp_path / f"it's [1]{ending}"
    target.write_text("of before")
    done = sql(sample_lake, QUERY, "-o", str(target))
    assert done.exception is None
    assert done.output == ""
    assert read(target) == ROWS
    assert list(tmp_path.iterdir()) == [target]


def read(path: Path) -> list[dict[str, object]]:
    ending = path.suffix.lower()
    if ending == ".parquet":
        return list(pq.read_table(path).to_pylist())
    text = path.read_text("utf8")
    if ending == ".csv":
        found = csv.DictReader(io.StringIO(text, newline=""))
        return [{"a": int(row["a"]), "b": row["b"] or None} for row in found]
    return list(json.loads(text)) if ending == ".json" else list(map(json.loads, text.splitlines()))


def test_types_of_parquet_are_those_of_the_lake(sample_lake: Path, tmp_path: Path) -> None:
    target = tmp_path / "all.parquet"
    assert sql(sample_lake, "FROM articles", "-o", str(target)).exception is None
    assert sql(sample_lake, "FROM articles", "-o", str(target)).exception is None
    with duckdb.connect() as plain:
        ours = plain.sql(f"FROM read_parquet('{target}')")
        assert {"TIMESTAMP WITH TIME ZONE", "DATE"} <= {str(kind) for kind in ours.types}
        assert len(ours) == 56


@pytest.mark.parametrize("query", ["SELECT error('no')", "SELECT 1 FROM nothing", "SELEC"])
def test_a_failed_query_leaves_the_file_as_it_was(
    sample_lake: Path, tmp_path: Path, query: str
) -> None:
    target = tmp_path / "rows.csv"
    target.write_text("of before")
    assert isinstance(sql(sample_lake, query, "-o", str(target)).exception, ConfigError)
    assert target.read_text() == "of before"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("rows.xls", (), "names its format"),
        ("rows", (), "names its format"),
        (".csv", (), "names its format"),
        ("rows.parquet", ("--csv",), "leave out --csv"),
        ("rows.csv", ("--json",), "leave out --json"),
        ("none/rows.csv", (), "no folder"),
        ("folder.csv", (), "is a folder"),
        ("lake/rows.csv", (), "in the lake"),
        ("lake/articles/new/../rows.parquet", (), "no folder"),
        ("lake/articles/../rows.parquet", (), "in the lake"),
        ("link/rows.csv", (), "in the lake"),
        ("link.csv", (), "in the lake"),
    ],
)
def test_a_file_that_cannot_be_written_is_named(
    sample_lake: Path, tmp_path: Path, name: str, options: tuple[str, ...], message: str
) -> None:
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "lake").symlink_to(sample_lake)
    (tmp_path / "link").symlink_to(sample_lake / "articles")
    (tmp_path / "link.csv").symlink_to(sample_lake / "rows.csv")
    done = sql(tmp_path / "lake", "SELECT 1", "-o", str(tmp_path / name), *options)
    assert isinstance(done.exception, ConfigError)
    assert message in str(done.exception)


def test_an_option_names_the_format_where_the_file_does_not(
    sample_lake: Path, tmp_path: Path
) -> None:
    assert sql(sample_lake, QUERY, "-o", str(tmp_path / "a"), "--json").exception is None
    assert (tmp_path / "a").read_text().count("\n") == 2
    assert sql(sample_lake, QUERY, "-o", str(tmp_path / "b"), "--csv").exception is None
    assert (tmp_path / "b").read_text().startswith("a,b\n")


def test_a_pipe_is_written_to_and_not_replaced(sample_lake: Path) -> None:
    command = [sys.executable, "-m", "pipelines.cli", "sql", QUERY, "--lake", str(sample_lake)]
    done = subprocess.run(
        [*command, "-o", "/dev/stdout", "--csv"], capture_output=True, check=True, text=True
    )
    assert done.stdout.startswith("a,b\n1,")
    assert "is a terminal" in " ".join(shown(sample_lake, QUERY, "-o", "/dev/stdout", "--csv"))


def test_a_minus_is_standard_output(sample_lake: Path) -> None:
    assert sql(sample_lake, "SELECT 1 AS a", "-o", "-", "--csv").stdout == "a\n1\n"


def test_only_the_last_statement_is_written(sample_lake: Path, tmp_path: Path) -> None:
    query = "CREATE TABLE t AS SELECT 7 AS n; SELECT 1; SELECT n FROM t -- that is all"
    done = sql(sample_lake, query, "-o", str(tmp_path / "rows.csv"))
    assert done.exception is None
    assert done.output == ""
    assert (tmp_path / "rows.csv").read_text() == "n\n7\n"


@pytest.mark.parametrize("query", ["SET threads = 1", "", "SELECT 1; CREATE TABLE t (a INT)"])
def test_a_file_needs_rows(sample_lake: Path, tmp_path: Path, query: str) -> None:
    done = sql(sample_lake, query or " ", "-o", str(tmp_path / "rows.csv"))
    assert isinstance(done.exception, ConfigError)
    assert "no rows to write" in str(done.exception)
    assert not list(tmp_path.iterdir())


def test_the_query_of_a_file_may_come_from_standard_input(
    sample_lake: Path, tmp_path: Path
) -> None:
    target = tmp_path / "rows.csv"
    done = sql(sample_lake, "", "-o", str(target), stdin="SELECT 1\nAS a;\nSELECT 2 AS a;")
    assert done.exception is None
    assert target.read_text() == "a\n2\n"


@pytest.mark.parametrize(
    "query",
    [
        "FROM read_text('{beside}/secret.txt')",
        "FROM read_csv('{beside}/*.txt')",
        "FROM '{beside}/secret.txt'",
        "COPY (SELECT 1) TO '{beside}/other.csv'",
        "SELECT 1) TO '{beside}/other.csv' --",
        "SELECT 1; COPY (SELECT 1) TO '{beside}/other.csv'",
        "WITH x AS (COPY (SELECT 1) TO '{beside}/other.csv') FROM x",
        "ATTACH '{beside}/other.db'; SELECT 1",
        "SET allowed_paths = ['{beside}/other.csv']; SELECT 1",
    ],
)
def test_a_file_to_write_opens_no_other(sample_lake: Path, tmp_path: Path, query: str) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    done = sql(sample_lake, query.format(beside=tmp_path), "-o", str(tmp_path / "rows.csv"))
    assert isinstance(done.exception, ConfigError)
    assert [path.name for path in tmp_path.iterdir()] == ["secret.txt"]


def test_a_spreadsheet_needs_the_extension_of_duckdb(
    sample_lake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its absence is one sentence. Where it is installed, it is used."""
    target = tmp_path / "rows.xlsx"
    done = sql(sample_lake, QUERY, "-o", str(target))
    if done.exception is None:
        assert target.read_bytes().startswith(b"PK")
    else:
        assert isinstance(done.exception, ConfigError)
        assert "install_extension('excel')" in str(done.exception)
        assert not list(tmp_path.iterdir())


def test_a_reader_that_goes_away_ends_the_command(sample_lake: Path) -> None:
    command = f"{sys.executable} -m pipelines.cli sql 'FROM range(100000)' --csv --lake"
    done = subprocess.run(
        ["bash", "-c", f"{command} '{sample_lake}' | head -n 2"],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ,
    )
    assert done.stdout == "range\n0\n"
    assert "Traceback" not in done.stderr
