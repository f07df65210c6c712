"""One session on one SQLite database file."""

from __future__ import annotations

import getpass
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from surefoot.engine.dialects.blocks import cut
from surefoot.engine.dialects.sqlite import foreign_keys, recovery
from surefoot.engine.dialects.sqlite.classify import joined, outside
from surefoot.engine.dialects.sqlite.failures import is_disk_failure, translate
from surefoot.engine.dialects.sqlite.lock import RunnerLock
from surefoot.engine.dialects.sqlite.session import main_file, prepare
from surefoot.engine.dialects.sqlite.split import split
from surefoot.engine.dialects.sqlite.tables import NOW, UPGRADES
from surefoot.engine.dialects.target import Check, Judgement, NoticeSink, Observation, Row, Session
from surefoot.engine.events import Blocker
from surefoot.engine.model import Block, Limits, Note, Script, Statement, Timeouts
from surefoot.errors import Cancelled, ConnectionLost, LockTimeout, SurefootError

if TYPE_CHECKING:
    # Most commands look at no schema, and the import costs.
    from surefoot.engine.effects import TableSize
    from surefoot.engine.snapshot import Snapshot

# The virtual machine's instructions between two looks at the clock: some ten microseconds.
_GLANCE = 1000
T = TypeVar("T")


class SqliteTarget:
    """One session on one SQLite file; see `Target` for what each method promises.

    `connect` opens a new connection to the same file each time; to be cancelled at once from another thread, it needs
    `check_same_thread=False`. `exists` says whether the file is there already: until something has to be read or
    written, no connection is made, so that looking at a database that is not there does not create it. `preamble` are
    statements that prepare the session. Foreign keys are off in it; a step may not leave more rows without their
    parents than it found, unless `check_foreign_keys` is False.
    """

    dialect = "sqlite"
    now = NOW

    def __init__(
        self,
        connect: Callable[[], sqlite3.Connection],
        *,
        label: str,
        exists: Callable[[], bool] = lambda: True,
        preamble: Sequence[str] = (),
        timeouts: Timeouts | None = None,
        check_foreign_keys: bool = True,
    ) -> None:
        self.label = label
        self.timeouts = timeouts or Timeouts()
        self.on_notice: NoticeSink = lambda _severity, _message: None
        self._connect = connect
        self._exists = exists
        self._preamble = tuple(preamble)
        self._check_keys = check_foreign_keys
        self._connection: sqlite3.Connection | None = None
        self._lock: RunnerLock | None = None
        self._touched = False
        self._before: foreign_keys.Violations | None = None
        self._last: Statement | None = None
        self._deadline = float("inf")
        self._executing = False
        self._cancelled = False

    def open(self) -> None:
        self.close()
        # A locked file is a file that answers.
        if self._exists():
            with suppress(LockTimeout):
                self.query("PRAGMA schema_version")

    def close(self) -> None:
        self.unlock()
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(sqlite3.Error):
                connection.close()

    @property
    def connection(self) -> sqlite3.Connection:
        """The open connection of the session."""
        if self._connection is None:
            self._connection = self._new_session()
        return self._connection

    def _new_session(self) -> sqlite3.Connection:
        with ExitStack() as undo:
            try:
                connection = undo.enter_context(closing(self._connect()))
                prepare(connection, self._preamble, self.timeouts.lock)
                connection.set_progress_handler(self._must_stop, _GLANCE)
            except sqlite3.Error as error:
                raise self._failure(error, None) from error
            undo.pop_all()
        self._touched = False
        return connection

    def _must_stop(self) -> bool:
        return self._executing and (self._cancelled or time.monotonic() > self._deadline)

    def _is_absent(self) -> bool:
        return self._connection is None and not self._exists()

    @property
    def server(self) -> str:
        return f"SQLite {sqlite3.sqlite_version}"

    @property
    def user(self) -> str:
        return getpass.getuser()

    def cut(self, scripts: Sequence[Script]) -> tuple[tuple[Block, ...], tuple[Note, ...]]:
        # SQLite says itself where a statement ends, and runs one at a time: a format's own boundaries may hold several.
        loose = [replace(s, fragments=tuple(replace(f, whole=False) for f in s.fragments)) for s in scripts]
        blocks, notes = cut(loose, split, outside)
        return joined(blocks), notes

    def limits(self, block: Block) -> Limits:
        del block
        return Limits(self.timeouts.lock, self.timeouts.statement)

    def lock(self, name: str) -> bool:
        self._cancelled = False
        lock = RunnerLock(main_file(self.connection), name)
        taken = lock.take()
        self._lock = lock
        return taken

    def unlock(self) -> None:
        if self._lock is not None:
            self._lock.give_back()

    def check_lock(self) -> None:
        """The lock is a file's: no statement can give it back."""

    def lock_holders(self, name: str) -> tuple[Blocker, ...]:
        return () if self._is_absent() else RunnerLock(main_file(self.connection), name).holders()

    def table(self, name: str) -> str:
        return f"main.surefoot_{name}"

    def has_history(self) -> bool:
        if self._is_absent():
            return False
        return bool(self.query("SELECT 1 FROM main.sqlite_master WHERE name = 'surefoot_format'"))

    def history_ddl(self) -> Sequence[Sequence[str]]:
        return UPGRADES

    def query(self, sql: str, params: Sequence[object] = ()) -> list[Row]:
        try:
            return self.connection.execute(sql.replace("%s", "?") if params else sql, tuple(params)).fetchall()
        except sqlite3.Error as error:
            raise self._failure(error, None) from error

    def utc(self, value: object) -> datetime:
        return datetime.fromisoformat(str(value))

    def begin(self, *, clean: bool) -> None:
        if clean:
            self.clean()
        self._before = None
        # Inside a transaction this pragma does nothing.
        self.query("PRAGMA foreign_keys = OFF")
        self.query("BEGIN IMMEDIATE")

    def commit(self) -> None:
        if self._before is not None and self._last is not None:
            with self._bounded(self._last) as connection:
                foreign_keys.refuse_new(connection, self._before, self._last)
        try:
            self.connection.execute("COMMIT")
        except sqlite3.Error as error:
            if is_disk_failure(error):
                # Whether it committed shows when the file is opened again.
                raise ConnectionLost(f"{self.label}: {error}.", hint="Check the disk.") from error
            raise self._failure(error, None) from error

    def rollback(self) -> None:
        with suppress(sqlite3.Error):
            if self._connection is not None and self._connection.in_transaction:
                self._connection.execute("ROLLBACK")

    def clean(self) -> None:
        if self._touched:
            # The new session first: as the last one, the old would write the whole of a WAL back and remove it.
            before, self._connection = self._connection, self._new_session()
            if before is not None:
                before.close()

    def execute(self, statement: Statement, *, comment: str = "") -> int | None:
        # No log would show the comment, and the text of a view or an index would keep it for ever.
        del comment
        self._touched = self._touched or recovery.touches_session(statement)
        self._last = statement
        with self._bounded(statement) as connection:
            if self._is_watched(statement):
                self._before = foreign_keys.violations(connection)
            cursor = connection.execute(statement.sql)
            # A query runs only as far as its rows are asked for.
            for _ in cursor:
                pass
            return cursor.rowcount if cursor.rowcount >= 0 else None

    def _is_watched(self, statement: Statement) -> bool:
        """Whether the statement is the transaction's first that may leave rows without their parents."""
        in_transaction = self.connection.in_transaction
        return self._check_keys and in_transaction and self._before is None and foreign_keys.may_violate(statement)

    @contextmanager
    def _bounded(self, statement: Statement) -> Iterator[sqlite3.Connection]:
        """Run something of the statement's within its time, and raise its failures as Surefoot's."""
        connection = self.connection
        if self._cancelled:
            raise Cancelled("The run was cancelled.", hint="Run it again to go on.")
        self._deadline = time.monotonic() + (self.timeouts.statement or float("inf"))
        self._executing = True
        try:
            yield connection
        except (sqlite3.Error, sqlite3.Warning) as error:
            raise self._failure(error, statement) from error
        finally:
            self._executing = False

    def execute_outside(self, statement: Statement, *, comment: str = "") -> int | None:
        return self.execute(statement, comment=comment)

    def _failure(self, error: sqlite3.Error | sqlite3.Warning, statement: Statement | None) -> SurefootError:
        return translate(error, self.label, cancelled=self._cancelled, statement=statement)

    def leaves_role_behind(self, statement: Statement) -> bool:
        del statement
        return False

    def session_effect(self, statement: Statement) -> Session:
        return recovery.session_effect(statement)

    def look(self, statement: Statement) -> str:
        del statement
        return ""

    def judge(self, statement: Statement, before: str, *, mend: bool) -> Judgement:
        del before, mend
        return recovery.judge(statement)

    def cancel(self) -> None:
        self._cancelled = True
        self.cancel_statement()

    def cancel_statement(self) -> None:
        connection = self._connection
        if self._executing and connection is not None:
            # Refused where the caller's `connect` bound the connection to its thread: `_must_stop` ends it then.
            with suppress(sqlite3.Error):
                connection.interrupt()

    def observe(self) -> Observation:
        return Observation()

    def doctor(self) -> list[Check]:
        from surefoot.engine.dialects.sqlite import doctor

        if self._is_absent():
            return doctor.examine_absent(self.label)
        return self._looked(lambda connection: doctor.examine(connection, main_file(connection)))

    def snapshot(self) -> Snapshot:
        from surefoot.engine.dialects.sqlite.snapshot import empty, take

        return empty() if self._is_absent() else self._looked(take)

    def sizes(self) -> Mapping[str, TableSize]:
        from surefoot.engine.dialects.sqlite.sizes import sizes

        return {} if self._is_absent() else self._looked(sizes)

    def dump(self) -> str:
        from surefoot.engine.dialects.sqlite.dump import dump

        return "" if self._is_absent() else self._looked(dump)

    def _looked(self, look: Callable[[sqlite3.Connection], T]) -> T:
        try:
            return look(self.connection)
        except sqlite3.Error as error:
            raise self._failure(error, None) from error
