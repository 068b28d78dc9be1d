"""The errors of the stages: each has the stage and the stable code of the reject that is made of
it."""


class NewsbeamError(Exception):
    """An input that cannot be used.

    The message says what was wrong, with which input, and what to do.
    """

    stage = "extract"
    reason = "E_UNKNOWN"
    retryable = False
    # Beam replaces an error that a step raises by a new one of its class and message, without the
    # code, unless the error has this attribute, which Beam's own replacements have.
    _tagged_with_step = True

    def __init__(
        self, message: str, *, reason: str | None = None, retryable: bool | None = None
    ) -> None:
        super().__init__(message)
        if reason is not None:
            self.reason = reason
        if retryable is not None:
            self.retryable = retryable
        # Engines with workers of their own return a traceback as text, which has the notes.
        self.add_note(self.reason)

    def __reduce__(self) -> tuple[object, ...]:
        """Keep code and retryability when the error is pickled, as between processes."""
        return _rebuild, (type(self), str(self), self.reason, self.retryable)


def _rebuild(
    kind: type[NewsbeamError], message: str, reason: str, retryable: bool
) -> NewsbeamError:
    return kind(message, reason=reason, retryable=retryable)


class FeedError(NewsbeamError):
    """A feed's document that cannot be read as a feed."""

    stage = "feed_parse"
    reason = "E_FEED_MALFORMED"


class FetchError(NewsbeamError):
    """A request without a usable response. `status` is the value of `fetches.status`."""

    stage = "fetch"
    reason = "E_FETCH_FAILED"

    def __init__(
        self,
        message: str,
        *,
        reason: str | None = None,
        retryable: bool | None = None,
        status: str = "http_error",
    ) -> None:
        super().__init__(message, reason=reason, retryable=retryable)
        self.status = status

    def __reduce__(self) -> tuple[object, ...]:
        """Keep the status too."""
        return _rebuild_fetch, (str(self), self.reason, self.retryable, self.status)


def _rebuild_fetch(message: str, reason: str, retryable: bool, status: str) -> FetchError:
    return FetchError(message, reason=reason, retryable=retryable, status=status)


class ArchiveError(NewsbeamError):
    """A part of an archive that cannot be read."""

    stage = "archive"
    reason = "E_ARCHIVE_DAMAGED"


class ExtractError(NewsbeamError):
    """A page that no article can be read from."""

    stage = "extract"
    reason = "E_EXTRACT_FAILED"


class CleanError(NewsbeamError):
    """An article whose boilerplate cannot be removed."""

    stage = "clean"
    reason = "E_CLEAN_FAILED"


class EventsError(NewsbeamError):
    """A text that the event coder cannot code."""

    stage = "events"
    reason = "E_EVENTS_FAILED"


class MachineError(NewsbeamError):
    """Something that this machine lacks, or has wrong: it ends a run.

    It is never a reject: no page is at fault, and the next page would meet it too.
    """

    stage = "machine"
    reason = "E_MACHINE"


class LakeError(NewsbeamError):
    """A lake that cannot be read or written as it is."""

    stage = "write"
    reason = "E_LAKE"


class ConfigError(NewsbeamError):
    """An option or a list that the user must correct."""

    stage = "config"
    reason = "E_CONFIG"
