"""The values of a poll: its request, what came back, and its outcome."""

from dataclasses import dataclass

from transforms.errors import NewsbeamError
from transforms.records import FeedEntry, FeedState, Reject


@dataclass(frozen=True, slots=True, kw_only=True)
class PollRequest:
    """A feed's URL, and the headers that let its server answer 304."""

    url: str
    headers: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class PollResponse:
    """What came back: a response (200 or 304), or the error instead of one."""

    status: int | None = None
    final_url: str | None = None
    moved_to: str | None = None
    content: bytes = b""
    content_type: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    fresh_s: int | None = None
    retry_after_s: float | None = None
    duration_ms: int | None = None
    error: NewsbeamError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """The items of a changed document: all, those over the limit, without link, with a bad date."""

    seen: int = 0
    dropped: int = 0
    unlinked: int = 0
    dates_flagged: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Polled:
    """A poll's outcome. `status` is a value of `fetches.status`.

    `entries` are those of a document that changed. `fault` is code and message of what was wrong
    with a document whose items could be kept.
    """

    state: FeedState
    status: str
    entries: tuple[FeedEntry, ...] = ()
    counts: Counts | None = None
    fault: tuple[str, str] | None = None
    rejects: tuple[Reject, ...] = ()
