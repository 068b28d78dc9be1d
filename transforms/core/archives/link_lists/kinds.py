"""The kinds of lists of links, as files: their endings, and how they begin.

The kind of a document is recognised by its bytes alone (`documents.kind_of`), since lists are also
fetched from links that have no ending.
"""

from transforms.core.archives.formats.base import HEAD_BYTES, SourceKind, beginning
from transforms.core.archives.formats.page_file import TEXT_ENDINGS

LINKS = "links"
"""The common name of all kinds of lists of links: one can lead to another."""
FEED_ENDINGS = (".xml", ".rss", ".atom", ".rdf", ".json", ".xml.gz")
_BOM = b"\xef\xbb\xbf"


def _is_markup(head: bytes) -> bool:
    return beginning(head).startswith(b"<")


def _is_only_links(head: bytes) -> bool:
    """Return whether all whole lines are links or comments: a text that quotes links is a page."""
    lines = head.removeprefix(_BOM).lower().splitlines()
    is_cut = len(head) == HEAD_BYTES
    whole = lines[:-1] if is_cut else lines
    bare = [line.strip() for line in whole]
    links = [line for line in bare if line and not line.startswith(b"#")]
    return bool(links) and all(line.startswith((b"http://", b"https://")) for line in links)


SITEMAP_OR_FEED = SourceKind(name=LINKS, endings=FEED_ENDINGS, sniff=_is_markup)
CDX = SourceKind(name=LINKS, endings=(".cdx", ".cdx.gz", ".cdxj"))
URL_LIST = SourceKind(name=LINKS, endings=TEXT_ENDINGS, sniff=_is_only_links)

LINK_LISTS = (SITEMAP_OR_FEED, CDX, URL_LIST)
