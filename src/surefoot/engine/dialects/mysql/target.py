"""One session on one MariaDB or MySQL database."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import pymysql

from surefoot.engine.dialects.blocks import cut
from surefoot.engine.dialects.mysql import observe, recovery
from surefoot.engine.dialects.mysql import session as sessions
from surefoot.engine.dialects.mysql.bind import fetch, quote
from surefoot.engine.dialects.mysql.connect import (
    Address,
    Connection,
    in_transaction,
    is_mariadb,
    server_version,
    session_number,
)
from surefoot.engine.dialects.mysql.engines import Engines, read_engines
from surefoot.engine.dialects.mysql.failures import (
    UNREADABLE,
    Failure,
    is_lost,
    message,
    number,
    translate,
)
from surefoot.engine.dialects.mysql.pooler import refuse_pooling
from surefoot.engine.dialects.mysql.send import send
from surefoot.engine.dialects.mysql.split import split_for_run
from surefoot.engine.dialects.mysql.tables import history_ddl
from surefoot.engine.dialects.target import (
    Check,
    Judgement,
    NoticeSink,
    Observation,
    Row,
    Session,
    Verdict,
    refuse_lost_lock,
    refuse_split,
)
from surefoot.engine.events import Blocker
from surefoot.engine.model import Block, Limits, Note, Script, Statement, Timeouts
from surefoot.errors import Cancelled, SurefootError, Unreachable

if TYPE_CHECKING:
    # Most commands look at no schema, and the import costs.
    from surefoot.engine.effects import TableSize
    from surefoot.engine.snapshot import Snapshot

Result = TypeVar("Result")
# Where a limit is switched off: the longest that the server takes, a year.
_FOREVER = 31_536_000
_HAS_FORMAT = (
    "SELECT COUNT(*) FROM information_schema.TABLES WHERE table_schema = %s AND table_name = 'surefoot_format'"
)


class MysqlTarget:
    """One session on one MariaDB or MySQL database; see `Target` for what each method promises.

    `connect` opens a new autocommit connection each time: for the session itself, to look at it from outside, and to
    connect again after a loss. `address` names the database, and is where the dump program connects. `preamble` are
    statements that prepare the session before each step. `check` is asked before each statement of a migration, and
    raises what keeps it from running.
    """

    dialect = "mysql"
    now = "UTC_TIMESTAMP(6)"

    def __init__(
        self,
        connect: Callable[[], Connection],
        address: Address,
        *,
        preamble: Sequence[str] = (),
        timeouts: Timeouts | None = None,
        check: Callable[[Connection, Statement], None] = lambda _connection, _statement: None,
    ) -> None:
        self.label = address.label
        self.timeouts = timeouts or Timeouts()
        self.on_notice: NoticeSink = lambda _severity, _message: None
        self._connect = connect
        self._address = address
        self._database = address.database
        self._preamble = tuple(preamble)
        self._check = check
        self._connection: Connection | None = None
        self._observer: Connection | None = None
        self._looker: Connection | None = None
        self._memory: sessions.Memory | None = None
        self._engines: Engines | None = None
        self._lock_name = ""
        self._locked = False
        self._refused: tuple[Statement, int] | None = None
        self._executing = False
        self._cancelled = False

    def open(self) -> None:
        self.close()
        try:
            self._connection = self._connect()
        except (pymysql.Error, OSError) as error:
            raise Unreachable(
                f"{self.label} does not answer: {message(error)}.",
                hint="Check host, port, user and password; `surefoot wait` waits for a database that is starting.",
            ) from error
        self.query(self._bounds())
        self._memory = self._guarded(lambda connection: sessions.remember(connection, self._database))
        self._run_preamble()

    def close(self) -> None:
        for connection in (self._connection, self._observer, self._looker):
            if connection is not None and connection.open:
                with suppress(pymysql.Error, OSError):
                    connection.close()
        self._connection = self._observer = self._looker = self._engines = None
        self._locked = False

    @property
    def connection(self) -> Connection:
        """The open connection of the session."""
        if self._connection is None:
            self.open()
        assert self._connection is not None
        return self._connection

    @property
    def server(self) -> str:
        product = "MariaDB" if is_mariadb(self.connection) else "MySQL"
        return f"{product} {server_version(self.connection).partition('-')[0]}"

    @property
    def user(self) -> str:
        return str(self.query("SELECT CURRENT_USER()")[0][0])

    def cut(self, scripts: Sequence[Script]) -> tuple[tuple[Block, ...], tuple[Note, ...]]:
        if self._engines is None:
            self._engines = self._guarded(read_engines)
        return cut(scripts, split_for_run, self._engines.outside)

    def limits(self, block: Block) -> Limits:
        del block
        return Limits(self._lock_seconds(), self.timeouts.statement)

    def _lock_seconds(self) -> int:
        """The server counts whole seconds here; 0 where no limit is wanted."""
        return max(1, round(self.timeouts.lock)) if self.timeouts.lock else 0

    def lock(self, name: str) -> bool:
        self._cancelled = False
        self._lock_name = self._name_of_lock(name)
        taken, pid = self.query("SELECT GET_LOCK(%s, 0), CONNECTION_ID()", (self._lock_name,))[0]
        if pid != session_number(self.connection):
            self._guarded(partial(refuse_pooling, name=self._lock_name, taken=bool(taken)))
        self._locked = bool(taken)
        return self._locked

    def unlock(self) -> None:
        self._locked = False
        self.query("SELECT RELEASE_LOCK(%s)", (self._lock_name,))

    def check_lock(self) -> None:
        if self._locked:
            [(held,)] = self.query("SELECT IS_USED_LOCK(%s) <=> CONNECTION_ID()", (self._lock_name,))
            refuse_lost_lock(held=bool(held))

    def lock_holders(self, name: str) -> tuple[Blocker, ...]:
        return self._guarded(partial(observe.lock_holders, name=self._name_of_lock(name)))

    def _name_of_lock(self, name: str) -> str:
        return _lock_name(f"{self._database}/{name}")

    def table(self, name: str) -> str:
        return quote(self._database, f"surefoot_{name}")

    def has_history(self) -> bool:
        return self.query(_HAS_FORMAT, (self._database,)) != [(0,)]

    def history_ddl(self) -> Sequence[Sequence[str]]:
        return history_ddl(self.table)

    def query(self, sql: str, params: Sequence[object] = ()) -> list[Row]:
        return self._guarded(lambda connection: fetch(connection, sql, params))

    def _guarded(self, work: Callable[[Connection], Result]) -> Result:
        try:
            return work(self.connection)
        except (pymysql.Error, OSError) as error:
            raise self._failure(error, None) from error

    def utc(self, value: object) -> datetime:
        assert isinstance(value, datetime)
        return value.replace(tzinfo=UTC)

    def begin(self, *, clean: bool) -> None:
        self.check_lock()
        if clean:
            self.clean()
        self.query(self._bounds())
        self.query("START TRANSACTION")

    def _bounds(self) -> str:
        """Bounds on every wait: the server's own for the locks of DDL is a day. Not for use within a transaction."""
        lock = self._lock_seconds() or _FOREVER
        limits = [f"SESSION lock_wait_timeout = {lock}", f"SESSION innodb_lock_wait_timeout = {lock}"]
        if self.timeouts.statement is not None:
            limits.append(self._statement_limit(self.timeouts.statement))
        # To switch autocommit on ends a transaction: so it is no part of what cleaning restores.
        return f"SET SESSION autocommit = 1, {', '.join(limits)}"

    def _statement_limit(self, seconds: float) -> str:
        if is_mariadb(self.connection):
            return f"SESSION max_statement_time = {seconds:.3f}"
        return f"SESSION max_execution_time = {round(seconds * 1000)}"

    def commit(self) -> None:
        self._executing = True
        try:
            self.query("COMMIT")
        finally:
            self._executing = False

    def rollback(self) -> None:
        with suppress(pymysql.Error, OSError):
            if self._connection is not None and self._connection.open:
                fetch(self._connection, "ROLLBACK")

    def clean(self) -> None:
        memory = self._memory
        if memory is not None:
            self._guarded(lambda connection: sessions.restore(connection, memory))
        self._run_preamble()

    def _run_preamble(self) -> None:
        for sql in self._preamble:
            self.query(sql)

    def execute(self, statement: Statement, *, comment: str = "") -> int | None:
        if self._cancelled:
            raise Cancelled("The run was cancelled.", hint="Run it again to go on.")
        # A comment that begins with an exclamation mark would be executed.
        text = statement.sql + comment.replace("/*", "/* ", 1)
        self._executing, self._refused = True, None
        held = in_transaction(self.connection)
        if self._memory is not None:
            self._memory.note(statement)
        try:
            self._check(self.connection, statement)
            rows = send(self.connection, statement, text, self.on_notice)
            if held and not in_transaction(self.connection):
                refuse_split(statement)
            return rows
        except (pymysql.Error, OSError) as error:
            self._refused = (statement, number(error))
            raise self._failure(error, statement) from error
        finally:
            self._executing = False

    def execute_outside(self, statement: Statement, *, comment: str = "") -> int | None:
        self.query(self._bounds())
        return self.execute(statement, comment=comment)

    def _failure(self, error: Failure, statement: Statement | None) -> SurefootError:
        if is_lost(error) and self._connection is not None:
            with suppress(pymysql.Error, OSError):
                self._connection.close()
        return translate(error, self.label, cancelled=self._cancelled, statement=statement)

    def leaves_role_behind(self, statement: Statement) -> bool:
        return statement.words[:1] == ("USE",) or (statement.words[:1] == ("SET",) and "ROLE" in statement.words[1:3])

    def session_effect(self, statement: Statement) -> Session:
        return sessions.effect(statement)

    def look(self, statement: Statement) -> str:
        database = str(self.query("SELECT DATABASE()")[0][0] or self._database)
        return self._looking(lambda connection: recovery.look(connection, statement, database))

    def judge(self, statement: Statement, before: str, *, mend: bool) -> Judgement:
        del mend
        if self._ran_nothing(statement):
            return Judgement(Verdict.NOT_DONE, "the server refused it before it ran")
        return self._looking(lambda connection: recovery.judge(connection, statement, before))

    def _ran_nothing(self, statement: Statement) -> bool:
        """Whether the server has just refused the statement for a reason that comes before all effects."""
        if self._refused is None or self._refused[0] is not statement or recovery.runs_others(statement):
            return False
        return self._refused[1] in UNREADABLE

    def _looking(self, look: Callable[[Connection], Result]) -> Result:
        """Look from a session that no migration has touched."""
        try:
            if self._looker is None or not self._looker.open:
                self._looker = self._connect()
                fetch(self._looker, self._bounds())
            return look(self._looker)
        except (pymysql.Error, OSError) as error:
            raise translate(error, self.label, cancelled=self._cancelled, statement=None) from error

    def cancel(self) -> None:
        self._cancelled = True
        self.cancel_statement()

    def cancel_statement(self) -> None:
        if self._executing and self._connection is not None:
            with suppress(pymysql.Error, OSError):
                connection = self._connect()
                try:
                    fetch(connection, "KILL QUERY %s", (session_number(self._connection),))
                finally:
                    connection.close()

    def observe(self) -> Observation:
        session = self._connection
        try:
            if session is None:
                return Observation()
            if self._observer is None or not self._observer.open:
                self._observer = self._connect()
                fetch(self._observer, "SET NAMES utf8mb4, SESSION lock_wait_timeout = 1")
            return observe.observe(self._observer, session_number(session))
        except (pymysql.Error, OSError, Unreachable):
            return Observation()

    def doctor(self) -> list[Check]:
        from surefoot.engine.dialects.mysql.doctor import examine

        return self._guarded(lambda connection: examine(connection, self._address))

    def snapshot(self) -> Snapshot:
        from surefoot.engine.dialects.mysql.snapshot import take

        return self._aside(lambda connection: take(connection, self._database))

    def _aside(self, look: Callable[[Connection], Result]) -> Result:
        """Look from a new session, whose settings may change."""
        try:
            connection = self._connect()
            try:
                fetch(connection, self._bounds())
                return look(connection)
            finally:
                connection.close()
        except (pymysql.Error, OSError) as error:
            raise translate(error, self.label, cancelled=self._cancelled, statement=None) from error

    def sizes(self) -> Mapping[str, TableSize]:
        from surefoot.engine.dialects.mysql.sizes import sizes

        return sizes(self)

    def dump(self) -> str:
        from surefoot.engine.dialects.mysql.dump import dump

        return dump(self._address, self.server)


def _lock_name(name: str) -> str:
    """A name of at most 64 characters: user locks of all databases of a server share one name space."""
    return f"surefoot/{hashlib.sha256(name.encode()).hexdigest()[:40]}"
