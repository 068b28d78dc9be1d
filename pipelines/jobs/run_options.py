"""The options of a run: its lake, id and clock, the engine, the network, the process pool."""

import argparse
import hashlib
import json
import secrets
import shutil
import time
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NoReturn

import apache_beam as beam
from apache_beam.options.pipeline_options import (
    PipelineOptions,
    PortableOptions,
    PrismRunnerOptions,
    StandardOptions,
)
from apache_beam.runners.portability.fn_api_runner.fn_runner import FnApiRunner
from apache_beam.runners.runner import PipelineRunner, create_runner

from pipelines import __version__
from pipelines.nearest import did_you_mean
from transforms.clock import RunClock
from transforms.core.code_version import code_hash
from transforms.errors import ConfigError
from transforms.pool import PoolOptions
from transforms.records import RunContext
from transforms.web import WebOptions

LOCAL_RUNNERS = frozenset({"DirectRunner", "FnApiRunner"})
_FLINK_OPTIONS = (
    "checkpointing_interval",
    "number_of_execution_retries",
    "execution_retry_delay",
    "state_backend",
    "state_backend_storage_path",
    "savepoint_path",
    "allow_non_restored_state",
)


class FlinkOptions(PipelineOptions):
    """Options of the Flink job server that Beam declares only in Java."""

    @classmethod
    def _add_argparse_args(cls, parser: argparse.ArgumentParser) -> None:
        for name in _FLINK_OPTIONS:
            parser.add_argument(f"--{name}")


@dataclass(frozen=True, kw_only=True)
class RunOptions:
    """Options that all jobs have in common."""

    lake: str
    now: datetime
    run_id: str
    web: WebOptions = field(default_factory=WebOptions)
    pool: PoolOptions = field(default_factory=PoolOptions)
    keep_raw: bool = False
    """Keep pages as they were fetched, as WARC beside the tables."""
    window_s: int = 0
    """Seconds of a stream's windows; 0 for a bounded run."""
    skip_if_running: bool = False
    """Raise RunningError at once if another run asks publishers for this lake, instead of waiting
    for its end."""
    runner: str = "DirectRunner"
    beam_args: tuple[str, ...] = ()
    started: float = field(default_factory=time.time)

    @property
    def clock(self) -> RunClock:
        """The run's id and clock for stages; in a stream, each window is a run."""
        return RunClock(self.run_id, self.now, self.window_s)

    def context(self, kind: str, config: object) -> RunContext:
        """Return the run as the lake records it; `config` is that of the plan."""
        text = json.dumps(config, sort_keys=True, default=str)
        return RunContext(
            run_id=self.run_id,
            kind=kind,
            now=self.now,
            runner="FnApiRunner" if self.runner in LOCAL_RUNNERS else self.runner,
            pipeline_version=f"{__version__}+{code_hash()}",
            config_sha256=hashlib.sha256(text.encode()).hexdigest(),
        )

    def make_runner(self) -> PipelineRunner:
        """Return Beam's runner.

        DirectRunner means FnApiRunner here: Beam would choose one by graph and machine.
        """
        if self.runner in LOCAL_RUNNERS:
            return FnApiRunner()
        try:
            return create_runner(self.runner)
        except (ValueError, ImportError, AttributeError, TypeError) as error:
            raise ConfigError(f"{self.runner!r} is not a Beam runner: {error}") from error

    def pipeline(self) -> beam.Pipeline:
        """Return an empty pipeline on the run's engine.

        Raises ConfigError if the engine lacks an option.
        """
        try:
            return beam.Pipeline(runner=self.make_runner(), options=self.beam_options())
        except ValueError as error:
            problems = " ".join(str(error).split())
            raise ConfigError(f"{self.runner}: {problems}") from error

    def beam_options(self) -> PipelineOptions:
        """Return Beam's own options; raises ConfigError if Prism's binary is missing."""
        options = PipelineOptions(list(self.beam_args), save_main_session=False)
        if self.window_s:
            options.view_as(StandardOptions).streaming = True
        if self.runner.lower() in {"prismrunner", "prism"}:
            prism = options.view_as(PrismRunnerOptions)
            prism.prism_location = _prism(prism.prism_location)
            # Prism ends a job that runs longer than this timeout, 300 s by default.
            options.view_as(PortableOptions).job_server_timeout = None
        return options


def new_run_id(now: datetime) -> str:
    """Return an id for a run without --run-id: its time and a random suffix."""
    return f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"


def _prism(location: str | None) -> str:
    """Return the path of Prism's binary, which Beam would otherwise download unverified."""
    found = shutil.which(location or "prism")
    if found is None:
        raise ConfigError(
            f"{location or 'prism'} was not found; build it with `go install "
            f"github.com/apache/beam/sdks/v2/go/cmd/prism@v{beam.__version__}` and name "
            "it: --prism_location=FILE"
        )
    return found


def split_beam_args(
    args: Sequence[str], own: Collection[str] = ()
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return Beam's options and the other arguments; raises ConfigError for unknown options.

    `own` are newsbeam's options: the nearest of these and of Beam's is named for an unknown one.
    """
    parser = _Parser(add_help=False, allow_abbrev=False, conflict_handler="resolve")
    for kind in _option_classes(PipelineOptions):
        add = getattr(kind, "_add_argparse_args", None)
        if add is not None:
            add(parser)
    # Beam has a --dry_run too, which does something else.
    for arg in args:
        if arg not in own and arg.replace("_", "-") in own:
            raise _no_such_option(arg, own)
    rest = parser.parse_known_args(list(args))[1]
    for arg in rest:
        if arg.startswith("-"):
            raise _no_such_option(arg.partition("=")[0], own)
    left = Counter(args) - Counter(rest)
    return tuple(a for a in args if left[a]), tuple(rest)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Raise ConfigError: argparse would print all of Beam's options."""
        raise ConfigError(f"an option of Beam: {message}")


def _no_such_option(name: str, own: Collection[str]) -> ConfigError:
    beams = {f"--{option}" for option in PipelineOptions([]).get_all_options()}
    known = {*own, *(option for option in beams if option.replace("_", "-") not in own)}
    hint = did_you_mean(name, known) or "; see --help, and the options of Beam"
    return ConfigError(f"no such option: {name}{hint}")


def _option_classes(kind: type[PipelineOptions]) -> Iterator[type[PipelineOptions]]:
    sub: type[PipelineOptions]
    for sub in kind.__subclasses__():
        yield sub
        yield from _option_classes(sub)
