"""Paragraphs, sentences and quotations of a text, as offsets.

spaCy's own sentence boundaries need a parse; here most sentences are never parsed.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

MAX_CHARS = 200_000
"""Characters up to which a text is coded: about 35,000 words, more than any article."""

MAX_SENTENCE = 800
"""Characters after which a sentence is cut, at a space."""
# The parser slows down and errs more with length. Nearly everything longer is a list or a table
# without full stops.

MAX_WORD = 80
"""Characters of a word beyond which its sentence is skipped: encoded data, not prose."""

_ABBREVIATION_WINDOW = 12
"""Characters before a full stop that are searched for an abbreviation."""
# "(Prof." and "U.S.A." have 6; the rest allows for longer initials.

_BREAK = re.compile(r"\n[^\S\n]*(?:\n\s*)?")
_END = re.compile(r"""[.!?…]+["”’')\]]*\s+(?=["“‘'(\[]?[A-Z0-9])""")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(\"“'‘-])"
    r"(?:[A-Z]|Mr|Mrs|Ms|Dr|Prof|Gen|Col|Lt|Maj|Sgt|Capt|Sen|Rep|Gov|Rev|Hon|St|Mt|No|vs|etc"
    r"|Inc|Ltd|Co|Corp|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec|(?:[A-Za-z]\.)+[A-Za-z])\.$"
)
_WIRE = (
    r"(?:Reuters|AP|AFP|UPI|CNN|BBC|dpa|DPA|EFE|IPS|Xinhua|TASS|ANSA|Kyodo|PTI|Bloomberg|Anadolu"
    r"|IRNA|Al Jazeera)"
)
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|June?|July?|Aug|Sept?|Oct|Nov|Dec)[a-z]*\.?"
_DAY = rf"(?:{_MONTH} \d{{1,2}}|\d{{1,2}} {_MONTH})(?:,? \d{{4}})?"
_CITY = r"[A-Z][A-Z.'’]+(?:[ /-][A-Z][A-Z.'’]*){0,4}"
_REGION = r"(?:,? [A-Z][\w.]+(?: [A-Z][\w.]+){0,2})?"
_TITLED = r"[A-Z][\w.'’]+(?: [A-Z][\w.'’]+){0,2}"
_SOURCE = r"\([^()]{2,40}\)\s*"
_DASH = r"(?:--?|–|—)"
# A dateline in capitals needs only a dash, one in ordinary letters a date or an agency as well:
# "Bakers met in Oslo - and left" has none. "KARACHI:" takes five capitals, for "UN: we are calm".
_DATELINE = re.compile(
    rf"\s*(?:(?:{_CITY}{_REGION}(?:,? {_DAY})?\s*(?:{_SOURCE})?{_DASH}"
    rf"|{_CITY}(?<=[A-Z]{{5}}):"
    rf"|{_TITLED}{_REGION}(?:,? {_DAY}\s*(?:{_SOURCE})?|\s*\({_WIRE}[^()]{{0,20}}\)\s*){_DASH})\s+"
    rf"|\({_WIRE}\)\s*{_DASH}?\s*)(?=[\"“‘'(]?[A-Z0-9])"
)
_OPENING, _CLOSING = "“«„", "”»"


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a text and its offset in it."""

    text: str
    start: int

    @property
    def end(self) -> int:
        """Offset after the last character."""
        return self.start + len(self.text)


@dataclass(frozen=True, slots=True)
class Quote:
    """A quotation: its span in the text, marks included, and whether a closing mark ends it."""

    start: int
    end: int
    closed: bool


def paragraphs(text: str) -> Iterator[Segment]:
    """Yield the non-blank paragraphs of the first `MAX_CHARS` characters."""
    start = 0
    text = text[:MAX_CHARS]
    for gap in [*_BREAK.finditer(text), None]:
        end = gap.start() if gap else len(text)
        if text[start:end].strip():
            yield Segment(text[start:end], start)
        start = gap.end() if gap else end


def sentences(paragraph: Segment) -> Iterator[Segment]:
    """Yield the sentences of a paragraph after its dateline.

    Those longer than `MAX_SENTENCE` are cut, those with a word longer than `MAX_WORD` skipped.
    """
    text = paragraph.text
    body = after_dateline(text)
    start = body
    for end in [*_sentence_ends(text, body), len(text)]:
        for cut_start, cut_end in _cut(text, start, end):
            cut = text[cut_start:cut_end]
            words = cut.split()
            if words and max(map(len, words)) <= MAX_WORD:
                indent = len(cut) - len(cut.lstrip())
                yield Segment(cut.strip(), paragraph.start + cut_start + indent)
        start = end


def after_dateline(text: str) -> int:
    """Return the offset of a paragraph's own words, after "DOHA, Oct 14 (Reuters) - "."""
    found = _DATELINE.match(text)
    return found.end() if found else 0


def _sentence_ends(text: str, body: int) -> Iterator[int]:
    for match in _END.finditer(text):
        if match.end() > body and not _is_abbreviation(text, match):
            yield match.end()


def _is_abbreviation(text: str, end: re.Match[str]) -> bool:
    if not end.group().startswith("."):
        return False
    window = text[max(0, end.start() - _ABBREVIATION_WINDOW) : end.start() + 1]
    return _ABBREVIATION.search(window) is not None


def _cut(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while end - start > MAX_SENTENCE:
        space = text.rfind(" ", start + 1, start + MAX_SENTENCE)
        middle = space if space > 0 else start + MAX_SENTENCE
        yield start, middle
        start = middle
    yield start, end


def quotes(paragraph: Segment) -> tuple[Quote, ...]:
    """Return the quotations of a paragraph; one that is not closed runs to its end."""
    found: list[Quote] = []
    opened: int | None = None
    for at, char in enumerate(paragraph.text):
        if opened is None and (char in _OPENING or char == '"'):
            opened = at
        elif opened is not None and (char in _CLOSING or char == '"'):
            found.append(Quote(paragraph.start + opened, paragraph.start + at + 1, True))
            opened = None
    if opened is not None:
        found.append(Quote(paragraph.start + opened, paragraph.end, False))
    return tuple(found)
