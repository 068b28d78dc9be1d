"""The options that mean the same in every command, those that need no engine."""

import os
from datetime import UTC, datetime

from transforms.errors import ConfigError


def parse_time(text: str | None) -> datetime | None:
    """Return an ISO time in UTC; one without a zone is taken as UTC. Raises ConfigError for anything else."""
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise ConfigError(f"{text!r} is no ISO time such as 2022-10-11T12:00:00Z") from error
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def default_workers() -> int:
    """Return how many processes extract and code where the user does not say."""
    return max(1, min(8, os.cpu_count() or 1))
