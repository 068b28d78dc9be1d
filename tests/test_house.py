"""The measures of the code stay within their bounds, and the script that takes them is right."""

import ast
import re
from pathlib import Path

from bench.house import (
    COMPLEX,
    PACKAGES,
    ROOT,
    TOO_COMPLEX,
    complexities,
    cycles,
    measure,
    sources,
    unexplained_limits,
)

MOST_COMPLEX_SHARE = 2.5
"""Percentage of functions above McCabe's 10: as many as in the best kept of comparable projects."""


def test_functions_make_few_decisions_and_lines_are_short() -> None:
    files = sources([ROOT / name for name in PACKAGES])
    worst = [place for value, place in complexities(files) if value > TOO_COMPLEX]
    found = measure(files)
    assert worst == []
    assert found.complex_share <= MOST_COMPLEX_SHARE, complexities(files)[: found.complex_functions]
    assert found.wide_share <= 0.1  # patterns that cannot be broken; the linter bounds the rest
    assert (found.typed_public, found.documented_public) == (100.0, 100.0)


def test_every_limit_has_its_reason_beside_it() -> None:
    assert unexplained_limits(sources([ROOT / name for name in PACKAGES])) == []


def test_a_limit_without_a_reason_is_found(tmp_path: Path) -> None:
    text = (
        "# Two lines of text.\nMAX_A = 10\nMAX_B: int = -2 * 5\n\nMAX_C = 3\n"
        '"""Documented."""\nMAX_D = 4  # beside\n\nMAX_E = 5\nNAME = "e"\nIS_F = True\n'
    )
    (tmp_path / "limits.py").write_text(text)
    files = sources([tmp_path])
    (found,) = unexplained_limits(files)
    assert found.endswith("limits.py:9 MAX_E = 5")


def test_no_test_module_imports_another() -> None:
    for path in (ROOT / "tests").rglob("test_*.py"):
        imported = re.findall(r"^from (tests\.\S+)|^import (tests\.\S+)", path.read_text(), re.M)
        names = [name for pair in imported for name in pair if name]
        assert not [name for name in names if name.rsplit(".", 1)[-1].startswith("test_")], path


def test_boolean_operators_and_conditions_of_comprehensions_are_decisions(tmp_path: Path) -> None:
    text = "def f(a, b):\n    return [x for x in a if x and b or x > 1]\n"
    (tmp_path / "one.py").write_text(text)
    files = sources([tmp_path])
    assert ast.dump(files[0].tree) == ast.dump(ast.parse(text))
    ((value, place),) = complexities(files)
    assert (value, place.endswith("one.py:1 f")) == (5, True)
    assert value < COMPLEX


def test_modules_that_import_each_other_are_a_cycle(tmp_path: Path) -> None:
    package = tmp_path / "house"
    package.mkdir()
    (package / "a.py").write_text("def f():\n    from house.b import g\n    return g\n")
    (package / "b.py").write_text("from house import a\n\ng = a\n")
    (package / "c.py").write_text("from house.a import f\n\nh = f\n")
    assert measure(sources([package]), tmp_path).import_cycles == 1
    assert cycles({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}) == [{"a", "b", "c"}]
