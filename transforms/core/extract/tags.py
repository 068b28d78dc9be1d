"""Read the tags of an article, without what a CMS notes for itself (`rules/tags.toml`)."""

import html as markup
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files

from transforms.core.extract.jsonld import JsonLd
from transforms.core.prose import fold, tidy

# Bounds on hostile pages. On 1,500 pages the most were 64 tags; a limit of 10 would cut those of 38
# of 301 pages.
MAX_TAGS = 50
MAX_TAG_CHARS = 100
_BETWEEN = re.compile(r"[,;，、；]")
# Of a meta element for one tag: "Quill, Ada" is one, "Bridges,Harbour" are two.
_TIGHT_COMMA = re.compile(r",(?=\S)")
# content-type: story, _prio_3, @river, autoplay_video, serverSideHawk, 18153161, 8ae9ab2d-fe1b-...
_MACHINE = re.compile(
    r"[\w-]*[a-z][\w-]*[:=]\S.*|[a-z][\w-]*\s*[:=]\s.*|[a-z]+[A-Z]\w*:.*|[@_].*|\w*_\w*|[a-z]{5,}[A-Z]\w*"
    r"|[a-z]{1,8}-?\d{4,}|\d{5,}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{16,}|[\W\d_]*[\W_]"
)
_NAMED = re.compile(r"([^\W\d_]{2,20})\s*[:=]")


def read_tags(metas: Mapping[str, Sequence[str]], jsonld: JsonLd) -> tuple[str, ...]:
    """Return the tags and keywords in alphabetical order."""
    keywords = jsonld.texts("keywords") or (
        *metas.get("news_keywords", ()),
        *metas.get("keywords", ()),
    )
    stated = metas.get("article:tag", ())
    tags = [*_split(stated, _TIGHT_COMMA), *_split(keywords, _BETWEEN)]
    kept = (_shortened(tag) for tag in tags[:MAX_TAGS] if not is_own_word(tag))
    return tuple(sorted(set(filter(None, kept))))


def is_own_word(text: str) -> bool:
    """Return whether a tag or section is a CMS's own: a setting, an id, "Uncategorized"."""
    text = tidy(text).removeprefix("#")
    words, names = _own_words()
    if fold(text) in words or _MACHINE.fullmatch(text):
        return True
    named = _NAMED.match(text)
    return named is not None and named[1].casefold() in names


def _split(texts: Sequence[str], separator: re.Pattern[str]) -> Iterator[str]:
    for text in texts[:MAX_TAGS]:
        plain = markup.unescape(text) if "&" in text else text
        for part in separator.split(plain)[:MAX_TAGS]:
            if part.strip():
                yield part.strip()


def _shortened(tag: str) -> str | None:
    return tidy(tag).removeprefix("#")[:MAX_TAG_CHARS].strip() or None


@cache
def _own_words() -> tuple[frozenset[str], frozenset[str]]:
    """Return the words, folded, and the names before a colon."""
    path = files("transforms").joinpath("rules", "tags.toml")
    tables = tomllib.loads(path.read_text(encoding="utf-8"))
    return frozenset(map(fold, tables["words"])), frozenset(map(str.casefold, tables["names"]))
