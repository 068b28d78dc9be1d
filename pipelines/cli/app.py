"""The `newsbeam` command: its subcommands, and the exit codes of errors.

Exit codes: 0 ok, 1 failed, 2 usage, 3 partial (some inputs rejected), 4 a check failed,
130, 143, 129 ended by Ctrl-C, SIGTERM, SIGHUP.
"""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from pipelines.cli.commands import Command, OptionValues, add_command
from pipelines.cli.config_command import show_config, write_config
from pipelines.cli.feeds import COMMANDS as FEEDS
from pipelines.cli.files import COMMANDS as FILES
from pipelines.cli.jobs import COMMANDS as JOBS
from pipelines.cli.lakes import COMMANDS as LAKES
from pipelines.ending import end_with, exit_code
from pipelines.import_path import leave_working_folder
from pipelines.interruption import interruption
from pipelines.terminal import (
    FAILED,
    OK,
    USAGE,
    SafeFormatter,
    console,
    print_exception,
    safe_line,
    say,
)
from transforms.errors import ConfigError, NewsbeamError
from transforms.machine_faults import fault_of_command

_TAKE_BEAM_OPTIONS = frozenset({*JOBS, "config"})


class _Commands(TyperGroup):
    """The commands; what Typer says about a wrong word, which it quotes, is safe to show."""

    def make_context(self, *args: Any, **options: Any) -> Any:
        """Return the context of newsbeam's own options."""
        with _safe_messages():
            return super().make_context(*args, **options)

    def invoke(self, ctx: Any) -> Any:
        """Read a command's options and run it."""
        with _safe_messages():
            return super().invoke(ctx)


@contextmanager
def _safe_messages() -> Iterator[None]:
    try:
        yield
    except Exception as error:
        # The class of Typer's errors, which it does not export, has these two.
        message = getattr(error, "message", None)
        if isinstance(message, str) and hasattr(error, "format_message"):
            error.message = safe_line(message)  # type: ignore[attr-defined]
        raise


app = typer.Typer(
    name="newsbeam",
    cls=_Commands,
    help=(
        "News feeds in, Parquet out: clean article text, the political events in it, and the "
        "stories sources share."
    ),
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)
feeds_app = typer.Typer(help="Feeds and lists of feeds.", no_args_is_help=True)
app.add_typer(feeds_app, name="feeds")


def _version(is_requested: bool) -> None:
    from pipelines import __version__

    if is_requested:
        console().print(f"newsbeam {__version__}")
        raise typer.Exit


@app.callback()
def _common(
    verbose: Annotated[
        bool,
        typer.Option("-v", "--verbose", help="Show log messages of the engine and the libraries."),
    ] = False,
    version: Annotated[
        bool,
        typer.Option("--version", help="Print the version.", callback=_version, is_eager=True),
    ] = False,
) -> None:
    level = logging.INFO if verbose else logging.ERROR
    handler = logging.StreamHandler()
    handler.setFormatter(SafeFormatter("%(levelname)s %(name)s: %(message)s"))
    handler.setLevel(level)  # Beam sets an engine's logger to INFO, whatever the root's level
    logging.basicConfig(level=level, handlers=[handler])
    for name in () if verbose else ("trafilatura", "htmldate", "apache_beam"):
        logging.getLogger(name).setLevel(logging.CRITICAL)


def config(values: OptionValues) -> None:
    """Print the options in force and the source of each value.

    The order of precedence is: command line, environment (NEWSBEAM_LAKE), configuration file,
    default. With a command and its options (`newsbeam config ingest --lake lake`), prints the
    values that this command line would use; without, those of all configurable options. --init
    writes a commented file to start from.
    """
    if values.flag("init"):
        say(f"written: {write_config(values.maybe_text('output'))}")
    else:
        show_config(app, values)


_COMMANDS: dict[str, Command] = {
    **JOBS,
    **FILES,
    **LAKES,
    **FEEDS,
    "config": config,
}
for _name, _function in _COMMANDS.items():
    add_command(
        feeds_app if _name.startswith("feeds ") else app,
        _name,
        _function,
        takes_beam_options=_name in _TAKE_BEAM_OPTIONS,
    )


def main() -> None:
    """Run the command line and exit with its code."""
    leave_working_folder()
    sys.excepthook = print_exception
    end_with(lambda: interruption.guard(lambda: run(sys.argv[1:])))


def run(args: list[str]) -> int:
    """Run a command and return its exit code."""
    for out in (sys.stdout, sys.stderr):
        if hasattr(out, "reconfigure"):
            out.reconfigure(errors="replace")
    try:
        code = _run(args)
        if sys.stdout is not None:
            # What cannot be written is an error of the command.
            sys.stdout.flush()
        return code
    except ConfigError as error:
        say(f"newsbeam: {error}", lines=True)
        return USAGE
    except NewsbeamError as error:
        say(f"newsbeam: {error.reason}: {error}")
        return FAILED
    except BrokenPipeError:
        sys.stderr.close()
    except Exception as error:
        return _unexpected(error)
    return OK


def _run(args: list[str]) -> int:
    try:
        app(args=args)
    except SystemExit as done:
        return exit_code(done)
    return OK


def _unexpected(error: Exception) -> int:
    """Return the exit code of an error that a library or an engine raised; raise a bug again."""
    fault = fault_of_command(error)
    if fault is None or interruption.number is not None:
        raise error
    say(f"newsbeam: {fault.reason}: {fault}")
    return FAILED
