"""The comparison of queries asks the same of the same rows, and sees an answer that differs."""

import argparse
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
from rich.console import Console

from bench.queries import (
    QUESTIONS,
    Timed,
    compare,
    cut,
    open_rewritten,
    read_questions,
    report,
    same,
    tables_of,
    write_shuffled,
)
from tests.helpers.lakes import article, coded, make_batch, make_lake, mention
from transforms.lake_views import connect

pytestmark = pytest.mark.slow

ASKED = {
    "Q01": (
        "SELECT source_domain, count(*) AS n, avg(word_count) AS words FROM articles GROUP "
        "BY 1 ORDER BY 1"
    ),
    "Q02": (
        "SELECT count(*) FROM event_mentions m JOIN articles a USING (article_id) WHERE "
        "a.day > DATE '2024-01-01'"
    ),
    "Q03": "SELECT * FROM rejects",
}


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("lakes") / "lake"
    text = "French ministers met envoys on Monday."
    articles = [article(f"https://a{n % 7}.test/{n}", f"{text} {n} came.") for n in range(60)]
    make_lake(path).merge(make_batch(*(coded(a, mention(text)) for a in articles)))
    return path


def options(files: int = 10) -> argparse.Namespace:
    return argparse.Namespace(runs=2, files=files, seed=1)


def test_each_question_of_the_docs_is_read_and_names_its_tables() -> None:
    questions = read_questions(QUESTIONS)

    assert list(questions) == [f"Q{n:02}" for n in range(1, 17)]
    assert all(duckdb.extract_statements(sql) for sql in questions.values())
    assert {"articles", "events", "event_mentions", "rejects", "fetches", "feeds"} <= set(
        tables_of(questions)
    )


def test_a_heading_without_sql_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "questions.md"
    path.write_text("## Q01 Why?\n\nBecause.\n\n## Q02 When?\n\n```sql\nSELECT 1;\n```\n")
    with pytest.raises(ValueError, match="under Q01"):
        read_questions(path)
    path.write_text("# Questions\n")
    with pytest.raises(ValueError, match="no heading"):
        read_questions(path)


def test_answers_are_the_same_however_the_rows_are_kept(lake: Path) -> None:
    out = Console(width=110)
    with out.capture() as output:
        assert compare(str(lake), ASKED, options(), out)

    assert "articles: 60 rows" in output.get()
    assert [
        line.split("│")[-2].strip() for line in output.get().splitlines() if "│ Q0" in line
    ] == ["yes"] * 3


def test_rows_are_shuffled_by_the_seed_and_cut_into_files(lake: Path, tmp_path: Path) -> None:
    def ids(seed: int) -> list[str]:
        with connect(str(lake)) as connection:
            assert write_shuffled(connection, "articles", tmp_path / f"{seed}.parquet", seed) == 60
        return [
            str(i) for i in pq.read_table(tmp_path / f"{seed}.parquet")["article_id"].to_pylist()
        ]

    with connect(str(lake)) as connection:
        own = [row[0] for row in connection.execute("SELECT article_id FROM articles").fetchall()]
    first = ids(1)
    cut(tmp_path / "1.parquet", tmp_path / "cut", 60, 10)
    cut(tmp_path / "1.parquet", tmp_path / "more", 60, 1000)

    assert first == ids(1) != ids(2)
    assert sorted(first) == sorted(own)
    assert first != own
    assert [pq.read_metadata(p).num_rows for p in (tmp_path / "cut").iterdir()] == [6] * 10
    assert len(list((tmp_path / "more").iterdir())) == 60


def test_an_empty_table_can_be_queried_in_each_way(lake: Path, tmp_path: Path) -> None:
    with connect(str(lake)) as connection:
        assert write_shuffled(connection, "rejects", tmp_path / "rejects.parquet", 1) == 0
    cut(tmp_path / "rejects.parquet", tmp_path / "rejects", 0, 10)

    with open_rewritten(["rejects"], f"{tmp_path}/{{}}/*.parquet") as connection:
        assert connection.execute("SELECT count(*) FROM rejects").fetchall() == [(0,)]


def test_an_answer_that_differs_is_reported() -> None:
    out = Console(width=110)
    with out.capture() as output:
        equal = report(
            iter([("Q01", [Timed(1.0, [(1, 0.1)]), Timed(3.0, [(1, 0.2)])])]),
            ["lake", "one file"],
            out,
        )

    assert not equal
    assert "NO" in output.get()
    assert "3.0" in output.get()


def test_floats_may_differ_in_the_last_digits_and_nothing_else() -> None:
    assert same([(0.1 + 0.2, [1.0], None)], [(0.3, [1.0], None)])
    assert same((float("nan"),), (float("nan"),))
    assert not same([(0.3001,)], [(0.3,)])
    assert not same([(1,)], [(1,), (1,)])
    assert not same([("a",)], [("b",)])
