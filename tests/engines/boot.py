"""Beam's boot program for `--environment_type=PROCESS`: it asks the engine what to do, and becomes
an SDK worker.

    python -m tests.engines.boot --id=ID --provision_endpoint=HOST:PORT

It does what Beam's container does, but takes the Python that it runs in as it is, and stages
nothing.
"""

import argparse
import json
import os
import sys
from pathlib import Path
from shlex import quote
from typing import Any

import grpc
from apache_beam.portability.api import beam_provision_api_pb2 as api
from apache_beam.portability.api import beam_provision_api_pb2_grpc as service
from google.protobuf import json_format, text_format

from tests.engines.common import ROOT

_WAIT_S = 60
_WORKER = "apache_beam.runners.worker.sdk_worker_main"


def process_options(folder: Path) -> tuple[str, ...]:
    """Return Beam's options for workers that the engine starts as processes of this machine."""
    path = folder / "boot.sh"
    path.write_text(
        f"#!/bin/sh\ncd {quote(str(ROOT))} && exec {quote(sys.executable)} -m "
        'tests.engines.boot "$@"\n'
    )
    path.chmod(0o755)
    config = {"command": str(path), "env": {"SEMI_PERSISTENT_DIRECTORY": str(folder)}}
    return "--environment_type=PROCESS", "--environment_config=" + json.dumps(config)


def environment(worker: str, provision: str) -> dict[str, str]:
    """Return the environment variables that configure an SDK worker."""
    channel = grpc.insecure_channel(provision)
    request = api.GetProvisionInfoRequest()
    info = service.ProvisionServiceStub(channel).GetProvisionInfo(
        request, metadata=[("worker_id", worker)], timeout=_WAIT_S, wait_for_ready=True
    ).info  # fmt: skip
    return {
        "WORKER_ID": worker,
        "PIPELINE_OPTIONS": json_format.MessageToJson(info.pipeline_options),
        "RUNNER_CAPABILITIES": " ".join(info.runner_capabilities),
        "LOGGING_API_SERVICE_DESCRIPTOR": _text(info.logging_endpoint),
        "CONTROL_API_SERVICE_DESCRIPTOR": _text(info.control_endpoint),
    }


def _text(endpoint: Any) -> str:
    return str(text_format.MessageToString(endpoint))


def main() -> None:
    """Become a worker."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--id", required=True, help="the worker's name; Prism puts quotes around it"
    )
    parser.add_argument("--provision_endpoint", required=True)
    given, _ = parser.parse_known_args()
    variables = environment(given.id.strip("'"), given.provision_endpoint)
    os.execve(sys.executable, [sys.executable, "-m", _WORKER], os.environ | variables)  # noqa: S606


if __name__ == "__main__":
    main()
