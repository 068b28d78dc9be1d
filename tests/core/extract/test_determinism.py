"""The same bytes give the same article, whatever the process read before."""

from tests.helpers.article_page import NOW, PROSE, make_html, make_page
from transforms.core.extract.page import extract_article


def test_nothing_is_remembered_from_page_to_page() -> None:
    page = make_page(make_html())
    before = extract_article(page, now=NOW)
    for index in range(50):
        other = make_html(
            f"<p>Notice number {index} of the harbour office, read out on the quay.</p>{PROSE}"
        )
        extract_article(make_page(other), now=NOW)
        extract_article(make_page(make_html(PROSE * 2)), now=NOW)

    assert extract_article(page, now=NOW) == before
