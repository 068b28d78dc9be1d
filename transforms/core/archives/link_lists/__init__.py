"""Documents that name pages and do not hold them: sitemaps, feeds, CDX indexes, lists of URLs.

`kinds` has their endings and how files of them begin; `documents` unpacks a document and tells its
kind; then one file for each kind, and `cdx_server` for the links of servers of CDX indexes.
"""
