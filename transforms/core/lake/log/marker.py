"""`_meta/published`: the number of the last commit that is in place, and the attempt begun since.

It is `17` when all files of commit 17 and of those before are in place, and `17 ATTEMPT` while an
attempt at commit 18 is being put in place.
"""

import re
from dataclasses import dataclass

from transforms.core.lake.log.paths import MAX_NUMBER
from transforms.core.lake.log.store import LakeStore, ReadableStore

PUBLISHED = "_meta/published"
_NUMBER = re.compile(r"[0-9]{1,12}")


@dataclass(frozen=True, slots=True)
class Marker:
    """The content of `_meta/published`, and the file's token."""

    number: int = 0
    """The last commit known to be in place; 0 if the file is lost, which only costs a check."""
    attempt: str | None = None
    token: str | None = None


def read_marker(store: ReadableStore) -> Marker:
    """Return the lake's marker; a damaged one, or one of an impossible number, counts as empty."""
    data, token = store.get(PUBLISHED) or (b"", None)
    number, _, attempt = data.decode("ascii", "replace").strip().partition(" ")
    if not _NUMBER.fullmatch(number) or int(number) > MAX_NUMBER:
        return Marker(token=token)
    return Marker(int(number), attempt or None, token)


def record_attempt(store: LakeStore, number: int, attempt: str) -> None:
    """Record that an attempt at a commit is being put in place, unless it is in place already."""
    marker = read_marker(store)
    # A writer that was paused publishes again what is already in place: the marker never goes back.
    if number > marker.number:
        store.put(PUBLISHED, f"{marker.number} {attempt}\n".encode(), marker.token)


def advance_marker(store: LakeStore, number: int) -> None:
    """Record that a commit, and all before it, are in place."""
    marker = read_marker(store)
    if number > marker.number:
        store.put(PUBLISHED, f"{number}\n".encode(), marker.token)


def reset_marker(store: LakeStore, number: int) -> None:
    """Record that a commit is in place and that no attempt has begun, whatever is recorded."""
    store.put(PUBLISHED, f"{number}\n".encode(), read_marker(store).token)
