"""What commands that run a pipeline share: options from what the user said, and what is told at the end."""

import json
import shlex
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape

from pipelines.cli.terminal import say
from transforms.errors import ConfigError

if TYPE_CHECKING:
    from pipelines.jobs.run_options import RunOptions
    from pipelines.jobs.runner import RunSummary
    from transforms.records import FeedSource


def web_options(
    connect_to: str | None,
    spacing: float,
    user_agent: str | None,
    contact: str | None,
    allow_net: list[str] | None,
) -> dict[str, Any]:
    """Return what the user said of the network, by the names of `WebOptions`."""
    return {
        "connect_to": connect_to,
        "spacing_s": spacing,
        "user_agent": user_agent,
        "contact": contact,
        "allow_net": tuple(allow_net or ()),
    }


def run_options(
    args: list[str],
    web: dict[str, Any],
    *,
    workers: int | None,
    now: str | None,
    run_id: str | None,
    **fields: Any,
) -> "tuple[RunOptions, tuple[str, ...]]":
    """Return the options of a run, and the words that are none; what the user left open is as it is by default."""
    from pipelines.jobs.run_options import RunOptions, new_run_id, split_beam_args
    from transforms.pool import PoolOptions
    from transforms.web import WebOptions

    beam_args, words = split_beam_args(args)
    clock = clock_of(now)
    options = RunOptions(
        now=clock,
        run_id=run_id or new_run_id(clock),
        web=WebOptions(**{name: value for name, value in web.items() if value is not None}),
        pool=PoolOptions(size=workers_of(workers)),
        beam_args=beam_args,
        **fields,
    )
    return options, words


def no_lake(lake: str) -> ConfigError:
    """Return the error for an address that has no lake, where one is to be read."""
    return ConfigError(
        f"{lake}: no lake here; name the folder that --lake named when it was filled"
    )


def must_be_filled(lake: str) -> None:
    """Raise ConfigError where nothing is at a lake's address: who reads what it has kept has mistyped it."""
    from transforms.stores import open_store

    if not open_store(lake).names():
        raise no_lake(lake)


def listed_feeds(names: list[str]) -> "list[FeedSource]":
    """Return the feeds of lists, and tell which of their lines are none."""
    from transforms.core.feeds.lists import read_feed_lists

    listed = read_feed_lists(names)
    say_invalid(listed.invalid)
    return list(listed.feeds)


def say_invalid(lines: Sequence[str]) -> None:
    """Tell the first of the lines of feed lists that are no links of feeds."""
    for bad in lines[:20]:
        say(f"not a feed's link, left out: {bad}")


def write_metrics_file(done: "RunSummary", target: str | None) -> None:
    """Write the run's counts to a file, where one was named."""
    if target is not None:
        from pipelines.jobs.metrics import write_metrics

        write_metrics(done, target)


def clock_of(now: str | None) -> datetime:
    """Return the run's clock: what the user said, else the machine's."""
    from pipelines.cli.values import parse_time

    return parse_time(now) or datetime.now(UTC)


def workers_of(workers: int | None) -> int:
    """Return how many processes extract and code."""
    from pipelines.cli.values import default_workers

    return default_workers() if workers is None else workers


def show_done(done: "RunSummary", lake: str, listed: int | None = None, *, as_json: bool) -> None:
    """Tell what a run did; of one that polled feeds, how many were `listed`."""
    import dataclasses

    if as_json:
        sys.stdout.write(json.dumps(dataclasses.asdict(done) | {"lake": lake}) + "\n")
        return
    out = Console(soft_wrap=True)
    out.print(
        f"run {escape(done.run_id)}: {done.status}{_feeds(done, listed) if listed is not None else ''}"
        f", {done.articles_new} new articles, {done.events_new} new events, {sum(done.rejects.values())} rejects, "
        f"{done.seconds} s"
    )
    for reason, count in done.rejects.items():
        out.print(f"  rejected {count} x {reason}")
    query = '"SELECT type, count(*) FROM events GROUP BY 1 ORDER BY 2 DESC"'
    out.print(f"try: newsbeam sql {query} --lake {escape(shlex.quote(lake))}")


def _feeds(done: "RunSummary", listed: int) -> str:
    undue = listed - done.feeds - done.feeds_left
    return (
        f", {done.feeds} feeds polled"
        + (f", {undue} not due yet" if undue > 0 else "")
        + (f", {done.feeds_left} left to the next run" if done.feeds_left else "")
    )
