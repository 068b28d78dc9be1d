"""ISO 8601 times as users write them."""

from datetime import UTC, datetime

from transforms.errors import ConfigError

# Days around a time, and waits after it, are times too: Python's end with the year 9999. A
# judgement: there are no articles from before the year 1000.
_FIRST_YEAR, _LAST_YEAR = 1000, 9000


def parse_time(text: str | None) -> datetime | None:
    """Return an ISO 8601 time in UTC.

    Without a zone it is taken as UTC. Raises ConfigError for anything else, and for a time before
    the year 1000 or after the year 9000.
    """
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise ConfigError(f"{text!r} is not an ISO 8601 time, e.g. 2022-10-11T12:00:00Z") from error
    if not _FIRST_YEAR <= found.year <= _LAST_YEAR:
        raise ConfigError(f"{text!r} is not between the years {_FIRST_YEAR} and {_LAST_YEAR}")
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
