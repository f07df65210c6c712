"""Flyway's format: versioned and undo migrations."""

from __future__ import annotations

import pytest

from surefoot.engine.model import Fragment, Migration, Script
from surefoot.errors import DuplicateVersion, FolderError, MalformedFile
from tests.engine.formats.conftest import Read


def test_versioned_and_undo_files_become_a_migration(read: Read) -> None:
    folder = read({"V1_2__add_the_users.sql": "A;", "U1.2__add_the_users.sql": "B;"})
    assert folder.format == "flyway"
    assert folder.migrations == (
        Migration(
            "1.2",
            "add the users",
            (Script("V1_2__add_the_users.sql", (Fragment("A;"),)),),
            (Script("U1.2__add_the_users.sql", (Fragment("B;"),)),),
        ),
    )


def test_version_parts_are_compared_as_numbers(read: Read) -> None:
    names = (
        "V1.10__x.sql",
        "V1.9__x.sql",
        "V2__x.sql",
        "V1_9_1__x.sql",
        "sub/V1__x.sql",
        "V10.sql",
        "V003__.sql",
    )
    folder = read(dict.fromkeys(names, "A;"))
    assert [m.version for m in folder.migrations] == ["1", "1.9", "1.9.1", "1.10", "2", "003", "10"]


@pytest.mark.parametrize("other", ["V1.0__y.sql", "V01__y.sql", "sub/V1__x.sql"])
def test_equal_versions_are_duplicates_however_written(read: Read, other: str) -> None:
    with pytest.raises(DuplicateVersion):
        read({"V1__x.sql": "A;", other: "B;"})


def test_an_undo_without_its_migration_is_refused(read: Read) -> None:
    with pytest.raises(MalformedFile, match="U2__x"):
        read({"V1__x.sql": "A;", "U2__x.sql": "B;"})


@pytest.mark.parametrize("name", ["R__view.sql", "sub/R__view.sql", "B12__base.sql"])
def test_repeatable_and_baseline_files_are_refused_not_skipped(read: Read, name: str) -> None:
    with pytest.raises(MalformedFile, match=name) as caught:
        read({"V1__x.sql": "A;", name: "B;"})
    assert "versioned" in caught.value.hint


def test_code_and_callbacks_do_not_vanish_in_silence(read: Read) -> None:
    folder = read({"V1__x.sql": "A;", "afterMigrate.sql": "B;", "V2_x.sql": "C;"})
    assert [note.path for note in folder.notes] == ["V2_x.sql", "afterMigrate.sql"]
    with pytest.raises(FolderError, match="V3__code"):
        read({"V3__code.java": "class V3__code {}"})


def test_the_conf_file_decides_on_transaction_and_placeholders(read: Read) -> None:
    conf = "# about\nexecuteInTransaction=false\nplaceholderReplacement = FALSE\nencoding=UTF-8\n"
    folder = read({"V1__x.sql": "SELECT '${x}';", "V1__x.sql.conf": conf, "V2__y.sql": "A;"})
    one, two = folder.migrations
    assert (one.up[0].transaction, two.up[0].transaction) == (False, True)
    assert one.up[0].text == "SELECT '${x}';"
    assert folder.notes == ()


def test_what_a_conf_file_says_beyond_that_is_noted_or_refused(read: Read) -> None:
    folder = read({"V1__x.sql": "A;", "V1__x.sql.conf": "encoding=ISO-8859-1\nother=1\n"})
    assert [(note.path, note.line) for note in folder.notes] == [("V1__x.sql.conf", 1), ("V1__x.sql.conf", 2)]
    for line in ("executeInTransaction=maybe", "shouldExecute=${run}==1"):
        with pytest.raises(MalformedFile, match=line.partition("=")[0]):
            read({"V1__x.sql.conf": line})


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("${schema}.t", "app.t"),
        ("${SCHEMA}, ${loop}, ${flyway:table}", "app, ${schema}, h"),
        ("-- ${schema}\n", "-- app\n"),
        ("'$${schema}'", "'$${schema}'"),
        ("$$ ${schema} $$", "$$ app $$"),
        ("$$${schema}", "$$app"),
        ("$1 $a", "$1 $a"),
        ("{schema} $ {schema}", "{schema} $ {schema}"),
    ],
)
def test_placeholders_take_their_values_as_flyway_scans(read: Read, text: str, made: str) -> None:
    variables = {"schema": "app", "loop": "${schema}", "flyway:table": "h"}
    assert read({"V1__x.sql": text}, variables=variables).migrations[0].up[0].text == made


@pytest.mark.parametrize(
    ("text", "message"),
    [("A;\n\nB ${other};", r"`\$\{other\}` has no value"), ("A;\n\n${x", "never closed")],
)
def test_a_placeholder_without_value_is_refused_with_its_line(read: Read, text: str, message: str) -> None:
    with pytest.raises(MalformedFile, match=message) as caught:
        read({"V1__x.sql": text})
    assert caught.value.details == {"file": "V1__x.sql", "line": 3}
    assert caught.value.hint
