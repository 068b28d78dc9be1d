"""The commands on archives: their pages into a lake."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from pipelines.cli.arguments import (
    AllowNet,
    AsJson,
    ConnectTo,
    Contact,
    KeepRaw,
    Lake,
    MetricsFile,
    Now,
    PublishedAt,
    RunId,
    Runner,
    Spacing,
    StoredLake,
    UserAgent,
    Workers,
)
from pipelines.cli.shared import (
    must_be_filled,
    run_options,
    show_done,
    web_options,
    write_metrics_file,
)
from pipelines.cli.terminal import OK, PARTIAL, progress
from pipelines.cli.values import parse_time
from pipelines.inspect.dry_run import show_changes
from transforms.errors import ConfigError

if TYPE_CHECKING:
    from pipelines.jobs.backfill import Progress
    from transforms.core.archives.selection import Selection

_LOG_EVERY_S = 60.0
Sites = Annotated[
    str | None,
    typer.Option(
        "--sites",
        metavar="LIST",
        help="Only these: names such as bbc.co.uk, by commas, or a file of them.",
    ),
]


def backfill(
    context: typer.Context,
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="SOURCE...",
            help="WARC files, folders or globs of pages (.html, .txt, each also .gz), JSONL or Parquet with columns "
            "url and html or text; lists of URLs, sitemaps, feeds with their older pages, CDX lists. Local, gs://, "
            "s3://, or links.",
        ),
    ],
    lake: Lake,
    start: Annotated[
        str | None,
        typer.Option(
            "--from", metavar="DATE", help="First day of publication wanted, e.g. 2024-01-31."
        ),
    ] = None,
    end: Annotated[
        str | None, typer.Option("--to", metavar="DATE", help="Last day of publication wanted.")
    ] = None,
    sites: Sites = None,
    published_at: PublishedAt = None,
    batch_pages: Annotated[
        int | None,
        typer.Option(
            "--batch-pages",
            min=1,
            max=200_000,
            help="Pages of one commit, and one job where an engine runs it; memory grows with it. Else 4,000.",
        ),
    ] = None,
    now: Now = None,
    run_id: RunId = None,
    keep_raw: KeepRaw = False,
    connect_to: ConnectTo = None,
    spacing: Spacing = 1.0,
    user_agent: UserAgent = None,
    contact: Contact = None,
    allow_net: AllowNet = None,
    workers: Workers = None,
    runner: Runner = "DirectRunner",
    metrics_file: MetricsFile = None,
    as_json: AsJson = False,
) -> None:
    """Bring the pages of archives into a lake, as rows like those of the pages fetched when they were new.

    Stopped at any point and started again with the same words, it goes on behind its last commit, and ends in the same
    lake. Exit code 3: some records or pages were rejected; they are in the table `rejects`.
    """
    from pipelines.jobs.backfill import Backfill
    from pipelines.jobs.backfill import backfill as run
    from transforms.sources import find_sources

    web = web_options(connect_to, spacing, user_agent, contact, allow_net)
    given = [*sources, *context.args]  # options of Beam's are among the sources
    options, words = run_options(
        given,
        web,
        lake=lake,
        now=now,
        run_id=run_id,
        workers=workers,
        runner=runner,
        keep_raw=keep_raw,
    )
    wanted = selection(sites, start, end)
    dated = parse_time(published_at)
    work = Backfill(
        sources=find_sources(words), wanted=wanted, published_at=dated, batch_pages=batch_pages
    )
    with _progress() as told:
        done = run(work, options, told, named=run_id is not None)
    write_metrics_file(done, metrics_file)
    show_done(done, lake, as_json=as_json)
    raise typer.Exit(PARTIAL if done.status == "partial" else OK)


def rebuild(
    context: typer.Context,
    lake: StoredLake,
    start: Annotated[
        str | None, typer.Option("--from", metavar="DATE", help="First day of articles.")
    ] = None,
    end: Annotated[
        str | None, typer.Option("--to", metavar="DATE", help="Last day of articles.")
    ] = None,
    sites: Sites = None,
    stage: Annotated[
        str,
        typer.Option(
            "--stage",
            help="From where on: extract (from the pages kept) or events (from the texts).",
        ),
    ] = "extract",
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run", help="Print what would change, article by article, and change nothing."
        ),
    ] = False,
    now: Now = None,
    run_id: RunId = None,
    workers: Workers = None,
    runner: Runner = "DirectRunner",
    metrics_file: MetricsFile = None,
    as_json: AsJson = False,
) -> None:
    """Read and code again what the lake has kept, after rules or code have changed.

    Articles whose pages were kept (`--keep-raw`) are extracted, cleaned and coded anew, others coded anew from their
    texts; kept pages that gave no article are tried again. Rows that say the same stay as they are. Exit code 3:
    some pages were rejected.
    """
    from pipelines.jobs.rebuild import STAGES, Rebuild
    from pipelines.jobs.rebuild import rebuild as run

    if stage not in STAGES:
        raise ConfigError(f"--stage {stage}: name one of {', '.join(STAGES)}")
    options, more = run_options(
        context.args, {}, lake=lake, now=now, run_id=run_id, workers=workers, runner=runner
    )
    if more:
        raise ConfigError(f"{more[0]!r}: rebuild takes no such argument")
    wanted = selection(sites, start, end)
    must_be_filled(lake)
    if dry_run:
        well = show_changes(Rebuild(wanted=wanted, stage=stage), options, as_json=as_json)
        raise typer.Exit(OK if well else PARTIAL)
    with progress("rebuilding") as said:
        done = run(
            Rebuild(wanted=wanted, stage=stage),
            options,
            lambda t: said(f"{t.articles:,} articles, {t.day}"),
            named=run_id is not None,
        )
    assert done is not None  # noqa: S101 - no preview was asked for
    write_metrics_file(done, metrics_file)
    show_done(done, lake, as_json=as_json)
    raise typer.Exit(PARTIAL if done.status == "partial" else OK)


def selection(sites: str | None, start: str | None, end: str | None) -> "Selection":
    """Return what is wanted of an archive; raise ConfigError for what is no day and no list of sites."""
    from transforms.core.archives.selection import Selection

    first, last = _day(start), _day(end)
    if first and last and first > last:
        raise ConfigError(f"--from {first} is after --to {last}")
    return Selection(frozenset(() if sites is None else _sites(sites)), first, last)


def _day(text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError as error:
        raise ConfigError(f"{text!r} is no day such as 2024-01-31") from error


def _sites(text: str) -> Iterator[str]:
    said = Path(text).read_text("utf8") if Path(text).is_file() else text.replace(",", "\n")
    lines = (line.split("#", 1)[0].strip().lower() for line in said.splitlines())
    names = [
        line.removeprefix("http://").removeprefix("https://").strip("/").removeprefix("www.")
        for line in lines
    ]
    wrong = next((n for n in names if n and ("." not in n or "/" in n or " " in n)), None)
    if wrong is not None or not any(names):
        raise ConfigError(
            f"--sites {text}: {wrong or 'nothing'!r} is no site such as bbc.co.uk, nor a file of them"
        )
    yield from filter(None, names)


@contextmanager
def _progress() -> "Iterator[Callable[[Progress], None]]":
    """Show how far it is: a bar with rate and time left on a terminal, a line a minute in a log."""
    console = Console(stderr=True)
    started, last = time.monotonic(), [time.monotonic()]

    def line(done: "Progress") -> str:
        return describe(done, time.monotonic() - started)

    def log(done: "Progress") -> None:
        if time.monotonic() - last[0] >= _LOG_EVERY_S:
            last[0] = time.monotonic()
            sys.stderr.write(f"newsbeam: {line(done)}\n")

    if not console.is_terminal:
        yield log
        return
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
    ) as bar:
        task = bar.add_task("backfilling", total=None)
        yield lambda done: bar.update(
            task, description=line(done), total=done.all_bytes or None, completed=done.read_bytes
        )


def describe(done: "Progress", seconds: float) -> str:
    """Return pages so far, share, rate and time left, as far as they are known."""
    pages, read = done.pages - done.pages_before, done.read_bytes - done.bytes_before
    said = f"{done.pages:,} pages, {pages / max(seconds, 0.001):,.1f} a second"
    if not done.all_bytes or read <= 0:
        return said
    left = timedelta(seconds=round(seconds * (done.all_bytes - done.read_bytes) / read))
    return f"{said}, {done.read_bytes / done.all_bytes:.1%} read, about {left} left"
