"""Listing, detection, and new migrations."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surefoot.engine.formats import FORMATS, new_migration, read_folder
from surefoot.engine.formats.shape import next_version
from surefoot.engine.model import Folder, Fragment, Migration, Script
from surefoot.errors import FolderError, FormatAmbiguous, FormatUnknown, MalformedFile, UsageError
from tests.engine.formats.conftest import Read

NOW = datetime(2026, 3, 1, 1, 30, tzinfo=timezone(timedelta(hours=2)))
DBMATE = "-- migrate:up\nA;\n-- migrate:down\nB;\n"
GOOSE = "-- +goose Up\nA;\n-- +goose Down\nB;\n"


def test_a_missing_folder_is_refused_with_a_hint(tmp_path: Path) -> None:
    with pytest.raises(FolderError, match="migrations") as caught:
        read_folder(tmp_path / "migrations")
    assert "--dir" in caught.value.hint


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "x.sql").touch()
    with pytest.raises(FolderError):
        read_folder(tmp_path / "x.sql")


@pytest.mark.parametrize("form", [None, *FORMATS])
def test_an_empty_folder_is_empty_whatever_else_lies_there(tmp_path: Path, read: Read, form: str | None) -> None:
    files = {"README.md": "x", ".gitkeep": "", ".hidden/1_x.up.sql": "A", "atlas.sum": "x"}
    assert read(files, format=form) == Folder(str(tmp_path), form or "native", ())


@pytest.mark.parametrize("form", [None, *FORMATS])
def test_files_of_no_format_are_refused_with_what_was_looked_for(read: Read, form: str | None) -> None:
    with pytest.raises(FormatUnknown, match=r"schema\.sql") as caught:
        read({"schema.sql": "A;", "README.md": ""}, format=form)
    assert FORMATS[form or "goose"].layout in caught.value.hint
    assert caught.value.details["files"] == ["schema.sql"]


def test_plain_numbered_files_fit_nothing(read: Read) -> None:
    with pytest.raises(FormatUnknown, match="and others"):
        read({f"{number}_x.sql": "SELECT 1;" for number in range(1, 6)})


def test_files_beside_the_migrations_are_noted_if_they_look_like_one(read: Read) -> None:
    names = ("schema.sql", "2_y.sql", "sub/3_z.up.sql", "4_code.py", "5_x.up.json", "notes.txt", "Makefile")
    folder = read({"1_x.up.sql": "A;"} | dict.fromkeys(names, "B;"))
    assert [m.version for m in folder.migrations] == ["1"]
    assert [note.path for note in folder.notes] == sorted(names[:5])
    assert all("native reads <version>_<name>.up.sql" in note.text for note in folder.notes)


@pytest.mark.parametrize(
    ("files", "form"),
    [
        ({"1_x.up.sql": "A;"}, "native"),
        ({"1_x.sql": DBMATE}, "dbmate"),
        ({"1_x.sql": GOOSE}, "goose"),
        ({"1_x/up.sql": "A;"}, "diesel"),
        ({"V1__x.sql": "A;"}, "flyway"),
    ],
)
def test_the_format_is_found_out(read: Read, files: dict[str, str], form: str) -> None:
    assert read(files).format == form
    assert read(files, format=form).format == form


@pytest.mark.parametrize("marker", ["-- migrate:up", "-- +goose Up"])
def test_formats_that_would_do_the_same_are_not_ambiguous(read: Read, marker: str) -> None:
    folder = read({"1_x.up.sql": f"-- about\n{marker}\nCREATE TABLE t (id int);\n"})
    assert (folder.format, folder.migrations[0].name) == ("native", "x")


@pytest.mark.parametrize(
    ("files", "difference"),
    [
        ({"1_x.up.sql": GOOSE}, "of 1_x.up.sql they would take another set of statements"),
        (
            {"1_x.up.sql": "-- migrate:up transaction:false\nA;\n"},
            "of 1_x.up.sql they would take another transaction mode",
        ),
        (
            {"1_x.up.sql": "-- migrate:up\nA;\n", "10_x.up.sql": "-- migrate:up\nB;\n"},
            "at one place in the order native has 1_x.up.sql, and dbmate has 10_x.up.sql",
        ),
        ({"1_x.up.sql": "A;", "2_y.sql": GOOSE}, "goose would refuse it (1_x.up.sql, line 1: a statement"),
        (
            {"1_x.up.sql": "-- migrate:up\nA;\n", "2_y.sql": DBMATE},
            "2_y.sql is a migration for dbmate, and none",
        ),
        (
            {"1_x.up.sql": "A;", "V2__y.sql": "B;"},
            "1_x.up.sql is a migration for native, and none for flyway",
        ),
    ],
)
def test_formats_that_would_differ_are_ambiguous(read: Read, files: dict[str, str], difference: str) -> None:
    with pytest.raises(FormatAmbiguous) as caught:
        read(files)
    assert difference in caught.value.message
    assert "folder_format = " in caught.value.hint
    assert len(caught.value.details["formats"]) == 2  # type: ignore[arg-type]  # a list in JSON
    assert read(files, format="native").format == "native"


def test_files_that_every_fitting_format_refuses_are_refused(read: Read) -> None:
    with pytest.raises(FormatAmbiguous, match="would refuse it"):
        read({"1_x.sql": f"SELECT 1;\n{DBMATE}{GOOSE}"})


def test_the_error_of_a_file_names_file_and_line(read: Read) -> None:
    with pytest.raises(MalformedFile) as caught:
        read({"1_x.up.sql": b"SELECT 1;\n\xff"})
    assert caught.value.details["line"] == 2


@pytest.mark.parametrize(("option", "value"), [("format", "liquibase"), ("identity", "title")])
def test_an_unknown_format_or_identity_is_a_usage_error(read: Read, option: str, value: str) -> None:
    with pytest.raises(UsageError, match=value):
        read({}, **{option: value})


def test_files_that_are_symbolic_links_are_read(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "text").write_text("A;")
    (tmp_path / "linked").mkdir()
    (tmp_path / "linked" / "1_x.up.sql").symlink_to(tmp_path / "real" / "text")
    assert read_folder(tmp_path / "linked").migrations[0].up[0].text == "A;"


@pytest.mark.parametrize("form", FORMATS)
def test_a_new_migration_is_read_back_in_its_format(tmp_path: Path, form: str) -> None:
    root = tmp_path / "db" / "migrations"
    paths = new_migration(root, form, "Add the users!", NOW)
    assert all(path.is_file() for path in paths)
    (migration,) = read_folder(root, format=form).migrations
    assert migration.version == "20260228233000"
    assert migration.name.replace(" ", "_") == "Add_the_users"
    assert migration.down is not None
    assert read_folder(root).format == form


@pytest.mark.parametrize("form", FORMATS)
def test_new_migrations_of_one_second_keep_their_order(tmp_path: Path, form: str) -> None:
    for name in ("b", "a"):
        new_migration(tmp_path, form, name, NOW)
    assert [m.name for m in read_folder(tmp_path).migrations] == ["b", "a"]


@pytest.mark.parametrize(
    ("existing", "version"),
    [
        ([], "20260228233000"),
        (["000001", "000012"], "000013"),
        (["9"], "10"),
        (["1.2", "1.9"], "1.10"),
        (["1481574547"], "20260228233000"),
        (["20240101"], "20260228233000"),
        (["20260228232959"], "20260228233000"),
        (["20260228233000"], "20260228233001"),
        (["20270101000000"], "20270101000001"),
        (["20240101.1"], "20260228233000"),
    ],
)
def test_a_new_version_goes_on_from_the_folders_own(existing: list[str], version: str) -> None:
    assert next_version(existing, NOW) == version


def test_a_sequence_goes_on_in_the_folder(tmp_path: Path, read: Read) -> None:
    read({"000009_x.up.sql": "A;", "000008_w.up.sql": "A;"})
    (up, down) = new_migration(tmp_path, "native", "y", NOW)
    assert (up.name, down.name) == ("000010_y.up.sql", "000010_y.down.sql")


def test_nothing_is_written_over(tmp_path: Path) -> None:
    (tmp_path / "20260228233000_x.up.sql").symlink_to("elsewhere")
    with pytest.raises(FolderError, match="there already"):
        new_migration(tmp_path, "native", "x", NOW)
    assert not (tmp_path / "elsewhere").exists()


def test_a_name_of_no_letters_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        new_migration(tmp_path, "native", "!?", NOW)


VISIBLE = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"], exclude_characters="$+:\ufeff"))
SQL = st.lists(VISIBLE, min_size=1, max_size=3).map(lambda lines: "".join(f"x {line};\n" for line in lines))
SCHEMAS = st.dictionaries(
    st.integers(1, 10**14),
    st.tuples(st.from_regex(r"[a-z]{1,8}", fullmatch=True), SQL, SQL | st.none()),
    min_size=1,
    max_size=6,
)


def written(form: str, version: int, name: str, up: str, down: str | None) -> tuple[dict[str, str], Migration]:
    """The files of a migration in a format, and the migration that they are."""
    base, line = f"{version}_{name}", 2 if form in ("dbmate", "goose") else 1
    paths = {
        "native": (f"{base}.up.sql", f"{base}.down.sql"),
        "diesel": (f"{base}/up.sql", f"{base}/down.sql"),
        "flyway": (f"V{version}__{name}.sql", f"U{version}__{name}.sql"),
    }.get(form, (f"{base}.sql", f"{base}.sql"))
    marks = {
        "dbmate": ("-- migrate:up\n", "-- migrate:down\n"),
        "goose": ("-- +goose Up\n", "-- +goose Down\n"),
    }
    up_mark, down_mark = marks.get(form, ("", ""))
    files = {paths[0]: up_mark + up}
    if down is not None:
        files[paths[1]] = (files[paths[0]] if paths[0] == paths[1] else "") + down_mark + down
    down_line = line + up.count("\n") + 1 if up_mark else 1
    scripts = None if down is None else (Script(paths[1], (Fragment(down, down_line),)),)
    return files, Migration(str(version), name, (Script(paths[0], (Fragment(up, line),)),), scripts)


@pytest.mark.parametrize("form", FORMATS)
@settings(max_examples=40, deadline=None)
@given(schema=SCHEMAS)
def test_a_generated_folder_is_read_back_as_it_was(form: str, schema: dict[int, tuple[str, str, str | None]]) -> None:
    expected = []
    with TemporaryDirectory() as directory:
        for version, (name, up, down) in schema.items():
            files, migration = written(form, version, name, up, down)
            expected.append(migration)
            for path, text in files.items():
                (Path(directory) / path).parent.mkdir(exist_ok=True)
                (Path(directory) / path).write_text(text, encoding="utf-8", newline="\n")
        folder = read_folder(Path(directory))
    # dbmate compares names, Diesel versions as text, the others numbers.
    keys = {"dbmate": lambda m: m.up[0].path, "diesel": lambda m: m.version}
    expected.sort(key=keys.get(form, lambda m: int(m.version)))
    assert (folder.format, folder.migrations, folder.notes) == (form, tuple(expected), ())


def test_the_stamp_is_in_utc() -> None:
    assert next_version([], datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)) == "20260102030405"
