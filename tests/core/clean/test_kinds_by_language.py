"""Each kind of boilerplate is removed in many languages, and what only looks like it stays."""

import pytest

from tests.helpers.lakes import article
from transforms.core.clean.strip import load_rules, strip_boilerplate

PARTS = [
    "The council of the harbour town voted on Monday to close its old bridge for a year.",
    "Engineers had warned since spring that two of the piers were sinking into the mud.",
    "Ferries will carry workers across the river from June, at a price still to be set.",
]


def kept(line: str, language: str, *, at: int = 2) -> str:
    """Return the body of an article with a line in it, without the article's own paragraphs."""
    body = "\n\n".join([*PARTS[:at], line, *PARTS[at:]])
    clean = (
        strip_boilerplate(article("https://example.com/a", body=body), load_rules(language)).body
        or ""
    )
    return "\n\n".join(part for part in clean.split("\n\n") if part not in PARTS)


READ_ALSO = {
    "en": "Read also: Flour is dearer for the fourth week",
    "de": "Lesen Sie auch: Mehl wird die vierte Woche teurer",
    "fr": "À lire aussi : La farine augmente encore cette semaine",
    "es": "Lea también: La harina sube por cuarta semana",
    "pt": "Veja também: Farinha sobe pela quarta semana",
    "it": "Leggi anche: La farina sale per la quarta settimana",
    "nl": "Lees ook: Meel voor de vierde week duurder",
    "pl": "Zobacz też: Mąka drożeje czwarty tydzień",
    "ru": "Читайте также: Мука дорожает четвёртую неделю",
    "uk": "Читайте також: Борошно дорожчає четвертий тиждень",
    "tr": "İlgili haber: Un dördüncü haftada da zamlandı",
    "ar": "اقرأ أيضا: الطحين يرتفع للأسبوع الرابع",
    "fa": "بیشتر بخوانید: آرد هفته چهارم گران شد",
    "he": "קראו גם: הקמח מתייקר שבוע רביעי",
    "hi": "यह भी पढ़ें: आटा चौथे हफ्ते भी महंगा",
    "bn": "আরও পড়ুন: ময়দার দাম চতুর্থ সপ্তাহেও বাড়ল",
    "id": "Baca juga: Tepung naik pekan keempat",
    "vi": "Xem thêm: Giá bột tăng tuần thứ tư",
    "ja": "関連記事：小麦粉が四週続けて値上がり",
    "ko": "관련기사: 밀가루 값 4주째 올라",
    "zh": "相关阅读：面粉价格连续第四周上涨",
    "sv": "Läs också: Mjölet dyrare för fjärde veckan",
    "da": "Læs også: Mel bliver dyrere fjerde uge i træk",
    "no": "Les også: Melet dyrere for fjerde uke",
    "fi": "Lue myös: Jauho kallistui neljättä viikkoa",
    "cs": "Čtěte také: Mouka zdražuje čtvrtý týden",
    "sk": "Čítajte aj: Múka zdražuje štvrtý týždeň",
    "ro": "Citește și: Făina se scumpește a patra săptămână",
    "hu": "Olvassa el ezt is: Negyedik hete drágul a liszt",
    "el": "Διαβάστε επίσης: Το αλεύρι ακριβαίνει για τέταρτη εβδομάδα",
    "bg": "Прочетете още: Брашното поскъпва четвърта седмица",
    "sr": "Прочитајте још: Брашно поскупело четврту недељу",
    "hr": "Pročitajte i: Brašno poskupjelo četvrti tjedan",
}
NEWSLETTER = {
    "en": "Every morning the news of the river: sign up here for our free newsletter.",
    "de": "Jeden Abend das Wichtigste: Melden Sie sich für unseren Newsletter an.",
    "fr": "Chaque matin, recevez notre newsletter gratuite.",
    "es": "Suscríbete a nuestra newsletter diaria",
    "pt": "Inscreva-se na nossa newsletter gratuita!",
    "it": "Iscriviti gratis alla newsletter del mattino",
    "nl": "Schrijf je in voor onze gratis nieuwsbrief.",
    "pl": "Zapisz się na bezpłatny newsletter.",
    "ru": "Подпишитесь на нашу еженедельную рассылку!",
    "tr": "Haftalık bültenimize kaydolun",
    "sv": "Anmäl dig till vårt nyhetsbrev",
    "fi": "Tilaa viikon uutiskirje",
    "ja": "メールマガジンの登録はこちらから",
    "ko": "매일 아침 뉴스레터를 받아보세요",
    "zh": "订阅我们的电子报，每天早晨送达",
    "ar": "اشترك الآن في نشرتنا اليومية",
}
COMMENTS = {
    "en": "Thanks! Your reply is awaiting moderation.",
    "de": "Melden Sie sich an, um einen Kommentar zu schreiben.",
    "fr": "Vous devez être inscrit pour commenter.",
    "es": "Inicie sesión o regístrese para comentar.",
    "pt": "Inicie sessão para comentar.",
    "it": "Devi accedere per commentare.",
    "nl": "Je moet ingelogd zijn om te reageren.",
    "pl": "Musisz się zalogować, aby dodać komentarz.",
    "ru": "Авторизуйтесь, чтобы оставить комментарий.",
    "uk": "Авторизуйтесь, щоб залишити коментар.",
    "cs": "Váš komentář čeká na schválení.",
    "sv": "Du måste vara inloggad för att kommentera.",
    "tr": "Yorum yapabilmek için üye girişi yapmalısınız.",
    "ko": "댓글을 쓰려면 로그인해 주세요.",
    "zh": "登录后才能发表评论",
}


@pytest.mark.parametrize("kind", [READ_ALSO, NEWSLETTER, COMMENTS], ids=["read", "news", "talk"])
def test_each_kind_goes_in_each_language(kind: dict[str, str]) -> None:
    left = {language: kept(line, language) for language, line in kind.items()}

    assert {language: line for language, line in left.items() if line} == {}


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("en", "Read more slowly, doctors advise"),
        ("en", "Read more slowly and sleep better: doctors advise both to the people of the port."),
        ("en", "The newsletter of the harbour has had forty thousand readers since it was free."),
        ("en", "“Sign up for our newsletter,” said the sign on the booth, and nobody did."),
        ("en", "Your comment has been noted, the minister told the reporter."),
        ("en", "Comments by readers of the paper had warned of the piers long before."),
        ("en", "Follow the money, his teacher used to tell him."),
        ("de", "Lesen Sie auch die Bibel?"),
        ("de", "Lesen Sie auch die Bibel, Frau Quist, oder nur die Akten des Hafens?"),
        ("de", "Der Newsletter des Hafens hat vierzigtausend Leser, seit er nichts mehr kostet."),
        ("de", "„Ihr Kommentar ist eingegangen“, stand auf dem Schirm, und dann geschah nichts."),
        ("fr", "Lisez-vous aussi la Bible ?"),
        ("es", "¿Lee también la Biblia?"),
        ("pt", "Leia também a Bíblia?"),
        ("it", "Legge anche la Bibbia?"),
        ("nl", "Leest u ook de Bijbel?"),
        ("pl", "Czyta pani też Biblię?"),
        ("ru", "Читаете ли вы также Библию?"),
        ("tr", "Kutsal kitabı da okuyor musunuz?"),
        ("ru", "Рассылка порта собрала сорок тысяч читателей с тех пор, как стала бесплатной."),
        ("ja", "関連する記事を読んだ人は少なかった。"),
        ("zh", "相关阅读材料已送到学校。"),
        ("ko", "관련 기사를 읽은 사람은 적었다."),
        ("ar", "اقرأ أيضا في الكتاب كل مساء، قال المعلم."),
    ],
)
def test_prose_that_looks_like_it_stays(language: str, line: str) -> None:
    assert kept(line, language) == line


@pytest.mark.parametrize("language", ["de", "sw", "ka"])
def test_a_lead_goes_with_what_it_introduces(language: str) -> None:
    line = "Zaidi kutoka bandarini:"

    assert kept(f"{line}\n\nRead more", language, at=3) == ""
    assert kept(line, language, at=3) == line
    assert kept(line, language) == line


def test_a_long_sentence_that_ends_in_a_colon_stays() -> None:
    line = "The mayor said that the town had only one thing to tell the engineers of the state:"

    assert kept(f"{line}\n\nRead more", "en", at=3) == line
