"""Commands on files that are given addresses: fetched as `ingest` fetches, told as files are."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipelines import cli
from tests.helpers import web_site as web
from tests.helpers.newspapers import LEDE, REST, feed, page

pytestmark = pytest.mark.slow

PAGE = "http://post.test/a"


@pytest.fixture
def site() -> Iterator[web.Site]:
    routes = {
        "post.test/a": page("Talks", LEDE, *REST),
        "post.test/old": web.redirect("http://post.test/a"),
        "post.test/nothing": web.respond("<html><body></body></html>"),
        "post.test/pdf": web.respond("%PDF-1.4", kind="application/pdf"),
        "post.test/large": web.huge(11 * 2**20, declared=True),
        "post.test/bomb": web.bomb(11 * 2**20),
        "post.test/inside": web.redirect("http://127.0.0.1/secret"),
        "post.test/feed": feed("http://post.test/a", "http://post.test/b"),
        "post.test/robots.txt": web.respond("User-agent: *\nDisallow: /private", kind="text/plain"),
        "post.test/private/a": page("Secret", LEDE, *REST),
        "/robots.txt": web.status(404),
    }
    with web.serve(routes) as found:
        yield found


@pytest.fixture
def run(site: web.Site, capsys: pytest.CaptureFixture[str]) -> Any:
    def command(*words: str) -> tuple[int, list[dict[str, Any]], str]:
        *name, rest = (words[0].split(), words[1:])
        code = cli.run([*name[0], *rest, "--connect-to", site.address, "--spacing", "0"])
        shown = capsys.readouterr()
        return code, [json.loads(line) for line in shown.out.splitlines()], shown.err

    return command


def test_an_article_is_extracted_from_its_address(run: Any, site: web.Site, tmp_path: Path) -> None:
    code, (row,), _ = run("extract", PAGE, "--workers", "0")
    assert code == 0
    assert (row["id"], row["url"], row["title"]) == (PAGE, PAGE, "Talks")
    assert LEDE in row["text"]
    asked = [one.path for one in site.seen]
    assert asked == ["/robots.txt", "/a"]
    assert site.seen[1].headers["User-Agent"].startswith("newsbeam/")


def test_addresses_and_files_are_extracted_in_order(run: Any, tmp_path: Path) -> None:
    code, (first,), _ = run("extract", PAGE, "--workers", "0")
    file = tmp_path / "own.html"
    file.write_text(
        f"<html><title>Own</title><body><p>{LEDE}</p>" + "".join(f"<p>{p}</p>" for p in REST)
    )
    code, rows, _ = run("extract", str(file), PAGE, "http://post.test/old", "--workers", "1")
    assert code == 0
    assert [row["id"] for row in rows] == ["own", PAGE, "http://post.test/old"]
    assert rows[1] == first
    assert rows[2]["text"] == first["text"]


def test_an_address_without_a_scheme_is_one_of_https(run: Any) -> None:
    code, rows, err = run("extract", "post.test/a", "--workers", "0")
    assert (code, rows) == (3, []), "the local site has no TLS"
    assert err.startswith("https://post.test/a: E_FETCH_")
    assert run("extract", "missing.html")[0] == 2


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("post.test/gone", "E_FETCH_HTTP_404"),
        ("post.test/pdf", "E_FETCH_NOT_HTML"),
        ("post.test/large", "E_FETCH_TOO_LARGE"),
        ("post.test/bomb", "E_FETCH_TOO_LARGE"),
        ("post.test/inside", "E_FETCH_REFUSED"),
        ("post.test/private/a", "E_FETCH_ROBOTS"),
        ("post.test/nothing", "E_EXTRACT_EMPTY"),
        ("127.0.0.1/secret", "E_FETCH_REFUSED"),
        ("169.254.169.254/latest/meta-data", "E_FETCH_REFUSED"),
        ("[::1]/secret", "E_FETCH_REFUSED"),
    ],
)
@pytest.mark.parametrize("command", ["extract", "events"])
def test_what_cannot_be_fetched_is_told_in_a_sentence(
    run: Any, site: web.Site, command: str, path: str, reason: str
) -> None:
    code, rows, err = run(command, f"http://{path}", PAGE, "--workers", "0")
    assert code == 3
    assert [row["id"] for row in rows] == [PAGE]
    told = [line for line in err.splitlines() if reason in line]
    assert len(told) == 1
    assert told[0].startswith(f"http://{path}: {reason}: ")
    assert not site.requests_for("secret")
    assert not [one for one in site.seen if one.path.startswith("/private/a")]


def test_private_networks_are_refused_without_connect_to(
    site: web.Site, capsys: pytest.CaptureFixture[str]
) -> None:
    address = f"http://localhost:{site.address.rpartition(':')[2]}/a"
    for command in ("extract", "events"):
        assert cli.run([command, address, "--workers", "0"]) == 3
        assert "E_FETCH_REFUSED" in capsys.readouterr().err
    assert not site.seen
    allowed = ["--allow-net", "127.0.0.0/8", "--allow-net", "::1/128", "--spacing", "0"]
    assert cli.run(["extract", address, "--workers", "0", *allowed]) == 3
    assert "E_FETCH_HTTP_404" in capsys.readouterr().err
    assert site.seen


@pytest.mark.parametrize(
    "address", ["http://", "http://user:word@post.test/", "https://exa mple.org/", "http://a..b/"]
)
def test_an_impossible_address_is_a_usage_error(
    address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for command in (["extract"], ["events"], ["feeds", "parse"]):
        assert cli.run([*command, address]) == 2
        assert capsys.readouterr().err.count("\n") == 1


def test_events_of_an_address_and_of_a_page_say_what_was_found(run: Any, tmp_path: Path) -> None:
    code, (row,), err = run("events", PAGE, "--workers", "0")
    assert code == 0
    assert (row["id"], row["url"], row["title"]) == (PAGE, PAGE, "Talks")
    assert row["events"]
    assert err == f"{PAGE}: Talks: {len(row['events'])} event mentions\n"
    file = tmp_path / "page.html"
    file.write_text(
        f"<html><title>Own</title><body><p>{LEDE}</p>" + "".join(f"<p>{p}</p>" for p in REST)
    )
    code, (own,), err = run("events", str(file), "--workers", "0")
    assert code == 0
    assert len(own["events"]) == len(row["events"])
    assert err.startswith("page: ")
    assert err.endswith(f": {len(own['events'])} event mentions\n")


def test_events_of_a_page_are_those_of_its_extracted_text(run: Any, tmp_path: Path) -> None:
    lines = tmp_path / "articles.jsonl"
    run("extract", PAGE, "--workers", "0", "-o", str(lines))
    _, (of_text,), err = run("events", str(lines), "--workers", "0")
    assert err == ""
    _, (of_page,), _ = run("events", PAGE, "--workers", "0")
    assert of_page["events"] == of_text["events"]


def test_a_folder_of_pages_is_coded_and_one_of_lines_as_before(run: Any, tmp_path: Path) -> None:
    html = f"<html><title>Own</title><body><p>{LEDE}</p>" + "".join(f"<p>{p}</p>" for p in REST)
    for name in ("a", "b"):
        (tmp_path / f"{name}.html").write_text(html)
    code, rows, err = run("events", str(tmp_path), "--workers", "0")
    assert (code, [row["id"] for row in rows]) == (0, ["a", "b"])
    assert err == f"2 pages: {sum(len(row['events']) for row in rows)} event mentions\n"
    (tmp_path / "rows.jsonl").write_text(json.dumps({"id": "line", "text": LEDE}))
    assert [row["id"] for row in run("events", str(tmp_path), "--workers", "0")[1]] == ["line"]


@pytest.mark.parametrize("name", ["page.jsonl", "page.txt", "page"])
@pytest.mark.parametrize("command", ["events", "stories"])
def test_a_page_in_place_of_lines_is_one_sentence(
    command: str, name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / name
    file.write_text("<!DOCTYPE html>\n<html>\n" + "<p>One\n" * 100)
    assert cli.run([command, str(file)]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert f"{file} is a page" in said
    assert f"newsbeam extract {file}" in said


def test_a_line_that_is_no_object_is_told_and_the_others_are_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_text('nonsense\n{"id": 1, "text": "A text."}\n<p>\n')
    assert cli.run(["stories", str(file)]) == 3
    shown = capsys.readouterr()
    assert json.loads(shown.out)["id"] == 1
    assert [line.partition(": ")[0] for line in shown.err.splitlines()] == [
        f"{file}:1",
        f"{file}:3",
    ]


def test_stories_takes_no_address(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["stories", "https://post.test/a"]) == 2
    assert "newsbeam extract https://post.test/a" in capsys.readouterr().err


def test_a_feed_is_parsed_from_its_address(run: Any, site: web.Site) -> None:
    code, (row,), _ = run("feeds parse", "http://post.test/feed")
    assert code == 0
    assert [entry["url"] for entry in row["entries"]] == [
        "http://post.test/a",
        "http://post.test/b",
    ]
    code, rows, err = run("feeds parse", "http://post.test/gone")
    assert (code, rows) == (3, [])
    assert err.startswith("http://post.test/gone: E_FETCH_HTTP_404: ")
