"""sqlite3's exceptions as Surefoot's errors."""

from __future__ import annotations

import re
import sqlite3

from surefoot.engine.model import Statement
from surefoot.errors import Cancelled, LockTimeout, StatementFailed, SurefootError, Unreachable

# An extended result code holds the primary one in its low byte (https://sqlite.org/rescode.html).
_PRIMARY = 0xFF
_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_UNUSABLE = {
    sqlite3.SQLITE_NOTADB: "Check the path: another kind of file lies there, or an encrypted database.",
    sqlite3.SQLITE_CANTOPEN: "Check the path and the permissions of the file and of its directory.",
    sqlite3.SQLITE_PERM: "Check the permissions of the file and of its directory.",
    sqlite3.SQLITE_CORRUPT: "The file is damaged: restore a backup, or see the sqlite3 shell's `.recover`.",
}
_ADVICE = {
    sqlite3.SQLITE_READONLY: "Check that the file and its directory can be written, and that the URL says no mode=ro; "
    "a query_only that the migration set has the same effect.",
    sqlite3.SQLITE_FULL: "Make room on the disk (SQLite needs it for its side files too), then run it again.",
    sqlite3.SQLITE_IOERR: "The disk or its file system failed; check it before anything else, and the file with "
    "`surefoot doctor`.",
    sqlite3.SQLITE_CONSTRAINT: "Rows that are there break the constraint; correct them or the SQL, and run it again.",
}
_NAMED = re.compile(r'^(?:near|unrecognized token:|no such (?:column|function|table):) "?(?P<token>.+?)"?(?:: .*)?$')


def is_disk_failure(error: sqlite3.Error) -> bool:
    """Whether the operating system failed to read or write."""
    return _code(error) == sqlite3.SQLITE_IOERR


def translate(
    error: sqlite3.Error | sqlite3.Warning, label: str, *, cancelled: bool, statement: Statement | None
) -> SurefootError:
    """The error that a caller sees; `cancelled` where `cancel` was called."""
    code = _code(error)
    if code == sqlite3.SQLITE_INTERRUPT and cancelled:
        return Cancelled("The running statement was cancelled.", hint="Run it again to go on.")
    if code in _BUSY:
        return LockTimeout(
            f"{_place(statement)}{label}: {error}.",
            hint="Another process is in a transaction on the file; wait for it or end it, then run it again.",
            **_where(statement),
        )
    if code in _UNUSABLE:
        return Unreachable(f"{label} cannot be used: {error}.", hint=_UNUSABLE[code], sqlite_code=_name(error))
    return _refusal(error, code, statement)


def _refusal(error: sqlite3.Error | sqlite3.Warning, code: int, statement: Statement | None) -> StatementFailed:
    where = {**_where(statement), **(_position(statement, str(error)) if statement else {})}
    place = _place(statement, where.get("line"), where.get("column"))
    if code == sqlite3.SQLITE_INTERRUPT:
        return StatementFailed(
            f"{place}the statement was interrupted after its time was over.",
            hint="Give it a longer statement timeout in surefoot.toml.",
            **where,
        )
    return StatementFailed(
        f"{place}{error}.",
        hint=_ADVICE.get(code, "Correct the SQL and run it again."),
        **where,
        sqlite_code=_name(error),
    )


def _code(error: sqlite3.Error | sqlite3.Warning) -> int:
    """The primary result code; -1 for what Python's module raises by itself."""
    code = getattr(error, "sqlite_errorcode", None)
    return -1 if code is None else code & _PRIMARY


def _name(error: sqlite3.Error | sqlite3.Warning) -> str:
    return getattr(error, "sqlite_errorname", None) or type(error).__name__


def _where(statement: Statement | None) -> dict[str, object]:
    if statement is None:
        return {}
    return {"file": statement.path, "line": statement.line, "statement": statement.sql[:2000]}


def _position(statement: Statement, message: str) -> dict[str, object]:
    """Where the thing stands that the message names, if it stands in one place only."""
    named = _NAMED.match(message)
    if named is None:
        return {}
    token = re.escape(named["token"])
    found = list(re.finditer(rf"(?<!\w){token}(?!\w)" if named["token"].isidentifier() else token, statement.sql))
    if len(found) != 1:
        return {}
    before = statement.sql[: found[0].start()]
    column = len(before) - (before.rfind("\n") + 1) + 1
    return {"line": statement.line + before.count("\n"), "column": column}


def _place(statement: Statement | None, line: object = None, column: object = None) -> str:
    if statement is None:
        return ""
    return f"{statement.path}:{line or statement.line}{f':{column}' if column else ''}: "
