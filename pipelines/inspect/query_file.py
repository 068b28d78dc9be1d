"""The file that a query's rows are written to: its format, and how it is replaced."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipelines.inspect.query_formats import CSV, FILE_FORMATS, JSON_LINES
from transforms.errors import ConfigError

_BY_OPTION = {"csv": CSV, "json": JSON_LINES}


def copy_options(output: str, format_name: str) -> str:
    """Return the options of COPY for a file: by its ending, else by --csv or --json.

    Raise ConfigError if neither names a format.
    """
    ending = Path(output).suffix.lower()
    options = FILE_FORMATS.get(ending) or _BY_OPTION.get(format_name)
    if options is None:
        endings = ", ".join(FILE_FORMATS)
        raise ConfigError(
            f"{output}: the ending of the file names its format; it is one of {endings}"
        )
    if format_name in _BY_OPTION and not options.startswith(f"FORMAT {format_name}"):
        raise ConfigError(f"{output} is no {format_name} by its ending; leave out --{format_name}")
    return options


@contextmanager
def replaced_file(output: str, lake: str) -> Iterator[Path]:
    """Yield the path to write; at the end of the block, that file replaces `output`.

    If the block fails, `output` stays as it was. Raise ConfigError if it cannot be written, or lies
    in the lake.
    """
    target = Path(output)
    _check_target(target, lake)
    # A device or a named pipe, such as /dev/stdout, must be written to, not replaced.
    is_file = target.is_file() or not target.exists()
    beside = target.parent if is_file else None
    try:
        with tempfile.TemporaryDirectory(prefix=".newsbeam-", dir=beside) as folder:
            path = Path(folder).resolve() / f"rows{target.suffix}"
            yield path
            if is_file:
                path.replace(target)
            else:
                _copy_into(path, target)
    except OSError as error:
        raise ConfigError(f"{output} cannot be written: {error.strerror or error}") from error


def _check_target(target: Path, lake: str) -> None:
    if target.is_dir():
        raise ConfigError(f"{target} is a folder; name a file")
    if not target.parent.is_dir():
        raise ConfigError(f"{target} cannot be written: there is no folder {target.parent}")
    if target.resolve().is_relative_to(Path(lake).resolve()):
        raise ConfigError(f"{target} is in the lake, which only newsbeam writes; name another file")


def _copy_into(path: Path, target: Path) -> None:
    with path.open("rb") as rows, target.open("wb") as out:
        if os.isatty(out.fileno()):
            raise ConfigError(f"{target} is a terminal; without -o, rows are shown on it")
        shutil.copyfileobj(rows, out)
