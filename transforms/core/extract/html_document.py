"""Decode the bytes of a page and parse them into a tree, within bounds on size and depth."""

import re

from lxml import etree, html

from transforms.core.charsets import Decoded, UnreadableError, decode
from transforms.core.extract.new_article import MAX_MESSAGE_URL_CHARS
from transforms.core.markup import html_attribute_counts
from transforms.errors import ExtractError
from transforms.records import Page

# Bounds on hostile pages: all later steps take time by the size of the tree. The largest of 1,500
# pages had 1.8 MB, 9,700 elements and 630 paragraphs.
MAX_BYTES = 10 * 1024 * 1024
MAX_ELEMENTS = 50_000
MAX_PARAGRAPHS = 10_000
# The same pages have up to 11,000 attributes, and up to 99 in a tag. libxml2 takes time by the
# square of a tag's attributes: 80,000 in one tag take 5 s, 1,000 in each of 200 tags 0.1 s.
MAX_ATTRIBUTES = 200_000
MAX_TAG_ATTRIBUTES = 1_000
# Markup may start after a long banner of comments and blank lines.
SNIFFED_BYTES = 65_536
_MARKUP = re.compile(
    rb"<(?:!doctype html|html|head|body|div|p|article|title|meta)\b", re.IGNORECASE
)
_HTML_TYPES = frozenset({"text/html", "application/xhtml+xml"})
_BINARY_TYPES = ("image/", "audio/", "video/", "font/")
_BINARY_STARTS = (
    *(b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"PK\x03\x04", b"\x1f\x8b", b"RIFF"),
    b"\x00\x00\x00",
)
_DATA_STARTS = frozenset({b"{", b"<", b"["})
_XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]{0,200}\?>")
_LINE_CONTROLS = frozenset({9, 10, 13})
_BLANKED = bytes(
    32 if code == 127 or (code < 32 and code not in _LINE_CONTROLS) else code for code in range(256)
)
_NONCHARACTERS = ("\ufffe".encode(), "\uffff".encode())
_CHARACTER_REFERENCE = re.compile(
    rb"&#(x0{0,8}[0-9a-fA-F]{1,2}|0{0,8}[0-9]{1,2})(?![0-9a-fA-F])", re.IGNORECASE
)
_STREAMED = etree.XPath("//div[@hidden and starts-with(@id, 'S:')]")
# lxml's own lookup has a class for each tag, which costs a call for each element that is accessed.
_ELEMENTS = etree.ElementDefaultClassLookup(element=html.HtmlElement)


def document_kind(page: Page) -> str:
    """Return "html" or "text".

    Raises ExtractError (E_EXTRACT_TOO_LARGE, E_EXTRACT_EMPTY, E_EXTRACT_NOT_HTML).
    """
    _check_bytes(page)
    declared = _declared_type(page)
    if declared == "text/plain":
        return "text"
    head = page.content[:SNIFFED_BYTES]
    if _is_binary(head, declared):
        raise _not_html(page, declared or "a binary file")
    if declared in _HTML_TYPES or _has_markup(head):
        return "html"
    if declared or head.lstrip()[:1] in _DATA_STARTS:
        raise _not_html(page, declared or "data")
    return "text"


def decode_page(page: Page) -> Decoded:
    """Return the text of a page. Raises ExtractError (E_EXTRACT_CHARSET) if it cannot be read."""
    is_markup = _declared_type(page) != "text/plain"
    try:
        return decode(
            page.content, label=page.charset, language=page.entry.language, is_markup=is_markup
        )
    except UnreadableError as error:
        raise _error("E_EXTRACT_CHARSET", page, str(error)) from error


def parse(page: Page, text: str | None = None) -> html.HtmlElement:
    """Return the tree of an HTML page; `text` is what it is decoded to, if that is known.

    Raises ExtractError (E_EXTRACT_TOO_DEEP, E_EXTRACT_TOO_LARGE, E_EXTRACT_NOT_HTML, and
    E_EXTRACT_CHARSET unless the text is given).
    """
    text = decode_page(page).text if text is None else text
    raw = without_controls(_XML_DECLARATION.sub("", text))
    _check_attributes(page, raw)
    parser = html.HTMLParser(
        collect_ids=False,
        default_doctype=False,
        encoding="utf-8",
        remove_comments=True,
        remove_pis=True,
        huge_tree=False,
    )
    parser.set_element_class_lookup(_ELEMENTS)
    try:
        tree = html.document_fromstring(raw, parser=parser)
    except (etree.LxmlError, ValueError, AssertionError) as error:
        raise _error("E_EXTRACT_NOT_HTML", page, f"does not parse as HTML ({error})") from error
    # libxml2 truncates such a page without raising an error.
    if any("xcessive depth" in entry.message for entry in parser.error_log):
        raise _error("E_EXTRACT_TOO_DEEP", page, "nests its elements too deeply to be an article")
    _check_counts(page, tree)
    # React streams parts of a page after it, hidden until a script moves them to their place.
    for part in _STREAMED(tree):
        del part.attrib["hidden"]
    return tree


def without_controls(text: str) -> bytes:
    """Return markup in UTF-8 without control characters, literal or as references.

    lxml refuses texts that have them.
    """
    # Lone surrogates become question marks. Bytes of a multi-byte character are never below 128.
    raw = text.encode("utf-8", "replace").translate(_BLANKED)
    for noncharacter in _NONCHARACTERS:
        raw = raw.replace(noncharacter, b" ")
    return _CHARACTER_REFERENCE.sub(_without_control, raw)


def _declared_type(page: Page) -> str:
    return (page.content_type or "").split(";")[0].strip().lower()


def _check_bytes(page: Page) -> None:
    size = len(page.content)
    if size > MAX_BYTES:
        what = f"has {size} bytes, more than the limit of {MAX_BYTES}"
        raise _error("E_EXTRACT_TOO_LARGE", page, what)
    if not page.content.strip():
        raise _error("E_EXTRACT_EMPTY", page, "has no content; fetch it again later")


def _check_attributes(page: Page, raw: bytes) -> None:
    total = 0
    for count in html_attribute_counts(raw):
        total += count
        if count > MAX_TAG_ATTRIBUTES or total > MAX_ATTRIBUTES:
            what = f"has more than {MAX_ATTRIBUTES} attributes, or {MAX_TAG_ATTRIBUTES} in one tag"
            raise _error("E_EXTRACT_TOO_LARGE", page, what)


def _check_counts(page: Page, tree: html.HtmlElement) -> None:
    if tree.xpath("count(//node()[not(self::text())])") > MAX_ELEMENTS:
        raise _error("E_EXTRACT_TOO_LARGE", page, f"has more than {MAX_ELEMENTS} elements")
    if tree.xpath("count(//p)") > MAX_PARAGRAPHS:
        raise _error("E_EXTRACT_TOO_LARGE", page, f"has more than {MAX_PARAGRAPHS} paragraphs")


def _is_binary(head: bytes, declared: str) -> bool:
    return head.lstrip().startswith(_BINARY_STARTS) or declared.startswith(_BINARY_TYPES)


def _has_markup(head: bytes) -> bool:
    # UTF-16 puts a null byte beside each letter of the markup.
    return _MARKUP.search(head.replace(b"\x00", b"")) is not None


def _without_control(reference: re.Match[bytes]) -> bytes:
    """Return a space for a reference to a control character, else the reference."""
    number = reference.group(1).lower()
    code = int(number[1:], 16) if number.startswith(b"x") else int(number)
    is_control = code < 32 and code not in _LINE_CONTROLS
    return b" " if is_control else reference.group()


def _not_html(page: Page, what: str) -> ExtractError:
    return _error("E_EXTRACT_NOT_HTML", page, f"is {what}, not HTML; remove its link from the list")


def _error(reason: str, page: Page, what: str) -> ExtractError:
    url = page.final_url[:MAX_MESSAGE_URL_CHARS]
    return ExtractError(f"the page {url!r} {what}", reason=reason)
