"""URLs of SQLite files."""

from __future__ import annotations

from pathlib import Path

import pytest

from surefoot.engine.dialects.sqlite.connect import Connector
from surefoot.engine.open import connect, make_target
from surefoot.errors import StatementFailed, Unreachable, UsageError


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("sqlite:app.db", "app.db"),
        ("sqlite3:app.db", "app.db"),
        ("sqlite:db/app.db", "db/app.db"),
        ("sqlite:///app.db", "app.db"),
        ("sqlite:///db/app.db", "db/app.db"),
        ("sqlite:///a%20b%3F%23.db", "a b?#.db"),
        ("sqlite:///a#b.db?mode=rwc", "a#b.db"),
        ("sqlite:app.db?_foreign_keys=on", "app.db"),
    ],
)
def test_a_relative_path_is_relative_to_the_working_directory(
    url: str, path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "db").mkdir()
    with connect(url) as target:
        assert target.lock("default")
    assert (tmp_path / path).exists()


@pytest.mark.parametrize("form", ["sqlite:{}", "sqlite:///{}"])
def test_an_absolute_path_begins_with_a_slash_of_its_own(form: str, file: Path) -> None:
    with connect(form.format(file)) as target:
        target.query("CREATE TABLE t (a)")
    assert file.exists()


@pytest.mark.parametrize("url", ["sqlite:", "sqlite://", "sqlite:///", "sqlite://app.db", "sqlite://host/app.db"])
def test_a_url_without_a_file_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match="does not name a file"):
        make_target(url)


@pytest.mark.parametrize("url", ["sqlite::memory:", "sqlite:///:memory:", "sqlite:%3Amemory%3A"])
def test_a_database_in_memory_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match="nothing would be left"):
        make_target(url)


@pytest.mark.parametrize(
    ("query", "named"), [("mode=memory", "mode=memory"), ("immutable=1", "immutable"), ("foreign_key_check=1", "=1")]
)
def test_an_option_that_cannot_be_used_is_named(query: str, named: str) -> None:
    with pytest.raises(UsageError, match=named):
        make_target(f"sqlite:///app.db?{query}")


def test_the_foreign_key_check_can_be_switched_off() -> None:
    assert Connector("sqlite:app.db").checks_foreign_keys
    assert not Connector("sqlite:app.db?foreign_key_check=off").checks_foreign_keys


def test_a_missing_directory_is_named(tmp_path: Path) -> None:
    with pytest.raises(Unreachable, match=r"no directory .*/nowhere"), connect(f"sqlite:///{tmp_path}/nowhere/app.db"):
        pass


@pytest.mark.parametrize("mode", ["ro", "rw"])
def test_a_file_that_the_mode_does_not_create_has_to_be_there(mode: str, file: Path) -> None:
    with pytest.raises(Unreachable, match="does not exist"), connect(f"sqlite:///{file}?mode={mode}"):
        pass
    assert not file.exists()


def test_a_file_opened_read_only_can_be_looked_at(file: Path) -> None:
    with connect(f"sqlite:///{file}") as target:
        target.query("CREATE TABLE t (a)")
    with connect(f"sqlite:///{file}?mode=ro") as target:
        assert target.dump() == "CREATE TABLE t (a);\n"
        with pytest.raises(StatementFailed, match="readonly") as refused:
            target.query("CREATE TABLE u (a)")
    assert "mode=ro" in refused.value.hint


def test_looking_does_not_create_the_file(file: Path) -> None:
    with connect(f"sqlite:///{file}") as target:
        assert not target.has_history()
        assert target.dump() == ""
        assert [check.name for check in target.doctor()] == ["file", "version"]
        assert target.server.startswith("SQLite 3.")
    assert not file.exists()


def test_a_file_of_another_kind_is_refused(file: Path) -> None:
    file.write_bytes(b"no database, but long enough to be taken for one" * 100)
    with pytest.raises(Unreachable, match="not a database"), connect(f"sqlite:///{file}"):
        pass
