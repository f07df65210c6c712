"""Running Surefoot's own statements, whatever a migration has set in the session.

A migration may change the session's character set and SQL mode, and with them how a quoted text is read. Values are
therefore written in hexadecimal unless they are plain.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from surefoot.engine.dialects.mysql.connect import Connection

Rows = list[tuple[Any, ...]]
_PLAIN = re.compile(r"[A-Za-z0-9 _.,:;@()/+=-]+")


def fetch(connection: Connection, sql: str, params: Sequence[object] = ()) -> Rows:
    """Run one statement with `%s` placeholders, and fetch its rows, if any. Raises pymysql.Error, OSError."""
    with connection.cursor() as cursor:
        cursor.execute(sql % tuple(map(literal, params)) if params else sql)
        return list(cursor.fetchall()) if cursor.description else []


def literal(value: object) -> str:
    """A value as SQL that means the same in every session."""
    if value is None:
        return "NULL"
    if isinstance(value, bytes):
        return f"x'{value.hex()}'"
    if isinstance(value, int | float):
        return str(value)
    text = str(value)
    return f"'{text}'" if _PLAIN.fullmatch(text) else f"_utf8mb4 x'{text.encode().hex()}'"


def quote(*names: str) -> str:
    """A name, perhaps qualified, as SQL."""
    return ".".join("`" + name.replace("`", "``") + "`" for name in names)
