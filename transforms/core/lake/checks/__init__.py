"""Check that a lake is intact and consistent. Each check has a stable code.

In the order in which to read them: `findings` (the codes and the report), `file_tree` (which files
there are), `parquet_files` (their rows in batches), `row_checks` and `text_checks` (each row by
itself), `row_facts` with `arrays` (what is kept of each row), `across` (tables against each other),
`check` (the whole).
"""
