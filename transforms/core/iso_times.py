"""ISO 8601 times as users write them."""

from datetime import UTC, datetime

from transforms.errors import ConfigError


def parse_time(text: str | None) -> datetime | None:
    """Return an ISO 8601 time in UTC.

    Without a zone it is taken as UTC. Raises ConfigError for anything else.
    """
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise ConfigError(f"{text!r} is not an ISO 8601 time, e.g. 2022-10-11T12:00:00Z") from error
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
