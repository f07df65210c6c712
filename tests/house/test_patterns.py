"""No pattern of the source has possessive repeats or atomic groups.

CPython 3.11 has both, and gets them wrong until 3.11.4: Debian 12's 3.11.2 matches less than it should, without a
word, or raises SystemError. A splitter on it would cut statements in two.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from surefoot.engine.dialects.mysql.lexer import lexicon
from surefoot.engine.dialects.postgres.lexer import LEXICON
from surefoot.engine.dialects.split import Lexicon

SOURCE = Path(__file__).parents[2] / "src" / "surefoot"
FORBIDDEN = re.compile(r"(?<!\\)(?:[*+?}]\+|\(\?>)")


@pytest.mark.parametrize("pattern", ["a*+", "a++", "a?+", "a{1,2}+", "[*]*+", "(?>a)", "(?:a|b)++c"])
def test_a_forbidden_construct_is_seen(pattern: str) -> None:
    re.compile(pattern)
    assert FORBIDDEN.search(pattern)


@pytest.mark.parametrize("pattern", [r"a\*+", r"\++", r"a\?+", "a+?", "(?:a+)+", "(?=a)", r"\(\?>"])
def test_what_only_looks_like_one_is_let_through(pattern: str) -> None:
    assert not FORBIDDEN.search(pattern)


def test_no_pattern_of_the_source_has_one() -> None:
    assert [found for path in sorted(SOURCE.rglob("*.py")) for found in forbidden(path)] == []


@pytest.mark.parametrize("rules", [LEXICON, lexicon(";", True), lexicon("//", False)])
def test_no_pattern_made_of_parts_has_one(rules: Lexicon) -> None:
    for pattern in (rules.gap, rules.scan, rules.word):
        assert not FORBIDDEN.search(pattern.pattern)


def forbidden(path: Path) -> Iterator[str]:
    """Where text of a file has one; what an f-string puts in counts as a group."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.JoinedStr | ast.Constant) and FORBIDDEN.search(text_of(node)):
            yield f"{path.relative_to(SOURCE)}:{node.lineno}"


def text_of(node: ast.expr) -> str:
    match node:
        case ast.JoinedStr():
            return "".join(text_of(value) for value in node.values)
        case ast.Constant(value=str(text)):
            return text
    return "()"
