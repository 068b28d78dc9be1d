"""What a job reports to its user at its end: a summary of the run."""

import shlex
from dataclasses import asdict
from datetime import datetime
from typing import Any

from pipelines.jobs.reject_lines import reject_lines
from pipelines.jobs.runner import RunSummary
from pipelines.terminal import console, safe_line
from transforms.core.feeds.health import NEEDS_HUMAN
from transforms.core.reject_codes import advice


def summary_row(summary: RunSummary, lake: str, next_due_at: datetime | None) -> dict[str, Any]:
    """Return a summary of a run for machines."""
    due = None if next_due_at is None else next_due_at.isoformat().replace("+00:00", "Z")
    samples = {"reject_samples": _samples(summary), "next_due_at": due, "lake": lake}
    return asdict(summary) | samples


def show_summary(
    summary: RunSummary,
    lake: str,
    listed: int | None = None,
    next_due_at: datetime | None = None,
) -> None:
    """Print a summary of a run.

    `listed` is the number of feeds in the lists, and `next_due_at` is when the next of them is due,
    for a run that polled feeds.
    """
    out = console(soft_wrap=True, highlight=True)
    feeds = "" if listed is None else _feeds(summary, listed, next_due_at)
    out.print(
        f"run {summary.run_id}: {summary.status}{feeds}, {summary.articles_new} "
        f"new articles, {summary.mentions_coded} event mentions coded, {summary.events_new} new "
        f"events, {sum(summary.rejects.values())} rejects, {summary.seconds} s"
    )
    for sample in _samples(summary):
        for line in reject_lines(
            sample["reason"], sample["count"], sample["url"], sample["message"]
        ):
            out.print(safe_line(line), highlight=False)
    if needing := _feeds_in_need(summary):
        check = f"newsbeam feeds check --lake {shlex.quote(lake)}"
        out.print(f"{needing} of the lake need attention: {check}")
    query = '"SELECT type, count(*) FROM events GROUP BY 1 ORDER BY 2 DESC"'
    out.print(f"try: newsbeam sql {query} --lake {shlex.quote(lake)}")


def _samples(summary: RunSummary) -> list[dict[str, Any]]:
    """Return each reason with its count, one of its rejects, and what to do; frequent ones first.

    Reasons without a stored reject, such as those of rejects of earlier runs, have no sample.
    """
    by_reason = {sample["reason"]: sample for sample in summary.reject_samples}
    reasons = sorted(summary.rejects.items(), key=lambda item: (-item[1], item[0]))
    return [
        {
            "reason": reason,
            "count": count,
            "stage": by_reason.get(reason, {}).get("stage"),
            "url": by_reason.get(reason, {}).get("url"),
            "message": by_reason.get(reason, {}).get("error_message"),
            "retryable": by_reason.get(reason, {}).get("retryable"),
            "what_to_do": advice(reason),
        }
        for reason, count in reasons
    ]


def _feeds_in_need(summary: RunSummary) -> str:
    counts = summary.feeds_by_health
    parts = [f"{n} {health}" for health, n in counts.items() if n and health in NEEDS_HUMAN]
    return f"feeds ({', '.join(parts)})" if parts else ""


def _feeds(summary: RunSummary, listed: int, next_due_at: datetime | None) -> str:
    text = f", {summary.feeds} feeds polled"
    not_due = listed - summary.feeds - summary.feeds_left
    if not_due > 0:
        text += f", {not_due} not due yet"
        if next_due_at is not None:
            text += f" (the next at {next_due_at:%Y-%m-%d %H:%M} UTC; --poll-now polls them now)"
    if summary.feeds_left:
        text += f", {summary.feeds_left} left to the next run"
    if summary.pages_left:
        text += f", {summary.pages_left} pages left to the next run"
    return text
