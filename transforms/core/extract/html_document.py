"""How do a page's bytes become a tree: which charset, which kind of document, within which bounds?"""

import codecs
import re

from lxml import etree, html

from transforms.errors import ExtractError
from transforms.records import Page

MAX_BYTES = 10 * 1024 * 1024
MAX_ELEMENTS = 50_000
MAX_PARAGRAPHS = 10_000
_META_CHARSET = re.compile(
    rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w:.-]{2,40})", re.IGNORECASE
)
_MARKUP = re.compile(
    rb"<(?:!doctype html|html|head|body|div|p|article|title|meta)\b", re.IGNORECASE
)
_XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]{0,200}\?>")
_BLANKED = bytes(
    32 if code == 127 or (code < 32 and code not in {9, 10, 13}) else code for code in range(256)
)
_NO_CHARACTERS = ("\ufffe".encode(), "\uffff".encode())
_REFERENCE = re.compile(
    rb"&#(x0{0,8}[0-9a-fA-F]{1,2}|0{0,8}[0-9]{1,2})(?![0-9a-fA-F])", re.IGNORECASE
)
_BINARY = (
    b"%PDF",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"PK\x03\x04",
    b"\x1f\x8b",
    b"RIFF",
    b"\x00\x00\x00",
)
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# https://encoding.spec.whatwg.org/#names-and-labels: what the web calls Latin-1 is Windows-1252.
_ALIASES = {
    "iso-8859-1": "cp1252",
    "latin-1": "cp1252",
    "latin1": "cp1252",
    "us-ascii": "cp1252",
    "ascii": "cp1252",
}


def document_kind(page: Page) -> str:
    """Return "html" or "text". Raises ExtractError (E_EXTRACT_TOO_LARGE, E_EXTRACT_EMPTY, E_EXTRACT_NOT_HTML)."""
    if len(page.content) > MAX_BYTES:
        raise _error(
            "E_EXTRACT_TOO_LARGE",
            page,
            f"has {len(page.content)} bytes, at most {MAX_BYTES} are read",
        )
    if not page.content.strip():
        raise _error("E_EXTRACT_EMPTY", page, "has no content; fetch it again later")
    declared = (page.content_type or "").split(";")[0].strip().lower()
    if declared == "text/plain":
        return "text"
    head = page.content[:65536]
    if head.lstrip().startswith(_BINARY) or declared.startswith(
        ("image/", "audio/", "video/", "font/")
    ):
        raise _error(
            "E_EXTRACT_NOT_HTML",
            page,
            f"is no HTML but {declared or 'a binary file'}; take its link off the list",
        )
    if _MARKUP.search(head.replace(b"\x00", b"")):
        return "html"
    if declared in {"text/html", "application/xhtml+xml"}:
        return "html"
    if declared or head.lstrip()[:1] in {b"{", b"<", b"["}:
        raise _error(
            "E_EXTRACT_NOT_HTML",
            page,
            f"is {declared or 'data'}, not HTML; take its link off the list",
        )
    return "text"


def decode(content: bytes, charset: str | None) -> str:
    """Return the text of a document: byte order mark, then the server's charset, its own, UTF-8, Windows-1252."""
    for mark, name in _BOMS:
        if content.startswith(mark):
            return content[len(mark) :].decode(name, "replace")
    found = _META_CHARSET.search(content[:4096])
    named = [charset, found.group(1).decode("ascii", "replace") if found else None]
    for name in [*filter(None, named), "utf-8"]:
        try:
            return content.decode(_codec(name))
        except (LookupError, UnicodeError, ValueError):
            continue
    known = next(
        (codec for name in named if name and (codec := _codec(name)) and _exists(codec)), None
    )
    return content.decode("utf-8" if known == "utf-8" else known or "cp1252", "replace")


# A class for each tag, as lxml gives forms and inputs, costs a call for each element that is touched.
_ELEMENTS = etree.ElementDefaultClassLookup(element=html.HtmlElement)


def without_controls(text: str) -> bytes:
    """Return the markup in UTF-8 without control characters, written or referred to: lxml refuses to handle them."""

    def checked(found: re.Match[bytes]) -> bytes:
        number = found.group(1).lower()
        code = int(number[1:], 16) if number[:1] == b"x" else int(number)
        return b" " if code < 32 and code not in {9, 10, 13} else found.group()

    # What UTF-8 cannot say becomes a question mark; no byte of another character is below 128.
    raw = text.encode("utf-8", "replace").translate(_BLANKED)
    for odd in _NO_CHARACTERS:
        raw = raw.replace(odd, b" ")
    return _REFERENCE.sub(checked, raw)


def _codec(name: str) -> str:
    label = name.strip().strip("\"'").lower()
    return _ALIASES.get(label, label)


def _exists(codec: str) -> bool:
    try:
        # Codecs such as hex or rot13 exist too, but do not make text of bytes.
        b"".decode(codec)
    except (LookupError, UnicodeError, ValueError, TypeError):
        return False
    return True


def parse(page: Page) -> html.HtmlElement:
    """Return the tree of an HTML page. Raises ExtractError (E_EXTRACT_TOO_DEEP, _TOO_LARGE, _NOT_HTML)."""
    raw = without_controls(_XML_DECLARATION.sub("", decode(page.content, page.charset)))
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
    if any("xcessive depth" in entry.message for entry in parser.error_log):
        raise _error("E_EXTRACT_TOO_DEEP", page, "nests its elements too deeply to be an article")
    if tree.xpath("count(//node()[not(self::text())])") > MAX_ELEMENTS:
        raise _error("E_EXTRACT_TOO_LARGE", page, f"has more than {MAX_ELEMENTS} elements")
    if tree.xpath("count(//p)") > MAX_PARAGRAPHS:
        raise _error("E_EXTRACT_TOO_LARGE", page, f"has more than {MAX_PARAGRAPHS} paragraphs")
    return tree


def _error(reason: str, page: Page, what: str) -> ExtractError:
    return ExtractError(f"the page {page.final_url[:300]!r} {what}", reason=reason)
