"""What stands where a feed should be? A page of its kind, JSON that is none, and the feed that a page links to."""

import json
import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from transforms.core.feeds import parsed
from transforms.core.feeds.discover import feed_links
from transforms.errors import ConfigError, FeedError

MAX_READ = 256 * 1024
SHORT_CHARS = 2_000

_TITLE = re.compile(r"<title[^<>]{0,200}>([^<]{0,500})", re.IGNORECASE)
_ERROR_KEYS = ("error", "errors", "message", "detail", "title", "code")


@dataclass(frozen=True, slots=True)
class PageRule:
    """How a kind of page that is no feed is known, with examples."""

    name: str
    reason: str
    says: str
    title: re.Pattern[str]
    mark: re.Pattern[str]
    examples: tuple[str, ...]
    near_misses: tuple[str, ...]

    def fits(self, title: str, source: str, shown: str) -> bool:
        """Return whether a page is of this kind."""
        return bool(self.title.fullmatch(title)) or (
            len(shown) < SHORT_CHARS and bool(self.mark.search(source))
        )


@lru_cache(maxsize=1)
def page_rules() -> tuple[PageRule, ...]:
    """Return the rules of `rules/not_feeds.toml`, in order."""
    text = files("transforms").joinpath("rules", "not_feeds.toml").read_text(encoding="utf-8")
    return tuple(_rule(table) for table in tomllib.loads(text)["rule"])


def page_error(page: bytes, url: str | None) -> FeedError:
    """Return the error for a web page in a feed's place: what it is, and the feed it links to, if any."""
    source = page[:MAX_READ].decode("utf-8", "replace")
    found = _TITLE.search(source)
    title = parsed.line(found[1], html=True) if found else None
    shown = parsed.paragraphs(_body(source)) or ""
    rule = next((rule for rule in page_rules() if rule.fits(title or "", source, shown)), None)
    what = rule.says if rule else "a web page"
    named = f" ({title[:100]!r})" if title else ""
    links = feed_links(page, url) if url else ()
    offer = f"; it links to the feed {links[0].url}" if links else ""
    return FeedError(
        f"{what}{named} stands where the feed should be{offer}",
        reason=rule.reason if rule else "E_FEED_IS_HTML",
    )


def json_error(document: object) -> FeedError:
    """Return the error for JSON that is no feed, with what it says for itself."""
    said = [document.get(key) for key in _ERROR_KEYS] if isinstance(document, dict) else []
    text = next((json.dumps(one, ensure_ascii=False)[:200] for one in said if one), "")
    return FeedError(
        "JSON that is no JSON Feed: it lacks a jsonfeed.org `version` or a list of `items`"
        + (f"; it says {text}" if text else ""),
        reason="E_FEED_JSON",
    )


def _body(source: str) -> str:
    at = source.lower().find("<body")
    return source[at:] if at >= 0 and len(source.lower()) == len(source) else source


def _rule(table: dict[str, object]) -> PageRule:
    try:
        return PageRule(
            name=str(table["name"]),
            reason=str(table["reason"]),
            says=str(table["says"]),
            title=re.compile(str(table["title"]), re.IGNORECASE),
            mark=re.compile(str(table["mark"]), re.IGNORECASE),
            examples=tuple(map(str, table["is"])),  # type: ignore[call-overload]
            near_misses=tuple(map(str, table["is_not"])),  # type: ignore[call-overload]
        )
    except (KeyError, TypeError, re.error) as error:
        raise ConfigError(f"rules/not_feeds.toml, rule {table.get('name')!r}: {error!r}") from error
