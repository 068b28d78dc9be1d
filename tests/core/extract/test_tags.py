"""Tags say what an article is about; what a CMS notes for itself is none."""

import pytest

from transforms.core.extract.jsonld import JsonLd
from transforms.core.extract.tags import is_own_word, read_tags


@pytest.mark.parametrize(
    "tag",
    [
        "Uncategorized", "Allgemein", "Sin categoría", "未分類", "Featured", "content-type: Feature", "hasProduct: true",
        "source:tagname:Wire Source", "Section: World", "Category: Ferries", "autoplay_video", "_prio_3", "@river",
        "serverSideHawk", "18153161", "8ae9ab2d-fe1b-4230-acb8-a59b52877682", "...", "layout=wide", "shortTitle: The ferry",
    ],
)  # fmt: skip
def test_words_of_a_cms(tag: str) -> None:
    assert is_own_word(tag)


@pytest.mark.parametrize(
    "tag",
    [
        "Bridges", "iPhone", "eBay", "macOS", "1974", "G20", "C++", "Donald Trump", "Harbour Cup: the final", "AC/DC",
        "COVID-19", "Featured artists", "U.S.", "Ferry 2: Sea Cat", "ОБСЕ", "移民", "e-mail",
    ],
)  # fmt: skip
def test_what_an_article_is_about(tag: str) -> None:
    assert not is_own_word(tag)


def test_tags_are_split_and_sorted() -> None:
    metas = {
        "article:tag": ["Quill, Ada (1977- )", "Ferries,Harbour", "#Bridges"],
        "keywords": ["piers; mud, Uncategorized", "Tom &amp; Sons"],
    }
    assert read_tags(metas, JsonLd()) == (
        *("Bridges", "Ferries", "Harbour", "Quill, Ada (1977- )", "Tom & Sons", "mud", "piers"),
    )
