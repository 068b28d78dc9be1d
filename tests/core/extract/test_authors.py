"""Authors are persons and desks, not links, names of the site or words of an interface."""

import pytest
from lxml import html

from transforms.core.extract.authors import (
    choose_authors,
    read_byline,
    read_printed_authors,
    split_authors,
)
from transforms.core.extract.jsonld import read_jsonld
from transforms.core.extract.named_elements import named_elements


@pytest.mark.parametrize(
    ("text", "authors"),
    [
        ("By Jane Roe and John Doe", ("Jane Roe", "John Doe")),
        ("Written By: Jane Roe", ("Jane Roe",)),
        ("Posted by Jane Roe", ("Jane Roe",)),
        ("Von Jane Roe und John Doe", ("Jane Roe", "John Doe")),
        ("Text: Jane Roe | John Doe", ("Jane Roe", "John Doe")),
        ("Escrito por Jane Roe y John Doe", ("Jane Roe", "John Doe")),
        ("Jane E. Roe", ("Jane E. Roe",)),
        ("Byron Vonnegut", ("Byron Vonnegut",)),
        ("undefined", ()),
        ("page.head.author", ()),
        ("October 17, 2023", ()),
        ("Webmaster", ()),
        ("Written by", ()),
        ("https://www.example.com/jane", ()),
    ],
)
def test_names_in_a_field(text: str, authors: tuple[str, ...]) -> None:
    assert split_authors([text]) == authors


def test_authors_are_split() -> None:
    assert split_authors(["By Jane Roe, John Doe and Ann Poe"]) == (
        "Jane Roe",
        "John Doe",
        "Ann Poe",
    )
    assert split_authors(["https://example.com/jane", "admin", "Anderson Cooper"]) == (
        "Anderson Cooper",
    )


def test_persons_go_before_the_site() -> None:
    assert choose_authors([("The Example",), ("Jane Roe The Example",)], {"theexample"}) == (
        "Jane Roe",
    )
    assert choose_authors([("The Example",), ()], {"theexample"}) == ("The Example",)


def printed_authors(body: str) -> tuple[str, ...]:
    tree = html.document_fromstring(f"<html><body>{body}</body></html>")
    names = named_elements(tree)
    return split_authors(read_printed_authors(tree, names, read_byline(tree, names)))


@pytest.mark.parametrize(
    "body",
    [
        "<span class='post-author__name'>Jane Roe</span>",
        "<div class='byline'>May 1, 2024 Heard on the radio By Jane Roe</div>",
        "<p>A town closes its bridge.</p><a href='/author/jane-roe/'>Jane Roe</a>",
        "<a rel='author' href='/jane'>Jane Roe</a>",
    ],
)
def test_page_prints_its_author(body: str) -> None:
    assert printed_authors(body) == ("Jane Roe",)


@pytest.mark.parametrize(
    "body",
    [
        "<span class='comment-author-name'>Jane Roe</span>",
        (
            "<div class='author-name'>Jane Roe is a writer who lives by the harbour and mends "
            "boats.</div>"
        ),
        "<footer><a href='/author/jane-roe/'>Jane Roe</a></footer>",
        "<div class='authority'>Jane Roe</div>",
    ],
)
def test_others_who_are_named_are_not_authors(body: str) -> None:
    assert printed_authors(body) == ()


def test_author_named_by_id_alone_is_looked_up() -> None:
    graph = (
        '{"@graph": [{"@type": "Article", "headline": "x", "author": {"@id": "#jane"}},'
        ' {"@type": "Person", "@id": "#jane", "name": "Jane Roe"}]}'
    )
    tree = html.document_fromstring(
        f"<html><head><script type='application/ld+json'>{graph}</script></head></html>"
    )
    assert read_jsonld(tree).texts("author") == ("Jane Roe",)


@pytest.mark.parametrize(
    ("printed", "byline"),
    [
        ("By Ada Quill Nov 13, 2024, 10:28am EST", "By Ada Quill"),
        ("By Ada Quill and Ben Rook | 2024-11-13T10:28:00Z Shares", "By Ada Quill and Ben Rook"),
        ("Ada Quill @adaquill Share this", "Ada Quill"),
        ("Von Ada Quill 13.11.2024, 10:28", "Von Ada Quill"),
        ("By May Marchetti and August Novak", "By May Marchetti and August Novak"),
    ],
)
def test_a_byline_ends_where_its_names_do(printed: str, byline: str) -> None:
    tree = html.fromstring(f"<div><p class='byline'>{printed}</p></div>")
    assert read_byline(tree, named_elements(tree)) == byline


@pytest.mark.parametrize(
    ("names", "authors"),
    [(["王明"], ("王明",)), (["Bo"], ("Bo",)), (["by"], ()), (["Jane Roe, UK"], ("Jane Roe",))],
)
def test_short_names_are_names_where_a_field_holds_nothing_else(
    names: list[str], authors: tuple[str, ...]
) -> None:
    assert split_authors(names) == authors
