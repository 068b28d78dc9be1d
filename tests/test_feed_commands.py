import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines import cli
from tests.helpers.lakes import NOW, make_batch, make_lake, run_of
from tests.helpers.lakes import state as feed_state_of
from tests.helpers.web_site import Site, redirect, respond, serve, status
from transforms.core.feeds.list_writers import to_opml, to_toml
from transforms.core.feeds.lists import parse_opml, parse_toml
from transforms.records import FeedSource, FeedState

OPML = """<?xml version="1.0"?><opml version="2.0"><head/><body>
<outline text="Europe"><outline text="UK &amp; Ireland">
<outline text="BBC" xmlUrl="https://feeds.bbci.test/rss.xml?a=1&amp;b=2" htmlUrl="https://bbc.test"
category="world,politics"/>
</outline></outline><outline xmlUrl="https://top.test/rss" text="https://top.test/rss" enabled="false"/>
<outline text="Europe">
<outline text="Le Monde" xmlUrl="https://lemonde.test/rss" language="fr" country="fra"/></outline>
<outline text="Bad" xmlUrl="ftp://x.test/"/></body></opml>"""
RSS = (
    "<rss "
    "version='2.0'><channel><title>News</title><item><link>/1</link><pubDate>2022-10-11T08:00:00Z</pubDate></item>"
    "</channel></rss>"
)
NEWS_SITEMAP = (
    '<urlset xmlns="s" '
    'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>https://a.test/1</loc>'
    "</url></urlset>"
)


def printed(capsys: pytest.CaptureFixture[str], *args: str) -> tuple[int, str]:
    code = cli.run(["feeds", *args])
    return code, capsys.readouterr().out


def test_opml_becomes_toml_and_opml_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "list.opml").write_text(OPML)
    code, toml = printed(capsys, "import", str(tmp_path / "list.opml"))
    assert code == 3
    assert [feed.get("folder") for feed in tomllib.loads(toml)["feed"]] == [
        "Europe/UK & Ireland",
        None,
        "Europe",
    ]
    (tmp_path / "feeds.toml").write_text(toml)
    assert printed(
        capsys, "export", str(tmp_path / "feeds.toml"), "-o", str(tmp_path / "again.opml")
    ) == (0, "")
    again = parse_opml((tmp_path / "again.opml").read_bytes())
    assert again.feeds == parse_opml(OPML.encode()).feeds == parse_toml(toml.encode()).feeds
    bbc, top, monde = again.feeds
    assert (bbc.title, bbc.tags, bbc.site_url) == ("BBC", ("politics", "world"), "https://bbc.test")
    assert (top.title, top.enabled, monde.country, monde.language) == (None, False, "FRA", "fr")


def _texts(size: int) -> st.SearchStrategy[str]:
    return st.text(st.characters(exclude_categories=["Cs"]), max_size=size)


_FEEDS = st.lists(
    st.fixed_dictionaries(
        {"url": st.integers(0, 99).map(lambda n: f"https://a.test/{n}?x=1&y=2")},
        optional={
            "title": _texts(30),
            "site_url": _texts(30),
            "country": st.sampled_from(["GBR", "fra", "Germany", ""]),
            "language": _texts(50),
            "folder": _texts(60),
            "tags": st.lists(_texts(20), max_size=4),
            "enabled": st.booleans(),
        },
    ),
    min_size=1,
    max_size=5,
)


@given(_FEEDS)
def test_a_list_written_and_read_is_the_same(tables: list[dict[str, object]]) -> None:
    lines = [[f"{key} = {json.dumps(value)}" for key, value in one.items()] for one in tables]
    text = "\n".join("\n".join(["[[feed]]", *one]) for one in lines).replace("\x7f", "")
    # JSON writes what is beyond the first plane as two halves, which TOML refuses.
    feeds = parse_toml(re.sub(r"\\ud[89a-f][0-9a-f]{2}", "?", text).encode()).feeds
    assert parse_toml(to_toml(feeds).encode()).feeds == feeds
    assert parse_opml(to_opml(feeds).encode()).feeds == feeds


def test_a_folder_of_lists_is_imported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.opml").write_text(OPML)
    (tmp_path / "b.toml").write_text("[[feed]]\nurl = 'https://b.test/rss'\n")
    (tmp_path / "c.txt").write_text("c.test/rss\n")
    code, toml = printed(capsys, "import", str(tmp_path))
    assert code == 3
    assert [feed["url"] for feed in tomllib.loads(toml)["feed"]] == [
        "https://feeds.bbci.test/rss.xml?a=1&b=2",
        "https://top.test/rss",
        "https://lemonde.test/rss",
        "https://b.test/rss",
        "https://c.test/rss",
    ]


def test_lists_without_a_feed_and_files_that_are_not_lists(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty.opml").write_text("<opml><body><outline text='x'/></body></opml>")
    assert printed(capsys, "import", str(tmp_path / "empty.opml")) == (4, "")
    assert printed(capsys, "import")[0] == 2
    assert printed(capsys, "import", str(tmp_path / "none.opml"))[0] == 2
    assert printed(capsys, "export")[0] == 2


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    def feed(name: str, health: str, reason: str | None = None, **fields: object) -> FeedState:
        state = feed_state_of(
            f"http://{name}.test/rss", health=health, health_reason=reason, **fields
        )
        return replace(state, source=replace(state.source, folder="World"))

    states = (
        feed("fine", "ok", last_success_at=NOW, next_due_at=NOW + timedelta(hours=1)),
        feed("lost", "failing", "E_FETCH_DNS: no such host", consecutive_failures=7),
        feed("dead", "gone", "E_FETCH_HTTP_410: http://dead.test/rss answered 410"),
        feed("late", "slow", "took 14 s to answer"),
    )
    make_lake(tmp_path / "lake").merge(make_batch(run=run_of(), states=states))
    return tmp_path / "lake"


def test_check_shows_the_worst_first_and_wants_a_human(
    lake: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, table = printed(capsys, "check", "--lake", str(lake))
    assert code == 4
    assert [line.split()[0] for line in table.splitlines()[1:5]] == [
        "gone",
        "failing",
        "slow",
        "ok",
    ]
    assert "E_FETCH_DNS: no such host" in table
    assert "4 feeds: 1 gone, 1 failing, 1 slow, 1 ok" in table
    code, lines = printed(capsys, "check", "--lake", str(lake), "--json")
    rows = [json.loads(line) for line in lines.splitlines()]
    assert (code, [row["needs_human"] for row in rows]) == (4, [True, True, False, False])
    assert rows[3]["next_due_at"] == "2024-05-06T13:00:00Z"


def test_check_is_content_with_feeds_that_are_well(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_lake(tmp_path).merge(
        make_batch(run=run_of(), states=(feed_state_of("http://fine.test/rss"),))
    )
    assert printed(capsys, "check", "--lake", str(tmp_path))[0] == 0
    assert printed(capsys, "check", "--lake", str(tmp_path / "none"))[0] == 2
    assert not (tmp_path / "none").exists()


def test_the_feeds_of_a_lake_are_exported(lake: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, text = printed(capsys, "export", "--lake", str(lake))
    feeds: tuple[FeedSource, ...] = parse_opml(text.encode()).feeds
    assert (code, len(feeds), {feed.folder for feed in feeds}) == (0, 4, {"World"})


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    page = (
        "<html><head><title>News</title><link rel='alternate' type='application/rss+xml' "
        "title='Top' href='/top.xml'>"
        "<link rel='alternate' type='application/rss+xml' href='/dead.xml'></head><body>"
        "<a href='/about/feedback'>Tell</a>"
        "<a href='/world/atom'>World <b>RSS</b></a><a href='/sport'>Sport</a></body></html>"
    )
    routes = {
        "a.test/": respond(page),
        "a.test/top.xml": respond(RSS, kind="application/rss+xml"),
        "a.test/world/atom": respond(
            "<feed xmlns='http://www.w3.org/2005/Atom'><title>World</title></feed>"
        ),
        "a.test/rss": redirect("/top.xml"),
        "a.test/feed": respond(page),
        "a.test/feed.xml": respond(RSS.replace("News", "All")),
        "a.test/secret": respond(RSS),
        "a.test/robots.txt": respond(
            "Sitemap: http://a.test/sitemaps.xml\nUser-agent: *\nDisallow: /secret",
            kind="text/plain",
        ),
        "a.test/sitemaps.xml": respond(
            "<sitemapindex><sitemap><loc>http://a.test/news-1.xml</loc></sitemap>"
            "<sitemap><loc>http://a.test/pages-1.xml</loc></sitemap></sitemapindex>"
        ),
        "a.test/news-1.xml": respond(NEWS_SITEMAP),
        "bare.test/": respond("<html><title>Nothing</title></html>"),
        "feed.test/rss": respond(RSS),
        "down.test/": status(503),
    }
    with serve(routes) as running:
        yield running


def found(
    capsys: pytest.CaptureFixture[str], site: Site, url: str
) -> tuple[int, list[dict[str, object]]]:
    code, lines = printed(
        capsys, "find", url, "--connect-to", site.address, "--spacing", "0", "--json"
    )
    return code, [json.loads(line) for line in lines.splitlines()]


def test_find_reads_what_a_site_offers(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    code, rows = found(capsys, site, "http://a.test/")
    assert code == 0
    assert [(row["kind"], row["url"], row["found_by"]) for row in rows] == [
        ("feed", "http://a.test/top.xml", "link"),
        ("feed", "http://a.test/world/atom", "anchor"),
        ("feed", "http://a.test/feed.xml", "path"),
        ("news_sitemap", "http://a.test/news-1.xml", "robots.txt"),
    ]
    assert (rows[0]["title"], rows[0]["entries"], rows[0]["newest_at"]) == (
        "News",
        1,
        "2022-10-11T08:00:00Z",
    )
    assert not site.requests_for("feedback")
    assert not site.requests_for("pages-1")


def test_find_reports_that_nothing_was_found(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    assert found(capsys, site, "http://bare.test/") == (4, [])
    assert found(capsys, site, "http://feed.test/rss")[1][0]["found_by"] == "url"
    assert found(capsys, site, "http://down.test/")[0] == 1
    assert found(capsys, site, "http://a.test/secret")[0] == 1
    assert found(capsys, site, "gopher://a.test/")[0] == 2


def test_parse_names_the_kind_of_a_document_that_is_not_a_feed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "good.xml").write_text(RSS)
    (tmp_path / "login.xml").write_text("<html><title>Log in</title></html>")
    assert cli.run(["feeds", "parse", str(tmp_path)]) == 3
    output = capsys.readouterr()
    assert [json.loads(line)["id"] for line in output.out.splitlines()] == ["good"]
    assert "E_FEED_LOGIN" in output.err


def test_import_of_lists_without_a_feed_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "cut.opml").write_text("<opml><body><outline")
    target = tmp_path / "feeds.toml"
    assert cli.run(["feeds", "import", str(tmp_path / "cut.opml"), "-o", str(target)]) == 4
    assert "no feeds found" in capsys.readouterr().err
    assert not target.exists()


def test_import_does_not_replace_its_input(tmp_path: Path) -> None:
    path = tmp_path / "feeds.opml"
    path.write_text(OPML)
    assert cli.run(["feeds", "import", str(path), "-o", str(path)]) == 2
    assert path.read_text() == OPML
