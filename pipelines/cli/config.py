"""Values of options from a TOML file and the environment.

The command line goes before the environment (`NEWSBEAM_LAKE`), the environment before the file,
and the file before the default. In the file a top-level key sets an option for all commands that
have it; the keys of a table set options of one command:

    lake = "/srv/lake"
    contact = "desk@example.org"

    [ingest]
    feeds = ["feeds.opml"]
    deadline = 600

    [feeds.find]
    spacing = 2
"""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipelines.cli.option_table import (
    BY_NAME,
    COMMANDS,
    FLAG,
    INTEGER,
    LIST,
    NUMBER,
    OPTIONS,
    REQUIRED,
    Kind,
    Option,
)
from pipelines.nearest import did_you_mean
from transforms.errors import ConfigError

DEFAULT_FILE = "newsbeam.toml"
MAX_BYTES = 1024 * 1024
"""A file with every option takes a few kilobytes; the limit keeps a wrong path, such as an archive,
from being read into memory."""
Values = dict[str, Any]


@dataclass(frozen=True)
class Config:
    """The content of a configuration file.

    `path` is None where there is no file, `common` holds the values for all commands, and
    `commands` those for single commands.
    """

    path: str | None = None
    common: Values = field(default_factory=dict)
    commands: Mapping[str, Values] = field(default_factory=dict)

    def values_of(self, command: str) -> Values:
        """Return the values for a command by option name."""
        common = {
            name: value
            for name, value in self.common.items()
            if command in BY_NAME[name].commands and BY_NAME[name].is_configurable(command)
        }
        return common | self.commands.get(command, {})


def read_config(path: str | None) -> Config:
    """Return the configuration in a file, by default newsbeam.toml in the working folder, if any.

    Raises ConfigError for a file that cannot be read or is not TOML, for unknown options and
    commands, and for values of the wrong type.
    """
    if path is None:
        if not Path(DEFAULT_FILE).is_file():
            return Config()
        path = DEFAULT_FILE
    common: Values = {}
    commands: dict[str, Values] = {}
    for key, value in _load(path).items():
        if isinstance(value, dict):
            commands |= _command_values(path, key, value)
        else:
            option = _option(path, key)
            common[option.name] = _checked(path, option, value)
    return Config(path, common, commands)


def _load(path: str) -> dict[str, Any]:
    try:
        with Path(path).open("rb") as file:
            content = file.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            raise ConfigError(
                f"{path} is larger than {MAX_BYTES // 1024} KiB: not a configuration file"
            )
        return tomllib.loads(content.decode("utf-8"))
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror or error}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ConfigError(f"{path} is not TOML: {error}") from error


def _command_values(path: str, name: str, table: dict[str, Any]) -> dict[str, Values]:
    """Return the values in the table of a command, or of a group of commands, by command."""
    if name in COMMANDS:
        return {name: _option_values(path, name, table)}
    return _group_values(path, name, table)


def _group_values(path: str, name: str, table: dict[str, Any]) -> dict[str, Values]:
    """Return the values in the table of a group such as `feeds`, which has a table per command."""
    tables = {key: value for key, value in table.items() if isinstance(value, dict)}
    if not tables or not _is_group(name):
        raise ConfigError(f"{path}: newsbeam has no command {name!r}{did_you_mean(name, COMMANDS)}")
    found: dict[str, Values] = {}
    for key, value in tables.items():
        found |= _command_values(path, f"{name} {key}", value)
    return found


def _is_group(name: str) -> bool:
    return any(command.startswith(f"{name} ") for command in COMMANDS)


def _option_values(path: str, name: str, table: dict[str, Any]) -> Values:
    values = {}
    for key, value in table.items():
        option = _option(path, key)
        if name not in option.commands or not option.is_configurable(name):
            raise ConfigError(f"{path}: `{name}` has no option {key}")
        values[option.name] = _checked(path, option, value)
    return values


def _option(path: str, key: str) -> Option:
    name = key.replace("-", "_")
    configurable = [option.name for option in OPTIONS if not option.is_argument]
    if name not in configurable:
        raise ConfigError(
            f"{path}: newsbeam has no option {key!r}{did_you_mean(name, configurable)}"
        )
    return BY_NAME[name]


def _checked(path: str, option: Option, value: Any) -> Any:
    """Return the value; raise ConfigError where it does not have the option's type.

    Ranges and choices are left to Click, which checks these values as it does the command line's.
    """
    is_type, expected = _CHECKS.get(option.kind, (_is_string, "a string"))
    if not is_type(value):
        raise ConfigError(f"{path}: {option.name} must be {expected}, not {value!r}")
    return value


def _is_string(value: Any) -> bool:
    return isinstance(value, str)


def _is_integer(value: Any) -> bool:
    # bool is a subclass of int: without the second test `workers = true` would mean 1.
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return isinstance(value, float) or _is_integer(value)


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool)


def _is_list_of_strings(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


_CHECKS: dict[Kind, tuple[Callable[[Any], bool], str]] = {
    FLAG: (_is_flag, "true or false"),
    NUMBER: (_is_number, "a number"),
    INTEGER: (_is_integer, "a whole number"),
    LIST: (_is_list_of_strings, "a list of strings"),
}


def commented_file() -> str:
    """Return the text of a configuration file with every option, commented out, at its default."""
    lines = [
        "# Options of newsbeam. The command line and the environment (NEWSBEAM_LAKE=...) take",
        "# precedence over this file. `newsbeam config` prints the values in force.",
        "# A table such as [ingest] sets options of that command only.",
    ]
    for option in OPTIONS:
        commands = [command for command in option.commands if option.is_configurable(command)]
        if commands:
            lines += ["", f"# {option.help}", f"# Commands: {', '.join(commands)}."]
            lines.append(f"# {option.name} = {_toml(option)}")
    return "\n".join(lines) + "\n"


def _toml(option: Option) -> str:
    default = option.default
    if default is None or default is REQUIRED:
        default = [] if option.kind is LIST else ""
    if isinstance(default, bool):
        return str(default).lower()
    return f'"{default}"' if isinstance(default, str) else str(default)
