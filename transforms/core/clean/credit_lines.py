"""Cut the lines at an article's end that name who did what for it: "Editing: Jane Roe"."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from transforms.core.clean.blocks import Block, Cut
from transforms.core.clean.boilerplate_rules import BoilerplateRule
from transforms.core.clean.positions import CleaningContext, tail_start
from transforms.core.prose import ends_sentence, plain, unbulleted, word_count

REASON = "credit-lines"
# Two dozen names fit in it; longer lines are paragraphs.
MAX_LINE_CHARS = 240
# "Text, research and data analysis:"; longer words before a colon are a sentence.
MAX_TASK_WORDS = 7
# A name has up to five words, with particles and a place after it.
MAX_NAME_WORDS = 8
_LABELLED = re.compile(r"(?P<task>[^:：]{2,60}?) ?[:：] ?(?P<names>.+)", re.DOTALL)
_BETWEEN_CREDITS = re.compile(r" ?[;|•·] ?|(?<=\w{3})[.。] (?=\w)")
_BETWEEN_NAMES = re.compile(r" ?[,/&+、،] ?")
_NUMBER = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class _Credit:
    """A line of tasks with names. `is_strong` if one is a newsroom's task, or is the article's
    author's; `is_known` if all are tasks that a rule names.
    """

    is_strong: bool
    is_known: bool


def cut_credit_lines(blocks: Sequence[Block], context: CleaningContext) -> list[Cut]:
    """Return cuts of the lines in the tail that name tasks and people.

    One newsroom's task among adjacent lines is enough, since films and plays also have an editor
    and a designer: without one, all tasks must be known.
    """
    rules = [rule for rule in context.rules if rule.scope == "credits"]
    cuts: list[Cut] = []
    run: list[tuple[int, _Credit]] = []
    for index in range(max(tail_start(blocks), 1), len(blocks)):
        credit = _read_credit(blocks[index].text, rules, context.authors)
        if credit is None:
            cuts.extend(_cuts_of(run))
            run = []
        else:
            run.append((index, credit))
    return [*cuts, *_cuts_of(run)]


def _cuts_of(run: Sequence[tuple[int, _Credit]]) -> Iterator[Cut]:
    are_credits = any(credit.is_strong for _, credit in run)
    if are_credits or all(credit.is_known for _, credit in run):
        for index, _ in run:
            yield Cut(index, REASON)


def _read_credit(
    text: str, rules: Sequence[BoilerplateRule], authors: Sequence[str]
) -> _Credit | None:
    """Return what a line says of who did what, None if it is not such a line."""
    if len(text) > MAX_LINE_CHARS:
        return None
    line = plain(unbulleted(text)).strip("()[]*_ ")
    parts = [_read_part(part, rules, authors) for part in _BETWEEN_CREDITS.split(line) if part]
    found = [part for part in parts if part is not None]
    if not found or len(found) < len(parts):
        return None
    return _Credit(
        is_strong=any(part.is_strong for part in found),
        is_known=all(part.is_known for part in found),
    )


def _read_part(
    text: str, rules: Sequence[BoilerplateRule], authors: Sequence[str]
) -> _Credit | None:
    labelled = _LABELLED.fullmatch(text)
    if labelled is None:
        return _read_unlabelled(text, rules)
    task, names = labelled["task"], labelled["names"]
    if word_count(task) > MAX_TASK_WORDS or not _are_names(names):
        return None
    is_newsroom = any(rule.pattern.fullmatch(task) for rule in rules)
    is_weak = any(rule.weak and rule.weak.fullmatch(task) for rule in rules)
    is_strong = is_newsroom or _names_any(names, authors)
    return _Credit(is_strong=is_strong, is_known=is_strong or is_weak)


def _names_any(text: str, authors: Sequence[str]) -> bool:
    return any(author in text for author in authors if word_count(author) > 1)


def _read_unlabelled(text: str, rules: Sequence[BoilerplateRule]) -> _Credit | None:
    """Return the credit of a line without a colon: "Translated by Jane Roe"."""
    for rule in rules:
        found = rule.pattern.match(text)
        if found is None or " " not in found.group():
            continue
        rest = text[found.end() :]
        if rest.startswith(" ") and _are_names(rest.strip()):
            return _Credit(is_strong=True, is_known=True)
    return None


def _are_names(text: str) -> bool:
    """Return whether a text is a list of names: each word capital, or short as "and" and "de" are.

    In scripts without capitals, a few words that are no sentence.
    """
    bare = text.rstrip(". ") if not _is_sentence(text) else text
    if not bare or _NUMBER.search(bare) or ends_sentence(bare):
        return False
    return all(map(_is_name, _BETWEEN_NAMES.split(bare)))


def _is_sentence(text: str) -> bool:
    return text.endswith((".", "。", "।")) and word_count(text) > MAX_NAME_WORDS


def _is_name(text: str) -> bool:
    words = text.split()
    is_short = 0 < word_count(text) <= 2 * MAX_NAME_WORDS
    return is_short and all(len(word) <= 3 or not word[0].islower() for word in words)
