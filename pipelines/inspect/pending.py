"""What the commands that read a lake say of a commit that a killed writer left half published."""

from pipelines.terminal import say
from transforms.lake_to_read import has_pending_commit

PENDING = (
    "newsbeam: a writer of this lake died while it put a commit in place; it is read as of that "
    "commit, and the next run finishes it"
)


def say_if_pending(lake: str) -> bool:
    """Return whether a lake has a commit that is half published, and say so."""
    is_pending = has_pending_commit(lake)
    if is_pending:
        say(PENDING)
    return is_pending
