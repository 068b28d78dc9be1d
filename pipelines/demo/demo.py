"""Run the demo: ingest the bundled papers, which a local server provides, and print the lake."""

import dataclasses
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rich.console import Console

from pipelines.demo.server import serve
from pipelines.demo.show import show_lake, show_queries
from pipelines.jobs.ingest import IngestPlan
from pipelines.jobs.run_options import RunOptions
from pipelines.jobs.runner import RunSummary, run_job
from pipelines.terminal import json_line
from transforms.core.feeds.lists import read_feed_lists
from transforms.errors import ConfigError
from transforms.pool import PoolOptions
from transforms.web import WebOptions

HERE = Path(__file__).parent
SITE = HERE / "site"
FEEDS = HERE / "feeds.opml"
FIRST_RUN_AT = datetime(2024, 10, 18, 6, tzinfo=UTC)
"""The clock of the first run, fixed so that every demo makes the same lake."""
INTERVAL = timedelta(hours=2)
"""Time between two runs of a demo: longer than the interval of a feed, so that each run polls."""
_STATE_FILE = "_meta/demo.json"
_WIDTH = 150
"""Columns of the output if it is not a terminal: fits the widest table."""


def run_demo(lake: str, *, workers: int, console: Console, as_json: bool) -> int:
    """Ingest the bundled feeds into the lake and print its contents; returns exit code 0.

    The bundled papers have two pages that are rejected on purpose, so rejects do not make it 3.
    Raises ConfigError for a folder that the demo did not create.
    """
    number = _next_run(lake)
    summary = _ingest(lake, number, workers)
    _write_state(lake, number)
    if as_json:
        console.file.write(json_line(dataclasses.asdict(summary) | {"lake": lake}))
        return 0
    if not console.is_terminal:
        console.width = _WIDTH
    show_lake(lake, console)
    _print_summary(summary, lake, console)
    show_queries(lake, console)
    return 0


def _ingest(lake: str, number: int, workers: int) -> RunSummary:
    """Serve the bundled site and ingest it, as run `number` of the demo, from 1."""
    with serve(SITE) as address:
        options = RunOptions(
            lake=lake,
            now=FIRST_RUN_AT + (number - 1) * INTERVAL,
            run_id=f"demo-{number}",
            web=WebOptions(connect_to=address, spacing_s=0),
            pool=PoolOptions(size=workers),
        )
        return run_job(IngestPlan.of_list(read_feed_lists([str(FEEDS)])), options)


def _next_run(lake: str) -> int:
    """Return the number of this run, from 1; creates the demo's state file in a new folder.

    Raises ConfigError for a folder with other contents: the demo must not write into a real lake.
    """
    if "://" in lake:
        raise ConfigError(
            f"the demo writes to a folder of this machine, not to {lake}; name one with --lake"
        )
    folder = Path(lake)
    state_file = folder / _STATE_FILE
    if state_file.is_file():
        return _finished_runs(state_file) + 1
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ConfigError(
            f"{lake} exists and was not created by the demo; name a new folder with --lake"
        )
    _write_state(lake, 0)
    return 1


def _finished_runs(state_file: Path) -> int:
    try:
        return int(json.loads(state_file.read_text(encoding="utf-8"))["runs"])
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigError(
            f"{state_file} is damaged ({error}); delete the demo's folder, or name a new one"
        ) from error


def _write_state(lake: str, runs: int) -> None:
    """Record that the demo created the lake, and the number of finished runs."""
    state_file = Path(lake) / _STATE_FILE
    state_file.parent.mkdir(parents=True, exist_ok=True)
    state_file.write_text(json.dumps({"runs": runs}) + "\n", encoding="utf-8")


def _print_summary(summary: RunSummary, lake: str, console: Console) -> None:
    console.print(
        f"\n{summary.run_id}: {summary.feeds} feeds polled, {summary.articles_new} new articles, "
        f"{summary.mentions_coded} event mentions coded, {summary.events_new} new events, "
        f"{sum(summary.rejects.values())} rejects, "
        f"{summary.seconds} s. The lake is in {lake}: plain Parquet.",
        soft_wrap=True,
    )
