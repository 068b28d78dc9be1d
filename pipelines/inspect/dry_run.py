"""What a rebuild would change, told before it is done."""

import json
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape

from pipelines.terminal import say

if TYPE_CHECKING:
    from pipelines.jobs.plan import Plan
    from pipelines.jobs.run_options import RunOptions

_CUT = 300
Row = dict[str, Any]


def show_changes(plan: "Plan", options: "RunOptions", *, as_json: bool) -> bool:
    """Print what a rebuild would change: article by article, then counts; or a line of JSON an
    article.

    Returns whether something would be rejected; counts by reason go to standard error.
    """
    out = Console(soft_wrap=True, highlight=False)
    counts, rejected = Counter[str](), Counter[str]()
    for change in _changes(plan, options):
        if "rejected" in change:
            rejected[change["rejected"]] += 1
            continue
        if as_json:
            sys.stdout.write(json.dumps(change, ensure_ascii=False) + "\n")
            continue
        counts["articles"] += 1
        for line in _lines(change):
            out.print(line)
        counts.update({name: len(change[name]) for name in ("paragraphs_gone", "paragraphs_new")})
        counts.update({name: len(change[name]) for name in ("events_gone", "events_new")})
    for reason, count in sorted(rejected.items()):
        say(f"newsbeam: {count} pages would be rejected: {reason}")
    if not as_json:
        out.print(
            f"{counts['articles']} articles change: {counts['paragraphs_gone']} paragraphs go, "
            f"{counts['paragraphs_new']} come; {counts['events_gone']} event mentions go, "
            f"{counts['events_new']} come"
        )
    return bool(rejected)


def _changes(plan: "Plan", options: "RunOptions") -> Iterator[Row]:
    from pipelines.jobs.run_options import LOCAL_RUNNERS
    from pipelines.jobs.runner import preview_job
    from transforms.errors import ConfigError

    if options.runner not in LOCAL_RUNNERS:
        raise ConfigError("--dry-run works with the local runner only")
    with tempfile.TemporaryDirectory(prefix="newsbeam-") as folder:
        path = Path(folder) / "changes.jsonl"
        path.touch()
        preview_job(plan, options, path)
        with path.open(encoding="utf8") as file:
            yield from map(json.loads, file)


def _lines(change: Row) -> Iterator[str]:
    yield f"[bold]{escape(change['url'])}[/bold]"
    for name, (before, now) in change["columns"].items():
        yield f"  {name}: [red]{_said(before)}[/red] -> [green]{_said(now)}[/green]"
    for mark, colour, paragraphs in (
        ("-", "red", "paragraphs_gone"),
        ("+", "green", "paragraphs_new"),
    ):
        for text in change[paragraphs]:
            yield f"  [{colour}]{mark} {_said(text)}[/{colour}]"
    for mark, colour, events in (("-", "red", "events_gone"), ("+", "green", "events_new")):
        for event in change[events]:
            yield f"  [{colour}]{mark} {_event(event)}[/{colour}]"


def _event(event: Row) -> str:
    who, whom = ("; ".join(event[role]) or "?" for role in ("actor", "recipient"))
    kind = " ".join(filter(None, (event["type"], event["mode"])))
    return _said(
        f"{kind}: {who} -> {whom} ({event['modality']}, {event['rule']}): {event['evidence']}"
    )


def _said(value: object) -> str:
    text = " ".join(str(value).split())
    return escape(text if len(text) <= _CUT else text[:_CUT] + " ...")
