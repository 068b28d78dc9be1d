"""When may a site be asked again? Requests to one registrable domain start at least `spacing_s` apart."""

from dataclasses import dataclass, field

MAX_SPACING_S = 60.0
MAX_BACKOFF_S = 3600.0
LONG_SPACING_S = 10.0
_FORGET_ABOVE = 10_000


@dataclass(frozen=True, slots=True)
class Arrival:
    """When a request came to its domain's queue, and for how long holds had let the domain rest by then."""

    at: float
    rested_s: float


@dataclass(slots=True)
class _Rest:
    """A domain's holds: when the last one ends, and how long they last in all."""

    until: float = 0.0
    total_s: float = 0.0


@dataclass
class Pacer:
    """The next time each domain may be asked, on a monotonic clock in seconds that the caller brings."""

    spacing_s: float
    _next_at: dict[str, float] = field(default_factory=dict)
    _spacing: dict[str, float] = field(default_factory=dict)
    _rests: dict[str, _Rest] = field(default_factory=dict)

    def delay(self, domain: str, now: float) -> float:
        """Return the seconds to wait before the domain may be asked; 0 when it may be now."""
        return max(0.0, self._next_at.get(domain, now) - now)

    def take(self, domain: str, now: float) -> None:
        """Note that a request to the domain starts now."""
        if len(self._next_at) > _FORGET_ABOVE:
            self._next_at = {name: at for name, at in self._next_at.items() if at > now}
        self.defer(domain, now, self.spacing(domain))

    def defer(self, domain: str, now: float, seconds: float) -> None:
        """Let nobody ask the domain for a while."""
        self._next_at[domain] = max(self._next_at.get(domain, 0.0), now + seconds)

    def spacing(self, domain: str) -> float:
        """Return the seconds between the starts of two requests to the domain."""
        return self._spacing.get(domain, self.spacing_s)

    def slow_down(self, domain: str, spacing_s: float) -> None:
        """Space the domain's requests wider, as its Crawl-delay asks, up to a minute; never closer."""
        asked = min(spacing_s, MAX_SPACING_S)
        if asked > self._spacing.get(domain, self.spacing_s):
            self._spacing[domain] = asked

    def hold(self, domain: str, now: float, seconds: float) -> None:
        """Let the domain rest, as its Retry-After asks, up to an hour."""
        until = now + min(max(seconds, 0.0), MAX_BACKOFF_S)
        self._next_at[domain] = max(self._next_at.get(domain, 0.0), until)
        rest = self._rests.setdefault(domain, _Rest())
        rest.total_s += max(0.0, until - max(rest.until, now))
        rest.until = max(rest.until, until)

    def arrive(self, domain: str, now: float) -> Arrival:
        """Return what `patience` measures a request's wait from."""
        rest = self._rests.get(domain, _Rest())
        return Arrival(now, rest.total_s - max(0.0, rest.until - now))

    def queue_s(self, domain: str, now: float, ahead: int = 0) -> float:
        """Return the seconds until the domain may be asked when `ahead` requests, a long crawl delay each, go first."""
        spacing = self._spacing.get(domain, 0.0)
        return self.delay(domain, now) + (ahead * spacing if spacing > LONG_SPACING_S else 0.0)

    def patience(self, domain: str, arrival: Arrival, now: float, ahead: int = 0) -> float:
        """Return the seconds from arrival to start that the site asks of a request; our own spacing does not count.

        These are all holds since the arrival while one lasts, and the whole queue where each crawl delay is over 10 s.
        """
        rest = self._rests.get(domain, _Rest())
        held = rest.total_s - arrival.rested_s if rest.until > now else 0.0
        if self._spacing.get(domain, 0.0) <= LONG_SPACING_S:
            return held
        return max(held, now - arrival.at + self.queue_s(domain, now, ahead))
