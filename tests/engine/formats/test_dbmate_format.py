"""dbmate's format."""

from __future__ import annotations

import pytest

from surefoot.engine.model import Fragment, Script
from surefoot.errors import DuplicateVersion, MalformedFile
from tests.engine.formats.conftest import Read

PAIR = "-- migrate:up\nCREATE TABLE t (id int);\n\n-- migrate:down\nDROP TABLE t;\n"


def test_sections_become_scripts_with_their_lines(read: Read) -> None:
    folder = read({"20240101_add_t.sql": f"-- about t\n\n{PAIR}"})
    (migration,) = folder.migrations
    assert folder.format == "dbmate"
    assert (migration.version, migration.name) == ("20240101", "add_t")
    path = "20240101_add_t.sql"
    assert migration.up == (Script(path, (Fragment("CREATE TABLE t (id int);\n\n", 4),)),)
    assert migration.down == (Script(path, (Fragment("DROP TABLE t;\n", 7),)),)


def test_several_pairs_keep_the_order_of_the_file_both_ways(read: Read) -> None:
    text = "-- migrate:up\nA;\n-- migrate:down\nB;\n-- migrate:up\nC;\n-- migrate:down\nD;\n"
    (migration,) = read({"1_x.sql": text}).migrations
    assert [(s.text, s.fragments[0].line) for s in migration.up] == [("A;\n", 2), ("C;\n", 6)]
    assert [(s.text, s.fragments[0].line) for s in migration.down or ()] == [("B;\n", 4), ("D;\n", 8)]


def test_the_transaction_option_belongs_to_its_section(read: Read) -> None:
    text = "--migrate:up  transaction:false\nVACUUM;\n-- migrate:down transaction:true\nSELECT 1;\n"
    folder = read({"1_x.sql": text})
    (migration,) = folder.migrations
    assert migration.down is not None
    assert (migration.up[0].transaction, migration.down[0].transaction) == (False, True)
    assert folder.notes == ()


@pytest.mark.parametrize("options", ["transaction: false", "transaction:no", "transaction:False", "later"])
def test_options_that_dbmate_ignores_are_noted(read: Read, options: str) -> None:
    folder = read({"1_x.sql": f"-- migrate:up {options}\nSELECT 1;\n-- migrate:down\n"})
    assert folder.migrations[0].up[0].transaction
    assert {(note.path, note.line) for note in folder.notes} == {("1_x.sql", 1)}


def test_an_empty_down_stays_a_script_and_a_missing_one_is_none(read: Read) -> None:
    folder = read({"1_x.sql": "-- migrate:up\nA;\n-- migrate:down\n\n", "2_y.sql": "-- migrate:up\nA;"})
    empty, missing = folder.migrations
    assert empty.down == (Script("1_x.sql", ()),)
    assert missing.down is None


def test_order_is_that_of_the_file_names_as_in_dbmate(read: Read) -> None:
    folder = read(dict.fromkeys(("2_b.sql", "10_c.sql", "1_a.sql", "1000x.sql"), PAIR))
    assert [m.version for m in folder.migrations] == ["1000", "10", "1", "2"]


def test_a_version_is_text_so_that_zeros_count(read: Read) -> None:
    assert len(read({"01_a.sql": PAIR, "1_a.sql": PAIR}).migrations) == 2
    with pytest.raises(DuplicateVersion):
        read({"1_b.sql": PAIR})


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        ("SELECT 1;\n", "no `-- migrate:up`", 1),
        ("-- migrate:upwards\n", "no `-- migrate:up`", 1),
        (" -- migrate:up\nA;\n", "no `-- migrate:up`", 1),
        ("-- x\nSELECT 1;\n-- migrate:up\nA;\n", "before the first", 2),
        ("-- migrate:down\nB;\n-- migrate:up\nA;\n", "before the first", 2),
        ("-- migrate:down\n-- migrate:up\nA;\n", "of its own", 1),
        ("-- migrate:up\nA;\n-- migrate:down\nB;\n-- migrate:down\nC;\n", "of its own", 5),
        ("-- migrate:up\nA;\n-- migrate:up\nB;\n-- migrate:down\nC;\n", "some have none", 3),
        ("-- migrate:up\nA;\n-- migrate:down\nB;\n-- migrate:up\nC;\n", "some have none", 5),
    ],
)
def test_what_dbmate_refuses_is_refused(read: Read, text: str, message: str, line: int) -> None:
    with pytest.raises(MalformedFile, match=message) as caught:
        read({"1_x.sql": text}, format="dbmate")
    assert caught.value.details == {"file": "1_x.sql", "line": line}
    assert caught.value.hint
