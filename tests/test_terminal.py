"""No text of a page or a lake steers the terminal it is shown on, nor is it taken for markup."""

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.progress import Progress, TextColumn
from rich.table import Table
from rich.text import Text
from typer.testing import CliRunner

import pipelines
from pipelines.cli.app import app
from pipelines.inspect.dry_run import _lines
from pipelines.inspect.explanation import explain
from pipelines.inspect.explanation_html import to_html
from pipelines.terminal import console, json_line, safe_html, safe_line, safe_text, say
from tests.helpers.lakes import (
    article,
    coded,
    make_batch,
    make_lake,
    mention,
    rows,
    sighting,
    state,
)
from tests.helpers.terminals import on_a_terminal

STEERING = "\x1b\x07\x08\x00\x7f\x9b\x9d\x85\u061c\u200e\u200f\u202a\u202e\u2066\u2069\u2028\ufeff"
HOSTILE = f"\x1b]0;pwn\x07 \x9b31m {STEERING} :100: [red]x[/red] \\[bold] \x1b[2J"
SHOWN = ":100: [red]x[/red] \\[bold]"
STORED = f"Ministers met envoys {HOSTILE} in the capital on Monday."


def steers(text: str) -> set[str]:
    """Return the characters of an output that steer a terminal."""
    found = set(text) & {chr(n) for n in (*range(32), *range(127, 160))} - {"\n", "\t"}
    return found | set(text) & set(STEERING)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred", "\ufffd[31mred"),
        ("\x1b]8;;http://x\x07", "\ufffd]8;;http://x\ufffd"),
        ("\x9b2J", "\ufffd2J"),
        ("a\rb", "a\ufffdb"),
        ("\u202eexe.txt", "\ufffdexe.txt"),
        ("\u2066a\u2069", "\ufffda\ufffd"),
        ("\u061c\u200e\u200f", "\ufffd" * 3),
        ("a\ud800b", "a\ufffdb"),
    ],
)
def test_controls_are_replaced(text: str, shown: str) -> None:
    assert safe_text(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "a\tb\nc",
        "می\u200cخواهم",
        "क्\u200dष",
        "👩\u200d🚀",
        "non\u00a0breaking, soft\u00adhyphen",
        "שלום عليكم",
        "e\u0301",
        ":100: [red]x[/red]",
    ],
    ids=["tab-line", "persian", "hindi", "emoji", "spaces", "right-to-left", "accent", "markup"],
)
def test_other_text_stays(text: str) -> None:
    assert safe_text(text) == text
    assert json.loads(json_line({"a": text})) == {"a": text}
    assert text.replace("\n", "\\n").replace("\t", "\\t") in json_line({"a": text})


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<b>&\u202e</b>", "&lt;b&gt;&amp;\ufffd&lt;/b&gt;"),
        ("\u2066a\u2069 \"\x00'", "\ufffda\ufffd &quot;\ufffd&#x27;"),
        ("\x9b\u200f\ud800", "\ufffd" * 3),
        ("שלום عليكم", "שלום عليكم"),
        ("می\u200cخواهم 👩\u200d🚀", "می\u200cخواهم 👩\u200d🚀"),
    ],
)
def test_text_in_a_page_is_escaped_and_its_controls_are_replaced(text: str, shown: str) -> None:
    assert safe_html(text) == shown


def test_a_message_is_one_line() -> None:
    assert safe_line("one  two\r\n  three\n") == "one  two\ufffd three "


def test_json_has_the_same_data_in_safe_letters() -> None:
    row = {HOSTILE: [HOSTILE, "\ud800", "é"]}
    line = json_line(row)
    assert steers(line) == set()
    assert json.loads(line) == row
    assert "é" in line
    assert line.endswith("}\n")


def test_everything_that_a_console_prints_is_safe(capsys: pytest.CaptureFixture[str]) -> None:
    table = Table(HOSTILE, title=HOSTILE)
    table.add_row(HOSTILE)
    out = console(pipe_width=200)
    for shown in (HOSTILE, Text(HOSTILE, "red"), table):
        out.print(shown)
    say(HOSTILE)
    for text in capsys.readouterr():
        assert steers(text) == set()
        assert SHOWN in text
        assert "\ufffd]0;pwn" in text


def test_progress_is_safe(capsys: pytest.CaptureFixture[str]) -> None:
    out = console(pipe_width=400)
    with Progress(TextColumn("{task.description}", markup=False), console=out) as shown:
        shown.add_task(safe_line(HOSTILE))
    text = capsys.readouterr().out
    assert steers(text) == set()
    assert SHOWN in text


def test_changes_of_a_dry_run_are_safe(capsys: pytest.CaptureFixture[str]) -> None:
    event = {
        "type": "CONSULT",
        "mode": None,
        "actor": [HOSTILE],
        "recipient": [],
        "modality": "actual",
        "rule": "r",
        "evidence": HOSTILE,
    }
    change = {
        "url": f"http://a.test/{HOSTILE}",
        "columns": {"title": [HOSTILE, f"new {HOSTILE}"]},
        "paragraphs_gone": [HOSTILE],
        "paragraphs_new": [HOSTILE],
        "events_gone": [event],
        "events_new": [event],
    }
    out = console(soft_wrap=True)
    for line in _lines(change):
        out.print(line)
    text = capsys.readouterr().out
    assert steers(text) == set()
    assert text.count(SHOWN) == 9


def calls(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node)
        elif isinstance(node, ast.ImportFrom):
            yield f"from {node.module}"


def test_output_has_one_way_out() -> None:
    """Consoles are made by `console`; no output is written past this module; no markup is used."""
    root = Path(pipelines.__file__).parent
    allowed = re.compile(r"sys\.stdout\.write\((json_line\(.*|json\.dumps\(metadata\(\).*)\)")
    wrong = []
    for path in root.rglob("*.py"):
        if path.name == "terminal.py":
            continue
        for call in calls(ast.parse(path.read_text("utf8"))):
            past = call.startswith(("sys.stdout.write(", "print(", "typer.echo(", "click.echo("))
            marked = re.match(r"(\w+\.)*Console\(|from rich\.markup|Text\.from_(markup|ansi)", call)
            if marked or (past and not allowed.fullmatch(call)):
                wrong.append(f"{path.relative_to(root)}: {call}")
    assert wrong == []


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a lake with a hostile article, event, feed and file name."""
    folder = tmp_path_factory.mktemp("hostile") / "lake"
    url = "http://a.test/1"
    text = article(url, STORED, title=f"Title {HOSTILE}", byline=HOSTILE, authors=(HOSTILE,))
    feed = state(
        f"http://feeds.test/{HOSTILE}",
        health="failing",
        health_reason=HOSTILE,
        consecutive_failures=9,
    )
    make_lake(folder).merge(
        make_batch(
            coded(text, mention(STORED, "met")),
            sightings=(sighting(url),),
            states=(feed,),
        )
    )
    (folder / "feeds" / "no\x1b\u202ete").write_text("x")
    return folder


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """Return a folder with a hostile page, feed, list of feeds, text and JSON line."""
    words = HOSTILE.replace("\x00", "")
    (tmp_path / "page.html").write_text(
        f"<html lang=en><title>T {words}</title><body><article><h1>T {words}</h1>"
        f"<p>{STORED} {'Ministers met envoys in the capital. ' * 20}</p></article>"
    )
    (tmp_path / "list.toml").write_text(
        f'[[feed]]\nurl = "http://a.test/feed"\ntitle = {json.dumps(words)}\n'
    )
    (tmp_path / "links.txt").write_text(f"not a link {words}\nhttp://a.test/feed\n")
    (tmp_path / "rows.jsonl").write_text(json.dumps({"id": HOSTILE, "text": STORED}) + "\nx\n")
    return tmp_path


COMMANDS = {
    "sql": ["sql", "SELECT title, url, body FROM articles", "--lake", "LAKE"],
    "sql-json": ["sql", "SELECT * FROM articles", "--lake", "LAKE", "--json"],
    "sql-column": ["sql", f'SELECT 1 AS "{HOSTILE.replace(chr(0), "")}"', "--lake", "LAKE"],
    "explain": ["explain", "http://a.test/1", "--lake", "LAKE"],
    "check": ["check", "--lake", "LAKE"],
    "check-json": ["check", "--lake", "LAKE", "--json"],
    "feeds-check": ["feeds", "check", "--lake", "LAKE"],
    "feeds-check-json": ["feeds", "check", "--lake", "LAKE", "--json"],
    "doctor": ["doctor", "--lake", "LAKE"],
    "doctor-json": ["doctor", "--lake", "LAKE", "--json"],
    "config": ["config", "ingest", "--lake", f"l{HOSTILE}".replace("\x00", ""), "--feeds", "a"],
    "extract": ["extract", "FILES/page.html"],
    "stories": ["stories", "FILES/rows.jsonl"],
    "feeds-import-txt": ["feeds", "import", "FILES/links.txt"],
    "rebuild": ["rebuild", "--dry-run", "--stage", "events", "--lake", "LAKE"],
    "rebuild-json": ["rebuild", "--dry-run", "--stage", "events", "--lake", "LAKE", "--json"],
}
AS_IT_IS = ("sql", "explain", "feeds-check", "config")
"""Commands that print a hostile text itself, on one line."""


@pytest.mark.slow
@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_prints_no_controls(lake: Path, files: Path, name: str) -> None:
    words = [w.replace("LAKE", str(lake)).replace("FILES", str(files)) for w in COMMANDS[name]]
    done = CliRunner().invoke(app, words)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    assert done.output
    assert steers(done.output) == set()
    assert "💯" not in done.output
    if name in AS_IT_IS:
        assert ":100:" in done.stdout
        assert "[red]" in done.stdout
    if name.endswith("-json"):
        assert all(isinstance(json.loads(line), dict) for line in done.stdout.splitlines())


@pytest.mark.slow
def test_the_page_of_an_explanation_has_no_controls(lake: Path) -> None:
    event_id = rows(lake, "events")[0]["event_id"]
    for reference in ("http://a.test/1", event_id):
        page = to_html(explain(str(lake), reference))
        assert steers(page) == set()
        assert ":100: [red]x[/red]" in page


@pytest.mark.slow
def test_json_of_a_query_is_the_data_of_the_lake(lake: Path) -> None:
    words = ["sql", "SELECT title FROM articles", "--lake", str(lake), "--json"]
    done = CliRunner().invoke(app, words)
    assert json.loads(done.stdout) == {"title": rows(lake, "articles")[0]["title"]}


@pytest.mark.slow
def test_a_failed_query_s_message_is_safe(lake: Path) -> None:
    query = "SELECT error(title) FROM articles"
    for words, stdin in ((["sql", query], ""), (["sql"], f"{query};\n")):
        done = subprocess.run(
            [sys.executable, "-m", "pipelines.cli", *words, "--lake", str(lake)],
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode in {1, 2}
        assert ":100: [red]x" in done.stderr
        assert steers(done.stdout + done.stderr) == set()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["sql", "sql-json", "explain", "check", "feeds-check", "export"])
def test_a_terminal_gets_only_rich_s_own_sequences(lake: Path, name: str) -> None:
    export = ["feeds", "export", "--lake", "LAKE"]
    words = [w.replace("LAKE", str(lake)) for w in {**COMMANDS, "export": export}[name]]
    text = on_a_terminal(words)
    text = re.sub(r"\x1b\[[0-9;]*[mK]|\x1b\[\?25[lh]|\x1b\[1A|\r", "", text)
    assert text.strip()
    assert steers(text) == set()
    assert "💯" not in text


DATA = {
    **{name: COMMANDS[name] for name in ("extract", "stories", "feeds-check-json", "check-json")},
    "events": ["events", "FILES/page.html"],
    "feeds-import": ["feeds", "import", "FILES/list.toml"],
    "rebuild-json": COMMANDS["rebuild-json"],
    "sql-json": COMMANDS["sql-json"],
}


@pytest.mark.slow
@pytest.mark.parametrize("name", DATA)
def test_data_goes_to_standard_output_whatever_standard_error_is(
    lake: Path, files: Path, name: str
) -> None:
    words = [w.replace("LAKE", str(lake)).replace("FILES", str(files)) for w in DATA[name]]
    piped = subprocess.run(
        [sys.executable, "-m", "pipelines.cli", *words], capture_output=True, check=False
    ).stdout
    with (files / "out").open("wb") as out:
        shown = on_a_terminal(words, columns=80, stdout=out)
    without_times = re.compile(rb'("(?:seconds|duration_s|lag_s)": )[0-9.e-]+')
    assert without_times.sub(rb"\1", (files / "out").read_bytes()) == without_times.sub(
        rb"\1", piped
    )
    assert b"{" not in shown.encode()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["extract", "stories", "events"])
def test_a_line_of_json_is_one_line_of_a_terminal(lake: Path, files: Path, name: str) -> None:
    words = [w.replace("FILES", str(files)) for w in DATA[name]]
    lines = [line for line in on_a_terminal(words, columns=80).splitlines() if line[:1] == "{"]
    assert lines
    assert all(isinstance(json.loads(line), dict) for line in lines)


@pytest.mark.slow
def test_a_message_is_a_line_of_its_own_above_the_progress(files: Path) -> None:
    (files / "empty.html").write_text("<html><body></body></html>")
    with (files / "out").open("wb") as out:
        words = ["extract", f"{files}/empty.html", f"{files}/page.html"]
        shown = on_a_terminal(words, columns=200, stdout=out)
    lines = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown).replace("\r", "\n").splitlines()
    [message] = [line for line in lines if "E_EXTRACT" in line]
    assert message.startswith(f"{files}/empty.html: ")
