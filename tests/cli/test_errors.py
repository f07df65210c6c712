"""Whatever goes wrong: words on standard error, or one document on standard output, and the documented exit code."""

from __future__ import annotations

import inspect
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from surefoot import errors
from surefoot.cli.command import EXIT_CODES
from surefoot.cli.commands import ENGINE
from surefoot.cli.main import exit_code
from surefoot.errors import SurefootError
from tests.cli.shell import SHOP, Shell

# The others work on the folder, or on a database of their own.
WITHOUT_ONE = ("init", "new", "new-down", "lint", "rehearse")
NEEDS_A_DATABASE = [command.name for command in ENGINE if command.name not in WITHOUT_ONE]
NEEDS_A_FOLDER = ["status", "plan", "up", "down", "redo", "verify", "repair"]


def fails(shell: Shell, code: int, name: str, *argv: str) -> str:
    """The command fails the same way for a person and for a program; returns what the person is told."""
    told = shell(*argv)
    assert (told.code, told.out) == (code, "")
    assert told.err.startswith(f"error[{name}] ")
    assert "\nnext  " in told.err
    documented = shell(*argv, "--json")
    assert documented.code == code
    assert documented.error["code"] == name
    return told.err


def arguments(command: str) -> list[str]:
    return [command, *(["001"] if command == "baseline" else []), *(["--timeout", "1ms"] if command == "wait" else [])]


@contextmanager
def closed(path: Path) -> Iterator[None]:
    """The path may not be read or written, by a user that is not root either."""
    mode, me = path.stat().st_mode, os.geteuid()
    for directory in path.parents:
        if directory == Path(tempfile.gettempdir()):
            break
        directory.chmod(0o755)
    path.chmod(0)
    try:
        if me == 0:
            os.seteuid(65534)
        yield
    finally:
        os.seteuid(me)
        path.chmod(mode)


@pytest.mark.parametrize("kind", [c for _, c in inspect.getmembers(errors, inspect.isclass)])
def test_every_error_has_a_documented_exit_code(kind: type[SurefootError]) -> None:
    assert exit_code(kind("what", hint="how")) in EXIT_CODES.keys() - {0, 70}


@pytest.mark.parametrize("command", NEEDS_A_DATABASE)
def test_no_database_was_given(command: str, bare: Shell) -> None:
    bare.write(SHOP)
    assert "DATABASE_URL" in fails(bare, 2, "usage", *arguments(command))


@pytest.mark.parametrize("command", NEEDS_A_DATABASE)
def test_the_database_does_not_answer(command: str, bare: Shell) -> None:
    bare.write(SHOP)
    bare.environ["DATABASE_URL"] = "postgresql://nobody@127.0.0.1:1/shop"
    said = bare(*arguments(command), "--json")
    assert (said.code, said.error["code"]) == (6, "unreachable")


@pytest.mark.parametrize(
    "url",
    ["rubbish", "://", "postgresql://[", "postgresql://h:port/d", "mysql://h:port/d", "oracle://h/d", "C:\\x", "\0"],
)
def test_the_url_is_rubbish(url: str, bare: Shell) -> None:
    bare.write(SHOP)
    said = bare("status", "--url", url, "--json")
    assert (said.code, said.error["code"]) in ((2, "usage"), (6, "unreachable"))


@pytest.mark.parametrize("command", NEEDS_A_FOLDER)
def test_there_is_no_folder(command: str, shell: Shell) -> None:
    assert "surefoot init" in fails(shell, 2, "folder", command)


@pytest.mark.parametrize("command", NEEDS_A_FOLDER)
def test_the_folder_is_a_file(command: str, shell: Shell) -> None:
    (shell.cwd / "migrations").write_text("")
    assert "migrations" in fails(shell, 2, "folder", command)


@pytest.mark.parametrize("what", ["migrations", "migrations/001_users.up.sql"])
def test_the_folder_or_a_file_in_it_may_not_be_read(what: str, bare: Shell) -> None:
    bare.write({"001_users.up.sql": "SELECT 1;"})
    database = bare.cwd / "shop.db"
    bare.environ["DATABASE_URL"] = f"sqlite:///{database}"
    # Everything is imported before this process becomes somebody who may not read the code.
    bare.ok("up")
    database.chmod(0o666)
    bare.cwd.chmod(0o777)
    with closed(bare.cwd / what):
        said = bare("verify", "--json")
    assert said.code == 2
    assert "Permission denied" in said.error["message"]


@pytest.mark.parametrize("argv", [["init"], ["new", "x"]])
def test_nothing_may_be_written(argv: list[str], bare: Shell) -> None:
    with closed(bare.cwd.parent):
        said = bare(*argv, "--json")
    assert said.code == 2
    assert "Permission denied" in said.error["message"]


def test_a_configuration_may_not_be_read(bare: Shell) -> None:
    (bare.cwd / "surefoot.toml").write_text("")
    with closed(bare.cwd / "surefoot.toml"):
        fails(bare, 2, "config", "status")


@pytest.mark.parametrize(
    ("config", "argv", "told"),
    [
        ("project = ", ["status"], "surefoot.toml is not TOML"),
        ("projct = 'x'", ["status"], "Did you mean project?"),
        ("project = 5", ["init"], "project has to be a text"),
        ("url = '${NOWHERE}'", ["up"], "NOWHERE, which is not set"),
        ("", ["status", "--env", "staging"], "There is no environment staging"),
        ("", ["status", "--config", "other.toml"], "There is no configuration file other.toml"),
        ("", ["status", "--config", "."], "There is no configuration file ."),
        ("folder_format = 'rails'\nurl = 'sqlite:///x.db'", ["status"], "rails"),
    ],
)
def test_a_configuration_that_cannot_be_used(config: str, argv: list[str], told: str, bare: Shell) -> None:
    bare.write(SHOP)
    (bare.cwd / "surefoot.toml").write_text(config)
    said = bare(*argv)
    assert said.code == 2
    assert told in said.err


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({"001_a.up.sql": "SELECT 1;", "001_b.up.sql": "SELECT 1;"}, "duplicate-version"),
        ({"001_a.down.sql": "SELECT 1;"}, "malformed-file"),
        ({"001_a.up.sql": b"\xff\xfeS\0"}, "malformed-file"),
        ({"a.sql": "SELECT 1;"}, "format-unknown"),
        ({"001_a.up.sql": "\\connect other\n"}, "client-command"),
        ({"001_a.up.sql": "SELECT 1; COMMIT; SELECT 2;"}, "transaction-control"),
    ],
)
def test_a_folder_that_cannot_be_used(files: dict[str, str | bytes], code: str, shell: Shell) -> None:
    shell.write(files)
    fails(shell, 2, code, "plan")


def test_an_ambiguous_folder_asks_for_the_setting(shell: Shell) -> None:
    shell.write({"001_a.up.sql": "-- migrate:up\nSELECT 1;\n-- migrate:down\nSELECT 2;\n"})
    assert "folder_format" in fails(shell, 2, "format-ambiguous", "status")
    shell.ok("status", "--folder-format", "native")
