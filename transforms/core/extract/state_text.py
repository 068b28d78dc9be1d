"""Find the text of an article in the state of an application, and write it as HTML.

Applications name and nest their text each in its own way, so it is found by structure: the object
with the page's title or address, the value in it with the most running text, and in that value the
name under which most of it stands.
"""

import html as markup
import re
from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from transforms.core.extract.plain_text import read_lines
from transforms.core.prose import fold, is_headline, word_count

# Bounds on hostile pages: the largest state of 1,500 pages has 60,000 values.
MAX_VALUES = 100_000
MAX_DEPTH = 60
MAX_TEXT_CHARS = 1_000_000
# A title is no longer (headline.py); an object beyond these few has another article.
MAX_TITLE_CHARS = 500
MAX_NAMED = 50
# Shorter titles and addresses are contained in many.
MIN_TITLE_CHARS = 11
MIN_PATH_CHARS = 8
# Two or three sentences: most descriptions are shorter (the median has 148 characters).
MIN_TEXT_CHARS = 200
# The only text of a page whose title it does not have: related articles would be more than that.
MIN_SHARE = 0.6
# Running text, not a label: a sentence of a few words.
MIN_TEXT_WORDS = 6
# A part of a line, as before a link, is shorter.
MIN_SPAN_WORDS = 2
# A title of a card. Enough of the cards to judge a list by.
MIN_CARD_WORDS = 3
MAX_CARDS = 40
# The type, style or tag of a block is one word.
MAX_LABEL = 30
# Writing has such a mark in a hundred characters, data and code have one in thirty or fewer.
_CODE = re.compile(r"[{}=;|\\_<>]|\":|\S{40}|(?<!\S)[.#][a-z]")
MIN_CHARS_PER_MARK = 50
MAX_JUDGED_CHARS = 4_000
_TAGS = re.compile(r"<[^<>]{0,2000}>|&[#\w]{1,10};")
_TAG = re.compile(r"<(?:/|br\b|[a-z][a-z0-9]{0,15}[\s>/])", re.IGNORECASE)
_BLOCK_TAG = re.compile(
    r"<(?:p|div|h[1-6]|ul|ol|li|blockquote|section|table|figure|pre|dl)\b", re.IGNORECASE
)
_ESCAPED_TAG = re.compile(r"&lt;(?:p|div|h[1-6]|ul|ol|br|blockquote)\b", re.IGNORECASE)
_HEADING = re.compile(r"(?:.*[_-])?(?:heading|header|h[1-6])(?:[_-].*)?", re.IGNORECASE)
_GLUE_BEFORE = tuple(" \n\t\u00a0.,;:!?)]}’”»…%")
_GLUE_AFTER = tuple(" \n\t\u00a0([{‘“«„")


class Leaf(NamedTuple):
    """A text in a value: the name it stands under, and the item of the outermost list it is in."""

    name: str
    text: str
    item: int
    is_heading: bool


@dataclass(frozen=True, slots=True)
class _Place:
    """A value on the way through another."""

    value: Any
    name: str = ""
    item: int = 0
    depth: int = 0
    is_heading: bool = False


def article_markup(state: Any, titles: Collection[str], url: str) -> str:
    """Return the text of the page's article as HTML; "" if the state has none."""
    found = [_richest(node, state) for node in _own_nodes(state, titles, url)]
    leaves = max(found, key=_running_chars, default=())
    return _markup(leaves if _running_chars(leaves) >= MIN_TEXT_CHARS else _only_text(state))


def value_markup(value: Any) -> str:
    """Return a text, or the texts in a list or object, as HTML."""
    return _markup(_text_leaves(value, value))


def _markup(leaves: Sequence[Leaf]) -> str:
    return "\n".join(_block_markup(block, heading) for block, heading in _blocks(leaves))


def _text_leaves(value: Any, state: Any, name: str = "") -> Sequence[Leaf]:
    """Return the texts in a value that stand under the name that has most of the writing in it."""
    leaves = list(_leaves(value, state, name))
    weights: defaultdict[str, int] = defaultdict(int)
    for leaf in leaves:
        weights[leaf.name] += _weight(leaf.text, MIN_SPAN_WORDS)
    if not weights:
        return ()
    name = max(weights, key=weights.__getitem__)
    return tuple(_once(leaf for leaf in leaves if leaf.name == name))


def _once(leaves: Iterable[Leaf]) -> Iterator[Leaf]:
    """Yield leaves without those that repeat running text, as other versions of a body do."""
    seen: set[str] = set()
    for leaf in leaves:
        if leaf.text not in seen:
            yield leaf
        if _weight(leaf.text):
            seen.add(leaf.text)


def _own_nodes(state: Any, titles: Collection[str], url: str) -> Iterator[Mapping[str, Any]]:
    """Yield the objects of a state that have the page's title, or else its address."""
    path = _path(url)
    by_path: list[Mapping[str, Any]] = []
    count = 0
    folded = {fold(title) for title in titles}
    for node in _objects(state):
        texts = [v for v in node.values() if isinstance(v, str) and len(v) <= MAX_TITLE_CHARS]
        if any(_is_title(text, folded) for text in texts):
            count += 1
            yield node
        elif len(path) >= MIN_PATH_CHARS and any(t.strip("/").endswith(path) for t in texts):
            by_path.append(node)
        if count >= MAX_NAMED:
            return
    if not count:
        yield from by_path[:MAX_NAMED]


def _path(url: str) -> str:
    try:
        return urlsplit(url).path.strip("/")
    except ValueError:
        return ""


def _is_title(text: str, titles: Collection[str]) -> bool:
    """Return whether a text is a title, or most of one with the site's name."""
    words = fold(text)
    if len(words) < MIN_TITLE_CHARS:
        return False
    return any(words in title and 2 * len(words) > len(title) for title in titles)


def _objects(state: Any) -> Iterator[Mapping[str, Any]]:
    """Yield the objects in a value, outer ones first, each once."""
    pending = deque([(state, 0)])
    seen: set[int] = set()
    while pending and len(seen) < MAX_VALUES:
        value, depth = pending.popleft()
        if id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, dict):
            yield value
        if depth < MAX_DEPTH:
            nested = (v for v in _parts(value).values() if isinstance(v, dict | list))
            pending.extend((part, depth + 1) for part in nested)


def _richest(node: Mapping[str, Any], state: Any) -> Sequence[Leaf]:
    """Return the texts in the value of an object that has the most running text."""
    found: Sequence[Leaf] = ()
    for name, value in node.items():
        if not _is_list_of_cards(value):
            found = max(found, _text_leaves(value, state, name), key=_running_chars)
    return found


def _only_text(state: Any) -> Sequence[Leaf]:
    """Return the texts of the one string or list that has most of the running text of a state."""
    weights: dict[int, int] = {}
    total = _weigh(state, weights)
    value, weight = state, total
    for _ in range(MAX_DEPTH):
        parts = _parts(value)
        if not parts or (isinstance(value, list) and len(parts) > 1):
            break
        value = max(parts.values(), key=lambda part: _weigh(part, weights))
        weight = _weigh(value, weights)
    is_most = weight >= MIN_TEXT_CHARS and weight >= MIN_SHARE * total
    return _text_leaves(value, state) if is_most and not _is_list_of_cards(value) else ()


def _is_list_of_cards(value: Any) -> bool:
    """Return whether most objects of a list have two texts or more: title and summary of a card."""
    items = [item for item in _parts(value).values() if isinstance(item, dict)]
    if not isinstance(value, list) or not items:
        return False
    cards = sum(_has_two_texts(item) for item in items[:MAX_CARDS])
    return 2 * cards > len(items[:MAX_CARDS])


def _has_two_texts(item: Mapping[str, Any]) -> bool:
    parts = (part for part in item.values() if isinstance(part, str))
    texts = [t for t in parts if word_count(t[:MAX_JUDGED_CHARS]) >= MIN_CARD_WORDS]
    titles = sum(map(is_headline, texts))
    return 0 < titles < len(texts) and len(set(texts)) > 1


def _weigh(value: Any, weights: dict[int, int], depth: int = 0) -> int:
    """Return the length of running text in a value; each object is weighed once."""
    if isinstance(value, str):
        return _weight(value)
    if id(value) not in weights and depth < MAX_DEPTH and len(weights) < MAX_VALUES:
        weights[id(value)] = 0
        parts = _parts(value).values()
        weights[id(value)] = sum(_weigh(part, weights, depth + 1) for part in parts)
    return weights.get(id(value), 0)


def _running_chars(leaves: Sequence[Leaf]) -> int:
    """Return the length of the running text in the blocks of texts."""
    return sum(_weight(text) for text, _ in _blocks(leaves))


def _weight(text: str, least_words: int = MIN_TEXT_WORDS) -> int:
    """Return the length of running text, 0 for a label, a link, data or code."""
    if word_count(text[:MAX_JUDGED_CHARS]) < least_words:
        return 0
    bare = _TAGS.sub(" ", text[:MAX_JUDGED_CHARS])
    code = len(_CODE.findall(bare))
    return len(text) if code * MIN_CHARS_PER_MARK <= len(bare) else 0


def _leaves(value: Any, state: Any, name: str = "") -> Iterator[Leaf]:
    """Yield the texts in a value in their order, each object once."""
    pending = [_Place(value, name)]
    seen: set[int] = set()
    left = MAX_TEXT_CHARS
    while pending and len(seen) < MAX_VALUES and left > 0:
        place = pending.pop()
        if isinstance(place.value, str):
            left -= len(place.value)
            yield Leaf(place.name, place.value, place.item, place.is_heading)
        elif place.depth < MAX_DEPTH and id(place.value) not in seen:
            seen.add(id(place.value))
            pending.extend(reversed(list(_inner(place, state))))


def _inner(place: _Place, state: Any) -> Iterator[_Place]:
    """Yield the values in an object or list, those that Apollo refers to included."""
    value = _referred(place.value, state)
    is_heading = place.is_heading or _is_heading(value)
    is_first_list = isinstance(value, list) and not place.item
    for number, (name, part) in enumerate(_parts(value).items(), 1):
        if isinstance(part, str | dict | list):
            yield _Place(
                part,
                name if isinstance(value, dict) else place.name,
                number if is_first_list else place.item,
                place.depth + 1,
                is_heading,
            )


def _parts(value: Any) -> Mapping[Any, Any]:
    if isinstance(value, dict):
        return value
    return dict(enumerate(value)) if isinstance(value, list) else {}


def _referred(value: Any, state: Any) -> Any:
    """Return the object that another stands for in Apollo's cache."""
    if isinstance(value, dict) and isinstance(state, dict) and isinstance(value.get("__ref"), str):
        return state.get(value["__ref"], value)
    return value


def _is_heading(value: Any) -> bool:
    """Return whether an object says that it is a heading: its type, style or tag."""
    if not isinstance(value, dict):
        return False
    short = (part for part in value.values() if isinstance(part, str) and len(part) <= MAX_LABEL)
    return any(_HEADING.fullmatch(part) for part in short)


def _blocks(leaves: Iterable[Leaf]) -> Iterator[tuple[str, bool]]:
    """Yield the blocks of texts, and whether each is a heading: the parts of a line are joined."""
    parts: list[str] = []
    last: Leaf | None = None
    for leaf in leaves:
        if last and not (leaf.item == last.item and _continues(last.text, leaf.text)):
            yield "".join(parts), last.is_heading
            parts = []
        parts.append(leaf.text)
        last = leaf
    if last:
        yield "".join(parts), last.is_heading


def _continues(text: str, following: str) -> bool:
    """Return whether a text goes on in the next one: a space or mark is where they meet."""
    return text.endswith(_GLUE_AFTER) or following.startswith(_GLUE_BEFORE)


def _block_markup(text: str, is_heading: bool) -> str:
    """Return a block as HTML: as it is if it has tags, else a paragraph for each line."""
    if _ESCAPED_TAG.search(text) and not _TAG.search(text):
        text = markup.unescape(text)
    if _BLOCK_TAG.search(text):
        return text
    tag = "h2" if is_heading else "p"
    if _TAG.search(text):
        return f"<{tag}>{text}</{tag}>"
    lines = read_lines(markup.unescape(text))
    return "\n".join(f"<{tag}>{markup.escape(line)}</{tag}>" for line in lines)
