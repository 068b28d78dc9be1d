"""The text of a page that shows none is read from its scripts; what the page shows goes first."""

import json
from contextlib import suppress
from dataclasses import replace

import pytest

from tests.helpers.article_page import NOW, PROSE, make_html, make_page
from transforms.core.extract.page import extract_article
from transforms.errors import ExtractError
from transforms.records import Article

BLOCKS = (
    "The council of the harbour town voted on Monday to close its old bridge for a year.",
    "Engineers had warned since spring that two of the piers were sinking into the mud of the bed.",
    "A long wait",
    "“We could not wait any longer,” the mayor told a crowd on the quay after the vote.",
    "Ferries will run from June, the harbour office said, and tickets will cost four crowns.",
    "The bridge was built in 1911 and last repaired in 1974, when a barge struck a pier in a storm.",
)
TITLE = "Harbour town closes its bridge"
HTML = "".join(f"<h2>{b}</h2>" if len(b) < 20 else f"<p>{b}</p>" for b in BLOCKS)
NODES = [
    {"type": "heading" if len(b) < 20 else "paragraph", "text": b, "id": f"b{n}"}
    for n, b in enumerate(BLOCKS)
]


def spans(block: str) -> dict[str, object]:
    """Write a block as a rich text of spans, one of them a link."""
    first, linked, *rest = block.split(" ")
    link = {"nodeType": "hyperlink", "content": [{"nodeType": "text", "value": linked}]}
    parts = [{"nodeType": "text", "value": f"{first} "}, link]
    return {
        "nodeType": "paragraph",
        "content": [*parts, {"nodeType": "text", "value": f" {' '.join(rest)}"}],
    }


SPANS = [spans(block) for block in BLOCKS]
OTHER = {
    "title": "Mill burns down in the upper valley",
    "body": "".join(
        f"<p>The mill burned for {n} hours before the fire brigade of the valley came.</p>"
        for n in range(40)
    ),
}


def page_with(
    *scripts: str, shown: str = '<div id="app"></div>', head: str = f"<title>{TITLE}</title>"
) -> Article:
    body = f"<html><head>{head}</head><body>{shown}{''.join(scripts)}</body></html>"
    return extract_article(make_page(body), now=NOW)


def data(value: object, mark: str = 'id="__NEXT_DATA__"') -> str:
    return f'<script {mark} type="application/json">{json.dumps(value)}</script>'


def jsonld(**properties: object) -> str:
    node = {"@type": "NewsArticle", "headline": TITLE, **properties}
    return f'<script type="application/ld+json">{json.dumps(node)}</script>'


def assign(name: str, value: str) -> str:
    return f"<script>{name}={value};start();</script>"


def devalue(value: object) -> list[object]:
    """Write a value as Nuxt 3 does: each part in a place of a list, others refer to it."""
    places: list[object] = []

    def put(part: object) -> int:
        at = len(places)
        places.append(None)
        if isinstance(part, dict):
            places[at] = {name: put(inner) for name, inner in part.items()}
        else:
            places[at] = [put(inner) for inner in part] if isinstance(part, list) else part
        return at

    put(value)
    return [["ShallowReactive", 1], *[_moved(place) for place in places]]


def _moved(place: object) -> object:
    if isinstance(place, dict):
        return {name: at + 1 for name, at in place.items()}
    return [at + 1 for at in place] if isinstance(place, list) else place


NUXT_2 = (
    '(function(a,b){return {data:[{article:{title:a,body:"'
    + HTML.replace("<", "\\u003C").replace('"', '\\"')
    + '",live:b}}],error:null,rendered:!0}}("'
    + TITLE
    + '",false))'
)
ARTICLE = {"title": TITLE, "slug": "bridge", "body": HTML}


@pytest.mark.parametrize(
    ("script", "basis"),
    [
        (jsonld(articleBody="\n\n".join(BLOCKS)), "jsonld"),
        (jsonld(articleBody="\n".join(BLOCKS)), "jsonld"),
        (jsonld(articleBody=HTML), "jsonld"),
        (jsonld(articleBody=HTML.replace("<", "&lt;").replace(">", "&gt;")), "jsonld"),
        (jsonld(articleBody=list(BLOCKS)), "jsonld"),
        (data({"props": {"pageProps": {"article": ARTICLE}}}), "next_data"),
        (data({"props": {"pageProps": {"post": {"headline": TITLE, "blocks": NODES}}}}), "next_data"),
        (data({"props": {"pageProps": {"entry": {"title": TITLE, "doc": {"nodeType": "document", "content": SPANS}}}}}), "next_data"),
        (data({"props": {"pageProps": {"meta": {"title": TITLE}, "content": {"nodes": NODES}}}}), "next_data"),
        (data(devalue({"data": {"a": ARTICLE}}), 'id="__NUXT_DATA__"'), "nuxt"),
        (assign("window.__NUXT__", NUXT_2), "nuxt"),
        (
            assign("window.__APOLLO_STATE__", json.dumps({
                "Article:1": {"__typename": "Article", "title": TITLE, "parts": [{"__ref": f"Part:{n}"} for n in range(6)]},
                **{f"Part:{n}": {"__typename": "Part", "text": b} for n, b in enumerate(BLOCKS)},
            })),
            "apollo",
        ),
        (assign("window.__INITIAL_STATE__", json.dumps({"page": {"items": [OTHER, ARTICLE]}})), "state"),
        (assign("window['state']", "JSON.parse(" + json.dumps(json.dumps({"page": ARTICLE})) + ")"), "state"),
        (assign("Fusion.globalContent", json.dumps({"headlines": {"basic": TITLE}, "content_elements": NODES})), "state"),
        (data({"article": ARTICLE}, 'id="serverApp-state"'), "state"),
    ],
    ids=range(16),
)  # fmt: skip
def test_text_of_scripts(script: str, basis: str) -> None:
    article = page_with(script)
    blocks = (article.body or "").split("\n\n")
    assert [block for block in BLOCKS if block not in blocks] == []
    assert len(blocks) == len(BLOCKS)
    assert (article.extraction_basis, article.page_kind) == (basis, "article")


def test_such_a_text_is_cleaned_like_any_other() -> None:
    figure = "<figure><img src='b.jpg'><figcaption>The bridge at dusk</figcaption></figure>"
    article = page_with(jsonld(articleBody=f"<h1>{TITLE}</h1>{figure}{HTML}"))
    assert article.captions == ("The bridge at dusk",)
    assert [block.reason for block in article.removed] == ["headline", "caption"]
    assert (article.body or "").startswith(BLOCKS[0])


def test_what_the_page_shows_goes_first() -> None:
    page = make_page(make_html(PROSE) + jsonld(articleBody=OTHER["body"]))
    article = extract_article(page, now=NOW)
    assert article.extraction_basis == "page"
    assert "mill" not in (article.body or "")


def test_a_note_in_place_of_the_article_does_not() -> None:
    shown = (
        "<div id='app'><p>You need to turn scripts on to read the pages of this paper.</p></div>"
    )
    article = page_with(data({"article": ARTICLE}), shown=shown)
    assert article.extraction_basis == "next_data"
    assert "scripts" not in (article.body or "")
    assert [block.reason for block in article.removed] == ["placeholder"]


def test_a_start_in_json_ld_is_completed_from_the_state() -> None:
    start = " ".join(BLOCKS[:2])
    article = page_with(jsonld(articleBody=start), data({"article": ARTICLE}))
    assert article.extraction_basis == "next_data"
    assert BLOCKS[-1] in (article.body or "")


@pytest.mark.parametrize(
    "script",
    [
        data({"related": [OTHER, {**OTHER, "title": "Another mill burns down"}]}),
        data({"article": {"title": TITLE, "description": BLOCKS[0]}}),
        data(
            {"config": {"css": ".a .b{--c:1;--d:2} " * 40, "query": "query A{b(c:1){d e f}} " * 40}}
        ),
        assign("t", "{a:function(e){return 'the council of the town voted on it'.split(e)}}" * 9),
        jsonld(articleBody="\n\n".join(BLOCKS), isAccessibleForFree=False),
        jsonld(articleBody=None),
        jsonld(articleBody={"@type": "Thing"}),
    ],
    ids=range(7),
)
def test_near_misses(script: str) -> None:
    # A page whose JSON-LD has an article is one, if without text; any other is empty.
    with suppress(ExtractError):
        article = page_with(script)
        assert (article.body, article.extraction_basis) == (None, "page")


def test_a_description_is_no_article() -> None:
    text = " ".join(BLOCKS)
    script = data({"page": {"title": TITLE, "summary": text}})
    assert page_with(script).body == text
    head = f"<title>{TITLE}</title><meta property='og:description' content='{text}'>"
    with pytest.raises(ExtractError):
        page_with(script, head=head)
    assert page_with(jsonld(articleBody=text), head=head).body == text


def test_posts_of_a_live_blog() -> None:
    posts = [{"@type": "BlogPosting", "headline": "Now", "articleBody": block} for block in BLOCKS]
    script = jsonld(liveBlogUpdate=posts).replace("NewsArticle", "LiveBlogPosting")
    article = page_with(script)
    assert (article.page_kind, article.extraction_basis) == ("live_blog", "jsonld")
    assert (article.body or "").count("\n\n") == len(BLOCKS) - 1


def test_a_teaser_before_a_paywall_stays_one() -> None:
    shown = f"<article><h1>{TITLE}</h1><p>{BLOCKS[0]}</p><p>Subscribe to continue reading.</p></article>"
    article = page_with(jsonld(articleBody="\n\n".join(BLOCKS)), shown=shown)
    assert (article.extraction_basis, article.page_kind) == ("page", "paywall")


def test_a_state_without_the_title_is_known_by_the_address() -> None:
    page = make_page(
        f"<html><body><div id=app></div>{data({'a': [OTHER, {'path': '/2024/04/30/bridge', 'text': HTML}]})}</body></html>"
    )
    article = extract_article(replace(page), now=NOW)
    assert (article.body or "").startswith(BLOCKS[0])
