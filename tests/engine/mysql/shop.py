"""A folder of migrations, a database on MariaDB, and what a test does with both."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from surefoot.engine import api
from surefoot.engine.dialects.mysql.bind import Rows, fetch
from surefoot.engine.dialects.mysql.connect import Connection, Connector
from surefoot.engine.dialects.target import Target
from surefoot.engine.events import Event
from surefoot.engine.model import Block, Fragment, Script, Timeouts

QUICK = Timeouts(lock=1, lock_wait=20, runner=20)


@dataclass
class Shop:
    """A folder and a database; sessions opened here are closed at the test's end."""

    url: str
    folder: Path
    events: list[Event] = field(default_factory=list)
    opened: list[Connection] = field(default_factory=list)

    def write(self, version: int, up: str, down: str | None = None) -> None:
        """Write a migration."""
        (self.folder / f"{version}_step.up.sql").write_text(up, encoding="utf-8")
        if down is not None:
            (self.folder / f"{version}_step.down.sql").write_text(down, encoding="utf-8")

    @property
    def project(self) -> api.Project:
        return api.Project(self.folder, format="native")

    def connect(self, timeouts: Timeouts = QUICK, **options: Any) -> AbstractContextManager[Target]:
        """A target of this database."""
        return api.connect(self.url, timeouts=timeouts, **options)

    def up(self, on_event: Callable[[Event], None] | None = None, timeouts: Timeouts = QUICK, **options: Any) -> None:
        """Run `up`; what happens is kept in `events`."""
        self._run(api.up, on_event, timeouts, options)

    def down(self, **options: Any) -> None:
        """Run `down`."""
        self._run(api.down, None, QUICK, options)

    def _run(self, verb: Any, on_event: Callable[[Event], None] | None, timeouts: Timeouts, options: Any) -> None:
        def tell(event: Event) -> None:
            self.events.append(event)
            if on_event:
                on_event(event)

        with self.connect(timeouts, **options) as target:
            verb(target, self.project, None, api.RunOptions(on_event=tell))

    def kinds(self) -> list[str]:
        return [event.kind for event in self.events]

    def told(self, kind: str) -> list[Any]:
        """The events of a kind."""
        return [event for event in self.events if event.kind == kind]

    def session(self) -> Connection:
        """A session beside the run's."""
        connection = Connector(self.url, timeout=10)()
        self.opened.append(connection)
        return connection

    def ask(self, sql: str) -> Rows:
        """Run a statement in a session of its own."""
        return fetch(self.session(), sql)

    def tables(self) -> set[str]:
        """The tables and views that are not Surefoot's."""
        return {row[0] for row in self.ask("SHOW TABLES") if not row[0].startswith("surefoot_")}

    def statement_running(self, text: str) -> int:
        """The session that runs a statement with this text, as soon as there is one."""
        connection = self.session()
        for _ in range(2000):
            rows = fetch(
                connection,
                "SELECT id FROM information_schema.PROCESSLIST WHERE info LIKE %s AND id <> CONNECTION_ID()",
                (f"%{text}%",),
            )
            if rows:
                return int(rows[0][0])
            time.sleep(0.01)
        raise AssertionError(f"nobody runs {text}")

    def kill(self, session: int) -> None:
        """End a session, and wait until what it did is taken back."""
        self.ask(f"KILL {session}")
        while self.ask(f"SELECT 1 FROM information_schema.PROCESSLIST WHERE id = {session}"):
            time.sleep(0.01)

    def close(self) -> None:
        for connection in self.opened:
            if connection.open:
                connection.close()


def script(sql: str, path: str = "1_step.up.sql") -> Script:
    """A script of one fragment."""
    return Script(path, (Fragment(sql),))


def blocks(target: Target, sql: str) -> tuple[Block, ...]:
    """How a target cuts a script."""
    return target.cut([script(sql)])[0]
