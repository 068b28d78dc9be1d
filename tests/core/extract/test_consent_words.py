"""Requests for consent are recognised by their topics and buttons, in each language of the rules."""

import pytest

from transforms.core.extract.consent_words import (
    TOPICS,
    asks_consent,
    gives_consent,
    load_languages,
)

LANGUAGES = load_languages()


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_has_every_list_and_its_examples_hold(language: str) -> None:
    table = LANGUAGES[language]
    assert set(table) == {"accept", *TOPICS, "asks", "tells"}
    assert [text for text in table["asks"] if not asks_consent(text)] == []
    assert [text for text in table["tells"] if asks_consent(text)] == []


@pytest.mark.parametrize(
    "label",
    [
        *("Accept all", "I agree", "Zustimmen und weiter", "Alle akzeptieren", "Tout accepter"),
        *("Aceptar y continuar", "Accetta e continua", "Akkoord en doorgaan", "Aceitar tudo"),
        *("Akceptuję wszystkie", "Принять все", "Прийняти всі", "Tümünü kabul et", "موافق"),
        *("می‌پذیرم", "אני מסכים", "सभी स्वीकार करें", "同意する", "모두 동의", "接受全部"),
        *("Godkänn alla", "Hyväksy kaikki", "Přijmout vše", "Αποδοχή όλων", "Összes elfogadása"),
    ],
)
def test_buttons_that_give_consent(label: str) -> None:
    assert gives_consent(label)


@pytest.mark.parametrize(
    "label",
    [
        *("Share", "Log in", "Read more", "Weiterlesen", "Abonnieren", "Commenter", "Suscríbete"),
        "The council accepted the plan of the engineers after a night of debate",
    ],
)
def test_other_buttons_do_not(label: str) -> None:
    assert not gives_consent(label)
