"""The model that tells the blocks of an article, and the features that it reads."""

import json
from importlib.resources import files
from math import exp
from typing import Any

import pytest
from lxml import html

from transforms.core import code_version
from transforms.core.extract.block_features import FEATURES, block_features
from transforms.core.extract.block_model import article_shares
from transforms.core.extract.rendered_blocks import render_blocks

MODEL = json.loads((files("transforms") / "rules" / "article_blocks.json").read_text("utf-8"))
PROSE = (
    "The council of the harbour town voted on Monday to close its old bridge for a year, after "
    "a night of debate."
)
PAGE = (
    "<html><body><nav><ul><li><a href='/'>Home</a></li><li><a href='/n'>News</a></li></ul></nav>"
    f"<main><h1>Bridge</h1><p>1 {PROSE}</p><h2>A long wait</h2><p>2 {PROSE}</p><p>3 {PROSE}</p>"
    "<div class='x'><a href='/a'>Ferry sinks</a></div></main><footer><p>Imprint</p></footer>"
    "</body></html>"
)


def features_of(page: str = PAGE, kept: set[int] | None = None) -> list[list[float]]:
    rendered = render_blocks(html.document_fromstring(page))
    return block_features(rendered, {3, 5, 6} if kept is None else kept)


def share_by_hand(row: list[float]) -> float:
    """Walk each tree from its root to a leaf."""
    odds = 0.0
    for tree in MODEL["trees"]:
        node = 0
        while tree["left"][node] != node:
            value = row[FEATURES.index(MODEL["features"][tree["feature"][node]])]
            side = "left" if value <= tree["threshold"][node] else "right"
            node = tree[side][node]
        odds += tree["value"][node]
    return 1 / (1 + exp(-odds))


def test_shares_are_those_of_the_trees() -> None:
    rows = features_of()
    assert article_shares(rows) == pytest.approx([share_by_hand(row) for row in rows])


def test_kept_paragraphs_are_the_articles_and_menus_are_not() -> None:
    shares = article_shares(features_of())
    assert min(shares[index] for index in (3, 5, 6)) > 0.5
    assert max(shares[index] for index in (0, 1, 8)) < 0.45


def test_each_block_has_all_features() -> None:
    rows = features_of()
    assert {len(row) for row in rows} == {len(FEATURES)}
    column: dict[str, Any] = {name: [row[at] for row in rows] for at, name in enumerate(FEATURES)}
    assert [index for index, kept in enumerate(column["kept"]) if kept] == [3, 5, 6]
    assert column["position"][4] == 0
    assert column["position"][0] < 0 < column["position"][8]
    assert column["link_share"][:3] == [1, 1, 0]


def test_pages_without_text_or_without_kept_blocks() -> None:
    assert article_shares([]) == []
    assert block_features([], set()) == []
    assert len(article_shares(features_of(kept=set()))) == 9


def test_names_of_a_page_change_nothing() -> None:
    renamed = PAGE.replace("class='x'", "class='newsletter promo' id='related'")
    assert features_of(renamed) == features_of()


def test_the_hash_of_the_code_has_the_model(monkeypatch: pytest.MonkeyPatch) -> None:
    code_version.code_hash.cache_clear()
    whole = code_version.code_hash()
    monkeypatch.setattr(code_version, "_SUFFIXES", (".py", ".toml"))
    code_version.code_hash.cache_clear()
    assert code_version.code_hash() != whole
    code_version.code_hash.cache_clear()
