"""Sending a migration's statement, and reading all that comes back."""

from __future__ import annotations

from surefoot.engine.dialects.mysql.bind import fetch
from surefoot.engine.dialects.mysql.connect import Connection
from surefoot.engine.dialects.target import NoticeSink
from surefoot.engine.model import Statement
from surefoot.errors import StatementFailed

# The smallest limit in use; only beyond it is the server asked for its own.
_SMALL = 1 << 18


def send(connection: Connection, statement: Statement, text: str, on_notice: NoticeSink) -> int | None:
    """Run `text`, the statement with what was added to it; returns the rows touched, warnings go to `on_notice`.

    Raises pymysql.Error and OSError, and StatementFailed where the text is too long for the server.
    """
    if len(text) > _SMALL:
        _refuse_too_long(connection, statement, len(text.encode()))
    with connection.cursor() as cursor:
        cursor.execute(text)
        rows, warned = cursor.rowcount, cursor.warning_count
        while cursor.nextset():
            warned = cursor.warning_count
    if statement.words[:1] == ("SET",):
        # Whatever SET NAMES says: answers are read as UTF-8.
        fetch(connection, "SET character_set_results = utf8mb4")
    elif warned:
        for severity, _, message in fetch(connection, "SHOW WARNINGS"):
            on_notice(str(severity).upper(), str(message))
    return rows if rows >= 0 else None


def _refuse_too_long(connection: Connection, statement: Statement, size: int) -> None:
    """The server would break the connection off, and leave it at that."""
    most = int(fetch(connection, "SELECT @@max_allowed_packet")[0][0])
    if size >= most:
        raise StatementFailed(
            f"{statement.path}:{statement.line}: {size} bytes are more than the server takes at once ({most}).",
            hint="Split it into several statements, or raise the server's max_allowed_packet.",
            file=statement.path,
            line=statement.line,
            statement=statement.sql[:2000],
        )
