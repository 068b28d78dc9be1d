"""The pages that links lead to: sources of a backfill that name pages without holding them.

These are sitemaps and their indexes, feeds with their older documents (RFC 5005), indexes of
captures of a web archive (CDX), and plain lists of URLs, local or on the web. `crawl` follows a
source, with `feed_documents` and `cdx_responses` for those that continue in further documents;
`document_reader` fetches and parses; `link_options` selects links.

The codes of rejects (`rejects`) are those of fetching and of reading feeds, and E_ARCHIVE_ with
SITEMAP, CDX (an index or a row of it), LINK (one that cannot be used), CUT (the rest of a document
is lost), KIND (not a list of links), EMPTY, DEPTH (indexes in indexes) and LIMIT (the rest is left
out).
"""

from transforms.links.crawl import link_entries
from transforms.links.link_options import LinkOptions

__all__ = ["LinkOptions", "link_entries"]
