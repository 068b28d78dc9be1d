"""The health check: what it looks at, and what it says of a machine and of a lake that are not
well.
"""

import dataclasses
import json
import tempfile
from collections import namedtuple
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from pipelines.cli.app import app
from pipelines.inspect import machine as doctor
from tests.helpers.buckets import BUCKET
from tests.helpers.lakes import NOW, make_batch, make_lake, run_of
from transforms.errors import MachineError
from transforms.lake import open_lake
from transforms.stores import open_store


def call(*args: str) -> tuple[int, dict[str, Any]]:
    done = CliRunner().invoke(app, ["doctor", "--json", *args], catch_exceptions=False)
    return done.exit_code, json.loads(done.stdout)


def test_this_machine_is_ready() -> None:
    code, report = call()
    assert [c["name"] for c in report["checks"]] == [
        "versions",
        "model",
        "processes",
        "temporary files",
        "java",
    ]
    assert (code, report["ok"]) == (0, True), report


def test_a_text_for_people_has_a_line_a_check() -> None:
    done = CliRunner().invoke(app, ["doctor", "--lake", __file__])
    assert done.exit_code == 4
    assert done.stdout.count("ok   ") == 6
    assert done.stdout.count("failing") == 2


def test_a_version_outside_the_requirements_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    needs = ["pyarrow<1", "no-such-package", "polars<0.1; extra == 'dev'", "duckdb>=1"]
    monkeypatch.setattr("importlib.metadata.requires", lambda _: needs)
    (check,) = (c for c in doctor.check_machine() if c.name == "versions")
    assert not check.ok
    assert "pyarrow is" in check.message
    assert "no-such-package is missing" in check.message
    assert "polars" not in check.message


def distribution(folder: Path, name: str, package: str) -> None:
    """Put an installed project with one package into a folder."""
    about = folder / f"{name}-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (about / "RECORD").write_text(f"{package}/__init__.py,,\n")


@pytest.mark.parametrize(
    ("package", "ok"),
    [("pipelines", False), ("transforms", False), ("pipelines_of_mine", True), ("transform", True)],
)
def test_another_project_with_packages_of_the_same_names_fails(
    package: str, ok: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    distribution(tmp_path, "other-etl", package)
    monkeypatch.syspath_prepend(tmp_path)
    (check,) = (c for c in doctor.check_machine() if c.name == "versions")
    assert (check.ok, "other-etl also has packages" in check.message) == (ok, not ok)


def test_wrong_weights_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    def load(language: str) -> None:
        raise MachineError(
            "the weights are not those the rules were made with", reason="E_EVENTS_MODEL"
        )

    monkeypatch.setattr("transforms.core.events.parse.model.load_model", load)
    (check,) = (c for c in doctor.check_machine() if c.name == "model")
    assert (check.ok, "weights" in check.message) == (False, True)


def test_a_full_disk_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage(10, 9, 5 * 2**20))
    (check,) = (c for c in doctor.check_machine() if c.name == "temporary files")
    assert (check.ok, "5 MB free" in check.message) == (False, True)


def test_a_folder_that_cannot_be_written_fails(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    (check,) = (c for c in doctor.check_machine() if c.name == "temporary files")
    assert not check.ok


def test_a_lake_yet_to_be_made_is_no_fault_and_is_not_made(tmp_path: Path) -> None:
    code, report = call("--lake", str(tmp_path / "new" / "lake"))
    assert (code, [c["ok"] for c in report["checks"][5:]]) == (0, [True, True, True])
    assert "the first run makes it" in report["checks"][5]["message"]
    assert "GB free" in report["checks"][6]["message"]
    assert not (tmp_path / "new").exists()


def _foreign(path: Path) -> Path:
    (path / "photos").mkdir()
    return path


def _without_its_file(path: Path) -> Path:
    make_lake(path)
    (path / "_meta" / "lake.json").unlink()
    return path


def _file(path: Path) -> Path:
    (path / "lake").write_text("no lake")
    return path / "lake"


def _without_a_run(path: Path) -> Path:
    make_lake(path)
    return path


@pytest.mark.parametrize("make", [_foreign, _without_its_file, _file, _without_a_run])
def test_what_is_no_new_lake_is_a_fault(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    code, report = call("--lake", str(make(tmp_path)))
    assert (code, report["checks"][-1]["ok"]) == (4, False)


def test_a_lake_that_cannot_be_made_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.access", lambda *_: False)
    write, _, _ = doctor.check_lake(str(tmp_path / "lake"), NOW, 60)
    assert (write.ok, "no lake can be made" in write.message) == (False, True)


def test_a_lake_on_a_full_disk_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    make_lake(tmp_path)
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage(10, 9, 5 * 2**20))
    _, space, _ = doctor.check_lake(str(tmp_path), NOW, 60)
    assert (space.ok, "5 MB free" in space.message) == (False, True)


@pytest.mark.parametrize(
    ("hours", "max_age", "code"), [(1, 7200, 0), (3, 7200, 4), (23, None, 0), (25, None, 4)]
)
def test_a_lake_is_well_while_its_last_run_is_young(
    tmp_path: Path, hours: int, max_age: int | None, code: int
) -> None:
    make_lake(tmp_path).merge(make_batch(run=run_of("r1", NOW), ended_at=NOW))
    more = ["--max-age", str(max_age)] if max_age else []
    found, report = call(
        "--lake", str(tmp_path), "--now", (NOW + timedelta(hours=hours)).isoformat(), *more
    )
    assert found == code
    assert "r1 (scheduled): ok" in report["checks"][-1]["message"]
    assert not list((tmp_path / "_staging").glob("doctor*"))


def test_a_backfill_does_not_hide_that_scheduled_runs_have_stopped(tmp_path: Path) -> None:
    lake = make_lake(tmp_path)
    lake.merge(make_batch(run=run_of("r1", NOW), ended_at=NOW))
    late = run_of("b1", NOW + timedelta(days=3))
    lake.merge(
        make_batch(
            run=dataclasses.replace(late, kind="backfill"),
            ended_at=late.now,
        )
    )
    code, report = call("--lake", str(tmp_path), "--now", late.now.isoformat())
    assert code == 4
    assert "r1 (scheduled)" in report["checks"][-1]["message"]


def test_a_lake_that_cannot_be_written_fails(tmp_path: Path) -> None:
    make_lake(tmp_path).merge(make_batch(run=run_of("r1", NOW), ended_at=NOW))
    staging = tmp_path / "_staging"
    staging.rmdir() if staging.is_dir() else None
    staging.write_text("in the way")
    code, report = call("--lake", str(tmp_path), "--now", NOW.isoformat())
    assert (code, [c["ok"] for c in report["checks"][5:]]) == (4, [False, True, True])


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (66_721_097, "772 days"),
        (2 * 86_400, "2 days"),
        (86_400, "24 hours"),
        (2.9 * 3_600, "2.9 hours"),
        (7_199, "120 minutes"),
        (119, "119 s"),
        (-90, "-90 s"),
    ],
)
def test_the_age_of_a_run_is_shown_in_a_unit_that_people_read(
    tmp_path: Path, seconds: float, shown: str
) -> None:
    make_lake(tmp_path).merge(make_batch(run=run_of("r1", NOW), ended_at=NOW))
    checks = doctor.check_lake(str(tmp_path), NOW + timedelta(seconds=seconds), 86_400)
    assert f", {shown} ago, " in checks[-1].message
    assert checks[-1].ok or "expected within 24 hours: " in checks[-1].message


@pytest.mark.usefixtures("s3")
def test_a_lake_in_a_bucket_is_examined_too() -> None:
    lake = open_lake(f"s3://{BUCKET}/lake")
    lake.merge(make_batch(run=run_of("r1", NOW), ended_at=NOW))
    checks = doctor.check_lake(f"s3://{BUCKET}/lake", NOW + timedelta(hours=1), 7200)
    assert [c.ok for c in checks] == [True, True, True], checks
    assert "60 minutes ago" in checks[2].message
    assert not [
        path for path in open_store(f"s3://{BUCKET}/lake").list("_staging") if "doctor" in path
    ]
    assert all(c.ok for c in doctor.check_lake(f"s3://{BUCKET}/yet-to-be-made", NOW, 7200))
