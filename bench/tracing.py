"""What tracing costs: the same migrations on PostgreSQL with and without a tracer, among few and many relations."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from surefoot.engine import api
from surefoot.engine.dialects.postgres.connect import Connector
from surefoot.engine.dialects.postgres.target import PostgresTarget
from surefoot.engine.dialects.postgres.trace import PostgresTracer
from surefoot.engine.model import Folder, Fragment, Migration, Script

_TABLE = """
    CREATE TABLE t{0} (id int PRIMARY KEY, a int NOT NULL, b text, p int REFERENCES t{0}); CREATE INDEX ON t{0} (a)
"""


@dataclass(frozen=True, slots=True)
class Cost:
    """Milliseconds: to begin a trace among so many relations, and for each statement without and with one."""

    relations: int
    begin: float
    plain: float
    traced: float


@dataclass(frozen=True, slots=True)
class _Single(api.Project):
    migration: Migration = field(default_factory=lambda: Migration("0", "", (), None))

    def read(self) -> Folder:
        """The folder of the one migration."""
        return Folder("", "native", (self.migration,))


def measure(url: str, tables: int, statements: int = 200) -> Cost:
    """Measure on an empty database, in which so many tables are made first (each of them is three relations)."""
    connect = Connector(url, timeout=10)
    target = PostgresTarget(connect, label="bench")
    try:
        run = _runner(target)
        run("0", ";".join(_TABLE.format(number) for number in range(tables)), None)
        plain = run("1", _alterations("x", tables, statements), None)
        begun = time.perf_counter()
        tracer = PostgresTracer(target, connect)
        begin = time.perf_counter() - begun
        traced = run("2", _alterations("y", tables, statements), tracer)
        [[relations]] = target.query("SELECT count(*) FROM pg_class WHERE oid >= 16384")
    finally:
        target.close()
    return Cost(relations, begin * 1000, plain / statements * 1000, traced / statements * 1000)


def _runner(target: PostgresTarget) -> Callable[[str, str, PostgresTracer | None], float]:
    def run(version: str, sql: str, tracer: PostgresTracer | None) -> float:
        migration = Migration(version, "bench", (Script("m.sql", (Fragment(sql),)),), None)
        options = api.RunOptions(on_event=tracer) if tracer else api.RunOptions()
        started = time.perf_counter()
        api.up(target, _Single("", version, migration=migration), api.Wish(), options)
        return time.perf_counter() - started

    return run


def _alterations(column: str, tables: int, statements: int) -> str:
    """Statements on a handful of tables, as migrations have them."""
    return ";".join(f"ALTER TABLE t{number % min(tables, 5)} ADD {column}{number} int" for number in range(statements))
