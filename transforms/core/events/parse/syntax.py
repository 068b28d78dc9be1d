"""Who is subject, object and complement of a word, whatever the construction?"""

from collections.abc import Iterable, Iterator

from spacy.tokens import Token

from transforms.core.events.rules.rule_files import word_set

_QUANTITIES = word_set(
    "number series wave round string spate group dozen hundred thousand ten score lot couple bunch set barrage "
    "pair  majority member act campaign kind type form handful volley salvo first second third one some "
    "several day week million  part most all many few flurry"
)
_RELATIVE = frozenset(("who", "which", "that", "whom"))
_BLAMING = word_set(
    "accuse convict suspect charge blame condemn criticize criticise praise acquit clear thank fine punish jail "
    "sentence arrest indict wanted sue sanction"
)
_BARRING = word_set("prevent stop bar ban keep block prohibit discourage dissuade deter restrain")
_CONTROL_BY_OBJECT = word_set(
    "order urge ask tell force lead allow press push persuade call help cause enable instruct command compel "
    "get  authorize authorise direct pressure require invite permit want expect send"
)

_INTRANSITIVE = word_set(
    "protest march rally demonstrate riot clash gather mass flee rampage arrive land converge"
)
"""Participles after a noun that cannot be passive: the model takes "nurses protested" for "the goods sold"."""


def children(token: Token, *deps: str) -> list[Token]:
    """Return the children in one of these relations."""
    return [t for t in token.children if t.dep_ in deps]


def with_conjuncts(tokens: Iterable[Token]) -> list[Token]:
    """Return the tokens and those coordinated with them, in order of reading, each once."""
    out: dict[int, Token] = {}
    for token in tokens:
        out[token.i] = token
        out.update((t.i, t) for t in token.conjuncts if t.i > token.i)
    return [out[i] for i in sorted(out)]


def is_passive(verb: Token) -> bool:
    """Tell whether a verb is passive, or a participle that says what was done to its noun."""
    return bool(children(verb, "nsubjpass", "auxpass", "csubjpass")) or (
        verb.dep_ == "acl"
        and verb.tag_ == "VBN"
        and verb.lemma_ not in _INTRANSITIVE
        and not children(verb, "aux", "nsubj")
    )


def subjects(verb: Token, depth: int = 0) -> list[Token]:
    """Return who does what the verb says: of a passive its agent, of an infinitive whoever controls it."""
    if is_passive(verb):
        return with_conjuncts(t for by in children(verb, "agent") for t in children(by, "pobj"))
    own = children(verb, "nsubj")
    if own:
        return with_conjuncts(_antecedent(verb, t) for t in own)
    return [] if depth > 6 else _inherited(verb, depth + 1)


def _antecedent(verb: Token, token: Token) -> Token:
    if token.lower_ in _RELATIVE and token.pos_ == "PRON":
        clause = verb
        while clause.dep_ in ("conj", "xcomp", "ccomp") and clause.head != clause:
            clause = clause.head
        if clause.dep_ == "relcl":
            return clause.head
    return token


def is_inverted_command(verb: Token) -> bool:
    """Tell whether an imperative hangs on what it tells: "Tell them: the bridge will burn" with "burn" on top."""
    head = verb.head
    told = verb.tag_ == "VB" and verb.dep_ == "ccomp" and verb.i < head.i
    return told and any(t.lower_ in ("will", "'ll", "’ll") for t in children(head, "aux"))


def _inherited(verb: Token, depth: int) -> list[Token]:
    head = verb.head
    if head == verb or is_inverted_command(verb):
        return []
    if verb.dep_ == "acl" and head.pos_ in ("NOUN", "PROPN", "PRON"):
        own = verb.tag_ in ("VBG", "VBD") or verb.lemma_ in _INTRANSITIVE
        return with_conjuncts([head]) if own else noun_agents(head, depth)
    if (
        verb.dep_ in ("xcomp", "advcl", "ccomp")
        and head.lemma_ in _CONTROL_BY_OBJECT
        and verb.dep_ != "advcl"
    ):
        return with_conjuncts(objects(head)) or subjects(head, depth)
    if verb.dep_ in ("xcomp", "conj", "advcl", "dep", "ccomp", "acomp"):
        return (
            passive_subjects(head)
            if is_passive(head) and verb.dep_ == "xcomp"
            else subjects(head, depth)
        )
    if verb.dep_ == "pcomp" and head.dep_ in ("prep", "agent"):
        above = head.head
        if head.lower_ in ("of", "for", "with") and above.lemma_ in _BLAMING:
            return [above] if above.pos_ == "NOUN" else objects(above)
        if above.dep_ in ("dobj", "nsubjpass") and above.head.lemma_ in _BLAMING:
            return [above]
        if head.lower_ == "from" and above.lemma_ in _BARRING:
            return objects(above)
        return (
            noun_agents(above, depth) if above.pos_ in ("NOUN", "PROPN") else subjects(above, depth)
        )
    return []


def passive_subjects(verb: Token) -> list[Token]:
    """Return what a passive verb is done to."""
    return with_conjuncts(_antecedent(verb, t) for t in children(verb, "nsubjpass"))


def objects(verb: Token) -> list[Token]:
    """Return what the verb is done to: object, passive subject, antecedent, or the next verb's shared object."""
    if is_passive(verb):
        if verb.dep_ == "acl":
            return with_conjuncts([verb.head])
        found = passive_subjects(verb)
        return found or (passive_subjects(verb.head) if verb.dep_ == "conj" else [])
    found = [_antecedent(verb, t) for t in children(verb, "dobj", "oprd")]
    if not found and verb.dep_ != "conj":
        found = [
            t
            for c in children(verb, "conj")
            if c.pos_ == "VERB" and not children(c, "nsubj")
            for t in children(c, "dobj")
        ][:1]
    if not found and verb.dep_ == "relcl" and children(verb, "nsubj") and _has_gap(verb):
        found = [verb.head]
    return with_conjuncts(found)


def _has_gap(verb: Token) -> bool:
    return all(t.lower_ not in _RELATIVE for t in children(verb, "nsubj")) and not children(
        verb, "ccomp", "xcomp"
    )


def prep_objects(token: Token, *preps: str) -> list[Token]:
    """Return what follows one of the prepositions after the token."""
    out = []
    for child in token.children:
        if child.dep_ in ("prep", "dative", "agent") and child.lower_ in preps:
            out += children(child, "pobj")
            out += [t for inner in children(child, "prep") for t in children(inner, "pobj")]
    return with_conjuncts(out)


def misattached_prep_objects(verb: Token, *preps: str) -> list[Token]:
    """Return what follows a preposition that the model hung on a clause inside the object, not on the verb."""
    clauses = [
        t for o in objects(verb) for t in o.subtree if t.dep_ in ("relcl", "acl") and t.i > o.i
    ]
    return [t for c in clauses for t in prep_objects(c, *preps)][-3:]


def complements(token: Token) -> list[Token]:
    """Return the verbs of what is said, ordered, promised: clauses, infinitives, gerunds after a preposition."""
    out = children(token, "xcomp", "ccomp")
    out += [t for p in children(token, "prep") for t in children(p, "pcomp")]
    out += [t for t in children(token, "acl") if t.tag_ in ("VB", "VBG") or children(t, "mark")]
    if token.pos_ == "VERB":
        out += [
            t
            for t in children(token, "advcl")
            if t.tag_ == "VB" and any(k.lower_ == "to" for k in children(t, "aux"))
        ]
        out += [
            t
            for o in children(token, "dobj")
            for t in children(o, "acl", "relcl")
            if any(k.lower_ == "to" for k in children(t, "aux"))
        ]
    return with_conjuncts(out)


def noun_agents(noun: Token, depth: int = 0) -> list[Token]:
    """Return whose doing an event noun is: possessor, "by", or the subject of the verb it completes."""
    found = children(noun, "poss") + prep_objects(noun, "by")
    if found:
        return with_conjuncts(found)
    verb = governing_verb(noun)
    if verb is not None and depth < 6:
        return subjects(verb, depth + 1)
    return []


def phrase_head(noun: Token) -> Token:
    """Return the head of "a wave of strikes" for "strikes", of a coordination its first part."""
    for _ in range(6):
        head = noun.head
        if noun.dep_ == "pobj" and head.lower_ == "of" and head.head.lemma_.lower() in _QUANTITIES:
            noun = head.head
        elif (
            noun.dep_ in ("conj", "appos", "compound", "nmod")
            and head != noun
            and head.pos_ in ("NOUN", "PROPN")
        ):
            if noun.dep_ in ("compound", "nmod"):
                return noun
            noun = head
        else:
            break
    return noun


def governing_verb(noun: Token) -> Token | None:
    """Return the verb whose object or passive subject an event noun is ("carried out a wave of strikes")."""
    top = phrase_head(noun)
    if top.dep_ in ("dobj", "nsubjpass", "oprd", "attr") and top.head.pos_ in ("VERB", "AUX"):
        return top.head
    if (
        top.dep_ == "pobj"
        and top.head.lower_ in ("in", "to", "into", "out", "with", "on")
        and top.head.head.pos_ == "VERB"
    ):
        return top.head.head
    return None


def ancestors(token: Token) -> Iterator[Token]:
    """Yield the heads of a token up to the root."""
    seen = 0
    while token.head != token and seen < 200:
        token = token.head
        seen += 1
        yield token


def is_reported_clause(verb: Token) -> bool:
    """Tell whether a relative clause is really what was told: "told the newspaper that Spain has given"."""
    head = verb.head
    return (
        verb.dep_ == "relcl"
        and head.dep_ in ("dobj", "dative")
        and head.head.lemma_ in ("tell", "inform", "assure", "warn", "remind")
        and any(t.lower_ == "that" for t in verb.children)
    )


def coordinated_verbs(verb: Token) -> list[Token]:
    """Return the verbs that follow with the same subject: "killed 12 and wounded 30 in Mali on Monday"."""
    return [
        t
        for t in verb.conjuncts
        if t.i > verb.i and t.pos_ == "VERB" and not children(t, "nsubj", "nsubjpass")
    ]


def relative_clause_verb(noun: Token) -> Token | None:
    """Return the verb of "the force that he announced", whose object is the noun."""
    return next(
        (t for t in children(noun, "relcl") if t.pos_ == "VERB" and noun in objects(t)), None
    )
