"""List and read the lines of a file, for formats with one page a line."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import BinaryIO

from transforms.core.archives.page_refs import Damage, PageRef, Place

# Extraction reads pages of up to 10 MB; as a JSON string with `\u` escapes one can be three times
# as long, and a longer line would only cost memory.
MAX_LINE_BYTES = 32 * 2**20


def list_lines(
    file: BinaryIO, name: str, start: Place, *, is_seekable: bool
) -> Iterator[PageRef | Damage]:
    """Yield the place of each line that is not blank, from a place on; too long a line is damage.

    If a file is not seekable, places count its lines, and all of it is listed.
    """
    offset = start.offset if is_seekable else 0
    if is_seekable:
        file.seek(offset)
    number = 0
    try:
        for length, line in _lines(file):
            if line is None:
                yield _too_long(name, offset)
            elif line.strip():
                place = Place(offset) if is_seekable else Place(0, number)
                yield PageRef(place, "", None, length)
            offset += length
            number += 1
    except (OSError, EOFError, ValueError) as error:
        yield Damage(
            "E_ARCHIVE_DAMAGED", f"{name}: reading broke off in line {number + 1} ({error})"
        )


def read_lines(file: BinaryIO, places: Sequence[Place]) -> Iterator[tuple[Place, bytes]]:
    """Yield the lines at these places, in their order."""
    number = 0
    for at in places:
        if not at.skip:
            file.seek(at.offset)
            number = 0
        _skip_lines(file, at.skip - number)
        number = at.skip + 1
        yield at, file.readline(MAX_LINE_BYTES)


def _skip_lines(file: BinaryIO, count: int) -> None:
    for _ in islice(_lines(file), count):
        pass


def _lines(file: BinaryIO) -> Iterator[tuple[int, bytes | None]]:
    """Yield the length of each line in bytes, and the line; None if it is too long."""
    while line := file.readline(MAX_LINE_BYTES):
        length = len(line) + _rest_of_line(file, line)
        yield length, line if length < MAX_LINE_BYTES else None


def _rest_of_line(file: BinaryIO, start: bytes) -> int:
    """Skip the rest of a line that was read in part, and return the length of the rest."""
    length = 0
    while start and not start.endswith(b"\n"):
        start = file.readline(MAX_LINE_BYTES)
        length += len(start)
    return length


def _too_long(name: str, offset: int) -> Damage:
    return Damage(
        "E_ARCHIVE_TOO_LARGE",
        f"{name}: a line of over {MAX_LINE_BYTES} bytes, at byte {offset}",
    )
