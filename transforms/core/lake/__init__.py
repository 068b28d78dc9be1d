"""The lake as plain functions: its tables, the merge of a batch, the log of commits, and checks.

In the order in which to read them: `schema` (the tables), `encoding` (records, rows, Parquet),
`merge` (a batch into the tables), `log` (how a commit becomes visible), `batch`, `queries` and
`lake` (what jobs call), `checks`.
"""
