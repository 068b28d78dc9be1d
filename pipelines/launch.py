"""Start newsbeam from `--name=value` parameters alone: a Dataflow flex template, Airflow, a
Kubernetes job.

Parameters have the names of the options, with `_` for `-`; `task` is the command; lists such as
`feeds` and `sources` are separated by spaces. Other parameters are options of Beam. With
`--template_location`, which the launcher of a flex template adds, the task becomes the graph of one
Dataflow job; without it, the task runs as the command does.
"""

import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from pipelines.cli import run
from pipelines.cli.parameters import Parameters, parse
from pipelines.ending import end_with
from pipelines.import_path import leave_working_folder
from pipelines.interruption import interruption
from pipelines.terminal import FAILED, OK, PARTIAL, USAGE, say
from transforms.errors import ConfigError, NewsbeamError

_BUCKETS = ("gs://", "s3://")


def local_feeds(names: Iterable[str], folder: Path, beam_args: Sequence[str] = ()) -> Iterator[str]:
    """Yield feed lists, replacing those in buckets by copies in a folder.

    Raises ConfigError for a list that cannot be read.
    """
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
    """Run the task in the arguments and return its exit code.

    A run with rejected inputs returns 0 instead of 3: schedulers such as Kubernetes take any other
    code for a failure and start the run again.
    """
    parameters = parse(args)
    with tempfile.TemporaryDirectory() as folder:
        feeds = tuple(
            ("feeds", name)
            for name in local_feeds(parameters.all("feeds"), Path(folder), parameters.beam)
        )
        parameters = Parameters(
            parameters.task,
            (*(pair for pair in parameters.own if pair[0] != "feeds"), *feeds),
            parameters.beam,
        )
        if any(option.startswith("--template_location=") for option in parameters.beam):
            from pipelines.cli.template import start

            start(parameters)
            return OK
        code = run(parameters.words())
    if code == PARTIAL:
        say("newsbeam: some inputs were rejected; they are in the lake's table `rejects`")
    return OK if code == PARTIAL else code


def main() -> None:
    """Launch and exit."""
    leave_working_folder()
    end_with(lambda: interruption.guard(_code))


def _code() -> int:
    """Launch, report an error, and return the exit code."""
    try:
        return launch(sys.argv[1:])
    except ConfigError as error:
        say(f"newsbeam: {error}", lines=True)
        return USAGE
    except NewsbeamError as error:
        say(f"newsbeam: {error.reason}: {error}")
        return FAILED


if __name__ == "__main__":
    main()
