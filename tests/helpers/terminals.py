"""Commands on a pseudo terminal."""

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Mapping, Sequence
from typing import BinaryIO

CTRL_C = "\x03"
LIMIT_S = 60.0
"""Time within which an expected text comes, on a machine that does much else."""


def on_a_terminal(
    words: Sequence[str],
    *,
    columns: int = 200,
    typed: Sequence[tuple[str, str]] = (),
    variables: Mapping[str, str] | None = None,
    stdout: BinaryIO | None = None,
) -> str:
    """Run newsbeam on a terminal with this many columns, and return what the terminal gets.

    Of `typed`, each second text is written when the first came, after that of the one before.
    Standard output goes to `stdout` if it is given.
    """
    ours, its = pty.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    outside = {k: v for k, v in os.environ.items() if k not in {"COLUMNS", "LINES"}}
    environment = (
        outside | {"TERM": "xterm-256color", "PROMPT_TOOLKIT_NO_CPR": "1"} | dict(variables or {})
    )
    command = [sys.executable, "-m", "pipelines.cli", *words]
    with subprocess.Popen(
        command,
        stdin=its,
        stdout=stdout or its,
        stderr=its,
        env=environment,
        preexec_fn=_own_terminal,
    ) as process:
        os.close(its)
        try:
            got, at = b"", 0
            for awaited, text in typed:
                got, at = _until(ours, got, awaited.encode(), at)
                if text == CTRL_C:
                    time.sleep(1)  # until the terminal's mode is again that in which it is a signal
                os.write(ours, text.encode())
            got, _ = _until(ours, got, None, at)
        except BaseException:
            process.kill()
            raise
    os.close(ours)
    return got.decode()


def _own_terminal() -> None:
    """Make standard input the terminal whose Ctrl-C the process gets."""
    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # a shell's jobs in the background ignore it


def _until(terminal: int, got: bytes, awaited: bytes | None, at: int) -> tuple[bytes, int]:
    """Return what a terminal got until a text came after a place, or its end; and the text's end."""
    end = time.monotonic() + LIMIT_S
    while awaited is None or awaited not in got[at:]:
        ready, _, _ = select.select([terminal], [], [], max(end - time.monotonic(), 0))
        assert ready, f"{awaited or 'the end'!r} did not come: {got[at:]!r}"
        try:
            got += os.read(terminal, 65536)
        except OSError:  # Linux: the other end is closed
            assert awaited is None, f"{awaited!r} did not come: {got[at:]!r}"
            return got, len(got)
    return got, got.index(awaited, at) + len(awaited)
