"""What the documentation shows is run: every SQL and Python block, on a lake that has an answer to
each question.
"""

# ruff: noqa: S608 - the lakes are the tests' own

import re
import shutil
import subprocess
from collections import Counter, defaultdict
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from typer.testing import CliRunner

from pipelines.cli.app import app
from tests.helpers.lakes import NOW, rows
from tests.helpers.sample_lake import FEEDS, STRIKE
from transforms.core.lake.schema.columns import columns_markdown
from transforms.core.lake.schema.ddl import Target, ddl
from transforms.core.lake.schema.tables import TABLES
from transforms.core.urls import url_key
from transforms.errors import ConfigError
from transforms.lake_views import connect

ROOT = Path(__file__).parent.parent
PAGES = {p.name: p.read_text() for p in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))}
TODAY = NOW.date()
Row = tuple[Any, ...]


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGES[page], re.DOTALL | re.MULTILINE)


def questions() -> dict[str, str]:
    found = re.findall(
        r"^## (Q\d\d) .*?^```sql\n(.*?)^```$", PAGES["questions.md"], re.DOTALL | re.MULTILINE
    )
    return dict(found)


QUESTIONS = questions()
SQL = [(page, block) for page in PAGES for block in blocks(page, "sql")]
PYTHON = [(page, block) for page in PAGES for block in blocks(page, "python")]


@pytest.fixture
def lake(sample_lake: Path) -> Path:
    return sample_lake


@pytest.fixture
def beside(lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand in the folder in which the lake is called `lake`, as the reader of the documentation
    does.
    """
    monkeypatch.chdir(lake.parent)


def ask(lake: Path, query: str) -> list[Row]:
    with connect(str(lake)) as views:
        return views.execute(query).fetchall()


def answer(lake: Path, question: str) -> list[Row]:
    return ask(lake, QUESTIONS[question])


def with_globs(lake: Path, query: str) -> list[Row]:
    """Answer a query over plain globs, without anything that newsbeam makes for the reader."""
    with duckdb.connect() as plain:
        plain.execute("SET TimeZone = 'UTC'")
        for table in TABLES:
            glob = f"{lake}/{table}/*/*.parquet"
            plain.execute(
                f"CREATE VIEW {table} AS SELECT * FROM read_parquet('{glob}', "
                "hive_partitioning = true)"
            )
        return plain.execute(query).fetchall()


def test_there_are_sixteen_questions_each_with_its_sql() -> None:
    assert list(QUESTIONS) == [f"Q{n:02}" for n in range(1, 17)]
    assert list(QUESTIONS.values()) == blocks("questions.md", "sql")


@pytest.mark.parametrize("question", QUESTIONS)
def test_each_question_has_an_answer_here_and_the_same_from_plain_globs(
    lake: Path, question: str
) -> None:
    found = answer(lake, question)
    assert found
    assert found == with_globs(lake, QUESTIONS[question])


@pytest.mark.parametrize(
    ("page", "block"), SQL, ids=[f"{page}-{n}" for n, (page, _) in enumerate(SQL)]
)
def test_each_sql_block_runs(lake: Path, page: str, block: str) -> None:
    found = ask(lake, block)
    assert found or page == "README.md"


@pytest.mark.parametrize(
    ("page", "block"), PYTHON, ids=[f"{page}-{n}" for n, (page, _) in enumerate(PYTHON)]
)
@pytest.mark.usefixtures("beside")
def test_each_python_block_runs(page: str, block: str) -> None:
    names: dict[str, Any] = {}
    exec(compile(block, page, "exec"), names)  # noqa: S102 - our own documentation
    if "descriptions" in names:
        schema = TABLES["events"].schema
        assert names["descriptions"] == {
            f.name: f.metadata[b"description"].decode() for f in schema
        }


@pytest.mark.usefixtures("beside")
def test_four_readers_give_one_answer(lake: Path) -> None:
    answers = []
    for block in blocks("lake.md", "python"):
        names: dict[str, Any] = {}
        exec(compile(block, "lake.md", "exec"), names)  # noqa: S102 - our own documentation
        if "answer" in names:
            answers.append([tuple(row) for row in names["answer"]])
    assert len(answers) == 4
    events = [e for e in rows(lake, "events") if e["modality"] == "actual" and e["country"]]
    week = Counter(e["country"] for e in events if e["published_date"] > TODAY - timedelta(days=7))
    assert answers == [sorted(week.items(), key=lambda item: (-item[1], item[0]))] * 4
    assert len(week) > 1


def test_q01_names_the_source_that_went_quiet(lake: Path) -> None:
    ((source, newest, last, before),) = answer(lake, "Q01")
    assert (source, newest, last) == ("quiet.test", NOW - timedelta(days=10), 0)
    assert before == pytest.approx(10 / 38)


def test_q02_leaves_redirects_out_of_the_polls(lake: Path) -> None:
    ill, well = answer(lake, "Q02")
    assert ill[:5] == (FEEDS["ill"], None, "failing", "2 polls failed in a row", 0)
    assert ill[8] == 1
    assert (well[0], well[4], well[5]) == (FEEDS["well"], 1.0, 0.5)
    assert well[7] == pytest.approx(200)


def test_q03_counts_texts_and_own_texts(lake: Path) -> None:
    articles = pl.read_parquet(f"{lake}/articles/*/*.parquet", hive_partitioning=False)
    days = (
        articles.filter(pl.col("page_kind").is_in(["article", "live_blog"]))
        .group_by("published_date")
        .agg(pl.len().alias("n"), pl.col("duplicate_of").is_null().sum().alias("n_unique"))
        .sort("published_date")
    )
    found = answer(lake, "Q03")
    assert [row[:3] for row in found] == days.rows()
    assert found[-1][1] == found[-1][2] + 1
    last = [u for d, _, u in days.rows() if d > TODAY - timedelta(days=7)]
    assert found[-1][3] == pytest.approx(sum(last) / len(last))


def test_q04_counts_walls_and_empty_pages(lake: Path) -> None:
    (row,) = answer(lake, "Q04")
    pages = [a for a in rows(lake, "articles") if a["source_domain"] == "walled.test"]
    kinds = Counter(a["page_kind"] for a in pages)
    assert row[:2] == ("walled.test", 25)
    assert row[2] == pytest.approx(kinds["article"] / len(pages))
    assert row[3:5] == (kinds["paywall"], kinds["empty"]) == (10, 2)


def test_q05_counts_events_by_week_and_country(lake: Path) -> None:
    weeks: dict[tuple[date, str], list[dict[str, Any]]] = defaultdict(list)
    for e in rows(lake, "events"):
        sure = e["modality"] == "actual" and e["confidence"] >= 0.5 and e["date_precision"] == "day"
        if e["type"] == "PROTEST" and sure:
            weeks[e["date"] - timedelta(days=e["date"].weekday()), e["country"]].append(e)
    expected = {
        key: (
            len(es),
            sum(e["article_count"] for e in es),
            sum(e["dead"] or 0 for e in es) or None,
            max(e["size"] for e in es),
        )
        for key, es in weeks.items()
    }
    assert {row[:2]: row[2:] for row in answer(lake, "Q05")} == expected
    assert len(expected) == 3


def test_q06_pairs_each_actor_of_a_compound(lake: Path) -> None:
    assert answer(lake, "Q06") == [
        ("France", "Uganda", 1, 2.5, 1, 0),
        ("Germany", "Uganda", 1, 2.5, 1, 0),
    ]


def test_q07_places_the_talks(lake: Path) -> None:
    assert answer(lake, "Q07") == [(0.3, 32.6, "UGA", "Kampala", "CONSULT", 1, None)]


def test_q08_names_the_origins_of_what_three_report(lake: Path) -> None:
    (row,) = answer(lake, "Q08")
    assert (row[2], row[10:13]) == ("PROTEST", (3, 3, 3))
    assert row[13] == ["east.test", "north.test", "south.test"]


def test_q09_evidence_is_in_the_text(lake: Path) -> None:
    found = answer(lake, "Q09")
    assert [row[6] for row in found] == [text for _, _, text in STRIKE]
    assert [row[10] for row in found] == [url for url, _, _ in STRIKE]
    assert {row[11] for row in found} == {True}


def test_q10_copies_break_no_stories(lake: Path) -> None:
    assert answer(lake, "Q10") == [("north.test", 1, STRIKE[1][1])]


def test_q11_lags_are_of_events_whose_day_the_text_gives(lake: Path) -> None:
    consult, protest = answer(lake, "Q11")
    assert consult[:3] == ("CONSULT", 1, 2)
    dated = [
        e for e in rows(lake, "events") if e["type"] == "PROTEST" and e["date_basis"] == "relative"
    ]
    assert protest[:3] == ("PROTEST", len(dated), 0)
    lags = sorted(
        (a["first_seen_at"] - a["published_at"]).total_seconds() / 60
        for a in rows(lake, "articles")
        if a["published_at"] <= a["first_seen_at"]
    )
    assert consult[3] == protest[3]
    assert consult[3][0] == pytest.approx((lags[(len(lags) - 1) // 2] + lags[len(lags) // 2]) / 2)


def test_q12_shows_the_headline_before_and_after(lake: Path) -> None:
    (row,) = answer(lake, "Q12")
    assert row[:4] == ("north.test", url_key("http://north.test/minister"), 2, 26)
    assert row[4:7] == ("Minister in talks", "Minister innocent", True)
    assert row[8] > 200


def test_q13_measures_the_week_against_the_four_before(lake: Path) -> None:
    found = {row[0]: row[1:] for row in answer(lake, "Q13")}
    events = [
        e for e in rows(lake, "events") if e["modality"] == "actual" and e["country"] == "KEN"
    ]
    last = sum(e["published_date"] > TODAY - timedelta(days=7) for e in events)
    base = (
        sum(
            TODAY - timedelta(days=35) < e["published_date"] <= TODAY - timedelta(days=7)
            for e in events
        )
        / 4
    )
    assert base > 0
    assert found["KEN"] == (last, base, pytest.approx((last - base) / max(base, 1) ** 0.5))


def test_q14_counts_rejects_that_can_be_replayed(lake: Path) -> None:
    found = {row[1]: row for row in answer(lake, "Q14")}
    assert found["E_FETCH_TIMEOUT"][2:5] == (2, 1, 2)
    assert found["E_FETCH_HTTP_404"][2:5] == (2, 0, 0)
    assert found["E_FETCH_HTTP_404"][6] == "http://gone.test/2"


def test_q15_shares_of_a_source_in_a_month(lake: Path) -> None:
    found = {row[:2]: row[2:] for row in answer(lake, "Q15")}
    assert found[date(2024, 5, 1), "walled.test"][:3] == (25, 0, pytest.approx(1 / 25))
    assert found[date(2024, 5, 1), "walled.test"][4] == 1
    assert found[date(2024, 4, 1), "quiet.test"][3:] == (None, None)


def test_q16_has_the_words_of_both_sides(lake: Path) -> None:
    (row,) = answer(lake, "Q16")
    assert (row[2], row[6], row[8], row[12]) == ("MOBILIZE", "claimed", "Uruguay", "Argentina")
    assert "landed" in row[10]
    assert "denies" in row[14]


def test_the_page_of_columns_is_what_ddl_prints() -> None:
    (shown,) = re.findall(
        r"<!-- columns: begin -->\n\n(.*)\n<!-- columns: end -->", PAGES["lake.md"], re.DOTALL
    )
    assert shown == columns_markdown(), (
        "put the output of `newsbeam ddl --dialect markdown` between the markers, an empty line before it"
    )


@pytest.mark.parametrize(
    ("dialect", "scheme"), [("bigquery", "gs"), ("athena", "s3"), ("spark", "s3a")]
)
def test_the_statements_in_the_docs_are_what_ddl_prints(dialect: str, scheme: str) -> None:
    shown = (ROOT / "docs" / "ddl" / f"{dialect}.sql").read_text()
    expected_ddl = ddl(dialect, Target(f"{scheme}://bucket/lake"), TABLES.values())
    assert shown == expected_ddl, (
        f"write newsbeam ddl --dialect {dialect} --location {scheme}://bucket/lake to it"
    )


def command(*args: str) -> str:
    """Return what `newsbeam ddl` prints; raise what it raises."""
    done = CliRunner().invoke(app, ["ddl", *args], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.mark.parametrize(
    "line", re.findall(r"^    newsbeam ddl (.*)$", PAGES["lake.md"], re.MULTILINE)
)
def test_the_commands_in_the_docs_print_statements(line: str) -> None:
    printed = command(*line.split(" > ", maxsplit=1)[0].split())
    count = 3 if line.endswith("event_mentions") else len(TABLES)
    if "duckdb" in line:
        count += 5  # the views over several tables, that of the descriptions, and a macro
    elif count == len(TABLES):
        count += 1  # the view of changes
    assert printed.count("CREATE ") == count
    assert ("'2015-01-01,NOW" in printed) == ("--since" in line)


def test_markdown_needs_no_address() -> None:
    assert command("--dialect", "markdown", "runs") == columns_markdown([TABLES["runs"]])


@pytest.mark.usefixtures("beside")
def test_spark_gets_the_whole_path_of_a_folder(lake: Path) -> None:
    assert f"LOCATION '{lake}/runs'" in command("--dialect", "spark", "--location", "lake", "runs")


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ("--dialect bigquery", "--location is missing"),
        ("--dialect bigquery --location s3://b/lake", "gs://"),
        ("--dialect athena --location /srv/lake", "s3://"),
        ("--dialect spark --location /srv/lake --since 2024-01-01", "--since does not apply"),
        ("--dialect athena --location s3://b/lake --since yesterday", "2024-05-06"),
        ("--dialect markdown --location gs://b/lake", "--location does not apply"),
        ("--dialect spark --location /srv/lake article", "is not a table"),
        ("--dialect spark --location /srv/lake --database a`b", "a name consists"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_a_sentence(args: str, message: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(message)):
        command(*args.split())


@pytest.mark.slow
def test_make_says_what_it_installs(tmp_path: Path) -> None:
    """The steps of an installation, without running them: none is quiet, and the first is named."""
    make = shutil.which("make")
    if make is None:
        pytest.skip("make is not installed")
    steps = subprocess.run(
        [make, "--dry-run", "demo", f"VENV={tmp_path / 'venv'}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    told = next(n for n, step in enumerate(steps) if step.startswith('echo "Installing into'))
    installing = [n for n, step in enumerate(steps) if "pip install" in step]
    assert told < min(installing)
    assert not [steps[n] for n in installing if "--quiet" in steps[n] or " -q" in steps[n]]
