"""Start newsbeam from what speaks in `--name=value` alone: a Dataflow flex template, Airflow, a Kubernetes job.

Parameters have the names of the options, with `_` for `-`; `task` is the command; `feeds` and `sources` are lists
parted by blanks. What is no parameter of newsbeam is an option of Beam's. With `--template_location`, which the
launcher of a flex template adds, the task becomes the graph of one Dataflow job; else it is run as the command is.
"""

import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from pipelines.cli.app import run
from pipelines.cli.parameters import VALUES, Parameters, parse
from pipelines.cli.terminal import FAILED, OK, PARTIAL, USAGE, say
from transforms.errors import ConfigError, NewsbeamError

COMMANDS = ("ingest", "stream", "backfill", "rebuild", "replay")
_BUCKETS = ("gs://", "s3://")


def command(given: Parameters) -> list[str]:
    """Return the command line of a task; raise ConfigError where newsbeam has no such command."""
    if given.task not in COMMANDS:
        raise ConfigError(f"task={given.task}: name one of {', '.join(COMMANDS)}")
    words = [given.task, *given.all("sources")]
    words += [
        f"--{name.replace('_', '-')}={item}"
        for name in ("feeds", "allow_net")
        for item in given.all(name)
    ]
    words += [f"--{name.replace('_', '-')}={value}" for name, value in given.own if name in VALUES]
    words += ["--keep-raw"] if given.flag("keep_raw", False) else []
    words += [] if given.flag("revisit", True) else ["--no-revisit"]
    return [*words, *given.beam]


def feeds_here(names: Iterable[str], folder: Path, beam_args: Sequence[str] = ()) -> Iterator[str]:
    """Yield names of feed lists, those in buckets as copies in a folder; raise ConfigError where one cannot be read."""
    from apache_beam.io.filesystems import FileSystems
    from apache_beam.options.pipeline_options import PipelineOptions

    from transforms.archives import open_source
    from transforms.core.feeds.lists import MAX_LIST_BYTES

    FileSystems.set_options(PipelineOptions(list(beam_args)))
    for number, name in enumerate(names):
        if not name.startswith(_BUCKETS):
            yield name
            continue
        copy = folder / f"{number}-{name.rsplit('/', 1)[1]}"
        try:
            with open_source(name) as file:
                copy.write_bytes(file.read(MAX_LIST_BYTES + 1))
        except (OSError, ValueError) as error:
            raise ConfigError(f"cannot read the feed list {name}: {error}") from error
        yield str(copy)


def launch(args: Sequence[str]) -> int:
    """Run what arguments ask for, and return the exit code: 0 also where some inputs were rejected."""
    given = parse(args)
    with tempfile.TemporaryDirectory() as folder:
        feeds = tuple(
            ("feeds", name) for name in feeds_here(given.all("feeds"), Path(folder), given.beam)
        )
        given = Parameters(
            given.task, (*(pair for pair in given.own if pair[0] != "feeds"), *feeds), given.beam
        )
        if any(option.startswith("--template_location=") for option in given.beam):
            from pipelines.jobs.template import start

            start(given)
            return OK
        code = run(command(given))
    if code == PARTIAL:
        say("newsbeam: some inputs were rejected; they are in the lake's table `rejects`")
    return OK if code == PARTIAL else code


def main() -> None:
    """Launch and exit."""
    try:
        code = launch(sys.argv[1:])
    except ConfigError as error:
        say(f"newsbeam: {error}", lines=True)
        code = USAGE
    except NewsbeamError as error:
        say(f"newsbeam: {error.reason}: {error}")
        code = FAILED
    sys.exit(code)


if __name__ == "__main__":
    main()
