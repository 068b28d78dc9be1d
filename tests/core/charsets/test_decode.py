import random
from collections.abc import Callable
from contextlib import suppress

import chardet
import pytest

from tests.helpers.printed_languages import PRINTED, SENTENCES, Printed
from transforms.core.charsets import UnreadableError, decode

EACH = [
    pytest.param(printed, codec, id=f"{printed.language}-{codec}")
    for printed in PRINTED
    for codec in printed.codecs
]
LABELS = {
    "cp932": "x-sjis",
    "cp949": "ks_c_5601-1987",
    "cp874": "windows-874",
    "euc_jp": "EUC-JP",
    "euc_kr": "euc-kr",
    "iso2022_jp": "iso-2022-jp",
    "big5hkscs": "big5-hkscs",
    "tis_620": "tis-620",
    "cp866": "ibm866",
    "gbk": "gb2312",
}


def label_of(codec: str) -> str:
    named = codec.replace("iso8859_", "iso-8859-").replace("koi8_", "koi8-")
    return LABELS.get(codec, named)


@pytest.fixture
def no_detector(monkeypatch: pytest.MonkeyPatch) -> None:
    def detect(*_: object, **__: object) -> None:
        raise AssertionError("the detector was asked")

    monkeypatch.setattr(chardet, "detect_all", detect)


@pytest.mark.parametrize(("printed", "codec"), EACH)
@pytest.mark.parametrize("characters", [None, 300, 100])
def test_a_page_that_says_nothing_is_read(
    printed: Printed, codec: str, characters: int | None
) -> None:
    page = printed.page(codec, chars=characters)
    decoded = decode(page)
    assert decoded.text == page.decode(codec)
    assert decoded.is_guessed


@pytest.mark.parametrize(("language", "codec", "text"), SENTENCES)
def test_a_sentence_that_says_nothing_is_read(language: str, codec: str, text: str) -> None:
    assert decode(f"<p>{text}</p>".encode(codec)).text == f"<p>{text}</p>"


@pytest.mark.parametrize(("printed", "codec"), EACH)
@pytest.mark.parametrize("place", ["server", "meta", "http-equiv", "xml"])
@pytest.mark.usefixtures("no_detector")
def test_a_page_that_says_what_it_is_needs_no_detector(
    printed: Printed, codec: str, place: str
) -> None:
    label = label_of(codec)
    head = {
        "meta": f'<meta charset="{label}">',
        "http-equiv": f"<META HTTP-EQUIV=Content-Type CONTENT='text/html; charset={label}'>",
    }
    page = printed.page(codec, head.get(place, ""))
    if place == "xml":
        page = f"<?xml version='1.0' encoding='{label}'?>".encode() + page
    decoded = decode(page, label=label if place == "server" else None)
    assert decoded.text == page.decode(codec)
    assert not decoded.is_guessed


@pytest.mark.parametrize("printed", PRINTED, ids=lambda printed: f"{printed.language}-utf8")
@pytest.mark.parametrize(
    "label", [None, "utf-8", "iso-8859-1", "gb2312", "windows-1251", "utf8mb4"]
)
@pytest.mark.usefixtures("no_detector")
def test_utf8_is_read_whatever_it_is_called(printed: Printed, label: str | None) -> None:
    page = printed.page("utf-8")
    decoded = decode(page, label=label)
    assert (decoded.text, decoded.charset) == (page.decode(), "utf-8")
    assert not decoded.is_guessed


@pytest.mark.parametrize(("printed", "codec"), EACH)
@pytest.mark.parametrize("label", ["utf-8", "iso-8859-1", "gbk", "windows-31j", "koi8-r"])
def test_a_page_that_says_something_wrong_is_read(printed: Printed, codec: str, label: str) -> None:
    page = printed.page(codec)
    decoded = decode(page, label=label, language=printed.language)
    assert decoded.text == page.decode(codec)


@pytest.mark.parametrize(
    "label",
    ["x-no-such", "utf8mb4", "hex", "rot13", "", "\x00", "é", "none", "utf-16", "utf-7", "?"],
)
@pytest.mark.parametrize(("printed", "codec"), EACH[::7])
def test_an_unknown_label_says_nothing(printed: Printed, codec: str, label: str) -> None:
    page = printed.page(codec)
    assert decode(page, label=label).text == page.decode(codec)


@pytest.mark.parametrize(("printed", "codec"), EACH)
@pytest.mark.parametrize("odd", [b"\xff", b"\x81", b"\xa0"])
def test_one_odd_byte_changes_one_place(printed: Printed, codec: str, odd: bytes) -> None:
    if codec == "iso2022_jp":
        pytest.skip("has no bytes from 128")
    page = printed.page(codec)
    at = page.index(b"</p>")
    text = decode(page[:at] + odd + page[at:]).text
    assert page[at:].decode(codec) in text[-len(page) :]
    assert page[:at].decode(codec)[:-2] in text


@pytest.mark.parametrize(
    ("codec", "label", "text"),
    [
        ("cp932", "shift_jis", "①石橋の再建、㈱橋の会が着工～髙橋さん"),
        ("cp932", "windows-31j", "Ⅲ期工事"),
        ("euc_jis_2004", "euc-jp", "①石橋の再建"),
        ("gb18030", "gb2312", "朱镕基出席会议，价格€５０"),
        ("gb18030", "gbk", "村民㑇㑊"),
        ("cp949", "euc-kr", "똠방각하 펲시 햏"),
        ("big5hkscs", "big5", "香港嘅市民喺街市買嘢"),
        ("cp1252", "iso-8859-1", "“It’s €5 – fine…”"),
        ("cp1252", "us-ascii", "café"),
        ("cp1254", "iso-8859-9", "“Başkan” – €5"),
        ("cp874", "tis-620", "“สภาเมือง”"),
        ("mac_cyrillic", "x-mac-cyrillic", "Городская строится"),
        ("mac_roman", "macintosh", "“Größe”"),
        ("iso8859_16", "iso-8859-16", "orașului, stație"),
        ("hz", "hz-gb-2312", "河港市议会"),
        ("iso2022_kr", "iso-2022-kr", "시의회"),
        ("iso8859_8", "iso-8859-8-i", "מועצת העיר"),
    ],
)
def test_a_label_means_what_the_web_takes_it_for(codec: str, label: str, text: str) -> None:
    decoded = decode(f"<p>{text}</p>".encode(codec), label=label)
    assert decoded.text == f"<p>{text}</p>"
    assert not decoded.is_guessed


@pytest.mark.parametrize(
    ("mark", "codec"),
    [
        (b"\xef\xbb\xbf", "utf-8"),
        (b"\xff\xfe", "utf-16-le"),
        (b"\xfe\xff", "utf-16-be"),
        (b"\xff\xfe\x00\x00", "utf-32-le"),
        (b"\x00\x00\xfe\xff", "utf-32-be"),
        (b"", "utf-16-le"),
        (b"", "utf-16-be"),
        (b"", "utf-32-le"),
    ],
)
def test_the_mark_decides_and_is_no_part_of_the_text(mark: bytes, codec: str) -> None:
    page = mark + "<p>Größe, мост</p>".encode(codec)
    decoded = decode(page, label="iso-8859-1")
    assert decoded.text == "<p>Größe, мост</p>"
    assert not decoded.is_guessed


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"The caf\xe9 closed.", "The café closed."),
        (
            b"\x93We won\x92t pay,\x94 said the mayor \x96 not now.",
            "“We won’t pay,” said the mayor – not now.",
        ),
        (b"The sum of 5\xa0000 was paid.", "The sum of 5\u00a0000 was paid."),
        (
            "S\u00f8ren M\u00fcller met Jos\u00e9 N\u00fa\u00f1ez.".encode("cp1252"),
            "Søren Müller met José Núñez.",
        ),
        ("MÜNCHEN: GRÖßE DER ÄRZTE".encode("cp1252"), "MÜNCHEN: GRÖßE DER ÄRZTE"),
        ("ГОРОДСКОЙ СОВЕТ ОДОБРИЛ".encode("cp1251"), "ГОРОДСКОЙ СОВЕТ ОДОБРИЛ"),
        ("ГОРОДСКОЙ СОВЕТ ОДОБРИЛ".encode("koi8-r"), "ГОРОДСКОЙ СОВЕТ ОДОБРИЛ"),
        (b"It\xc2\x92s \xc2\x93ok\xc2\x94", "It’s “ok”"),
        (
            b"It\xe2\x80\x99s a caf\xe9 in town, a caf\xe9 of old.",
            "It’s a café in town, a café of old.",
        ),
        (b"It\xe2\x80\x99s \xed\xa0\xbd\xed\xb8\x80 ok", "It’s 😀 ok"),
        (b"It\xe2\x80\x99s \xed\xa0\xbd ok", "It’s \ufffd ok"),
        ("Größe – mø".encode()[:-1], "Größe – m\ufffd"),
        ("It’s Zoë’s".encode().decode("latin-1").encode(), "It’s Zoë’s"),
        ("– שלום –".encode().decode("latin-1").encode(), "– שלום –"),
        ("Ã© is no letter of ours, it’s two".encode(), "Ã© is no letter of ours, it’s two"),
        (b"caf\xc3\xa9 \xef\xbf\xbd", "café \ufffd"),
        (b"<!-- <meta charset=koi8-r> --><p>caf\xe9", "<!-- <meta charset=koi8-r> --><p>café"),
    ],
)
def test_texts_with_few_letters_outside_ascii(content: bytes, text: str) -> None:
    assert decode(content).text == text


@pytest.mark.parametrize(
    "content",
    [
        random.Random(1).randbytes(600),
        random.Random(2).randbytes(60),
        "Der Bürgermeister sagte, die Brücke wird erhöht.".encode("cp850"),
        "Rada miasta zgodziła się na budowę stacji wodociągów".encode("cp852"),
        "联通".encode("gbk"),
        "东京".encode("gbk"),
        ("\ufffd" * 12 + " " + "\ufffd" * 9).encode(),
        ("\ufffd\ufffdва\ufffd " * 20).encode(),
    ],
    ids=[
        "noise",
        "short noise",
        "cp850",
        "cp852",
        "two letters",
        "other two letters",
        "lost",
        "half lost",
    ],
)
@pytest.mark.parametrize("label", [None, "utf-8", "no-such"])
def test_what_is_in_no_charset_of_the_web_is_refused(content: bytes, label: str | None) -> None:
    with pytest.raises(UnreadableError, match=r"charset|U\+FFFD"):
        decode(content, label=label)


@pytest.mark.parametrize(
    ("http", "meta", "codec"),
    [("iso-8859-1", "windows-1250", "cp1250"), ("utf-8", "gbk", "gbk"), ("euc-kr", "gbk", "gbk")],
)
def test_of_two_labels_the_one_that_fits_is_taken(http: str, meta: str, codec: str) -> None:
    printed = next(item for item in PRINTED if codec in item.codecs)
    page = printed.page(codec, f'<meta charset="{meta}">')
    decoded = decode(page, label=http)
    assert decoded.text == page.decode(codec)
    assert not decoded.is_guessed


NAMED = [
    (
        "windows-1252",
        "cp1252",
        "Løkke, Müller, Peña, São, Ødegaard et Håkon à l’Élysée, où l’été est là.",
    ),
    ("iso-8859-1", "cp1252", "Die Formel: ±5 µg/m³, 20 °C, ½ Tasse, 3×4, §5, ©2024 – für Größen."),
    ("windows-1251", "cp1251", "Сайт BBC.com и iPhone-ы: № 5, «Газпром» — 20 °C"),
    ("windows-1251", "cp1251", "ВНИМАНИЕ! СРОЧНЫЕ НОВОСТИ: СОВЕТ ОДОБРИЛ ПРОЕКТ"),
    ("shift_jis", "cp932", "ｶﾀｶﾅ半角とＡＢＣ、①②③の一覧を公開した"),
    ("shift_jis", "cp932", "東京都知事選挙立候補者一覧"),
    ("gbk", "gbk", "ABC公司发布iPhone手机，价格￥5000"),
    ("gb2312", "gbk", "东京"),
    ("euc-kr", "cp949", "LG전자는 TV를 출시했다. 大韓民國 헌법"),
    ("windows-1255", "cp1255", "חברת Google בתל אביב"),
]
"""What a charset is named for, and is odd in one way or another."""


@pytest.mark.parametrize(("label", "codec", "text"), NAMED)
@pytest.mark.parametrize("language", [None, "en", "ru", "zh"])
def test_what_is_named_and_fits_is_kept_if_it_is_odd(
    label: str, codec: str, text: str, language: str | None
) -> None:
    decoded = decode(f"<p>{text}</p>".encode(codec), label=label, language=language)
    assert decoded.text == f"<p>{text}</p>"
    assert not decoded.is_guessed


@pytest.mark.parametrize(
    "make",
    [
        lambda size: b"<" * size + b"\xe9",
        lambda size: b"<meta charset " * (size // 14) + b"\xe9",
        lambda size: b"a" * size + b"\xe9",
        lambda size: b"\xe9" * size,
        lambda size: b"<!--" * (size // 4) + b"\xe9",
        lambda size: random.Random(3).randbytes(size),
    ],
    ids=["tags", "metas", "letters", "accents", "comments", "noise"],
)
def test_large_documents_are_bounded(make: Callable[[int], bytes]) -> None:
    with suppress(UnreadableError):
        decode(make(2_000_000))
