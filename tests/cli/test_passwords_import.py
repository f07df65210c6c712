"""Importing a list of breached passwords."""

from __future__ import annotations

from hashlib import sha1

from surefoot.accounts.breaches import NAME, is_breached
from tests.cli.shell import Shell


def test_a_downloaded_list_becomes_the_file_that_is_looked_into(bare: Shell) -> None:
    data = bare.cwd / "data"
    bare.environ["SUREFOOT_DATA_DIR"] = str(data)
    (bare.cwd / "list.txt").write_text(f"{sha1(b'eleven quiet otters').hexdigest().upper()}:7\n")
    said = bare.ok("passwords", "import", str(bare.cwd / "list.txt"))
    assert said.out.startswith("1 breached password in ")
    assert is_breached("eleven quiet otters", data / NAME)
    again = bare.ok("passwords", "import", str(bare.cwd / "list.txt"), "--json")
    assert again.json == {"kind": "passwords", "hashes": 1, "file": str(data / NAME)}


def test_what_is_no_list_is_refused_and_not_repeated(bare: Shell) -> None:
    (bare.cwd / "list.txt").write_text("my own password\n")
    said = bare("passwords", "import", str(bare.cwd / "list.txt"))
    assert "Line 1" in said.err
    assert "my own" not in said.err
    assert "is no file" in bare("passwords", "import", str(bare.cwd / "nothing.txt")).err
