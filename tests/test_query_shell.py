"""The shell of `newsbeam sql`: statements are typed with completion, answered, and remembered."""

import re
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from pipelines.cli.app import app
from pipelines.inspect.query_shell import is_complete
from pipelines.inspect.query_words import Words, read_words
from tests.helpers.terminals import CTRL_C, on_a_terminal


@pytest.fixture(scope="module")
def words() -> Words:
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE events (event_id INT, actor TEXT, actor_name TEXT)")
        connection.execute('CREATE TABLE feeds ("all" INT, "a b" INT, "X" INT, feed_url TEXT)')
        connection.execute('CREATE TABLE odd (fine INT, "\x1b[31m" INT, "\u202eabc" INT)')
        return read_words(connection)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("SELECT * FROM ev", "events view"),
        ("select * from EV", "events view"),
        ("FROM events WHERE act", "actor column"),
        ("FROM events e WHERE e.", "event_id column"),
        ("SELECT feeds.", "feed_url column"),
        ("SELECT feeds.", '"a b" column'),
        ("SELECT feeds.", '"all" column'),
        ("SELECT feeds.al", '"all" column'),
        ('SELECT feeds."a', '"a b" column'),
        ("SELECT feeds.x", '"X" column'),
        ("SEL", "SELECT keyword"),
        ("SELECT count_i", "count_if( function"),
        ("SELECT 1\nFROM fe", "feeds view"),
        ("", "events view"),
    ],
)
def test_a_word_is_completed(words: Words, text: str, found: str) -> None:
    assert found in [f"{name} {kind}" for name, kind in words.completions(text, text)[1]]


@pytest.mark.parametrize(
    ("text", "absent"),
    [
        ("SELECT act", "actor"),  # no view with it is named
        ("SELECT feeds.", "event_id"),
        ("FROM events WHERE x", "events"),
        ("FROM odd WHERE ", "\u202eabc"),
        ("FROM odd WHERE ", '"\x1b[31m"'),
        ("", "SELECT"),
    ],
)
def test_what_does_not_belong_is_not_offered(words: Words, text: str, absent: str) -> None:
    assert absent not in [name for name, _ in words.completions(text, text)[1]]


def test_columns_of_the_named_views_come_first(words: Words) -> None:
    text = "SELECT a FROM events"
    typed, found = words.completions("SELECT a", text)
    assert typed == "a"
    assert [name for name, _ in found][:2] == ["actor", "actor_name"]


@pytest.mark.parametrize("text", ["SELECT 1;", "SELECT\n1 ; \n", ";"])
def test_a_semicolon_ends_a_statement(text: str) -> None:
    assert is_complete(text)


@pytest.mark.parametrize("text", ["SELECT 1", "SELECT ';'", "", "SELECT 1; SELECT 2"])
def test_other_text_goes_on(text: str) -> None:
    assert not is_complete(text)


@pytest.mark.slow
def test_statements_are_typed_completed_and_answered(sample_lake: Path, tmp_path: Path) -> None:
    shown = shell(
        sample_lake,
        tmp_path,
        ("newsbeam>", "SELECT 40 +\r"),
        ("...>", "2 AS answer;\r"),
        ("│     42 │", ""),
        ("newsbeam>", "SELECT count(*) AS n FROM events_with_evid\t"),
        ("ence", ";\r"),
        ("│ int64 │", ""),
        ("newsbeam>", "SELECT title FROM nothing;\r"),
        ("nothing does not exist", ""),
        ("newsbeam>", "COPY (SELECT 1) TO 'x.csv';\r"),
        ("--allow-files", ""),
        ("newsbeam>", "exit\r"),
    )
    assert "Traceback" not in shown
    written = (tmp_path / "newsbeam" / "sql_history").read_text()
    assert "+SELECT 40 +\n+2 AS answer;\n" in written
    assert (tmp_path / "newsbeam" / "sql_history").stat().st_mode & 0o077 == 0


@pytest.mark.slow
def test_earlier_statements_are_found_in_another_session(sample_lake: Path, tmp_path: Path) -> None:
    shell(
        sample_lake,
        tmp_path,
        ("newsbeam>", "SELECT 1234 AS a;\r"),
        ("│  1234 │", ""),
        ("newsbeam>", "\x04"),
    )
    up = "\x1b[A"
    again = shell(
        sample_lake,
        tmp_path,
        ("newsbeam>", up),
        ("1234 AS a;", "\r"),
        ("│  1234 │", ""),
        ("newsbeam>", "\x04"),
    )
    assert "│  1234 │" in again


@pytest.mark.slow
def test_ctrl_c_stops_a_query_and_the_shell_goes_on(sample_lake: Path, tmp_path: Path) -> None:
    hours = "SELECT sum(a.range * b.range) FROM range(10000000) a, range(100000) b;\r"
    shell(
        sample_lake,
        tmp_path,
        ("newsbeam>", "SELECT half of it"),
        ("half of it", CTRL_C),
        ("\x1b[?2004l", ""),
        ("newsbeam>", hours),
        ("\x1b[?2004l", CTRL_C),  # the prompt gives up the terminal
        ("newsbeam: stopped", ""),
        ("newsbeam>", "SELECT 5 AS five;\r"),
        ("│     5 │", ""),
        ("newsbeam>", "quit;\r"),
    )


@pytest.mark.slow
def test_a_state_folder_that_cannot_be_made_is_no_fault(sample_lake: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    shell(
        sample_lake,
        tmp_path / "file",
        ("newsbeam>", "SELECT 5 AS five;\r"),
        ("│     5 │", ""),
        ("newsbeam>", "\x04"),
    )


@pytest.mark.slow
def test_hostile_texts_do_not_steer_the_shell(sample_lake: Path, tmp_path: Path) -> None:
    query = "SELECT chr(27) || ']0;pwn' || chr(7) || chr(155) || chr(8238) AS a, 7 AS b;\r"
    shown = shell(
        sample_lake, tmp_path, ("newsbeam>", query), ("│     7 │", ""), ("newsbeam>", "\x04")
    )
    answer = shown[shown.rindex("├") : shown.rindex("└")]
    assert "]0;pwn" in answer
    assert not set(re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", answer)) & set("\x1b\x07\x9b\u202e")


def shell(lake: Path, state: Path, *typed: tuple[str, str]) -> str:
    """Return what a terminal gets from a session in which texts are typed, each after another."""
    words = ["sql", "--lake", str(lake)]
    variables = {"XDG_STATE_HOME": str(state)}
    return on_a_terminal(words, columns=80, typed=typed, variables=variables)


@pytest.mark.slow
def test_statements_of_a_pipe_are_run_without_a_prompt(sample_lake: Path) -> None:
    done = CliRunner().invoke(
        app,
        ["sql", "--lake", str(sample_lake), "--csv"],
        input="SELECT 1\nAS a;\n\nSELECT ';' AS b;SELECT 2 AS c",
    )
    assert done.exit_code == 0
    assert done.stdout == "a\n1\nb\n;\nc\n2\n"
