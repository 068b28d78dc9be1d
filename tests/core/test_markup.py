"""Attributes are counted as libxml2 reads them, in one pass, whatever is left open."""

import pytest
from lxml import html

from transforms.core.markup import html_attribute_counts, xml_attribute_count

# The scan reads a megabyte in hundredths of a second; a quadratic one would take hours.
VAST = 1_000_000


@pytest.mark.parametrize(
    ("markup", "counts"),
    [
        (b"<p a b=1 c='>' d=\">\">x<i q>", [4, 1]),
        (b'<a b="c"d="e"f>', [3]),
        (b"<a =b c==d e = f>", [3]),
        (b"<a/b/c>", [2]),
        (b"<!--> <a b c>", [2]),
        (b"<script/><a b c>", [2]),
        (b"<textarea><!-- </textarea><p a b c>-->", [3]),
        (b"<p a b c", [3]),
        (b'<p a="b c d', [1]),
    ],
)
def test_attributes_of_each_tag(markup: bytes, counts: list[int]) -> None:
    assert list(html_attribute_counts(markup)) == counts


@pytest.mark.parametrize(
    "markup",
    [
        b"<!-- <a b c d> -->",
        b"<script>for (i = 0; i <n; i++) { let a = b, c = d }</script>",
        b"<STYLE>a <b c d e {}</STYLE>",
        b"<title>How <a b c</title>",
        b"<p>3 < 4 and so on</p>",
        b"<!doctype html public a b c>",
    ],
)
def test_what_is_no_tag_has_no_attributes(markup: bytes) -> None:
    assert sum(html_attribute_counts(markup)) == 0


@pytest.mark.parametrize(
    "before",
    [
        *("", "<!-->", "<!--->", "<!-- --!>", "<!-- -- -->", "<![CDATA[ >", "<?x>", "<script/>"),
        *("<textarea><!-- </textarea>", "<title><script></title>", "<xmp><!--</xmp>"),
        *("<iframe><script></iframe>", "<noscript><!-- --></noscript>", "<a='>' ", "<a b='c'd>"),
    ],
)
def test_nothing_that_the_parser_reads_is_missed(before: str) -> None:
    markup = f"<html><body>{before}<i a1 a2=1 a3='2'a4>x</i>"
    read = max(len(element.attrib) for element in html.document_fromstring(markup).iter("i"))
    assert read == 4
    assert max(html_attribute_counts(markup.encode())) >= read


@pytest.mark.parametrize(
    "part",
    [b"<", b"< ", b"<a ", b"<a", b"<!--", b"<script>", b'<a b="', b"=", b" ", b"<a/", b"</titl>"],
)
@pytest.mark.parametrize("before", [b"", b"<a ", b"<title>"])
def test_vast_markup_is_read_once(part: bytes, before: bytes) -> None:
    data = before + part * (VAST // len(part))
    for _ in html_attribute_counts(data):
        pass
    assert xml_attribute_count(data, 0) >= 0


@pytest.mark.parametrize(
    ("markup", "count"),
    [(b"<a b=\"c\" d='e'/>", 2), (b"<a b c>", 2), (b'<a b="<c d e', 1), (b"<a>b c d", 0)],
)
def test_attributes_of_a_tag_in_xml(markup: bytes, count: int) -> None:
    assert xml_attribute_count(markup, 2) == count
