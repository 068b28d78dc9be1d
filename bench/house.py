"""Code metrics: sizes, complexity, types, docstrings, comments, limits, line widths, import cycles.

    python -m bench.house                     # newsbeam
    python -m bench.house FOLDER [FOLDER...]  # packages of another checkout, to compare

Complexity is radon's, which counts boolean operators and comprehension conditions as decisions.
Import cycles are counted over all imports, including those inside functions. Needs `radon` (in the
dev requirements).
"""

import argparse
import ast
import io
import json
import re
import statistics
import sys
import tokenize
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import chain, pairwise
from pathlib import Path

from radon.complexity import cc_visit
from radon.visitors import Function

ROOT = Path(__file__).parents[1]
PACKAGES = ("pipelines", "transforms")
COMPLEX = 10
"""McCabe's limit: he advises splitting a function above it ("A Complexity Measure", 1976)."""
TOO_COMPLEX = 15
"""The limit for newsbeam's functions, which a test enforces.

It leaves room above McCabe's for functions that only map fields.
"""
WIDE = 100
"""Columns: the linter's line length. Wider lines are patterns and URLs that cannot be broken."""
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_CONSTANT = re.compile(r"_?[A-Z][A-Z0-9_]+ ?(=|:)")
_PRAGMAS = ("noqa", "type: ignore", "pragma:")


@dataclass(frozen=True, slots=True)
class Source:
    """A file: its path, text and syntax tree."""

    path: Path
    text: str
    tree: ast.Module


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """The metrics of a set of files; shares are percentages."""

    files: int
    lines: int
    file_lines_median: float
    file_lines_max: int
    functions: int
    function_lines_median: float
    function_lines_p95: int
    function_lines_max: int
    complex_functions: int
    complex_share: float
    most_complex: int
    typed_public: float
    documented_public: float
    comment_share: float
    limits: int
    unexplained_limits: int
    wide_share: float
    widest: int
    comprehensions_per_kloc: float
    nested_comprehensions: float
    import_cycles: int


def sources(folders: Sequence[Path]) -> list[Source]:
    """Return the Python files below the folders, except tests."""
    found = []
    for folder in folders:
        for path in sorted(folder.rglob("*.py")):
            if "tests" not in path.parts:
                text = path.read_text("utf-8")
                found.append(Source(path, text, ast.parse(text)))
    return found


def complexities(files: Sequence[Source]) -> list[tuple[int, str]]:
    """Return the complexity and location of each function and method, the most complex first."""
    found = []
    for file in files:
        found += [(block.complexity, _location(file, block)) for block in _functions(file.text)]
    return sorted(found, reverse=True)


def _location(file: Source, function: Function) -> str:
    return f"{file.path}:{function.lineno} {function.name}"


def _functions(text: str) -> Iterator[Function]:
    """Yield functions, methods and closures, each once."""
    # radon lists a method both at the top level and under its class.
    seen = set()
    blocks = list(cc_visit(text))
    while blocks:
        block = blocks.pop()
        blocks += [*getattr(block, "methods", ()), *getattr(block, "closures", ())]
        if isinstance(block, Function) and (block.lineno, block.name) not in seen:
            seen.add((block.lineno, block.name))
            yield block


def measure(files: Sequence[Source], root: Path = ROOT) -> Measures:
    """Return the metrics of files; module names are relative to `root`."""
    file_widths = [_widths(file) for file in files]
    file_lines = [len(widths) for widths in file_widths]
    widths = list(chain.from_iterable(file_widths))
    lengths = sorted(map(_length, _nodes(files, _FUNCTIONS)))
    complexity = [value for value, _ in complexities(files)]
    complex_functions = _count_above(COMPLEX, complexity)
    comprehensions = _nodes(files, _COMPREHENSIONS)
    public = list(chain.from_iterable(_public(file.tree) for file in files))
    return Measures(
        files=len(files),
        lines=len(widths),
        file_lines_median=statistics.median(file_lines),
        file_lines_max=max(file_lines),
        functions=len(complexity),
        function_lines_median=statistics.median(lengths),
        function_lines_p95=lengths[int(0.95 * (len(lengths) - 1))],
        function_lines_max=lengths[-1],
        complex_functions=complex_functions,
        complex_share=_percent(complex_functions, len(complexity)),
        most_complex=max(complexity),
        typed_public=_percent(sum(map(_is_typed, public)), len(public)),
        documented_public=_percent(sum(map(_is_documented, public)), len(public)),
        comment_share=_percent(sum(map(_comments, files)), len(widths)),
        limits=sum(len(_limits(file)) for file in files),
        unexplained_limits=len(unexplained_limits(files)),
        wide_share=_percent(_count_above(WIDE, widths), len(widths)),
        widest=max(widths),
        comprehensions_per_kloc=round(1000 * len(comprehensions) / len(widths), 1),
        nested_comprehensions=_percent(sum(map(_is_nested, comprehensions)), len(comprehensions)),
        import_cycles=len(cycles(_imports(files, root))),
    )


def _percent(part: float, whole: float) -> float:
    return round(100 * part / max(whole, 1), 1)


def _count_above(limit: int, values: Iterable[int]) -> int:
    return sum(value > limit for value in values)


def _widths(file: Source) -> list[int]:
    return [len(line) for line in file.text.splitlines()]


def _nodes(files: Iterable[Source], kinds: tuple[type[ast.AST], ...]) -> list[ast.AST]:
    nodes = chain.from_iterable(ast.walk(file.tree) for file in files)
    return [node for node in nodes if isinstance(node, kinds)]


def _length(node: ast.AST) -> int:
    first, last = getattr(node, "lineno", 0), getattr(node, "end_lineno", 0)
    return int(last) - int(first) + 1


def _public(node: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Yield the public functions of a module and the public methods of its public classes."""
    for child in ast.iter_child_nodes(node):
        name = getattr(child, "name", "_")
        if name.startswith("_"):
            continue
        if isinstance(child, _FUNCTIONS):
            yield child
        elif isinstance(child, ast.ClassDef):
            yield from _public(child)


def _is_typed(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    arguments = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
    annotated = [a.annotation is not None for a in arguments if a.arg not in {"self", "cls"}]
    return function.returns is not None and all(annotated)


def _is_documented(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return ast.get_docstring(function) is not None


def _comments(file: Source) -> int:
    """Count the lines with a comment that is not a pragma for a tool."""
    tokens = tokenize.generate_tokens(io.StringIO(file.text).readline)
    comments = [token.string for token in tokens if token.type == tokenize.COMMENT]
    return sum(not _is_pragma(comment) for comment in comments)


def _is_pragma(comment: str) -> bool:
    return any(pragma in comment for pragma in _PRAGMAS)


def unexplained_limits(files: Iterable[Source]) -> list[str]:
    """Return the location of each numeric constant of a module without a comment or docstring.

    A comment above, beside, or above a block of constants counts, and so does a string below.
    """
    found = []
    for file in files:
        lines = file.text.splitlines()
        found += [
            f"{file.path}:{lineno} {lines[lineno - 1]}"
            for lineno in _limits(file)
            if not _is_explained(file, lines, lineno)
        ]
    return found


def _limits(file: Source) -> list[int]:
    """Return the lines of a module's assignments of a number to an upper-case name."""
    return [
        node.lineno
        for node in file.tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        and node.value is not None
        and _CONSTANT.match(ast.unparse(node))
        and _is_number(node.value)
    ]


def _is_number(node: ast.expr) -> bool:
    if isinstance(node, ast.BinOp):
        return _is_number(node.left) and _is_number(node.right)
    if isinstance(node, ast.UnaryOp):
        return _is_number(node.operand)
    if isinstance(node, ast.Call):
        return ast.unparse(node.func) == "timedelta"
    # A bool is an int.
    return isinstance(node, ast.Constant) and type(node.value) in (int, float)


def _is_explained(file: Source, lines: Sequence[str], lineno: int) -> bool:
    if "#" in lines[lineno - 1]:
        return True
    above = lineno - 2
    while above > 0 and _CONSTANT.match(lines[above]):
        above -= 1
    return lines[above].startswith("#") or lineno in _described(file.tree)


def _described(tree: ast.Module) -> set[int]:
    """Return the lines of statements that a string follows, which documents them."""
    return {
        statement.lineno
        for statement, following in pairwise(tree.body)
        if isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant)
    }


def _is_nested(node: ast.AST) -> bool:
    """Return whether a comprehension contains another one, or has two `for` clauses."""
    inner = [child for child in ast.walk(node) if isinstance(child, _COMPREHENSIONS)]
    return len(inner) > 1 or len(getattr(node, "generators", ())) > 1


def _imports(files: Sequence[Source], root: Path) -> dict[str, set[str]]:
    """Return the modules of `files` that each of them imports.

    Imports under TYPE_CHECKING do not count: they are not run, so they cannot form a cycle.
    """
    names = {_module(file.path, root) for file in files}
    graph: dict[str, set[str]] = {}
    for file in files:
        module = _module(file.path, root)
        graph[module] = names.intersection(_imported(file.tree)) - {module}
    return graph


def _module(path: Path, root: Path) -> str:
    relative = path.resolve().relative_to(root.resolve()).with_suffix("")
    return ".".join(relative.parts).removesuffix(".__init__")


def _imported(node: ast.AST) -> Iterator[str]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            continue
        if isinstance(child, ast.ImportFrom) and child.module:
            # `from a.b import c` imports the module a.b.c if it exists, else a name of a.b.
            yield child.module
            yield from (f"{child.module}.{alias.name}" for alias in child.names)
        elif isinstance(child, ast.Import):
            yield from (alias.name for alias in child.names)
        else:
            yield from _imported(child)


def cycles(graph: dict[str, set[str]]) -> list[set[str]]:
    """Return the import cycles: strongly connected components of two modules or more.

    Uses Tarjan's algorithm ("Depth-First Search and Linear Graph Algorithms", 1972).
    """
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found = []

    def visit(name: str) -> None:
        index[name] = low[name] = len(index)
        stack.append(name)
        for target in sorted(graph.get(name, ())):
            if target not in index:
                visit(target)
                low[name] = min(low[name], low[target])
            elif target in stack:
                low[name] = min(low[name], index[target])
        if low[name] == index[name]:
            position = stack.index(name)
            group = set(stack[position:])
            del stack[position:]
            if len(group) > 1:
                found.append(group)

    # `visit` recurses once per module on a path, which may exceed the default limit of 1,000.
    sys.setrecursionlimit(10_000)
    for name in sorted(graph):
        if name not in index:
            visit(name)
    return found


def main() -> None:
    """Print the metrics, then the functions whose complexity exceeds COMPLEX."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument(
        "folders", nargs="*", type=Path, help="packages to measure (default: newsbeam's)"
    )
    parser.add_argument("--json", action="store_true", help="print the metrics as one JSON object")
    options = parser.parse_args()
    folders = options.folders or [ROOT / name for name in PACKAGES]
    files = sources(folders)
    found = measure(files, folders[0].resolve().parent)
    if options.json:
        sys.stdout.write(json.dumps(asdict(found)) + "\n")
        return
    for name, value in asdict(found).items():
        sys.stdout.write(f"{name.replace('_', ' '):26} {value}\n")
    for value, place in complexities(files):
        if value > COMPLEX:
            sys.stdout.write(f"{value:4} {place}\n")


if __name__ == "__main__":
    main()
