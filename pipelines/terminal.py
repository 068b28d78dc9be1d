"""Output to a terminal: messages, progress, and results as JSON lines; and the exit codes.

Exit codes: 0 ok, 1 failed, 2 usage, 3 partial (some inputs rejected), 4 checked and found failing.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext

from rich.console import Console
from rich.markup import escape

MAX_REPORTED_LINES = 20
"""Lines that are reported one by one: a list of another kind would fill the screen."""
OK, FAILED, USAGE, PARTIAL, FAILING, INTERRUPTED = 0, 1, 2, 3, 4, 130


def say(text: str, *, lines: bool = False) -> None:
    """Print a message to standard error, in one line.

    `lines` keeps the line breaks of a text of our own.
    """
    line = "".join(c if c.isprintable() or (lines and c == "\n") else "\ufffd" for c in text)
    Console(stderr=True, soft_wrap=True).print(escape(line), style="yellow")


def say_skipped(lines: Sequence[str]) -> None:
    """Report the first of the lines of feed lists that lead to no feed."""
    for line in lines[:MAX_REPORTED_LINES]:
        say(f"not a feed URL, skipped: {line}")


class _Quiet:
    """Ignores progress, for logs and pipes."""

    def __call__(self, text: str) -> None:
        pass


def progress(
    what: str, count: Callable[[], str] = str
) -> "AbstractContextManager[Callable[[str], None]]":
    """Return a context that shows on a terminal what is being done, and ignores it elsewhere."""
    console = Console(stderr=True)
    return _Spinner(console, what, count) if console.is_terminal else nullcontext(_Quiet())


class _Spinner:
    """A line on the terminal with what is being done, a count, and the time since the start."""

    def __init__(self, console: Console, what: str, count: Callable[[], str]) -> None:
        from rich.progress import (
            Progress,
            RenderableColumn,
            SpinnerColumn,
            TextColumn,
            TimeElapsedColumn,
        )

        class Count(RenderableColumn):
            """Counts anew each time the line is drawn."""

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
