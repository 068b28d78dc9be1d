"""Metrics of a run, as a file for the textfile collector of Prometheus's node exporter."""

from prometheus_client import CollectorRegistry, Gauge, write_to_textfile

from pipelines.jobs.runner import RunSummary
from transforms.errors import ConfigError


def write_metrics(summary: RunSummary, target: str) -> None:
    """Write the metrics, replacing the file atomically; raises ConfigError if it is not writable.

    Gauges of the last run: `newsbeam_run_` feeds, feeds_left, articles_new, events_new, seconds, ok
    (0: partial), ended_timestamp_seconds, rejects by reason, and counter with all of Beam's
    counters by name. `newsbeam_feeds` counts the lake's feeds by health.
    """
    registry = CollectorRegistry()
    for name, value, text in (
        ("feeds", summary.feeds, "Feeds polled"),
        ("feeds_left", summary.feeds_left, "Feeds that were due and not polled"),
        ("articles_new", summary.articles_new, "New articles"),
        ("events_new", summary.events_new, "New events"),
        ("seconds", summary.seconds, "Length of the run"),
        ("ok", summary.status == "ok", "1 if nothing was rejected"),
    ):
        Gauge(f"newsbeam_run_{name}", f"{text}, last run", registry=registry).set(value)
    Gauge(
        "newsbeam_run_ended_timestamp_seconds", "When the last run ended", registry=registry
    ).set_to_current_time()
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
    try:
        write_to_textfile(target, registry)
    except OSError as error:
        raise ConfigError(f"{target} cannot be written: {error.strerror or error}") from error
