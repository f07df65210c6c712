"""Splitting for SQLite: the library's own word for where a statement ends, and the pieces executed."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surefoot.engine.dialects.split import Split
from surefoot.engine.dialects.sqlite.split import split
from surefoot.engine.model import Fragment, Script
from surefoot.errors import CommandRefused, MalformedFile


def read(text: str) -> Split:
    return split(Script("f.sql", (Fragment(text),)))


def texts(text: str) -> list[str]:
    return [statement.sql for statement in read(text).statements]


STATEMENTS = [
    "CREATE TABLE \"a;b\" (id INTEGER PRIMARY KEY, [c;d] TEXT DEFAULT 'x;', `e;f` TEXT)",
    (
        'CREATE TRIGGER one AFTER INSERT ON "a;b" BEGIN UPDATE "a;b" SET [c;d] = \';\' WHERE id = 1; '
        "SELECT CASE WHEN 1 THEN 2 END; END"
    ),
    'CREATE TEMP TRIGGER two AFTER DELETE ON "a;b" WHEN 1 BEGIN SELECT 1; /* END; */ END',
    "INSERT INTO \"a;b\" VALUES (1, 'it''s;', 5--1 ;\n)",
    "INSERT INTO \"a;b\" VALUES (2, 'größe;🦶', x'3b')",
    "SELECT 1 /* ; ' */ + 2 -- ;\n+ 3",
    "BEGIN",
    'DELETE FROM "a;b" WHERE id = 2',
    "END",
    "EXPLAIN SELECT 1",
]


def test_pieces_are_found_and_the_library_takes_each() -> None:
    found = texts("-- first\n" + ";\n".join(STATEMENTS) + ";; -- last")
    assert found == STATEMENTS
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        for sql in found:
            connection.execute(sql)
        assert connection.execute('SELECT count(*) FROM "a;b"').fetchone() == (1,)


def test_a_trigger_without_its_end_takes_the_rest_of_the_file() -> None:
    text = "CREATE TRIGGER x AFTER INSERT ON t BEGIN SELECT 1;\n" + "INSERT INTO t VALUES (1); -- one\n" * 20_000
    (statement,) = read(text).statements
    assert statement.sql.endswith("VALUES (1);")


def test_pragma_foreign_keys_is_passed_over_with_a_note() -> None:
    result = read("PRAGMA foreign_keys=OFF;\nSELECT 1;\npragma main.foreign_keys ( on );\nPRAGMA foreign_keys;")
    assert [statement.sql for statement in result.statements] == ["SELECT 1", "PRAGMA foreign_keys"]
    assert [note.line for note in result.notes] == [1, 3]


def test_the_shells_harmless_commands_are_passed_over_with_a_note() -> None:
    result = read("SELECT 1;\n.headers on\n.bail on\nSELECT 2")
    assert [statement.sql for statement in result.statements] == ["SELECT 1", "SELECT 2"]
    assert [note.line for note in result.notes] == [2, 3]


@pytest.mark.parametrize("command", [".read other.sql", ".import a b", ".shell ls", ".open x.db", ".quit", ".what"])
def test_the_shells_other_commands_are_refused(command: str) -> None:
    with pytest.raises(CommandRefused) as caught:
        read(f"SELECT 1;\n{command}\n")
    assert caught.value.details["line"] == 2
    assert caught.value.hint


@pytest.mark.parametrize("end", ["'a", '"a', "`a", "[a", "/* a", "\0"])
def test_what_has_no_end_is_malformed_where_it_begins(end: str) -> None:
    with pytest.raises(MalformedFile) as caught:
        read(f"SELECT 1;\nSELECT {end}")
    assert caught.value.details == {"file": "f.sql", "line": 2}


def test_a_whole_fragment_is_one_statement_as_it_stands() -> None:
    fragments = (Fragment("CREATE TRIGGER x AFTER INSERT ON t BEGIN SELECT 1; END;\n", whole=True), Fragment(";", 3))
    (statement,) = split(Script("f.sql", fragments)).statements
    assert statement.sql == "CREATE TRIGGER x AFTER INSERT ON t BEGIN SELECT 1; END"


def test_words_leave_out_quoted_text_and_numbers() -> None:
    (statement,) = read("insert into [a] (\"b\", `c`, d1) values (x'00', 'e', 1e5, 5--f\n, g)").statements
    assert statement.words == ("INSERT", "INTO", "D1", "VALUES", "G")


PIECES = st.sampled_from([sql for sql in STATEMENTS if "\n" not in sql])
GAPS = st.sampled_from(["", " ", "\n", " -- ;'\n", " /* ;` */ ", "\n--\n"])


@given(st.lists(st.tuples(GAPS, PIECES, GAPS), max_size=6))
def test_pieces_come_back_with_their_lines(pieces: list[tuple[str, str, str]]) -> None:
    text = ";".join("".join(piece) for piece in pieces)
    statements = read(text).statements
    assert [statement.sql for statement in statements] == [piece for _, piece, _ in pieces]
    assert all(each.sql in text.split("\n")[each.line - 1] for each in statements)


@given(st.text(alphabet="a$'\"`[];/*-() \n1é.", max_size=40))
def test_any_text_is_split_or_refused_with_a_line(text: str) -> None:
    try:
        assert all(statement.sql in text and statement.sql.strip() for statement in read(text).statements)
        return
    except (MalformedFile, CommandRefused) as error:
        caught = error
    assert 1 <= int(str(caught.details["line"])) <= text.count("\n") + 1
