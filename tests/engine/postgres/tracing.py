"""A PostgreSQL database on which single migrations run, traced."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg

from surefoot.engine import api
from surefoot.engine.dialects.postgres.connect import Connection, Connector
from surefoot.engine.dialects.postgres.target import PostgresTarget
from surefoot.engine.dialects.postgres.trace import PostgresTracer
from surefoot.engine.effects import Effect
from surefoot.engine.events import Event
from surefoot.engine.model import Folder, Fragment, Migration, Script, Timeouts

QUICK = Timeouts(lock=1, lock_wait=5)


@dataclass(frozen=True, slots=True)
class Single(api.Project):
    """A project of one migration, which is in no folder."""

    migration: Migration = field(default_factory=lambda: Migration("1", "one", (), None))

    def read(self) -> Folder:
        return Folder("", "native", (self.migration,))


class Bench:
    """Runs migrations on one database, one after the other, each traced."""

    def __init__(self, url: str, preamble: Sequence[str] = ()) -> None:
        connect = Connector(url, timeout=5)
        self.target = PostgresTarget(connect, label="test", timeouts=QUICK, preamble=preamble)
        self.admin = connect()
        self._connect = connect
        self._count = 0
        self.tracer: PostgresTracer
        self.opened: list[Connection] = []

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        """Run SQL on a session of its own."""
        cursor = self.admin.execute(sql.encode())
        while cursor.nextset():
            pass
        return cursor.fetchall() if cursor.description else []

    def value(self, sql: str) -> Any:
        return self.ask(sql)[0][0]

    def trace(self, sql: str, *, transaction: bool = True, tell: list[Event] | None = None) -> tuple[Effect, ...]:
        """Run the statements as one migration; returns what they did."""
        self._count += 1
        script = Script("m.sql", (Fragment(sql),), transaction)
        project = Single("", migration=Migration(str(self._count), "one", (script,), None))
        self.tracer = PostgresTracer(self.target, self._second)

        def sink(event: Event) -> None:
            if tell is not None:
                tell.append(event)
            self.tracer(event)

        # What this session has read is counted before the migration begins, and not in the middle of it.
        self.ask("SELECT pg_stat_force_next_flush()")
        wish = api.Wish()
        try:
            api.up(self.target, project, wish, api.RunOptions(on_event=sink))
        finally:
            with psycopg.Connection.connect(self.admin.info.dsn, autocommit=True) as other:
                other.execute("DELETE FROM surefoot.surefoot_history; DELETE FROM surefoot.surefoot_journal")
        return self.tracer.effects

    def _second(self) -> Connection:
        self.opened.append(self._connect())
        return self.opened[-1]

    @property
    def written(self) -> frozenset[str] | None:
        return self.tracer.written


@contextmanager
def bench(url: str, setup: str = "", preamble: Sequence[str] = ()) -> Iterator[Bench]:
    """A bench on the database of the URL, on which `setup` has run."""
    made = Bench(url, preamble)
    try:
        if setup:
            made.ask(setup)
        yield made
    finally:
        made.target.close()
        made.admin.close()


def locks(effect: Effect) -> dict[str, str]:
    """The strongest lock on each relation; the last one told is the strongest."""
    return {lock.relation: lock.mode for lock in effect.locks}
