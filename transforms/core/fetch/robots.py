"""What a site's robots.txt allows: RFC 9309, parsed by protego."""

import re
from dataclasses import dataclass
from typing import Any

from protego import Protego

# RFC 9309 section 2.5: at least 500 KiB must be parsed.
MAX_ROBOTS_BYTES = 500 * 1024

# A longer Crawl-delay counts as this, see `pacer.MAX_SPACING_S`.
MAX_CRAWL_DELAY_S = 60.0

_GROUP = re.compile(
    r"((?:^|\r)[ \t]*user[- ]?agent[ \t]*:)([^\r\n]*)", re.IGNORECASE | re.MULTILINE
)
_TOKEN = re.compile(r"[\w-]*", re.ASCII)


@dataclass(frozen=True)
class RobotsRules:
    """The rules of one origin for an agent.

    `reachable` is False if robots.txt could not be fetched, so that nothing may be fetched now.
    """

    agent: str
    reachable: bool = True
    crawl_delay_s: float | None = None
    _parsed: Any = None

    def allows(self, url: str) -> bool:
        """Return whether a URL may be fetched."""
        if not self.reachable:
            return False
        return self._parsed is None or bool(self._parsed.can_fetch(url, self.agent))


def read_robots(status: int | None, body: bytes, user_agent: str) -> RobotsRules:
    """Return the rules from a response to /robots.txt; `status` None is no response.

    A missing file (4xx) allows all, an unreachable one (5xx, 429, no response) nothing for now.
    """
    agent = product_token(user_agent)
    if status is None or status >= 500 or status == 429:
        return RobotsRules(agent, reachable=False)
    if status >= 300:
        return RobotsRules(agent)
    text = body[:MAX_ROBOTS_BYTES].decode("utf-8", "replace")
    text = text.removeprefix("\ufeff").replace("\x00", "")
    try:
        parsed = Protego.parse(_GROUP.sub(lambda group: _with_exact_agent(group, agent), text))
        delay = parsed.crawl_delay(agent)
    except (ValueError, RecursionError):
        return RobotsRules(agent)
    crawl_delay_s = min(float(delay), MAX_CRAWL_DELAY_S) if delay and delay > 0 else None
    return RobotsRules(agent, crawl_delay_s=crawl_delay_s, _parsed=parsed)


def product_token(user_agent: str) -> str:
    """Return the agent's name in robots.txt: `newsbeam` of `newsbeam/0.1 (+https://...)`."""
    return user_agent.split("/", 1)[0].split(" ", 1)[0].strip() or "*"


def _with_exact_agent(group: re.Match[str], agent: str) -> str:
    """Return a user-agent line with our agent's name, `*`, or a name that matches no agent.

    The whole product token of a name such as `NewsBot/2.1` counts (RFC 9309 section 2.2.1); protego
    would apply a group for `news` to `newsbeam` too.
    """
    field, value = group[1], group[2]
    name = value.split("#", 1)[0].strip()
    if name == "*":
        return f"{field}*"
    token = _TOKEN.match(name)
    is_ours = token is not None and token[0].lower() == agent.lower()
    return field + (agent if is_ours else "~")
