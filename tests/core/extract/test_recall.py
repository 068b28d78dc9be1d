"""Dropped blocks are recovered where the page's template proves them, in their place."""

from itertools import pairwise

import pytest
from lxml import html

from tests.helpers.article_page import HEAD, NOW, make_page
from transforms.core.extract.alignment import align, covered
from transforms.core.extract.marked_article import is_incomplete, marked_article
from transforms.core.extract.page import extract_article
from transforms.core.extract.recall import dropped_blocks
from transforms.core.extract.rendered_blocks import block_text, render_blocks

FIRST = [
    (
        "The council of the harbour town voted on Monday to close its old bridge for a year, "
        "after a night of debate."
    ),
    (
        "Engineers had warned since spring that two of the piers were sinking into the mud of "
        "the river bed."
    ),
    (
        "The mayor told a crowd on the quay after the vote that the town could not have waited "
        "any longer."
    ),
]
MORE = [
    (
        "Ferries will carry workers from June on, and each of the four boats has room for sixty "
        "people."
    ),
    (
        "The bridge was built in 1911 and last repaired in 1974, when a barge struck the northern "
        "pier."
    ),
]
OTHER = (
    "A second town on the coast has found gold under its market square, its museum said on Friday."
)


def paragraphs(*texts: str) -> str:
    return "".join(f"<p>{text}</p>" for text in texts)


def texts_of(body: str) -> list[str]:
    return [
        one.text
        for one in render_blocks(html.document_fromstring(f"<html><body>{body}</body></html>"))
    ]


def recovered(body: str, blocks: list[str]) -> list[str]:
    rendered = render_blocks(html.document_fromstring(f"<html><body>{body}</body></html>"))
    kept = covered(align(blocks, rendered))
    indices = sorted(kept | dropped_blocks(kept, rendered))
    return [block_text(rendered[index]) for index in indices]


def test_blocks_end_at_elements_and_breaks_and_hidden_text_is_left_out() -> None:
    body = (
        "<p>One <b>bold</b> line<br>and one below</p><div hidden>No</div>"
        "<p style='display: none'>No</p>"
        "<script>no()</script><div>Two<ul><li>three</li></ul>four</div>"
    )
    assert texts_of(body) == ["One bold line", "and one below", "Two", "three", "four"]


def test_links_to_the_same_page_do_not_count() -> None:
    one, other = render_blocks(
        html.document_fromstring("<p><a href='#top'>A heading</a></p><p><a href='/x'>Read</a></p>")
    )
    assert (one.linked_chars, other.linked_chars) == (0, 4)


def test_second_part_of_a_divided_body_comes_back_in_its_place() -> None:
    body = (
        f"<div class='body'>{paragraphs(*FIRST)}</div><aside>Ad</aside><div class='body'>"
        f"{paragraphs(*MORE)}</div>"
    )
    assert recovered(body, FIRST) == FIRST + MORE
    assert recovered(body, MORE) == MORE


@pytest.mark.parametrize(
    "below",
    [
        f"<div class='teaser'><p>{OTHER}</p></div>",
        f"<div class='body'><p><a href='/gold'>{OTHER}</a></p></div>",
        f"<h1>Gold in the square</h1><div class='body'><p>{OTHER}</p></div>",
        (
            f"<article><h2><a href='/gold'>Gold</a></h2><div class='body'><p>{OTHER}</p></div>"
            "</article>"
        ),
        "<div class='body'><p>Share this</p></div>",
    ],
)
def test_other_places_links_and_the_next_article_stay_out(below: str) -> None:
    assert recovered(f"<div class='body'>{paragraphs(*FIRST)}</div>{below}", FIRST) == FIRST


def test_article_in_pieces_is_one() -> None:
    pieces = "".join(f"<article class='part'><p>{text}</p></article>" for text in FIRST + MORE)
    assert recovered(f"<div>{pieces}</div>", FIRST) == FIRST + MORE


def test_subheadings_lists_and_quotations_between_the_paragraphs_come_back() -> None:
    body = (
        f"<div>{paragraphs(FIRST[0])}<h2 id='a'>A long wait</h2>{paragraphs(FIRST[1])}<ul>"
        "<li>Four boats</li></ul>"
        f"<div class='embed'><blockquote><p>Not a day too soon!</p>Jane Roe</blockquote></div>"
        f"{paragraphs(FIRST[2])}</div>"
    )
    blocks = [
        FIRST[0],
        "A long wait",
        FIRST[1],
        "- Four boats",
        "Not a day too soon!",
        "Jane Roe",
        FIRST[2],
    ]
    assert recovered(body, FIRST) == blocks


def test_headings_of_boxes_and_pulled_quotations_stay_out() -> None:
    pulled = "the town could not have waited any longer"
    body = (
        f"<div>{paragraphs(FIRST[0])}<div class='x'><h3>Most read</h3><span>Gold</span></div>"
        f"<blockquote>{pulled}</blockquote>"
        f"{paragraphs(*FIRST[1:])}<h2>Comments</h2><form>Name</form></div>"
    )
    assert recovered(body, FIRST) == FIRST


def test_deeper_paragraphs_come_back_where_they_are_most_of_the_article() -> None:
    long = [
        f"Boat number {n} sails at {n} in the morning with workers of the yard and their tools."
        for n in range(2, 9)
    ]
    boxes = "".join(
        f"<div class='card-{n}'><h3>Boat {n}</h3><p>{text}</p></div>"
        for n, text in enumerate(long, 2)
    )
    blocks = recovered(f"<section>{paragraphs(*FIRST[:2])}{boxes}</section>", FIRST[:2])
    assert set(long) < set(blocks)
    assert "Boat 3" in blocks

    one = recovered(
        f"<section>{paragraphs(*FIRST)}<div class='card'><p>{OTHER}</p></div></section>", FIRST
    )
    assert one == FIRST


def test_marked_article_is_taken_where_all_was_taken_from_elsewhere() -> None:
    body = (
        f"<div>{paragraphs(OTHER)}</div><article><h2>A long wait</h2>"
        f"{paragraphs(*FIRST, *MORE)}</article>"
    )
    rendered = render_blocks(html.document_fromstring(body))
    assert is_incomplete([OTHER], rendered)
    assert marked_article([OTHER], rendered) == ["A long wait", *FIRST, *MORE]
    assert marked_article([FIRST[0]], rendered) == []
    assert not is_incomplete(FIRST + MORE, rendered)


def test_blocks_are_found_in_order_though_words_repeat() -> None:
    rendered = render_blocks(
        html.document_fromstring(
            f"<p>Boats</p>{paragraphs(FIRST[0])}<p>Boats</p>{paragraphs(FIRST[1])}"
        )
    )
    assert align([FIRST[0], "Boats", FIRST[1], "Nowhere"], rendered) == [
        (1, 1),
        (2, 2),
        (3, 3),
        None,
    ]


def test_words_of_the_page_head_are_not_taken_for_the_block_above_the_text() -> None:
    rendered = render_blocks(
        html.document_fromstring(
            f"<div>Port</div><div>Sport</div><p>Port</p>{paragraphs(FIRST[0])}"
        )
    )
    assert align(["Port", FIRST[0]], rendered) == [(2, 2), (3, 3)]


def test_recovered_text_is_part_of_the_body() -> None:
    parts = (
        f"<div class='body'>{paragraphs(*FIRST)}</div><div class='body'>{paragraphs(*MORE)}</div>"
    )
    page = make_page(
        f"<html lang='en'><head>{HEAD}</head><body><article><h1>x</h1>{parts}</article>"
        "</body></html>"
    )
    body = extract_article(page, now=NOW).body or ""
    places = [body.find(text) for text in FIRST + MORE]
    assert all(0 <= one < other for one, other in pairwise(places))


BOATS = [
    "First boat: 07:15 from the cargo quay",
    "Last boat: 19:40 from the village of Skerra",
    "No cars on any crossing",
]


def listed(*texts: str) -> str:
    return f"<ul>{''.join(f'<li>{text}</li>' for text in texts)}</ul>"


def test_lists_at_the_edges_of_the_text_come_back_with_their_heading() -> None:
    rows = [f"- {text}" for text in BOATS]
    below = f"<div>{paragraphs(*FIRST)}<h3>The timetable</h3>{listed(*BOATS)}</div>"
    assert recovered(below, FIRST) == [*FIRST, "The timetable", *rows]
    assert recovered(f"<div>{listed(*BOATS)}{paragraphs(*FIRST)}</div>", FIRST) == [*rows, *FIRST]
    point = "two of the piers were sinking into the mud"
    assert recovered(f"<div>{listed(point)}{paragraphs(*FIRST)}</div>", FIRST) == [
        f"- {point}",
        *FIRST,
    ]


@pytest.mark.parametrize(
    "edge",
    [
        listed(*(f"<a href='/{n}'>{text}</a>" for n, text in enumerate(BOATS))),
        listed("Facebook", "Copy link", "Print"),
        f"<div>{listed(*BOATS)}</div>",
    ],
)
def test_links_buttons_and_lists_of_other_boxes_stay_out(edge: str) -> None:
    assert recovered(f"<div>{paragraphs(*FIRST)}<h3>More</h3>{edge}</div>", FIRST) == FIRST
    assert recovered(f"<div>{edge}{paragraphs(*FIRST)}</div>", FIRST) == FIRST
