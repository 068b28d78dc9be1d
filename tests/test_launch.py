"""What starts newsbeam by parameters: the command line it becomes, and the graph of one job, run on
a small site.
"""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from apache_beam.options.pipeline_options import DebugOptions, GoogleCloudOptions, WorkerOptions

from pipelines import launch as launcher
from pipelines.cli.commands import OptionValues
from pipelines.cli.parameters import parse
from pipelines.cli.template import GRAPHS, start, template_run_options, values_of
from pipelines.jobs.ingest import IngestPlan
from pipelines.jobs.run_options import RunOptions
from pipelines.jobs.runner import run_job
from tests.helpers import web_site as web
from tests.helpers.buckets import BUCKET, environ, s3_at
from tests.helpers.lakes import NETWORK, hashes, rows
from transforms.core.feeds.lists import read_feed_lists
from transforms.errors import ConfigError
from transforms.pool import PoolOptions
from transforms.web import WebOptions

pytestmark = pytest.mark.slow

NOW = datetime(2024, 5, 6, 12, tzinfo=UTC)
FEEDS = ("http://post.test/feed", "http://lost.test/feed")
BODY = (
    "French ministers met Kenyan envoys in Nairobi on Monday to discuss the port that "
    "both countries have argued over "
    "since the spring, officials of both sides said. The talks went on into the night, "
    "and the delegations agreed to "
    "meet again next week in Paris, where a spokesman said that nothing had been signed."
)


def page(title: str) -> web.Answer:
    return web.respond(
        "<html "
        f"lang='en'><head><title>{title}</title></head><body><h1>{title}</h1><p>{BODY}</p></body></html>"
    )


@pytest.fixture(scope="module")
def site() -> Iterator[web.Site]:
    items = "".join(f"<item><link>http://post.test/{n}</link></item>" for n in ("a", "b"))
    routes = {
        "post.test/feed": web.respond(
            f"<rss version='2.0'><channel>{items}</channel></rss>", kind="application/rss+xml"
        ),
        "post.test/a": page("Talks on the harbour"),
        "post.test/b": page("A port in dispute"),
        "/robots.txt": web.status(404),
    }
    with web.serve(routes) as served:
        yield served


def options(site: web.Site, lake: Path, **fields: Any) -> RunOptions:
    values: dict[str, Any] = {
        "lake": str(lake),
        "now": NOW,
        "run_id": "r1",
        "web": WebOptions(connect_to=site.address, spacing_s=0, timeout_s=3),
        "pool": PoolOptions(size=1),
    }
    return RunOptions(**values | fields)


@pytest.fixture(scope="module")
def lake(site: web.Site, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake as `newsbeam ingest` writes it."""
    path = tmp_path_factory.mktemp("launch") / "lake"
    plan = IngestPlan.of_list(read_feed_lists(FEEDS), revisit=False)
    run_job(plan, options(site, path))
    return path


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ("--lake=x --feeds=a.opml", "ingest --lake=x --feeds=a.opml"),
        (
            "--task=ingest --keep_raw=true --revisit=false --lake=x",
            "ingest --keep-raw --no-revisit --lake=x",
        ),
        ("--keep_raw=false --revisit --lake=x", "ingest --no-keep-raw --revisit --lake=x"),
        (
            "--task=backfill --lake=x --sources=a.gz --from=2024-01-01",
            "backfill a.gz --lake=x --from=2024-01-01",
        ),
        (
            "--lake=x --user_agent= --num_workers=3 --no_use_public_ips",
            "ingest --lake=x --num_workers=3 --no_use_public_ips",
        ),
        (
            "--lake=x --labels=airflow-version=v3 --run_id=r",
            "ingest --lake=x --run-id=r --labels=airflow-version=v3",
        ),
    ],
)
def test_parameters_become_the_command_line(args: str, words: str) -> None:
    assert parse(args.split()).words() == words.split()


def test_lists_are_parted_by_blanks_or_named_again() -> None:
    given = parse(["--feeds=a.opml  https://b.test/feed,1", "--feeds=c.toml"])
    assert given.all("feeds") == ("a.opml", "https://b.test/feed,1", "c.toml")


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["feeds.opml"], "--name=value"),
        (["--task=demo"], "name one of ingest"),
        (["--keep_raw=perhaps"], "true or false"),
    ],
)
def test_what_cannot_be_meant_is_refused(args: list[str], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        parse(args).words()


def test_a_task_is_run_as_its_command(lake: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(lake, tmp_path / "lake")
    assert (
        launcher.launch(
            ["--task=rebuild", f"--lake={copy}", "--stage=events", "--run_id=b1", "--to=2000-01-01"]
        )
        == 0
    )
    assert {r["run_id"]: r["kind"] for r in rows(copy, "runs")} == {
        "r1": "scheduled",
        "b1": "rebuild",
    }
    assert launcher.launch(["--task=rebuild", f"--lake={copy}", "--stage=nothing"]) == 2


def test_a_partial_run_launches_well(monkeypatch: pytest.MonkeyPatch) -> None:
    for code, launched in ((0, 0), (1, 1), (2, 2), (3, 0), (4, 4)):
        monkeypatch.setattr("pipelines.launch.run", lambda words, code=code: code)
        assert launcher.launch(["--lake=x"]) == launched


def test_one_job_writes_the_lake_that_ingest_writes(
    site: web.Site, lake: Path, tmp_path: Path
) -> None:
    values = OptionValues({"feeds": FEEDS})
    GRAPHS["ingest"](values, options(site, tmp_path)).run().wait_until_finish()
    assert hashes(tmp_path, NETWORK) == hashes(lake, NETWORK)
    (one,), (several,) = rows(tmp_path, "runs"), rows(lake, "runs")
    names = ("run_id", "kind", "status", "feeds", "articles_new", "articles_rejected", "events_new")
    assert {n: one[n] for n in names} == {n: several[n] for n in names}
    assert (one["status"], one["articles_new"]) == ("partial", 2)


def test_one_job_revisits_articles_that_are_due(site: web.Site, lake: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(lake, tmp_path / "lake")
    later = options(site, copy, now=NOW + timedelta(hours=7), run_id="r2")
    GRAPHS["revisit"](OptionValues({}), later).run().wait_until_finish()
    assert {r["run_id"]: r["status"] for r in rows(copy, "runs")} == {"r1": "partial", "r2": "ok"}
    revisited = [
        f["url"] for f in rows(copy, "fetches") if f["run_id"] == "r2" and f["kind"] == "article"
    ]
    assert sorted(revisited) == ["http://post.test/a", "http://post.test/b"]


def test_a_template_starts_no_task_of_several_jobs() -> None:
    with pytest.raises(ConfigError, match="several jobs"):
        start(parse(["--task=backfill", "--lake=gs://b/lake", "--template_location=gs://b/t"]))


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ("--lake=x --sites=a.test", "no parameter sites"),
        ("--feeds=x", "lake is missing"),
        ("--lake=x --spacing=fast", "a number"),
        ("--lake=x --deadline=-1", "at least 0"),
    ],
)
def test_a_template_refuses_what_it_does_not_have(args: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        template_run_options(values_of(parse(args.split())))


def test_a_template_has_options_for_the_workers(capfd: pytest.CaptureFixture[str]) -> None:
    given = parse(
        [
            "--lake=gs://lakes/lake",
            "--workers=4",
            "--keep_raw=true",
            "--project=a-project",
            "--region=europe-west3",
            "--max_num_workers=7",
            "--machine_type=e2-standard-4",
            "--disk_size_gb=50",
            "--number_of_worker_harness_threads=8",
            "--service_account_email=w@a.iam.gserviceaccount.com",
            "--template_location=gs://temp/t",
            "--of_a_newer_launcher=1",
        ]
    )
    made = template_run_options(values_of(given))
    assert (made.runner, made.pool.size, made.keep_raw) == ("DataflowRunner", 4, True)
    beam = made.beam_options()
    workers, cloud = beam.view_as(WorkerOptions), beam.view_as(GoogleCloudOptions)
    assert (workers.max_num_workers, workers.machine_type, workers.disk_size_gb) == (
        7,
        "e2-standard-4",
        50,
    )
    assert (cloud.region, cloud.service_account_email) == (
        "europe-west3",
        "w@a.iam.gserviceaccount.com",
    )
    assert beam.view_as(DebugOptions).number_of_worker_harness_threads == 8
    assert "dropped --of_a_newer_launcher" in capfd.readouterr().err


def test_feed_lists_come_out_of_buckets(s3: dict[str, str], tmp_path: Path) -> None:
    with environ({"AWS_ENDPOINT_URL": s3["AWS_ENDPOINT_URL_S3"]}):
        s3_at("").client.put_object(
            Bucket=BUCKET,
            Key="lists/feeds.toml",
            Body=b'[[feed]]\nurl = "http://a.test/rss"\ncountry = "GBR"\n',
        )
        (name,) = launcher.local_feeds([f"s3://{BUCKET}/lists/feeds.toml"], tmp_path)
        (feed,) = read_feed_lists([name]).feeds
        assert (feed.feed_url, feed.country) == ("http://a.test/rss", "GBR")
        with pytest.raises(ConfigError, match=r"cannot read the feed list s3://.*gone\.toml"):
            list(launcher.local_feeds([f"s3://{BUCKET}/gone.toml"], tmp_path))


def test_links_and_files_stay_as_they_are(tmp_path: Path) -> None:
    names = ["https://a.test/rss", "/etc/feeds.opml"]
    assert list(launcher.local_feeds(names, tmp_path)) == names
