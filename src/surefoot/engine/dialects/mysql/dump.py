"""The schema of a MariaDB or MySQL database by its own dump program, without what differs from run to run."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from surefoot.engine.dialects.mysql.connect import Address
from surefoot.engine.dialects.mysql.tables import OWN
from surefoot.engine.dialects.tools import output_of
from surefoot.errors import ToolFailed

_OPTIONS = (
    "--no-data",
    "--routines",
    "--triggers",
    "--events",
    "--skip-comments",
    "--skip-dump-date",
    "--skip-lock-tables",
    "--no-tablespaces",
)
# The sandbox line says which program wrote the dump; counters and definers belong to the server, not to the schema.
_VARIES = (
    (re.compile(r"^/\*M?!999999.*\n", re.MULTILINE), ""),
    (re.compile(r" AUTO_INCREMENT=\d+"), ""),
    (re.compile(r"/\*!\d+ DEFINER=(?:`[^`]*`@`[^`]*`|`[^`]*`) ?(?:SQL SECURITY DEFINER )?\*/ ?\n?"), ""),
    (re.compile(r" ?\bDEFINER=(?:`[^`]*`@`[^`]*`|`[^`]*`)"), ""),
    (re.compile(r"\n{3,}"), "\n\n"),
)


def dump(address: Address, server: str) -> str:
    """The schema of the database, without definers, counters and Surefoot's own tables. Raises ToolFailed."""
    program = find_program(server)
    own = [f"--ignore-table={address.database}.{table}" for table in OWN]
    with _defaults_file(address, program.name) as path:
        command = [str(program), f"--defaults-file={path}", *_OPTIONS, *own, "--", address.database]
        return normalise(output_of(command, {}))


def normalise(text: str) -> str:
    """A dump without what differs between servers and runs that have the same schema."""
    for pattern, instead in _VARIES:
        text = pattern.sub(instead, text)
    return text.strip() + "\n"


def find_program(server: str) -> Path:
    """The dump program for a server: `MariaDB` or `MySQL`, with its version or without. Raises ToolFailed."""
    names = ("mariadb-dump", "mysqldump") if server.startswith("MariaDB") else ("mysqldump",)
    found = next((path for name in names if (path := shutil.which(name))), None)
    if found is None:
        raise ToolFailed(f"Neither of {', '.join(names)} was found.", hint=f"Install the client programs of {server}.")
    return Path(found)


@contextmanager
def _defaults_file(address: Address, program: str) -> Iterator[str]:
    """A file that only we can read: a password on the command line is everybody's."""
    values = {
        "host": address.host,
        "port": str(address.port),
        "user": address.user,
        "password": address.password,
        "socket": address.socket or "",
        "default-character-set": "utf8mb4",
        **_security(address, program),
    }
    lines = [f"{key}={_quoted(value)}" for key, value in values.items() if value]
    with tempfile.NamedTemporaryFile("w", prefix="surefoot-", suffix=".cnf", encoding="utf-8") as file:
        file.write("\n".join(["[client]", *lines, ""]))
        file.flush()
        yield file.name


def _security(address: Address, program: str) -> dict[str, str]:
    paths = {name: address.options.get(name, "") for name in ("ssl-ca", "ssl-cert", "ssl-key")}
    mode = address.ssl_mode
    if program == "mysqldump" and not _is_mariadb(program):
        return {**paths, "ssl-mode": mode}
    if mode in {"DISABLED", "PREFERRED"}:
        return {"loose-skip-ssl": "1"} if mode == "DISABLED" else {}
    return {**paths, "ssl": "1", "ssl-verify-server-cert": "1" if mode == "VERIFY_IDENTITY" else "0"}


def _is_mariadb(program: str) -> bool:
    answer = subprocess.run([program, "--version"], capture_output=True, text=True, check=False, timeout=30)
    return "MariaDB" in answer.stdout


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
