"""What the tests of the command line share: a way to call it, and small folders of migrations."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from surefoot.cli.main import run

USERS, ORDERS, INDEX = "001_users", "002_orders", "003_index"
# Two steps that are a transaction each, and one that PostgreSQL cannot run in a transaction.
SHOP = {
    f"{USERS}.up.sql": "CREATE TABLE users (id int PRIMARY KEY);\nINSERT INTO users VALUES (1);\n",
    f"{USERS}.down.sql": "DROP TABLE users;\n",
    f"{ORDERS}.up.sql": "CREATE TABLE orders (id int PRIMARY KEY, user_id int REFERENCES users (id));\n",
    f"{ORDERS}.down.sql": "DROP TABLE orders;\n",
}
CONCURRENT = {
    f"{INDEX}.up.sql": "CREATE INDEX CONCURRENTLY orders_user ON orders (user_id);\n",
    f"{INDEX}.down.sql": "DROP INDEX CONCURRENTLY orders_user;\n",
}
# A procedure that commits, and then ends its own session: nobody can tell how far it came.
DIES = {
    "003_dies.up.sql": "-- surefoot: no-transaction\n"
    "CREATE PROCEDURE dies() LANGUAGE plpgsql AS "
    "$$ BEGIN COMMIT; PERFORM pg_terminate_backend(pg_backend_pid()); END $$;\n"
    "CALL dies();\n",
    "003_dies.down.sql": "DROP PROCEDURE dies();\n",
}


@dataclass(frozen=True, slots=True)
class Said:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """The one document on standard output; standard error is empty."""
        assert self.err == ""
        document: dict[str, Any] = json.loads(self.out)
        return document

    @property
    def events(self) -> list[dict[str, Any]]:
        """The documents on standard output, one a line; standard error is empty."""
        assert self.err == ""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def error(self) -> dict[str, Any]:
        """The error that ends the output."""
        last = self.events[-1]
        assert list(last) == ["kind", "error"]
        assert last["kind"] == "error"
        error: dict[str, Any] = last["error"]
        assert error["message"]
        assert error["hint"]
        return error


class Shell:
    """Calls `surefoot` in this process, in a directory and an environment of the test's own."""

    def __init__(self, capsys: pytest.CaptureFixture[str], cwd: Path) -> None:
        self.capsys = capsys
        self.cwd = cwd
        self.environ: dict[str, str] = {}

    def __call__(self, *argv: str) -> Said:
        self.capsys.readouterr()
        code = run(argv, self.environ, self.cwd)
        captured = self.capsys.readouterr()
        assert "Traceback" not in captured.out + captured.err
        assert code != 70, captured.err
        return Said(code, captured.out, captured.err)

    def ok(self, *argv: str) -> Said:
        """Call a command that succeeds."""
        said = self(*argv)
        assert said.code == 0, said
        return said

    def write(self, files: Mapping[str, str | bytes], folder: str = "migrations") -> None:
        """Write files into the folder of migrations."""
        write(self.cwd / folder, files)


def write(folder: Path, files: Mapping[str, str | bytes]) -> None:
    """Write files into a folder, which is made."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
