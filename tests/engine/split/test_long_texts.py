"""Texts with more of one thing than a pattern takes at a time, on every database: nothing changes at that place."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from surefoot.engine.dialects.mysql.names import named
from surefoot.engine.dialects.mysql.split import split as mysql
from surefoot.engine.dialects.postgres.split import split as postgres
from surefoot.engine.dialects.split import Split
from surefoot.engine.dialects.sqlite.split import split as sqlite
from surefoot.engine.model import Fragment, Script, Statement

Splitter = Callable[[Script], Split]
EVERYWHERE = [postgres, mysql, sqlite]
# On both sides of the bound, for things of one part and of two, and beyond its first multiple.
TIMES = [249, 250, 251, 499, 500, 501, 502, 1001]


def statements(split: Splitter, text: str) -> tuple[Statement, ...]:
    return split(Script("f.sql", (Fragment(text),))).statements


def assert_whole(split: Splitter, first: str) -> None:
    assert [each.sql for each in statements(split, f"{first};SELECT 2;")] == [first, "SELECT 2"]


@pytest.mark.parametrize("split", EVERYWHERE)
@pytest.mark.parametrize("times", TIMES)
@pytest.mark.parametrize(
    "unit", ["(1, ';'),", "'a'';', ", '"a;", ', "- /x", "/* ; */ - ", "-- ;\n+", "/*;*//*;*/\n-- ;\n"]
)
def test_a_statement_of_many_things_stays_whole(split: Splitter, times: int, unit: str) -> None:
    assert_whole(split, f"SELECT {unit * times}1")


@pytest.mark.parametrize("split", EVERYWHERE)
@pytest.mark.parametrize("times", TIMES)
@pytest.mark.parametrize("before", ["", "/**/"])
@pytest.mark.parametrize("gap", ["/* ; */ ", "-- ;\n", "/*;*//*;*/\n-- ;\n"])
def test_gaps_are_no_part_of_a_statement_and_hide_no_word(split: Splitter, times: int, gap: str, before: str) -> None:
    gaps = before + gap * times
    text = f"SELECT {gaps} x"
    (found,) = statements(split, f"{gaps}{text} {gaps};{gaps}")
    assert (found.sql, found.words, found.line) == (text, ("SELECT", "X"), gaps.count("\n") + 1)


@pytest.mark.parametrize("split", EVERYWHERE)
@pytest.mark.parametrize("times", TIMES)
@pytest.mark.parametrize("inside", ["*", "* ;", "/ ;", "\n * ;'\""])
def test_a_comment_with_many_signs_ends_where_it_ends(split: Splitter, times: int, inside: str) -> None:
    comment = f"/* {inside * times} */"
    assert_whole(split, f"SELECT {comment} 1")
    assert [each.words for each in statements(split, f"SELECT {comment} x {comment}")] == [("SELECT", "X")]


@pytest.mark.parametrize("times", TIMES)
@pytest.mark.parametrize(("split", "opening"), [(postgres, "E'"), (mysql, "'"), (mysql, '"')])
@pytest.mark.parametrize("escape", [r"\';", r"\\", r"\";"])
def test_a_text_with_many_escapes_ends_where_it_ends(split: Splitter, opening: str, times: int, escape: str) -> None:
    text = opening + escape * times + opening[-1]
    assert_whole(split, f"SELECT {text} x")
    assert [each.words for each in statements(split, f"SELECT {text} x")] == [("SELECT", "X")]


@pytest.mark.parametrize("times", TIMES)
def test_what_only_one_database_knows_stays_whole(times: int) -> None:
    assert_whole(postgres, "SELECT " + "B'1', X'1', N'a;', U&'b;', U&\"c;\", " * times + "d")
    assert_whole(postgres, "SELECT (" + "'a;', " * times + "(1))")
    assert_whole(postgres, "SELECT E'a'" + "\n -- ;'\n '\\';'" * times)
    assert_whole(mysql, "SELECT " + r"\N" * times)
    assert_whole(mysql, "SELECT 1 " + "/*!50003 + ';' */ " * times + "+ 1")
    assert_whole(sqlite, "SELECT " + "[a;], x'00', " * times + "1")


@pytest.mark.parametrize("times", TIMES)
def test_names_in_a_long_text_or_comment_mislead_nobody(times: int) -> None:
    text, comment = r"\'" * times, "* " * times
    found = named(f"ALTER TABLE a COMMENT '{text} RENAME TO b' /* {comment} RENAME TO c */, RENAME TO d")
    assert found is not None
    assert found.names == (("a",), ("d",))


@pytest.mark.parametrize("times", TIMES)
def test_a_program_goes_on_behind_a_long_text_and_a_long_comment(times: int) -> None:
    text, comment = r"\'; END; " * times, "* END; " * times
    assert_whole(mysql, f"CREATE PROCEDURE p() BEGIN SELECT '{text}'; /* {comment} */ SELECT 1; END")
