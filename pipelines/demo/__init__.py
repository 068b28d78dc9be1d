"""The demo: invented papers, served on this machine, go through the whole pipeline into a lake.

No network.
"""

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
from transforms.core.feeds.lists import read_feed_lists
from transforms.errors import ConfigError
from transforms.pool import PoolOptions
from transforms.web import WebOptions

HERE = Path(__file__).parent
SITE = HERE / "site"
FEEDS = HERE / "feeds.opml"
CLOCK = datetime(2024, 10, 18, 6, tzinfo=UTC)
"""The first run's time, so that every demo gives the same lake."""
INTERVAL = timedelta(hours=2)
"""Between the runs of one demo: longer than a feed's interval, so that each polls again."""
_MARK = "_meta/demo.json"
_WIDTH = 150
"""Characters a line where no terminal says how many there are."""


def run_demo(lake: str, *, workers: int, console: Console, as_json: bool) -> int:
    """Ingest the bundled feeds into the lake and show what came of it; return the exit code, always
    0.

    The demo plans two rejects, which is why they do not count. Raises ConfigError for a folder that
    the demo did not make.
    """
    number = _claim(lake)
    done = _ingest(lake, number, workers)
    _mark(lake, number)
    if as_json:
        console.out(json.dumps(dataclasses.asdict(done) | {"lake": lake}), highlight=False)
        return 0
    if not console.is_terminal:
        console.width = _WIDTH
    show_lake(lake, console)
    _say(done, lake, console)
    show_queries(lake, console)
    return 0


def _ingest(lake: str, number: int, workers: int) -> RunSummary:
    """Serve the site and ingest it, as the demo's run of this number."""
    with serve(SITE) as address:
        options = RunOptions(
            lake=lake,
            now=CLOCK + (number - 1) * INTERVAL,
            run_id=f"demo-{number}",
            web=WebOptions(connect_to=address, spacing_s=0),
            pool=PoolOptions(size=workers),
        )
        return run_job(IngestPlan.of_list(read_feed_lists([str(FEEDS)])), options)


def _claim(lake: str) -> int:
    """Return the number of this run in the lake, which is the demo's own, empty, or not there
    yet."""
    if "://" in lake:
        raise ConfigError(
            f"the demo writes to a folder of this machine, not to {lake}; name one with --lake"
        )
    folder = Path(lake)
    mark = folder / _MARK
    if mark.is_file():
        return _runs_of(mark) + 1
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ConfigError(
            f"{lake} is there already and not the demo's; name a new folder with --lake"
        )
    _mark(lake, 0)
    return 1


def _runs_of(mark: Path) -> int:
    try:
        return int(json.loads(mark.read_text(encoding="utf-8"))["runs"])
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigError(
            f"{mark} is damaged ({error}); delete the demo's folder, or name a new one"
        ) from error


def _mark(lake: str, runs: int) -> None:
    """Write down that the lake is the demo's, and how many runs have ended."""
    mark = Path(lake) / _MARK
    mark.parent.mkdir(parents=True, exist_ok=True)
    mark.write_text(json.dumps({"runs": runs}) + "\n", encoding="utf-8")


def _say(done: RunSummary, lake: str, console: Console) -> None:
    """Print what this run did, in one line."""
    console.print(
        f"\n{done.run_id}: {done.feeds} feeds polled, {done.articles_new} new articles, "
        f"{done.events_new} new events, "
        f"{sum(done.rejects.values())} rejects, {done.seconds} s. The lake is in {lake}: "
        "plain Parquet.",
        markup=False,
        highlight=False,
        soft_wrap=True,
    )
