"""goose's format."""

from __future__ import annotations

import pytest

from surefoot.engine.formats.envsub import substitute
from surefoot.engine.model import Fragment, Script
from surefoot.errors import DuplicateVersion, FolderError, MalformedFile
from tests.engine.formats.conftest import Read

FUNCTION = "CREATE FUNCTION f() RETURNS int AS $$\nBEGIN\n  RETURN 1;\nEND $$ LANGUAGE plpgsql;"
FULL = f"""-- about this file

-- +goose Up
CREATE TABLE t (id int);
-- +goose StatementBegin

{FUNCTION}
-- +goose StatementEnd
CREATE INDEX i ON t (id);

-- +goose Down
DROP TABLE t;
"""


def test_sections_become_scripts_with_whole_statements_and_lines(read: Read) -> None:
    folder = read({"00001_t.sql": FULL})
    (migration,) = folder.migrations
    assert folder.format == "goose"
    assert (migration.version, migration.name) == ("00001", "t")
    assert migration.up == (
        Script(
            "00001_t.sql",
            (
                Fragment("CREATE TABLE t (id int);\n", 4),
                Fragment(FUNCTION, 7, whole=True),
                Fragment("CREATE INDEX i ON t (id);\n\n", 12),
            ),
        ),
    )
    assert migration.down == (Script("00001_t.sql", (Fragment("DROP TABLE t;\n", 15),)),)


def test_order_is_that_of_the_numbers_and_so_is_identity(read: Read) -> None:
    files = dict.fromkeys(("10_c.sql", "9_b.sql", "00001_a.sql"), "-- +goose Up\n")
    assert [m.version for m in read(files).migrations] == ["00001", "9", "10"]
    with pytest.raises(DuplicateVersion):
        read({"1_again.sql": "-- +goose Up\n"})


@pytest.mark.parametrize("place", ["head", "up", "down"])
def test_no_transaction_holds_for_the_whole_file_wherever_it_stands(read: Read, place: str) -> None:
    at = {"head": "", "up": "", "down": ""} | {place: "-- +GOOSE no transaction\n".replace("GOOSE", "goose")}
    text = f"{at['head']}-- +goose Up\n{at['up']}A;\n-- +goose Down\n{at['down']}B;\n"
    (migration,) = read({"1_x.sql": text}).migrations
    assert migration.down is not None
    assert (migration.up[0].transaction, migration.down[0].transaction) == (False, False)


@pytest.mark.parametrize("up", ["-- +goose Up", "--+goose up", "--  +goose   UP  ", "-- + goose\n-- +goose Up"])
def test_case_and_blanks_of_an_annotation_do_not_matter(read: Read, up: str) -> None:
    (migration,) = read({"1_x.sql": f"{up}\nA;\n"}).migrations
    assert migration.up[0].text == "A;\n"


def test_a_missing_down_is_none_and_an_empty_one_a_script(read: Read) -> None:
    missing, empty = read({"1_x.sql": "-- +goose Up\nA;", "2_x.sql": "-- +goose Up\nA;\n-- +goose Down"}).migrations
    assert missing.down is None
    assert empty.down == (Script("2_x.sql", ()),)


def test_a_statement_of_comments_only_is_none(read: Read) -> None:
    text = "-- +goose Up\n-- +goose StatementBegin\n-- nothing\n\n-- +goose StatementEnd\n"
    assert read({"1_x.sql": text}).migrations[0].up[0].fragments == ()


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        ("SELECT 1;\n", "before `-- .goose Up`", 1),
        ("-- nothing\n", "no `-- .goose Up`", 1),
        ("-- x\nSELECT 1;\n-- +goose Up\n", "before `-- .goose Up`", 2),
        ("-- +goose NO TRANSACTION\n\nSELECT 1;\n-- +goose Up\n", "before `-- .goose Up`", 3),
        ("-- +goose Up\n-- +goose Up\n", "cannot stand in Up", 2),
        ("-- +goose Down\n", "before Up", 1),
        ("-- +goose Up\n-- +goose Down\n-- +goose Down\n", "in Down", 3),
        ("-- +goose StatementBegin\n", "before Up", 1),
        ("-- +goose Up\n-- +goose StatementEnd\n", "in Up", 2),
        ("-- +goose Up\n-- +goose StatementBegin\nA\n-- +goose Down\n", "in a statement of Up", 4),
        ("-- +goose Up\n-- +goose StatementBegin\n-- +goose StatementBegin\n", "in a statement", 3),
        ("-- +goose Up\n-- +goose StatementBegin\nA;\n", "never closed", 4),
        ("-- +goose Up the table\n", "not an annotation", 1),
        ("-- +goose Up\nA;\n-- see +goose's docs\n", "not an annotation", 3),
        ("-- +goose\n", "not an annotation", 1),
        ("-- +goose Up -- +goose Down\n", "not an annotation", 1),
        ("--- +goose Up\n", "not an annotation", 1),
        ("  -- +goose Up\n", "blanks", 1),
        ("-- +goose Up\nCREATE\n-- +goose StatementBegin\nA\n-- +goose StatementEnd\n", "not finished", 3),
    ],
)
def test_what_goose_refuses_is_refused(read: Read, text: str, message: str, line: int) -> None:
    with pytest.raises(MalformedFile, match=message) as caught:
        read({"1_x.sql": text}, format="goose")
    assert caught.value.details == {"file": "1_x.sql", "line": line}
    assert caught.value.hint


def test_a_comment_after_the_semicolon_does_not_hide_it(read: Read) -> None:
    text = "-- +goose Up\nA; -- done\n\n-- more\n-- +goose StatementBegin\nB\n-- +goose StatementEnd\n"
    assert [f.line for f in read({"1_x.sql": text}).migrations[0].up[0].fragments] == [2, 6]


def test_version_zero_is_refused(read: Read) -> None:
    with pytest.raises(MalformedFile, match="begin at 1"):
        read({"0_x.sql": "-- +goose Up\n"})


def test_go_migrations_are_refused_by_name(read: Read) -> None:
    files = {"1_x.sql": "-- +goose Up\n", "00002_rename.go": "package m", "3_x_test.go": "", "helper.go": ""}
    with pytest.raises(FolderError, match=r"00002_rename\.go") as caught:
        read(files)
    assert caught.value.details["files"] == ["00002_rename.go"]


def test_envsub_holds_from_on_to_off_and_leaves_comments_alone(read: Read) -> None:
    text = """-- +goose Up
SELECT '${NAME}';
-- +goose ENVSUB ON
-- ${COMMENT}
SELECT '${NAME}', '$NAME', '$$NAME';
-- +goose StatementBegin
SELECT '${NAME}'
-- +goose ENVSUB OFF
  , '${NAME}';
-- +goose StatementEnd
SELECT '${NAME}';
"""
    plain, whole, after = read({"1_x.sql": text}, variables={"NAME": "v"}).migrations[0].up[0].fragments
    assert plain.text == "SELECT '${NAME}';\n\n-- ${COMMENT}\nSELECT 'v', 'v', '$NAME';\n"
    assert whole == Fragment("SELECT 'v'\n\n  , '${NAME}';", 7, whole=True)
    assert after == Fragment("SELECT '${NAME}';\n", 11)


def test_an_unset_variable_is_refused_with_its_line(read: Read) -> None:
    with pytest.raises(MalformedFile, match="`NAME` has no value") as caught:
        read({"1_x.sql": "-- +goose ENVSUB ON\n-- +goose Up\nSELECT 1;\n\nSELECT '$NAME';\n"})
    assert caught.value.details == {"file": "1_x.sql", "line": 5}


@pytest.mark.parametrize(
    ("line", "made"),
    [
        ("no variable", "no variable"),
        ("$SET-${SET}", "value-value"),
        ("$SETA", None),
        ("${SET}A", "valueA"),
        ("${UNSET:-or $SET}", "or value"),
        ("${EMPTY:-or}|${EMPTY-or}|${UNSET-or}", "or||or"),
        ("${SET:-${UNSET}}", "value"),
        ("${UNSET:-${UNSET-deep}}}", "deep}"),
        ("${SET:1}|${SET:1:2}|${SET:-2}", "alue|al|value"),
        ("${SET: -2}|${SET: -3:-1}|${SET:9}|${SET:3:-4}", "ue|lu||"),
        ("${SET?needed}", "value"),
        ("${UNSET?needed}", None),
        ("${UNSET:1}", None),
        (r"\$SET $$SET \\ \x $(SET) 5$", r"$SET $SET \\ \x $(SET) 5$"),
        ("$1", None),
        ("${1}", None),
        ("${SET", None),
        ("${SET:-x", None),
        ("${SET!x}", None),
    ],
)
def test_substitution_is_that_of_goose_but_refuses_what_is_unset(line: str, made: str | None) -> None:
    variables = {"SET": "value", "EMPTY": ""}
    if made is None:
        with pytest.raises(ValueError, match=r"value|name|brace"):
            substitute(line, variables)
    else:
        assert substitute(line, variables) == made
