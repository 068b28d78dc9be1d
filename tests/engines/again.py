"""What an engine that loses a worker does to a job, without the engine: run it again, or have two
attempts at once.

    python -m tests.engines.again

The graphs are newsbeam's own, on the local runner: each job is run twice, then by two threads at
the same time, and each lake must be that of the job run once.
"""

import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, redirect_stdout
from io import StringIO
from pathlib import Path
from unittest.mock import patch

import apache_beam as beam

from pipelines.cli.app import run
from pipelines.jobs import runner
from pipelines.terminal import OK, PARTIAL
from tests.engines.common import (
    DIFFERENT,
    SAME,
    TASKS,
    Material,
    compare,
    generated_pages,
    material,
    say,
)

Runs = Callable[[beam.Pipeline], Counter[str]]
once = runner.run_to_end


def twice(pipeline: beam.Pipeline) -> Counter[str]:
    """Run a job again after its end: its caller did not learn of its commit."""
    once(pipeline)
    return once(pipeline)


def together(pipeline: beam.Pipeline) -> Counter[str]:
    """Run two attempts of a job at once: one is taken for dead and is not."""
    with ThreadPoolExecutor(2) as threads:
        first, _ = threads.map(once, [pipeline, pipeline])
    return first


def take_in(task: str, given: Material, lake: Path, how: Runs) -> None:
    """Run a command in this process, its jobs in another way; raise RuntimeError where it fails."""
    with ExitStack() as stack:
        stack.enter_context(patch.object(runner, "run_to_end", how))
        stack.enter_context(redirect_stdout(StringIO()))
        code = run([str(word) for word in given.words(task, lake, "--json")])
    if code not in {OK, PARTIAL}:
        raise RuntimeError(f"{task} ended with exit code {code}")


def main() -> int:
    """Run the check and return the exit code."""
    results = []
    with tempfile.TemporaryDirectory() as name, material(Path(name), generated_pages()) as given:
        for task in TASKS:
            say(f"{task}, once")
            expected = Path(name, f"{task}-once")
            take_in(task, given, expected, once)
            for how in (twice, together):
                say(f"{task}, {how.__name__}")
                lake = Path(name, f"{task}-{how.__name__}")
                take_in(task, given, lake, how)
                results.append(compare(f"{task}, {how.__name__}", expected, lake))
    return SAME if all(results) else DIFFERENT


if __name__ == "__main__":
    sys.exit(main())
