"""PyMySQL's exceptions as Surefoot's errors. Numbers are those of MariaDB's and MySQL's error references."""

from __future__ import annotations

import re

import pymysql

from surefoot.engine.model import Statement
from surefoot.errors import Cancelled, ConnectionLost, LockTimeout, StatementFailed, SurefootError

Failure = pymysql.Error | OSError

# The client's own, the server's shutdown, killed connections, and packets that got lost.
_LOST = frozenset({0, 1053, 1077, 1078, 1079, 1080, 1152, 1153, 1158, 1159, 1160, 1161, 1184, 1927, 4031})
# Lock wait timeout, deadlock, table definition changed, a row changed since the snapshot, NOWAIT.
_WORTH_A_RETRY = frozenset({1205, 1213, 1412, 1020, 3572})
_INTERRUPTED = frozenset({1317})
_OVER_TIME = frozenset({1969, 3024})
_DENIED = frozenset({1044, 1045, 1142, 1143, 1227, 1370, 1410, 1419})
_READ_ONLY = frozenset({1290, 1792, 1836})
# The server's parser refused the text: nothing of it ran.
UNREADABLE = frozenset({1064, 1149})

_LINE = re.compile(r" at line (\d+)\Z")


def number(error: Failure) -> int:
    """The error's number; 0 where the connection was closed, or the error is the operating system's."""
    return error.args[0] if isinstance(error, pymysql.Error) and error.args and isinstance(error.args[0], int) else 0


def is_lost(error: Failure) -> bool:
    """Whether the connection is gone."""
    return isinstance(error, OSError | pymysql.InterfaceError) or 2000 <= number(error) < 2100 or number(error) in _LOST


def translate(error: Failure, label: str, *, cancelled: bool, statement: Statement | None) -> SurefootError:
    """The error that a caller sees; `cancelled`: `cancel` was called."""
    if is_lost(error):
        return ConnectionLost(
            f"The connection to {label} was lost: {message(error)}.",
            hint="Run `surefoot status` when the database is back.",
        )
    if cancelled and number(error) in _INTERRUPTED:
        return Cancelled("The running statement was cancelled.", hint="Run it again to go on.")
    if number(error) in _WORTH_A_RETRY:
        return LockTimeout(
            f"{_place(statement, 0)}{message(error)}.",
            hint="Somebody holds what the statement needs; wait for them or end them, then run it again.",
            **_details(error, statement, 0),
        )
    return refusal(error, statement)


def refusal(error: Failure, statement: Statement | None) -> StatementFailed:
    """The error that the database refused the statement."""
    found = _LINE.search(message(error))
    beyond = int(found[1]) - 1 if found else 0
    return StatementFailed(
        f"{_place(statement, beyond)}{message(error)}.",
        hint=_advice(number(error)),
        **_details(error, statement, beyond),
    )


def message(error: Failure) -> str:
    """What the server said, on one line and without a full stop."""
    text = str(error.args[1] if isinstance(error, pymysql.Error) and len(error.args) > 1 else error)
    return " ".join(text.split()).rstrip(".") or "the connection is closed"


def _advice(errno: int) -> str:
    if errno in _OVER_TIME:
        return "The statement ran into its time limit; give it a longer statement_timeout in surefoot.toml."
    if errno in _INTERRUPTED:
        return "Somebody ended the statement with KILL QUERY; run it again."
    if errno in _DENIED:
        return "The database user lacks a privilege; `surefoot doctor` says what Surefoot itself needs."
    if errno in _READ_ONLY:
        return "This server is read-only (a replica?): connect to the primary."
    return "Correct the SQL and run it again."


def _details(error: Failure, statement: Statement | None, beyond: int) -> dict[str, object]:
    facts: dict[str, object] = {"errno": number(error), "sqlstate": getattr(error, "sqlstate", None)}
    known = {key: value for key, value in facts.items() if value}
    if statement is None:
        return known
    return {
        "file": statement.path,
        "line": statement.line + beyond,
        "statement": statement.sql[:2000],
        **known,
    }


def _place(statement: Statement | None, beyond: int) -> str:
    return f"{statement.path}:{statement.line + beyond}: " if statement else ""
