"""Which sentences of a text must be parsed: those that may tell an event, and those that say who is meant by them?"""

from collections.abc import Sequence

from transforms.core.events.entities.article_entities import ArticleEntities, tokens
from transforms.core.events.parse.prefilter import Prefilter, is_anaphoric
from transforms.core.events.parse.segments import Segment, quotes
from transforms.core.events.rules.lexicon import POLITICAL_SECTORS, Lexicon
from transforms.core.events.rules.rule_files import word_set

_BACK = 6
"""So many paragraphs back a quotation that goes on may have its speaker."""


_PRONOUNS = word_set("he she it they we i him her them us his its their our my who")


def sentences_to_parse(
    pieces: Sequence[Segment],
    rows: Sequence[Sequence[Segment]],
    prefilter: Prefilter,
    entities: ArticleEntities,
    lexicon: Lexicon,
) -> list[set[int]]:
    """Return for each paragraph the numbers of its sentences to parse."""
    out: list[set[int]] = []
    before = False
    for row in rows:
        keep = set()
        for n, sentence in enumerate(row):
            named = None
            if prefilter.may_report_event(sentence.text):
                named = names_party(sentence.text, entities, lexicon, before=before)
                if named:
                    keep.add(n)
            before = bool(named) or (named is None and entities.political)
        out.append(keep)
    for at, found in enumerate(list(map(frozenset, out))):
        if found and quotes(pieces[at]):
            _speakers(at, pieces, rows, prefilter, out)
    for at in range(len(rows) - 1, -1, -1):
        _antecedents(at, rows, out)
    return out


def names_party(
    sentence: str, entities: ArticleEntities, lexicon: Lexicon, *, before: bool
) -> bool:
    """Tell whether a sentence names somebody political, or may mean somebody named `before`.

    Without that it has no event that would be kept, whatever its verbs.
    """
    words = tokens(sentence)
    entries = [m.entry for m in lexicon.scan(words)]
    if len(entries) > 1 or any(e.country or e.sector in POLITICAL_SECTORS for e in entries):
        return True
    if entities.political:
        return (
            bool(entries)
            or any(w[:1].isupper() for w in words[1:])
            or bool(_PRONOUNS & {w.lower() for w in words})
        )
    known = (entities.persons.get(w) for w in words if w[:1].isupper())
    if any(p is not None and (p.country or p.sector) for p in known):
        return True
    return before and bool(_PRONOUNS & {w.lower() for w in words})


def _speakers(
    at: int,
    pieces: Sequence[Segment],
    rows: Sequence[Sequence[Segment]],
    prefilter: Prefilter,
    out: list[set[int]],
) -> None:
    """Add the sentences that say who speaks in a paragraph, and before it where a quotation goes on."""
    for n in range(at, max(-1, at - _BACK), -1):
        saying = {i for i, s in enumerate(rows[n]) if prefilter.may_attribute(s.text)}
        out[n] |= saying
        if (saying and n < at) or (n == at and not _goes_on(pieces[n])):
            return


def _goes_on(piece: Segment) -> bool:
    """Tell whether a paragraph starts with a quotation mark, so that its speaker may stand before it."""
    return piece.text.lstrip()[:1] in ("\u201c", '"', "\u00ab", "\u201e")


def _antecedents(at: int, rows: Sequence[Sequence[Segment]], out: list[set[int]]) -> None:
    """Add the sentence before one that starts with a pronoun, and so on back."""
    for n in sorted(out[at], reverse=True):
        while is_anaphoric(rows[at][n].text):
            if n > 0:
                n -= 1
                out[at].add(n)
                continue
            if at > 0 and rows[at - 1]:
                out[at - 1].add(len(rows[at - 1]) - 1)
            break
