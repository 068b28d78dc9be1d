"""Which sentences of a text must be parsed: those that may tell an event, and those that say who is meant by them?"""

from collections.abc import Sequence

from transforms.core.events.prefilter import Prefilter, points_back
from transforms.core.events.text import Piece, quotes

_BACK = 6
"""So many paragraphs back a quotation that goes on may have its speaker."""


def needed(pieces: Sequence[Piece], rows: Sequence[Sequence[Piece]], prefilter: Prefilter) -> list[set[int]]:
    """Return for each paragraph the numbers of its sentences to parse."""
    out = [{n for n, s in enumerate(row) if prefilter.may_tell(s.text)} for row in rows]
    for at, found in enumerate(list(map(frozenset, out))):
        if found and quotes(pieces[at]):
            _speakers(at, pieces, rows, prefilter, out)
    for at in range(len(rows) - 1, -1, -1):
        _antecedents(at, rows, out)
    return out


def _speakers(
    at: int,
    pieces: Sequence[Piece],
    rows: Sequence[Sequence[Piece]],
    prefilter: Prefilter,
    out: list[set[int]],
) -> None:
    """Add the sentences that say who speaks in a paragraph, and before it where a quotation goes on."""
    for n in range(at, max(-1, at - _BACK), -1):
        saying = {i for i, s in enumerate(rows[n]) if prefilter.may_say(s.text)}
        out[n] |= saying
        if (saying and n < at) or (n == at and not _goes_on(pieces[n])):
            return


def _goes_on(piece: Piece) -> bool:
    """Tell whether a paragraph starts with a quotation mark, so that its speaker may stand before it."""
    return piece.text.lstrip()[:1] in ("\u201c", '"', "\u00ab", "\u201e")


def _antecedents(at: int, rows: Sequence[Sequence[Piece]], out: list[set[int]]) -> None:
    """Add the sentence before one that starts with a pronoun, and so on back."""
    for n in sorted(out[at], reverse=True):
        while points_back(rows[at][n].text):
            if n > 0:
                n -= 1
                out[at].add(n)
                continue
            if at > 0 and rows[at - 1]:
                out[at - 1].add(len(rows[at - 1]) - 1)
            break
