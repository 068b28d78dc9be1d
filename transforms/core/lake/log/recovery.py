"""Roll forward a commit that was cut short, and delete staged files that belong to no commit."""

from transforms.core.lake.log.commit import delete_staged, publish
from transforms.core.lake.log.commit_file import Commit
from transforms.core.lake.log.damage import damaged
from transforms.core.lake.log.history import expire_commits, last_number, pending_commit
from transforms.core.lake.log.marker import read_marker, reset_marker
from transforms.core.lake.log.paths import COMMITS, STAGING
from transforms.core.lake.log.store import LakeStore


def recover(store: LakeStore) -> None:
    """Finish the last commit if it was cut short, then delete what belongs to no commit.

    Call it under the lock. Raises LakeError if a commit cannot be finished.
    """
    commit = pending_commit(store)
    _check_attempt(store, commit)
    if commit is not None:
        publish(store, commit)
    # Only after the commit is published, whose files are staged until then. Under the lock all else
    # that is staged belongs to writers that were killed.
    delete_staged(store)
    expire_commits(store)


def _check_attempt(store: LakeStore, pending: Commit | None) -> None:
    """Raise LakeError if the commit that was being put in place has lost its commit file."""
    attempt = read_marker(store).attempt
    if attempt is not None and (pending is None or pending.attempt != attempt):
        raise damaged(
            f"{STAGING}/{attempt} has the rest of a commit whose file in {COMMITS} is missing; "
            "restore that file"
        )


def abandon_unfinished(store: LakeStore) -> None:
    """Abandon a commit that cannot be finished: the files in the tables are the lake.

    Call it under the lock.
    """
    # The marker first: killed in between, the lake only keeps staged files for the next run to
    # delete. The other way round, it would have a commit whose files are gone.
    reset_marker(store, last_number(store))
    delete_staged(store)
