"""Find the persons of an article, and the actors of its noun phrases and pronouns.

Of a whole article: `names` (words and runs of names), `person_mentions` (persons that a sentence
describes), `article_entities` (all persons of an article), `known_persons` (facts on which
articles agree). Of a parsed sentence: `phrase_spans`, `phrase_country`, `pronouns` and
`noun_phrases`.
"""
