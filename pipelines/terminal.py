"""Output to a terminal: messages, progress, and results as JSON lines; and the exit codes.

Exit codes: 0 ok, 1 failed, 2 usage, 3 partial (some inputs rejected), 4 a check failed,
130 interrupted (128 + SIGINT, as shells report it).
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext

from rich.console import Console
from rich.markup import escape

MAX_REPORTED_LINES = 20
"""Skipped lines that are printed. A judgement: enough to correct a list by, while a file that is
not a feed list at all does not fill the screen.
"""
OK, FAILED, USAGE, PARTIAL, FAILING, INTERRUPTED = 0, 1, 2, 3, 4, 130


def say(text: str, *, lines: bool = False) -> None:
    """Print a message to standard error on one line.

    Messages may quote URLs and texts of servers, so unprintable characters are replaced: an escape
    sequence must not reach the terminal. `lines` keeps line breaks, for texts of newsbeam itself.
    """
    line = "".join(c if c.isprintable() or (lines and c == "\n") else "\ufffd" for c in text)
    Console(stderr=True, soft_wrap=True).print(escape(line), style="yellow")


def say_skipped(lines: Sequence[str]) -> None:
    """Report lines of feed lists without a feed URL, at most MAX_REPORTED_LINES."""
    for line in lines[:MAX_REPORTED_LINES]:
        say(f"not a feed URL, skipped: {line}")


class _Quiet:
    """Discards progress, for logs and pipes."""

    def __call__(self, text: str) -> None:
        pass


def progress(
    what: str, count: Callable[[], str] = str
) -> "AbstractContextManager[Callable[[str], None]]":
    """Return a context that shows an activity and its count on a terminal, nothing elsewhere."""
    console = Console(stderr=True)
    return _Spinner(console, what, count) if console.is_terminal else nullcontext(_Quiet())


class _Spinner:
    """A line on the terminal with the activity, a count, and the time since the start."""

    def __init__(self, console: Console, what: str, count: Callable[[], str]) -> None:
        from rich.progress import (
            Progress,
            RenderableColumn,
            SpinnerColumn,
            TextColumn,
            TimeElapsedColumn,
        )

        class Count(RenderableColumn):
            """Updates the count whenever the line is drawn."""

            def render(self, task: object) -> str:
                return count()

        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            Count(),
            TimeElapsedColumn(),
            console=console,
            transient=True,
        )
        self._task = self._progress.add_task(what, total=None)

    def __enter__(self) -> "Callable[[str], None]":
        self._progress.start()
        return lambda text: self._progress.update(self._task, description=escape(text))

    def __exit__(self, *_: object) -> None:
        self._progress.stop()
