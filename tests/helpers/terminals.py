"""Commands on a pseudo terminal."""

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
from pathlib import Path


def on_a_terminal(words: list[str], *, columns: int = 200, folder: Path | None = None) -> str:
    """Run newsbeam on a terminal with this many columns, and return what the terminal gets."""
    ours, its = pty.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    environment = {k: v for k, v in os.environ.items() if k not in {"COLUMNS", "LINES"}}
    command = [sys.executable, "-m", "pipelines.cli", *words]
    with subprocess.Popen(
        command,
        stdin=its,
        stdout=its,
        stderr=its,
        env=environment | {"TERM": "xterm-256color"},
        cwd=folder,
    ):
        os.close(its)
        found = b""
        try:
            while data := os.read(ours, 65536):
                found += data
        except OSError:  # Linux: the other end is closed
            pass
    os.close(ours)
    return found.decode()
