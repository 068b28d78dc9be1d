"""Archives and lists of links, read without a network.

In the order of the data: `selection` has the sites and days that a user selects; `formats` how each
kind of file is recognised, listed and read, with the registry of all kinds; `page_refs` the
positions of pages in files. `warc_listing` and `warc_records` read WARC records; `warc_to_page`,
`row_pages` and `page_defaults` turn a record, a row or a file into a page, and `page_to_warc` turns
a page into a record. `link_lists` reads documents that name pages without holding them.
"""
