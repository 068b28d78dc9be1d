"""Which words of the text prove the event?"""

from collections.abc import Iterator

from spacy.tokens import Token

from transforms.core.events.matching.match import RuleMatch
from transforms.core.events.parse.syntax import children, is_inverted_command, phrase_head, subjects

MAX_WORDS = 60
_EDGES = frozenset(
    (
        ",",
        ";",
        ":",
        ".",
        "-",
        "–",
        "—",
        "and",
        "but",
        "or",
        "that",
        "while",
        "as",
        "because",
        "after",
        "before",
    )
)


def evidence_span(match: RuleMatch, said: Token | None) -> tuple[int, int]:
    """Return the tokens [start, end) of the clause that tells the event, with the words that report it when short."""
    top = _top(match)
    start, end = _clause(top, match)
    if said is not None and said.pos_ in ("VERB", "AUX"):
        first = min(
            [t.left_edge.i for t in children(said, "nsubj", "npadvmod", "prep", "dobj")] + [said.i]
        )
        if first < start and end - first <= 45:
            start = first
    if end - start > MAX_WORDS:
        start, end = _clip(match, start, end)
    return _trim(match.trigger.doc, start, end, match.trigger.i)


def _top(match: RuleMatch) -> Token:
    top = match.clause
    if match.verb is None:
        noun = phrase_head(top)
        if noun.dep_ in ("nsubj", "nsubjpass", "attr") and noun.head.pos_ in ("VERB", "AUX"):
            return noun.head
        return noun
    if is_inverted_command(top):
        return top.head
    while (
        top.dep_ in ("xcomp", "auxpass")
        and top.head.pos_ in ("VERB", "AUX", "ADJ")
        and top.head != top
    ):
        top = top.head
    return top


def _clause(top: Token, match: RuleMatch) -> tuple[int, int]:
    inside = {t.i for t in _tree(top, match.trigger)} | {
        match.trigger.i,
        *(t.i for t in match.trigger.lefts),
    }
    if match.verb is not None and not children(top, "nsubj", "nsubjpass"):
        near = [t for t in subjects(match.verb) if 0 < min(inside) - t.i < 25]
        if near and near[0].doc[near[0].i].head != top:
            inside |= {t.i for t in near[0].doc[near[0].left_edge.i : near[0].i + 1]}
    return min(inside), max(inside) + 1


def _tree(head: Token, trigger: Token) -> Iterator[Token]:
    yield head
    for child in head.children:
        keeps = child == trigger or trigger in child.subtree
        if keeps or not (
            child.dep_ in ("parataxis",) or (child.dep_ == "conj" and child.pos_ in ("VERB", "AUX"))
        ):
            yield from _tree(child, trigger)


def _clip(match: RuleMatch, start: int, end: int) -> tuple[int, int]:
    first = max(start, match.trigger.i - MAX_WORDS // 2)
    return first, min(end, first + MAX_WORDS)


def _trim(doc: object, start: int, end: int, keep: int) -> tuple[int, int]:
    tokens: list[Token] = list(doc)  # type: ignore[call-overload]
    while end - 1 > keep and (tokens[end - 1].lower_ in _EDGES or tokens[end - 1].is_space):
        end -= 1
    while start < keep and (tokens[start].lower_ in _EDGES or tokens[start].is_space):
        start += 1
    return start, end
