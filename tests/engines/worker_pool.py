"""Beam's pool of SDK workers for `--environment_type=EXTERNAL`, on loopback alone; Beam's own
listens on all addresses.

    python -m tests.engines.worker_pool PORT

For each worker that an engine asks for, it starts a process.
"""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import grpc
from apache_beam.portability.api import beam_fn_api_pb2_grpc
from apache_beam.runners.worker.worker_pool_main import BeamFnExternalWorkerPoolServicer

from tests.engines.common import ROOT
from tests.engines.flink_cluster import HOST, free_port


@contextmanager
def worker_pool(log: Path) -> Iterator[str]:
    """Run a pool while the block lasts, and give its address; its workers end with it."""
    port = free_port()
    command = [sys.executable, "-m", "tests.engines.worker_pool", str(port)]
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    with log.open("wb") as file:
        pool = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=file, stderr=file, start_new_session=True,
            env=os.environ | {"PATH": path},
        )  # fmt: skip
    try:
        yield f"{HOST}:{port}"
    finally:
        os.killpg(pool.pid, signal.SIGKILL)
        pool.wait()


def serve(port: int) -> None:
    """Serve until the process ends."""
    server = grpc.server(ThreadPoolExecutor(max_workers=4))
    pool = BeamFnExternalWorkerPoolServicer(use_process=True)
    beam_fn_api_pb2_grpc.add_BeamFnExternalWorkerPoolServicer_to_server(pool, server)
    server.add_insecure_port(f"{HOST}:{port}")
    server.start()
    threading.Event().wait()


if __name__ == "__main__":
    serve(int(sys.argv[1]))
