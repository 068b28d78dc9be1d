"""Index pages, products, galleries and videos are known by their structure, in any language."""

import json
from itertools import cycle, islice
from typing import Any

import pytest

from tests.helpers.article_page import NOW, PROSE, make_page
from transforms.core.extract.page import extract_article
from transforms.errors import ExtractError
from transforms.records import Article

# By language: the title of a section, headlines, an excerpt, and a button.
SECTIONS = {
    "en": ("Ideas", ["Why the eels came back", "Walking on mud", "Old nets", "Mill bread, tasted"],
           "Warm winters are said to bring the eels up the river. But do they?", "Read more"),
    "de": ("Aus der Region", ["Warum die Aale zurück sind", "Gehen auf Eis", "Alte Netze", "Brot im Test"],
           "Warme Winter sollen die Aale in den Fluss locken. Stimmt das auch?", "Weiterlesen"),
    "fr": ("Idées", ["Pourquoi les anguilles sont revenues", "Marcher sur la vase", "Vieux filets", "Le pain"],
           "Les hivers doux attireraient les anguilles dans le fleuve. Est-ce vrai ?", "Lire la suite"),
    "es": ("Cultura", ["Por qué volvieron las anguilas", "Andar sobre el barro", "Redes viejas", "El pan"],
           "Dicen que los inviernos suaves traen las anguilas al río. ¿Será verdad?", "Leer más"),
    "it": ("Idee", ["Perché sono tornate le anguille", "Camminare sul fango", "Vecchie reti", "Il pane"],
           "Gli inverni miti porterebbero le anguille nel fiume. Ma è proprio vero?", "Continua"),
    "pl": ("Kultura", ["Dlaczego węgorze wróciły", "Spacer po błocie", "Stare sieci", "Chleb z młyna"],
           "Ciepłe zimy mają ściągać węgorze w górę rzeki. Czy to jednak prawda?", "Czytaj dalej"),
    "ru": ("Культура", ["Почему вернулись угри", "Прогулка по грязи", "Старые сети", "Хлеб с мельницы"],
           "Говорят, тёплые зимы приводят угрей вверх по реке. Так ли это на деле?", "Читать далее"),
    "tr": ("Kültür", ["Yılan balıkları neden döndü", "Çamurda yürümek", "Eski ağlar", "Değirmen ekmeği"],
           "Ilık kışların yılan balıklarını nehre getirdiği söyleniyor. Doğru mu peki?", "Devamını oku"),
    "ja": ("文化", ["うなぎが川に戻ってきた理由とは", "冬の泥の上を歩いてみた", "古い網を直す人", "水車小屋のパンを味わう"],
           "暖かい冬がうなぎを川に呼び戻すと言われるが、本当なのだろうか。", "続きを読む"),
    "ar": ("ثقافة", ["لماذا عادت ثعابين الماء", "المشي على الطين", "شباك قديمة", "خبز الطاحونة"],
           "يقال إن الشتاء الدافئ يجلب ثعابين الماء إلى النهر، فهل هذا صحيح؟", "اقرأ المزيد"),
    "hi": ("संस्कृति", ["बाम मछलियाँ क्यों लौट आईं", "कीचड़ पर चलना", "पुराने जाल", "चक्की की रोटी"],
           "कहते हैं कि गर्म सर्दियाँ मछलियों को नदी में लाती हैं। क्या यह सच है?", "और पढ़ें"),
}  # fmt: skip
CARDS = {
    "link in heading": "<div class='c'><h2><a href='/a{n}'>{title}</a></h2><p>{text}</p></div>",
    "heading in link": "<div class='c'><a href='/a{n}'><h3>{title}</h3></a><p>{text}</p><i>{n} May</i></div>",
    "card in link": "<a class='c' href='/a{n}'><img src='x.jpg'><h3>{title}</h3><p>{text}</p></a>",
    "button": "<div class='c'><h3>{title}</h3><p>{text}</p><div><a href='/a{n}'>{button}</a></div></div>",
    "button beside a date": "<div class='c'><h3>{title}</h3><p>{text}</p><i>{n} May</i><a href='/a{n}'>{button}</a></div>",
    "articles": "<article><h2><a href='https://www.example.com/a{n}'>{title}</a></h2><p>{text}</p></article>",
    "items": "<li><time>{n}.5.2024</time><h3><a href='a{n}.html'>{title}</a></h3><p>{text}</p></li>",
    "no boxes": "<h2><a href='/a{n}'>{title}</a></h2><p>{text}</p>",
    "rows": "<div class='row'><div class='c'><h2><a href='/a{n}'>{title}</a></h2><p>{text}</p></div></div>",
}  # fmt: skip
LONG_CARDS = [(layout, language) for layout in CARDS for language in ("en", "fr")]
ALL_CARDS = [*LONG_CARDS, *(zip(cycle(CARDS), SECTIONS, strict=False))]


def cards(layout: str, language: str, count: int = 4) -> str:
    _, titles, text, button = SECTIONS[language]
    return "".join(
        CARDS[layout].format(n=n + 1, title=title, text=f"{text} {title}.", button=button)
        for n, title in enumerate(islice(titles, count))
    )


def kind_of(body: str, title: str = "The Example", head: str = "", **facts: Any) -> str:
    found = read(body, title, head, **facts)
    return found.page_kind if isinstance(found, Article) else found


def read(body: str, title: str = "The Example", head: str = "", **facts: Any) -> Article | str:
    """Return the article of a page, or the code of its reject. `facts` are its JSON-LD."""
    if facts:
        node = json.dumps({key.replace("type_", "@type"): value for key, value in facts.items()})
        head += f"<script type='application/ld+json'>{node}</script>"
    page = f"<html><head><title>{title}</title>{head}</head><body>{body}</body></html>"
    try:
        return extract_article(make_page(page), now=NOW)
    except ExtractError as error:
        return error.reason


@pytest.mark.parametrize(("layout", "language"), ALL_CARDS)
def test_page_of_cards_is_an_index(layout: str, language: str) -> None:
    title = SECTIONS[language][0]
    body = f"<main><h1>{title}</h1><div>{cards(layout, language)}</div></main>"
    assert kind_of(body, title) in {"home", "E_EXTRACT_EMPTY"}


@pytest.mark.parametrize("layout", CARDS)
def test_index_may_say_what_it_lists(layout: str) -> None:
    intro = "<p>All that we have written on the river.</p>"
    body = f"<main><h1>The river</h1>{intro}<div>{cards(layout, 'en')}</div></main>"
    assert kind_of(body, "The river") == "home"


def test_index_that_is_marked_as_an_article_is_an_index_by_the_article_that_it_names() -> None:
    body = f"<main><h1>Ideas</h1>{cards('link in heading', 'en')}</main>"
    assert kind_of(body, "Ideas", type_="NewsArticle", headline="Old nets") == "home"
    assert kind_of(body, "Old nets", type_="NewsArticle", headline="Old nets") == "article"


def test_index_of_a_list_type_is_one_whatever_its_open_graph_type() -> None:
    head = "<meta property='og:type' content='article'>"
    body = f"<main><h1>Ideas</h1>{cards('articles', 'en')}</main>"
    assert kind_of(body, "Ideas", head, type_="CollectionPage", name="Ideas") == "home"


def test_index_with_the_open_graph_type_of_an_article_is_one_if_it_has_only_cards() -> None:
    head = "<meta property='og:type' content='article'>"
    body = f"<main><h1>Ideas</h1>{cards('link in heading', 'en')}</main>"
    assert kind_of(body, "Ideas", head) == "home"
    assert kind_of(body.replace("</h1>", f"</h1>{PROSE}"), "Ideas", head) == "article"


def test_products_of_a_shop_are_an_index() -> None:
    one = "<li class='p'><a href='/p{n}'><img src='x.jpg'><h2>{title}</h2></a><b>{n}9.90 €</b></li>"
    items = "".join(
        one.format(n=n, title=title)
        for n, title in enumerate(["Oak oar, two metres", "Cork float", "Tarred net", "Brass lamp"])
    )
    assert kind_of(f"<h1>Boat shop</h1><ul>{items}</ul>", "Boat shop") in {
        "home",
        "E_EXTRACT_EMPTY",
    }


FLASH = (
    "<p>A barge struck the northern pier of the old bridge on Monday evening; nobody was hurt, the "
    "harbour police said.</p>"
)
TIP = (
    "Carry at least two litres of water for each person, and start before nine, since there is no "
    "shade on the way up. The path begins behind the mill and follows the stream for an hour. "
)


def listicle(heading: str, after: str) -> str:
    names = ["The eel ladder", "Mill pond", "Osk by boat", "The salt road", "Cape of nets"]
    items = "".join(
        f"<h2>{heading.format(n=n, name=name)}</h2><p>{name}: {TIP}</p>{after}"
        for n, name in enumerate(names, 1)
    )
    return f"<main><h1>Five walks for a warm spring day</h1>{FLASH}{FLASH}{items}{FLASH}</main>"


ARTICLES = {
    "many related cards below": f"<main><h1>Harbour town closes bridge</h1>{PROSE}{cards('link in heading', 'en') * 5}</main>",
    "related cards above and below": f"<h1>Harbour town closes bridge</h1>{cards('rows', 'en')}{PROSE}{cards('rows', 'fr')}",
    "flash with related cards": f"<main><h1>Barge strikes bridge in harbour town</h1>{FLASH}{cards('articles', 'en')}</main>",
    "flash alone": f"<main><h1>Barge strikes bridge</h1>{FLASH}</main>",
    "flash with a player": f"<main><h1>Barge strikes bridge</h1><iframe src='https://video.example/embed/1'></iframe>{FLASH}<p>{TIP}</p></main>",
    "transcript with links below": f"<h1>What is a barge?</h1><ul><li>{TIP * 4}</li></ul>{cards('button beside a date', 'en')}",
    "list with headings": listicle("{n}. {name}", ""),
    "list with prices": listicle("{n}. {name}", "<p>Price: {n}9 crowns</p><a href='https://shop.test/x'>Book now</a>"),
    "list with links to shops": listicle("<a href='https://shop.test/{n}'>{name}</a>", "<p>from 19 crowns</p>"),
    "list with links to own pages": listicle("<a href='/walks/{n}'>{name}</a>", ""),
    "sections with links between": "<h1>A day on the quay</h1>" + "".join(
        f"<h2>Part {n} of the day</h2><p>{TIP}</p><p><a href='/r{n}'>Ferries will run from June on, says office {n}</a></p>"
        for n in range(4)
    ),
    "pictures with paragraphs": "<h1>A winter on the river</h1>" + "".join(
        f"<figure><img src='{n}.jpg'><figcaption>Nets dry on the quay, picture {n} of the walk</figcaption></figure><p>{n}: {TIP}</p>"
        for n in range(6)
    ),
    "review with a price": f"<h1>A brass lamp, tried for a year</h1><p>{TIP}</p><p>{TIP * 2}</p><p>{TIP * 3}</p><p class='price'>49 crowns</p><a href='/buy'>Buy</a>",
    "cart beside": f"<form action='/cart/add' class='a'><button>Add</button></form><form action='/cart/add'><button>Add</button></form><h1>Our mill</h1>{PROSE}",
}  # fmt: skip


@pytest.mark.parametrize("case", ARTICLES)
def test_article_with_cards_lists_pictures_or_prices_is_an_article(case: str) -> None:
    assert kind_of(ARTICLES[case]) == "article"


@pytest.mark.parametrize(
    ("facts", "body"),
    [
        ({"type_": "Recipe", "name": "Eel soup"}, f"<h1>Eel soup</h1><p class='price'>9 crowns a head</p><ol><li>{TIP}</li></ol>"),
        ({"type_": ["Review", "Product"], "name": "Lamp"}, f"<h1>A brass lamp, tried</h1><p>{TIP}</p>"),
        ({"type_": "NewsArticle", "headline": "x", "video": {"type_": "VideoObject", "@type": "VideoObject"}}, f"<h1>Barge strikes</h1><video src='a.mp4'></video>{FLASH}"),
        ({"type_": "NewsArticle", "headline": "x"}, f"<h1>Barge strikes</h1>{FLASH}<form class='cart'><button>Gift</button></form><i class='price'>2</i>"),
    ],
    ids=["recipe", "review", "news with video", "news with a gift"],
)  # fmt: skip
def test_type_of_the_page_tells_articles_from_what_they_show(
    facts: dict[str, Any], body: str
) -> None:
    assert kind_of(body, **facts) == "article"


LAMP = "<h1>Brass lamp</h1><p>A lamp of brass for boats and porches, made by hand in Osk since 1911.</p>"
PRODUCTS = {
    "json": (LAMP, "", {"type_": "Product", "name": "Brass lamp", "offers": {"@type": "Offer", "price": "49"}}),
    "open graph": (LAMP, "<meta property='og:type' content='og:product'>", {}),
    "microdata": (f"<div itemscope itemtype='https://schema.org/Product'>{LAMP}<b itemprop='price'>49</b></div>", "", {}),
    "cart": (f"<main>{LAMP}<p class='price'>49 kr</p><form action='/cart/add'><button>In den Korb</button></form></main>", "", {}),
    "with a login": (f"{LAMP}<form><input type='password'></form>", "<meta property='og:type' content='product'>", {}),
    "with other products": (f"{LAMP}{cards('card in link', 'fr')}", "<meta property='og:type' content='product.item'>", {}),
}  # fmt: skip


@pytest.mark.parametrize("case", PRODUCTS)
def test_product_keeps_its_text_and_is_no_article(case: str) -> None:
    body, head, facts = PRODUCTS[case]
    found = read(body, "Brass lamp", head, **facts)
    assert isinstance(found, Article)
    assert found.page_kind == "product"
    assert "made by hand in Osk" in (found.body or "")


PICTURES = "".join(
    f"<figure><img src='{n}.jpg'><figcaption>Nets dry on the quay of Osk on day {n} of the thaw.</figcaption></figure>"
    for n in range(8)
)


def test_pictures_with_captions_and_little_text_are_a_gallery() -> None:
    found = read(
        f"<h1>The thaw in pictures</h1><p>Our photographer went to the quay.</p>{PICTURES}"
    )
    assert isinstance(found, Article)
    assert found.page_kind == "gallery"
    assert len(found.captions) == 8
    assert kind_of(f"<h1>The thaw in pictures</h1>{PICTURES}", type_="ImageGallery") == "gallery"
    assert (
        kind_of(f"<h1>The thaw</h1>{FLASH}{PICTURES}", type_="NewsArticle", headline="x")
        == "article"
    )


PLAYER = "<iframe src='https://video.example/embed/1'></iframe>"


@pytest.mark.parametrize(
    ("body", "head", "facts"),
    [
        (f"{PLAYER}<p>The barge, filmed from the quay by a reader of ours on Monday.</p>", "", {}),
        (f"<video src='a.mp4'></video>{FLASH}", "<meta property='og:type' content='video.other'>", {}),
        (f"<div id='p'></div>{FLASH}", "", {"type_": "VideoObject", "name": "The barge"}),
    ],
    ids=["player", "open graph", "json"],
)  # fmt: skip
def test_player_with_a_line_of_text_is_a_video(body: str, head: str, facts: dict[str, Any]) -> None:
    assert kind_of(f"<h1>The barge</h1>{body}", "The barge", head, **facts) == "video"


def test_article_of_which_no_text_is_found_is_kept_as_empty() -> None:
    found = read("<div id='app'></div>", type_="NewsArticle", headline="Harbour town closes bridge")
    assert isinstance(found, Article)
    assert (found.page_kind, found.body, found.title) == (
        "empty",
        None,
        "Harbour town closes bridge",
    )
    assert kind_of("<div id='app'></div>") == "E_EXTRACT_EMPTY"
