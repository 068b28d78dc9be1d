"""The headline is the h1 that the declared titles confirm; the site's name is not a headline."""

import pytest
from lxml import html

from transforms.core.extract.headline import read_title, without_site
from transforms.core.extract.jsonld import read_jsonld
from transforms.core.extract.metadata import read_metas

SITE = '<meta property="og:site_name" content="The Example">'
TITLE = "<title>Harbour town closes its bridge | The Example</title>"


def title_of(head: str, body: str, *links: str) -> str | None:
    tree = html.document_fromstring(f"<html><head>{head}</head><body>{body}</body></html>")
    return read_title(tree, read_metas(tree), read_jsonld(tree), links)


@pytest.mark.parametrize(
    ("head", "body", "title"),
    [
        (
            SITE + TITLE,
            "<h1>The Example</h1><h1>Harbour town closes its bridge</h1>",
            "Harbour town closes its bridge",
        ),
        (SITE + TITLE, "<h1>The Example</h1>", "Harbour town closes its bridge"),
        (
            TITLE,
            "<nav><h1>Harbour news</h1></nav><h1>Town shuts bridge of harbour</h1>",
            "Town shuts bridge of harbour",
        ),
        (TITLE, "<h1>Seven recipes for winter</h1>", "Harbour town closes its bridge"),
        (
            "<title>Harbour town closes its br</title>",
            "<h1>Harbour town closes its bridge</h1>",
            None,
        ),
        ("", "<h1>Harbour town closes its bridge</h1>", "Harbour town closes its bridge"),
        (
            (
                '<script type="application/ld+json">'
                '{"@type": "Article", "headline": "A town&#39;s old bridge"}</script>'
            ),
            "",
            "A town's old bridge",
        ),
        ("<title>The Example</title>" + SITE, "", None),
        ("", "", None),
    ],
)
def test_headline(head: str, body: str, title: str | None) -> None:
    expected = title or ("Harbour town closes its bridge" if "<h1>" in body else None)
    assert title_of(head, body) == expected


def test_host_names_the_site() -> None:
    head = "<title>Harbour town closes its bridge - Daily Example</title>"
    assert (
        title_of(head, "", "https://www.dailyexample.co.uk/bridge")
        == "Harbour town closes its bridge"
    )
    assert (
        title_of(head, "", "https://other.example/bridge")
        == "Harbour town closes its bridge - Daily Example"
    )
    assert (
        title_of(head, "", "http://[broken", "") == "Harbour town closes its bridge - Daily Example"
    )


def test_site_is_cut_from_the_title() -> None:
    assert (
        without_site("Bridge shut for a year - The Example", {"theexample"})
        == "Bridge shut for a year"
    )
    assert without_site("Bridge shut for a year | Example News", set()) == "Bridge shut for a year"
    assert (
        without_site("Spider-Man - the review of a year", {"theexample"})
        == "Spider-Man - the review of a year"
    )


def test_a_long_name_is_not_a_site() -> None:
    title = "Harbour town closes its bridge after a night of debate"
    assert (
        title_of(f'<meta name="application-name" content="{title}"><title>{title}</title>', "")
        == title
    )


@pytest.mark.parametrize(
    ("title", "bare"),
    [
        ("Harbour Post | Fire halts ferry at dawn", "Fire halts ferry at dawn"),
        ("Harbour Post – a paper of the coast", "Harbour Post – a paper of the coast"),
        ("Harbour Post - home", "Harbour Post - home"),
        ("The islands - Fire halts ferry at dawn", "The islands - Fire halts ferry at dawn"),
    ],
)
def test_name_of_the_site_goes_from_the_start_too(title: str, bare: str) -> None:
    assert without_site(title, {"harbourpost"}) == bare
