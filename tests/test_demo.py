import io
import json
import re
import shutil
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pyarrow.parquet as pq
import pytest
from rich.console import Console

from pipelines import cli
from pipelines.demo.demo import SITE, run_demo
from pipelines.demo.server import serve
from pipelines.demo.show import QUERIES, show_lake
from transforms.errors import ConfigError
from transforms.lake_views import connect

pytestmark = pytest.mark.slow

README_WIDTH = 112
"""Columns of the terminal on which the README shows the demo."""
WORDS_OF_NO_ARTICLE = (
    "sign up",
    "subscribe",
    "newsletter",
    "your inbox",
    "read more",
    "related:",
    "also read",
    "cookie",
    "you may also like",
    "most read",
    "recommended for you",
    "share this",
    "click to share",
    "follow the harbour post",
    "photo:",
    "photo by",
    "image:",
    "credit:",
    "advertisement",
    "story continues",
    "all rights reserved",
    "copyright",
    "tags:",
    "posted in",
    "leave a reply",
    "reporting by",
    "write to the desk",
    "valid email",
    "trending",
    "log in",
)


class Demo(NamedTuple):
    """A lake of two runs, and what each printed."""

    lake: str
    first: dict[str, Any]
    second: str

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with connect(self.lake) as views:
            return views.execute(query).fetchall()


def run(lake: Path, *, as_json: bool, width: int | None = None) -> tuple[int, str]:
    """Run the demo, on a terminal of that width if there is one."""
    out = io.StringIO()
    console = Console(file=out, width=width, force_terminal=width is not None, color_system=None)
    code = run_demo(str(lake), workers=2, console=console, as_json=as_json)
    return code, out.getvalue()


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    lake = tmp_path_factory.mktemp("demo") / "lake"
    code, first = run(lake, as_json=True)
    assert code == 0
    again, second = run(lake, as_json=False)
    assert again == 0
    return Demo(str(lake), json.loads(first), second)


def test_the_first_run_reports_what_it_did(demo: Demo) -> None:
    assert {k: demo.first[k] for k in ("run_id", "feeds", "articles_new", "rejects", "lake")} == {
        "run_id": "demo-1",
        "feeds": 5,
        "articles_new": 13,
        "rejects": {"E_EXTRACT_EMPTY": 1, "E_FETCH_HTTP_404": 1},
        "lake": demo.lake,
    }
    assert demo.first["events_new"] >= 40


def test_each_article_has_its_fields(demo: Demo) -> None:
    rows = demo.rows(
        "SELECT source_domain, count(*) FROM articles WHERE page_kind = 'article' GROUP "
        "BY 1 ORDER BY 1"
    )
    assert rows == [
        ("eastgatedaily.test", 3),
        ("harbourpost.test", 3),
        ("lowlandtribune.test", 4),
        ("meridiancourier.test", 3),
    ]
    assert not demo.rows(
        "SELECT title FROM articles WHERE title IS NULL OR len(authors) <> 1 OR language <> 'en' "
        "OR published_date NOT BETWEEN DATE '2024-10-13' AND DATE '2024-10-17'"
    )
    assert not demo.rows(
        "SELECT title FROM articles WHERE published_basis NOT IN ('meta', 'jsonld')"
    )


def test_bodies_hold_the_article_alone(demo: Demo) -> None:
    for title, body in demo.rows("SELECT title, body FROM articles"):
        assert not [words for words in WORDS_OF_NO_ARTICLE if words in body.lower()], title
        assert 150 <= len(body.split()) <= 260, title


def test_bodies_hold_all_of_the_article(demo: Demo) -> None:
    ends = {
        (
            "Chad and Lake Front rebels sign ceasefire in Doha"
        ): 'I will believe it when the nets are back in the water."',
        (
            "Finland and Vietnam sign trade deal during Hanoi visit"
        ): "thirty managers, two conductors and a cook.",
        "Brazil slaps sanctions on Bolivian timber firms": "lost a tenth of their value.",
        "The village that rolls its cheese to the sea": "and they are taken until 2031.",
    }
    bodies = dict(demo.rows("SELECT title, body FROM articles"))
    assert not [title for title, end in ends.items() if not bodies[title].endswith(end)]


def test_what_was_cut_is_remembered(demo: Demo) -> None:
    reasons = {
        r for (r,) in demo.rows("SELECT DISTINCT r.reason FROM articles, unnest(removed) AS t(r)")
    }
    assert {"newsletter-signup", "read-more-line", "reporting-credit"} <= reasons


def test_two_papers_of_one_wire_are_copies(demo: Demo) -> None:
    rows = demo.rows(
        "SELECT c.source_domain, c.duplicate_kind, c.credit, a.source_domain, c.story_id "
        "= a.story_id "
        "FROM articles c JOIN articles a ON c.duplicate_of = a.article_id"
    )
    assert rows == [("meridiancourier.test", "exact", "Atlas Wire", "harbourpost.test", True)]
    assert demo.rows("SELECT max(origin_count) FROM events WHERE source_count = 2") == [(1,)]


def test_an_article_of_two_feeds_is_one(demo: Demo) -> None:
    rows = demo.rows("SELECT len(feed_ids), count(*) FROM articles GROUP BY 1 ORDER BY 1")
    assert rows == [(1, 11), (2, 2)]


def test_evidence_is_in_the_text(demo: Demo) -> None:
    rows = demo.rows(
        "SELECT CASE m.evidence_field WHEN 'title' THEN a.title ELSE a.body END, "
        "m.evidence, m.evidence_start, "
        "m.evidence_end FROM event_mentions m JOIN articles a USING (article_id)"
    )
    assert len(rows) >= 50
    assert all(text[start:end] == evidence for text, evidence, start, end in rows)


@pytest.mark.parametrize(
    ("type_", "who", "whom"),
    [
        ("SANCTION", "BRA", "BOL"),
        ("AID", "JPN", "MOZ"),
        ("SANCTION", "GHA", "TGO"),
        ("RETREAT", "IDN", "PHL"),
    ],
)
def test_events_are_found(demo: Demo, type_: str, who: str, whom: str) -> None:
    query = (
        "SELECT count(*) FROM events WHERE modality = 'actual' AND type = ? AND actor_country = ?"
    )
    with connect(demo.lake) as views:
        row = views.execute(f"{query} AND recipient_country = ?", [type_, who, whom]).fetchone()
    assert row is not None
    assert row[0] >= 1


def test_a_story_without_politics_has_no_events(demo: Demo) -> None:
    assert demo.rows("SELECT event_count FROM articles WHERE title LIKE '%cheese%'") == [(0,)]


def test_a_second_run_adds_nothing(demo: Demo) -> None:
    assert (
        "demo-2: 5 feeds polled, 0 new articles, 0 event mentions coded, 0 new events, 0 rejects"
        in demo.second
    )
    assert demo.rows("SELECT status, count(*) FROM fetches WHERE run_id = 'demo-2' GROUP BY 1") == [
        ("not_modified", 5)
    ]
    assert demo.rows("SELECT count(*), count(DISTINCT article_id) FROM articles") == [(13, 13)]


def test_it_ends_with_what_to_try(demo: Demo) -> None:
    tail = demo.second[demo.second.index("Try:") :]
    assert tail.count("newsbeam sql ") == len(QUERIES)


def test_the_headings_count_what_the_lake_has(demo: Demo) -> None:
    ((articles, mentions, events, rejects),) = demo.rows(
        "SELECT (SELECT count(*) FROM articles), (SELECT count(*) FROM event_mentions), "
        "(SELECT count(*) FROM events), (SELECT count(*) FROM rejects)"
    )
    assert mentions > events, "else it would not show if the two were confused"
    assert f"{articles} articles, with {mentions} mentions of {events} events" in demo.second
    assert f" of the {events} events, with their evidence" in demo.second
    assert f"{rejects} rejects\n" in re.sub(r" +\n", "\n", demo.second)
    column = [int(line.split()[-1]) for line in article_lines(demo.second)]
    assert (len(column), sum(column)) == (articles, mentions)


def article_lines(printed: str) -> list[str]:
    """Return the first line of each row of the table of articles."""
    return [line for line in plain(printed) if re.match(r"  [a-z]+\.test  .*\d$", line)]


def test_the_headings_are_computed(demo: Demo, tmp_path: Path) -> None:
    """A lake with other contents has other headings: one whose table of rejects is empty."""
    lake = tmp_path / "lake"
    shutil.copytree(demo.lake, lake)
    for file in (lake / "rejects").rglob("*.parquet"):
        pq.write_table(pq.read_table(file).slice(0, 0), file)
    out = io.StringIO()
    show_lake(str(lake), Console(file=out, width=110))
    assert "0 rejects" in out.getvalue()
    assert "one page" not in out.getvalue()


def test_a_narrow_terminal_shows_what_each_part_is_for(demo: Demo) -> None:
    out = io.StringIO()
    show_lake(demo.lake, Console(file=out, width=80))
    printed = out.getvalue()
    assert max(map(len, printed.splitlines())) <= 80
    words = " ".join(printed.split())
    articles = words[: words.index(" events, with their evidence")]
    for title, source in demo.rows("SELECT title, source_domain FROM articles"):
        assert source in articles
        assert " ".join(title.split()[:5]) in articles, title
    assert printed.count("copy of ") == 1
    assert "Isla del Junco (negated, says Argentina)" in words
    assert "SUPPORT Chad's government, the Lake Front rebels (in Doha)" in words
    assert "1 x E_FETCH_HTTP_404: the page is gone" in words
    assert "e.g. http://eastgatedaily.test/city/third-bridge-opens answered 404" in words


@pytest.mark.parametrize("query", [q for _, q in QUERIES], ids=[q for q, _ in QUERIES])
@pytest.mark.parametrize("width", [80, 150])
def test_a_terminal_shows_all_columns_of_a_query(demo: Demo, query: str, width: int) -> None:
    """DuckDB omits columns, and says how many it shows, where they do not fit."""
    with connect(demo.lake) as views:
        relation = views.sql(query)
        with redirect_stdout(io.StringIO()) as out:
            relation.show(max_width=width)
        columns = len(relation.columns)
    names = out.getvalue().splitlines()[1].strip("│").split("│")
    assert len(names) == columns, out.getvalue()
    assert " shown)" not in out.getvalue()


def plain(printed: str) -> list[str]:
    """Return lines without what differs between runs: the time, and the path of the lake."""
    text = re.sub(r"\d+\.\d s\. The lake is in \S+:", "N s. The lake is in demo-lake:", printed)
    return [line.rstrip() for line in text.splitlines()]


def test_the_readme_shows_what_the_demo_prints(tmp_path: Path) -> None:
    """Each part of the block between two lines of dots is in the output, in this order."""
    code, printed = run(tmp_path / "lake", as_json=False, width=README_WIDTH)
    assert code == 0
    lines = plain(printed)
    for part in readme_parts():
        starts = [n for n in range(len(lines)) if lines[n : n + len(part)] == part]
        assert starts, "not in the output of the demo:\n" + "\n".join(part)
        lines = lines[starts[0] + len(part) :]


def readme_parts() -> list[list[str]]:
    page = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
    after = page.split("prints its results", 1)[1]
    block = re.search(r"```text\n(.*?)\n```", after, re.DOTALL)
    assert block
    return [plain(part.strip("\n")) for part in re.split(r"(?m)^\.\.\.$", block[1])]


@pytest.mark.parametrize("query", [q for _, q in QUERIES], ids=[q for q, _ in QUERIES])
def test_each_query_gives_rows(demo: Demo, query: str) -> None:
    assert demo.rows(query)
    assert not set('"$`!\\') & set(query), "it must stand in double quotes of a shell as it is"


@pytest.mark.parametrize("make", ["a file", "a strange folder"])
def test_a_folder_that_is_not_a_demo_is_left_unchanged(tmp_path: Path, make: str) -> None:
    lake = tmp_path / "lake"
    if make == "a file":
        lake.write_text("mine")
    else:
        lake.mkdir()
        (lake / "thesis.txt").write_text("mine")
    with pytest.raises(ConfigError, match="name a new folder"):
        run(lake, as_json=True)


def test_the_server_answers_by_host_and_path() -> None:
    with serve(SITE) as address:

        def get(host: str, path: str, **headers: str) -> Any:
            return urlopen(Request(f"http://{address}{path}", headers={"Host": host, **headers}))

        found = get("www.lowlandtribune.test", "/feed.json")
        assert (found.status, found.headers["Content-Type"]) == (200, "application/feed+json")
        assert get("meridiancourier.test", "/2024/10/15/thousands-march-in-lima/").status == 200
        for host, path, code in (
            ("eastgatedaily.test", "/feed.json", 404),
            ("eastgatedaily.test", "/../../feeds.opml", 404),
        ):
            with pytest.raises(HTTPError) as failed:
                get(host, path)
            assert failed.value.code == code
        with pytest.raises(HTTPError) as unchanged:
            get("www.lowlandtribune.test", "/feed.json", **{"If-None-Match": found.headers["ETag"]})
        assert unchanged.value.code == 304


def test_its_lake_keeps_all_promises_whatever_the_clock_of_the_run(
    demo: Demo, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["check", "--lake", demo.lake, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["findings"] == []
