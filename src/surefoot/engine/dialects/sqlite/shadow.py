"""A shadow database: a file of its own in a private directory."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from surefoot.engine.dialects.generate.fill import Asked
from surefoot.engine.dialects.shadow import Place, Reversal
from surefoot.engine.dialects.sqlite import copy, filling, guard, reverse, rows, snapshot
from surefoot.engine.dialects.sqlite.connect import Connector
from surefoot.engine.dialects.sqlite.failures import translate
from surefoot.engine.dialects.sqlite.lock import RunnerLock
from surefoot.engine.dialects.sqlite.target import SqliteTarget
from surefoot.engine.dialects.sqlite.trace import SqliteTracer
from surefoot.engine.model import Statement
from surefoot.engine.rows import TableRows, Unfilled
from surefoot.engine.snapshot import Difference, Snapshot
from surefoot.errors import ShadowFailed, StatementFailed

_PREFIX = "surefoot-shadow-sqlite-"
_NAME = re.compile(rf"{_PREFIX}(?P<pid>\d+)-.*")
_FILE = "shadow.db"
_LIFE = "life"
_SIDE_FILES = ("-wal", "-shm", "-journal")
# Nobody needs the file after a crash.
_FAST = "PRAGMA synchronous = OFF"


class SqliteShadow:
    """A throw-away SQLite file; see `Shadow` for what each method promises.

    It is laid out as the target's file is. No statement on it can reach another file.
    """

    def __init__(self, place: Place) -> None:
        self._place = place
        self._connector = Connector(place.target_url) if place.target_url else None
        self.label = f"a shadow of {self._connector.label}" if self._connector else "a SQLite file of its own"
        self._notes: list[str] = []
        self._directory: Path | None = None
        self._target: SqliteTarget | None = None
        self._own: sqlite3.Connection | None = None
        self._known: snapshot.Known = {}
        self._life: RunnerLock | None = None

    @property
    def target(self) -> SqliteTarget:
        if self._target is None:
            self._target = self._new_target()
        return self._target

    @property
    def notes(self) -> tuple[str, ...]:
        return tuple(self._notes)

    @property
    def _file(self) -> Path:
        if self._directory is None:
            raise ShadowFailed("The shadow database is not open.", hint="Call open() first.")
        return self._directory / _FILE

    @property
    def _kept(self) -> Path:
        return self._file.with_name("kept.db")

    def open(self) -> None:
        _clear_leftovers()
        guard.check_preamble(self._place.preamble)
        if self._place.shadow_url:
            self._notes.append("shadow_url is not used: a shadow of SQLite is a file in a private directory.")
        self._directory = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-"))
        self._file.touch()
        self._life = RunnerLock(self._file, _LIFE)
        self._life.take()
        with closing(self._connect()) as connection:
            self._notes += copy.make(connection, self._connector, self._place)

    def close(self) -> None:
        self._disconnect()
        if self._life is not None:
            self._life.give_back()
        if self._directory is not None:
            shutil.rmtree(self._directory, ignore_errors=True)
            self._directory = None

    def save(self) -> None:
        # With every connection closed, all there is is in the one file.
        self._disconnect()
        shutil.copyfile(self._file, self._kept)

    def restore(self) -> None:
        self._disconnect()
        self._target = None
        for end in _SIDE_FILES:
            self._file.with_name(self._file.name + end).unlink(missing_ok=True)
        shutil.copyfile(self._kept, self._file)

    def snapshot(self) -> Snapshot:
        with self._looking() as connection:
            return snapshot.take(connection, self._known)

    def excuse(self, difference: Difference) -> str | None:
        return snapshot.excuse(difference)

    def check(self, statements: Sequence[Statement]) -> None:
        guard.check(statements)

    def supply(self, error: StatementFailed) -> bool:
        """Nothing surrounds a file: what a migration lacks here, it lacks on the target as well."""
        del error
        return False

    def trace(self) -> SqliteTracer:
        return SqliteTracer(self.target)

    def fill(
        self, count: int, seed: str, tables: Collection[str] | None = None, *, plain: bool = False
    ) -> tuple[Unfilled, ...]:
        with self._looking() as connection:
            return filling.fill(connection, Asked(count, seed, plain), tables)

    def load(self, seed: str) -> None:
        with self._looking() as connection:
            self._notes += rows.load(connection, seed)

    def read_rows(self, tables: Collection[str] | None = None) -> Mapping[str, TableRows]:
        with self._looking() as connection:
            return rows.read_rows(connection, tables)

    def reverse(self, before: Snapshot, after: Snapshot) -> Reversal:
        return reverse.reverse(before, after)

    def _new_target(self) -> SqliteTarget:
        return SqliteTarget(
            self._connect,
            label=self.label,
            preamble=(_FAST, *self._place.preamble),
            timeouts=self._place.timeouts,
            check_foreign_keys=self._connector is None or self._connector.checks_foreign_keys,
        )

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._file, isolation_level=None, check_same_thread=False)
        connection.text_factory = rows.replaced
        connection.set_authorizer(guard.authorize)
        connection.execute(_FAST)
        return connection

    @contextmanager
    def _looking(self) -> Iterator[sqlite3.Connection]:
        """A session of our own, kept for the next time."""
        if self._own is None:
            self._own = self._connect()
        try:
            yield self._own
        except sqlite3.Error as error:
            raise translate(error, self.label, cancelled=False, statement=None) from error
        # With a WAL even a session that does nothing has a lock, and a migration may want to leave that mode.
        if self._own.execute("PRAGMA journal_mode").fetchone()[0] == "wal":
            self._forget_own()

    def _forget_own(self) -> None:
        if self._own is not None:
            self._own.close()
            self._own = None

    def _disconnect(self) -> None:
        self._forget_own()
        if self._target is not None:
            self._target.close()


def _clear_leftovers() -> None:
    """Remove the directories of processes that are gone."""
    for path in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        found = _NAME.fullmatch(path.name)
        # A process in another container has a number that says nothing here, and its lock.
        in_use = found and (_is_alive(int(found["pid"])) or RunnerLock(path / _FILE, _LIFE).holders())
        if found and not in_use:
            shutil.rmtree(path, ignore_errors=True)


def _is_alive(pid: int) -> bool:
    with suppress(PermissionError):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
    return True
