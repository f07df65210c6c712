"""`init` and `new`: from an empty directory to a first migration, as a newcomer goes."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.cli.shell import SHOP, Shell, write

FOLDERS: dict[str, dict[str, str | bytes]] = {
    "native": {"001_users.up.sql": "CREATE TABLE users (id int);", "001_users.down.sql": "DROP TABLE users;"},
    "dbmate": {"20250101000000_users.sql": "-- migrate:up\nCREATE TABLE users (id int);\n-- migrate:down\n"},
    "goose": {"20250101000000_users.sql": "-- +goose Up\nCREATE TABLE users (id int);\n-- +goose Down\n"},
    "diesel": {"2025-01-01-000000_users/up.sql": "CREATE TABLE users (id int);"},
    "flyway": {"V1__users.sql": "CREATE TABLE users (id int);"},
}
SHAPES = {
    "native": r"002_add_orders\.(down|up)\.sql",
    "dbmate": r"\d{14}_add_orders\.sql",
    "goose": r"\d{14}_add_orders\.sql",
    "diesel": r".*\d{6}_add_orders/(down|up)\.sql",
    "flyway": r"[VU]2__add_orders\.sql",
}
formats = pytest.mark.parametrize("form", FOLDERS)


def files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_from_an_empty_directory_to_an_applied_migration_and_back(shell: Shell) -> None:
    assert shell.ok("init").out.splitlines() == [
        "✓ wrote surefoot.toml",
        "✓ wrote migrations/",
        "next: set DATABASE_URL, then `surefoot new create_users`",
    ]
    said = shell.ok("new", "create_users")
    up, down = sorted((shell.cwd / "migrations").iterdir(), reverse=True)
    assert f"✓ wrote migrations/{up.name}\n" in said.out
    up.write_text(up.read_text() + "CREATE TABLE users (id int PRIMARY KEY);\n")
    down.write_text(down.read_text() + "DROP TABLE users;\n")
    assert "CREATE TABLE users (id int PRIMARY KEY);" in shell.ok("plan").out
    assert "✓ 1 migration applied in " in shell.ok("up").out
    assert "1 applied" in shell.ok("status").out
    assert "✓ 1 migration rolled back in " in shell.ok("down", "--yes").out
    assert "1 pending" in shell.ok("status").out


def test_init_writes_a_configuration_that_can_be_read(shell: Shell) -> None:
    shell.ok("init")
    config = tomllib.loads((shell.cwd / "surefoot.toml").read_text())
    assert config == {"project": "project", "dir": "migrations"}
    assert shell.ok("status", "--json").json["project"] == "project"


def test_every_commented_key_of_the_configuration_works_once_uncommented(shell: Shell) -> None:
    shell.ok("init")
    text = (shell.cwd / "surefoot.toml").read_text()
    text = re.sub(r"^# (\w+ = |\[)", r"\1", text, flags=re.MULTILINE).replace("shop_owner", "postgres")
    (shell.cwd / "surefoot.toml").write_text(text)
    shell.environ["PRODUCTION_URL"] = shell.environ["DATABASE_URL"]
    shell.ok("status", "--env", "production")


def test_init_leaves_alone_what_is_there(bare: Shell) -> None:
    bare.ok("init")
    (bare.cwd / "surefoot.toml").write_text('dir = "db/sql"\n')
    assert bare.ok("init", "--json").json == {"kind": "init", "files": ["db/sql/"]}
    said = bare.ok("init")
    assert said.out.startswith("Everything is there already.")
    assert (bare.cwd / "surefoot.toml").read_text() == 'dir = "db/sql"\n'


def test_init_takes_folder_project_and_format_from_the_options(bare: Shell) -> None:
    bare.ok("init", "--dir", 'db/my "own"', "--project", "shop", "--folder-format", "goose")
    config = tomllib.loads((bare.cwd / "surefoot.toml").read_text())
    assert config == {"project": "shop", "dir": 'db/my "own"', "folder_format": "goose"}
    assert (bare.cwd / 'db/my "own"').is_dir()


def test_a_directory_with_an_odd_name_makes_a_plain_project(bare: Shell) -> None:
    odd = bare.cwd / "My Shop (2)!"
    odd.mkdir()
    bare.cwd = odd
    bare.ok("init")
    assert tomllib.loads((odd / "surefoot.toml").read_text())["project"] == "my-shop--2"


def test_init_refuses_a_folder_that_is_a_file(bare: Shell) -> None:
    (bare.cwd / "migrations").write_text("")
    said = bare("init")
    assert said.code == 2
    assert "migrations" in said.err


def test_init_below_a_project_begins_another_one(bare: Shell) -> None:
    bare.ok("init")
    bare.cwd /= "part"
    bare.cwd.mkdir()
    bare.ok("init")
    assert files(bare.cwd) == ["surefoot.toml"]
    assert (bare.cwd / "migrations").is_dir()


@formats
def test_new_goes_on_in_the_folders_own_format(form: str, shell: Shell) -> None:
    shell.write(FOLDERS[form])
    written = shell.ok("new", "add_orders", "--json").json
    assert written["kind"] == "new"
    assert written["files"]
    assert [name for name in written["files"] if not re.fullmatch(f"migrations/{SHAPES[form]}", name)] == []
    assert len(shell.ok("status", "--json").json["migrations"]) == 2


@formats
def test_new_writes_the_first_file_of_a_chosen_format(form: str, shell: Shell) -> None:
    shell.ok("new", "add_orders", "--folder-format", form)
    status = shell.ok("status", "--json", "--folder-format", form).json
    assert [row["name"] for row in status["migrations"]] in (["add_orders"], ["add orders"])


@pytest.mark.parametrize("form", ["native", "diesel", "flyway"])
def test_new_works_beside_a_file_that_cannot_be_read(form: str, bare: Shell) -> None:
    broken: Mapping[str, str | bytes] = dict.fromkeys(FOLDERS[form], b"\xff\xfe\x00broken")
    bare.write(broken)
    assert len(bare.ok("new", "add_orders", "--json").json["files"]) >= 1


def test_new_works_beside_a_version_that_is_there_twice(bare: Shell) -> None:
    bare.write({"001_a.up.sql": "SELECT 1;", "001_b.up.sql": "SELECT 1;"})
    assert bare.ok("new", "c", "--json").json["files"] == ["migrations/002_c.up.sql", "migrations/002_c.down.sql"]


def test_new_asks_for_the_format_where_only_the_files_texts_would_tell_and_cannot(bare: Shell) -> None:
    bare.write({"001_users.sql": b"\xff\xfe\x00broken"})
    said = bare("new", "add_orders")
    assert said.code == 2
    assert "001_users.sql" in said.err


@pytest.mark.parametrize(
    ("name", "stem"),
    [("Add Orders!", "Add_Orders"), ("größere Tische", "größere_Tische"), ("../x", "x"), ("a/../../b", "a_b")],
)
def test_an_odd_name_becomes_a_plain_one_in_the_folder(name: str, stem: str, shell: Shell) -> None:
    shell.ok("new", name)
    assert [re.sub(r"^\d{14}_", "", path) for path in files(shell.cwd / "migrations")] == [
        f"{stem}.down.sql",
        f"{stem}.up.sql",
    ]
    assert files(shell.cwd) == [f"migrations/{path}" for path in files(shell.cwd / "migrations")]
    assert len(shell.ok("status", "--json").json["migrations"]) == 1


@pytest.mark.parametrize("name", ["", "!!!", "..", "/"])
def test_a_name_without_a_letter_is_refused(name: str, bare: Shell) -> None:
    said = bare("new", name, "--json")
    assert (said.code, said.error["code"]) == (2, "usage")
    assert files(bare.cwd) == []


def test_two_new_migrations_in_one_second_stay_in_order(bare: Shell) -> None:
    first, second = (bare.ok("new", name, "--json").json["files"][0] for name in ("one", "two"))
    assert first < second


def test_new_needs_no_database_and_no_configuration(bare: Shell) -> None:
    bare.ok("new", "first")
    assert len(files(bare.cwd / "migrations")) == 2


def test_a_command_finds_the_project_from_a_directory_below(shell: Shell) -> None:
    shell.write(SHOP)
    (shell.cwd / "surefoot.toml").write_text('project = "shop"\n')
    (shell.cwd / ".env").write_text(f"DATABASE_URL={shell.environ.pop('DATABASE_URL')}\n")
    shell.cwd /= "src/deep"
    shell.cwd.mkdir(parents=True)
    status = shell.ok("status", "--json").json
    assert status["counts"] == {"pending": 2}
    assert status["folder"] == os.path.realpath(shell.cwd.parents[1] / "migrations")


def test_new_refuses_a_folder_of_files_that_fit_no_format(bare: Shell) -> None:
    write(bare.cwd / "migrations", {"notes.sql": "SELECT 1;"})
    said = bare("new", "add_orders", "--json")
    assert (said.code, said.error["code"]) == (2, "format-unknown")
