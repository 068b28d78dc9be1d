"""A page that stands in an article's place is typed, in several languages; an article about such things is not."""

from dataclasses import replace

import pytest

from tests.core.extract.pages import NOW, PROSE, URL, make_html, make_page
from transforms.core.extract.page import extract_article
from transforms.errors import ExtractError
from transforms.records import Article


def read(title: str, body: str, head: str = "", url: str = URL) -> Article:
    content = f"<html><head><title>{title}</title>{head}</head><body><h1>{title}</h1>{body}</body></html>"
    page = make_page(content)
    return extract_article(replace(page, final_url=url, entry=replace(page.entry, url=url)), now=NOW)


@pytest.mark.parametrize(
    ("title", "text", "kind"),
    [
        ("Einen Moment bitte...", "Ihr Browser wird geprüft, bevor es weitergeht.", "challenge"),
        ("Accès refusé", "Votre adresse a été bloquée par le site que vous demandez.", "challenge"),
        ("The Example", "Verifying you are human. This may take a few seconds.", "challenge"),
        ("The Example", "Confirme que eres un humano para seguir al sitio.", "challenge"),
        ("Seite nicht gefunden", "Der Link ist veraltet. Versuchen Sie die Suche.", "soft_404"),
        ("Page introuvable", "Le lien que vous avez suivi ne mène à rien.", "soft_404"),
        ("Página no encontrada", "El enlace no lleva a ninguna parte.", "soft_404"),
        ("El Ejemplo", "La página que busca no existe o ha cambiado de lugar.", "soft_404"),
        ("Bevor Sie fortfahren", "Wir brauchen noch ein Wort von Ihnen.", "consent_wall"),
        ("Das Beispiel", "Wir und unsere 812 Partner speichern Informationen auf Ihrem Gerät.", "consent_wall"),
        ("L'Exemple", "Nous et nos 812 partenaires stockons des informations sur votre appareil.", "consent_wall"),
        ("Iniciar sesión", "Escriba el nombre y la clave que le hemos dado.", "login"),
        ("Se connecter", "Tapez le nom et le mot de passe que vous avez reçus.", "login"),
    ],
)
def test_walls_are_known_in_several_languages(title: str, text: str, kind: str) -> None:
    article = read(title, f"<div><p>{text}</p></div>")

    assert article.page_kind == kind
    assert article.body is None


def test_headline_tells_where_the_title_is_the_sites() -> None:
    content = "<title>The Example</title><h1>Page not found</h1><p>We have moved house, and some rooms are gone.</p>"
    assert extract_article(make_page(content), now=NOW).page_kind == "soft_404"


@pytest.mark.parametrize(
    ("markup", "kind"),
    [
        ("<script src='/cdn-cgi/challenge-platform/h/b/orchestrate'></script>", "challenge"),
        ("<iframe src='https://geo.captcha-delivery.com/captcha/?x'></iframe>", "challenge"),
        ("<form><input name='user'><input type='password'></form>", "login"),
    ],
)
def test_what_a_page_loads_tells_in_any_language(markup: str, kind: str) -> None:
    article = read("Пример", f"<p>Подождите немного, пожалуйста, и попробуйте ещё раз потом.</p>{markup}")
    assert (article.page_kind, article.body) == (kind, None)

    whole = extract_article(make_page(make_html(PROSE + markup)), now=NOW)
    assert whole.page_kind == "article"


@pytest.mark.parametrize(
    "title", ["Not found: the town's lost bell", "Log of a harbour pilot", "Access to the pier denied"]
)
def test_articles_on_such_things_are_articles(title: str) -> None:
    assert read(title, PROSE, "<meta property='og:type' content='article'>").page_kind == "article"


def test_list_of_articles_is_home_and_one_article_beside_teasers_is_not() -> None:
    teasers = "".join(
        f"<article><h2><a href='/{n}'>Story {n} of the harbour</a></h2><p>{PROSE}</p></article>" for n in range(6)
    )
    assert read("Region", teasers, url="https://www.example.com/tag/bridge").page_kind == "home"
    assert read("Region", teasers, url="https://www.example.com/tag/bridge").body is None
    assert read("Harbour town closes its bridge", PROSE + teasers).page_kind == "article"
    listed = '<script type="application/ld+json">{"@type": "CollectionPage"}</script>'
    assert read("Search", "<p>Nine results were found for the words that you gave.</p>", listed).page_kind == "home"


def test_front_page_is_home() -> None:
    head = "<meta property='og:type' content='website'>"
    assert read("The Example", PROSE, head, "https://www.example.com/").page_kind == "home"
    assert read("The Example", PROSE, head, "https://www.example.com/bridge").page_kind == "article"


@pytest.mark.parametrize(("count", "kind"), [(2_000, "paywall"), (100, "article"), ("", "paywall")])
def test_paid_article_is_cut_where_words_are_missing(count: int | str, kind: str) -> None:
    facts = f'{{"@type": "NewsArticle", "headline": "x", "isAccessibleForFree": "False", "wordCount": "{count}"}}'
    head = f'<script type="application/ld+json">{facts}</script>'
    more = PROSE.replace("harbour", "river") * 3 if kind == "article" else ""
    article = read("Harbour town closes its bridge", PROSE + more, head)

    assert article.page_kind == kind
    assert ("truncated" in article.flags) == (kind == "paywall")
    assert article.body


@pytest.mark.parametrize(
    "text",
    [
        "Subscribe to continue to the end of this story about the bridge.",
        "Dieser Artikel ist nur für Abonnenten, die ihn bezahlt haben.",
        "Cet article est réservé aux abonnés de notre journal du port.",
        "Contenido exclusivo para suscriptores de nuestro diario.",
    ],
)
def test_paywall_says_so_in_several_languages(text: str) -> None:
    lede = "The council of the harbour town voted on Monday to close its old bridge for a year, after a debate."
    assert read("Harbour town closes its bridge", f"<p>{lede}</p><p>{text}</p>").page_kind == "paywall"


def test_page_without_words_is_refused_not_silent() -> None:
    with pytest.raises(ExtractError) as caught:
        read("", "<div><img src='a.png'></div>")
    assert caught.value.reason == "E_EXTRACT_EMPTY"
