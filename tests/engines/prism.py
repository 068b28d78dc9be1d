"""newsbeam on Prism, the engine that comes with Beam's Go SDK: the same lakes, byte for byte, as
without it.

    python -m tests.engines.prism [--prism FILE] [--cache FOLDER] [--folder FOLDER]

Prism is built by `go install` at Beam's own version, unless it is named or was built before.
`ingest` and `backfill` take in a generated site and, where NEWSBEAM_DATA names them, the real
pages: by the local runner, with workers in newsbeam's own process (LOOPBACK) and in one that Prism
starts (PROCESS). Then a lake grows by several jobs in a row, and a stream is stopped, killed and
ended. Exit codes: 0 all lakes are the same and the stream's is whole, 1 they are not, 77 the engine
cannot be had here.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from tests.engines.boot import process_options
from tests.engines.common import (
    DIFFERENT,
    NOT_TO_BE_HAD,
    SAME,
    TASKS,
    Material,
    NotToBeHadError,
    all_pages,
    compare,
    generated_pages,
    in_own_network,
    material,
    newsbeam,
    say,
)
from tests.engines.streaming import check_stream

CACHE = Path("~/.cache/newsbeam-engines").expanduser()
MODULE = f"github.com/apache/beam/sdks/v2/go/cmd/prism@v{version('apache-beam')}"
_BUILD_S = 1800.0
_SAID = 2000


def get_prism(cache: Path = CACHE) -> Path:
    """Return Prism's binary, built where there is none; raise NotToBeHadError where that fails."""
    built = cache / f"prism-{version('apache-beam')}" / "prism"
    if not built.exists():
        _build(built.parent)
    return built


def _build(folder: Path) -> None:
    go = shutil.which("go")
    if go is None:
        raise NotToBeHadError("Prism is built by Go, and there is no Go on PATH")
    say(f"building {MODULE}, some minutes of CPU")
    try:
        subprocess.run(
            [go, "install", MODULE], check=True, capture_output=True, text=True, timeout=_BUILD_S,
            env=os.environ | {"GOBIN": str(folder)},
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise NotToBeHadError(f"go install {MODULE} took over {_BUILD_S:.0f} s") from error
    except subprocess.CalledProcessError as error:
        raise NotToBeHadError(
            f"go install {MODULE} failed: {error.stderr.strip()[-_SAID:]}"
        ) from error


def on_prism(prism: Path) -> tuple[str, ...]:
    """Return the options that bring a run to Prism, its workers in newsbeam's own process.

    Beam would end each job once its timeout for questions to the engine is over; newsbeam does not
    let it.
    """
    return "--runner=PrismRunner", f"--prism_location={prism}", "--job_server_timeout=10"


def is_same(task: str, given: Material, folder: Path, prism: Path) -> bool:
    """Run a task by the local runner and on Prism, with workers of both kinds.

    Tell whether the lakes are the same.
    """
    alone = folder / f"{task}-alone"
    say(f"{task}, by the local runner")
    newsbeam(*given.words(task, alone))
    same = True
    for kind, more in (("LOOPBACK", ()), ("PROCESS", process_options(folder))):
        say(f"{task}, on Prism, {kind}")
        lake = folder / f"{task}-{kind}"
        newsbeam(*given.words(task, lake, *on_prism(prism), *more))
        same = compare(f"{task}, {kind}", alone, lake) and same
    return same


def grows_alike(folder: Path, prism: Path) -> bool:
    """Ingest a site, revisit it two days later, and rebuild the lake.

    Tell whether it is the same on Prism.
    """
    folder.mkdir()
    lakes: dict[str, tuple[str, ...]] = {"alone": (), "prism": on_prism(prism)}
    with material(folder, generated_pages(60, 6)) as given:
        net = ("--connect-to", given.connect_to, "--spacing", "0")
        for name, engine in lakes.items():
            say(f"four jobs in a row, {name}")
            fixed: tuple[str | Path, ...] = ("--lake", folder / name, "--workers", "1", *engine)
            for day, task in enumerate(("ingest", "ingest", "rebuild", "replay"), 3):
                more: list[str | Path] = (
                    ["--feeds", given.feeds, "--keep-raw"] if task == "ingest" else []
                )
                clock = ("--now", f"2025-01-0{day}T00:00:00Z", "--run-id", f"{task}-{day}")
                newsbeam(task, *more, *clock, *fixed, *(() if task == "rebuild" else net))
    return compare("four jobs in a row", folder / "alone", folder / "prism")


def check(prism: Path, folder: Path) -> bool:
    """Run all tasks, and tell whether all their lakes are the same, and the stream's is whole."""
    pages = all_pages()
    say(f"{len(pages)} pages")
    with material(folder, pages) as given:
        results = [is_same(task, given, folder, prism) for task in TASKS]
    results.append(grows_alike(folder / "grown", prism))
    results.append(check_stream(folder, on_prism(prism)))
    return all(results)


def main(args: Sequence[str] | None = None) -> int:
    """Run the check in a network of its own, and return the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--prism", type=Path, help="its binary")
    parser.add_argument(
        "--cache", type=Path, default=CACHE, help="where it is kept once it is built"
    )
    parser.add_argument("--folder", type=Path, help="where the lakes are left, else in none")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args(args)
    try:
        prism = (given.prism or get_prism(given.cache)).resolve(strict=True)
        if not given.inside:
            more = ["--folder", str(given.folder.resolve())] if given.folder else []
            return in_own_network("tests.engines.prism", "--inside", "--prism", str(prism), *more)
    except (NotToBeHadError, FileNotFoundError) as error:
        say(f"not to be had: {error}")
        return NOT_TO_BE_HAD
    with tempfile.TemporaryDirectory() as name:
        folder = given.folder or Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            parser.error(f"{folder} is not empty")
        return SAME if check(prism, folder) else DIFFERENT


if __name__ == "__main__":
    sys.exit(main())
