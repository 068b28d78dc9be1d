"""Merging a batch into the tables.

In the order in which to read them: `overlay` (the rows that a merge reads and changes), `merge`
(the steps), `base_tables` with `article_identity`, `article_versions` and `feed_states` (what the
batch states), `derived_tables` (copies, stories, events), `learned_tables` (what is remembered of
sites and persons), `conflicts` (two versions of a row become one), `rebuilt` (rows that replace),
`raw_parts` (pages as they were fetched), `diff` (what a merge would change).
"""
