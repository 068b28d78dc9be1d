"""Documents that are not feeds: which kind of web page they are, or other JSON."""

import json
import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from transforms.core.feeds import parsed
from transforms.core.feeds.discover import feed_links
from transforms.errors import ConfigError, FeedError

# Bytes of a page that are searched: a challenge or login page is far shorter.
MAX_READ = 256 * 1024

# A page with less visible text may be a challenge, login or consent page; an article has more, and
# may mention captchas. A judgement.
SHORT_CHARS = 2_000

_TITLE = re.compile(r"<title[^<>]{0,200}>([^<]{0,500})", re.IGNORECASE)
_ERROR_KEYS = ("error", "errors", "message", "detail", "title", "code")
# Longest quotation of a title and of JSON in a message, in characters: as much as a reader needs.
_MAX_QUOTED_TITLE, _MAX_QUOTED_JSON = 100, 200


@dataclass(frozen=True, slots=True)
class PageRule:
    """How a kind of page is recognised, with examples."""

    name: str
    reason: str
    description: str
    title: re.Pattern[str]
    mark: re.Pattern[str]
    examples: tuple[str, ...]
    near_misses: tuple[str, ...]

    def matches(self, title: str, source: str, text: str) -> bool:
        """Return whether a page is of this kind, by its title, HTML and visible text."""
        if self.title.fullmatch(title):
            return True
        return len(text) < SHORT_CHARS and bool(self.mark.search(source))


@lru_cache(maxsize=1)
def page_rules() -> tuple[PageRule, ...]:
    """Return the rules of `rules/not_feeds.toml`, in order."""
    text = files("transforms").joinpath("rules", "not_feeds.toml").read_text(encoding="utf-8")
    return tuple(_rule(table) for table in tomllib.loads(text)["rule"])


def page_error(page: bytes, url: str | None) -> FeedError:
    """Return the error for a web page in a feed's place: its kind, and the feed it links to."""
    source = page[:MAX_READ].decode("utf-8", "replace")
    title = _title(source)
    rule = _matching_rule(source, title)
    kind = rule.description if rule else "a web page"
    quoted = f" ({title[:_MAX_QUOTED_TITLE]!r})" if title else ""
    return FeedError(
        f"{kind}{quoted} is in place of the feed{_linked_feed(page, url)}",
        reason=rule.reason if rule else "E_FEED_IS_HTML",
    )


def json_error(document: object) -> FeedError:
    """Return the error for JSON that is not a feed, with the error that it reports itself."""
    values = [document.get(key) for key in _ERROR_KEYS] if isinstance(document, dict) else []
    reported = [value for value in values if value]
    message = "JSON that is not a JSON Feed: it lacks the `version` or the `items` of one"
    if reported:
        quoted = json.dumps(reported[0], ensure_ascii=False)[:_MAX_QUOTED_JSON]
        message = f"{message}; it reports {quoted}"
    return FeedError(message, reason="E_FEED_JSON")


def _title(source: str) -> str | None:
    match = _TITLE.search(source)
    return parsed.line(match[1], html=True) if match else None


def _matching_rule(source: str, title: str | None) -> PageRule | None:
    text = parsed.paragraphs(_body(source)) or ""
    for rule in page_rules():
        if rule.matches(title or "", source, text):
            return rule
    return None


def _linked_feed(page: bytes, url: str | None) -> str:
    links = feed_links(page, url) if url else ()
    return f"; it links to the feed {links[0].url}" if links else ""


def _body(source: str) -> str:
    lower = source.lower()
    at = lower.find("<body")
    # Offsets hold only if lower-casing kept the length.
    return source[at:] if at >= 0 and len(lower) == len(source) else source


def _rule(table: dict[str, object]) -> PageRule:
    try:
        return PageRule(
            name=str(table["name"]),
            reason=str(table["reason"]),
            description=str(table["description"]),
            title=re.compile(str(table["title"]), re.IGNORECASE),
            mark=re.compile(str(table["mark"]), re.IGNORECASE),
            examples=tuple(map(str, table["is"])),  # type: ignore[call-overload]
            near_misses=tuple(map(str, table["is_not"])),  # type: ignore[call-overload]
        )
    except (KeyError, TypeError, re.error) as error:
        raise ConfigError(f"rules/not_feeds.toml, rule {table.get('name')!r}: {error!r}") from error
