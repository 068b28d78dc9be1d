"""Event rules and their vocabulary, read from the tables under `transforms/rules`.

`rule_files` reads the tables; `event_rules` (rules and ontology), `lexicon` (actors), `contexts`
and `gazetteer` (cities) hold their contents.
"""
