"""Resolve a pronoun to the actor that it refers to, if there is only one candidate."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from spacy.tokens import Token

from transforms.core.events.parse.sentence_context import QuoteSpan, SentenceContext
from transforms.core.events.parse.syntax import ancestors, children
from transforms.records import Actor

_MAX_SENTENCES_BACK = 4
"""Sentences searched for an antecedent, as long as each begins with the same pronoun."""
# A bound on recursion: 1 and 100 gave the same on 1,955 coded mentions.

_FIRST = frozenset(("i", "we", "us", "our", "my", "me", "ours"))
_PERSONAL = frozenset(("he", "she", "him", "his", "her", "himself"))
_THINGS = frozenset(("it", "its", "itself"))
_PLURAL = frozenset(("they", "them", "their", "themselves"))
_THIRD = _PERSONAL | _THINGS | _PLURAL
_SUBJECT = ("nsubj", "nsubjpass")
_PLURAL_TAGS = ("NNS", "NNPS")

ActorReader = Callable[[Token, SentenceContext], Actor | None]


@dataclass(frozen=True, slots=True)
class PronounResolver:
    """Resolves pronouns; the readers of nouns are passed in, since they resolve pronouns too."""

    read_phrase: ActorReader
    """Returns the actor that a noun phrase names."""
    read_members: ActorReader
    """Returns the party of several unnamed persons: "Syrian opposition members"."""

    def antecedent(self, token: Token, sentence: SentenceContext) -> Actor | None:
        """Return the actor that a pronoun refers to; None if it may be one of several.

        It has neither text nor offsets if it is in another sentence or is a speaker.
        """
        return _without_recursion(self._antecedent, token, sentence)

    def possessor_country(self, head: Token, sentence: SentenceContext) -> str | None:
        """Return the country of "his defence ministry", "our country", "the country's agency"."""
        for owner in [*children(head, "poss"), *_owners_of_country(head)]:
            found = self._country_of(owner, sentence)
            if found:
                return found
        return None

    def _antecedent(self, token: Token, sentence: SentenceContext) -> Actor | None:
        if token.lower_ in _FIRST:
            return _quoted_speaker(token, sentence)
        if token.lower_ in _THIRD:
            return self._earlier_subject(token, sentence)
        return None

    def _earlier_subject(self, token: Token, sentence: SentenceContext) -> Actor | None:
        """Return the subject of a clause around the pronoun's, or of the sentence before."""
        quote = sentence.quote_of(token)
        for verb in ancestors(token):
            for subject in children(verb, *_SUBJECT):
                if not _may_refer(token, subject, quote, sentence):
                    continue
                actor = self.read_phrase(subject, sentence) or self.read_members(subject, sentence)
                if actor is not None and _agrees(token, subject, sentence):
                    return actor
        if quote is None and token.dep_ in _SUBJECT:
            return self._subject_before(token, sentence, 1)
        return None

    def _subject_before(
        self, token: Token, sentence: SentenceContext, sentences_back: int
    ) -> Actor | None:
        """Return the only subject of the sentence before, if no other precedes the pronoun."""
        before = sentence.previous
        if before is None or sentences_back > _MAX_SENTENCES_BACK:
            return None
        subject = _only_subject(before)
        if subject is None or _has_subject_before(token, sentence):
            return None
        if subject.pos_ == "PRON":
            if subject.lower_ != token.lower_:
                return None
            return self._subject_before(subject, before, sentences_back + 1)
        actor = self.read_phrase(subject, before)
        if actor is None or not _is_topic(actor, token, subject, before):
            return None
        # The words are in another sentence, so they are not evidence in this one.
        return replace(actor, text="", start=None, end=None, name=actor.name or actor.text)

    def _country_of(self, owner: Token, sentence: SentenceContext) -> str | None:
        if owner.pos_ == "PRON":
            found = self.antecedent(owner, sentence) or _without_recursion(
                self._last_subject, owner, sentence
            )
            return found.country if found else None
        if owner.lemma_.lower() in ("country", "nation") and _is_definite(owner):
            found = _without_recursion(self._last_subject, owner, sentence)
            return found.country if found else None
        person = sentence.entities.find_person([owner.text])
        return person.country if person else None

    def _last_subject(self, token: Token, sentence: SentenceContext) -> Actor | None:
        """Return the last subject before the token, if all subjects are of one country."""
        by_country: dict[str, Actor] = {}
        for word in sentence.doc[: token.i]:
            if word.dep_ in _SUBJECT and word.pos_ != "PRON":
                actor = self.read_phrase(word, sentence)
                if actor is not None and actor.country:
                    by_country[actor.country] = actor
        return next(iter(by_country.values())) if len(by_country) == 1 else None


def _without_recursion(read: ActorReader, token: Token, sentence: SentenceContext) -> Actor | None:
    """Return the reader's result; None if the token is already being resolved."""
    if token.i in sentence.resolving:
        return None
    sentence.resolving.add(token.i)
    try:
        return read(token, sentence)
    finally:
        sentence.resolving.remove(token.i)


def _quoted_speaker(token: Token, sentence: SentenceContext) -> Actor | None:
    quote = sentence.quote_of(token)
    if quote is None or quote.speaker is None:
        return None
    speaker = quote.speaker
    return Actor(text="", name=speaker.name, country=speaker.country, sector=speaker.sector)


def _may_refer(
    token: Token, subject: Token, quote: QuoteSpan | None, sentence: SentenceContext
) -> bool:
    """Return whether a pronoun may refer to a subject by the position of the two."""
    if subject.i == token.i or subject.pos_ == "PRON" or token in subject.subtree:
        return False
    # Only a possessive precedes its noun: "In his speech the president said".
    if subject.i > token.i and token.dep_ != "poss":
        return False
    return quote is None or sentence.quote_of(subject) is quote


def _only_subject(sentence: SentenceContext) -> Token | None:
    """Return the subject of the main clause, if it is the only one and not in a quotation."""
    subjects: list[Token] = []
    for token in sentence.doc:
        if token.dep_ == "ROOT":
            subjects += children(token, *_SUBJECT)
    if len(subjects) != 1 or sentence.quote_of(subjects[0]) is not None:
        return None
    return subjects[0]


def _has_subject_before(token: Token, sentence: SentenceContext) -> bool:
    return any(t.dep_ in _SUBJECT for t in sentence.doc[: token.i])


def _is_topic(actor: Actor, token: Token, subject: Token, sentence: SentenceContext) -> bool:
    """Return whether a pronoun may refer to the subject of another sentence."""
    if not (actor.country or actor.sector) or not _agrees(token, subject, sentence):
        return False
    return token.lower_ not in _PLURAL or subject.tag_ in _PLURAL_TAGS


def _agrees(token: Token, subject: Token, sentence: SentenceContext) -> bool:
    """Return whether a pronoun agrees with a subject in number, and in being a person or not."""
    match = sentence.match_at.get(subject.i)
    kind = match.entry.kind if match else "person"
    several = subject.tag_ in _PLURAL_TAGS or bool(children(subject, "conj"))
    if token.lower_ in _PERSONAL:
        return not several and kind in ("person", "role")
    if token.lower_ in _THINGS:
        return not several and kind != "person"
    return True


def _owners_of_country(head: Token) -> Iterable[Token]:
    """Yield "our" of "the ministry of our country"."""
    for prep in children(head, "prep"):
        if prep.lower_ == "of":
            for noun in children(prep, "pobj"):
                if noun.lemma_ in ("country", "nation", "state", "republic"):
                    yield from children(noun, "poss")


def _is_definite(noun: Token) -> bool:
    return any(t.lower_ == "the" for t in noun.children)
