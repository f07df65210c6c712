"""Which statements write to tables whose engine has no transactions, and so cannot be rolled back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from surefoot.engine.dialects.mysql.bind import fetch
from surefoot.engine.dialects.mysql.classify import outside
from surefoot.engine.dialects.mysql.connect import Connection
from surefoot.engine.dialects.mysql.names import Piece, named, pieces
from surefoot.engine.dialects.mysql.session import is_temporary
from surefoot.engine.dialects.split import Outside, word_set
from surefoot.engine.model import Statement

_ENGINES = "SELECT engine FROM information_schema.ENGINES WHERE transactions = 'YES'"
_TABLES = """
    SELECT table_name, engine FROM information_schema.TABLES
    WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE'
      AND engine NOT IN (SELECT engine FROM information_schema.ENGINES WHERE transactions = 'YES')
"""
_INTO = word_set(
    "INSERT REPLACE UPDATE DELETE LOAD DATA XML LOW_PRIORITY HIGH_PRIORITY DELAYED CONCURRENT LOCAL INFILE QUICK "
    "IGNORE INTO FROM TABLE"
)
# Between these words stand the tables that are written, perhaps among some that are only read.
_END = frozenset({"SET", "VALUES", "VALUE", "SELECT", "WHERE", "(", "PARTITION", "FIELDS", "COLUMNS", "LINES"})
_LONGEST = 2000


@dataclass(slots=True)
class Engines:
    """What is known of the tables' engines: those of the database, and those that the scripts make, in their order.

    `unsafe` holds the tables without transactions, in lower case, each with its engine; `safe` the engines with.
    """

    safe: frozenset[str]
    default: str
    unsafe: dict[str, str] = field(default_factory=dict)

    def outside(self, statements: Sequence[Statement], *, explicit: bool) -> dict[int, Outside]:
        """As `classify.outside`, and with the writes to tables whose engine has no transactions."""
        found = outside(statements, explicit=explicit)
        for index, statement in enumerate(statements):
            if index in found:
                self._learn(statement)
            elif reason := self._reason(statement):
                found[index] = Outside(reason)
        return found

    def _learn(self, statement: Statement) -> None:
        if statement.words[:1] not in {("CREATE",), ("ALTER",)} or "TABLE" not in statement.words[:5]:
            return
        made = named(statement.sql)
        if made is None or made.kind != "TABLE" or is_temporary(statement):
            return
        engine = _engine(statement.sql) or (self.default if statement.words[0] == "CREATE" else "")
        table = made.names[-1][-1].lower()
        if engine and engine.upper() in self.safe:
            self.unsafe.pop(table, None)
        elif engine:
            self.unsafe[table] = engine

    def _reason(self, statement: Statement) -> str:
        if not self.unsafe or statement.words[:1] not in {
            ("INSERT",),
            ("REPLACE",),
            ("UPDATE",),
            ("DELETE",),
            ("LOAD",),
        }:
            return ""
        for table in _written(statement):
            if engine := self.unsafe.get(table.lower()):
                return f"{table} is a table of {engine}, which cannot roll back"
        return ""


def read_engines(connection: Connection) -> Engines:
    """Ask the server which engines have transactions, and which tables of the database have another one."""
    safe = frozenset(str(row[0]).upper() for row in fetch(connection, _ENGINES))
    default = str(fetch(connection, "SELECT @@default_storage_engine")[0][0])
    unsafe = {str(table).lower(): str(engine) for table, engine in fetch(connection, _TABLES)}
    return Engines(safe, default, unsafe)


def _engine(sql: str) -> str:
    """The engine that CREATE or ALTER TABLE names; empty where it names none."""
    parts = list(pieces(sql))
    for at, part in enumerate(parts[:-1]):
        if part.key == "ENGINE":
            value = parts[at + 2] if parts[at + 1].key == "=" and at + 2 < len(parts) else parts[at + 1]
            return value.text.strip("'\"")
    return ""


def _written(statement: Statement) -> list[str]:
    """The names that may be tables which the statement writes to."""
    found: list[Piece] = []
    for part in pieces(statement.sql[:_LONGEST]):
        if part.key in _END and found:
            break
        if part.kind in {"word", "name"} and part.key not in _INTO:
            found.append(part)
    return [part.text for part in found]
