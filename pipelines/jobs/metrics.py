"""What a run did, for Prometheus: a file for the textfile collector of its node exporter."""

from prometheus_client import CollectorRegistry, Gauge, write_to_textfile

from pipelines.jobs.runner import RunSummary
from transforms.errors import ConfigError


def write_metrics(done: RunSummary, target: str) -> None:
    """Write the run's counts; the file is replaced as a whole. Raises ConfigError where it cannot
    be written.

    Gauges of the last run: `newsbeam_run_` feeds, feeds_left, articles_new, events_new, seconds, ok
    (0: partial), ended_timestamp_seconds, rejects by reason, and counter with all of Beam's
    counters by name.
    """
    registry = CollectorRegistry()
    for name, value, text in (
        ("feeds", done.feeds, "Feeds polled"),
        ("feeds_left", done.feeds_left, "Feeds that were due and not polled"),
        ("articles_new", done.articles_new, "New articles"),
        ("events_new", done.events_new, "New events"),
        ("seconds", done.seconds, "Length of the run"),
        ("ok", done.status == "ok", "1 where nothing was rejected"),
    ):
        Gauge(f"newsbeam_run_{name}", f"{text}, last run", registry=registry).set(value)
    Gauge(
        "newsbeam_run_ended_timestamp_seconds", "When the last run ended", registry=registry
    ).set_to_current_time()
    rejects = Gauge(
        "newsbeam_run_rejects", "Rejects by reason, last run", ["reason"], registry=registry
    )
    for reason, count in done.rejects.items():
        rejects.labels(reason).set(count)
    counters = Gauge(
        "newsbeam_run_counter", "Beam's counters by name, last run", ["name"], registry=registry
    )
    for name, count in done.counters.items():
        counters.labels(name).set(count)
    try:
        write_to_textfile(target, registry)
    except OSError as error:
        raise ConfigError(f"{target} cannot be written: {error.strerror or error}") from error
