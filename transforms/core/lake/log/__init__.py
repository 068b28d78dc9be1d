"""The lake's log: commits that become visible at once, and what happens when one is cut short.

In the order in which to read them: `store` (the port to a file system or bucket), `commit_file`,
`marker`, `history` (the files of `_meta/commits` and `_meta/published`), `manifest` (which files
the tables have), `commit` (the protocol), `recovery`, `snapshot` (consistent reads), `preflight`
(checks before a run writes), `migrate` (columns that were added since), `checkpoints` (cursors of
backfills), `damage` (errors).
"""
