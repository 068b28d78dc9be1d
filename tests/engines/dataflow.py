"""How far newsbeam on Dataflow can be proven without Dataflow: the job as it would be sent, looked
at and taken apart.

    python -m tests.engines.dataflow        # needs the extra `gcp`; sends nothing

The graph is translated as Beam does before it sends it, the worker pool is made of the options, and
each function is unpickled in a process of its own, as a worker does. Staging, start, and run of a
job are not seen here.
"""

import importlib.util
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.cli.parameters import parse
from pipelines.cli.template import GRAPHS, template_run_options, values_of
from tests.engines.common import NOT_TO_BE_HAD, SAME, say

ROOT = Path(__file__).parents[2]
IMAGE = "europe-west3-docker.pkg.dev/a-project/newsbeam/newsbeam:0.1.0"
TEMPLATE = (
    "--runner=DataflowRunner",
    "--dry_run=true",
    "--project=a-project",
    "--region=europe-west3",
    "--job_name=newsbeam-ingest",
    "--temp_location=gs://a-project-temp/temp",
    "--staging_location=gs://a-project-temp/staging",
    "--service_account_email=newsbeam-worker@a-project.iam.gserviceaccount.com",
    f"--sdk_container_image={IMAGE}",
    "--machine_type=e2-standard-4",
    "--num_workers=1",
    "--max_num_workers=4",
    "--autoscaling_algorithm=THROUGHPUT_BASED",
    "--disk_size_gb=50",
    "--subnetwork=regions/europe-west3/subnetworks/default",
    "--no_use_public_ips",
    "--number_of_worker_harness_threads=8",
    "--experiments=no_use_multiple_sdk_containers",
)
_FEEDS = ["--feeds=https://www.example.org/rss.xml"]
_UNPICKLE = """
import sys
from apache_beam.internal import pickler
for line in sys.stdin:
    pickler.loads(bytes.fromhex(line))
"""


@dataclass(frozen=True)
class Job:
    """A job as it would be sent: Dataflow's own description of the workers, and the graph."""

    environment: Any
    graph: Any
    type: str
    """Batch or streaming, as Dataflow names it."""

    def labels(self) -> set[str]:
        """Return the names of the steps."""
        return {t.unique_name for t in self.graph.components.transforms.values()}

    def images(self) -> set[str]:
        """Return the images that steps run in."""
        from apache_beam.portability.api import beam_runner_api_pb2 as api

        used = {
            t.environment_id for t in self.graph.components.transforms.values() if t.environment_id
        }
        payloads = [self.graph.components.environments[name].payload for name in used]
        return {api.DockerPayload.FromString(payload).container_image for payload in payloads}

    def functions(self) -> list[bytes]:
        """Return the pickled functions of the steps."""
        from apache_beam.portability import python_urns
        from apache_beam.portability.api import beam_runner_api_pb2 as api

        steps = (t.spec for t in self.graph.components.transforms.values())
        does = [
            api.ParDoPayload.FromString(s.payload).do_fn
            for s in steps
            if s.urn == "beam:transform:pardo:v1"
        ]
        return [one.payload for one in does if one.urn == python_urns.PICKLED_DOFN_INFO]


def translate(task: str, *args: str) -> Job:
    """Return the job of a task, as `deploy/flex-template/main.py` makes it of its parameters."""
    from apache_beam.runners.dataflow.internal import apiclient

    given = values_of(parse([f"--task={task}", *args, *TEMPLATE]))
    pipeline = GRAPHS[task](given, template_run_options(given))
    job: Any = getattr(pipeline.run(), "job")  # noqa: B009 - only a dry run has it
    environment = apiclient.Environment(
        packages=[],
        options=job.options,
        environment_version="8",
        proto_pipeline_staged_url="gs://a-project-temp/staging/pipeline.pb",
        proto_pipeline=job.proto_pipeline,
    )
    return Job(environment.proto, job.proto_pipeline, job.proto.type_.name)


def unpickle(functions: list[bytes]) -> None:
    """Load functions in a fresh process, which knows nothing of this one's `__main__`.

    Raise where one cannot be.
    """
    lines = "\n".join(one.hex() for one in functions)
    subprocess.run([sys.executable, "-c", _UNPICKLE], input=lines, text=True, check=True, cwd=ROOT)


def main() -> int:
    """Translate all tasks, print what they are, and return the exit code."""
    if importlib.util.find_spec("apitools") is None:
        say(
            "not to be had: the extra `gcp` is not installed; pip install -r requirements-cloud.txt"
        )
        return NOT_TO_BE_HAD
    with tempfile.TemporaryDirectory() as folder:
        for task, more in (("ingest", _FEEDS), ("stream", _FEEDS), ("revisit", [])):
            job = translate(task, f"--lake={folder}/lake", "--workers=4", *more)
            functions = job.functions()
            unpickle(functions)
            (pool,) = job.environment.worker_pools
            sys.stdout.write(
                f"{task}, {job.type}: {len(job.labels())} steps, {len(functions)} "
                "functions unpickled, "
                f"{job.graph.ByteSize()} bytes, "
                f"{pool.machine_type}, up to {pool.autoscaling_settings.max_num_workers} "
                "workers of "
                f"{pool.num_threads_per_worker} threads, image {', '.join(job.images())}\n"
            )
    return SAME


if __name__ == "__main__":
    sys.exit(main())
