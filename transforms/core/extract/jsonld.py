"""Read the metadata of an article from a page's JSON-LD (schema.org NewsArticle and its relatives).

https://developers.google.com/search/docs/appearance/structured-data/article
"""

import html as markup
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from math import isfinite
from typing import Any

from lxml import html

from transforms.core.extract.loose_json import read_roots
from transforms.core.prose import fold

# Bounds on hostile pages. On 1,500 pages the most were 31 scripts, 840,000 characters in a script
# and 79 nodes.
MAX_SCRIPTS = 40
MAX_SCRIPT_CHARS = 1_000_000
MAX_NODES = 5_000
MAX_DEPTH = 12
MAX_CHILDREN = 200
MAX_VALUES = 100
MAX_TYPES = 10
# Properties whose nodes are searched for articles too.
_NESTING = ("@graph", "mainEntity", "mainEntityOfPage", "itemListElement", "video")
# Beside pages ("WebPage", "MedicalWebPage"): what a page may consist of, with dates and authors.
_WORKS = frozenset({"CreativeWork", "Recipe", "HowTo", "PodcastEpisode", "Guide"})
_PARTIES = frozenset({"author", "creator", "publisher"})


@dataclass(frozen=True, slots=True)
class JsonLd:
    """The node of the page's own article, empty if it has none, and the types of all nodes.

    `page` is the node of the page itself, where that has the dates.
    """

    article: Mapping[str, Any] = field(default_factory=dict)
    page: Mapping[str, Any] = field(default_factory=dict)
    types: frozenset[str] = frozenset()
    page_author: Any = None
    """The author of the page, of a recipe or of another work that is no article."""
    sites: tuple[str, ...] = ()
    """The names of the site."""

    def text(self, name: str) -> str | None:
        """Return a property as text: a string, the name or URL of a node, the first of a list."""
        return next(iter(texts_of(self.article.get(name))), None)

    def date(self, *names: str) -> str | None:
        """Return the first of some properties of the article, else of its page, as text."""
        for node in (self.article, self.page):
            texts = chain.from_iterable(texts_of(node.get(name)) for name in names)
            text = next(texts, None)
            if text is not None:
                return text
        return None

    def texts(self, name: str) -> tuple[str, ...]:
        """Return all values of a property as text."""
        return tuple(texts_of(self.article.get(name)))


def read_jsonld(tree: html.HtmlElement, title: str | None = None) -> JsonLd:
    """Return the article node of a page: the one with the page's title if there are several."""
    nodes = [node for node in _nodes(tree) if _types(node)]
    types = frozenset(chain.from_iterable(map(_types, nodes)))
    articles = [node for node in nodes if _is_article(node)]
    article = _with_parties(_own_article(articles, title), nodes) if articles else {}
    work = _work_with("author", nodes)
    sites = (text for node in nodes if "WebSite" in _types(node) for text in texts_of(node))
    return JsonLd(
        article=article,
        page=_work_with("datePublished", nodes),
        types=types,
        page_author=_with_parties(work, nodes).get("author"),
        sites=tuple(islice(sites, MAX_TYPES)),
    )


def _work_with(name: str, nodes: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """Return the first node of a page or work that has a property, empty if none has it."""
    return next((node for node in nodes if _is_work(node) and node.get(name)), {})


def texts_of(value: Any) -> Iterator[str]:
    """Yield the texts in a JSON-LD value."""
    if isinstance(value, list):
        yield from _texts_of_list(value)
    elif isinstance(value, dict):
        yield from _texts_of_node(value)
    else:
        text = _scalar_text(value)
        if text:
            yield text


def _own_article(articles: Sequence[Mapping[str, Any]], title: str | None) -> Mapping[str, Any]:
    """Return the article whose headline is in the page's title, else the first."""
    page_title = fold(title or "")
    for article in articles:
        headline = article.get("headline")
        if page_title and headline and fold(str(headline)) in page_title:
            return article
    return articles[0]


def _with_parties(
    article: Mapping[str, Any], nodes: Sequence[Mapping[str, Any]]
) -> Mapping[str, Any]:
    """Return the article with its authors and publisher in place of references to them by id."""
    by_id = {node["@id"]: node for node in nodes if isinstance(node.get("@id"), str)}

    def resolve(value: Any) -> Any:
        if not isinstance(value, dict) or "name" in value or not isinstance(value.get("@id"), str):
            return value
        return by_id.get(value["@id"], value)

    def resolve_all(value: Any) -> Any:
        if isinstance(value, list):
            return [resolve(item) for item in value[:MAX_VALUES]]
        return resolve(value)

    return {
        name: resolve_all(value) if name in _PARTIES else value for name, value in article.items()
    }


def _texts_of_list(values: Sequence[Any]) -> Iterator[str]:
    for value in values[:MAX_VALUES]:
        if not isinstance(value, list):
            yield from texts_of(value)


def _texts_of_node(node: Mapping[str, Any]) -> Iterator[str]:
    """Yield the value of a typed value, else the name, URL or id of a node."""
    if isinstance(node.get("@value"), str | int | float):
        yield from texts_of(node["@value"])
        return
    # Some write the address of a person in the place of the name.
    names = [name for name in _strings(node.get("name")) if not name.startswith("http")]
    for value in (names, _composed_name(node), node.get("url"), node.get("@id")):
        texts = [_unescaped(text) for text in _strings(value)]
        if texts:
            yield from texts
            return


def _composed_name(node: Mapping[str, Any]) -> str:
    """Return the first and last name of a person as one."""
    parts = (node.get(name) for name in ("givenName", "additionalName", "familyName"))
    return " ".join(part.strip() for part in parts if isinstance(part, str))


def _strings(value: Any) -> list[str]:
    """Return the texts in a value that is one text or a list of them."""
    values = value[:MAX_VALUES] if isinstance(value, list) else [value]
    return [text for text in values if isinstance(text, str) and text.strip()]


def _unescaped(text: str) -> str:
    """Return a text without the entities that many sites leave in it."""
    return (markup.unescape(text) if "&" in text else text).strip()


def _scalar_text(value: Any) -> str:
    """Return a string or number as text; "" for anything else."""
    if isinstance(value, str):
        return _unescaped(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, float) and isfinite(value):
        return f"{value:.0f}"
    return ""


def _nodes(tree: html.HtmlElement) -> Iterator[dict[str, Any]]:
    """Yield the nodes of a page's scripts, those near the top of each script first."""
    texts = islice(_script_texts(tree), MAX_SCRIPTS)
    values = chain.from_iterable(_breadth_first(_load(text)) for text in texts)
    for value in islice(values, MAX_NODES):
        if isinstance(value, dict):
            yield value


def _script_texts(tree: html.HtmlElement) -> Iterator[str]:
    """Yield the texts of a page's scripts of JSON-LD; Remix writes some as meta elements."""
    for element in tree.iter("script", "meta"):
        name = element.get("type") if element.tag == "script" else element.get("name")
        if "ld+json" in (name or "").lower():
            yield (element.text if element.tag == "script" else element.get("content")) or ""


def _breadth_first(root: Any) -> Iterator[Any]:
    """Yield a value and those nested in it."""
    pending = deque([(root, 0)])
    while pending:
        value, depth = pending.popleft()
        yield value
        if depth < MAX_DEPTH:
            children = _children(value)[:MAX_CHILDREN]
            nested = (child for child in children if isinstance(child, dict | list))
            pending.extend((child, depth + 1) for child in nested)


def _children(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [value.get(name) for name in _NESTING]
    return value if isinstance(value, list) else []


def _load(text: str) -> list[Any]:
    """Return the JSON values of a script."""
    return read_roots(text) if len(text) <= MAX_SCRIPT_CHARS else []


def _types(node: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the schema.org types of a node, without the URL before them."""
    kind = node.get("@type")
    kinds = kind if isinstance(kind, list) else [kind]
    names = (name for name in kinds[:MAX_TYPES] if isinstance(name, str))
    return tuple(name.rsplit("/", 1)[-1] for name in names)


def _is_work(node: Mapping[str, Any]) -> bool:
    return any(kind.endswith("Page") or kind in _WORKS for kind in _types(node))


def _is_article(node: Mapping[str, Any]) -> bool:
    return any(_is_article_type(kind) for kind in _types(node))


def _is_article_type(kind: str) -> bool:
    ends_as_article = kind.endswith(("Article", "BlogPosting", "LiveBlogPosting", "Report"))
    return ends_as_article or kind == "SocialMediaPosting"
