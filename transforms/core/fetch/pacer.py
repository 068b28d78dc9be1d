"""When the next request to a site may start: at least `spacing_s` apart in a registrable domain."""

from dataclasses import dataclass, field

# A longer Crawl-delay counts as this. A judgement: a page a minute is no load for a
# server, and still gets the news of a small site.
MAX_SPACING_S = 60.0

# A longer Retry-After counts as this within a process, so that a stream tries such a site again.
# Feeds and pages that go back to the lake wait for all of it (`backoff.LONGEST_WAIT`).
MAX_BACKOFF_S = 3600.0

# A Crawl-delay above this makes the queue itself count as the site's wait: 60 requests to such a
# site would last ten minutes. Up to it, waiting is ordinary.
LONG_SPACING_S = 10.0

# Above this number, entries of domains that may be requested again are dropped: a sweep costs time
# in proportion to the entries, so it must be rare.
_MAX_REMEMBERED_DOMAINS = 10_000


@dataclass(frozen=True, slots=True)
class Arrival:
    """When a request joined its domain's queue, and how long backoffs had lasted by then."""

    at: float
    backoff_before_s: float


@dataclass(slots=True)
class _Backoff:
    """A domain's backoffs: when the last one ends, and how long they last in all."""

    until: float = 0.0
    total_s: float = 0.0


@dataclass
class Pacer:
    """The next time a request to each domain may start.

    Times are seconds of a monotonic clock that the caller passes in.
    """

    spacing_s: float
    _next_at: dict[str, float] = field(default_factory=dict)
    _spacing: dict[str, float] = field(default_factory=dict)
    _backoffs: dict[str, _Backoff] = field(default_factory=dict)

    def delay(self, domain: str, now: float) -> float:
        """Return the seconds until a request to the domain may start; 0 when it may now."""
        return max(0.0, self._next_at.get(domain, now) - now)

    def record_start(self, domain: str, now: float) -> None:
        """Record that a request to the domain starts now."""
        if len(self._next_at) > _MAX_REMEMBERED_DOMAINS:
            self._next_at = {name: at for name, at in self._next_at.items() if at > now}
        self.defer(domain, now, self.spacing(domain))

    def defer(self, domain: str, now: float, seconds: float) -> None:
        """Let no request to the domain start for a while; it does not count as a backoff."""
        self._next_at[domain] = max(self._next_at.get(domain, 0.0), now + seconds)

    def spacing(self, domain: str) -> float:
        """Return the seconds between the starts of two requests to the domain."""
        return self._spacing.get(domain, self.spacing_s)

    def slow_down(self, domain: str, spacing_s: float) -> None:
        """Widen the domain's spacing to its Crawl-delay, at most a minute; never narrow it."""
        wider = min(spacing_s, MAX_SPACING_S)
        if wider > self.spacing(domain):
            self._spacing[domain] = wider

    def back_off(self, domain: str, now: float, seconds: float) -> None:
        """Let no request to the domain start for its Retry-After, at most an hour."""
        duration = min(max(seconds, 0.0), MAX_BACKOFF_S)
        until = now + duration
        self.defer(domain, now, duration)
        backoff = self._backoffs.setdefault(domain, _Backoff())
        # Backoffs overlap: only what this one adds counts.
        backoff.total_s += max(0.0, until - max(backoff.until, now))
        backoff.until = max(backoff.until, until)

    def arrive(self, domain: str, now: float) -> Arrival:
        """Return what `site_wait_s` measures a request's wait from."""
        backoff = self._backoffs.get(domain, _Backoff())
        still_to_come = max(0.0, backoff.until - now)
        return Arrival(now, backoff.total_s - still_to_come)

    def queue_s(self, domain: str, now: float, ahead: int = 0) -> float:
        """Return the seconds until the domain may be requested once `ahead` requests have gone.

        Those ahead count only if the site asks for a long spacing.
        """
        spacing = self._spacing.get(domain, 0.0)
        queued = ahead * spacing if spacing > LONG_SPACING_S else 0.0
        return self.delay(domain, now) + queued

    def site_wait_s(self, domain: str, arrival: Arrival, now: float, ahead: int = 0) -> float:
        """Return the seconds from arrival to start for which the site is the reason.

        These are all backoffs since the arrival while one lasts, and the whole queue if each
        Crawl-delay is over 10 s. Our own spacing does not count.
        """
        backoff = self._backoffs.get(domain, _Backoff())
        backoff_s = backoff.total_s - arrival.backoff_before_s if backoff.until > now else 0.0
        if self._spacing.get(domain, 0.0) <= LONG_SPACING_S:
            return backoff_s
        return max(backoff_s, now - arrival.at + self.queue_s(domain, now, ahead))
