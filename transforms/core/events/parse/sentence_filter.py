"""Choose the sentences to parse: those that may report an event, and those that explain them."""

from collections.abc import Sequence

from transforms.core.events.entities.article_entities import ArticleEntities
from transforms.core.events.entities.names import tokens
from transforms.core.events.parse.prefilter import Prefilter, is_anaphoric
from transforms.core.events.parse.segments import Segment, quotes
from transforms.core.events.rules.lexicon import POLITICAL_SECTORS, Entry, Lexicon
from transforms.core.events.rules.rule_files import word_set

_MAX_QUOTED_PARAGRAPHS = 6
"""Paragraphs of one quotation searched for its speaker, the last one included."""
# It keeps long interviews from being parsed whole. 2 and 12 gave the same on 435 articles.

_OPENING_MARKS = ("\u201c", '"', "\u00ab", "\u201e")
_PRONOUNS = word_set("he she it they we i him her them us his its their our my who")


def sentences_to_parse(
    paragraphs: Sequence[Segment],
    sentences: Sequence[Sequence[Segment]],
    prefilter: Prefilter,
    entities: ArticleEntities,
    lexicon: Lexicon,
) -> list[set[int]]:
    """Return the numbers of the sentences to parse, for each paragraph.

    `sentences` are those of each paragraph. Chosen are sentences that may report an event, that
    name the speaker of a quotation, or that precede a pronoun.
    """
    chosen = _may_report(sentences, prefilter, entities, lexicon)
    quoting = [n for n, numbers in enumerate(chosen) if numbers and quotes(paragraphs[n])]
    for number in quoting:
        _add_speakers(number, paragraphs, sentences, prefilter, chosen)
    for number in reversed(range(len(sentences))):
        _add_antecedents(number, sentences, chosen)
    return chosen


def _may_report(
    sentences: Sequence[Sequence[Segment]],
    prefilter: Prefilter,
    entities: ArticleEntities,
    lexicon: Lexicon,
) -> list[set[int]]:
    chosen: list[set[int]] = []
    party_before = False
    for row in sentences:
        numbers: set[int] = set()
        for number, sentence in enumerate(row):
            if not prefilter.may_report_event(sentence.text):
                # Its parties are not looked up, to save time.
                party_before = entities.political
                continue
            party_before = names_party(sentence.text, entities, lexicon, before=party_before)
            if party_before:
                numbers.add(number)
        chosen.append(numbers)
    return chosen


def names_party(
    sentence: str, entities: ArticleEntities, lexicon: Lexicon, *, before: bool
) -> bool:
    """Return whether a sentence names a possible party, or refers to one named `before`.

    Whatever the verb, an event is not reported without a party that has a country or an office.
    """
    words = tokens(sentence)
    entries = [m.entry for m in lexicon.scan(words)]
    if len(entries) > 1 or any(map(_is_political, entries)):
        return True
    if entities.political:
        # In a political article a name is enough for a party.
        return bool(entries) or _has_name(words) or _has_pronoun(words)
    return _names_known_person(words, entities) or (before and _has_pronoun(words))


def _is_political(entry: Entry) -> bool:
    return entry.country is not None or entry.sector in POLITICAL_SECTORS


def _has_name(words: Sequence[str]) -> bool:
    return any(w[:1].isupper() for w in words[1:])


def _names_known_person(words: Sequence[str], entities: ArticleEntities) -> bool:
    for word in words:
        person = entities.persons.get(word) if word[:1].isupper() else None
        if person is not None and (person.country or person.sector):
            return True
    return False


def _has_pronoun(words: Sequence[str]) -> bool:
    return any(w.lower() in _PRONOUNS for w in words)


def _add_speakers(
    number: int,
    paragraphs: Sequence[Segment],
    sentences: Sequence[Sequence[Segment]],
    prefilter: Prefilter,
    chosen: list[set[int]],
) -> None:
    """Add the sentences that may name the speaker of a paragraph's quotations.

    A quotation at the start of the paragraph may continue one of the paragraphs before.
    """
    for n in range(number, max(-1, number - _MAX_QUOTED_PARAGRAPHS), -1):
        attributing = {i for i, s in enumerate(sentences[n]) if prefilter.may_attribute(s.text)}
        chosen[n] |= attributing
        if n == number and not _begins_with_quote(paragraphs[n]):
            return
        if n < number and attributing:
            return


def _begins_with_quote(paragraph: Segment) -> bool:
    return paragraph.text.lstrip()[:1] in _OPENING_MARKS


def _add_antecedents(
    number: int, sentences: Sequence[Sequence[Segment]], chosen: list[set[int]]
) -> None:
    """Add the sentence before each that begins with a pronoun, repeatedly."""
    row = sentences[number]
    # From the last one on, so that a sentence that was added is looked at in its turn, once.
    for n in range(len(row) - 1, 0, -1):
        if n in chosen[number] and is_anaphoric(row[n].text):
            chosen[number].add(n - 1)
    if 0 in chosen[number] and is_anaphoric(row[0].text) and number > 0 and sentences[number - 1]:
        chosen[number - 1].add(len(sentences[number - 1]) - 1)
