"""Values in the stream of React Server Components, and articles whose text is only there."""

import json

from tests.helpers.article_page import NOW, make_page
from transforms.core.extract.flight import read_flight
from transforms.core.extract.page import extract_article

TITLE = "Harbour town closes its old bridge"
BODY = (
    "<p>The council of the harbour town voted on Monday to close its old bridge for a year.</p>"
    "<p>Engineers had warned since spring that two of the piers were sinking into the mud.</p>"
    "<p>Ferries will carry workers from June on, and each has room for sixty – “at least”.</p>"
)
MODULE = '2:I[13578,["719","static/chunks/719.js"],"default"]\n:HL["/_next/static/a.css","style"]\n'


def script(text: str) -> str:
    return f"self.__next_f.push([1,{json.dumps(text)}])"


def text_row(number: str, text: str) -> str:
    return f"{number}:T{len(text.encode()):x},{text}"


def article_row(body: str) -> str:
    tree = ["$", "$L2", None, {"article": {"title": TITLE, "slug": "bridge", "body": body}}]
    return f"5:{json.dumps(tree)}\n"


def parts_of(stream: str, size: int) -> list[str]:
    return [script(stream[at : at + size]) for at in range(0, len(stream), size)]


def test_texts_stand_where_they_are_named() -> None:
    stream = f"{MODULE}{text_row('1a', BODY)}{article_row('$1a')}"
    (value,) = read_flight(parts_of(stream, 1_000))
    assert value[3]["article"]["body"] == BODY


def test_rows_go_on_from_part_to_part() -> None:
    stream = f"{MODULE}{text_row('1a', BODY)}{article_row('$1a' + ' ' * 200)}"
    for size in (7, 100, 5_000):
        assert len(list(read_flight(parts_of(stream, size)))) == 1


def test_other_references_and_texts_that_look_like_some_stay() -> None:
    row = {"a": "$5 a head", "b": "$ff", "c": "$L2", "d": "x" * 300}
    (value,) = read_flight([script(f"0:{json.dumps(row)}\n")])
    assert value == row


def test_broken_streams_end_without_an_error() -> None:
    for stream in (
        "no rows",
        "1:T",
        "1:Tffffffff,short",
        "1:{" + "x" * 300,
        "\n\n",
        "1:" + "[" * 9_000,
    ):
        assert list(read_flight([script(stream)])) == []
    assert list(read_flight(["self.__next_f.push([1,42])", "self.__next_f.push([0])"])) == []


def test_deep_values_are_cut_off() -> None:
    (value,) = read_flight([script(f"1:{'[' * 200}{json.dumps('x' * 300)}{']' * 200}\n")])
    assert "xxx" not in json.dumps(value)


def test_an_article_that_is_only_in_the_stream_is_read() -> None:
    for rows in (
        f"{text_row('1a', BODY)}{article_row('$1a')}",
        article_row(BODY),
    ):
        scripts = "".join(f"<script>{one}</script>" for one in parts_of(MODULE + rows, 300))
        page = (
            f"<html lang='en'><head><title>{TITLE}</title></head>"
            f"<body><div id='root'></div>{scripts}</body></html>"
        )
        article = extract_article(make_page(page), now=NOW)
        assert (article.extraction_basis, article.page_kind) == ("next_data", "article")
        assert (article.body or "").count("\n\n") == 2
        assert "“at least”" in (article.body or "")


def test_streamed_parts_that_a_script_will_show_are_read() -> None:
    page = (
        f"<html lang='en'><head><title>{TITLE}</title></head><body><main><h1>{TITLE}</h1>"
        f"<template id='B:1'></template></main><div hidden id='S:1'>{BODY}</div>"
        "<div hidden id='menu'><p>Opinion, sport, weather and all the other parts of this paper.</p></div>"
        "</body></html>"
    )
    article = extract_article(make_page(page), now=NOW)
    assert (article.body or "").count("\n\n") == 2
    assert "Opinion" not in (article.body or "")
