"""Output to a terminal: messages, progress, and results as JSON lines; and the exit codes.

All output that may hold data of the web or of a lake goes through this module, so that no text can
steer the terminal it is shown on: consoles are made by `console`, JSON lines by `json_line`, texts
in a page pass `safe_html`, others `safe_text`.

Exit codes: 0 ok, 1 failed, 2 usage, 3 partial (some inputs rejected), 4 a check failed,
130, 143, 129 ended by Ctrl-C, SIGTERM, SIGHUP (128 + the signal's number, as shells report it).
"""

import html
import json
import logging
import re
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from types import TracebackType
from typing import Any, TextIO

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

MAX_REPORTED_LINES = 20
"""Skipped lines that are printed. A judgement: enough to correct a list by, while a file that is
not a feed list at all does not fill the screen.
"""
OK, FAILED, USAGE, PARTIAL, FAILING = 0, 1, 2, 3, 4


_STEERING = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 but tab and line feed, delete, C1: escape sequences
    r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # the order of letters (UAX 9)
    r"\u2028\u2029\u206a-\u206f\ufff9-\ufffb\ufeff"  # line breaks, deprecated and other controls
    r"\ud800-\udfff]"  # lone surrogates, which no encoding has
)
"""Characters that change the state of a terminal, or where it shows a text. Joiners (U+200C,
U+200D) stay: Persian, Indic scripts and emoji need them.
"""
_LINE_BREAK = re.compile(r"\s*\n\s*")


def safe_text(text: str) -> str:
    """Return the text with U+FFFD for each character that could steer a terminal.

    Tabs and line breaks stay.
    """
    return _STEERING.sub("\ufffd", text)


def safe_line(text: str) -> str:
    """Return the text as `safe_text` does, and in one line."""
    return _LINE_BREAK.sub(" ", safe_text(text))


def safe_html(text: str) -> str:
    """Return the text as `safe_text` does, escaped for HTML.

    A browser, too, would show the words of a text in another order where it has controls for that.
    """
    return html.escape(safe_text(text))


def json_line(row: Any, default: Callable[[Any], Any] | None = None) -> str:
    """Return an object as a line of JSON.

    Characters that could steer a terminal are escaped, which JSON reads as the same data.
    """
    line = json.dumps(row, ensure_ascii=False, default=default)
    return _STEERING.sub(lambda found: f"\\u{ord(found[0]):04x}", line) + "\n"


def write_plain(text: str, file: TextIO | None = None) -> None:
    """Write a text to a file, by default standard output; unchanged unless it is a terminal."""
    file = file or sys.stdout
    file.write(safe_text(text) if file.isatty() else text)


class _SafeConsole(Console):
    """A console of which only rich's own styles steer the terminal."""

    def render_str(self, text: str, **options: Any) -> Text:
        """Return a string as safe text: made safe before its width is measured."""
        return super().render_str(safe_text(text), **options)

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        """Yield the segments of a renderable, their texts made safe."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else segment._replace(text=safe_text(segment.text))


def console(
    *,
    stderr: bool = False,
    pipe_width: int | None = None,
    soft_wrap: bool = False,
    highlight: bool = False,
) -> Console:
    """Return a console that shows strings as they are: no markup, no emoji codes, no controls.

    `pipe_width` is the number of columns where standard output is not a terminal.
    """
    width = None if sys.stdout.isatty() else pipe_width
    return _SafeConsole(
        stderr=stderr,
        width=width,
        soft_wrap=soft_wrap,
        highlight=highlight,
        markup=False,
        emoji=False,
    )


_say_otherwise: list[Callable[[str], None]] = []
_with_live_display: list[Console] = []


def say_as(write: Callable[[str], None]) -> None:
    """Let `say` write messages so, in a log for machines."""
    _say_otherwise.append(write)


def say(text: str, *, lines: bool = False) -> None:
    """Print a message to standard error on one line.

    `lines` keeps line breaks, for texts of newsbeam itself.
    """
    if _say_otherwise:
        _say_otherwise[-1](text)
        return
    shown = safe_text(text) if lines else safe_line(text)
    out = _with_live_display[-1] if _with_live_display else console(stderr=True)
    out.print(shown, style="yellow", soft_wrap=True)


@contextmanager
def messages_above(out: Console) -> Iterator[None]:
    """Let `say` print above what a console redraws, as long as the block lasts."""
    _with_live_display.append(out)
    try:
        yield
    finally:
        _with_live_display.remove(out)


class SafeFormatter(logging.Formatter):
    """Formats log messages, which may quote pages and addresses."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record."""
        return safe_text(super().format(record))


def print_exception(
    kind: type[BaseException], error: BaseException, where: TracebackType | None
) -> None:
    """Print the traceback of a bug, whose message may quote data; an `excepthook`."""
    sys.stderr.write(safe_text("".join(traceback.format_exception(kind, error, where))))


def say_skipped(lines: Sequence[str]) -> None:
    """Report lines of feed lists without a feed URL, at most MAX_REPORTED_LINES."""
    for line in lines[:MAX_REPORTED_LINES]:
        say(f"not a feed URL, skipped: {line}")


def say_left_out(lines: Sequence[str]) -> None:
    """Report what was passed over in folders, at most MAX_REPORTED_LINES."""
    for line in lines[:MAX_REPORTED_LINES]:
        say(f"newsbeam: skipped: {line}")
    if len(lines) > MAX_REPORTED_LINES:
        say(f"newsbeam: skipped {len(lines) - MAX_REPORTED_LINES} more like these")


class _Quiet:
    """Discards progress, for logs and pipes."""

    def __call__(self, text: str) -> None:
        pass


def progress(
    what: str, count: Callable[[], str] = str
) -> "AbstractContextManager[Callable[[str], None]]":
    """Return a context that shows an activity and its count on a terminal, nothing elsewhere.

    Nothing may be written to standard output meanwhile if that is a terminal, too: `quiet` is for
    this.
    """
    out = console(stderr=True)
    return _spinner(out, what, count) if out.is_terminal else quiet()


def quiet() -> "AbstractContextManager[Callable[[str], None]]":
    """Return a context that discards progress."""
    return nullcontext(_Quiet())


@contextmanager
def _spinner(
    out: Console, what: str, count: Callable[[], str]
) -> "Iterator[Callable[[str], None]]":
    """Show a line with the activity, a count, and the time since the start."""
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

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        Count(),
        TimeElapsedColumn(),
    )
    # Results go to standard output, which may be a file.
    line = Progress(*columns, console=out, transient=True, redirect_stdout=False)
    task = line.add_task(what, total=None)
    with line, messages_above(out):
        yield lambda text: line.update(task, description=safe_line(text))
