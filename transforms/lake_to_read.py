"""Open a lake to read: as of its last commit, and without a way to write to it."""

import contextlib
import time
from collections.abc import Iterator

from transforms.core.lake.log.history import consistent_number
from transforms.core.lake.log.reading import ReadOnlyStore
from transforms.core.lake.queries import LakeQueries
from transforms.errors import LakeError
from transforms.stores import open_store

_WAITS, _WAIT_S = 20, 0.1
"""A judgement: publishing a commit in a local folder takes tens of milliseconds."""


def store_to_read(address: str) -> ReadOnlyStore:
    """Return the store of the lake at an address, without a way to write to it."""
    return ReadOnlyStore(open_store(address))


def queries_on(address: str) -> LakeQueries:
    """Return the queries on the lake at an address."""
    return LakeQueries(store_to_read(address))


def lake_to_read(address: str) -> LakeQueries:
    """Return the queries on the lake at an address, whose schema was checked.

    Raises LakeError if it is no lake, or of another schema.
    """
    with named_errors(address):
        lake = queries_on(address)
        lake.check_readable()
    return lake


def has_pending_commit(address: str) -> bool:
    """Return whether a killed writer left a commit of a lake half published.

    A writer that is publishing is given a moment to end.
    """
    store = open_store(address)
    for _ in range(_WAITS):
        if consistent_number(store) is not None:
            return False
        time.sleep(_WAIT_S)
    return consistent_number(store) is None


@contextlib.contextmanager
def named_errors(address: str) -> Iterator[None]:
    """Put a lake's address into the errors of the lake."""
    try:
        yield
    except LakeError as error:
        raise LakeError(f"{address}: {error}", reason=error.reason) from error
