"""Count the attributes of tags before a parser reads them, in one pass over the bytes."""

import re
from collections.abc import Iterator

# Possessive, so that no character is read twice. Attributes need no space between them if their
# values are quoted, and what is not closed goes to the end.
_HTML_ATTRIBUTE = (
    rb"[\s/]*+[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:\"[^\"]*+\"?+|'[^']*+'?+|[^\s>\"'][^\s>]*+)?+)?+"
)
# XML has no "<" in a tag: one that is not closed ends there.
_XML_ATTRIBUTE = (
    rb"[\s/]*+[^\s/<>][^\s/<>=]*+"
    rb"(?:\s*+=\s*+(?:\"[^\"<]*+\"?+|'[^'<]*+'?+|[^\s<>\"'][^\s<>]*+)?+)?+"
)
# Elements whose content libxml2 reads as text, up to their end tag.
_TEXT_ELEMENTS = rb"script|style|title|textarea|xmp|iframe|noembed|noframes|plaintext"
_COMMENT = rb"<!--(?:-?>|.*?(?:--!?>|\Z))"
_HTML_MARKUP = re.compile(
    rb"%(comment)s|<(?:(%(text)s)(?=[\s/>])|[A-Za-z][^\s/>]*+)((?:%(attribute)s)*+)[\s/]*+"
    rb"(?(1)(?:(?<=/)|.*?(?=</\1|\Z)))"
    % {b"comment": _COMMENT, b"text": _TEXT_ELEMENTS, b"attribute": _HTML_ATTRIBUTE},
    re.IGNORECASE | re.DOTALL,
)
_COUNTED_HTML = re.compile(_HTML_ATTRIBUTE)
_COUNTED_XML = re.compile(_XML_ATTRIBUTE)
_XML_RUN = re.compile(rb"(?:%s)*+" % _XML_ATTRIBUTE)


def html_attribute_counts(data: bytes) -> Iterator[int]:
    """Yield the number of attributes of each start tag of an HTML page.

    Comments, scripts and texts are left out. A page is read as libxml2 reads it; where it is broken
    so that this is not sure, more may be counted.
    """
    for found in _HTML_MARKUP.finditer(data):
        if found[2]:
            yield _count(_COUNTED_HTML, found[2])


def xml_attribute_count(data: bytes, at: int) -> int:
    """Return the number of attributes that follow a tag's name, which ends at a place."""
    run = _XML_RUN.match(data, at)
    return _count(_COUNTED_XML, run[0]) if run else 0


def _count(attribute: re.Pattern[bytes], run: bytes) -> int:
    return sum(1 for _ in attribute.finditer(run))
