"""Event rules and their vocabulary, read from the tables under `transforms/rules`.

`rule_files` reads them; `event_rules` (rules and ontology), `lexicon` (actors), `contexts` and
`gazetteer` (cities) hold what they say.
"""
