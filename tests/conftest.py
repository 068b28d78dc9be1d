"""Hypothesis profiles, the folder of temporary folders, and fixtures of several modules."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.helpers import buckets
from tests.helpers.sample_lake import make_newsroom

# A lake synchronises each file and folder it writes, which costs 2 to 5 ms on a disk and nothing in
# memory.
MEMORY = Path("/dev/shm")  # noqa: S108 - pytest makes a private folder in it
ROOM = 5 << 30
"""Bytes that a run of the suite needs at most, with several processes: 1.1 GB are the environment of
an installed wheel."""

# No deadline for one example: how long it takes depends on what else the machine does.
settings.register_profile(
    "ci", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("quick", settings.get_profile("ci"), max_examples=10)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


def has_room(folder: Path) -> bool:
    """Return whether temporary folders fit here, and scripts in them can be run."""
    if not os.access(folder, os.W_OK):
        return False
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize >= ROOM and not found.f_flag & os.ST_NOEXEC


if has_room(MEMORY):
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Return the name of the argument as the id of a value of bytes.

    Bytes that gzip packed hold the second they were made in. Two processes of xdist must collect the
    same ids, or neither runs a test.
    """
    return argname if isinstance(val, bytes) else None


@pytest.fixture(scope="session")
def sample_lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a lake, called `lake`, with rows for each question of docs/questions.md.

    Not to be written to.
    """
    return make_newsroom(tmp_path_factory.mktemp("sample") / "lake")


@pytest.fixture
def s3() -> Iterator[dict[str, str]]:
    """Run an S3 server and set the environment variables of its address; yield those variables."""
    with buckets.s3() as environment, buckets.environ(environment):
        yield environment
