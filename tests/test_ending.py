"""How the process of a command ends: with the command's own code, whatever threads do meanwhile."""

import errno
import io
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from pipelines import cli

pytestmark = pytest.mark.slow

SECONDS = 20
"""Starting Python and importing a library; nothing here waits longer than two seconds."""
ARROW = """
import io, threading, time
import pyarrow as pa, pyarrow.dataset as ds, pyarrow.fs as fs

class Slow(io.BytesIO):
    def read(self, size=-1):
        if threading.current_thread() is not threading.main_thread():
            time.sleep(1.5)
        return super().read(size)

class Files(fs.FileSystemHandler):
    get_type_name = lambda self: "slow"
    normalize_path = lambda self, path: path
    open_input_file = lambda self, path: pa.PythonFile(Slow(bytes(5000)), mode="r")
    get_file_info = lambda self, paths: [fs.FileInfo(p, fs.FileType.File, size=5000) for p in paths]

Files.__abstractmethods__ = frozenset()
files = fs.PyFileSystem(Files())
schema = pa.schema({"a": pa.int64()})
reader = ds.dataset(["a", "b"], format="parquet", filesystem=files, schema=schema).scanner().to_reader()
time.sleep(0.3)
"""
"""A thread of pyarrow that reads a Python file when the process ends, and then needs Python."""
PRINTING = """
import threading
def shout():
    while True:
        print("x" * 1000, file=sys.stderr, flush=True)
threading.Thread(target=shout, daemon=True).start()
"""
"""A thread that holds standard error when the process ends."""
CALLBACK = """
import ctypes, threading, time
pause = ctypes.PYFUNCTYPE(None)(lambda: time.sleep(0.3))
def call():
    while True:
        pause()
threading.Thread(target=call, daemon=True).start()
time.sleep(0.1)
"""
"""A thread in which C calls Python."""
LOOP = """
import asyncio, threading
loop = asyncio.new_event_loop()
threading.Thread(target=loop.run_forever, daemon=True).start()
async def tick():
    while True:
        await asyncio.sleep(0)
asyncio.run_coroutine_threadsafe(tick(), loop)
"""
"""A loop of requests that is never idle."""
DUCKDB = """
import duckdb, threading, time
database = duckdb.connect()
def forever():
    database.sql("SELECT count(*) FROM range(10000000000) a, range(1000) b").fetchall()
threading.Thread(target=forever, daemon=True).start()
time.sleep(0.3)
"""
"""A query that is still running, in threads of its own."""
BROKEN_HANDLER = """
import atexit
atexit.register(lambda: 1 / 0)
"""
"""A library whose own end fails."""


def ended(code: str, end: str = "end_with(lambda: 3)") -> "subprocess.CompletedProcess[str]":
    lines = ["import sys", textwrap.dedent(code), "from pipelines.ending import end_with"]
    lines += ['print("the last line")', end]
    return subprocess.run(
        [sys.executable, "-c", "\n".join(lines)], capture_output=True, text=True, timeout=SECONDS
    )


@pytest.mark.parametrize(
    "threads",
    [ARROW, PRINTING, CALLBACK, LOOP, DUCKDB, BROKEN_HANDLER],
    ids=["arrow", "printing", "callback", "loop", "duckdb", "handler"],
)
def test_a_process_ends_with_its_own_code_whatever_threads_do(threads: str) -> None:
    done = ended(threads)
    assert (done.returncode, done.stdout) == (3, "the last line\n"), done.stderr[-2000:]
    assert "Fatal Python error" not in done.stderr
    assert "terminate called" not in done.stderr


def test_python_ends_otherwise() -> None:
    """Else the module is needed no longer."""
    done = ended(ARROW, "sys.exit(3)")
    assert done.returncode == -signal.SIGABRT


@pytest.mark.parametrize(
    ("module", "words", "code"),
    [
        ("pipelines.start", ["ddl", "--dialect", "markdown"], 0),
        ("pipelines.cli", ["events", "no-such-page.html"], 2),
        ("pipelines.launch", ["--task=replay", "--lake=no-such-lake"], 2),
    ],
)
def test_commands_end_so(module: str, words: list[str], code: int, tmp_path: Path) -> None:
    run = f"""
    from {module}{".__main__" if module == "pipelines.cli" else ""} import main
    sys.argv[1:] = {words!r}
    main()
    """
    done = ended(ARROW, textwrap.dedent(run))
    assert done.returncode == code, done.stderr[-2000:]
    assert "the last line" in done.stdout


def test_what_python_does_at_the_end_is_done(tmp_path: Path) -> None:
    left = tmp_path / "left"
    code = f"""
    import atexit, logging, tempfile, threading, time
    from pathlib import Path
    folder = tempfile.TemporaryDirectory(dir={str(tmp_path)!r})
    Path({str(left)!r}).write_text(folder.name)
    logging.getLogger().addHandler(logging.handlers.MemoryHandler(99, target=logging.StreamHandler()))
    logging.getLogger().warning("logged")
    atexit.register(print, "registered")
    threading.Thread(target=lambda: (time.sleep(0.5), print("worked"))).start()
    """
    done = ended("import logging.handlers\n" + textwrap.dedent(code))
    assert done.returncode == 3
    assert done.stdout.splitlines() == ["the last line", "worked", "registered"]
    assert done.stderr == "logged\n"
    assert not Path(left.read_text()).exists()


def test_no_process_of_the_pool_is_left() -> None:
    code = """
    from transforms.core.ids import least_ids
    from transforms.processes import Processes, _children
    from multiprocessing import forkserver
    import os
    pool = Processes(2, [])
    pool.submit(len, "abc", 10).result()
    found = {*_children(os.getpid()), *_children(forkserver._forkserver._forkserver_pid)}
    print(*found)
    """
    done = ended(textwrap.dedent(code))
    found = done.stdout.splitlines()[0].split()
    assert (done.returncode, done.stderr, len(found) >= 3) == (3, "", True)
    for _ in range(50):
        if not any(Path(f"/proc/{number}").exists() for number in found):
            return
        time.sleep(0.1)
    raise AssertionError([number for number in found if Path(f"/proc/{number}").exists()])


@pytest.mark.parametrize(
    ("end", "code", "told"),
    [
        ("end_with(lambda: 1 / 0)", 1, "ZeroDivisionError"),
        ("end_with(lambda: sys.exit('no such lake'))", 1, "no such lake"),
        ("end_with(lambda: sys.exit())", 0, ""),
        ("import os; end_with(os.abort)", -signal.SIGABRT, ""),
        ("sys.stdout.close(); end_with(lambda: 4)", 4, ""),
        ("sys.stderr = None; end_with(lambda: 4)", 4, ""),
    ],
    ids=["bug", "text", "none", "abort", "closed", "absent"],
)
def test_errors_are_told_and_crashes_stay_crashes(end: str, code: int, told: str) -> None:
    done = ended("", end)
    assert (done.returncode, told in done.stderr) == (code, True)


class FullDisk(io.StringIO):
    """Standard output into a file on a disk without room, found out when the buffer is written."""

    def flush(self) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")


class GoneReader(io.StringIO):
    def flush(self) -> None:
        raise BrokenPipeError


@pytest.mark.parametrize(
    ("out", "code", "told"),
    [(FullDisk, 1, "No space left on device"), (GoneReader, 0, ""), (io.StringIO, 0, "")],
)
def test_output_that_cannot_be_written_is_a_failure(
    monkeypatch: pytest.MonkeyPatch, out: type[io.StringIO], code: int, told: str
) -> None:
    errors = io.StringIO()
    monkeypatch.setattr(sys, "stdout", out())
    monkeypatch.setattr(sys, "stderr", errors)
    assert cli.run(["ddl", "--dialect", "markdown", "runs"]) == code
    assert errors.closed or told in errors.getvalue()
