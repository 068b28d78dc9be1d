"""A request for consent is never text: not as a dialog beside an article, not in its place."""

import pytest

from tests.helpers.article_page import NOW, PROSE, make_page
from transforms.core.extract.page import extract_article
from transforms.records import Article

FLASH = "<p>A barge struck the northern pier of the old bridge on Monday evening, police said.</p>"
ASKS = (
    "<h2>Your choices here</h2><p>We and our 214 vendors keep identifiers on your device to count "
    "visits and to choose the advertising that you see.</p>"
)


def read(body: str, title: str = "Harbour town closes its bridge", lang: str = "en") -> Article:
    page = f"<html lang='{lang}'><head><title>{title}</title></head><body>{body}</body></html>"
    return extract_article(make_page(page), now=NOW)


WALLS = {
    "de pay": ("Mit Werbung lesen", "Lesen Sie hafen.test mit Werbung, Cookies und Tracking.", "Akzeptieren und weiter"),
    "de links": ("Willkommen", "Unsere Partner verarbeiten personenbezogene Daten für Werbung.", "<a href='/ok'>Einverstanden</a>"),
    "fr": ("Port-Journal", "Lisez gratuitement avec publicité et traceurs, ou abonnez-vous sans publicité.", "Tout accepter"),
    "nl": ("Welkom", "Lees gratis met gepersonaliseerde advertenties en cookies van ons en onze partners.", "Akkoord"),
    "it": ("Il Porto", "Per leggere senza abbonarti accetta i cookie di profilazione e la pubblicità.", "Accetta e continua"),
    "es": ("El Puerto", "Siga leyendo gratis con publicidad y cookies, o suscríbase por dos coronas.", "Aceptar y seguir"),
    "pt": ("O Porto", "Leia com anúncios e rastreamento dos nossos parceiros, ou assine.", "Aceitar tudo"),
    "pl": ("Port", "My i nasi zaufani partnerzy przetwarzamy dane osobowe w celu wyświetlania reklam.", "Zgadzam się"),
    "sv": ("Hamnen", "Vi och våra partner sparar personuppgifter för att visa annonser på sajten.", "Godkänn alla"),
    "cs": ("Přístav", "Čtěte zdarma s reklamou a cookies, nebo si předplaťte web bez sledování.", "Přijmout vše"),
    "ru": ("Порт", "Мы и наши партнёры обрабатываем персональные данные и показываем рекламу.", "Принять все"),
    "tr": ("Liman", "Reklam ve çerezlerle ücretsiz okuyun ya da abone olun ve çerezsiz okuyun.", "Kabul et ve devam et"),
    "ja": ("港の新聞", "当サイトは広告のためにクッキーを使用し、第三者に個人情報を提供します。", "同意して進む"),
    "ar": ("صحيفة الميناء", "نستخدم نحن وشركاؤنا ملفات تعريف الارتباط لعرض الإعلانات على جهازك.", "موافق"),
    "el": ("Το Λιμάνι", "Εμείς και οι συνεργάτες μας χρησιμοποιούμε cookies για διαφημίσεις.", "Αποδοχή όλων"),
}  # fmt: skip


@pytest.mark.parametrize("case", WALLS)
def test_page_that_asks_for_consent_in_place_of_the_article_is_a_wall(case: str) -> None:
    title, text, button = WALLS[case]
    control = button if button.startswith("<a") else f"<button>{button}</button>"
    article = read(f"<main><h1>{title}</h1><p>{text}</p>{control}</main>", title, case[:2])

    assert (article.page_kind, article.body) == ("consent_wall", None)
    assert text in " ".join(block.text for block in article.removed)


def test_page_of_nothing_but_a_dialog_is_a_wall() -> None:
    article = read(f"<div role='dialog' aria-modal='true'>{ASKS}<button>Agree</button></div>")
    assert (article.page_kind, article.body) == ("consent_wall", None)
    assert {block.reason for block in article.removed} == {"consent"}


DIALOGS = {
    "role": "<div role='dialog'>{}</div>",
    "modal": "<section aria-modal='true'><div>{}</div></section>",
    "open element": "<dialog open>{}</dialog>",
    "manager": "<div id='didomi-host'><div>{}</div></div>",
    "name": "<div class='site-cookie-banner'>{}<button>Fine</button></div>",
    "over the page": "<div style='position: fixed; bottom: 0'>{}<button>No</button></div>",
    "button": "<div class='x1'><div>{}</div><div><button>Accept all</button></div></div>",
    "link as button": "<div class='x1'>{}<a href='#'>I agree</a></div>",
}


@pytest.mark.parametrize("case", DIALOGS)
@pytest.mark.parametrize("place", ["above", "below", "inside"])
def test_nothing_of_a_consent_dialog_is_in_the_text(case: str, place: str) -> None:
    dialog = DIALOGS[case].format(ASKS)
    head = "<h1>Harbour town closes its bridge</h1>"
    parts = {
        "above": f"{dialog}<div>{head}{PROSE}</div>",
        "below": f"<div>{head}{PROSE}</div>{dialog}",
        "inside": f"<div>{head}{PROSE}{dialog}</div>",
    }
    article = read(parts[place])

    assert article.page_kind == "article"
    assert "struck the northern pier" in (article.body or "")
    assert "vendors" not in (article.body or "")
    assert "choices" not in (article.body or "")
    removed = [block for block in article.removed if block.reason == "consent"]
    assert "214 vendors" in " ".join(block.text for block in removed)


@pytest.mark.parametrize("style", ["display:none", "display: none;color:red"])
def test_dialog_that_is_not_rendered_leaves_no_trace(style: str) -> None:
    article = read(f"<div>{PROSE}</div><div style='{style}'><div role='dialog'>{ASKS}</div></div>")
    assert "vendors" not in (article.body or "")
    assert "vendors" not in " ".join(block.text for block in article.removed)


def test_other_dialogs_are_no_text_either() -> None:
    join = "<div role='dialog'><p>Join 4,000 readers who get our letter on Fridays.</p></div>"
    article = read(f"<div>{PROSE}{join}</div>")
    assert "Fridays" not in (article.body or "")
    assert [block.reason for block in article.removed if "Fridays" in block.text] == ["overlay"]


ABOUT_COOKIES = """\
<h1>Websites must ask before they set cookies</h1>
<p>Websites may not set cookies for advertising before their visitors agree, the court ruled on Monday.</p>
<p>A reader had sued a publisher whose privacy notice named 214 partners that kept data on his device.</p>
<h2 id="cookie-notice">What a cookie notice must say</h2>
<p>A notice must name each purpose, the judges wrote, and a button to refuse must be as large as the other.</p>
<p>The publisher said that tracking pays for its newsroom, and that it would appeal against the ruling.</p>"""


@pytest.mark.parametrize(
    "page",
    [
        ABOUT_COOKIES,
        f"<div class='post tag-cookies tag-consent'>{ABOUT_COOKIES}</div>",
        f"<div>{ABOUT_COOKIES}</div><div class='share'><button>Share</button></div>",
        f"<main>{ABOUT_COOKIES}<form><input type='submit' value='Accept an answer'></form></main>",
        f"<section id='cookie-consent-ruling'>{ABOUT_COOKIES}</section>",
        f"<div style='position:fixed;overflow:auto'><main>{ABOUT_COOKIES}</main></div>",
        f"<article aria-modal='true'>{ABOUT_COOKIES}<button>Close</button></article>",
    ],
)
def test_article_about_cookies_keeps_its_words(page: str) -> None:
    article = read(page, "Websites must ask before they set cookies")
    assert article.page_kind == "article"
    for part in ("may not set cookies", "named 214 partners", "name each purpose", "pays for its"):
        assert part in (article.body or "")


@pytest.mark.parametrize("case", DIALOGS)
def test_short_flash_with_a_dialog_is_an_article(case: str) -> None:
    dialog = DIALOGS[case].format(ASKS)
    article = read(
        f"<div><h1>Barge strikes bridge</h1>{FLASH}</div>{dialog}", "Barge strikes bridge"
    )
    assert article.page_kind == "article"
    assert (
        article.body
        == "A barge struck the northern pier of the old bridge on Monday evening, police said."
    )


def test_form_that_asks_to_accept_terms_is_no_dialog_and_the_article_stays() -> None:
    form = "<form><label>I accept the privacy policy</label><button>Sign up</button></form>"
    article = read(f"<div>{PROSE}{form}</div>")
    assert (article.body or "").count("\n\n") == 6


@pytest.mark.parametrize("button", ["Weiter", "Jetzt abonnieren"])
def test_wall_with_buttons_that_say_nothing_is_known_by_its_text(button: str) -> None:
    text = (
        "Lesen Sie mit personalisierter Werbung und Tracking, wie es die Datenschutzerklärung sagt."
    )
    page = f"<h1>Mit Werbung lesen</h1><p>{text}</p><button>{button}</button>"
    assert read(page, "Hafenblatt").page_kind == "consent_wall"


def test_short_report_on_tracking_with_a_button_is_an_article() -> None:
    text = (
        "Wer die Zeitung ohne Werbung und Tracking lesen will, muss zahlen, entschied der Verlag."
    )
    page = f"<h1>Zeitung verlangt Geld</h1><p>{text}</p><button>Teilen</button>"
    assert read(page, "Zeitung verlangt Geld").page_kind == "article"
