"""Typer commands, made from the table of options and functions that take the options' values."""

import inspect
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Literal

import typer
from typer.core import TyperCommand

from pipelines.cli.config import read_config
from pipelines.cli.option_table import (
    BY_NAME,
    FLAG,
    INTEGER,
    LIST,
    NUMBER,
    REQUIRED,
    Option,
    options_of,
)
from pipelines.nearest import did_you_mean, mistyped_options
from transforms.errors import ConfigError

CONFIG_HELP = (
    "TOML file with option values; by default newsbeam.toml in the working folder. "
    "See `newsbeam config`."
)
_BEAM = {"allow_extra_args": True, "ignore_unknown_options": True}
_TYPES: dict[Any, Any] = {NUMBER: float, INTEGER: int, FLAG: bool}


class OptionValues:
    """The values of a command's options, by the names of the table."""

    def __init__(self, values: Mapping[str, Any], beam_args: Sequence[str] = ()) -> None:
        self._values = values
        self.beam_args = tuple(beam_args)
        """Arguments that are not newsbeam's options: those of Beam, and positional ones."""

    def words(self) -> list[str]:
        """Return the options of the command as they are given on the command line."""
        return [BY_NAME[name].word for name in self._values if not BY_NAME[name].is_argument]

    def has(self, name: str) -> bool:
        """Return whether the option is set, by its default or otherwise."""
        return self._values.get(name) is not None

    def value(self, name: str) -> Any:
        """Return the value unconverted, None where it is unset."""
        return self._values.get(name)

    def text(self, name: str) -> str:
        """Return the text of an option that is required or has a default."""
        return str(self._values[name])

    def maybe_text(self, name: str) -> str | None:
        """Return the text of an option, None where it is unset."""
        value = self._values.get(name)
        return None if value is None else str(value)

    def number(self, name: str) -> float:
        """Return the number of an option that is required or has a default."""
        return float(self._values[name])

    def maybe_integer(self, name: str) -> int | None:
        """Return the integer of an option, None where it is unset."""
        value = self._values.get(name)
        return None if value is None else int(value)

    def flag(self, name: str) -> bool:
        """Return whether a flag is set."""
        return bool(self._values.get(name))

    def items(self, name: str) -> list[str]:
        """Return the values of an option that can be repeated."""
        return list(self._values.get(name) or ())


Command = Callable[[OptionValues], None]


class _BeamCommand(TyperCommand):
    """A command that takes options of Beam too, which Typer therefore does not check."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the arguments; where one is missing, name the option that was mistyped."""
        given = list(args)
        try:
            return super().parse_args(ctx, args)
        except typer.BadParameter:
            known = words_of(self)
            for name in mistyped_options(given, known):
                raise no_such_option(name, known) from None
            raise


def words_of(command: Any) -> set[str]:
    """Return the options of a command of Click, negated flags included, as they are given."""
    return {
        word
        for parameter in command.params
        for word in (*parameter.opts, *parameter.secondary_opts)
    }


def no_such_option(name: str, known: Collection[str]) -> ConfigError:
    """Return the error for an option that a command does not have."""
    return ConfigError(f"no such option: {name}{did_you_mean(name, known)}")


def add_command(
    app: typer.Typer, name: str, function: Command, *, takes_beam_options: bool = False
) -> None:
    """Add a function to an app as a command, with the options that the table lists for its name.

    The name is as in the table, such as "feeds find" for the command `find` of the app `feeds`.
    With `takes_beam_options`, arguments that the table does not list are passed on in
    `OptionValues.beam_args`.
    """
    options = options_of(name)

    def run(ctx: typer.Context, **values: Any) -> None:
        by_name = {option.name: values[option.parameter] for option in options}
        function(OptionValues(by_name, ctx.args))

    run.__signature__ = _signature(name, options)  # type: ignore[attr-defined]
    # Typer would prefer the function's annotations to those of the signature.
    run.__annotations__ = {}
    run.__doc__ = _paragraphs(function.__doc__ or "")
    settings = _BEAM if takes_beam_options else {}
    kind = _BeamCommand if takes_beam_options else None
    app.command(name.rsplit(maxsplit=1)[-1], cls=kind, context_settings=settings)(run)


def _paragraphs(text: str) -> str:
    """Return a docstring with each paragraph on one line: Typer keeps line breaks in the help."""
    return "\n\n".join(" ".join(part.split()) for part in text.split("\n\n"))


def _signature(command_name: str, options: Sequence[Option]) -> inspect.Signature:
    """Return the signature that Typer reads.

    It has a context, the options, and --config if any of the options is configurable.
    """
    context = inspect.Parameter(
        "ctx", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context
    )
    parameters = [context, *(_parameter(command_name, option) for option in options)]
    if any(option.is_configurable(command_name) for option in options):
        parameters.append(_config_parameter(command_name))
    return inspect.Signature(parameters)


def _parameter(command_name: str, option: Option) -> inspect.Parameter:
    default = option.default_of(command_name)
    annotation = _type(option)
    if default is None:
        annotation = annotation | None
    return inspect.Parameter(
        option.parameter,
        inspect.Parameter.KEYWORD_ONLY,
        annotation=annotation,
        default=_argument(command_name, option)
        if option.is_argument
        else _option(command_name, option),
    )


def _type(option: Option) -> Any:
    if option.choices:
        return Literal[option.choices]
    if option.kind is LIST:
        return list[str]
    return _TYPES.get(option.kind, str)


def _argument(command_name: str, option: Option) -> Any:
    return typer.Argument(
        option.default_of(command_name), metavar=option.metavar, help=option.help_of(command_name)
    )


def _option(command_name: str, option: Option) -> Any:
    # The negation unsets a flag that a file or the environment has set.
    word = f"{option.word}/{option.negation}" if option.kind is FLAG else option.word
    default = option.default_of(command_name)
    return typer.Option(
        default,
        *(word, option.short) if option.short else (word,),
        metavar=option.metavar,
        min=option.minimum,
        max=option.maximum,
        help=option.help_of(command_name),
        envvar=option.variable if option.is_configurable(command_name) else None,
        show_envvar=False,
        show_default=default not in (None, REQUIRED, False),
    )


def _config_parameter(command_name: str) -> inspect.Parameter:
    def use(ctx: typer.Context, path: str | None) -> str | None:
        ctx.default_map = {
            BY_NAME[name].parameter: value
            for name, value in read_config(path).values_of(command_name).items()
        }
        return path

    return inspect.Parameter(
        "config",
        inspect.Parameter.KEYWORD_ONLY,
        annotation=str | None,
        default=typer.Option(
            None,
            "--config",
            metavar="FILE",
            help=CONFIG_HELP,
            envvar="NEWSBEAM_CONFIG",
            show_envvar=False,
            is_eager=True,  # the file must be read before the other options take their defaults
            callback=use,
        ),
    )
