"""Pages in the charsets of the world: read, flagged where guessed, else refused."""

from dataclasses import replace

import pytest

from tests.helpers.article_page import NOW, make_page
from tests.helpers.printed_languages import PRINTED, Printed
from transforms.core.extract.page import extract_article
from transforms.errors import ExtractError

EACH = [
    pytest.param(printed, codec, id=f"{printed.language}-{codec}")
    for printed in PRINTED
    for codec in printed.codecs
]


@pytest.mark.parametrize(("printed", "codec"), EACH)
def test_a_page_without_a_label_is_read_and_flagged(printed: Printed, codec: str) -> None:
    article = extract_article(make_page(printed.page(codec)), now=NOW)
    for paragraph in printed.text.split("\n"):
        assert paragraph in (article.body or "")
    assert article.title == printed.title
    assert "charset_guessed" in article.flags


@pytest.mark.parametrize("printed", PRINTED, ids=lambda printed: f"{printed.language}-utf8")
@pytest.mark.parametrize("head", ["", '<meta charset="iso-8859-1">', '<meta charset="utf8mb4">'])
def test_a_page_in_utf8_has_no_flag(printed: Printed, head: str) -> None:
    article = extract_article(make_page(printed.page("utf-8", head)), now=NOW)
    assert printed.text.split("\n")[0] in (article.body or "")
    assert "charset_guessed" not in article.flags


@pytest.mark.parametrize(("printed", "codec"), EACH)
def test_a_text_without_a_page_is_read_too(printed: Printed, codec: str) -> None:
    page = make_page(printed.text.encode(codec))
    article = extract_article(replace(page, content_type="text/plain"), now=NOW)
    assert printed.text.split("\n")[1] in (article.body or "")
    assert "charset_guessed" in article.flags


@pytest.mark.parametrize("language", ["lt", "lt-LT"])
def test_the_language_of_the_feed_decides_between_near_charsets(language: str) -> None:
    printed = next(item for item in PRINTED if item.language == "lt")
    beginning = printed.text[:35]
    page = replace(make_page(beginning.encode("cp1257")), content_type="text/plain")
    assert extract_article(page, now=NOW).title != beginning
    page = replace(page, entry=replace(page.entry, language=language))
    assert extract_article(page, now=NOW).title == beginning


@pytest.mark.parametrize("codec", ["cp852", "cp850"])
def test_a_page_in_no_charset_of_the_web_is_refused(codec: str) -> None:
    printed = next(item for item in PRINTED if item.language == "de")
    with pytest.raises(ExtractError, match="charset") as caught:
        extract_article(make_page(printed.page(codec)), now=NOW)
    assert caught.value.reason == "E_EXTRACT_CHARSET"
