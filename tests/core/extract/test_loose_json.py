"""What strict JSON refuses is read where its meaning is plain, and never takes square time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.work import count_steps
from transforms.core.extract.loose_json import read_first, read_loosely, read_roots

ROW = {"headline": "Ferry runs again", "author": {"name": "Ada Quill"}}
TEXT = '"headline": "Ferry runs again", "author": {"name": "Ada Quill"}'


@pytest.mark.parametrize(
    "text",
    [
        f"{{{TEXT}}}",
        f"{{{TEXT},}}",
        f"{{{TEXT},,}}",
        f"// <![CDATA[\n{{{TEXT}}}\n// ]]>",
        f"/*<![CDATA[*/ {{{TEXT},}} /*]]>*/",
        f"//<![CDATA[ {{{TEXT}}} //]]>",
        f"<!--//--><![CDATA[//><!--\n{{{TEXT}}}\n//--><!]]>",
        f"<![CDATA[{{{TEXT}}}]]>",
        f"/* the article */ {{{TEXT} // no more\n}}",
        f"{{{TEXT}}};",
        f"{{{TEXT}",
        TEXT.join("{}").replace('"', "&quot;"),
        TEXT.join("{}").replace('"', "&#34;"),
        "{'headline': 'Ferry runs again', author: {name: 'Ada Quill'}}",
        '{"headline": "Ferry runs again"\n "author": {"name": "Ada Quill"}}',
        '{"headline": Ferry runs again,\n "author": {"name": "Ada Quill"]}',
    ],
    ids=range(16),
)
def test_a_fault_of_form_hides_nothing(text: str) -> None:
    assert read_roots(text) == [ROW]


@pytest.mark.parametrize(
    ("text", "roots"),
    [
        ('{"a": 1}{"b": 2}', [{"a": 1}, {"b": 2}]),
        ('{"a": 1},\n{"b": 2}', [{"a": 1}, {"b": 2}]),
        ('{"a": 1};[2, 3]', [{"a": 1}, [2, 3]]),
        ('{"a": "one\ntwo\tthree"}', [{"a": "one\ntwo\tthree"}]),
        ('{"a": "one\x01two",}', [{"a": "one\x01two"}]),
        ('{"a": "He said "no" to it", "b": "c",}', [{"a": 'He said "no" to it', "b": "c"}]),
        ('{"a": "<a href="https://a.test/1">b</a>"}', [{"a": '<a href="https://a.test/1">b</a>'}]),
        ('{"a": "the town\\\'s bridge"}', [{"a": "the town's bridge"}]),
        ('{"a": "\\u00e9 \\ud83d\\ude00",}', [{"a": "é 😀"}]),
        ('{"a": "https://a.test/*b*/ // c",}', [{"a": "https://a.test/*b*/ // c"}]),
        ('{"a": [1, 2,], "b": -1.5e3,}', [{"a": [1, 2], "b": -1500}]),
        ('{"c": "d &quot;e&quot;",}', [{"c": "d &quot;e&quot;"}]),
        ("no data at all", []),
        ("", []),
    ],
    ids=range(14),
)
def test_roots(text: str, roots: list[object]) -> None:
    assert read_roots(text) == roots


def test_strict_json_is_what_it_says() -> None:
    text = '{"a": "/* no comment */ , } // ]]> &quot;", "b": null}'
    assert read_roots(text) == [{"a": "/* no comment */ , } // ]]> &quot;", "b": None}]


def test_a_literal_ends_where_the_script_goes_on() -> None:
    script = 'x={a:!0,b:void 0,c:new Date(17),d:"e"};start(x);'
    value, end = read_first(script, 2)
    assert value == {"a": True, "b": None, "c": "new Date", "d": "e"}
    assert script[end:] == ";start(x);"
    assert read_first('{a:run(1),d:"e"}', 0)[0] is None


@pytest.mark.parametrize(
    "part",
    [
        '"',
        "'",
        '\\"',
        "/*",
        "//",
        '"a" ',
        "a:",
        '"  ',
        ",  ",
        "<![CDATA[",
        "[]",
        "{",
        "[",
        "&quot;",
        '", "',
        '{"a":',
    ],
)
def test_work_grows_as_the_text(part: str) -> None:
    def steps(count: int) -> int:
        return count_steps(lambda: list(read_loosely('{"a": ' + part * count)))

    assert steps(4000) < 2.3 * steps(2000) + 100


@given(st.text(alphabet="{}[],:\"'\\/*<!->();&qab1\n ", max_size=60))
def test_any_text_is_read(text: str) -> None:
    read_roots(text)
    read_first(text, 0)
