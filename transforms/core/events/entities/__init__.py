"""Who is named: the persons of an article, and the actors of its noun phrases and pronouns.

Of a whole article: `names` (words and runs of names), `person_mentions` (what a sentence says of
persons), `article_entities` (all of an article's persons), `known_persons` (what articles agree
on). Of a parsed sentence: `phrase_spans`, `phrase_country`, `pronouns` and `noun_phrases`.
"""
