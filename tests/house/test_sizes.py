"""The house stays small: how long a function and a file of the source may be."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from statistics import median, quantiles

SOURCE = Path(__file__).parents[2] / "src" / "surefoot"
FUNCTION_MEDIAN, FUNCTION_P90, FUNCTION_LONGEST = 8, 25, 35
FILE_P90, FILE_LONGEST = 280, 400

Function = ast.FunctionDef | ast.AsyncFunctionDef


def test_functions_are_short() -> None:
    sizes = dict(function_sizes())
    assert median(sizes.values()) <= FUNCTION_MEDIAN
    assert p90(sizes) <= FUNCTION_P90, longest_first(sizes, FUNCTION_P90)


def test_no_function_is_too_long_to_read_at_once() -> None:
    assert longest_first(dict(function_sizes()), FUNCTION_LONGEST) == []


def test_files_are_short() -> None:
    sizes = {str(path.relative_to(SOURCE)): len(lines(path)) for path in SOURCE.rglob("*.py")}
    assert p90(sizes) <= FILE_P90, longest_first(sizes, FILE_P90)
    assert longest_first(sizes, FILE_LONGEST) == []


def test_a_docstring_does_not_count() -> None:
    plain = ast.parse("def f():\n    return 1\n").body[0]
    documented = ast.parse('def f():\n    """One.\n\n    Two.\n    """\n    return 1\n').body[0]
    assert isinstance(plain, ast.FunctionDef)
    assert isinstance(documented, ast.FunctionDef)
    assert size(plain) == size(documented) == 2


def function_sizes() -> Iterator[tuple[str, int]]:
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse("\n".join(lines(path)))):
            if isinstance(node, Function):
                yield f"{path.relative_to(SOURCE)}:{node.lineno} {node.name}", size(node)


def size(function: Function) -> int:
    """The lines from `def` to the end, without the docstring."""
    whole = last_line(function) - function.lineno + 1
    if ast.get_docstring(function, clean=False) is None:
        return whole
    docstring = function.body[0]
    return whole - (last_line(docstring) - docstring.lineno + 1)


def last_line(node: ast.stmt) -> int:
    return node.end_lineno or node.lineno


def lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def p90(sizes: dict[str, int]) -> float:
    return quantiles(sizes.values(), n=10, method="inclusive")[-1]


def longest_first(sizes: dict[str, int], limit: int) -> list[str]:
    over = sorted((size, name) for name, size in sizes.items() if size > limit)
    return [f"{name}: {size} lines" for size, name in reversed(over)]
