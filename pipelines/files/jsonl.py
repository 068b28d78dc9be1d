"""Input files and output JSON lines of the commands that work without a lake."""

import gzip
import json
import re
import sys
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from shlex import quote
from typing import Any, TextIO

from pipelines.terminal import json_line, say_left_out, write_plain
from transforms.core.typed_addresses import typed_address
from transforms.core.urls import UrlError, normalise_url
from transforms.errors import ConfigError, NewsbeamError
from transforms.folders import FolderSearch

MAX_FILE_BYTES = 64 * 1024 * 1024
"""Largest page or feed, unpacked. A judgement: far above any page, and it bounds the memory that a
gzip bomb or a wrong file costs each worker."""
MAX_LINE = 32 * 1024 * 1024
"""Longest JSON line. A longer one is read in pieces, which are then reported as invalid lines: a
file without line breaks does not have to fit into memory."""
STDIN = "-"
ROW_ENDINGS = (".jsonl", ".jsonl.gz", ".ndjson")
_ADDRESSES = ("http://", "https://")
_HTML_START = re.compile(rb"\s*<(!doctype|!--|\?xml|html|head|body)", re.IGNORECASE)
_UNREADABLE = (OSError, EOFError, zlib.error)


@dataclass(frozen=True, slots=True)
class Input:
    """One input: a file, standard input, or an address of the web.

    `name` is its path or address. For standard input and addresses, `content` is set: only the
    parent process can read it, and the workers get it from here. An address that was fetched has
    the address it led to and its content type, or the `error` that `read` raises.
    """

    name: str
    content: bytes | None = None
    final_url: str | None = None
    content_type: str | None = None
    error: NewsbeamError | None = None
    inside: str | None = None
    """Its path within the folder that it was found in, None if it was named itself."""
    is_ambiguous: bool = False
    """Whether another input would have the same id."""

    @property
    def is_address(self) -> bool:
        """Return whether it is to be fetched."""
        return self.name.startswith(_ADDRESSES)

    @property
    def stem(self) -> str:
        """The file's name without `.html`, `.html.gz`, `.txt` and the like; an address whole."""
        if self.is_address:
            return self.name
        name = Path(self.name).name.removesuffix(".gz")
        return "stdin" if self.name == STDIN else Path(name).stem

    @property
    def id(self) -> str:
        """The id of its rows: the stem, after the path of a folder within the one it was found in.

        The whole name if that would be the id of several inputs.
        """
        if self.is_ambiguous:
            return self.name
        return self.stem if self.inside is None else str(Path(self.inside).parent / self.stem)

    def read(self) -> bytes:
        """Return the content, gunzipped.

        Raises ConfigError for a file that cannot be read or is too large, and the error of an
        address that could not be fetched.
        """
        if self.error is not None:
            raise self.error
        if self.content is not None:
            return self.content
        try:
            with (
                gzip.open(self.name) if self.name.endswith(".gz") else open(self.name, "rb") as file
            ):
                return _bounded(file.read, self.name)
        except _UNREADABLE as error:
            raise ConfigError(f"{self.name} cannot be read: {error}") from error


def _bounded(read: Callable[[int], bytes], name: str) -> bytes:
    data = read(MAX_FILE_BYTES + 1)
    if len(data) > MAX_FILE_BYTES:
        raise ConfigError(f"{name} is larger than {MAX_FILE_BYTES // 2**20} MB; split it")
    return data


def find_inputs(
    paths: Sequence[str], endings: tuple[str, ...], *, sniff: bytes = b""
) -> list[Input]:
    """Return the inputs at paths: files, the files with these endings in folders, `-` for stdin,
    and addresses, normalised.

    In a folder, a file without an ending counts too if its first character is in `sniff`; links out
    of it are not followed, and reported. Raises
    ConfigError for a path that does not exist, and if no file is found.
    """
    found: list[Input] = []
    search = FolderSearch()
    for path in paths:
        if path == STDIN:
            found.append(Input(path, _bounded(sys.stdin.buffer.read, path)))
        elif Path(path).is_file():
            found.append(Input(path))
        elif Path(path).is_dir():
            found.extend(files_in(path, endings, sniff=sniff, search=search))
        elif address := address_of(path):
            found.append(Input(address))
        else:
            raise ConfigError(f"{path}: no such file or folder")
    say_left_out(search.skipped)
    if not found:
        raise ConfigError(f"no {' or '.join(endings)} file in {', '.join(paths)}")
    return with_own_ids(found)


def with_own_ids(inputs: Sequence[Input]) -> list[Input]:
    """Return inputs with different ids; one that is given twice has the same id twice."""
    names = {source.name: source.id for source in inputs}
    shared = Counter(names.values())
    return [replace(source, is_ambiguous=shared[source.id] > 1) for source in inputs]


def files_in(
    folder: str,
    endings: tuple[str, ...],
    *,
    sniff: bytes = b"",
    search: FolderSearch | None = None,
) -> list[Input]:
    """Return the files in a folder and below it that `find_inputs` takes.

    Links out of the folder are not followed; `search` keeps what was skipped.
    """
    found = (search or FolderSearch()).files_below(folder)
    return [
        Input(path, inside=str(Path(path).relative_to(folder)))
        for path in found
        if _is_input(Path(path), endings, sniff)
    ]


def address_of(path: str) -> str | None:
    """Return the address that a word of the command line is, with its scheme; None for a path.

    Raises ConfigError for an address that cannot be fetched.
    """
    address = path if path.lower().startswith(_ADDRESSES) else typed_address(path)
    if address is None or Path(path).exists():
        return None
    try:
        return normalise_url(address)
    except UrlError as error:
        raise ConfigError(str(error)) from error


def _is_input(path: Path, endings: tuple[str, ...], sniff: bytes) -> bool:
    if path.name.lower().endswith(endings):
        return True
    if not sniff or path.suffix:
        return False
    with path.open("rb") as file:
        first = file.read(1024).lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    return bool(first) and first in sniff


def read_rows(paths: Sequence[str]) -> Iterator[tuple[str, dict[str, Any] | None]]:
    """Yield the place (file:line) of each JSON line, and its object or None if it is not one.

    Standard input is read line by line, so that results appear while it is being written. Raises
    ConfigError for a page in place of JSON lines.
    """
    for path in paths:
        if address_of(path):
            raise _is_page(path)
        if path == STDIN:
            yield from _objects(path, _capped(sys.stdin.buffer))
            continue
        for source in find_inputs([path], ROW_ENDINGS):
            yield from _objects(source.name, _lines(source))


def _objects(name: str, lines: Iterable[bytes]) -> Iterator[tuple[str, dict[str, Any] | None]]:
    for number, text in enumerate(lines, 1):
        if number == 1 and _HTML_START.match(text):
            raise _is_page(name)
        if text.strip():
            yield f"{name}:{number}", _object(text)


def _is_page(name: str) -> ConfigError:
    return ConfigError(
        f"{name} is a page, not JSON lines; to make them: "
        f"newsbeam extract {quote(name)} -o lines.jsonl"
    )


def _lines(source: Input) -> Iterator[bytes]:
    try:
        with (
            gzip.open(source.name)
            if source.name.endswith(".gz")
            else open(source.name, "rb") as file
        ):
            yield from _capped(file)
    except _UNREADABLE as error:
        raise ConfigError(f"{source.name} cannot be read: {error}") from error


def _capped(file: Any) -> Iterator[bytes]:
    while line := file.readline(MAX_LINE):
        yield line


def _object(text: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def write_rows(rows: Iterable[dict[str, Any]], output: str | None) -> int:
    """Write objects as JSON lines to a file, or to standard output for None and `-`.

    Returns their number.
    """
    count = 0
    with _output(output) as file:
        for row in rows:
            file.write(json_line(row))
            count += 1
    return count


def write_text(text: str, output: str) -> None:
    """Write a text to a file, or to standard output for `-`."""
    with _output(output) as file:
        write_plain(text, file)


def _output(output: str | None) -> AbstractContextManager[TextIO]:
    return nullcontext(sys.stdout) if output in {None, STDIN} else _replacing(str(output))


@contextmanager
def _replacing(output: str) -> Iterator[TextIO]:
    """Write a temporary file and rename it at the end: the file is complete or unchanged."""
    target = Path(output)
    if target.is_dir():
        raise ConfigError(f"{output} is a folder; name a file")
    # A device or a named pipe, such as /dev/stdout, must be written to, not replaced.
    if target.exists() and not target.is_file():
        with target.open("w", encoding="utf8", errors="replace", newline="\n") as file:
            yield file
        return
    beside = target.with_name(f".{target.name}.part")
    try:
        with beside.open("w", encoding="utf8", errors="replace", newline="\n") as file:
            yield file
        beside.replace(target)
    except OSError as error:
        raise ConfigError(f"{output} cannot be written: {error.strerror or error}") from error
    finally:
        beside.unlink(missing_ok=True)
