"""Options in the form `--name=value`, as schedulers and templates give them.

Made from the table of options.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pipelines.cli.option_table import BY_NAME, FLAG, INTEGER, JOBS, LIST, NUMBER, Option
from transforms.errors import ConfigError

_TRUE, _FALSE = ("true", "1", "yes"), ("false", "0", "no")


@dataclass(frozen=True, slots=True)
class Parameters:
    """The task, newsbeam's own parameters in order, and Beam's options as they were given."""

    task: str
    own: tuple[tuple[str, str], ...]
    beam: tuple[str, ...]

    def all(self, name: str) -> tuple[str, ...]:
        """Return the items of a list, however often it was named."""
        return tuple(item for key, value in self.own if key == name for item in value.split())

    def one(self, name: str) -> str | None:
        """Return the last value of a parameter; None where it was not given."""
        return next((value for key, value in reversed(self.own) if key == name), None)

    def values(self) -> dict[str, Any]:
        """Return all values by name, converted to the types of the table.

        Raises ConfigError for one that cannot be.
        """
        return {name: self._converted(BY_NAME[name]) for name in dict(self.own)}

    def _converted(self, option: Option) -> Any:
        if option.kind is LIST:
            return list(self.all(option.name))
        value = str(self.one(option.name))
        if option.kind is FLAG:
            return _flag(option.name, value)
        if option.kind in (NUMBER, INTEGER):
            return _number(option, value)
        return value

    def words(self) -> list[str]:
        """Return the command line of the task.

        Raises ConfigError where newsbeam has no such command.
        """
        if self.task not in JOBS:
            raise ConfigError(f"task={self.task}: name one of {', '.join(JOBS)}")
        arguments = [
            item for name in dict(self.own) if BY_NAME[name].is_argument for item in self.all(name)
        ]
        options = [word for name in dict(self.own) for word in self._words_of(BY_NAME[name])]
        return [self.task, *arguments, *options, *self.beam]

    def _words_of(self, option: Option) -> Iterator[str]:
        if option.is_argument:
            return
        if option.kind is LIST:
            yield from (f"{option.word}={item}" for item in self.all(option.name))
        elif option.kind is FLAG:
            is_set = _flag(option.name, str(self.one(option.name)))
            yield option.word if is_set else option.negation
        else:
            yield f"{option.word}={self.one(option.name)}"


def parse(args: Sequence[str]) -> Parameters:
    """Return the parameters in arguments.

    An empty value counts as none. Raises ConfigError for other words.
    """
    own: list[tuple[str, str]] = []
    beam = []
    for arg in args:
        name, has_value, value = arg.removeprefix("--").partition("=")
        if not arg.startswith("--"):
            raise ConfigError(f"{arg!r}: parameters are --name=value")
        if name != "task" and name not in BY_NAME:
            beam.append(arg)
        elif value or not has_value:
            own.append((name, value if has_value else "true"))
    task = next((value for name, value in reversed(own) if name == "task"), "ingest")
    return Parameters(task, tuple(pair for pair in own if pair[0] != "task"), tuple(beam))


def _flag(name: str, value: str) -> bool:
    if value.lower() not in (*_TRUE, *_FALSE):
        raise ConfigError(f"{name}={value}: write true or false")
    return value.lower() in _TRUE


def _number(option: Option, value: str) -> float:
    try:
        number = int(value) if option.kind is INTEGER else float(value)
    except ValueError as error:
        what = "a whole number" if option.kind is INTEGER else "a number"
        raise ConfigError(f"{option.name}={value}: write {what}") from error
    low, high = option.minimum, option.maximum
    if low is not None and number < low:
        raise ConfigError(f"{option.name}={value}: write a number of at least {low:g}")
    if high is not None and number > high:
        raise ConfigError(f"{option.name}={value}: write a number of at most {high:g}")
    return number
