"""Options in the form `--name=value`, as schedulers and templates pass them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pipelines.cli.option_table import BY_NAME, FLAG, INTEGER, JOBS, LIST, NUMBER, Option
from transforms.errors import ConfigError

_TRUE, _FALSE = ("true", "1", "yes"), ("false", "0", "no")


@dataclass(frozen=True, slots=True)
class Parameters:
    """The task, newsbeam's parameters in order as (name, value), and Beam's options unchanged."""

    task: str
    own: tuple[tuple[str, str], ...]
    beam: tuple[str, ...]

    def all(self, name: str) -> tuple[str, ...]:
        """Return the items of a list from all of its occurrences."""
        items: list[str] = []
        for key, value in self.own:
            if key == name:
                items += value.split()
        return tuple(items)

    def one(self, name: str) -> str | None:
        """Return the last value of a parameter, None where it is unset."""
        return next((value for key, value in reversed(self.own) if key == name), None)

    def values(self) -> dict[str, Any]:
        """Return all values by name, converted to the types of the table.

        Raises ConfigError for a value that cannot be converted.
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
        """Return the command line that runs the task.

        Raises ConfigError for a task that is not the command of a job.
        """
        if self.task not in JOBS:
            raise ConfigError(f"task={self.task} is not a task; name one of {', '.join(JOBS)}")
        arguments: list[str] = []
        options: list[str] = []
        for name in dict(self.own):  # each name once, in the order of first occurrence
            option = BY_NAME[name]
            if option.is_argument:
                arguments += self.all(name)
            else:
                options += self._words_of(option)
        return [self.task, *arguments, *options, *self.beam]

    def _words_of(self, option: Option) -> Iterator[str]:
        if option.kind is LIST:
            yield from (f"{option.word}={item}" for item in self.all(option.name))
        elif option.kind is FLAG:
            is_set = _flag(option.name, str(self.one(option.name)))
            yield option.word if is_set else option.negation
        else:
            yield f"{option.word}={self.one(option.name)}"


def parse(args: Sequence[str]) -> Parameters:
    """Return the parameters in `--name=value` arguments.

    `--name` alone means true. Raises ConfigError for arguments of any other form.
    """
    task = "ingest"
    own: list[tuple[str, str]] = []
    beam: list[str] = []
    for arg in args:
        name, value = _name_and_value(arg)
        if name != "task" and name not in BY_NAME:
            beam.append(arg)
        elif not value:
            continue  # an empty value leaves a parameter unset
        elif name == "task":
            task = value
        else:
            own.append((name, value))
    return Parameters(task, tuple(own), tuple(beam))


def _name_and_value(arg: str) -> tuple[str, str]:
    if not arg.startswith("--"):
        raise ConfigError(f"{arg!r} is not a parameter of the form --name=value")
    name, equals, value = arg.removeprefix("--").partition("=")
    return name, value if equals else "true"


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
