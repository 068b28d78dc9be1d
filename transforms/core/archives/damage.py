"""A place in an archive that cannot be read."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Damage:
    """What is wrong with a part of an archive: a stable code, and a message that names the file and the place."""

    reason: str
    message: str
    url: str | None = None
