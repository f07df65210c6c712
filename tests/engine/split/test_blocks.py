"""Cutting scripts into blocks: what is one transaction, what is not, and what is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surefoot.engine.dialects.blocks import cut
from surefoot.engine.dialects.mysql.classify import outside as mysql_outside
from surefoot.engine.dialects.mysql.split import split as mysql_split
from surefoot.engine.dialects.postgres.classify import outside
from surefoot.engine.dialects.postgres.split import split
from surefoot.engine.dialects.sqlite.classify import outside as sqlite_outside
from surefoot.engine.dialects.sqlite.split import split as sqlite_split
from surefoot.engine.model import Block, Fragment, Script
from surefoot.errors import TransactionRefused

Shape = list[tuple[bool, list[str]]]


def script(text: str, transaction: bool = True) -> Script:
    return Script("f.sql", (Fragment(text),), transaction)


def shape(blocks: tuple[Block, ...]) -> Shape:
    return [(block.transactional, [statement.sql for statement in block.statements]) for block in blocks]


def postgres(*scripts: Script) -> Shape:
    return shape(cut(scripts, split, outside)[0])


def mysql(text: str, transaction: bool = True) -> Shape:
    return shape(cut([script(text, transaction)], mysql_split, mysql_outside)[0])


def test_scripts_that_want_a_transaction_share_one_block() -> None:
    assert postgres(script("A; B"), script("C")) == [(True, ["A", "B", "C"])]


def test_nothing_to_do_is_no_block() -> None:
    assert postgres(script("-- nothing"), script("BEGIN; COMMIT;")) == []
    assert postgres(script("BEGIN; COMMIT;", transaction=False)) == []


def test_notes_of_all_scripts_are_kept() -> None:
    _, notes = cut([script("\\echo a"), script("\\echo b\nSELECT 1")], split, outside)
    assert len(notes) == 2


@pytest.mark.parametrize(
    "text",
    [
        "-- mine\nBEGIN;\nA; B;\nCOMMIT;\n-- end",
        "begin work; A; B; end",
        "START TRANSACTION; A; B; END TRANSACTION;",
        "BEGIN TRANSACTION ISOLATION LEVEL READ COMMITTED READ WRITE; A; B; COMMIT AND NO CHAIN",
        "A; B; COMMIT",
    ],
)
def test_a_scripts_own_begin_and_commit_are_markers(text: str) -> None:
    assert postgres(script(text), script("BEGIN; C; COMMIT")) == [(True, ["A", "B", "C"])]


def test_settings_may_stand_around_the_markers() -> None:
    text = "SET a = 1; BEGIN; A; COMMIT; SET a = 2"
    assert postgres(script(text)) == [(True, ["SET a = 1", "A", "SET a = 2"])]


def test_savepoints_stay() -> None:
    kept = ["SAVEPOINT s", "A", "ROLLBACK TO s", "ROLLBACK WORK TO SAVEPOINT s", "RELEASE s"]
    assert postgres(script(";".join(["BEGIN", *kept, "COMMIT"]))) == [(True, kept)]


@pytest.mark.parametrize(
    ("text", "line", "hint"),
    [
        ("A;\nCOMMIT;\nB", 2, "Split the file"),
        ("BEGIN;\nA;\nCOMMIT;\nBEGIN;\nB;\nCOMMIT", 1, "Split the file"),
        ("A;\nBEGIN;\nB;\nCOMMIT", 2, "Split the file"),
        ("BEGIN;\nA", 1, "Split the file"),
        ("A;\nROLLBACK", 2, "Remove it"),
        ("BEGIN;\nA;\nABORT", 1, "Split the file"),
        ("A;\nPREPARE TRANSACTION 'x'", 2, "Split the file"),
        ("BEGIN;\nA;\nCOMMIT AND CHAIN", 1, "Split the file"),
        ("\nBEGIN ISOLATION LEVEL SERIALIZABLE; A; COMMIT", 2, "SET TRANSACTION"),
        ("\nBEGIN READ ONLY; A; COMMIT", 2, "SET TRANSACTION"),
    ],
)
def test_control_that_would_split_the_transaction_is_refused(text: str, line: int, hint: str) -> None:
    with pytest.raises(TransactionRefused) as caught:
        postgres(script(text))
    assert caught.value.details == {"file": "f.sql", "line": line}
    assert hint in caught.value.hint


def test_a_statement_that_cannot_be_in_a_transaction_cuts_its_script_only() -> None:
    first = script("A; B; CREATE INDEX CONCURRENTLY i ON t (a); VACUUM; C")
    assert postgres(script("X"), first, script("BEGIN; Y; Z; COMMIT")) == [
        (True, ["X"]),
        (True, ["A", "B"]),
        (False, ["CREATE INDEX CONCURRENTLY i ON t (a)"]),
        (False, ["VACUUM"]),
        (True, ["C"]),
        (True, ["Y", "Z"]),
    ]
    (block,) = cut([script("VACUUM")], split, outside)[0]
    assert block.reason == "VACUUM cannot run inside a transaction"


def test_the_markers_of_a_script_that_is_cut_are_dropped_too() -> None:
    text = "BEGIN; A; CREATE INDEX CONCURRENTLY i ON t (a); COMMIT"
    assert postgres(script(text)) == [(True, ["A"]), (False, ["CREATE INDEX CONCURRENTLY i ON t (a)"])]


def test_the_authors_transactions_in_a_script_that_is_cut_are_kept() -> None:
    text = "BEGIN; A; B; COMMIT; VACUUM; C; BEGIN; D; COMMIT; E"
    assert postgres(script(text)) == [
        (True, ["A", "B"]),
        (False, ["VACUUM"]),
        (True, ["C"]),
        (True, ["D"]),
        (True, ["E"]),
    ]


def test_other_scripts_beside_a_cut_one_stay_one_transaction() -> None:
    with pytest.raises(TransactionRefused):
        postgres(script("VACUUM"), script("A; COMMIT; B"))


def test_without_a_transaction_each_statement_is_a_block() -> None:
    text = "A; CALL p(); DO $$ $$; BEGIN; B; C; COMMIT; D"
    assert postgres(script(text, transaction=False), script("E; F")) == [
        (True, ["A"]),
        (False, ["CALL p()"]),
        (False, ["DO $$ $$"]),
        (True, ["B", "C"]),
        (True, ["D"]),
        (True, ["E", "F"]),
    ]


@pytest.mark.parametrize(
    ("text", "line", "hint"),
    [
        ("BEGIN;\nA;\nVACUUM;\nCOMMIT", 3, "Move it out"),
        ("A;\nBEGIN;\nB", 2, "Add the COMMIT"),
        ("BEGIN;\nA;\nROLLBACK", 3, "Remove it"),
        ("BEGIN;\nBEGIN;\nCOMMIT", 2, "in pairs"),
        ("A;\nCOMMIT", 2, "in pairs"),
    ],
)
def test_without_a_transaction_the_authors_own_must_be_whole(text: str, line: int, hint: str) -> None:
    with pytest.raises(TransactionRefused) as caught:
        postgres(script(text, transaction=False))
    assert caught.value.details == {"file": "f.sql", "line": line}
    assert hint in caught.value.hint


def test_a_new_enum_value_gets_its_own_transaction_where_another_script_uses_it() -> None:
    add, use = "ALTER TYPE mood ADD VALUE 'fine'", "INSERT INTO t VALUES ('fine')"
    assert postgres(script(f"{add}; A; {use}")) == [(True, [add]), (True, ["A", use])]
    assert postgres(script(f"{add}; A"), script(use)) == [(True, [add, "A"]), (True, [use])]
    assert postgres(script(f"{add}; A"), script("B")) == [(True, [add, "A", "B"])]


def test_ddl_on_mysql_stands_alone_and_other_statements_share() -> None:
    text = "INSERT 1; INSERT 2; CREATE TABLE t (a INT); UPDATE 3; DELETE 4"
    assert mysql(text) == [
        (True, ["INSERT 1", "INSERT 2"]),
        (False, ["CREATE TABLE t (a INT)"]),
        (True, ["UPDATE 3", "DELETE 4"]),
    ]
    assert mysql("INSERT 1; CREATE TEMPORARY TABLE t (a INT); COMMIT") == [
        (True, ["INSERT 1", "CREATE TEMPORARY TABLE t (a INT)"])
    ]


def test_a_mysql_dump_with_its_own_transaction_is_cut() -> None:
    text = "SET SQL_MODE=''; SET AUTOCOMMIT=0; START TRANSACTION; CREATE TABLE t (a INT); INSERT 1; COMMIT; SET a=1;"
    assert mysql(text) == [
        (True, ["SET SQL_MODE=''"]),
        (False, ["CREATE TABLE t (a INT)"]),
        (True, ["INSERT 1", "SET a=1"]),
    ]


def test_compound_statements_on_mysql_are_no_transaction_control() -> None:
    assert mysql("BEGIN NOT ATOMIC SELECT 1; END") == [(False, ["BEGIN NOT ATOMIC SELECT 1; END"])]
    with pytest.raises(TransactionRefused):
        mysql("XA START 'x'")


def test_sqlite_is_one_transaction_but_for_what_cannot_be() -> None:
    text = "PRAGMA foreign_keys=OFF; BEGIN IMMEDIATE TRANSACTION; A; COMMIT; PRAGMA foreign_keys=ON"
    blocks, notes = cut([script(text), script("B")], sqlite_split, sqlite_outside)
    assert shape(blocks) == [(True, ["A", "B"])]
    assert len(notes) == 2
    assert shape(cut([script("A; VACUUM")], sqlite_split, sqlite_outside)[0]) == [(True, ["A"]), (False, ["VACUUM"])]


PIECES = st.sampled_from(["A", "B", "VACUUM", "SAVEPOINT s", "CALL p()", "CREATE INDEX CONCURRENTLY i ON t (a)"])
GROUPS = st.lists(st.sampled_from(["A", "B", "SAVEPOINT s"])).map(lambda each: ["BEGIN", *each, "COMMIT"])
SCRIPTS = st.tuples(
    st.one_of(
        st.lists(PIECES),
        st.lists(st.one_of(GROUPS, PIECES.map(lambda one: [one]))).map(
            lambda groups: [one for group in groups for one in group]
        ),
    ),
    st.booleans(),
)


@given(st.lists(SCRIPTS, max_size=3))
def test_every_statement_is_in_one_block_in_order(parts: list[tuple[list[str], bool]]) -> None:
    scripts = [script(";".join(pieces), transaction) for pieces, transaction in parts]
    try:
        blocks, _ = cut(scripts, split, outside)
    except TransactionRefused:
        return
    kept = [piece for pieces, _ in parts for piece in pieces if piece not in {"BEGIN", "COMMIT"}]
    assert [statement.sql for block in blocks for statement in block.statements] == kept
    assert all(block.statements for block in blocks)
    assert all(block.transactional or (len(block.statements) == 1 and block.reason) for block in blocks)
