"""`newsbeam config`: the option values in force and the source of each."""

import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import typer
from rich.table import Table

from pipelines.cli.commands import OptionValues, no_such_option, words_of
from pipelines.cli.config import DEFAULT_FILE, commented_file
from pipelines.cli.option_table import COMMANDS, OPTIONS, REQUIRED, Option, options_of
from pipelines.nearest import did_you_mean, mistyped_options
from pipelines.terminal import console, json_line, safe_line
from transforms.errors import ConfigError


@dataclass(frozen=True, slots=True)
class InForce:
    """An option's value in a command, and its source: command line, environment, file or
    default."""

    option: str
    value: Any
    source: str


def show_config(app: typer.Typer, values: OptionValues) -> None:
    """Print the values in force for a command line.

    Without one, prints each configurable option, with its value in the first command that has it.
    """
    found = values_in_force(app, values.beam_args)
    if values.flag("json"):
        for setting in found:
            sys.stdout.write(json_line(asdict(setting)))
        return
    table = Table("option", "value", "from", box=None, pad_edge=False)
    for setting in found:
        table.add_row(setting.option, safe_line(_display(setting.value)), safe_line(setting.source))
    console(pipe_width=160).print(table)


def write_config(output: str | None) -> str:
    """Write a commented configuration file and return its path.

    Raises ConfigError where the file exists: it is not overwritten.
    """
    path = Path(output or DEFAULT_FILE)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(commented_file())
    except FileExistsError as error:
        raise ConfigError(f"{path} exists; name another file with -o, or remove it") from error
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror or error}") from error
    return str(path)


def values_in_force(app: typer.Typer, words: Sequence[str]) -> list[InForce]:
    """Return the option values of a command line; without one, of all configurable options."""
    if words:
        name, rest = _command_of(words)
        context = _context(app, name, rest)
        _check_words(context, rest)
        return [_in_force(context, o) for o in options_of(name) if o.is_configurable(name)]
    contexts: dict[str, Any] = {}
    found = []
    for option in OPTIONS:
        command = next((c for c in option.commands if option.is_configurable(c)), None)
        if command is None:
            continue
        if command not in contexts:
            contexts[command] = _context(app, command, ())
        found.append(_in_force(contexts[command], option))
    return found


def _command_of(words: Sequence[str]) -> tuple[str, Sequence[str]]:
    """Return the command at the start of a command line, and the arguments after it."""
    for length in (2, 1):  # "feeds find" before a command of one word
        name = " ".join(words[:length])
        if name in COMMANDS:
            return name, words[length:]
    first = words[0]
    if first.startswith("-"):
        raise no_such_option(first, [option.word for option in options_of("config")])
    raise ConfigError(f"newsbeam has no command {first!r}{did_you_mean(first, COMMANDS)}")


def _check_words(context: Any, words: Sequence[str]) -> None:
    """Raise ConfigError for a mistyped option, which resilient parsing would leave out."""
    known = words_of(context.command)
    for name in mistyped_options(words, known):
        raise no_such_option(name, known)


def _context(app: typer.Typer, command: str, words: Sequence[str]) -> Any:
    """Return the Click context of a command line.

    Parsing is resilient, so that missing required options are shown as unset instead of refused.
    """
    parser: Any = typer.main.get_command(app)
    for name in command.split():
        parser = parser.commands[name]
    return parser.make_context(command.rsplit(maxsplit=1)[-1], list(words), resilient_parsing=True)


def _in_force(context: Any, option: Option) -> InForce:
    value = context.params.get(option.parameter)
    return InForce(option.name, None if value is REQUIRED else value, _source(context, option))


def _source(context: Any, option: Option) -> str:
    source = context.get_parameter_source(option.parameter)
    name = source.name if source is not None else "DEFAULT"
    if name == "COMMANDLINE":
        return "command line"
    if name == "ENVIRONMENT":
        return option.variable
    if name == "DEFAULT_MAP":
        return context.params.get("config") or DEFAULT_FILE
    return "default"


def _display(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return str(value).lower()
    return " ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
