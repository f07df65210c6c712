"""What keeps statements on a shadow from other files: told beforehand, and refused by the library all the same."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Never

from surefoot.engine.dialects.sqlite.split import split
from surefoot.engine.dialects.sqlite.tokens import tokens
from surefoot.engine.model import Fragment, Script, Statement
from surefoot.errors import ShadowFailed

# Databases that end with their session: in memory, or in a temporary file without a name.
_NO_FILE = ("", ":memory:")


def check(statements: Sequence[Statement]) -> None:
    """Raise ShadowFailed for the first statement that would open, make or load another file."""
    for statement in statements:
        if statement.words[:1] == ("ATTACH",) and _attached(statement.sql) not in _NO_FILE:
            _refuse(statement, "ATTACH would open another database file, and rehearse on its real rows")
        if statement.words[:1] == ("VACUUM",) and "INTO" in statement.words:
            _refuse(statement, "VACUUM INTO would write a file")
        if "load_extension" in statement.sql.lower() and _loads(statement.sql):
            _refuse(statement, "load_extension would load a program")


def check_preamble(preamble: Sequence[str]) -> None:
    """The same for the statements that prepare a session."""
    script = Script("preamble", tuple(Fragment(sql) for sql in preamble))
    check(split(script).statements)


def authorize(action: int, first: str | None, second: str | None, *_where: str | None) -> int:
    """SQLite asks this before it compiles a statement: other files and loaded programs are denied.

    An exclusive lock is passed over: it outlasts its transaction, and nobody else could look at the shadow.
    """
    if action == sqlite3.SQLITE_PRAGMA and first == "locking_mode" and second:
        return sqlite3.SQLITE_IGNORE
    if action == sqlite3.SQLITE_ATTACH and first not in _NO_FILE:
        return sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_FUNCTION and second == "load_extension":
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK


def _attached(sql: str) -> str | None:
    """The file of an ATTACH where it is written out as a text."""
    found = [token for token in tokens(sql)[1:] if not token.is_word("database")]
    if len(found) != 3 or found[0].kind not in ("string", "quoted") or not found[1].is_word("as"):
        return None
    return found[0].name


def _loads(sql: str) -> bool:
    return any(token.is_word("load_extension") for token in tokens(sql))


def _refuse(statement: Statement, what: str) -> Never:
    raise ShadowFailed(
        f"{statement.path}:{statement.line}: {what}.",
        hint="Rehearse the migrations without it, or attach ':memory:' there: what a migration does to another file "
        "cannot be tried, and not be undone.",
        file=statement.path,
        line=statement.line,
        statement=statement.sql[:2000],
    )
