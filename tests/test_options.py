"""The table of options: everything made from it has all of it, and values come from where they
should.
"""

import json
import os
import subprocess
import sys
import tomllib
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from pipelines import cli
from pipelines.cli.config import commented_file, read_config
from pipelines.cli.config_command import values_in_force
from pipelines.cli.option_table import (
    BY_NAME,
    COMMANDS,
    FLAG,
    JOBS,
    LIST,
    OPTIONS,
    Option,
    options_of,
)
from pipelines.cli.parameters import parse
from pipelines.cli.template import GRAPHS, metadata, values_of
from pipelines.jobs.run_options import RunOptions
from transforms.errors import ConfigError
from transforms.web import WebOptions

SAMPLES = {"now": "2024-05-06T12:00:00Z", "published_at": "2024-05-06T12:00:00Z"}


def click_command(name: str) -> Any:
    found: Any = typer.main.get_command(cli.app)
    for word in name.split():
        found = found.commands[word]
    return found


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run in a folder without a configuration, and without one in the environment."""
    for option in OPTIONS:
        monkeypatch.delenv(option.variable, raising=False)
    monkeypatch.chdir(tmp_path)


def in_force(*words: str) -> dict[str, tuple[Any, str]]:
    return {one.option: (one.value, one.source) for one in values_in_force(cli.app, words)}


def test_each_option_occurs_once() -> None:
    assert len(BY_NAME) == len(OPTIONS)
    assert all(option.help and option.commands for option in OPTIONS)


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_a_command_has_the_options_of_the_table_and_no_others(command: str) -> None:
    made = {p.name for p in click_command(command).params} - {"help", "config", "ctx"}
    assert made == {option.parameter for option in options_of(command)}


def test_every_command_of_the_command_line_is_in_the_table() -> None:
    app: Any = typer.main.get_command(cli.app)
    flat = {n for n, c in app.commands.items() if not hasattr(c, "commands")}
    nested = {f"feeds {n}" for n in app.commands["feeds"].commands}
    assert flat | nested == COMMANDS


def test_what_an_option_sets_is_a_field() -> None:
    known = {
        "run": {f.name for f in fields(RunOptions)},
        "web": {f.name for f in fields(WebOptions)},
    }
    for option in OPTIONS:
        if option.sets:
            group, _, name = option.sets.partition(".")
            assert name in known[group], option.name


def sample(option: Option) -> str:
    if option.choices:
        return option.choices[-1]
    if option.kind is FLAG:
        return "true"
    if option.kind is LIST:
        return "a b"
    return SAMPLES.get(option.name, "7")


@pytest.mark.parametrize("task", JOBS)
def test_parameters_have_every_option_of_a_task(task: str) -> None:
    """Each option by `--name=value` becomes a word that the command understands."""
    given = [f"--{o.name}={sample(o)}" for o in options_of(task)]
    words = parse([f"--task={task}", *given]).words()
    context = click_command(task).make_context(task, words[1:], resilient_parsing=True)
    for option in options_of(task):
        value = context.params[option.parameter]
        if option.kind is LIST:
            assert tuple(value) == ("a", "b"), option.name
        else:
            assert str(value).lower() in {sample(option).lower(), f"{sample(option)}.0"}, (
                option.name
            )


def test_the_template_has_every_option_that_the_table_gives_it() -> None:
    listed = {p["name"] for p in metadata()["parameters"]}
    assert {option.name for option in OPTIONS if option.template} <= listed
    for task in GRAPHS:
        mine = [o for o in OPTIONS if task in o.template]
        given = [f"--{o.name}={sample(o)}" for o in mine]
        values = values_of(parse([f"--task={task}", *given]))
        assert all(values.has(option.name) for option in mine)


def test_the_order_is_word_environment_file_default(monkeypatch: pytest.MonkeyPatch) -> None:
    assert in_force("ingest")["spacing"] == (1.0, "default")
    Path("newsbeam.toml").write_text("spacing = 2\n[ingest]\nkeep-raw = true\n")
    assert in_force("ingest")["spacing"] == (2.0, "newsbeam.toml")
    assert in_force("ingest")["keep_raw"] == (True, "newsbeam.toml")
    assert in_force("backfill", "x")["keep_raw"] == (False, "default")
    monkeypatch.setenv("NEWSBEAM_SPACING", "3")
    assert in_force("ingest")["spacing"] == (3.0, "NEWSBEAM_SPACING")
    assert in_force("ingest", "--spacing", "4")["spacing"] == (4.0, "command line")
    assert in_force("ingest", "--no-keep-raw")["keep_raw"] == (False, "command line")


def test_a_file_may_be_named_and_a_table_goes_before_what_is_common() -> None:
    Path("other.toml").write_text('lake = "a"\n[rebuild]\nlake = "b"\n[feeds.find]\nspacing = 9\n')
    assert in_force("ingest", "--config", "other.toml")["lake"] == ("a", "other.toml")
    assert in_force("rebuild", "--config", "other.toml")["lake"] == ("b", "other.toml")
    assert in_force("feeds", "find", "--config", "other.toml")["spacing"] == (9.0, "other.toml")
    assert in_force("ingest")["lake"] == (None, "default")


def test_the_demo_does_not_write_to_the_lake_of_a_configuration(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Path("newsbeam.toml").write_text('lake = "mine"\n')
    monkeypatch.setenv("NEWSBEAM_LAKE", "mine too")
    context = click_command("demo").make_context("demo", [], resilient_parsing=True)
    assert context.params["lake"] == "demo-lake"


def test_a_command_runs_with_the_options_of_the_file(tmp_path: Path) -> None:
    Path("newsbeam.toml").write_text('lake = "no-such-lake"\n')
    done = subprocess.run(
        [sys.executable, "-m", "pipelines.cli", "sql", "SELECT 1"],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])},
    )
    assert done.returncode == 2
    assert "no-such-lake" in done.stderr


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("lake = 7", "lake must be a string"),
        ("spaccing = 2", "no option 'spaccing'; did you mean 'spacing'"),
        ("[ingset]\nlake = 'x'", "no command 'ingset'; did you mean 'ingest'"),
        ("[ingest]\nreason = 'x'", "`ingest` has no option reason"),
        ("keep_raw = 'yes'", "true or false"),
        ("workers = true", "a whole number"),
        ("feeds = 'a.opml'", "a list of strings"),
        ("paths = ['a']", "no option 'paths'"),
        ("lake = ", "is not TOML"),
        ("x = " + "[" * 5_000, "is not TOML"),
        ("#" * 2_000_000, "is larger than"),
    ],
)
def test_a_wrong_file_is_refused_in_one_sentence(text: str, message: str) -> None:
    Path("newsbeam.toml").write_text(text)
    with pytest.raises(ConfigError, match=message):
        read_config(None)


def test_the_written_file_lists_every_option_and_changes_nothing() -> None:
    done = CliRunner().invoke(cli.app, ["config", "--init"])
    assert done.exit_code == 0
    text = Path("newsbeam.toml").read_text()
    assert text == commented_file()
    assert read_config(None).common == {}
    uncommented = [
        line.removeprefix("# ")
        for line in text.splitlines()
        if " = " in line and "NEWSBEAM" not in line
    ]
    names = tomllib.loads("\n".join(uncommented)).keys()
    configurable = {
        o.name for o in OPTIONS if any(o.is_configurable(command) for command in o.commands)
    }
    assert names == configurable
    assert cli.run(["config", "--init"]) == 2


def test_config_prints_each_value_and_where_it_is_from(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSBEAM_LAKE", "here")
    done = CliRunner().invoke(cli.app, ["config", "ingest", "--spacing", "2", "--json"])
    found = {row["option"]: row for row in map(json.loads, done.stdout.splitlines())}
    assert found["lake"] == {"option": "lake", "value": "here", "source": "NEWSBEAM_LAKE"}
    assert found["spacing"] == {"option": "spacing", "value": 2.0, "source": "command line"}
    shown = CliRunner().invoke(cli.app, ["config"])
    assert shown.exit_code == 0
    assert "NEWSBEAM_LAKE" in shown.stdout
    assert cli.run(["config", "no-such-command"]) == 2
