"""psycopg's exceptions as Surefoot's errors."""

from __future__ import annotations

import psycopg
from psycopg import errors as pg

from surefoot.engine.model import Statement
from surefoot.errors import Cancelled, ConnectionLost, LockTimeout, StatementFailed, SurefootError

_WORTH_A_RETRY = (pg.LockNotAvailable, pg.DeadlockDetected, pg.SerializationFailure)
_OUTSIDE = "25001"
# Longer names first: one ends with another.
_OTHER_HISTORIES = ("__diesel_schema_migrations", "flyway_schema_history", "goose_db_version", "schema_migrations")


def translate(
    error: psycopg.Error, label: str, *, broken: bool, cancelled: bool, statement: Statement | None
) -> SurefootError:
    """The error that a caller sees. `broken`: the connection is gone; `cancelled`: `cancel` was called."""
    if broken:
        return ConnectionLost(
            f"The connection to {label} was lost: {_first_line(error)}",
            hint="Run `surefoot status` when the database is back.",
        )
    if cancelled and isinstance(error, pg.QueryCanceled):
        return Cancelled("The running statement was cancelled.", hint="Run it again to go on.")
    if isinstance(error, _WORTH_A_RETRY):
        return LockTimeout(
            f"{_place(statement)}{_first_line(error)}.",
            hint="Somebody holds what the statement needs; wait for them or end them, then run it again.",
            **_where(statement),
        )
    return _refusal(error, statement)


def _refusal(error: psycopg.Error, statement: Statement | None) -> StatementFailed:
    diag = error.diag
    where = _where(statement)
    if statement and diag.statement_position:
        where |= _position(statement, int(diag.statement_position))
    details = {
        "sqlstate": diag.sqlstate,
        "server_detail": diag.message_detail,
        "server_hint": diag.message_hint,
        "server_context": diag.context,
    }
    place = _place(statement, where.get("line"), where.get("column"))
    return StatementFailed(
        f"{place}{_first_line(error)}.",
        hint=_advice(error, statement),
        **where,
        **{key: value for key, value in details.items() if value},
    )


def _advice(error: psycopg.Error, statement: Statement | None) -> str:
    if error.sqlstate == _OUTSIDE:
        return "The statement cannot run in a transaction: mark the migration as one that runs without."
    if isinstance(error, pg.QueryCanceled):
        return "The statement ran into statement_timeout; give it a longer one in surefoot.toml."
    if isinstance(error, pg.InsufficientPrivilege):
        return "The database user lacks a privilege; `surefoot doctor` says what Surefoot itself needs."
    if isinstance(error, pg.ReadOnlySqlTransaction):
        return "This server is read-only (a standby?): connect to the primary."
    if isinstance(error, pg.UndefinedTable) and statement and (table := _other_history(statement)):
        return (
            f"{table} is the history table of the tool that these files were written for; Surefoot keeps its own. "
            "Take the statement out, or create an empty table of that name first."
        )
    return "Correct the SQL and run it again."


def _other_history(statement: Statement) -> str | None:
    return next((table for table in _OTHER_HISTORIES if table in statement.sql), None)


def _first_line(error: psycopg.Error) -> str:
    return (error.diag.message_primary or str(error) or type(error).__name__).strip().splitlines()[0]


def _where(statement: Statement | None) -> dict[str, object]:
    if statement is None:
        return {}
    return {"file": statement.path, "line": statement.line, "statement": statement.sql[:2000]}


def _position(statement: Statement, position: int) -> dict[str, object]:
    """The server counts characters of the statement from 1; a person counts lines of the file."""
    before = statement.sql[: position - 1]
    column = len(before) - (before.rfind("\n") + 1) + 1
    return {"line": statement.line + before.count("\n"), "column": column, "position": position}


def _place(statement: Statement | None, line: object = None, column: object = None) -> str:
    if statement is None:
        return ""
    return f"{statement.path}:{line or statement.line}{f':{column}' if column else ''}: "
