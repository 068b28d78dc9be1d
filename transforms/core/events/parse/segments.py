"""Where are the paragraphs, the sentences and the quotations of a text?"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

MAX_CHARS = 200_000
"""Texts are coded up to this length."""

MAX_SENTENCE = 800
"""Longer sentences are cut at a space: the parser's work grows with them and its answers get worse."""

MAX_WORD = 80

_BREAK = re.compile(r"\n[^\S\n]*(?:\n\s*)?")
_END = re.compile(r"""[.!?…]+["”’')\]]*\s+(?=["“‘'(\[]?[A-Z0-9])""")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(\"“'‘-])(?:[A-Z]|Mr|Mrs|Ms|Dr|Prof|Gen|Col|Lt|Maj|Sgt|Capt|Sen|Rep|Gov|Rev|Hon|St|Mt|No|vs|etc|Inc|Ltd|Co|Corp"
    r"|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec|(?:[A-Za-z]\.)+[A-Za-z])\.$"
)
_WIRE = r"(?:Reuters|AP|AFP|UPI|CNN|BBC|dpa|DPA|EFE|IPS|Xinhua|TASS|ANSA|Kyodo|PTI|Bloomberg|Anadolu|IRNA|Al Jazeera)"
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|June?|July?|Aug|Sept?|Oct|Nov|Dec)[a-z]*\.?"
_DAY = rf"(?:{_MONTH} \d{{1,2}}|\d{{1,2}} {_MONTH})(?:,? \d{{4}})?"
_CITY = r"[A-Z][A-Z.'’]+(?:[ /-][A-Z][A-Z.'’]*){0,4}"
_REGION = r"(?:,? [A-Z][\w.]+(?: [A-Z][\w.]+){0,2})?"
_TITLED = r"[A-Z][\w.'’]+(?: [A-Z][\w.'’]+){0,2}"
_DATELINE = re.compile(
    rf"\s*(?:(?:{_CITY}{_REGION}(?:,? {_DAY})?\s*(?:\([^()]{{2,40}}\)\s*)?(?:--?|–|—)"
    rf"|{_CITY}(?<=[A-Z]{{5}}):"
    rf"|{_TITLED}{_REGION}(?:,? {_DAY}\s*(?:\([^()]{{2,40}}\)\s*)?|\s*\({_WIRE}[^()]{{0,20}}\)\s*)(?:--?|–|—))\s+"
    rf"|\({_WIRE}\)\s*(?:--?|–|—)?\s*)(?=[\"“‘'(]?[A-Z0-9])"
)
_OPEN, _CLOSE = "“«„", "”»"


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a text and its offset in it."""

    text: str
    start: int

    @property
    def end(self) -> int:
        """Offset after the last character."""
        return self.start + len(self.text)


def paragraphs(text: str) -> Iterator[Segment]:
    """Yield the paragraphs that hold something, up to the bound."""
    at = 0
    text = text[:MAX_CHARS]
    for gap in [*_BREAK.finditer(text), None]:
        end = gap.start() if gap else len(text)
        if text[at:end].strip():
            yield Segment(text[at:end], at)
        at = gap.end() if gap else end


def sentences(paragraph: Segment) -> Iterator[Segment]:
    """Yield the sentences of a paragraph, the overlong cut, those with an endless word left out."""
    text, at = paragraph.text, after_dateline(paragraph.text)
    for end in [*_ends(text), len(text)]:
        for a, b in _cut(text, at, end):
            piece = text[a:b]
            if piece.strip() and max(map(len, piece.split())) <= MAX_WORD:
                lead = len(piece) - len(piece.lstrip())
                yield Segment(piece.strip(), paragraph.start + a + lead)
        at = end


def after_dateline(text: str) -> int:
    """Return where a paragraph's own words begin, after "DOHA, Oct 14 (Reuters) - "."""
    found = _DATELINE.match(text)
    return found.end() if found else 0


def _ends(text: str) -> Iterator[int]:
    for match in _END.finditer(text):
        if match.end() > after_dateline(text) and not (
            match.group().startswith(".")
            and _ABBREVIATION.search(text[max(0, match.start() - 12) : match.start() + 1])
        ):
            yield match.end()


def _cut(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while end - start > MAX_SENTENCE:
        space = text.rfind(" ", start + 1, start + MAX_SENTENCE)
        middle = space if space > 0 else start + MAX_SENTENCE
        yield start, middle
        start = middle
    yield start, end


@dataclass(frozen=True, slots=True)
class Quote:
    """A quotation: its span in the text, marks included, and whether a closing mark ends it."""

    start: int
    end: int
    closed: bool


def quotes(paragraph: Segment) -> tuple[Quote, ...]:
    """Return the quotations of a paragraph; one that is not closed runs to its end."""
    found: list[Quote] = []
    opened: int | None = None
    for at, char in enumerate(paragraph.text):
        if opened is None and (char in _OPEN or char == '"'):
            opened = at
        elif opened is not None and (char in _CLOSE or char == '"'):
            found.append(Quote(paragraph.start + opened, paragraph.start + at + 1, True))
            opened = None
    if opened is not None:
        found.append(Quote(paragraph.start + opened, paragraph.end, False))
    return tuple(found)
