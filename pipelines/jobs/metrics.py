"""Metrics of a run, as a file for the textfile collector of Prometheus's node exporter."""

import shutil
import tempfile
from pathlib import Path

from prometheus_client import CollectorRegistry, Gauge, generate_latest, write_to_textfile

from pipelines.jobs.runner import RunSummary
from transforms.errors import ConfigError
from transforms.stores import existing_folder

_UNCODED = "E_EVENTS_"
"""Beginning of the codes of articles whose coding failed."""


def did_its_work(summary: RunSummary) -> bool:
    """Return whether a run did what it is for, whatever it rejected on the way.

    A run did not if its feeds gave no item and each gave a reject, or if all that it had to code
    was rejected.
    """
    uncoded = sum(n for reason, n in summary.rejects.items() if reason.startswith(_UNCODED))
    coded_nothing = uncoded >= max(1, summary.articles_new) and not summary.mentions_coded
    read_nothing = (
        0 < summary.feeds <= sum(summary.rejects.values())
        and not summary.articles_new
        and not summary.counters.get("feeds.items", 0)
    )
    return summary.status != "failed" and not coded_nothing and not read_nothing


def write_metrics(summary: RunSummary, lake: str, target: str) -> None:
    """Write the metrics, replacing a file atomically; raises ConfigError if it is not writable.

    Gauges of the last run: `newsbeam_run_` feeds, feeds_left, articles_new, events_new, seconds, ok
    (`did_its_work`), ended_timestamp_seconds, rejects by reason, and counter with all of Beam's
    counters by name. `newsbeam_feeds` counts the lake's feeds by health, `newsbeam_free_bytes` is
    the room on the disks of the lake and of temporary files.
    """
    registry = CollectorRegistry()
    for name, value, text in (
        ("feeds", summary.feeds, "Feeds polled"),
        ("feeds_left", summary.feeds_left, "Feeds that were due and not polled"),
        ("articles_new", summary.articles_new, "New articles"),
        ("events_new", summary.events_new, "New events"),
        ("seconds", summary.seconds, "Length of the run"),
    ):
        Gauge(f"newsbeam_run_{name}", f"{text}, last run", registry=registry).set(value)
    _add_end(registry, lake, is_ok=did_its_work(summary))
    health = Gauge("newsbeam_feeds", "Feeds of the lake by health", ["health"], registry=registry)
    for name, count in summary.feeds_by_health.items():
        health.labels(name).set(count)
    rejects = Gauge(
        "newsbeam_run_rejects", "Rejects by reason, last run", ["reason"], registry=registry
    )
    for reason, count in summary.rejects.items():
        rejects.labels(reason).set(count)
    counters = Gauge(
        "newsbeam_run_counter", "Beam's counters by name, last run", ["name"], registry=registry
    )
    for name, count in summary.counters.items():
        counters.labels(name).set(count)
    _write(registry, target)


def write_metrics_of_failure(lake: str, target: str) -> None:
    """Write the metrics of a run that failed: `newsbeam_run_ok` is 0, what it did is not known."""
    registry = CollectorRegistry()
    _add_end(registry, lake, is_ok=False)
    _write(registry, target)


def _add_end(registry: CollectorRegistry, lake: str, *, is_ok: bool) -> None:
    Gauge(
        "newsbeam_run_ok", "0 if the last run failed or did nothing of its work", registry=registry
    ).set(is_ok)
    Gauge(
        "newsbeam_run_ended_timestamp_seconds", "When the last run ended", registry=registry
    ).set_to_current_time()
    free = Gauge("newsbeam_free_bytes", "Free disk space", ["of"], registry=registry)
    for name, count in free_bytes(lake).items():
        free.labels(name).set(count)


def free_bytes(lake: str) -> dict[str, int]:
    """Return the free space of the disks of temporary files and of the lake, if it is on one."""
    folders = {"temporary": tempfile.gettempdir()}
    if "://" not in lake:
        folders["lake"] = str(existing_folder(lake))
    return {name: shutil.disk_usage(folder).free for name, folder in folders.items()}


def _write(registry: CollectorRegistry, target: str) -> None:
    path = Path(target)
    try:
        # A device or a named pipe must be written to, not replaced.
        if path.exists() and not path.is_file():
            path.write_bytes(generate_latest(registry))
        else:
            write_to_textfile(target, registry)
    except OSError as error:
        raise ConfigError(f"{target} cannot be written: {error.strerror or error}") from error
