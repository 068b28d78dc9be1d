"""A wheel has what newsbeam needs and nothing else, and works where there is no repository: in an
environment of its own, for a user who owns nothing of it and has no home.
"""

import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.helpers import web_site as web
from tests.helpers.article_page import make_html
from tests.helpers.newspapers import feed

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent
SOURCES = ("pyproject.toml", "MANIFEST.in", "README.md", "LICENSE", "CHANGELOG.md", "requirements.txt",
           "requirements-cloud.txt", "pipelines", "transforms", "deploy", "docs")  # fmt: skip
EPOCH = "1700000000"
NOBODY = 65534
PAGES = ROOT / "pipelines" / "demo" / "site" / "www.harbourpost.test"


def copy_sources(folder: Path) -> Path:
    """Copy what a distribution is made of, with what a used checkout holds beside it."""
    folder.mkdir()
    for name in SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(
                ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__")
            )
        else:
            shutil.copy(ROOT / name, folder / name)
    for stray in ("tests/test_x.py", "bench/x.py", "pipelines/__pycache__/x.cpython-311.pyc",
                  "conftest.py", "demo-lake/events/x.parquet"):  # fmt: skip
        (folder / stray).parent.mkdir(parents=True, exist_ok=True)
        (folder / stray).write_bytes(b"")
    return folder


def build(source: Path, out: Path, *kinds: str) -> list[Path]:
    """Build from a folder; returns the files."""
    done = subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", *kinds, "--outdir", out, source],
        env=os.environ | {"SOURCE_DATE_EPOCH": EPOCH},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return sorted(out.iterdir())


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A wheel and the source distribution that it was built from."""
    folder = tmp_path_factory.mktemp("made")
    wheel, source = build(copy_sources(folder / "checkout"), folder / "dist")
    return wheel, source


def names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_a_wheel_has_all_files_of_both_packages_and_no_others(made: tuple[Path, Path]) -> None:
    own = {
        str(path.relative_to(ROOT))
        for package in ("pipelines", "transforms")
        for path in (ROOT / package).rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    about = {name for name in names(made[0]) if name.startswith("newsbeam-")}
    assert names(made[0]) - about == own
    assert {name.partition("/")[2] for name in about} == {
        "METADATA", "RECORD", "WHEEL", "entry_points.txt", "top_level.txt", "licenses/LICENSE"
    }  # fmt: skip


def test_a_source_distribution_has_what_an_image_needs_and_no_tests(
    made: tuple[Path, Path],
) -> None:
    with tarfile.open(made[1]) as archive:
        found = {name.partition("/")[2] for name in archive.getnames()}
    assert {"requirements.txt", "deploy/docker/Dockerfile", "docs/deploy.md"} <= found
    assert not [n for n in found if n.startswith(("tests", "bench")) or n.endswith(".pyc")]


def test_a_wheel_has_the_same_bytes_from_a_source_distribution_and_at_another_time(
    made: tuple[Path, Path], tmp_path: Path
) -> None:
    sources = copy_sources(tmp_path / "later")
    for path in sources.rglob("*"):
        os.utime(path, (1_600_000_000, 1_600_000_000))
    (wheel,) = build(sources, tmp_path / "dist", "--wheel")
    assert wheel.read_bytes() == made[0].read_bytes()


def interpreter() -> str:
    """Return a Python of the machine that any user can run."""
    for found in (os.path.realpath(sys.executable), "/usr/bin/python3", "/usr/local/bin/python3"):
        code = "import sys, ensurepip; sys.exit(sys.version_info < (3, 11))"
        if Path(found).exists() and call([found, "-c", code], Path("/")).returncode == 0:
            return found
    pytest.skip("no Python 3.11 or newer that another user can run")


def call(
    words: Sequence[object], folder: Path, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command as a user who may write to `folder` alone, without home, proxy or variables of
    Python.
    """
    closed = {"HOME": "/nonexistent", "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "COLUMNS": "300"}
    # What asks for the web through a library fails at once.
    closed |= {"HTTPS_PROXY": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9"}
    other: dict[str, Any] = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
    try:
        return subprocess.run(
            [str(word) for word in words],
            cwd=folder,
            env=closed | dict(environment or {}),
            capture_output=True,
            text=True,
            timeout=300,
            **(other if os.geteuid() == 0 else {}),
        )
    except PermissionError as error:
        return subprocess.CompletedProcess("", 126, "", str(error))


@pytest.fixture
def installed(made: tuple[Path, Path]) -> Iterator[tuple[Path, Path]]:
    """An environment with the pinned packages and the wheel, which cannot be written to, and an
    empty folder.

    Beside pytest's folders, which other users cannot enter.
    """
    with tempfile.TemporaryDirectory(dir=os.environ.get("PYTEST_DEBUG_TEMPROOT")) as name:
        home = Path(name)
        home.chmod(0o755)
        subprocess.run([interpreter(), "-m", "venv", home / "venv"], check=True)
        pip: list[str | Path] = [
            home / "venv" / "bin" / "python",
            "-m",
            "pip",
            "install",
            "--quiet",
        ]
        pins = ROOT / "requirements.txt"
        subprocess.run([*pip, "--require-hashes", "-r", pins], check=True, capture_output=True)
        subprocess.run([*pip, "--no-deps", "--no-index", made[0]], check=True)
        away = home / "away"
        away.mkdir()
        if os.geteuid() == 0:
            os.chown(away, NOBODY, NOBODY)
        yield home / "venv" / "bin", away


@pytest.mark.timeout(900)
def test_an_installed_wheel_works_without_the_repository(installed: tuple[Path, Path]) -> None:
    bin_folder, away = installed
    newsbeam = bin_folder / "newsbeam"
    shutil.copytree(PAGES, away / "pages")

    def run(*words: object, code: int = 0) -> str:
        done = call(words, away)
        assert done.returncode == code, (words, done.stdout, done.stderr)
        return done.stdout

    run(bin_folder / "python", "-m", "pip", "check")
    where = run(bin_folder / "python", "-c", "import pipelines; print(pipelines.__file__)")
    assert where.startswith(str(bin_folder.parent / "lib"))
    assert run(newsbeam, "--version").startswith("newsbeam ")
    demo = json.loads(run(newsbeam, "demo", "--lake", "lake", "--json"))
    assert (demo["articles_new"], demo["rejects"]) == (
        13,
        {"E_EXTRACT_EMPTY": 1, "E_FETCH_HTTP_404": 1},
    )
    assert "SANCTION" in run(newsbeam, "sql", "SELECT DISTINCT type FROM events", "--lake", "lake")
    run(newsbeam, "check", "--lake", "lake")
    run(newsbeam, "doctor")
    run(newsbeam, "extract", "pages", "-o", "articles.jsonl", code=3)
    assert '"type"' in run(newsbeam, "events", "articles.jsonl")
    with web.serve({"/feed": feed("/a"), "/a": web.respond(make_html())}) as site:
        listed = f"http://{site.address}/feed"
        given = [f"--feeds={listed}", "--lake=other", "--allow_net=127.0.0.0/8", "--spacing=0"]
        run(bin_folder / "python", "-P", "-m", "pipelines.launch", "--task=ingest", *given)
    assert "1" in run(newsbeam, "sql", "SELECT count(*) FROM articles", "--lake", "other")
    assert {path.name for path in away.iterdir()} == {"pages", "articles.jsonl", "lake", "other"}
