"""Split a sentence into words, and find the runs of words that are names of persons."""

import re
from collections.abc import Iterator, Sequence

from transforms.core.events.rules.lexicon import Match
from transforms.core.events.rules.rule_files import word_set

_MAX_NAME_WORDS = 5
"""Words of a name: "Mohammed bin Salman al Saud" has five."""

_MIN_HEADLINE_WORDS = 4
"""Long words that a headline needs to be judged as title case; fewer may all be names."""
_HEADLINE_WORD_LENGTH = 4
"""Letters of a long word: title case keeps "of" and "the" in lower case."""
_TITLE_CASE_SHARE = 0.8
"""Share of the long words that title case capitalises: one in five may be in lower case."""

_TOKEN = re.compile(
    r"(?:[A-Za-z]\.){2,}|[^\W\d_](?:[\w]|[.'’](?=\w))*?(?=['’]s\b)|['’]s\b|[\w]+(?:[.'’][\w]+)*|\S"
)
_INITIALS = re.compile(r"[A-Z]|(?:[A-Z]\.)+")
_PARTICLES = word_set("al bin ibn van der de von el da dos di bint del la le abu")
_TITLES = word_set("mr mrs ms dr sir lord sheikh general colonel gen col")
_NOT_NAMES = word_set(
    "monday tuesday wednesday thursday friday saturday sunday january february march april may "
    "june july august september october november december the he it she they in on at but and this "
    "that a an i we you there"
)


def tokens(text: str) -> list[str]:
    """Return the words, possessive endings and punctuation marks of a text."""
    return _TOKEN.findall(text)


def matched_words(matches: Sequence[Match]) -> frozenset[int]:
    """Return the indices of the words that belong to a match."""
    found: set[int] = set()
    for match in matches:
        found.update(range(match.start, match.end))
    return frozenset(found)


def is_title_case(words: Sequence[str]) -> bool:
    """Return whether a headline is in title case, so that capitals do not mark names."""
    long_words = [w for w in words if w[0].isalpha() and len(w) >= _HEADLINE_WORD_LENGTH]
    if len(long_words) < _MIN_HEADLINE_WORDS or words[-1] == ".":
        return False
    return sum(w[0].isupper() for w in long_words) >= _TITLE_CASE_SHARE * len(long_words)


def is_name(word: str) -> bool:
    """Return whether a word may be part of a name."""
    if not word[:1].isupper() or not word[-1:].isalnum():
        return False
    return any(c.islower() for c in word) and word.lower() not in _NOT_NAMES


def name_start(words: Sequence[str], end: int, taken: frozenset[int]) -> int:
    """Return the start of the name that ends before `end`; `end` if there is none."""
    start = end
    while start > 0 and start - 1 not in taken:
        before = words[start - 1]
        if not is_name(before) and before.lower() not in _PARTICLES:
            break
        start -= 1
    return start


def name_end(words: Sequence[str], start: int, taken: frozenset[int]) -> int:
    """Return the end of the name that begins at `start`; `start` if there is none.

    Words in `taken` are not part of a name.
    """
    end = start
    limit = min(len(words), start + _MAX_NAME_WORDS)
    while end < limit and end not in taken and _continues_name(words, start, end):
        end += 1
    while end > start and not is_name(words[end - 1]):
        end -= 1
    return end


def _continues_name(words: Sequence[str], start: int, at: int) -> bool:
    word = words[at]
    if at > start:
        ends_initial = word == "." and len(words[at - 1]) == 1
        if ends_initial or word.lower() in _PARTICLES:
            return True
    return is_name(word) or _INITIALS.fullmatch(word) is not None


def name_runs(words: Sequence[str], matches: Sequence[Match]) -> Iterator[tuple[int, int]]:
    """Yield the spans [start, end) of names, except a first word alone, which may be any word."""
    taken = matched_words(matches)
    at = 0
    while at < len(words):
        end = at
        if at not in taken and words[at].lower() not in _TITLES:
            end = name_end(words, at, taken)
        if end > at and (at > 0 or end - at > 1):
            yield at, end
        at = max(end, at + 1)
