"""What is an event about: which contexts of the ontology do its rule, its sentence and its article give?"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from transforms.core.events.rules.rule_files import read_table, rules_folder
from transforms.records import EventMention

_OFTEN = 3
"""An article is about what so many of its sentences speak of, and the share below."""

_SHARE = 0.15
_MOST = 6
_ENDS = re.compile(r"[.!?][\"”’]?\s|\n")


@lru_cache(maxsize=8)
def load_contexts(language: str) -> Mapping[str, re.Pattern[str]]:
    """Return the words of each context; none where the language has no `contexts.toml`."""
    if not rules_folder().joinpath("events", language, "contexts.toml").is_file():
        return {}
    table = read_table("events", language, "contexts.toml")["context"]
    return {name: _pattern(words) for name, words in table.items()}


def _pattern(words: Sequence[str]) -> re.Pattern[str]:
    each = (
        re.escape(w).replace("\\~", "~").replace("~", r"\w*")
        + (r"\w*" if w.endswith("~") else "s?")
        for w in words
    )
    return re.compile(rf"(?<!\w)(?:{'|'.join(each)})(?!\w)", re.IGNORECASE)


def add_contexts(
    mentions: Sequence[EventMention], title: str, body: str, language: str
) -> list[EventMention]:
    """Return the mentions with the contexts of their sentences and of the article beside those of their rules."""
    if not mentions:
        return []
    words = load_contexts(language)
    article = _running(body, words)
    out = []
    for mention in mentions:
        sentence = _sentence(body if mention.evidence_field == "body" else title, mention)
        near = [name for name, pattern in words.items() if pattern.search(sentence)]
        found = dict.fromkeys([*mention.contexts, *near, *article])
        out.append(replace(mention, contexts=tuple(sorted(list(found)[:_MOST]))))
    return out


def _running(body: str, words: Mapping[str, re.Pattern[str]]) -> list[str]:
    """The contexts that run through an article, most frequent first."""
    sentences = max(1, len(_ENDS.findall(body)))
    counts = {name: sum(1 for _ in pattern.finditer(body)) for name, pattern in words.items()}
    ranked = sorted(
        (name for name, n in counts.items() if n >= max(_OFTEN, _SHARE * sentences)),
        key=lambda c: -counts[c],
    )
    return ranked[:2]


def _sentence(text: str, mention: EventMention) -> str:
    before = [m.end() for m in _ENDS.finditer(text, 0, mention.evidence_start)]
    after = _ENDS.search(text, mention.evidence_end)
    return text[before[-1] if before else 0 : after.start() if after else len(text)]
