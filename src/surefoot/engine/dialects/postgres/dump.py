"""The schema of a PostgreSQL database by pg_dump, without what differs from run to run."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo

from surefoot.engine.dialects.postgres.programs import WHEELS, wheel_programs
from surefoot.engine.dialects.tools import output_of
from surefoot.errors import ToolFailed

Connection = psycopg.Connection[tuple[Any, ...]]
# pg_dump writes its versions, and since 2025 a random token around the whole dump.
_VARIES = re.compile(r"^(-- Dumped (from|by) .*|\\(un)?restrict .*)\n", re.MULTILINE)
_BLANKS = re.compile(r"\n{3,}")


def dump(connection: Connection, schema: str) -> str:
    """The schema of the connection's database, without owners, privileges and Surefoot's own tables.

    Runs a pg_dump that is at least as new as the server. Raises ToolFailed.
    """
    program = find_program(connection.info.server_version // 10000)
    own = [f"--exclude-table={schema}.surefoot_*", *_own_schema(connection, schema)]
    options = ["--schema-only", "--no-owner", "--no-privileges", "--encoding=UTF8", *own]
    command = [str(program), *options, f"--dbname={address(connection)}"]
    return normalise(output_of(command, {"PGPASSWORD": connection.info.password}))


def address(connection: Connection) -> str:
    """The connection's database for pg_dump, without the password.

    Our libpq names `sslcertmode` even where it is the default, and a pg_dump older than 16 refuses the word.
    """
    given = connection.info.get_parameters()
    return make_conninfo(**{key: value for key, value in given.items() if (key, value) != ("sslcertmode", "allow")})


def normalise(text: str) -> str:
    """A dump without version lines and random tokens, with single blank lines."""
    return _BLANKS.sub("\n\n", _VARIES.sub("", text)).strip() + "\n"


def _own_schema(connection: Connection, schema: str) -> list[str]:
    """Leave out the schema as well where nothing but Surefoot's tables is in it."""
    row = connection.execute(
        "SELECT count(*) FROM pg_class WHERE relnamespace = to_regnamespace(quote_ident(%s)) "
        "AND relkind IN ('r', 'v', 'm', 'p') AND relname NOT LIKE 'surefoot\\_%%'",
        (schema,),
    ).fetchone()
    return [f"--exclude-schema={schema}"] if row == (0,) and schema != "public" else []


def find_program(major: int) -> Path:
    """A pg_dump for a server of this major version: an older one refuses to work. Raises ToolFailed."""
    found = {path: _major(path) for path in _candidates()}
    fitting = sorted((version, path) for path, version in found.items() if version >= major)
    if fitting:
        return fitting[0][1]
    old = ", ".join(f"{path} is {version}" for path, version in found.items()) or "none was found"
    raise ToolFailed(
        f"No pg_dump for PostgreSQL {major}: {old}.",
        hint=f"Install PostgreSQL's client programs, version {major} or newer.",
    )


def _candidates() -> Iterator[Path]:
    on_path = shutil.which("pg_dump")
    if on_path:
        yield Path(on_path)
    for wheel in WHEELS:
        directory = wheel_programs(*wheel)
        if directory and (directory / "pg_dump").is_file():
            yield directory / "pg_dump"


def _major(program: Path) -> int:
    try:
        answer = subprocess.run([str(program), "--version"], capture_output=True, text=True, check=True, timeout=30)
    except (OSError, subprocess.SubprocessError):
        return 0
    match = re.search(r"\) (\d+)", answer.stdout)
    return int(match[1]) if match else 0
