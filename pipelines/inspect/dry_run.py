"""`newsbeam rebuild --dry-run`: what a rebuild would change."""

import json
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.text import Text

from pipelines.terminal import console, json_line, safe_line, say

if TYPE_CHECKING:
    from pipelines.jobs.plan import Plan
    from pipelines.jobs.run_options import RunOptions

_MAX_CELL = 300
"""Characters of a value or paragraph that are printed: enough to recognise it."""
Row = dict[str, Any]


def show_changes(plan: "Plan", options: "RunOptions", *, as_json: bool) -> bool:
    """Print the changes, article by article, then their number; or one JSON line an article.

    Returns whether a page would be rejected; counts by reason go to standard error.
    """
    out = console(soft_wrap=True)
    counts, rejected = Counter[str](), Counter[str]()
    for change in _changes(plan, options):
        if "rejected" in change:
            rejected[change["rejected"]] += 1
            continue
        if as_json:
            sys.stdout.write(json_line(change))
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
            f"{counts['articles']} articles change; "
            f"paragraphs: {counts['paragraphs_gone']} removed, {counts['paragraphs_new']} added; "
            f"event mentions: {counts['events_gone']} removed, {counts['events_new']} added"
        )
    return bool(rejected)


def _changes(plan: "Plan", options: "RunOptions") -> Iterator[Row]:
    from pipelines.inspect.pending import say_if_pending
    from pipelines.jobs.run_options import LOCAL_RUNNERS
    from pipelines.jobs.runner import preview_job
    from transforms.errors import ConfigError

    if options.runner not in LOCAL_RUNNERS:
        raise ConfigError("--dry-run works with the local runner only")
    say_if_pending(options.lake)
    with tempfile.TemporaryDirectory(prefix="newsbeam-") as folder:
        path = Path(folder) / "changes.jsonl"
        path.touch()
        preview_job(plan, options, path)
        with path.open(encoding="utf8") as file:
            yield from map(json.loads, file)


def _lines(change: Row) -> Iterator[Text]:
    yield Text(safe_line(change["url"]), "bold")
    for name, (before, now) in change["columns"].items():
        old, new = (_shortened(before), "red"), (_shortened(now), "green")
        yield Text.assemble(f"  {name}: ", old, " -> ", new)
    yield from (Text(f"  - {_shortened(text)}", "red") for text in change["paragraphs_gone"])
    yield from (Text(f"  + {_shortened(text)}", "green") for text in change["paragraphs_new"])
    yield from (Text(f"  - {_event(event)}", "red") for event in change["events_gone"])
    yield from (Text(f"  + {_event(event)}", "green") for event in change["events_new"])


def _event(event: Row) -> str:
    event_type = f"{event['type']} {event['mode'] or ''}".rstrip()
    actor = "; ".join(event["actor"]) or "?"
    recipient = "; ".join(event["recipient"]) or "?"
    how = f"{event['modality']}, {event['rule']}"
    return _shortened(f"{event_type}: {actor} -> {recipient} ({how}): {event['evidence']}")


def _shortened(value: object) -> str:
    text = safe_line(" ".join(str(value).split()))
    return text if len(text) <= _MAX_CELL else text[:_MAX_CELL] + " ..."
