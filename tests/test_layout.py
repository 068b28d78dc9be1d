"""What the tests themselves must keep: helpers are in `tests/helpers`, and no test module imports
another.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
MODULES = sorted(TESTS.rglob("test_*.py"))


def imported_modules(source: str) -> Iterator[str]:
    """Yield the modules that a file imports, and for `from a import b` also `a.b`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(TESTS).as_posix())
def test_no_test_module_imports_another(path: Path) -> None:
    from_tests = {m for m in imported_modules(path.read_text()) if m.startswith("tests.")}
    assert not [m for m in from_tests if m.rpartition(".")[2].startswith("test_")]
    assert {m.split(".")[1] for m in from_tests} <= {"helpers", "engines"}
