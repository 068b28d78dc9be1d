"""What does a site's robots.txt let us fetch? RFC 9309, read by protego."""

import re
from dataclasses import dataclass
from typing import Any

from protego import Protego

MAX_ROBOTS_BYTES = 500 * 1024
MAX_CRAWL_DELAY_S = 60.0

_GROUP = re.compile(
    r"((?:^|\r)[ \t]*user[- ]?agent[ \t]*:)([^\r\n]*)", re.IGNORECASE | re.MULTILINE
)
_TOKEN = re.compile(r"[\w-]*", re.ASCII)


@dataclass(frozen=True)
class RobotsRules:
    """The rules of one origin for our agent; `reachable` is False where it could not say, so nothing is fetched now."""

    agent: str
    reachable: bool = True
    crawl_delay_s: float | None = None
    _parsed: Any = None

    def allows(self, url: str) -> bool:
        """Return whether the page may be fetched."""
        if not self.reachable:
            return False
        return self._parsed is None or bool(self._parsed.can_fetch(url, self.agent))


def read_robots(status: int | None, body: bytes, user_agent: str) -> RobotsRules:
    """Return the rules from an answer to /robots.txt; `status` None is no answer.

    No file (4xx) allows all; an unreachable one (5xx, 429, no answer) allows nothing for now. 500 KiB are read.
    """
    agent = product_token(user_agent)
    if status is None or status >= 500 or status == 429:
        return RobotsRules(agent, reachable=False)
    if status >= 300:
        return RobotsRules(agent)
    text = (
        body[:MAX_ROBOTS_BYTES]
        .decode("utf-8", "replace")
        .removeprefix("\ufeff")
        .replace("\x00", "")
    )
    try:
        parsed = Protego.parse(
            _GROUP.sub(lambda found: found[1] + _addressee(found[2], agent), text)
        )
        delay = parsed.crawl_delay(agent)
    except (ValueError, RecursionError):
        return RobotsRules(agent)
    usable = min(float(delay), MAX_CRAWL_DELAY_S) if delay and delay > 0 else None
    return RobotsRules(agent, crawl_delay_s=usable, _parsed=parsed)


def product_token(user_agent: str) -> str:
    """Return the name under which robots.txt speaks of us: `newsbeam` of `newsbeam/0.1 (+https://...)`."""
    return user_agent.split("/", 1)[0].split(" ", 1)[0].strip() or "*"


def _addressee(value: str, agent: str) -> str:
    """Return whom a group is for: us, all, or others.

    Of a name such as `NewsBot/2.1` the product token counts, and all of it (RFC 9309 section 2.2.1): to protego, a
    group for `news` would be one for `newsbeam` too.
    """
    name = value.split("#", 1)[0].strip()
    if name == "*":
        return "*"
    token = _TOKEN.match(name)
    return agent if token is not None and token[0].lower() == agent.lower() else "~"
