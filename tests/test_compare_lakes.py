"""Two lakes compared: the same rows, renamed columns and values, and rows that differ."""

import re
import shutil
from pathlib import Path

import duckdb
import pytest

from bench.compare_lakes import main


@pytest.fixture
def copy(sample_lake: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(sample_lake, tmp_path / "copy"))


def rewrite(lake: Path, table: str, select: str) -> None:
    """Write a table's files again, as a query over each of them gives them."""
    for path in (lake / table).glob("*/*.parquet"):
        again = path.with_suffix(".new")
        query = f"COPY (SELECT {select} FROM read_parquet('{path}', hive_partitioning = false))"  # noqa: S608
        duckdb.sql(f"{query} TO '{again}' (FORMAT parquet)")
        again.replace(path)


def test_a_copy_has_the_same_rows(sample_lake: Path, copy: Path) -> None:
    assert main([str(sample_lake), str(copy)]) == 0


def test_a_changed_row_and_a_lost_column_are_found(
    sample_lake: Path, copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rewrite(copy, "stories", "* REPLACE (article_count + 1 AS article_count)")
    rewrite(copy, "feeds", "* EXCLUDE (health)")
    assert main([str(sample_lake), str(copy)]) == 4
    printed = capsys.readouterr().out
    assert "column health is missing" in printed
    assert not re.search(r"^stories .* 0 in one lake only$", printed, re.MULTILINE)
    assert re.search(r"^articles .* 0 in one lake only$", printed, re.MULTILINE)


def test_renamed_columns_and_values_are_the_same_rows(sample_lake: Path, copy: Path) -> None:
    rewrite(copy, "feeds", "* RENAME (health AS condition)")
    rewrite(copy, "site_blocks", "* REPLACE (verdict || '!' AS verdict)")
    values = [f"verdict:{v}={v}!" for v in ("boilerplate", "body", "undecided")]
    words = [str(sample_lake), str(copy), "--renamed", "health=condition", "--value", *values]
    assert main(words) == 0
