"""Which files and links do the sources of a backfill name, and of what kind is each?"""

import glob
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from apache_beam.io.filesystems import FileSystems

from transforms.archives import open_source
from transforms.core.archives.documents import unpack
from transforms.core.archives.file_pages import mirrored_url
from transforms.core.archives.formats import FILE, LINES, PACKED_LINES, ROWS, WARC
from transforms.errors import ConfigError

LINKS, UNKNOWN = "links", "unknown"
_ENDINGS = {
    ".warc": WARC,
    ".warc.gz": WARC,
    ".warc.zst": WARC,
    ".arc": WARC,
    ".arc.gz": WARC,
    ".jsonl": LINES,
    ".ndjson": LINES,
    ".jsonl.gz": PACKED_LINES,
    ".ndjson.gz": PACKED_LINES,
    ".parquet": ROWS,
    ".html": FILE,
    ".htm": FILE,
    ".xhtml": FILE,
    ".html.gz": FILE,
    ".htm.gz": FILE,
    ".txt": FILE,
    ".txt.gz": FILE,
    ".xml": LINKS,
    ".xml.gz": LINKS,
    ".rss": LINKS,
    ".atom": LINKS,
    ".cdx": LINKS,
    ".cdx.gz": LINKS,
    ".cdxj": LINKS,
    ".json": LINKS,
}
_HEAD = 4096


@dataclass(frozen=True, slots=True)
class Source:
    """A file or a link: its kind, its path within the folder that was named, and its size in bytes, 0 for a link."""

    path: str
    kind: str
    inside: str
    size: int = 0


def find_sources(words: Sequence[str]) -> list[Source]:
    """Return the files and links that words name: files, folders, globs, links; in order, each once.

    Of a folder, the files of pages by their ending, and those without one by how they begin; lists of links must be
    named, since they lead out of this machine. Raises ConfigError for a word that names nothing.
    """
    found: dict[str, Source] = {}
    for word in words:
        named = list(_named(word)) if word.strip() else []
        if not named:
            raise ConfigError(
                f"{word or 'nothing'}: no file or folder of pages; name WARC, HTML, text, JSONL, Parquet or a link"
            )
        for source in named:
            found.setdefault(source.path, source)
    return _told_apart(list(found.values()))


def _told_apart(sources: Sequence[Source]) -> list[Source]:
    """Return the sources; where pages of several folders have one path within them, that with the folder's own."""
    times = Counter(s.inside for s in sources if s.kind == FILE and mirrored_url(s.inside) is None)
    return [
        replace(s, inside=s.path.lstrip("./")) if times[s.inside] > 1 and s.kind == FILE else s
        for s in sources
    ]


def _named(word: str) -> Iterator[Source]:
    if word.lower().startswith(("http://", "https://")):
        yield Source(word, LINKS, word)
    elif "://" in word:
        yield from _remote(word)
    elif Path(word).is_dir():
        for path in sorted(p for p in Path(word).rglob("*") if p.is_file()):
            yield from _local(path, path.relative_to(word).as_posix(), asked_for=False)
    elif Path(word).is_file():
        yield from _local(Path(word), Path(word).name, asked_for=True)
    else:
        for name in sorted(glob.glob(word, recursive=True)):
            if Path(name).is_file():
                yield from _local(
                    Path(name), name.removeprefix(_above_wildcards(word)), asked_for=True
                )


def _above_wildcards(word: str) -> str:
    """Return the folder that a glob begins with, up to its last slash."""
    fixed = re.split(r"[*?\[]", word, maxsplit=1)[0]
    return fixed[: fixed.rfind("/") + 1]


def _local(path: Path, inside: str, *, asked_for: bool) -> Iterator[Source]:
    """Yield the file with its kind; nothing where it was not asked for by name and is of none."""
    kind = _kind(str(path), asked_for=asked_for)
    if kind is not None:
        yield Source(str(path), kind, inside, path.stat().st_size)


def _remote(word: str) -> Iterator[Source]:
    """Yield the objects that a link to a bucket names: one, those of a glob, or those below a prefix."""
    try:
        found = FileSystems.match([word])[0].metadata_list
        folder = word.rstrip("/") + "/"
        below = [] if found else FileSystems.match([f"{folder}**"])[0].metadata_list
    except (OSError, ValueError, ImportError) as error:
        raise ConfigError(
            f"{word} cannot be listed: {error}; see `pip install newsbeam[gcp]` or `[aws]`"
        ) from error
    for one in sorted([*found, *below], key=lambda m: m.path):
        kind = _kind(one.path, asked_for=bool(found))
        if kind is not None:
            inside = one.path.removeprefix(folder if below else _above_wildcards(word))
            yield Source(one.path, kind, inside, one.size_in_bytes)


def _kind(path: str, *, asked_for: bool) -> str | None:
    """Return the kind of a file by its ending, else by how it begins."""
    name = path.rsplit("/", 1)[-1].lower()
    ending = max((e for e in _ENDINGS if name.endswith(e)), key=len, default=None)
    kind = _ENDINGS[ending] if ending else None
    if kind == FILE and ".txt" in name:
        kind = LINKS if _lists_links(_head(path)) else FILE
    if kind is None and (asked_for or "." not in name):
        kind = _sniffed(_head(path))
    if asked_for:
        return kind or UNKNOWN
    return None if kind == LINKS else kind


def _sniffed(head: bytes) -> str | None:
    """Return the kind of a file that begins so, None for one of no kind."""
    begins = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:200].lower()
    if begins.startswith((b"<!doctype html", b"<html", b"<head", b"<body")):
        return FILE
    if begins.startswith((b"warc/", b"filedesc:")):
        return WARC
    if begins.startswith(b"par1"):
        return ROWS
    if begins.startswith(b"<") or _lists_links(head):
        return LINKS
    return LINES if begins.startswith(b"{") else None


def _lists_links(head: bytes) -> bool:
    """Return whether all whole lines are links or comments: a text that quotes a link is an article."""
    lines = [line.strip() for line in head.removeprefix(b"\xef\xbb\xbf").lower().splitlines()]
    said = [
        line
        for line in (lines[:-1] if len(head) == _HEAD else lines)
        if line and not line.startswith(b"#")
    ]
    return bool(said) and all(line.startswith((b"http://", b"https://")) for line in said)


def _head(path: str) -> bytes:
    """Return how a file begins, gunzipped where it is packed."""
    try:
        with open_source(path) as file:
            return unpack(file.read(_HEAD)).content
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error}") from error
