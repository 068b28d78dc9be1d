"""Add contexts of the ontology to an event, by the words of its sentence and article.

A context is the subject matter of an event (PLOVER's "political", "military", "health", ...). Its
words are in the language's `contexts.toml`.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from transforms.core.events.rules.rule_files import read_table, rules_folder
from transforms.records import EventMention

_MIN_MENTIONS = 3
"""Words of a context that an article must have for the context to be the article's."""
# It only decides in articles of at most 20 sentences, where one or two words are chance.

_MIN_SHARE = 0.15
"""Words of a context for each sentence, at least, for it to be the article's: one in seven."""
# A judgement on how dense a subject must be. 0.08 and 0.3 each change the contexts of some 150 of
# 1,955 coded mentions.

_MAX_OF_ARTICLE = 2
"""Contexts taken from an article, the most frequent first."""
# They apply to each of its events, so the third and fourth subject of an article would mislead.

_MAX_CONTEXTS = 6
"""Contexts of one event: the rule's first, then the sentence's, then the article's."""
# A bound above what occurs: none of 1,955 coded mentions has more.

_SENTENCE_END = re.compile(r"[.!?][\"”’]?\s|\n")
# Also the ends that overlap: the line feed after a full stop.
_AT_SENTENCE_END = re.compile(rf"(?=({_SENTENCE_END.pattern}))")


@lru_cache(maxsize=8)
def load_contexts(language: str) -> Mapping[str, re.Pattern[str]]:
    """Return the pattern of each context's words; none if there is no `contexts.toml`."""
    if not rules_folder().joinpath("events", language, "contexts.toml").is_file():
        return {}
    table = read_table("events", language, "contexts.toml")["context"]
    return {name: _pattern(words) for name, words in table.items()}


def _pattern(words: Sequence[str]) -> re.Pattern[str]:
    """Return a pattern of the words and their plurals; "~" stands for any letters."""
    alternatives = []
    for word in words:
        escaped = re.escape(word).replace("\\~", "~").replace("~", r"\w*")
        alternatives.append(escaped + (r"\w*" if word.endswith("~") else "s?"))
    return re.compile(rf"(?<!\w)(?:{'|'.join(alternatives)})(?!\w)", re.IGNORECASE)


def add_contexts(
    mentions: Sequence[EventMention], title: str, body: str, language: str
) -> list[EventMention]:
    """Return the mentions with the contexts of their sentences and of the article added."""
    if not mentions:
        return []
    patterns = load_contexts(language)
    of_article = _article_contexts(body, patterns)
    in_body, in_title = _SentenceContexts(body, patterns), _SentenceContexts(title, patterns)
    out = []
    for mention in mentions:
        sentences = in_body if mention.evidence_field == "body" else in_title
        of_sentence = sentences.around(mention.evidence_start, mention.evidence_end)
        ranked = dict.fromkeys([*mention.contexts, *of_sentence, *of_article])
        out.append(replace(mention, contexts=tuple(sorted(list(ranked)[:_MAX_CONTEXTS]))))
    return out


def _article_contexts(body: str, patterns: Mapping[str, re.Pattern[str]]) -> list[str]:
    """Return the contexts of a whole article, the most frequent first."""
    sentences = max(1, len(_SENTENCE_END.findall(body)))
    threshold = max(_MIN_MENTIONS, _MIN_SHARE * sentences)
    counts: dict[str, int] = {}
    for name, pattern in patterns.items():
        count = sum(1 for _ in pattern.finditer(body))
        if count >= threshold:
            counts[name] = count
    return sorted(counts, key=lambda name: -counts[name])[:_MAX_OF_ARTICLE]


class _SentenceContexts:
    """The contexts of a text's sentences; each sentence is searched once for all its mentions."""

    def __init__(self, text: str, patterns: Mapping[str, re.Pattern[str]]) -> None:
        self._text = text
        self._patterns = patterns
        ends = [found.span(1) for found in _AT_SENTENCE_END.finditer(text)]
        self._ends = [start for start, _ in ends]
        self._next_starts = [end for _, end in ends]
        self._known: dict[tuple[int, int], list[str]] = {}

    def around(self, start: int, end: int) -> list[str]:
        """Return the contexts from the sentence end before a span to the one after it."""
        before = bisect_right(self._next_starts, start)
        after = bisect_left(self._ends, end)
        span = (
            self._next_starts[before - 1] if before else 0,
            self._ends[after] if after < len(self._ends) else len(self._text),
        )
        if span not in self._known:
            sentence = self._text[slice(*span)]
            self._known[span] = [n for n, p in self._patterns.items() if p.search(sentence)]
        return self._known[span]
