"""Subjects, objects and complements of a word, through passives, control and coordination.

Relations are the English labels of spaCy's models (ClearNLP style: `nsubj`, `dobj`, `pobj`, ...).
"""

from collections.abc import Iterable, Iterator

from spacy.tokens import Token

from transforms.core.events.rules.rule_files import word_set

_MAX_STEPS = 6
"""Heads visited in search of a subject, or of the head of a phrase."""
# A tree has no cycles, so this only bounds the work: on 3,900 real sentences no longer search found
# anything that was kept.

_MAX_ANCESTORS = 200
"""Heads that `ancestors` visits; a sentence of 800 characters has about this many words."""

_MAX_MISATTACHED = 3
"""Candidates taken from the clauses inside an object, the last in the sentence."""
# The further a phrase is from the verb, the less likely it belongs to it.

_QUANTITIES = word_set(
    "number series wave round string spate group dozen hundred thousand ten score lot couple bunch "
    "set barrage pair majority member act campaign kind type form handful volley salvo first "
    "second third one some several day week million part most all many few flurry"
)
_RELATIVE = frozenset(("who", "which", "that", "whom"))
_NOUNS = ("NOUN", "PROPN")
_BLAMING = word_set(
    "accuse convict suspect charge blame condemn criticize criticise praise acquit clear thank "
    "fine punish jail sentence arrest indict wanted sue sanction"
)
"""Verbs whose object does what follows "of", "for" or "with": "accused him of stealing"."""
_BARRING = word_set("prevent stop bar ban keep block prohibit discourage dissuade deter restrain")
"""Verbs whose object does what follows "from": "barred them from voting"."""
_OBJECT_CONTROL = word_set(
    "order urge ask tell force lead allow press push persuade call help cause enable instruct "
    "command compel get authorize authorise direct pressure require invite permit want expect send"
)
"""Verbs whose object does the infinitive: "ordered troops to leave"."""
_SUBJECT_CONTROL = frozenset(("xcomp", "conj", "advcl", "dep", "ccomp", "acomp"))
"""Relations in which a verb without a subject takes that of its head, or its object."""

_INTRANSITIVE = word_set(
    "protest march rally demonstrate riot clash gather mass flee rampage arrive land converge"
)
"""Verbs whose participle after a noun is not passive."""
# The model parses "nurses protested" like "the goods sold".

_INFORMING_VERBS = ("tell", "inform", "assure", "warn", "remind")


def children(token: Token, *deps: str) -> list[Token]:
    """Return the children in one of these relations."""
    return [t for t in token.children if t.dep_ in deps]


def ancestors(token: Token) -> Iterator[Token]:
    """Yield the heads of a token up to the root."""
    for _ in range(_MAX_ANCESTORS):
        if token.head == token:
            return
        token = token.head
        yield token


def with_conjuncts(tokens: Iterable[Token]) -> list[Token]:
    """Return the tokens and the later tokens coordinated with them, in order, each once."""
    out: dict[int, Token] = {}
    for token in tokens:
        out[token.i] = token
        out.update((t.i, t) for t in token.conjuncts if t.i > token.i)
    return [out[i] for i in sorted(out)]


def coordinated_verbs(verb: Token) -> list[Token]:
    """Return the later verbs that share its subject: "killed 12 and wounded 30 in Mali"."""
    return [
        t
        for t in verb.conjuncts
        if t.i > verb.i and t.pos_ == "VERB" and not children(t, "nsubj", "nsubjpass")
    ]


def prep_objects(token: Token, *preps: str) -> list[Token]:
    """Return the objects of the token's prepositions, also of a double one ("out of Mali")."""
    out: list[Token] = []
    for prep in children(token, "prep", "dative", "agent"):
        if prep.lower_ in preps:
            out += children(prep, "pobj")
            for inner in children(prep, "prep"):
                out += children(inner, "pobj")
    return with_conjuncts(out)


def misattached_prep_objects(verb: Token, *preps: str) -> list[Token]:
    """Return the objects of prepositions that the model attached to a clause inside the object."""
    found: list[Token] = []
    for noun in objects(verb):
        for clause in noun.subtree:
            if clause.dep_ in ("relcl", "acl") and clause.i > noun.i:
                found += prep_objects(clause, *preps)
    return found[-_MAX_MISATTACHED:]


def is_passive(verb: Token) -> bool:
    """Return whether a verb is passive, also as a participle after its noun ("the goods sold")."""
    if children(verb, "nsubjpass", "auxpass", "csubjpass"):
        return True
    if verb.dep_ != "acl" or verb.tag_ != "VBN" or verb.lemma_ in _INTRANSITIVE:
        return False
    return not children(verb, "aux", "nsubj")


def is_to_infinitive(verb: Token) -> bool:
    """Return whether a verb is an infinitive with "to"."""
    return any(t.lower_ == "to" for t in children(verb, "aux"))


def is_inverted_command(verb: Token) -> bool:
    """Return whether an imperative is below the clause that it introduces.

    The model takes "will burn" for the root of "Tell them: the bridge will burn".
    """
    head = verb.head
    if verb.tag_ != "VB" or verb.dep_ != "ccomp" or verb.i >= head.i:
        return False
    return any(t.lower_ in ("will", "'ll", "’ll") for t in children(head, "aux"))


def is_reported_clause(verb: Token) -> bool:
    """Return whether a relative clause is a reported one: "told the paper that Spain gave"."""
    head = verb.head
    return (
        verb.dep_ == "relcl"
        and head.dep_ in ("dobj", "dative")
        and head.head.lemma_ in _INFORMING_VERBS
        and any(t.lower_ == "that" for t in verb.children)
    )


def subjects(verb: Token, depth: int = 0) -> list[Token]:
    """Return the agents of a verb: its subject, a passive's agent, an infinitive's controller."""
    if is_passive(verb):
        agents: list[Token] = []
        for by in children(verb, "agent"):
            agents += children(by, "pobj")
        return with_conjuncts(agents)
    own = children(verb, "nsubj")
    if own:
        return with_conjuncts(_antecedent(verb, t) for t in own)
    return [] if depth > _MAX_STEPS else _inherited_subjects(verb, depth + 1)


def passive_subjects(verb: Token) -> list[Token]:
    """Return the grammatical subjects of a passive verb, which are acted upon."""
    return with_conjuncts(_antecedent(verb, t) for t in children(verb, "nsubjpass"))


def _antecedent(verb: Token, token: Token) -> Token:
    """Return the noun that a relative pronoun refers to; any other token itself."""
    if token.lower_ not in _RELATIVE or token.pos_ != "PRON":
        return token
    clause = verb
    while clause.dep_ in ("conj", "xcomp", "ccomp") and clause.head != clause:
        clause = clause.head
    return clause.head if clause.dep_ == "relcl" else token


def _inherited_subjects(verb: Token, depth: int) -> list[Token]:
    """Return the subjects that a verb without one takes from the word it depends on."""
    head = verb.head
    if head == verb or is_inverted_command(verb):
        return []
    if verb.dep_ == "acl":
        return _subjects_of_participle(verb, depth) if head.pos_ in (*_NOUNS, "PRON") else []
    if verb.dep_ == "pcomp":
        return _subjects_of_gerund(head, depth) if head.dep_ in ("prep", "agent") else []
    if verb.dep_ in _SUBJECT_CONTROL:
        return _controllers(verb, depth)
    return []


def _controllers(verb: Token, depth: int) -> list[Token]:
    """Return the object or subject of the verb above: "ordered troops to leave", "agreed to"."""
    head = verb.head
    if verb.dep_ in ("xcomp", "ccomp") and head.lemma_ in _OBJECT_CONTROL:
        return with_conjuncts(objects(head)) or subjects(head, depth)
    if verb.dep_ == "xcomp" and is_passive(head):
        return passive_subjects(head)
    return subjects(head, depth)


def _subjects_of_participle(verb: Token, depth: int) -> list[Token]:
    """Return the noun before an active participle, or the agents of the noun otherwise."""
    noun = verb.head
    if verb.tag_ in ("VBG", "VBD") or verb.lemma_ in _INTRANSITIVE:
        return with_conjuncts([noun])
    return noun_agents(noun, depth)


def _subjects_of_gerund(prep: Token, depth: int) -> list[Token]:
    """Return the subject of a gerund after a preposition: "him" in "accused him of stealing"."""
    above = prep.head
    if prep.lower_ in ("of", "for", "with") and above.lemma_ in _BLAMING:
        return [above] if above.pos_ == "NOUN" else objects(above)
    if above.dep_ in ("dobj", "nsubjpass") and above.head.lemma_ in _BLAMING:
        return [above]
    if prep.lower_ == "from" and above.lemma_ in _BARRING:
        return objects(above)
    if above.pos_ in _NOUNS:
        return noun_agents(above, depth)
    return subjects(above, depth)


def objects(verb: Token) -> list[Token]:
    """Return what a verb acts upon.

    That is its object, the subject of a passive, the noun of a relative clause, or the object that
    the next verb has for both ("seized and burned the boats").
    """
    if is_passive(verb):
        return _objects_of_passive(verb)
    own = [_antecedent(verb, t) for t in children(verb, "dobj", "oprd")]
    return with_conjuncts(own or _shared_object(verb) or _relativised_object(verb))


def _objects_of_passive(verb: Token) -> list[Token]:
    if verb.dep_ == "acl":
        return with_conjuncts([verb.head])
    found = passive_subjects(verb)
    if not found and verb.dep_ == "conj":
        return passive_subjects(verb.head)
    return found


def _shared_object(verb: Token) -> list[Token]:
    if verb.dep_ == "conj":
        return []
    for other in children(verb, "conj"):
        if other.pos_ == "VERB" and not children(other, "nsubj"):
            found = children(other, "dobj")
            if found:
                return found[:1]
    return []


def _relativised_object(verb: Token) -> list[Token]:
    """Return "force" for "announced" in "the force that he announced"."""
    if verb.dep_ != "relcl" or children(verb, "ccomp", "xcomp"):
        return []
    own = children(verb, "nsubj")
    if not own or any(t.lower_ in _RELATIVE for t in own):
        return []
    return [verb.head]


def complements(token: Token) -> list[Token]:
    """Return the verbs of a word's complements: clauses, infinitives and gerunds."""
    out = children(token, "xcomp", "ccomp")
    for prep in children(token, "prep"):
        out += children(prep, "pcomp")
    out += [t for t in children(token, "acl") if t.tag_ in ("VB", "VBG") or children(t, "mark")]
    if token.pos_ == "VERB":
        out += _purposes(token)
    return with_conjuncts(out)


def _purposes(verb: Token) -> list[Token]:
    """Return the infinitives of purpose, which the model also attaches to the object."""
    out = [t for t in children(verb, "advcl") if t.tag_ == "VB" and is_to_infinitive(t)]
    for noun in children(verb, "dobj"):
        out += [t for t in children(noun, "acl", "relcl") if is_to_infinitive(t)]
    return out


def noun_agents(noun: Token, depth: int = 0) -> list[Token]:
    """Return the agents of an event noun: possessor, "by", or subject of its governing verb."""
    found = children(noun, "poss") + prep_objects(noun, "by")
    if found:
        return with_conjuncts(found)
    verb = governing_verb(noun)
    if verb is None or depth >= _MAX_STEPS:
        return []
    return subjects(verb, depth + 1)


def phrase_head(noun: Token) -> Token:
    """Return "wave" for "strikes" in "a wave of strikes", the first part of a coordination."""
    for _ in range(_MAX_STEPS):
        head = noun.head
        if noun.dep_ == "pobj" and head.lower_ == "of" and _is_quantity(head.head):
            noun = head.head
        elif noun.dep_ in ("conj", "appos") and head != noun and head.pos_ in _NOUNS:
            noun = head
        else:
            break
    return noun


def _is_quantity(token: Token) -> bool:
    return token.lemma_.lower() in _QUANTITIES


def governing_verb(noun: Token) -> Token | None:
    """Return the verb of which an event noun is the object ("carried out a wave of strikes")."""
    top = phrase_head(noun)
    head = top.head
    if top.dep_ in ("dobj", "nsubjpass", "oprd", "attr") and head.pos_ in ("VERB", "AUX"):
        return head
    if (
        top.dep_ == "pobj"
        and head.lower_ in ("in", "to", "into", "out", "with", "on")
        and head.head.pos_ == "VERB"
    ):
        return head.head
    return None


def relative_clause_verb(noun: Token) -> Token | None:
    """Return the verb of the relative clause whose object is the noun ("the raid he launched")."""
    for verb in children(noun, "relcl"):
        if verb.pos_ == "VERB" and noun in objects(verb):
            return verb
    return None
