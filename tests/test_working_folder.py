"""newsbeam runs in any folder: it imports no module from the folder that it is run in."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

BIN = Path(sys.executable).parent
TEXT = (
    "French ministers met Kenyan envoys in Nairobi on Monday to discuss the port that both "
    "countries have argued over since the spring, officials of both sides said. The talks went on "
    "into the night, and the delegations agreed to meet again next week in Paris, where a "
    "spokesman said that nothing had been signed."
)
PAGE = f"<html lang=en><title>Talks</title><h1>Talks</h1><p>{TEXT}</p></html>"
# `python -m` without -P imports these from the working folder before newsbeam's first line.
OF_PYTHON = {"collections", "contextlib", "functools", "keyword", "operator", "reprlib", "types"}
OF_PYTHON |= {
    "runpy",
    "warnings",
    "importlib",
    "pkgutil",
    "io",
    "os",
    "abc",
    "codecs",
    "genericpath",
}
OURS = {"pipelines", "transforms"}
LIBRARIES = {"apache_beam", "pebble", "pyarrow", "lxml", "spacy", "sitecustomize", "usercustomize"}
ALL = {*sys.stdlib_module_names, *LIBRARIES, *OURS}

BACKFILL = ["backfill", "talks.html", "--lake=lake", "--workers=1"]
LAUNCH = ["--task=backfill", "--sources=talks.html", "--lake=lake", "--workers=1"]
COMMANDS: dict[str, tuple[list[object], set[str]]] = {
    "installed": ([BIN / "newsbeam", *BACKFILL], ALL),
    "installed-many-processes": (
        [BIN / "newsbeam", *BACKFILL, "--direct_running_mode=multi_processing"],
        ALL,
    ),
    "extract": ([BIN / "newsbeam", "extract", "talks.html", "--workers=2"], ALL),
    "module": ([sys.executable, "-m", "pipelines.cli", *BACKFILL], ALL - OF_PYTHON - OURS),
    "launch": ([sys.executable, "-m", "pipelines.launch", *LAUNCH], ALL - OF_PYTHON - OURS),
    "launch-safe": ([sys.executable, "-P", "-m", "pipelines.launch", *LAUNCH], ALL),
}


def trap(folder: Path, names: set[str]) -> Path:
    """Put modules and packages of these names into a folder; each leaves its name in the marker."""
    marker = folder / "marker.txt"
    code = f"open({str(marker)!r}, 'a').write(__name__ + ' '); raise SystemExit('trapped')\n"
    for name in names:
        if name in OURS | LIBRARIES:
            (folder / name).mkdir()
            (folder / name / "__init__.py").write_text(code)
        else:
            (folder / f"{name}.py").write_text(code)
    return marker


def run(words: list[object], folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    clean = {n: v for n, v in os.environ.items() if not n.startswith("PYTHON")}
    return subprocess.run(
        [*map(str, words)],
        cwd=folder,
        env=clean | variables,
        capture_output=True,
        text=True,
        timeout=250,
    )


@pytest.mark.parametrize("name", COMMANDS)
def test_modules_in_the_working_folder_are_not_imported(name: str, tmp_path: Path) -> None:
    words, names = COMMANDS[name]
    marker = trap(tmp_path, names)
    (tmp_path / "talks.html").write_text(PAGE)
    done = run(words, tmp_path)
    assert not marker.exists(), marker.read_text()
    assert done.returncode == 0, done.stderr


SCRIPT = """
import os
from helper import shout
from transforms.errors import ExtractError
from transforms.processes import ordered_map

if __name__ == "__main__":
    print([result for _, result in ordered_map(shout, ["a", "b"], ExtractError, size=1)])
    print(os.environ.get("PYTHONSAFEPATH"))
"""


def test_a_script_finds_the_modules_beside_it_also_in_the_pool(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(SCRIPT)
    (tmp_path / "helper.py").write_text("def shout(text):\n    return text.upper()\n")
    done = run([sys.executable, "script.py"], tmp_path)
    assert done.stdout == "['A', 'B']\nNone\n", done.stderr


def test_modules_on_a_path_that_the_user_names_are_found(tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "sitecustomize.py").write_text("print('found')\n")
    (tmp_path / "talks.html").write_text(PAGE)
    words: list[object] = [BIN / "newsbeam", "extract", "talks.html", "--workers=0"]
    done = run(words, tmp_path, PYTHONPATH=str(tmp_path / "lib"))
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("found\n{")
