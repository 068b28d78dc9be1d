"""Documents that name pages and do not hold them: sitemaps, feeds, CDX indexes, lists of URLs.

`kinds` has their endings and how their files begin; `documents` unpacks a document and recognises
its kind. Each kind has a file; `cdx_server` has the links of servers of CDX indexes.
"""
