"""The headline is the h1 that the declared titles confirm; the site's name is not a headline."""

import pytest
from lxml import html

from transforms.core.extract.headline import read_title, without_site
from transforms.core.extract.jsonld import read_jsonld
from transforms.core.extract.metadata import read_metas

SITE = '<meta property="og:site_name" content="The Example">'
TITLE = "<title>Harbour town closes its bridge | The Example</title>"


def title_of(head: str, body: str, *links: str) -> str | None:
    tree = html.document_fromstring(f"<html><head>{head}</head><body>{body}</body></html>")
    return read_title(tree, read_metas(tree), read_jsonld(tree), links)


@pytest.mark.parametrize(
    ("head", "body", "title"),
    [
        (
            SITE + TITLE,
            "<h1>The Example</h1><h1>Harbour town closes its bridge</h1>",
            "Harbour town closes its bridge",
        ),
        (SITE + TITLE, "<h1>The Example</h1>", "Harbour town closes its bridge"),
        (
            TITLE,
            "<nav><h1>Harbour news</h1></nav><h1>Town shuts bridge of harbour</h1>",
            "Town shuts bridge of harbour",
        ),
        (TITLE, "<h1>Seven recipes for winter</h1>", "Harbour town closes its bridge"),
        (
            "<title>Harbour town closes its br</title>",
            "<h1>Harbour town closes its bridge</h1>",
            None,
        ),
        ("", "<h1>Harbour town closes its bridge</h1>", "Harbour town closes its bridge"),
        (
            (
                '<script type="application/ld+json">'
                '{"@type": "Article", "headline": "A town&#39;s old bridge"}</script>'
            ),
            "",
            "A town's old bridge",
        ),
        ("<title>The Example</title>" + SITE, "", None),
        ("", "", None),
    ],
)
def test_headline(head: str, body: str, title: str | None) -> None:
    expected = title or ("Harbour town closes its bridge" if "<h1>" in body else None)
    assert title_of(head, body) == expected


def test_host_names_the_site() -> None:
    head = "<title>Harbour town closes its bridge - Daily Example</title>"
    assert (
        title_of(head, "", "https://www.dailyexample.co.uk/bridge")
        == "Harbour town closes its bridge"
    )
    assert (
        title_of(head, "", "https://other.example/bridge")
        == "Harbour town closes its bridge - Daily Example"
    )
    assert (
        title_of(head, "", "http://[broken", "") == "Harbour town closes its bridge - Daily Example"
    )


def test_site_is_cut_from_the_title() -> None:
    assert (
        without_site("Bridge shut for a year - The Example", {"theexample"})
        == "Bridge shut for a year"
    )
    assert without_site("Bridge shut for a year | Example News", set()) == "Bridge shut for a year"
    assert (
        without_site("Spider-Man - the review of a year", {"theexample"})
        == "Spider-Man - the review of a year"
    )


def test_a_long_name_is_not_a_site() -> None:
    title = "Harbour town closes its bridge after a night of debate"
    assert (
        title_of(f'<meta name="application-name" content="{title}"><title>{title}</title>', "")
        == title
    )


@pytest.mark.parametrize(
    ("title", "bare"),
    [
        ("Harbour Post | Fire halts ferry at dawn", "Fire halts ferry at dawn"),
        ("Harbour Post – a paper of the coast", "Harbour Post – a paper of the coast"),
        ("Harbour Post - home", "Harbour Post - home"),
        ("The islands - Fire halts ferry at dawn", "The islands - Fire halts ferry at dawn"),
    ],
)
def test_name_of_the_site_goes_from_the_start_too(title: str, bare: str) -> None:
    assert without_site(title, {"harbourpost"}) == bare


LINKS = "<a href='/'><img alt='Example Post logo'></a><a href='/'>Start page</a>"
LONG = "Harbour town closes its bridge for a year after a long night of debate in its council, and opens a ferry"


@pytest.mark.parametrize(
    ("head", "body", "title"),
    [
        # "Home" is no title, in any language.
        ("<title> - Home</title>", "<h1>Town shuts its bridge</h1>", "Town shuts its bridge"),
        ("<title>Startseite | Example</title>", "<h1>Town shuts its bridge</h1>", "Town shuts its bridge"),
        ("<title>Главная</title>", "<h1>Town shuts its bridge</h1>", "Town shuts its bridge"),
        ("<title>首页</title>", "<h1>Town shuts its bridge</h1>", "Town shuts its bridge"),
        ("<title>Start page</title>", LINKS, None),
        ("<title>Home care grows in the harbour</title>", "", "Home care grows in the harbour"),
        ("<title>Home</title>", "<h2>Notes</h2><h2>Town shuts its bridge</h2>", "Town shuts its bridge"),
        ("", "<aside><h2>Most read of this week</h2></aside>", None),
        (
            '<title>Town shuts its bridge - Harbour Gazette</title><script type="application/ld+json">'
            '{"@type": "WebSite", "name": "Harbour Gazette"}</script>',
            "",
            "Town shuts its bridge",
        ),
        ("<title>Start page: Town shuts its bridge</title>", LINKS, "Town shuts its bridge"),
        # The site's name, as its logo, its front page or its other titles have it.
        ("<title>Town shuts its bridge - Example Post</title>", LINKS, "Town shuts its bridge"),
        ("<title>市议会关闭旧桥-新华社</title>", "<a href='/'>新华社</a>", "市议会关闭旧桥"),
        ("<title>시의회 다리 폐쇄ㅣ항구일보</title>", "", "시의회 다리 폐쇄"),
        (
            "<meta property='og:title' content='Town shuts its bridge – Region'>"
            "<meta name='twitter:title' content='Town shuts its bridge'>",
            "",
            "Town shuts its bridge",
        ),
        (
            "<meta property='og:title' content='Town shuts its bridge'>",
            "<h1>Town shuts its bridge | EXAMPLE.NET</h1>",
            "Town shuts its bridge",
        ),
        ("<title>Town shuts its bridge - for a year</title>", LINKS, "Town shuts its bridge - for a year"),
        ("<title>Spider-Man</title>", "<a href='/'>Man</a>", "Spider-Man"),
        # A kicker or date in the heading.
        (
            "<meta property='og:title' content='Town shuts its bridge'>",
            "<h1><span>Region</span> Town shuts its bridge</h1>",
            "Town shuts its bridge",
        ),
        (
            "<title>Town shuts its bridge | Example</title>",
            "<h1><time>2 May 2024</time><a href='/b'>Town shuts its bridge</a></h1>",
            "Town shuts its bridge",
        ),
        (
            "<meta property='og:title' content='Town shuts its bridge'>",
            "<h1><style>.a{b:c}</style>Town shuts its bridge</h1>",
            "Town shuts its bridge",
        ),
        (
            "<meta property='og:title' content='Town shuts its bridge'>",
            "<h1>Town shuts its bridge for a year</h1>",
            "Town shuts its bridge for a year",
        ),
        # The heading of the article, not that of the section above it.
        (
            "<title>Notices of the harbour - Town shuts its bridge for a year</title>",
            "<h1>Notices of the harbour</h1><h1>Town shuts its bridge for a year</h1>",
            "Town shuts its bridge for a year",
        ),
        (
            f"<meta name='title' content='{LONG}'><meta property='og:title' content='{LONG[:95]}…'>",
            "",
            LONG,
        ),
        ("<title>Bread &amp;amp; butter on the quay</title>", "", "Bread & butter on the quay"),
    ],
    ids=range(24),
)  # fmt: skip
def test_what_is_beside_a_headline_is_no_part_of_it(
    head: str, body: str, title: str | None
) -> None:
    assert title_of(head, body, "https://a.example/1") == title
