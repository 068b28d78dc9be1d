"""`newsbeam check`: what it prints, its exit codes, the four readers, and the lock."""

import fcntl
import json
import shutil
import subprocess
import sys
import threading
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines import cli
from pipelines.inspect import reader_checks as readers
from pipelines.inspect.lake_check import GUARANTEES, check
from tests.helpers.lakes import (
    NOW,
    WORDS,
    article,
    coded,
    make_batch,
    make_lake,
    mention,
    run_of,
    sighting,
)
from transforms.core.lake.checks.findings import Ledger
from transforms.core.lake.encoding.arrow_rows import to_parquet
from transforms.core.lake.merge.overlay import PART
from transforms.core.lake.schema.tables import TABLES

pytestmark = pytest.mark.slow

READERS = {"DuckDB", "Polars", "pandas", "pyarrow"}


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sound") / "a lake [of 'mine']"
    old = article("http://b.test/old", published_at=NOW - timedelta(days=9))
    make_lake(path).merge(
        make_batch(
            coded(
                article("http://a.test/1"),
                mention(WORDS, date=date(2024, 5, 6), date_precision="day"),
            ),
            coded(old),
            sightings=(sighting("http://c.test/1"),),
        )
    )
    return path


@pytest.fixture
def lake(sound: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(sound, tmp_path / sound.name))


def _check(lake: Path, capsys: pytest.CaptureFixture[str], code: int) -> dict[str, Any]:
    assert cli.run(["check", "--lake", str(lake), "--json"]) == code
    report: dict[str, Any] = json.loads(capsys.readouterr().out)
    return report


def test_a_sound_lake_is_ok_and_all_four_readers_read_it(
    lake: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = _check(lake, capsys, 0)
    assert report["ok"] is True
    assert report["readers"] == dict.fromkeys(READERS, "ok")
    assert report["rows"]["articles"] == 2
    assert report["counts"] == dict.fromkeys(GUARANTEES, 0)
    assert (report["findings"], report["warnings"]) == ([], [])


def test_findings_are_shown_with_their_place_and_end_in_exit_code_4(
    lake: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (lake / "articles" / "[red]notes\x1b.txt").write_text("x")
    (lake / "_meta" / "views.sql").unlink()
    assert cli.run(["check", "--lake", str(lake)]) == 4
    lines = capsys.readouterr().out.splitlines()
    assert (
        "C_FILE_STRAY  articles/[red]notes\ufffd.txt: is not a file of a table; move it elsewhere"
        in lines
    )
    assert "C_VIEWS  _meta/views.sql: is missing; the next run writes it" in lines
    assert [
        line.split()[:2] for line in lines if line.rstrip().endswith(GUARANTEES["C_VIEWS"])
    ] == [["1", "C_VIEWS"]]
    assert lines[-1].startswith("findings: ")


def test_a_folder_without_a_lake_is_a_usage_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["check", "--lake", str(tmp_path / "none")]) == 2
    assert "no lake here" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_what_a_reader_cannot_read_is_a_finding_of_that_reader(
    lake: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = lake / "feeds" / "all=0" / PART
    second = file.parent.parent / "all=1" / PART
    second.parent.mkdir()
    data = TABLES["feeds"].schema.empty_table()
    second.write_bytes(to_parquet(data.rename_columns(["id", *data.schema.names[1:]])))
    report = _check(lake, capsys, 4)
    assert report["readers"]["Polars"] == "findings: 1"
    assert {f["table"] for f in report["findings"] if f["check"] == "C_READER"} == {"feeds"}


def test_a_day_that_no_calendar_has_is_a_finding(
    lake: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (file,) = (p for p in (lake / "events").rglob("*.parquet") if pq.read_metadata(p).num_rows)
    data = pq.read_table(file, partitioning=None)
    days = pa.array([10**8] * data.num_rows, pa.int32()).cast(pa.date32())
    file.write_bytes(
        to_parquet(
            data.set_column(data.schema.get_field_index("date"), data.schema.field("date"), days)
        )
    )
    assert _check(lake, capsys, 4)["counts"]["C_FILE_CHANGED"] == 1


@pytest.mark.parametrize("reader", sorted(READERS))
@pytest.mark.parametrize(
    ("column", "kind", "message"),
    [
        ("published_date", pa.string(), "published_date is not a date"),
        ("first_seen_at", pa.timestamp("us"), "first_seen_at is not a time in UTC"),
    ],
)
def test_wrong_types_are_found_by_each_reader(
    reader: str, column: str, kind: pa.DataType, message: str, lake: Path
) -> None:
    expected = readers.footers(lake)
    for file in (lake / "sightings").rglob("*.parquet"):
        data = pq.read_table(file, partitioning=None)
        at = data.schema.get_field_index(column)
        file.write_bytes(to_parquet(data.set_column(at, column, data[column].cast(kind))))
    ledger = Ledger()
    assert readers.read_by(reader, lake, {"sightings": expected["sightings"]}, ledger)
    assert [f.message.split(": ")[1] for f in ledger.findings] == [message]


@pytest.mark.parametrize("reader", sorted(READERS))
def test_rows_and_days_that_a_reader_does_not_see_are_found(reader: str, lake: Path) -> None:
    expected = {"articles": readers.footers(lake)["articles"]}
    shutil.rmtree(lake / "articles" / "day=2024-04-27")
    ledger = Ledger()
    assert readers.read_by(reader, lake, expected, ledger)
    report = [f.message.split(": ")[1] for f in ledger.findings]
    expected_messages = [
        "1 rows, the files have 2",
        "published_date goes from 2024-05-06 to 2024-05-06, not 2024-04-27 to 2024-05-06",
    ]
    assert report == expected_messages


HIDING_POLARS = """
import importlib.util, sys
find = importlib.util.find_spec
importlib.util.find_spec = lambda name, *rest: None if name == "polars" else find(name, *rest)
from pipelines import cli
sys.exit(cli.run(sys.argv[1:]))
"""


def test_a_reader_that_is_not_installed_is_named_and_is_not_a_finding(lake: Path) -> None:
    command = [sys.executable, "-c", HIDING_POLARS, "check", "--lake", str(lake), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["readers"] == dict.fromkeys(READERS, "ok") | {
        "Polars": "not installed"
    }


def test_a_check_waits_for_a_writer_and_goes_on_without_a_lock_that_is_not_there(
    lake: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with (lake / "_meta" / "lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        threading.Timer(0.5, lambda: fcntl.flock(file, fcntl.LOCK_UN)).start()
        started = time.monotonic()
        assert _check(lake, capsys, 0)["warnings"] == []
        assert time.monotonic() - started > 0.4
    (lake / "_meta" / "lock").unlink()
    (lake / "_meta" / "lock").mkdir()
    assert _check(lake, capsys, 0)["warnings"] == []


def test_a_commit_during_a_check_without_a_lock_is_a_warning(
    lake: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (lake / "_meta" / "lock").unlink()

    def commit(_: str) -> None:
        make_lake(lake).merge(make_batch(run=run_of("r2")))
        (lake / "_meta" / "lock").unlink()

    report = check(str(lake), commit)
    assert "a writer committed during the check" in report.warnings[-1]
    assert check(str(lake), lambda _: None).warnings == ()


def test_a_pending_commit_is_a_warning(lake: Path, capsys: pytest.CaptureFixture[str]) -> None:
    commit = json.loads((lake / "_meta/commits/000000000001.json").read_bytes())
    staged = lake / commit["files"][0]["staged"]
    staged.parent.mkdir(parents=True)
    (lake / commit["files"][0]["path"]).rename(staged)
    (lake / "_meta/published").unlink()
    report = _check(lake, capsys, 0)
    assert "not published whole" in report["warnings"][0]
