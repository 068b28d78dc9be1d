"""Authors are persons and desks, not links, names of the site or words of an interface."""

import pytest
from lxml import html

from transforms.core.clean.names import split_authors
from transforms.core.extract.authors import choose_authors
from transforms.core.extract.bylines import Byline, read_bylines
from transforms.core.extract.jsonld import read_jsonld
from transforms.core.extract.metadata import PageMetadata, read_metadata, read_metas
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
    site = {"theexample"}
    assert choose_authors([["The Example"], ["Jane Roe The Example"]], [], site) == ("Jane Roe",)
    assert choose_authors([["The Example"], []], [], site) == ("The Example",)


def bylines_of(body: str) -> list[Byline]:
    tree = html.document_fromstring(f"<html><body>{body}</body></html>")
    return list(read_bylines(tree, named_elements(tree)))


def printed_authors(body: str) -> tuple[str, ...]:
    return next((byline.names for byline in bylines_of(body)), ())


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
    assert [found.text for found in bylines_of(f"<p class='byline'>{printed}</p>")] == [byline]


@pytest.mark.parametrize(
    ("names", "authors"),
    [(["王明"], ("王明",)), (["Bo"], ("Bo",)), (["by"], ()), (["Jane Roe, UK"], ("Jane Roe",))],
)
def test_short_names_are_names_where_a_field_holds_nothing_else(
    names: list[str], authors: tuple[str, ...]
) -> None:
    assert split_authors(names) == authors


@pytest.mark.parametrize(
    ("field", "authors"),
    [
        ("BEN ROOK, AP National Security Writer", ("BEN ROOK",)),
        ("Ada Quill Associated Press", ("Ada Quill",)),
        ("Ada Quill, Reuters", ("Ada Quill",)),
        ("Ada Quill Senior Political Correspondent", ("Ada Quill",)),
        ("Ada Quill, Head of Marketing", ("Ada Quill",)),
        ("Dr. Ada Quill, PhD", ("Ada Quill",)),
        ("Dr. Quill", ("Dr. Quill",)),
        ("Ada Quill RD", ("Ada Quill",)),
        ("Ada Quill ❤️", ("Ada Quill",)),
        ("✍️ Ada Quill 🇺🇦 and Ben Rook", ("Ada Quill", "Ben Rook")),
        ("Ada Quill (Reuters)", ("Ada Quill",)),
        ("Ada Quill - The Example", ("Ada Quill",)),
        ("post@a.test (Ada Quill)", ("Ada Quill",)),
        ("Recipe by Ada Quill", ("Ada Quill",)),
        ("신현주 기자", ("신현주",)),
        ("记者 王小明", ("王小明",)),
        ("Автор: Иван Петров", ("Иван Петров",)),
        ("بقلم: سارة حداد", ("سارة حداد",)),
        ("Christoph von Eichhorn", ("Christoph von Eichhorn",)),
        ("José Ortega y Gasset", ("José Ortega y Gasset",)),
        ("Anne-Marie O'Neill and Sönke al-Masri", ("Anne-Marie O'Neill", "Sönke al-Masri")),
        ("Paramita (Guha) Ghosh", ("Paramita (Guha) Ghosh",)),
        ("Jean Paul DURAND", ("Jean Paul DURAND",)),
        ("Practical Rowing Editorial Staff", ("Practical Rowing Editorial Staff",)),
        ("Luxury Travel Expert", ("Luxury Travel Expert",)),
        ("Quill & Rook", ("Quill & Rook",)),
        ("adaquill", ("adaquill",)),
        ("AP National Security Writer", ()),
        ("Staff Writer", ()),
        ("Reviewed by Ada Quill", ()),
        ("Photos by Ada Quill", ()),
        ("said on Monday that the bridge, which the town closed, will open", ()),
    ],
    ids=range(32),
)  # fmt: skip
def test_what_stands_beside_a_name_is_no_part_of_it(field: str, authors: tuple[str, ...]) -> None:
    assert split_authors([field]) == authors


H1 = "<h1>Harbour town closes its bridge</h1>"


@pytest.mark.parametrize(
    ("body", "authors"),
    [
        ("<div class='byline'><a rel='author' href='/u/n'>Ada Quill</a> <span>Post Staff</span></div>", ("Ada Quill",)),
        ("<div class='byline'><span>By</span> <a href='/a'>Ada Quill</a><a href='/b'>Ben Rook</a></div>", ("Ada Quill", "Ben Rook")),
        ("<div class='byline'>By <b>Ada Quill</b>, <b>Ben Rook</b> and <b>Cy Dell</b> <i>Sports desk</i></div>", ("Ada Quill", "Ben Rook", "Cy Dell")),
        ("<div class='byline'><span>Ada</span> <span>Quill</span></div>", ("Ada Quill",)),
        (H1 + "<div><p>By Ada Quill</p></div>", ("Ada Quill",)),
        (H1 + "<p><span>Written by</span> <strong>Ada Quill</strong>, <em>Head of research</em></p>", ("Ada Quill",)),
        (H1 + "<p><time>2 May 2024</time> by <a href='/x'>Ada Quill</a></p>", ("Ada Quill",)),
        (H1 + "<p>Por: Ada Quill y Ben Rook</p>", ("Ada Quill", "Ben Rook")),
        (H1 + "<p>Text von Ada Quill</p>", ("Ada Quill",)),
        ("<p class='authorName'>Example Staff</p>", ("Example Staff",)),
        ("<div class='Author_box__x1'><p>Ada Quill</p></div>", ("Ada Quill",)),
        ("<a href='/authors/ada-quill'>Ada Quill</a>", ("Ada Quill",)),
        ("<div class='byline'>By <a href='/member/Mixer'>Mixer</a> in Workshop</div>", ("Mixer",)),
        ("<a rel='author' href='/u'>mixer</a>", ("mixer",)),
        # Near misses: others than the author, buttons, prose, lists of cards.
        (H1 + "<p>By Tuesday the town had closed its bridge.</p>", ()),
        (H1 + "<p>Reviewed by Ada Quill</p>", ()),
        ("<a href='/authors/ada-quill'>View all posts</a>", ()),
        ("<div class='byline'>Updated</div>", ()),
        ("<div class='byline'>Sat, 20 Dec, 2025</div>", ()),
        ("<p class='byline'>The Russian army, said Ada Quill, has left the town.</p>", ()),
        ("".join(f"<li class='card__author'>By {n} Rook</li>" for n in ("Ann", "Bob", "Cy")), ()),
    ],
    ids=range(21),
)  # fmt: skip
def test_bylines_of_a_page(body: str, authors: tuple[str, ...]) -> None:
    assert printed_authors(body) == authors


def metadata_of(head: str, body: str) -> PageMetadata:
    tree = html.document_fromstring(f"<html><head>{head}</head><body>{body}</body></html>")
    url = "https://www.example.com/bridge"
    return read_metadata(tree, named_elements(tree), read_metas(tree), read_jsonld(tree), url)


def jsonld(author: str) -> str:
    return f'<script type="application/ld+json">{{"@type": "Article", "author": {author}}}</script>'


PROSE = "<p>The council of the harbour town voted to close its old bridge.</p>" * 3
BY_ADA = H1 + "<p class='byline'>By <span itemprop='author'>Ada Quill</span></p>"


@pytest.mark.parametrize(
    ("head", "body", "authors"),
    [
        (jsonld('{"name": "Bridge Post Feed"}'), BY_ADA, ("Ada Quill",)),
        (jsonld('{"@type": "Person", "name": "Ben Rook"}'), BY_ADA, ("Ada Quill",)),
        (jsonld('{"@type": "Organization", "name": "Harbour Works"}'), "<p class='byline'>Ada Quill</p>", ("Ada Quill",)),
        ("<meta name='author' content='newsdesk'>", "<p class='byline'>Ada Quill</p>", ("Ada Quill",)),
        (jsonld('[{"@type": "Person", "givenName": "Ada", "familyName": "Quill"}]'), "", ("Ada Quill",)),
        (jsonld('{"@type": "Person", "name": ["Ada Quill", "Ben Rook"]}'), "", ("Ada Quill", "Ben Rook")),
        (jsonld('{"name": "Jos&eacute; Quill"}'), "", ("José Quill",)),
        ("<meta name='citation_author' content='Ada Quill'><meta name='citation_author' content='Ben Rook'>", "", ("Ada Quill", "Ben Rook")),
        ("<meta name='twitter:label1' content='Written by'><meta name='twitter:data1' content='Ada Quill'>", "", ("Ada Quill",)),
        (jsonld('{"name": "Ada Quill"}').replace('"Article"', '"WebPage"'), "", ("Ada Quill",)),
        (jsonld('{"name": "https://a.test/u/1", "givenName": "Ada", "familyName": "Quill"}'), "", ("Ada Quill",)),
        (jsonld('{"name": "Ada Quill"}').replace("ld+json", "LD+JSON"), "", ("Ada Quill",)),
        ("<meta property='og:site_name' content='The Example'>", "<p class='byline'>By Ada Quill The Example Staff</p>", ("Ada Quill",)),
        ("", "<p class='byline'>By Ada Quill for The Example</p>", ("Ada Quill",)),
        (jsonld('{"name": "Ada Quill"}'), H1 + PROSE + "<div><p>By Ben Rook</p></div>", ("Ada Quill",)),
        (jsonld('{"name": "Ben Rook"}').replace('"Article"', '"Comment"'), "", ()),
        # Near misses: the byline has fewer of the same, or another spelling; the box is of another.
        (jsonld('[{"name": "Ada Quill"}, {"name": "Ben Rook"}]'), BY_ADA, ("Ada Quill", "Ben Rook")),
        (jsonld('{"name": "Ada M. Quill"}'), BY_ADA, ("Ada M. Quill",)),
        (jsonld('{"name": "Ben Rook"}'), "<a href='/author/ada-quill'>Ada Quill</a>", ("Ben Rook",)),
        ("<meta name='twitter:label1' content='Reading time'><meta name='twitter:data1' content='Five Minutes'>", "", ()),
        ("<meta property='og:site_name' content='The Example'>" + jsonld('{"name": "The Example"}'), "", ("The Example",)),
    ],
    ids=range(21),
)  # fmt: skip
def test_who_wrote_it_goes_before_who_posted_it(
    head: str, body: str, authors: tuple[str, ...]
) -> None:
    assert metadata_of(head, body).authors == authors
