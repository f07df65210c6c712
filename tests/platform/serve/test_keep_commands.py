"""`surefoot backup`, `surefoot restore` and `surefoot doctor --server`, as they are typed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from surefoot.cli.main import run
from tests.databases import Databases

pytestmark = pytest.mark.slow


class Terminal:
    """Commands about one platform, and what they print."""

    def __init__(self, url: str, data_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._environ = {"SUREFOOT_DATABASE_URL": url, "SUREFOOT_DATA_DIR": str(data_dir)}
        self._cwd, self._capsys = data_dir.parent, capsys

    def says(self, *words: str) -> str:
        """What a command that succeeds tells a person."""
        assert run(list(words), self._environ, self._cwd) == 0
        return self._capsys.readouterr().out

    def tells(self, *words: str) -> dict[str, Any]:
        """What it tells a program."""
        told: dict[str, Any] = json.loads(self.says(*words, "--json"))
        return told

    def fails(self, *words: str) -> str:
        """What a command that fails says."""
        assert run(list(words), self._environ, self._cwd) != 0
        return self._capsys.readouterr().err


@pytest.fixture
def here(platform_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Terminal:
    return Terminal(platform_url, tmp_path / "here", capsys)


def test_what_was_backed_up_is_restored_elsewhere(
    here: Terminal, databases: Databases, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "whoever has this file has every secret in it" in here.says("backup", "one.tar", "--with-keys")
    told = here.tells("backup", "two.tar", "--with-keys")
    assert (told["keys"], told["has_keys"]) == (["master-0001.key", "signing.pub"], True)
    with databases.postgres("pg18") as url:
        elsewhere = Terminal(url, tmp_path / "elsewhere", capsys)
        assert elsewhere.tells("restore", "two.tar")["made_at"] == told["made_at"]
        lines = elsewhere.says("audit", "list").splitlines()
    actions = [word for line in lines for word in line.split() if word.startswith("backup.")]
    assert actions == ["backup.restore", "backup.make", "backup.make"]


def test_a_backup_says_that_its_keys_are_kept_elsewhere(here: Terminal) -> None:
    assert "worth nothing without its keys, master-0001.key, signing.pub" in here.says("backup", "one.tar")
    assert "is there already" in here.fails("backup", "one.tar")


def test_the_doctor_looks_at_the_platform(here: Terminal) -> None:
    checks = here.tells("doctor", "--server")["checks"]
    assert [check["name"] for check in checks if check["status"] == "problem"] == []
    assert {"settings", "keys", "mail", "clock", "database", "schema"} <= {check["name"] for check in checks}
