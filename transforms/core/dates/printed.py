"""Read the stamps of a printed line: the times in it, and whether they are of publication."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from transforms.core.dates.names import date_words, read_table
from transforms.core.dates.parsed_time import NOWHERE, ParsedTime, Place
from transforms.core.dates.reading import MAX_LINE_CHARS, Stamp, read_line
from transforms.core.dates.tokens import Token, longest_name, tokenize
from transforms.core.dates.zones import is_zone

PUBLISHED, UPDATED, UNLABELLED = "published", "updated", ""
# A label is right before its date, or after it: "updated at 4 December", "4 December (updated)".
_MAX_LABEL_TOKENS = 8
_MAX_TOKENS_AFTER = 3
# Words of the longest phrases.
_MAX_PHRASE = 8
_MAX_ABBREVIATION = 4
_ENDS = frozenset(".;|!?")


@dataclass(frozen=True, slots=True)
class PrintedTime:
    """A time that a line prints; `kind` is PUBLISHED, UPDATED or UNLABELLED.

    `words` is how many words of the line are no part of its dates and labels.
    """

    kind: str
    time: ParsedTime
    words: int = 0


def printed_times(line: str, place: Place = NOWHERE, before: str = "") -> tuple[PrintedTime, ...]:
    """Return the times of a line, with their labels; `before` may be a label in a line above."""
    tokens = tokenize(line[:MAX_LINE_CHARS])
    stamps = read_line(tokens, place)
    if not stamps:
        return ()
    rest = _rest(tokens, stamps)
    kinds = _kinds(tokens, stamps)
    found = [PrintedTime(kind, one.time, rest) for kind, one in zip(kinds, stamps, strict=True)]
    if before and not found[0].kind:
        found[0] = replace(found[0], kind=label_in(tokenize(before)))
    return tuple(found)


def _kinds(tokens: Sequence[Token], stamps: Sequence[Stamp]) -> list[str]:
    """Return the kinds of the stamps of a line: labels are before all of them, or after all."""
    ends = [0, *(stamp.end for stamp in stamps)]
    starts = [*(stamp.start for stamp in stamps), len(tokens)]
    first = label_in(tokens[max(0, starts[0] - _MAX_LABEL_TOKENS) : starts[0]])
    if not first and _label_after(tokens, ends[-1], starts[-1]):
        pairs = zip(ends[1:], starts[1:], strict=True)
        return [_label_after(tokens, end, start) for end, start in pairs]
    pairs = zip(ends[:-1], starts[:-1], strict=True)
    return [label_in(tokens[max(end, start - _MAX_LABEL_TOKENS) : start]) for end, start in pairs]


def is_date_line(line: str, place: Place = NOWHERE) -> bool:
    """Return whether a line consists of dates, times and their labels only."""
    if len(line) > MAX_LINE_CHARS:
        return False
    tokens = tokenize(line)
    stamps = read_line(tokens, place)
    return bool(stamps) and _rest(tokens, stamps) == 0


def is_label(line: str) -> bool:
    """Return whether a line is the label of a date and nothing else."""
    tokens = tokenize(line[:MAX_LINE_CHARS])
    return 0 < len(tokens) <= _MAX_PHRASE + 1 and _rest(tokens, ()) == 0 and bool(label_in(tokens))


def label_in(tokens: Sequence[Token]) -> str:
    """Return the kind of date that the last phrase of some tokens announces."""
    at = len(tokens)
    while at > 0:
        at -= 1
        # What is before the end of a sentence, or in another field, labels nothing here.
        if tokens[at].text in _ENDS and not _is_abbreviated(tokens, at):
            return UNLABELLED
        found = longest_name(tokens, at, _labels().get, words=_MAX_PHRASE)
        if found is not None:
            return _longer_label(tokens, at) or found[0]
    return UNLABELLED


def _longer_label(tokens: Sequence[Token], end: int) -> str | None:
    """Return the kind of a phrase that begins earlier and ends later: "last updated"."""
    for at in range(max(0, end - _MAX_PHRASE), end):
        found = longest_name(tokens, at, _labels().get, words=_MAX_PHRASE)
        if found is not None and found[1] > end:
            return found[0]
    return None


def _is_abbreviated(tokens: Sequence[Token], at: int) -> bool:
    """Return whether a full stop belongs to the word before it, as in "Act. 4/12/2025"."""
    is_last = tokens[at].text == "." and at + 1 == len(tokens)
    return is_last and at > 0 and len(tokens[at - 1].text) <= _MAX_ABBREVIATION


def _label_after(tokens: Sequence[Token], start: int, limit: int) -> str:
    """Return the kind that the words right after a date say: "4 December (updated)"."""
    stop = min(limit, start + _MAX_TOKENS_AFTER)
    while start < stop and not tokens[start].text[0].isalpha():
        start += 1
    found = longest_name(tokens, start, _labels().get, words=_MAX_PHRASE) if start < stop else None
    return found[0] if found else UNLABELLED


def _rest(tokens: Sequence[Token], stamps: Sequence[Stamp]) -> int:
    """Return the number of words and numbers that are no part of dates and labels."""
    words = date_words()
    inside = {at for stamp in stamps for at in range(stamp.start, stamp.end)}
    fillers = words.before_date | words.before_time | words.between | words.hour_units
    count = at = 0
    while at < len(tokens):
        text = tokens[at].text
        label = longest_name(tokens, at, _phrase, words=_MAX_PHRASE)
        if at in inside or not text[0].isalnum():
            at += 1
        elif label is not None:
            at = label[1]
        elif text in fillers:
            at += 1
        else:
            count += not is_zone(text)
            at += 1
    return count


def _phrase(name: str) -> bool | None:
    return (name in _labels() or name in date_words().weekdays) or None


@lru_cache(maxsize=1)
def _labels() -> dict[str, str]:
    """Return the kinds of the phrases of `rules/dates/labels.toml`, by their joined words."""
    table = read_table("labels.toml")
    return {
        "".join(token.text for token in tokenize(phrase)): kind
        for kind in (UNLABELLED, PUBLISHED, UPDATED)
        for phrases in table[kind or "unlabelled"].values()
        for phrase in phrases.split(";")
    }
