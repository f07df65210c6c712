"""A way back that is written into a file is read there again, and nothing else in the file changes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from surefoot.engine.checksum import checksum
from surefoot.engine.formats.folder import read_folder
from surefoot.engine.formats.way_back import add_down
from surefoot.engine.model import Folder, Migration
from surefoot.errors import Refused

FUNCTION = "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN 1; END $$"
# By format: the files before, and the file that has the way back afterwards.
FORMATS = {
    "native": ({"001_a.up.sql": "CREATE TABLE a (id int);\n"}, "001_a.down.sql"),
    "native, made already": (
        {"001_a.up.sql": "CREATE TABLE a (id int);", "001_a.down.sql": "-- surefoot: no-transaction\n-- nothing yet"},
        "001_a.down.sql",
    ),
    "dbmate": ({"001_a.sql": "-- migrate:up\nCREATE TABLE a (id int);"}, "001_a.sql"),
    "dbmate with a section": (
        {"001_a.sql": "-- migrate:up\nCREATE TABLE a (id int);\n\n-- migrate:down\n\n"},
        "001_a.sql",
    ),
    "dbmate from Windows": ({"001_a.sql": "\ufeff-- migrate:up\r\nCREATE TABLE a (id int);\r\n"}, "001_a.sql"),
    "goose": ({"1_a.sql": "-- +goose Up\nCREATE TABLE a (id int);\n"}, "1_a.sql"),
    "goose with a section": (
        {"1_a.sql": "-- +goose Up\nCREATE TABLE a (id int);\n-- +goose DOWN\n-- later\n"},
        "1_a.sql",
    ),
    "goose with variables": ({"1_a.sql": "-- +goose Up\n-- +goose ENVSUB ON\nCREATE TABLE a (id int);\n"}, "1_a.sql"),
    "diesel": ({"1_a/up.sql": "CREATE TABLE a (id int);\n"}, "1_a/down.sql"),
    "flyway": ({"sub/V1__a.sql": "CREATE TABLE a (id int);\n"}, "sub/U1__a.sql"),
}


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(text.encode())


def reader(folder: Path) -> Callable[[], Folder]:
    return lambda: read_folder(folder)


def only(folder: Path) -> Migration:
    (migration,) = read_folder(folder).migrations
    return migration


def add(folder: Path, statements: Sequence[str], notes: Sequence[str] = ()) -> Path:
    return add_down(reader(folder), only(folder).version, statements, notes)


@pytest.mark.parametrize("form", FORMATS)
def test_what_is_written_is_read_again(form: str, tmp_path: Path) -> None:
    files, place = FORMATS[form]
    write(tmp_path, files)
    before = only(tmp_path)
    path = add(tmp_path, ["DROP TABLE a", FUNCTION, "DROP TABLE b;"], ["first\nnote", "second"])
    assert path == tmp_path / place
    after = only(tmp_path)
    assert checksum(after.up) == checksum(before.up)
    assert after.down is not None
    text = "\n".join(script.text for script in after.down)
    assert [text.index(part) for part in ("DROP TABLE a;", f"{FUNCTION};", "DROP TABLE b;")]
    written = path.read_bytes().decode()
    assert written.startswith(files.get(place, ""))
    assert "-- first note" in written
    assert ("\r" in written.replace("\r\n", "")) is False
    if "from Windows" in form:
        assert written.count("\n") == written.count("\r\n")


def test_a_body_with_semicolons_is_one_statement_of_goose(tmp_path: Path) -> None:
    write(tmp_path, FORMATS["goose"][0])
    add(tmp_path, ["DROP TABLE a", FUNCTION])
    down = only(tmp_path).down
    assert down is not None
    (script,) = down
    assert [fragment.text.strip() for fragment in script.fragments if fragment.whole] == [f"{FUNCTION};"]


def test_variables_are_not_put_into_what_was_generated(tmp_path: Path) -> None:
    write(tmp_path, FORMATS["goose with variables"][0])
    add(tmp_path, ["COMMENT ON TABLE a IS '${HOME}'"])
    down = only(tmp_path).down
    assert down is not None
    assert "'${HOME}'" in down[0].text


@pytest.mark.parametrize(
    "files",
    [
        {"001_a.up.sql": "SELECT 1;", "001_a.down.sql": "DROP TABLE a;"},
        {"001_a.sql": "-- migrate:up\nSELECT 1;\n-- migrate:down\nDROP TABLE a;"},
        {"1_a.sql": "-- +goose Up\nSELECT 1;\n-- +goose Down\nDROP TABLE a;"},
        {"V1__a.sql": "SELECT 1;", "U1__a.sql": "-- so\nDROP TABLE a;"},
    ],
)
def test_a_way_back_that_is_there_is_kept(files: dict[str, str], tmp_path: Path) -> None:
    write(tmp_path, files)
    with pytest.raises(Refused, match="has a way back already") as caught:
        add(tmp_path, ["DROP TABLE b"])
    assert caught.value.hint
    assert {name: (tmp_path / name).read_text() for name in files} == files


@pytest.mark.parametrize(
    ("files", "statement"),
    [
        # Each of several changes in a file wants a way back of its own.
        ({"001_a.sql": "-- migrate:up\nSELECT 1;\n-- migrate:up\nSELECT 2;\n"}, "DROP TABLE a"),
        ({"V1__a.sql": "SELECT 1;"}, "COMMENT ON TABLE a IS '${nobody}'"),
        ({"1_a.sql": "-- +goose Up\nSELECT 1;\n"}, "COMMENT ON TABLE a IS '\n-- +goose Up\n'"),
    ],
)
def test_what_a_format_does_not_take_leaves_the_folder_alone(
    files: dict[str, str], statement: str, tmp_path: Path
) -> None:
    write(tmp_path, files)
    with pytest.raises(Refused, match="cannot be written into") as caught:
        add(tmp_path, [statement])
    assert caught.value.hint
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == files
