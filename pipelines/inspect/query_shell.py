"""The statements that a user types, with completion, or passes to standard input."""

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.inspect.query import QueryOptions, Session, printing_session
from pipelines.inspect.query_words import Words, read_words
from pipelines.interruption import interruption
from pipelines.terminal import say

if TYPE_CHECKING:
    from prompt_toolkit import PromptSession
    from prompt_toolkit.history import History
    from prompt_toolkit.key_binding import KeyBindings

_WELCOME = (
    "SHOW TABLES; lists the views. A statement ends with a semicolon.\n"
    "Tab completes names, Ctrl-C stops a query, Ctrl-D leaves."
)
_PROMPT = "newsbeam> "
_CONTINUATION = "     ...> "
_ENDINGS = frozenset({"exit", "quit", ".exit", ".quit", "\\q"})
"""What users of other shells type to leave, with or without a semicolon."""


def is_interactive() -> bool:
    """Return whether a user types statements and sees the answers on a terminal."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def read_statements() -> Iterator[str]:
    """Yield statements from standard input, each ended by a semicolon at the end of a line."""
    lines: list[str] = []
    for line in sys.stdin:
        lines.append(line)
        if is_complete(line):
            yield "".join(lines)
            lines = []
    if "".join(lines).strip():
        yield "".join(lines)


def is_complete(text: str) -> bool:
    """Return whether a statement has its end."""
    return text.rstrip().endswith(";")


def run_shell(options: QueryOptions) -> None:
    """Ask for statements and print their rows until the user ends it."""
    with printing_session(options) as session, interruption.leave_ctrl_c():
        say(_WELCOME, lines=True)
        ask = _prompt(read_words(session.connection)).prompt
        goes_on = True
        while goes_on:
            try:
                goes_on = _turn(session, ask)
            except KeyboardInterrupt:
                # DuckDB's bar of progress is on the line.
                say("\nnewsbeam: stopped", lines=True)


def _turn(session: Session, ask: Callable[[], str]) -> bool:
    """Ask for a statement and answer it; return False if the user ends the shell instead."""
    try:
        text = ask().strip()
    except KeyboardInterrupt:
        return True
    except EOFError:
        return False
    if text.rstrip("; ").lower() in _ENDINGS:
        return False
    session.attempt(text)
    return True


def _prompt(words: Words) -> "PromptSession[str]":
    from prompt_toolkit import PromptSession
    from prompt_toolkit.completion import CompleteEvent, Completer, Completion
    from prompt_toolkit.document import Document

    class Names(Completer):
        """Completes the word before the cursor."""

        def get_completions(self, document: Document, event: CompleteEvent) -> Iterator[Completion]:
            """Yield what the word can become."""
            typed, found = words.completions(document.text_before_cursor, document.text)
            for name, kind in found:
                yield Completion(name, start_position=-len(typed), display_meta=kind)

    return PromptSession(
        _PROMPT,
        completer=Names(),
        complete_while_typing=False,
        history=_history(),
        key_bindings=_keys(),
        multiline=True,
        prompt_continuation=_CONTINUATION,
    )


def _keys() -> "KeyBindings":
    """Return the keys that differ from those of a text: Enter ends a complete statement."""
    from prompt_toolkit.application import get_app
    from prompt_toolkit.filters import Condition
    from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent

    @Condition
    def ends() -> bool:
        text = get_app().current_buffer.text.strip()
        return not text or is_complete(text) or text.lower() in _ENDINGS

    keys = KeyBindings()

    @keys.add("enter", filter=ends)
    def accept(event: KeyPressEvent) -> None:
        event.current_buffer.validate_and_handle()

    return keys


def _history() -> "History":
    """Return the statements of earlier sessions; of this one alone if they have no place."""
    from prompt_toolkit.history import FileHistory, InMemoryHistory

    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    path = Path(state) / "newsbeam" / "sql_history"
    with contextlib.suppress(OSError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
        return FileHistory(path)
    return InMemoryHistory()
