"""The commands as a user types them: output, exit codes, and what is said when something is
wrong."""

import gzip
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest

from pipelines import cli
from pipelines.cli.option_table import BY_NAME
from tests.helpers import web_site as web
from tests.helpers.lakes import NOW, make_lake
from tests.helpers.newspapers import routes
from tests.helpers.synthetic_sites import newspaper

TEXT = """Ministers of Chad meet envoys of Sudan

Ministers of Chad met envoys of Sudan in Abeche on Monday to discuss the border that both armies had closed in spring.

READ MORE: How the border was closed

"We will meet again," a spokesman of Chad said, adding that trucks with grain had waited there for nine days.

Sign up for our free newsletter and never miss a story.
"""


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_extract_and_events_read_each_others_lines(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "chad.txt").write_text(TEXT)
    out = tmp_path / "e.jsonl"
    args = [
        "extract",
        str(tmp_path),
        "-o",
        str(out),
        "--published-at",
        "2024-05-07T09:00:00Z",
        "--workers",
        "0",
    ]
    assert cli.run(args) == 0
    (row,) = lines(out.read_text())
    assert list(row) == [
        *(
            "id",
            "url",
            "title",
            "authors",
            "published_at",
            "language",
            "page_kind",
            "extraction_basis",
            "text",
            "markdown",
            "credit",
            "removed",
        )
    ]
    assert (row["id"], row["title"]) == ("chad", "Ministers of Chad meet envoys of Sudan")
    assert "READ MORE" not in row["text"]
    assert "newsletter" not in row["text"]
    assert row["published_at"] == "2024-05-07T09:00:00Z"
    assert {"text", "reason", "at"} == set(row["removed"][0])
    assert cli.run(["events", str(out), "--workers", "0"]) == 0
    (coded,) = lines(capsys.readouterr().out)
    met = next(e for e in coded["events"] if e["evidence"]["field"] == "body")
    assert (met["type"], met["date"]) == ("CONSULT", "2024-05-06")
    found = met["evidence"]
    assert row["text"][found["start"] : found["end"]] == found["text"]


def test_a_page_without_an_article_is_reported_and_the_others_are_processed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bad.html").write_text("<html><body><nav>Home</nav></body></html>")
    body = "".join(f"<p>{p}</p>" for p in TEXT.split("\n\n"))
    (tmp_path / "good.html.gz").write_bytes(
        gzip.compress(f"<html><body><article>{body}</article></body></html>".encode())
    )
    assert cli.run(["extract", str(tmp_path), "--workers", "2"]) == 3
    message = capsys.readouterr()
    assert [r["id"] for r in lines(message.out)] == ["good"]
    assert "bad.html: E_EXTRACT_EMPTY" in message.err


@pytest.mark.parametrize("command", ["extract", "events"])
def test_pages_of_one_name_in_several_folders_have_different_ids(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    body = "".join(f"<p>{p}</p>" for p in TEXT.split("\n\n"))
    for folder in ("a.test/x", "b.test"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "index.html").write_text(f"<article>{body}</article>")
    assert cli.run([command, str(tmp_path), "--workers", "0"]) == 0
    assert [r["id"] for r in lines(capsys.readouterr().out)] == ["a.test/x/index", "b.test/index"]
    files = [str(tmp_path / folder / "index.html") for folder in ("a.test/x", "b.test")]
    assert cli.run([command, *files, "--workers", "0"]) == 0
    assert [r["id"] for r in lines(capsys.readouterr().out)] == files
    assert cli.run([command, files[0], "--workers", "0"]) == 0
    assert [r["id"] for r in lines(capsys.readouterr().out)] == ["index"]


@pytest.mark.parametrize("command", [["sql", "SELECT 1"], ["explain", "abcdef"], ["replay"]])
@pytest.mark.parametrize("lake", ["gs://a/b", "s3://a/b"])
def test_commands_that_need_a_folder_say_so_of_a_lake_in_a_bucket(
    command: list[str], lake: str, capsys: pytest.CaptureFixture[str]
) -> None:
    more = ["--contact", "a@b.test"] if command == ["replay"] else []
    assert cli.run([*command, "--lake", lake, *more]) == 2
    (said,) = capsys.readouterr().err.splitlines()
    assert said.startswith(f"newsbeam: {lake}: sql, explain and replay need the lake in a folder")


@pytest.mark.parametrize("command", ["sql", "explain", "replay", "demo", "ingest", "check"])
def test_the_help_offers_a_bucket_where_one_is_read(command: str) -> None:
    offers = "s3://" in BY_NAME["lake"].help_of(command)
    assert offers == (command in {"ingest", "check"})


def test_events_reports_why_a_text_is_not_coded(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = tmp_path / "rows.jsonl"
    german = "Die Minister trafen sich am Montag in der Hauptstadt, um den Hafen zu besprechen."
    rows.write_text(
        json.dumps({"id": 1, "text": german, "language": "de"}) + '\nno json\n{"id": 2}\n'
    )
    assert cli.run(["events", str(rows), "--workers", "0"]) == 3
    message = capsys.readouterr()
    skipped = {r["id"]: r["skipped"] for r in lines(message.out)}
    assert skipped[1] == "E_EVENTS_LANGUAGE"
    assert "rows.jsonl:2" in message.err


def test_stories_names_copies_after_the_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = tmp_path / "rows.jsonl"
    texts = {
        "a": TEXT,
        "b": "Something else entirely happened in the harbour, and nobody knew why. " * 5,
        "c": TEXT + "!",
    }
    rows.write_text("".join(json.dumps({"id": k, "text": t}) + "\n" for k, t in texts.items()))
    assert cli.run(["stories", str(rows)]) == 0
    assert {r["id"]: r["cluster"] for r in lines(capsys.readouterr().out)} == {
        "a": "a",
        "b": "b",
        "c": "a",
    }


def test_feeds_parse_reads_stdin(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    document = (
        b"<rss "
        b"version='2.0'><channel><title>T</title><item><link>http://a.test/1</link></item></channel></rss>"
    )
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(document)))
    assert cli.run(["feeds", "parse", "-"]) == 0
    (feed,) = lines(capsys.readouterr().out)
    assert feed["title"] == "T"
    assert [e["url"] for e in feed["entries"]] == ["http://a.test/1"]
    assert list(feed["entries"][0]) == ["id", "url", "title", "published_at", "author", "summary"]


def test_ingest_prints_what_it_did_and_sql_reads_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lake = str(tmp_path / "lake")
    sound = {k: v for k, v in routes().items() if "huge" not in k and "endless" not in k}
    with web.serve(sound) as site:
        args = [
            "ingest",
            "--feeds",
            "http://herald.test/feed",
            "http://post.test/feed",
            "--lake",
            lake,
            "--json",
        ]
        more = [
            "--connect-to",
            site.address,
            "--spacing",
            "0",
            "--now",
            NOW.isoformat(),
            "--run-id",
            "r1",
            "--workers",
            "1",
        ]
        assert cli.run([*args, *more, "--direct_num_workers", "1"]) == 3
    done = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (done["run_id"], done["feeds"], done["articles_new"], done["status"]) == (
        "r1",
        2,
        2,
        "partial",
    )
    assert done["rejects"]["E_EXTRACT_EMPTY"] == 1
    assert (
        cli.run(
            [
                "sql",
                "SELECT count(*) AS n, max(published_date) AS day FROM articles",
                "--lake",
                lake,
                "--json",
            ]
        )
        == 0
    )
    assert json.loads(capsys.readouterr().out) == {"n": 2, "day": "2024-05-06"}
    assert cli.run(["sql", "SELECT title FROM articles ORDER BY title", "--lake", lake]) == 0
    assert "Talks on the harbour" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["ingest", "--feeds", "http://a.test/f", "--lake", "L", "--bogus", "1"],
            "no such option: --bogus",
        ),
        (["ingest", "--feeds", "missing.opml", "--lake", "L"], "missing.opml"),
        (
            ["ingest", "--feeds", "http://a.test/f", "--lake", "L", "--now", "noon"],
            "not an ISO 8601 time",
        ),
        (
            ["ingest", "--feeds", "http://a.test/f", "--lake", "L", "--connect-to", "here"],
            "HOST:PORT",
        ),
        (["extract", "missing"], "missing: no such file or folder"),
        (["sql", "SELECT 1", "--lake", "missing"], "no lake here"),
        (["ingest"], "Missing option"),
        (["nothing"], "No such command"),
    ],
)
def test_an_error_of_the_user_is_exit_code_2(
    arguments: list[str],
    message: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.run(arguments) == 2
    assert message in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("ingest --feed f --lake L", "--feeds"),
        ("ingest --feeds f --lak L", "--lake"),
        ("ingest --feeds f --lake L --spacin 3", "--spacing"),
        ("ingest --feeds f --lake L --spaicng=3", "--spacing"),
        ("ingest --feeds f --lake L --job_nam x", "--job_name"),
        ("replay --reson E_FETCH_DNS --lake L", "--reason"),
        ("rebuild --lake L --dryrun", "--dry-run"),
        ("rebuild --lake L --dry_run", "--dry-run"),
        ("backfill f --lake L --form 2024-01-01", "--from"),
        ("extract f --workrs 1", "--workers"),
        ("check --jsn --lake L", "--json"),
        ("config --ini", "--init"),
        ("config ingest --lak L", "--lake"),
        ("config sql --lak L", "--lake"),
        ("config ingst", "ingest"),
        ("ingst", "ingest"),
        ("feeds fnd", "find"),
        ("--verson", "--version"),
    ],
)
def test_the_nearest_option_or_command_is_suggested(
    line: str,
    meant: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.run(line.split()) == 2
    said = capsys.readouterr().err.lower()
    assert re.search(rf"(did you mean|possible options).*{meant}\b", said)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("ingest --feeds f --lake L --xyzzy 3", "no such option: --xyzzy; see --help"),
        ("ingest --feeds f --lake L --project", "an option of Beam: argument --project: expected"),
        ("ingest --lake L --project p", "Missing option '--feeds'"),
        ("config xyzzy", "newsbeam has no command 'xyzzy'\n"),
    ],
)
def test_nothing_is_suggested_for_what_is_like_nothing(
    line: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(line.split()) == 2
    err = capsys.readouterr().err
    assert said in err
    assert "did you mean" not in err


def test_options_of_beam_are_no_mistyped_ones(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["config", "ingest", "--lake", "L", "--project", "p", "--no-revisit"]) == 0
    assert "lake L command line" in re.sub(" +", " ", capsys.readouterr().out)


def test_a_lake_that_cannot_be_written_is_exit_code_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "thesis.doc").touch()
    assert cli.run(["ingest", "--feeds", "http://a.test/f", "--lake", str(tmp_path)]) == 1
    assert "E_LAKE_FOREIGN" in capsys.readouterr().err


@pytest.mark.parametrize(
    "command", ["ingest", "demo", "extract", "events", "stories", "explain", "sql", "feeds parse"]
)
def test_every_command_has_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run([*command.split(), "--help"]) == 0
    assert len(capsys.readouterr().out) > 300


def test_extract_reads_a_text_from_stdin(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(TEXT.encode())))
    assert cli.run(["extract", "-", "--workers", "1"]) == 0
    (row,) = lines(capsys.readouterr().out)
    assert (row["id"], row["title"]) == ("stdin", "Ministers of Chad meet envoys of Sudan")


def test_several_queries_all_print(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    make_lake(tmp_path)
    assert cli.run(["sql", "SELECT 1 AS a; SELECT 2 AS a", "--lake", str(tmp_path), "--json"]) == 0
    monkeypatch.setattr("sys.stdin", io.StringIO("SELECT 3 AS a; SELECT 4 AS a;\nSELECT nothing;"))
    assert cli.run(["sql", "--lake", str(tmp_path), "--json"]) == 1
    message = capsys.readouterr()
    assert [r["a"] for r in lines(message.out)] == [1, 2, 3, 4]
    assert "nothing" in message.err


def test_feeds_left_at_the_deadline_are_reported_and_polled_by_the_next_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with web.serve(routes()) as site:
        args = [
            "ingest",
            "--feeds",
            "http://herald.test/feed",
            "--lake",
            str(tmp_path / "lake"),
            "--json",
        ]
        more = ["--connect-to", site.address, "--spacing", "0", "--workers", "0"]
        assert cli.run([*args, *more, "--deadline", "0"]) == 3
        assert cli.run([*args, *more]) == 3
    events = lines(capsys.readouterr().out)
    first, second = (event for event in events if event["event"] == "run_ended")
    assert (first["feeds"], first["feeds_left"], first["articles_new"]) == (0, 1, 0)
    assert (second["feeds"], second["feeds_left"], second["articles_new"]) == (1, 0, 1)


def test_the_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["--version"]) == 0
    assert capsys.readouterr().out.startswith("newsbeam 0.")


def test_pages_of_one_site_share_its_boilerplate_on_request(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site = newspaper(5)
    for story in site.stories:
        (tmp_path / f"{story.name}.html").write_text(story.html(site.domain))
    alone, together = (
        lines(_extracted(tmp_path, capsys, *more)) for more in ([], ["--learn-sites"])
    )
    assert [row["text"].split("\n\n") for row in together] == [story.own for story in site.stories]
    assert [row["text"].split("\n\n") for row in alone] == [story.page for story in site.stories]


def test_texts_that_name_no_site_are_one_sites_in_a_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site = newspaper(5)
    for story in site.stories:
        (tmp_path / f"{story.name}.txt").write_text(
            "\n\n".join([f"Title of story {story.name}", *story.page])
        )
    for row in lines(_extracted(tmp_path, capsys, "--learn-sites")):
        assert not set(site.boilerplate) & set(row["text"].split("\n\n"))


def _extracted(folder: Path, capsys: pytest.CaptureFixture[str], *more: str) -> str:
    assert cli.run(["extract", str(folder), "--workers", "0", *more]) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("command", ["extract", "events", "stories"])
def test_an_output_that_is_an_input_is_refused(
    command: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "texts.jsonl"
    path.write_text('{"id": "1", "text": "Finland sent aid to Chad."}\n')
    before = path.read_bytes()
    assert cli.run([command, "texts.jsonl", "-o", str(path)]) == 2
    assert "is an input" in capsys.readouterr().err
    assert path.read_bytes() == before
