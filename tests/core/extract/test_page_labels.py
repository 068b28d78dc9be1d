"""What a page labels as a kicker, standfirst or caption is removed; what looks alike stays."""

import pytest

from tests.helpers.article_page import HEAD, NOW, PROSE, make_html, make_page
from transforms.core.extract.page import extract_article
from transforms.records import Article

DEK = "Ferries are to carry workers while the piers are mended"
LINKS = [
    "Ten photographs of the old harbour",
    "How the northern pier was built in a year",
    "Who pays for the ferries of summer",
]


def read(body: str, head: str = HEAD) -> tuple[Article, list[str]]:
    article = extract_article(make_page(make_html(body, head)), now=NOW)
    return article, (article.body or "").split("\n\n")


def reasons(article: Article) -> dict[str, str]:
    return {one.text: one.reason for one in article.removed}


def test_section_label_above_the_text_is_a_kicker() -> None:
    article, blocks = read(f"<p>Region</p>{PROSE}")

    assert reasons(article)["Region"] == "kicker"
    assert "Region" not in blocks


@pytest.mark.parametrize("label", ["Sailors", "The region"])
def test_other_short_lines_are_not_kickers(label: str) -> None:
    assert "kicker" not in reasons(read(f"<p>{label}</p>{PROSE}")[0]).values()


def test_section_name_inside_the_text_stays() -> None:
    article, blocks = read(PROSE.replace("A long wait", "Region"))

    assert "Region" in blocks
    assert "kicker" not in reasons(article).values()


def test_breadcrumb_names_the_section() -> None:
    article, blocks = read(
        f'<ol class="breadcrumb"><li><a href="/w">World</a></li></ol><p>World</p>{PROSE}'
    )

    assert "World" not in blocks
    assert article.body is not None


@pytest.mark.parametrize(
    "mark", ['class="article__standfirst standfirst"', 'class="deck"', 'class="sub-headline"']
)
def test_marked_standfirst_goes_into_its_field(mark: str) -> None:
    article, blocks = read(f"<h2 {mark}>{DEK}</h2>{PROSE}")

    assert article.standfirst == DEK
    assert DEK not in blocks
    assert reasons(article)[DEK] == "standfirst"


def test_unmarked_first_lines_stay_though_the_page_describes_itself_so() -> None:
    lede = (
        "The council of the harbour town voted on Monday to close its old bridge for a year, "
        "after a night of debate."
    )
    article, blocks = read(PROSE, HEAD.replace("Ferries are to carry workers instead.", lede))

    assert blocks[0] == lede
    assert article.standfirst == lede


def test_standfirst_that_is_all_the_page_has_stays() -> None:
    text = DEK + ", the harbour office of the town said on Monday after a night of debate."
    _, blocks = read(f'<p class="standfirst">{text}</p><p>Short.</p>')

    assert text in blocks


def test_class_marks_captions() -> None:
    caption = "The northern pier at low tide, seen from the quay of the harbour"
    figure = (
        f'<div class="wp-caption"><img src="p.jpg"><p class="wp-caption-text">{caption}</p></div>'
    )
    article, blocks = read(PROSE.replace("<h2>", figure + "<h2>"))

    assert caption in article.captions
    assert caption not in blocks


@pytest.mark.parametrize("name", ["drop-cap", "capital"])
def test_a_first_letter_is_not_a_caption(name: str) -> None:
    lede = (
        "Nobody in the harbour town had seen such a crowd on the quay since the year of the storm."
    )
    article, blocks = read(
        f'<section><p><span class="{name}">N</span>{lede[1:]}</p></section>{PROSE}'
    )

    assert lede in blocks
    assert "N" not in article.captions


def test_lines_of_links_at_the_end_are_related() -> None:
    links = "".join(f"<li><a href='/{index}'>{text}</a></li>" for index, text in enumerate(LINKS))
    article, blocks = read(f"{PROSE}<ul>{links}</ul>")

    assert not set(LINKS) & {block.removeprefix("- ") for block in blocks}
    assert set(reasons(article).values()) <= {"related-links", "headline", "caption"}


def test_list_without_links_and_one_link_stay() -> None:
    items = "".join(f"<li>{text}</li>" for text in LINKS)
    _, blocks = read(f"{PROSE}<ul>{items}</ul>")
    assert {f"- {text}" for text in LINKS} <= set(blocks)

    _, blocks = read(
        f"{PROSE}<p>The plan is on <a href='/plan'>the town's page</a>, and was drawn in May.</p>"
    )
    assert blocks[-1].startswith("The plan is on")
