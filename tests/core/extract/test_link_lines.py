"""Lines that lead to other articles of the site are removed in any language, by their form."""

import pytest

from tests.helpers.article_page import NOW, PROSE, make_html, make_page
from transforms.core.extract.html_document import parse
from transforms.core.extract.link_lines import own_site, read_also_lines
from transforms.core.extract.page import extract_article
from transforms.core.extract.rendered_blocks import render_blocks

INSIDE = "<h2>A long wait</h2>"


def read_also(line: str, domain: str = "example.com") -> list[str]:
    """Return which lines between two paragraphs of an article are read-also lines."""
    tree = parse(make_page(make_html(PROSE.replace(INSIDE, line))))
    rendered = render_blocks(tree)
    spans = [(index, index) for index in range(len(rendered))]
    found = read_also_lines(spans, rendered, own_site(tree, domain))
    return [rendered[index].text for index in found]


def test_a_read_also_line_is_removed_and_remembered() -> None:
    line = "<p><b>Leia também: <a href='/n/1'>Preço da farinha sobe outra vez</a></b></p>"
    article = extract_article(make_page(make_html(PROSE.replace(INSIDE, line))), now=NOW)

    assert "Leia" not in (article.body or "")
    assert ("read-also", "Leia também: Preço da farinha sobe outra vez") in [
        (one.reason, one.text) for one in article.removed
    ]


@pytest.mark.parametrize(
    ("label", "title"),
    [
        ("Soma pia:", "Bei ya unga yapanda kwa wiki ya nne mfululizo"),
        ("Хьажа кхин дӀа:", "Эзар эхам лелаш йоцу тӀай дӀакъевлина"),
        ("წაიკითხეთ აგრეთვე:", "ფქვილის ფასი მეოთხე კვირაა იზრდება"),
        ("Կարդացեք նաև`:", "Ալյուրի գինը չորրորդ շաբաթն է աճում"),
        ("மேலும் படிக்க:", "மாவு விலை நான்காவது வாரமாக உயர்வு"),
        ("อ่านเพิ่มเติม:", "ราคาแป้งสูงขึ้นเป็นสัปดาห์ที่สี่ติดต่อกัน"),
        ("Irakurri ere bai |", "Irinaren prezioak gora egin du laugarren astez"),
        ("ተጨማሪ ያንብቡ፡", "የዱቄት ዋጋ ለአራተኛ ሳምንት ጨመረ"),
        ("Lestu líka »", "Verð á hveiti hækkar fjórðu vikuna í röð"),
    ],
    ids=("sw", "ce", "ka", "hy", "ta", "th", "eu", "am", "is"),
)
def test_a_label_and_a_link_to_a_headline_of_the_site(label: str, title: str) -> None:
    line = f"<p><strong>{label} <a href='/2024/04/flour'>{title}</a></strong></p>"

    assert read_also(line) == [f"{label} {title}"]


@pytest.mark.parametrize(
    "href", ["/n/1", "n/1", "https://www.example.com/n/1", "//sport.example.com/n/1?x=1"]
)
def test_links_to_the_site_in_every_form(href: str) -> None:
    line = f"<p>Läs mer: <a href='{href}'>Färjorna står still i vinter</a></p>"

    assert read_also(line) == ["Läs mer: Färjorna står still i vinter"]
    assert read_also(line, "file.invalid") == ["Läs mer: Färjorna står still i vinter"]


@pytest.mark.parametrize(
    "line",
    [
        "<p>Source: <a href='https://records.test/n/1'>The book of all bridges, 1911</a></p>",
        "<p>Report: <a href='/files/piers.pdf'>The state of the northern pier in May</a></p>",
        "<p>Hotel: <a href='/places/otto'>Otto am Kai</a></p>",
        "<p>Post: <a href='/r'>But has the region not turned you down twice?</a></p>",
        "<p>The mayor had said so <a href='/n/1'>on the eve of the vote in March</a>.</p>",
        "<p>Minister: <a href='/n/1'>We shall not close the second bridge.</a></p>",
        "<p>Chapter 3: <a href='/n/1'>How the northern pier was built</a></p>",
        "<p>Jump to: <a href='#piers'>Why the two piers are sinking</a></p>",
        "<p>Front page: <a href='/'>All the news of the harbour town</a></p>",
        "<p><a href='/n/1'>Ferries, trains and roads</a></p>",
        "<h3><a href='/n/1'>What the engineers found in the mud below</a></h3>",
    ],
)
def test_other_lines_with_links_stay(line: str) -> None:
    assert read_also(line) == []


def test_questions_are_read_also_lines_below_a_label_that_has_others() -> None:
    lines = (
        "<p>Czytaj też: <a href='/n/1'>Promy staną na całą zimę</a></p>"
        "<p>The ferries of the town are old, and two of the four need new engines by autumn.</p>"
        "<p>Czytaj też: <a href='/n/2'>Kto zapłaci za nowy most?</a></p>"
    )

    assert read_also(lines) == [
        "Czytaj też: Promy staną na całą zimę",
        "Czytaj też: Kto zapłaci za nowy most?",
    ]


def test_a_line_that_is_a_link_to_another_page() -> None:
    line = "<p>» <a href='/n/1'>Các bến phà sẽ đóng cửa suốt mùa đông</a></p>"

    assert read_also(line) == ["» Các bến phà sẽ đóng cửa suốt mùa đông"]


def test_many_lines_that_are_links_are_what_the_article_is_about() -> None:
    entries = "".join(
        f"<p><a href='/walks/{n}'>Walk number {n} from the old harbour</a></p>"
        "<p>It takes an hour and ends at one of the quays, where a ferry leaves at noon.</p>"
        for n in range(6)
    )

    assert read_also(entries) == []


def test_headlines_below_each_other_and_the_line_that_introduces_them() -> None:
    lines = (
        "<p>Viac k téme nájdete aj tu:</p><ul>"
        "<li><a href='/n/1'>Trajekty budú stáť celú zimu, oznámil prístav</a></li>"
        "<li>Prístav: <a href='/n/2'>Kto zaplatí nový most cez rieku?</a></li></ul>"
    )

    assert read_also(lines) == [
        "Viac k téme nájdete aj tu:",
        "Trajekty budú stáť celú zimu, oznámil prístav",
        "Prístav: Kto zaplatí nový most cez rieku?",
    ]


@pytest.mark.parametrize(
    "line",
    [
        # A list that a sentence of the article introduces.
        "<p>The council has published two reports on the bridge since the spring of last year, and "
        "both are still worth reading today:</p><ul><li><a href='/n/1'>How the northern pier began "
        "to sink</a></li><li><a href='/n/2'>What a new bridge would cost the town</a></li></ul>",
        # Places and products.
        "<ul><li><a href='/p/1'>The old harbour office</a></li>"
        "<li><a href='/p/2'>The new fish market</a></li></ul>",
    ],
)
def test_lists_of_the_article_stay(line: str) -> None:
    assert read_also(line) == []
