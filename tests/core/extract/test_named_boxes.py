"""Text in a box that is named as something beside the article is removed, with its reason."""

import pytest

from tests.helpers.article_page import NOW, PROSE, make_html, make_page
from transforms.core.extract.html_document import parse
from transforms.core.extract.named_boxes import named_boxes
from transforms.core.extract.page import extract_article
from transforms.core.extract.rendered_blocks import render_blocks
from transforms.records import Article

PITCH = (
    "Every morning our editors choose what matters in the harbour, and it is yours for nothing "
    "at all."
)


def read(body: str) -> Article:
    return extract_article(make_page(make_html(body)), now=NOW)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("class='article-cta'", "promotion"),
        ("class='PromoBox'", "promotion"),
        ("class='the-bio'", "author-box"),
        ("id='signup'", "newsletter"),
        ("class='gdpr-note'", "consent"),
        ("class='recirc'", "related"),
        ("role='dialog'", "overlay"),
    ],
)
def test_text_of_a_named_box_is_removed_and_remembered(name: str, reason: str) -> None:
    article = read(f"{PROSE}<div {name}><p>{PITCH}</p></div>")

    assert PITCH not in (article.body or "")
    for one in article.removed:
        if one.text == PITCH:
            assert one.reason == reason
            assert 0 <= one.at <= len(article.body or "")


@pytest.mark.parametrize(
    "name", ["class='biology'", "class='story'", "id='why-a-subscription-to-boats-pays'"]
)
def test_other_names_and_slugs_are_not_boxes(name: str) -> None:
    assert PITCH in (read(f"{PROSE}<div {name}><p>{PITCH}</p></div>").body or "")


def test_box_that_holds_the_article_is_the_article() -> None:
    body = read(f"<div class='with-newsletter'>{PROSE}</div>").body or ""

    assert "Engineers had warned" in body
    assert "The bridge was built in 1911" in body


VOICES = [
    (
        "Anna says that the crossing is a lifeline, and that the region has known for a decade "
        "how old its quays are."
    ),
    (
        "Karl says that nobody had asked for new boats before the spring, and that he would "
        "rather have a bridge."
    ),
    (
        "Mia says that her neighbours want more crews on the night boats, and that somebody "
        "will have to pay for them."
    ),
]


@pytest.mark.parametrize(
    "names",
    [
        ["class='contributor'"] * 3,
        ["class='live-post author-post'"] * 3,
        ["id='cookies'", "id='share-price'", "id='newsletters'"],
    ],
)
def test_boxes_alike_that_hold_the_article_together_are_the_article(names: list[str]) -> None:
    parts = [
        f"<div {n}><h3>A voice</h3><p>{v}</p></div>" for n, v in zip(names, VOICES, strict=True)
    ]

    body = read(PROSE.partition("<h2>")[0] + "".join(parts)).body or ""
    assert all(voice in body for voice in VOICES)

    one = read(PROSE + parts[0])
    assert VOICES[0] not in (one.body or "")


NOTICE = "Zimebaki herufi mia tano, na maoni yako yatasomwa na mhariri kabla ya kuonekana hapa."


def boxes(body: str) -> dict[str, str]:
    """Return the reason of each block in a box."""
    rendered = render_blocks(parse(make_page(make_html(body))))
    spans = [(index, index) for index in range(len(rendered))]
    found = named_boxes(spans, [block.text for block in rendered], rendered)
    return {rendered[index].text: reason for index, reason in found.items()}


def test_words_of_a_form_are_a_box_in_any_language() -> None:
    form = f"<form><p>{NOTICE}</p><textarea></textarea></form>"

    assert boxes(PROSE + form) == {NOTICE: "form"}


def test_a_form_around_the_article_is_the_article() -> None:
    assert boxes(f"<form>{PROSE}</form>") == {}


def test_a_form_without_a_field_to_write_in_is_a_part_of_the_text() -> None:
    form = f"<form><p>{PITCH}</p><input type='number'><button>Buy</button></form>"

    assert boxes(PROSE + form) == {}
