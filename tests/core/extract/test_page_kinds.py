"""Walls, lists and paywalls are typed in several languages; articles about them are not."""

from dataclasses import replace

import pytest

from tests.helpers.article_page import NOW, PROSE, URL, make_html, make_page
from transforms.core.extract.page import extract_article
from transforms.errors import ExtractError
from transforms.records import Article


def read(title: str, body: str, head: str = "", url: str = URL) -> Article:
    content = (
        f"<html><head><title>{title}</title>{head}</head><body><h1>{title}</h1>{body}</body></html>"
    )
    page = make_page(content)
    return extract_article(
        replace(page, final_url=url, entry=replace(page.entry, url=url)), now=NOW
    )


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
        (
            "Das Beispiel",
            "Wir und unsere 812 Partner speichern Informationen auf Ihrem Gerät.",
            "consent_wall",
        ),
        (
            "L'Exemple",
            "Nous et nos 812 partenaires stockons des informations sur votre appareil.",
            "consent_wall",
        ),
        ("Iniciar sesión", "Escriba el nombre y la clave que le hemos dado.", "login"),
        ("Se connecter", "Tapez le nom et le mot de passe que vous avez reçus.", "login"),
    ],
)
def test_walls_are_known_in_several_languages(title: str, text: str, kind: str) -> None:
    article = read(title, f"<div><p>{text}</p></div>")

    assert article.page_kind == kind
    assert article.body is None


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (
            (
                "Mit Werbung lesen oder Pur-Abo. Wir und unsere bis zu 205 Partner verarbeiten "
                "Ihre Daten."
            ),
            "consent_wall",
        ),
        (
            "Wir und unsere Nachbarn haben 205 Partner besucht und ihre Daten verarbeitet.",
            "article",
        ),
        (
            "There is an unknown connection issue between Cloudflare and the origin web server.",
            "soft_404",
        ),
        ("We are performing some maintenance at the moment and thank you for waiting.", "soft_404"),
        (
            "The crews performed some maintenance on the boats before they went out on Monday.",
            "article",
        ),
    ],
)
def test_pay_or_consent_and_errors_of_the_server_are_walls(text: str, kind: str) -> None:
    assert read("The Example", f"<div><p>{text}</p></div>").page_kind == kind


def test_the_headline_gives_the_kind_where_the_title_is_that_of_the_site() -> None:
    content = (
        "<title>The Example</title><h1>Page not found</h1><p>"
        "We have moved house, and some rooms are gone.</p>"
    )
    assert extract_article(make_page(content), now=NOW).page_kind == "soft_404"


@pytest.mark.parametrize(
    ("markup", "kind"),
    [
        ("<script src='/cdn-cgi/challenge-platform/h/b/orchestrate'></script>", "challenge"),
        ("<iframe src='https://geo.captcha-delivery.com/captcha/?x'></iframe>", "challenge"),
        ("<form><input name='user'><input type='password'></form>", "login"),
    ],
)
def test_embedded_scripts_and_forms_give_the_page_kind_in_any_language(
    markup: str, kind: str
) -> None:
    article = read(
        "Пример", f"<p>Подождите немного, пожалуйста, и попробуйте ещё раз потом.</p>{markup}"
    )
    assert (article.page_kind, article.body) == (kind, None)

    whole = extract_article(make_page(make_html(PROSE + markup)), now=NOW)
    assert whole.page_kind == "article"


@pytest.mark.parametrize(
    "title",
    ["Not found: the town's lost bell", "Log of a harbour pilot", "Access to the pier denied"],
)
def test_articles_on_such_things_are_articles(title: str) -> None:
    assert read(title, PROSE, "<meta property='og:type' content='article'>").page_kind == "article"


BRIEF = (
    "<p>The council of the harbour town voted on Monday to close its old bridge for a year.</p>"
    "<p>Engineers had warned since spring that two of its piers were sinking into the mud.</p>"
)
CLAIM = "<meta property='og:type' content='article'>"


@pytest.mark.parametrize(
    "title",
    [
        "Access denied: how islanders lost their ferry",
        "404 – the error that became a pop song",
        "Before you continue to drink: the new rules",
        "Ihre Privatsphäre ist in Gefahr, warnen Forscher",
        "Connexion | le nouveau roman de Luc Berthier",
        "Security check",
    ],
)
def test_title_alone_does_not_prove_a_wall(title: str) -> None:
    assert read(title, BRIEF, CLAIM).page_kind == "article"
    assert read(title, BRIEF.split("</p>", maxsplit=1)[0]).page_kind != "article"


@pytest.mark.parametrize(
    ("reported", "called", "kind"),
    [
        (
            (
                "Websites must let people reject all cookies with one click, the data "
                "regulator ruled on Friday."
            ),
            "Reject all cookies or accept them to go on reading what we write.",
            "consent_wall",
        ),
        (
            (
                "Users must complete the captcha before they vote, the office said on Friday "
                "after bots had flooded it."
            ),
            "Complete the captcha to go on to the site you asked for.",
            "challenge",
        ),
        (
            (
                "Readers were asked to subscribe to read more than three articles a month, and "
                "a third of them did."
            ),
            "Please subscribe to read the rest of this article.",
            "paywall",
        ),
    ],
)
def test_a_phrase_is_a_paywall_where_it_addresses_the_reader(
    reported: str, called: str, kind: str
) -> None:
    brief = BRIEF.split("</p>", maxsplit=1)[0] + "</p>"
    assert read("Harbour town news", f"{brief}<p>{reported}</p>", CLAIM).page_kind == "article"
    assert read("Harbour town news", f"{brief}<p>{called}</p>", CLAIM).page_kind == kind


def test_text_of_a_wall_is_remembered() -> None:
    article = read("Access denied", "<p>You are not allowed to see this page of the newspaper.</p>")
    assert article.page_kind == "challenge"
    assert [one.text for one in article.removed] == [
        "You are not allowed to see this page of the newspaper."
    ]


def test_list_of_articles_is_home_and_one_article_beside_teasers_is_not() -> None:
    teasers = "".join(
        f"<article><h2><a href='/{n}'>Story {n} of the harbour</a></h2><p>{PROSE}</p></article>"
        for n in range(6)
    )
    assert read("Region", teasers, url="https://www.example.com/tag/bridge").page_kind == "home"
    assert read("Region", teasers, url="https://www.example.com/tag/bridge").body is None
    assert read("Harbour town closes its bridge", PROSE + teasers).page_kind == "article"
    listed = '<script type="application/ld+json">{"@type": "CollectionPage"}</script>'
    assert (
        read(
            "Search", "<p>Nine results were found for the words that you gave.</p>", listed
        ).page_kind
        == "home"
    )


def test_front_page_is_home() -> None:
    head = "<meta property='og:type' content='website'>"
    assert read("The Example", PROSE, head, "https://www.example.com/").page_kind == "home"
    assert read("The Example", PROSE, head, "https://www.example.com/bridge").page_kind == "article"


@pytest.mark.parametrize(("count", "kind"), [(2_000, "paywall"), (100, "article"), ("", "paywall")])
def test_paid_article_is_cut_where_words_are_missing(count: int | str, kind: str) -> None:
    facts = (
        '{"@type": "NewsArticle", "headline": "x", "isAccessibleForFree": "False", '
        f'"wordCount": "{count}"}}'
    )
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
def test_paywall_phrases_of_several_languages(text: str) -> None:
    lede = (
        "The council of the harbour town voted on Monday to close its old bridge for a year, "
        "after a debate."
    )
    assert (
        read("Harbour town closes its bridge", f"<p>{lede}</p><p>{text}</p>").page_kind == "paywall"
    )


@pytest.mark.parametrize(
    ("box", "kind"),
    [
        (
            "<div class='x'><h3>Subscribe to continue reading</h3><a href='/s'>Subscribe</a></div>",
            "paywall",
        ),
        ("<div class='x'><h3>You have read your free articles this month</h3></div>", "paywall"),
        ("<div class='x'><h3>Jetzt mit H+ weiterlesen</h3></div>", "paywall"),
        ("<div class='x'><p>La suite est réservée aux abonnés.</p></div>", "paywall"),
        ("<div class='paywall-box'><h3>Keep up with the coast</h3></div>", "paywall"),
        ("<div class='x'><h3>Keep up with the coast</h3></div>", "article"),
        ("<p>1</p><p>2</p><p>3</p><p>4</p><footer>Subscribe to read our paper</footer>", "article"),
    ],
)
def test_paywall_is_known_by_what_follows_the_text(box: str, kind: str) -> None:
    article = read("Harbour town closes its bridge", f"<article>{BRIEF}{box}</article>", CLAIM)
    assert article.page_kind == kind
    whole = read(
        "Harbour town closes its bridge", f"<article class='paywall'>{BRIEF}</article>", CLAIM
    )
    assert whole.page_kind == "article"


@pytest.mark.parametrize(
    ("facts", "kind"),
    [
        ('"hasPart": {"isAccessibleForFree": "False"}', "paywall"),
        ('"isAccessibleForFree": true, "hasPart": [{"isAccessibleForFree": "False"}]', "article"),
        ('"hasPart": [7, {"@type": "WebPageElement"}]', "article"),
    ],
)
def test_paid_part_of_a_short_article_is_a_paywall(facts: str, kind: str) -> None:
    head = (
        '<script type="application/ld+json">'
        f'{{"@type": "NewsArticle", "headline": "x", {facts}}}</script>'
    )
    assert read("Harbour town closes its bridge", BRIEF, head).page_kind == kind


def test_page_without_words_is_refused_not_silent() -> None:
    with pytest.raises(ExtractError) as caught:
        read("", "<div><img src='a.png'></div>")
    assert caught.value.reason == "E_EXTRACT_EMPTY"
