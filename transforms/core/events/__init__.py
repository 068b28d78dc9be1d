"""Code events by the PLOVER ontology: actor, recipient, place, date, source and evidence of each.

In the order of the work: `loading` (model, rules and actors of a language), `parse`, `rules`,
`entities`, `matching`, `arguments`, `filters`, `mention` (the record of one event), `confidence`,
`event_coreference`; `coder` runs them on an article.
"""
