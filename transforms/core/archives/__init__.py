"""Archives and lists of links, read without a network.

In the order of the data: what a user wants of an archive (`selection`), the kinds of files and how
each is recognised, listed and read (`formats`, with the registry of all kinds), the places of pages
in them (`places`), WARC records (`warc_listing`, `warc_records`), how a record, a row or a file
becomes a page (`warc_to_page`, `row_pages`, `page_defaults`) and a page a record (`page_to_warc`);
and the documents that name pages without holding them (`link_lists`).
"""
