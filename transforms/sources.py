"""The files and links that the sources of a backfill name, and the kind of each."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from apache_beam.io.filesystems import FileSystems

from transforms.archives import open_source
from transforms.core.archives.formats.base import HEAD_BYTES
from transforms.core.archives.formats.page_file import PAGE_FILE, mirrored_url
from transforms.core.archives.formats.registry import kinds_by_ending, sniffed
from transforms.core.archives.link_lists.documents import unpack
from transforms.core.archives.link_lists.kinds import LINKS
from transforms.core.typed_addresses import typed_address
from transforms.errors import ConfigError
from transforms.folders import FolderSearch, above_wildcards

UNKNOWN = "unknown"
"""The kind of a file that was named but has no kind that a backfill can read."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file or a link: its path, and the name of its kind.

    `inside` is its path within the folder that was named, `size` is in bytes, 0 for a link.
    """

    path: str
    kind: str
    inside: str
    size: int = 0

    @property
    def is_links(self) -> bool:
        """Return whether it names pages, and does not hold them."""
        return self.kind == LINKS


def find_sources(names: Sequence[str], search: FolderSearch | None = None) -> list[Source]:
    """Return the files and links of names, in order, each once.

    Names are files, folders, globs and links, also without a scheme. Of a folder, files of pages
    are recognised by their ending, and those without one by how they begin; lists of links must be
    named, since their pages are fetched from the web. Links out of a folder are not followed:
    `search` keeps what was skipped. Raises ConfigError for a name without any source.
    """
    search = search or FolderSearch()
    found: dict[str, Source] = {}
    for name in names:
        named = list(_sources_of(name, search)) if name.strip() else []
        if not named:
            raise ConfigError(
                f"{name or 'nothing'}: not a file or folder of pages; "
                "name WARC, HTML, text, JSONL, Parquet or a link"
            )
        for source in named:
            found.setdefault(source.path, source)
    return _distinguished(list(found.values()))


def _distinguished(sources: Sequence[Source]) -> list[Source]:
    """Return the sources; pages with the same path within several folders get the folder's too.

    Their URLs are made of these paths, unless the path names a host.
    """
    times = Counter(source.inside for source in sources if _is_named_by_path(source))
    return [
        replace(source, inside=source.path.lstrip("./"))
        if source.kind == PAGE_FILE.name and times[source.inside] > 1
        else source
        for source in sources
    ]


def _is_named_by_path(source: Source) -> bool:
    return source.kind == PAGE_FILE.name and mirrored_url(source.inside) is None


def _sources_of(name: str, search: FolderSearch) -> Iterator[Source]:
    """Yield the sources of one name."""
    if name.lower().startswith(("http://", "https://")):
        yield Source(name, LINKS, name)
    elif "://" in name:
        yield from _remote(name)
    elif Path(name).is_dir():
        yield from _in_folder(name, search)
    elif Path(name).is_file():
        yield from _local(Path(name), Path(name).name, is_named=True)
    elif files := list(_of_glob(name, search)):
        yield from files
    elif address := typed_address(name):
        yield Source(address, LINKS, address)


def _in_folder(folder: str, search: FolderSearch) -> Iterator[Source]:
    for path in search.files_below(folder):
        yield from _local(Path(path), Path(path).relative_to(folder).as_posix(), is_named=False)


def _of_glob(pattern: str, search: FolderSearch) -> Iterator[Source]:
    folder = above_wildcards(pattern)
    for name in search.files_of_glob(pattern):
        yield from _local(Path(name), name.removeprefix(folder), is_named=True)


def _local(path: Path, inside: str, *, is_named: bool) -> Iterator[Source]:
    """Yield the file with its kind; nothing for one of no kind that was not named."""
    kind = _kind(str(path), is_named=is_named)
    if kind is not None:
        yield Source(str(path), kind, inside, path.stat().st_size)


def _remote(url: str) -> Iterator[Source]:
    """Yield the objects that a link to a bucket names: one, those of a glob, or below a prefix."""
    try:
        found = FileSystems.match([url])[0].metadata_list
        folder = url.rstrip("/") + "/"
        below = [] if found else FileSystems.match([f"{folder}**"])[0].metadata_list
    except (OSError, ValueError, ImportError) as error:
        raise ConfigError(
            f"{url} cannot be listed: {error}; see `pip install newsbeam[gcp]` or `[aws]`"
        ) from error
    for metadata in sorted([*found, *below], key=lambda metadata: metadata.path):
        kind = _kind(metadata.path, is_named=bool(found))
        if kind is not None:
            inside = metadata.path.removeprefix(folder if below else above_wildcards(url))
            yield Source(metadata.path, kind, inside, metadata.size_in_bytes)


def _kind(path: str, *, is_named: bool) -> str | None:
    """Return the name of a file's kind; None for one that is not a source."""
    kind = _kind_of_pages_or_links(path, is_sniffed=is_named)
    if is_named:
        return kind or UNKNOWN
    return None if kind == LINKS else kind


def _kind_of_pages_or_links(path: str, *, is_sniffed: bool) -> str | None:
    """Return the name of a file's kind by its ending, else by its first bytes.

    A file with an unknown ending has no kind, unless `is_sniffed`.
    """
    file_name = path.rsplit("/", 1)[-1]
    kinds = kinds_by_ending(file_name)
    if len(kinds) > 1:
        return (sniffed(_head(path), kinds) or kinds[0]).name
    if kinds:
        return kinds[0].name
    if not is_sniffed and "." in file_name:
        return None
    found = sniffed(_head(path))
    return found.name if found else None


def _head(path: str) -> bytes:
    """Return how a file begins, gunzipped if it is packed."""
    try:
        with open_source(path) as file:
            return unpack(file.read(HEAD_BYTES)).content
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error}") from error
