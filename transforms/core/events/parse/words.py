"""Tests on words of a parsed sentence, and relations of several words at once."""

from collections.abc import Container, Iterable

from spacy.tokens import Token

from transforms.core.events.parse.syntax import children, objects, prep_objects


def has_form(tokens: Iterable[Token], words: Container[str]) -> bool:
    """Return whether the lower-cased form of a token is one of the words."""
    return any(t.lower_ in words for t in tokens)


def has_lemma(tokens: Iterable[Token], words: Container[str]) -> bool:
    """Return whether the lemma of a token is one of the words, as the model writes it."""
    return any(t.lemma_ in words for t in tokens)


def has_folded_lemma(tokens: Iterable[Token], words: Container[str]) -> bool:
    """Return whether the lower-cased lemma of a token is one of the words."""
    return any(t.lemma_.lower() in words for t in tokens)


def has_subject(verb: Token) -> bool:
    """Return whether a verb has a subject of its own, active or passive."""
    return bool(children(verb, "nsubj", "nsubjpass"))


def is_verbal(token: Token) -> bool:
    """Return whether a token is a verb or an auxiliary."""
    return token.pos_ in ("VERB", "AUX")


def all_children(tokens: Iterable[Token], *relations: str) -> list[Token]:
    """Return the children of all the tokens in one of these relations, token by token."""
    found: list[Token] = []
    for token in tokens:
        found += children(token, *relations)
    return found


def all_objects(verbs: Iterable[Token]) -> list[Token]:
    """Return the objects of all the verbs, verb by verb."""
    found: list[Token] = []
    for verb in verbs:
        found += objects(verb)
    return found


def all_prep_objects(tokens: Iterable[Token], *prepositions: str) -> list[Token]:
    """Return the objects of the tokens' prepositions with one of these names, token by token."""
    found: list[Token] = []
    for token in tokens:
        found += prep_objects(token, *prepositions)
    return found
