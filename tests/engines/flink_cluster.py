"""A real Flink cluster on loopback: a job manager and task managers as processes of this machine.

What it is made of comes from the package index (Flink) and from Maven (Beam's job server), into a
folder that is kept. It is set up with deploy/flink/config.yaml, so that what is deployed is what
runs here.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from socket import socket
from typing import Any

import yaml  # type: ignore[import-untyped]

from tests.engines.common import ROOT, NotToBeHadError, say

CACHE = Path("~/.cache/newsbeam-engines").expanduser()
FLINK = "1.19.3"
JOB_SERVER = f"org.apache.beam:beam-runners-flink-1.19-job-server:{version('apache-beam')}"
HOST = "127.0.0.1"
SLOTS = 2
"""Of each task manager."""
_SETTINGS = ROOT / "deploy" / "flink" / "config.yaml"
_JOB_MANAGER = "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint"
_TASK_MANAGER = "org.apache.flink.runtime.taskexecutor.TaskManagerRunner"
_LOGGING = """
rootLogger.level = INFO
rootLogger.appenderRef.out.ref = Out
appender.out.name = Out
appender.out.type = CONSOLE
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = %d{HH:mm:ss} %-5p %c{1} - %m%n
"""


def get_flink(cache: Path = CACHE) -> Path:
    """Return the folder of Flink's jars, fetched once by pip.

    Raise NotToBeHadError where it cannot be had.
    """
    home = cache / f"flink-{FLINK}"
    if not home.exists():
        _java()
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as folder:
            say(f"fetching Flink {FLINK}, some 230 MB")
            source = f"apache-flink-libraries=={FLINK}"
            _fetch(
                sys.executable,
                "-m",
                "pip",
                "download",
                "--no-deps",
                "--no-binary=:all:",
                "--dest",
                folder,
                source,
            )
            (packed,) = Path(folder).glob("*.tar.gz")
            with tarfile.open(packed) as file:
                file.extractall(folder, filter="data")
            shutil.move(str(packed).removesuffix(".tar.gz") + "/deps", home)
    return home


def get_job_server(cache: Path = CACHE) -> Path:
    """Return Beam's job server for Flink, fetched once by Maven.

    Raise NotToBeHadError where it cannot be had.
    """
    _, name, number = JOB_SERVER.split(":")
    jar = cache / f"{name}-{number}.jar"
    if not jar.exists():
        _java()
        cache.mkdir(parents=True, exist_ok=True)
        _fetch(
            "mvn", "-q", "-B", "dependency:get", "-Dtransitive=false", f"-Dartifact={JOB_SERVER}"
        )
        _fetch(
            "mvn",
            "-q",
            "-B",
            "dependency:copy",
            f"-Dartifact={JOB_SERVER}",
            f"-DoutputDirectory={cache}",
        )
    return jar


def _java() -> str:
    found = shutil.which("java")
    if found is None:
        raise NotToBeHadError("Flink needs Java, and there is none on PATH")
    return found


def _fetch(*command: str) -> None:
    if shutil.which(command[0]) is None:
        raise NotToBeHadError(f"{command[0]} is not on PATH")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        output = re.sub(r"\x1b\[[0-9;]*m", "", done.stdout + done.stderr)
        words = [line for line in output.splitlines() if "error" in line.lower()] or [
            "no reason given"
        ]
        raise NotToBeHadError(f"{' '.join(command)}: {words[0].strip()}")


def free_port() -> int:
    """Return a port of loopback that nobody has."""
    with socket() as one:
        one.bind((HOST, 0))
        port: int = one.getsockname()[1]
        return port


@dataclass
class Cluster:
    """A running cluster: its processes, and what its job manager tells over REST."""

    home: Path
    folder: Path
    """Of logs, configuration, checkpoints and savepoints."""
    port: int
    managers: list[subprocess.Popen[bytes]] = field(default_factory=list)
    """The task managers that run, in the order of their start."""
    _started: int = 0

    @property
    def master(self) -> str:
        """The address for `--flink_master`."""
        return f"{HOST}:{self.port}"

    @property
    def savepoints(self) -> Path:
        """The folder for savepoints."""
        return self.folder / "savepoints"

    def ask(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Return what the job manager answers; with a body the question is a POST."""
        data = None if body is None else json.dumps(body).encode()
        requested = urllib.request.Request(
            f"http://{self.master}{path}", data, {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(requested, timeout=10) as answer:  # noqa: S310 - loopback
            return json.loads(answer.read() or b"{}")

    def add_task_manager(self) -> None:
        """Start one more."""
        self._started += 1
        self.managers.append(
            self.start(_TASK_MANAGER, f"task-manager-{self._started}", "--configDir", self._conf)
        )

    def kill_task_manager(self, number: int = 0) -> None:
        """Kill one as a machine dies: at once, with no word to anybody."""
        killed = self.managers.pop(number)
        killed.kill()
        killed.wait()

    def start(self, main: str, name: str, *args: str) -> subprocess.Popen[bytes]:
        """Start a program of Flink's as a process with a log of its name."""
        flags = yaml.safe_load(_SETTINGS.read_text())["env"]["java"]["opts"]["all"].split()
        logging = f"-Dlog4j.configurationFile={self._conf}/log4j.properties"
        command = [_java(), "-Xmx512m", *flags, logging, "-cp", f"{self.home}/lib/*", main, *args]
        with (self.folder / f"{name}.log").open("wb") as log:
            return subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                env=os.environ | {"FLINK_CONF_DIR": self._conf},
            )  # fmt: skip

    def slots(self) -> int:
        """Return how many slots there are; 0 also while the job manager starts."""
        with suppress(OSError):
            return int(self.ask("/overview")["slots-total"])
        return 0

    def is_whole(self) -> bool:
        """Tell whether all task managers have come; raise RuntimeError where one has ended."""
        ended = [one for one in self.managers if one.poll() is not None]
        if ended:
            raise RuntimeError(
                f"{len(ended)} task managers ended at their start; see the logs in {self.folder}"
            )
        return self.slots() == len(self.managers) * SLOTS

    def state(self, job: str) -> str:
        """Return the state of a job, such as RUNNING."""
        return str(self.ask(f"/jobs/{job}")["state"])

    def jobs(self) -> dict[str, str]:
        """Return the states of all jobs by their ids."""
        return {one["id"]: one["status"] for one in self.ask("/jobs")["jobs"]}

    def checkpoints(self, job: str) -> int:
        """Return how many checkpoints of a job are complete."""
        return int(self.ask(f"/jobs/{job}/checkpoints")["counts"]["completed"])

    def failures(self, job: str) -> int:
        """Return how often a job failed and began again, or ended so."""
        return len(self.ask(f"/jobs/{job}/exceptions")["exceptionHistory"]["entries"])

    def cancel_with_savepoint(self, job: str) -> str:
        """Cancel a job once its state is saved, and return where."""
        body = {"target-directory": self.savepoints.as_uri(), "cancel-job": True}
        requested = self.ask(f"/jobs/{job}/savepoints", body)["request-id"]
        wait_until(
            lambda: self._saved(job, requested)["status"]["id"] == "COMPLETED", "the savepoint"
        )
        done = self._saved(job, requested)["operation"]
        if "location" not in done:
            raise RuntimeError(f"no savepoint: {done['failure-cause']['stack-trace'][:500]}")
        wait_until(lambda: self.state(job) == "CANCELED", "the end of the job")
        return str(done["location"])

    def _saved(self, job: str, request: str) -> Any:
        return self.ask(f"/jobs/{job}/savepoints/{request}")

    @property
    def _conf(self) -> str:
        return str(self.folder / "conf")


@contextmanager
def running(home: Path, folder: Path, task_managers: int = 2) -> Iterator[Cluster]:
    """Run a cluster while the block lasts.

    Nothing of it is left behind it but what is in the folder.
    """
    cluster = Cluster(home, folder, free_port())
    _configure(cluster)
    with ExitStack() as stack:
        stack.callback(_end, cluster.managers)
        job_manager = cluster.start(
            _JOB_MANAGER, "job-manager", "--configDir", str(folder / "conf")
        )
        stack.callback(_end, [job_manager])
        for _ in range(task_managers):
            cluster.add_task_manager()
        wait_until(cluster.is_whole, "the task managers")
        yield cluster


def _configure(cluster: Cluster) -> None:
    """Write the configuration: what is deployed, and what is of this machine."""
    conf = cluster.folder / "conf"
    conf.mkdir(parents=True)
    settings = yaml.safe_load(_SETTINGS.read_text())
    flat = dict(_flat(settings)) | _here(cluster)
    (conf / "config.yaml").write_text(
        "".join(f"{name}: {json.dumps(value)}\n" for name, value in flat.items())
    )
    (conf / "log4j.properties").write_text(_LOGGING)


def _here(cluster: Cluster) -> dict[str, str | int | float]:
    folder = cluster.folder
    return {
        "jobmanager.rpc.address": HOST,
        "jobmanager.rpc.port": free_port(),
        "jobmanager.bind-host": HOST,
        "rest.address": HOST,
        "rest.bind-address": HOST,
        "rest.port": cluster.port,
        "taskmanager.host": HOST,
        "taskmanager.bind-host": HOST,
        "taskmanager.numberOfTaskSlots": SLOTS,
        "taskmanager.cpu.cores": 1.0,
        "taskmanager.memory.framework.heap.size": "128m",
        "taskmanager.memory.framework.off-heap.size": "64m",
        "taskmanager.memory.task.heap.size": "256m",
        "taskmanager.memory.task.off-heap.size": "0m",
        "taskmanager.memory.network.min": "32m",
        "taskmanager.memory.network.max": "32m",
        "taskmanager.memory.managed.size": "64m",
        "taskmanager.memory.jvm-metaspace.size": "192m",
        "taskmanager.memory.jvm-overhead.min": "64m",
        "taskmanager.memory.jvm-overhead.max": "64m",
        "io.tmp.dirs": str(folder / "tmp"),
        "state.checkpoints.dir": (folder / "checkpoints").as_uri(),
        "state.savepoints.dir": cluster.savepoints.as_uri(),
    }


def _flat(settings: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in settings.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{before}{name}.")
        else:
            yield f"{before}{name}", value


def _end(processes: list[subprocess.Popen[bytes]]) -> None:
    for one in processes:
        with suppress(ProcessLookupError):
            os.killpg(one.pid, signal.SIGKILL)
        one.wait()


def wait_until(true: Callable[[], bool], what: str, timeout_s: float = 120.0) -> None:
    """Wait until something is so; raise TimeoutError where it does not become so."""
    end = time.monotonic() + timeout_s
    while not true():
        if time.monotonic() > end:
            raise TimeoutError(f"waited {timeout_s:.0f} s for {what}")
        time.sleep(0.3)
