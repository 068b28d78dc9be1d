"""What does a page's JSON-LD say of its article (schema.org NewsArticle and kin)?"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from math import isfinite
from typing import Any

from lxml import html

from transforms.core.prose import fold

MAX_SCRIPTS = 40
MAX_SCRIPT_CHARS = 1_000_000
MAX_NODES = 5_000
MAX_DEPTH = 12
_PARTIES = frozenset({"author", "creator", "publisher"})


@dataclass(frozen=True, slots=True)
class Linked:
    """The facts of the page's own article, empty where it gives none; `types` are those of all its nodes."""

    article: Mapping[str, Any] = field(default_factory=dict)
    types: frozenset[str] = frozenset()

    def text(self, name: str) -> str | None:
        """Return a property as text: the string itself, the name or URL of a node, the first of a list."""
        return next(iter(texts_of(self.article.get(name))), None)

    def texts(self, name: str) -> tuple[str, ...]:
        """Return all values of a property as text."""
        return tuple(texts_of(self.article.get(name)))


def read_linked(tree: html.HtmlElement, title: str | None = None) -> Linked:
    """Return the article node of a page's JSON-LD: the one with the page's title where there are several."""
    nodes = [node for node in _nodes(tree) if _types(node)]
    types = frozenset(kind for node in nodes for kind in _types(node))
    articles = [node for node in nodes if any(_is_article(kind) for kind in _types(node))]
    if not articles:
        return Linked(types=types)
    wanted = fold(title or "")
    same = [
        node
        for node in articles
        if wanted and fold(str(node.get("headline") or "")) in wanted and node.get("headline")
    ]
    return Linked(article=_resolved((same or articles)[0], nodes), types=types)


def _resolved(article: Mapping[str, Any], nodes: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """Return the node with its authors and publisher in place where it names them by their id alone."""
    known = {node["@id"]: node for node in nodes if isinstance(node.get("@id"), str)}

    def resolve(value: Any) -> Any:
        if isinstance(value, list):
            return [resolve(one) if not isinstance(one, list) else one for one in value[:100]]
        if isinstance(value, dict) and "name" not in value:
            return known.get(value["@id"], value) if isinstance(value.get("@id"), str) else value
        return value

    return {name: resolve(value) if name in _PARTIES else value for name, value in article.items()}


def texts_of(value: Any) -> Iterator[str]:
    """Yield the texts in a JSON-LD value."""
    if isinstance(value, str):
        if value.strip():
            yield value.strip()
    elif isinstance(value, int) and not isinstance(value, bool):
        yield str(value)
    elif isinstance(value, float) and isfinite(value):
        yield f"{value:.0f}"
    elif isinstance(value, list):
        for one in value[:100]:
            if not isinstance(one, list):
                yield from texts_of(one)
    elif isinstance(value, dict):
        yield from _texts_of_node(value)


def _texts_of_node(node: Mapping[str, Any]) -> Iterator[str]:
    if isinstance(node.get("@value"), str | int | float):
        yield from texts_of(node["@value"])
        return
    names = (node.get(name) for name in ("name", "url", "@id"))
    yield from islice((text.strip() for text in names if isinstance(text, str) and text.strip()), 1)


def _nodes(tree: html.HtmlElement) -> Iterator[dict[str, Any]]:
    left = MAX_NODES
    for script in tree.xpath("//script[contains(@type, 'ld+json')]")[:MAX_SCRIPTS]:
        pending = [(_load(script.text or ""), 0)]
        while pending and left > 0:
            node, depth = pending.pop(0)
            left -= 1
            if isinstance(node, dict):
                yield node
                inner = [
                    node.get(name)
                    for name in (
                        "@graph",
                        "mainEntity",
                        "mainEntityOfPage",
                        "itemListElement",
                        "video",
                    )
                ]
            else:
                inner = node if isinstance(node, list) else []
            if depth < MAX_DEPTH:
                pending.extend(
                    (one, depth + 1) for one in inner[:200] if isinstance(one, dict | list)
                )


def _load(text: str) -> Any:
    text = text.strip().removeprefix("<!--").removesuffix("-->").strip().removesuffix(";")
    if len(text) > MAX_SCRIPT_CHARS:
        return None
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None


def _types(node: Mapping[str, Any]) -> tuple[str, ...]:
    kind = node.get("@type")
    kinds = kind if isinstance(kind, list) else [kind]
    return tuple(one.rsplit("/", 1)[-1] for one in kinds[:10] if isinstance(one, str))


def _is_article(kind: str) -> bool:
    return (
        kind.endswith(("Article", "BlogPosting", "LiveBlogPosting", "Report"))
        or kind == "SocialMediaPosting"
    )
