"""When may a site be asked again? Requests to one registrable domain start at least `spacing_s` apart."""

from dataclasses import dataclass, field

MAX_SPACING_S = 60.0
MAX_HOLD_S = 3600.0
_FORGET_ABOVE = 10_000


@dataclass
class Pacer:
    """The next time each domain may be asked, on a monotonic clock in seconds that the caller brings."""

    spacing_s: float
    _next_at: dict[str, float] = field(default_factory=dict)
    _spacing: dict[str, float] = field(default_factory=dict)

    def delay(self, domain: str, now: float) -> float:
        """Return the seconds to wait before the domain may be asked; 0 when it may be now."""
        return max(0.0, self._next_at.get(domain, now) - now)

    def take(self, domain: str, now: float) -> None:
        """Note that a request to the domain starts now."""
        if len(self._next_at) > _FORGET_ABOVE:
            self._next_at = {name: at for name, at in self._next_at.items() if at > now}
        spacing = self._spacing.get(domain, self.spacing_s)
        self._next_at[domain] = max(self._next_at.get(domain, 0.0), now + spacing)

    def slow_down(self, domain: str, spacing_s: float) -> None:
        """Space the domain's requests wider, as its Crawl-delay asks, up to a minute; never closer."""
        asked = min(spacing_s, MAX_SPACING_S)
        if asked > self._spacing.get(domain, self.spacing_s):
            self._spacing[domain] = asked

    def hold(self, domain: str, now: float, seconds: float) -> None:
        """Let the domain rest, as its Retry-After asks, up to an hour."""
        until = now + min(max(seconds, 0.0), MAX_HOLD_S)
        self._next_at[domain] = max(self._next_at.get(domain, 0.0), until)
