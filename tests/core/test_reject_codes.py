import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import transforms
from transforms.core.reject_codes import advice, is_code, nearest_codes

STAGES = ("E_FEED_", "E_FETCH_", "E_EXTRACT_", "E_EVENTS_", "E_ARCHIVE_", "E_CLEAN_")


def codes_in_the_source() -> Iterator[str]:
    for file in sorted(Path(transforms.__file__).parent.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                is_code_text = node.value.startswith(STAGES) and node.value.isupper()
                if is_code_text and not node.value.endswith("_") and " " not in node.value:
                    yield node.value


def test_every_code_of_the_source_says_what_to_do() -> None:
    found = set(codes_in_the_source())
    assert len(found) > 40
    assert not [code for code in sorted(found) if not is_code(code)]


@pytest.mark.parametrize(
    "code",
    [
        "E_FETCH_HTTP_503",
        "E_FETCH_HTTP_404",
        "E_EXTRACT_TIMEOUT",
        "E_FEED_PARSE_CRASH",
        "E_EXTRACT_MEMORY",
    ],
)
def test_codes_made_of_a_status_or_a_stage_are_codes(code: str) -> None:
    assert is_code(code)
    assert "docs/operations.md" not in advice(code)


@pytest.mark.parametrize("code", ["", "E_", "E_FETCH_HTTP_", "E_FETCH_HTTP_4040", "e_fetch_dns"])
def test_what_no_reject_has_is_no_code(code: str) -> None:
    assert not is_code(code)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("E_EXTRACT_EMTPY", "E_EXTRACT_EMPTY"),
        ("E_FETCH_TIMEOUTS", "E_FETCH_TIMEOUT"),
        ("e_fetch_dns", "E_FETCH_DNS"),
        ("FEED_MALFORMED", "E_FEED_MALFORMED"),
        ("E_OWN_CODES", "E_OWN_CODE"),
    ],
)
def test_the_nearest_code_is_named(typed: str, meant: str) -> None:
    assert nearest_codes(typed, ["E_OWN_CODE"])[0] == meant


def test_nothing_is_near_to_nonsense() -> None:
    assert nearest_codes("xyz") == []
