"""A folder and a PostgreSQL database, and runs of the one on the other in this process."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import psycopg

from surefoot.engine import api
from surefoot.engine.events import Event
from surefoot.engine.model import Timeouts
from tests.engine.crash.child import PATIENT
from tests.engine.crash.matrix import write_folder
from tests.engine.crash.postgres import ask

E = TypeVar("E", bound=Event)
_LONG = 60.0


@dataclass
class Bed:
    """Runs on `url` with the migrations in `folder`; `events` are those of the last run.

    `connecting` are options of `connect`; `options` those of each run.
    """

    url: str
    folder: Path
    project: str = "default"
    timeouts: Timeouts = PATIENT
    connecting: Mapping[str, Any] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)

    def write(self, files: Mapping[str, str]) -> Bed:
        """Add migrations to the folder: `{"1_a.up": "SQL"}`."""
        write_folder(self.folder, {f"{name}.sql": text for name, text in files.items()})
        return self

    def remove(self, *names: str) -> None:
        """Take migrations out of the folder."""
        for name in names:
            (self.folder / f"{name}.sql").unlink()

    @property
    def home(self) -> api.Project:
        """The folder as a project."""
        return api.Project(self.folder, self.project)

    def up(self, **options: Any) -> tuple[str, ...]:
        """Apply; returns the versions. `wish` is an `api.Wish`, the rest are `RunOptions`."""
        return self._run(api.up, **options).versions

    def down(self, **options: Any) -> tuple[str, ...]:
        """Roll back; returns the versions."""
        return self._run(api.down, **options).versions

    def redo(self, **options: Any) -> tuple[str, ...]:
        """Roll back and apply again; returns the versions."""
        return self._run(api.redo, **options).versions

    def _run(self, verb: Callable[..., api.Result], wish: api.Wish | None = None, **options: Any) -> api.Result:
        self.events.clear()
        given = {"on_event": self.events.append, **options}
        with self.target() as target:
            return verb(target, self.home, wish, api.RunOptions(**given))

    @contextmanager
    def target(self) -> Iterator[Any]:
        """A session of Surefoot's."""
        with api.connect(self.url, timeouts=self.timeouts, **self.connecting) as target:
            yield target

    def repair(self, resolution: api.Resolution | None = None) -> None:
        """Mend what `findings` says."""
        with self.target() as target:
            api.repair(target, self.home, resolution)

    def findings(self) -> list[api.Finding]:
        """What `repair` would deal with."""
        with self.target() as target:
            return api.examine(target, self.home)

    def ask(self, question: str) -> list[tuple[Any, ...]]:
        """Rows, through a connection of the test's own."""
        return ask(self.url, question)

    def value(self, question: str) -> Any:
        """The only value of the only row."""
        [(value,)] = self.ask(question)
        return value

    def applied(self) -> list[str]:
        """The versions that the history has as applied."""
        with self.target() as target:
            return [row.version for row in api.read_state(target, self.home).compared.live]

    def journal(self) -> list[tuple[Any, ...]]:
        """The journal's rows: version, block, state."""
        return self.ask("SELECT version, block, state FROM surefoot.surefoot_journal ORDER BY block")

    def only(self, kind: type[E]) -> list[E]:
        """The last run's events of a kind."""
        return [event for event in self.events if isinstance(event, kind)]

    @contextmanager
    def session(self) -> Iterator[psycopg.Connection[Any]]:
        """Somebody else's session, in a transaction from its first statement on."""
        with psycopg.connect(self.url, application_name="somebody") as connection:
            yield connection
            connection.rollback()

    def busy(self, pattern: str) -> int | None:
        """The pid of the session that runs a statement like this now."""
        rows = self.ask(
            "SELECT pid FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid() "
            f"AND datname = current_database() AND query LIKE '{pattern}'"
        )
        return int(rows[0][0]) if rows else None

    def await_busy(self, pattern: str) -> int:
        """Wait until a session runs a statement like this; its pid."""
        return until(lambda: self.busy(pattern))


T = TypeVar("T")


def until(condition: Callable[[], T | None]) -> T:
    """Wait until the condition gives something, and return that."""
    give_up_at = time.monotonic() + _LONG
    while time.monotonic() < give_up_at:
        found = condition()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError("what was waited for did not come")


class Aside:
    """A call in a thread of its own; `result` waits for it, and raises what it raised."""

    def __init__(self, call: Callable[[], Any]) -> None:
        self._call = call
        self._outcome: list[Any] = []
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def _work(self) -> None:
        try:
            self._outcome.append(self._call())
        except BaseException as error:  # It is raised again where the result is asked for.
            self._error = error

    def result(self) -> Any:
        """What the call returned."""
        self._thread.join(_LONG)
        assert not self._thread.is_alive(), "the call does not end"
        if self._error:
            raise self._error
        return self._outcome[0]
