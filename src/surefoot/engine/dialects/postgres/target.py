"""One session on one PostgreSQL database."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql as quoting
from psycopg.pq import TransactionStatus

from surefoot.engine.dialects.postgres import observe, pooler
from surefoot.engine.dialects.postgres.connect import has_columns
from surefoot.engine.dialects.postgres.failures import translate
from surefoot.engine.dialects.postgres.tables import history_ddl
from surefoot.engine.dialects.target import (
    Check,
    Judgement,
    NoticeSink,
    Observation,
    Row,
    Session,
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

Connection = psycopg.Connection[tuple[Any, ...]]
# COPY data is handed over in pieces of this many characters.
_COPY_PIECE = 1 << 18


class PostgresTarget:
    """One session on one PostgreSQL database; see `Target` for what each method promises.

    `connect` opens a new autocommit connection each time: for the session itself, to look at it from outside, and to
    connect again after a loss. `preamble` are statements that prepare the session before each step.
    """

    dialect = "postgres"
    now = "clock_timestamp()"

    def __init__(
        self,
        connect: Callable[[], Connection],
        *,
        label: str,
        schema: str = "surefoot",
        preamble: Sequence[str] = (),
        timeouts: Timeouts | None = None,
    ) -> None:
        self.label = label
        self.timeouts = timeouts or Timeouts()
        self.on_notice: NoticeSink = lambda _severity, _message: None
        self._connect = connect
        self._schema = quoting.Identifier(schema).as_string(None)
        self._schema_name = schema
        self._preamble = tuple(preamble)
        self._connection: Connection | None = None
        self._observer: Connection | None = None
        self._key: int | None = None
        self._complaint: BaseException | None = None
        self._executing = False
        self._cancelled = False

    def open(self) -> None:
        self.close()
        try:
            self._connection = self._connect()
        except psycopg.OperationalError as error:
            raise Unreachable(
                f"{self.label} does not answer: {' '.join(str(error).split())}",
                hint="Check host, port, user and password; `surefoot wait` waits for a database that is starting.",
            ) from error
        self._connection.add_notice_handler(self._notice)
        if self._preamble:
            self.clean()
        else:
            self._bound_looking(self._connection)

    def _bound_looking(self, connection: Connection) -> None:
        """Bound the wait for Surefoot's own tables; not behind a proxy, which would lend the setting to others."""
        bound = "SELECT set_config('lock_timeout', %s, false) WHERE pg_backend_pid() = %s"
        self.query(bound, (str(_milliseconds(self.timeouts.lock)), connection.info.backend_pid))

    def _notice(self, diagnostic: psycopg.errors.Diagnostic) -> None:
        try:
            self.on_notice(diagnostic.severity or "NOTICE", diagnostic.message_primary or "")
        except BaseException as error:  # psycopg would pass over it: `execute` raises it.
            self._complaint = error

    def close(self) -> None:
        for connection in (self._connection, self._observer):
            if connection is not None:
                with suppress(psycopg.Error):
                    connection.close()
        self._connection = self._observer = self._key = None

    @property
    def connection(self) -> Connection:
        """The open connection of the session."""
        if self._connection is None:
            self.open()
        assert self._connection is not None
        return self._connection

    @property
    def server(self) -> str:
        version = self.connection.info.parameter_status("server_version") or "of an unknown version"
        return f"PostgreSQL {version}"

    @property
    def user(self) -> str:
        return self.connection.info.user

    @property
    def schema_name(self) -> str:
        """The schema of Surefoot's own tables, not quoted."""
        return self._schema_name

    def cut(self, scripts: Sequence[Script]) -> tuple[tuple[Block, ...], tuple[Note, ...]]:
        # Imported when there is something to cut: with nothing to do, a command's time is its imports.
        from surefoot.engine.dialects.blocks import cut
        from surefoot.engine.dialects.postgres.classify import outside
        from surefoot.engine.dialects.postgres.split import split

        return cut([_loose(script) for script in scripts], split, outside)

    def limits(self, block: Block) -> Limits:
        # A lock_timeout would end CREATE INDEX CONCURRENTLY in one of its waits and leave an invalid index: its waits
        # are bounded by the watch instead.
        if not block.transactional and "CONCURRENTLY" in block.statements[0].words:
            return Limits(0, 0)
        return Limits(self.timeouts.lock, self.timeouts.statement)

    def lock(self, name: str) -> bool:
        self._cancelled = False
        # Asked first: behind such a proxy the lock would stay with a server session that is no longer ours.
        pid = self.query("SELECT pg_backend_pid()")[0][0]
        if pid != self.connection.info.backend_pid:
            pooler.refuse_transaction_pooling(self.connection, self._connect, pid)
        # A waiting pg_advisory_lock() holds a snapshot that CREATE INDEX CONCURRENTLY waits for: never wait inside.
        key = self._lock_key(name)
        taken = bool(self.query("SELECT pg_try_advisory_lock(%s)", (key,))[0][0])
        self._key = key if taken else None
        return taken

    def unlock(self) -> None:
        key, self._key = self._key, None
        if key is not None:
            self.query("SELECT pg_advisory_unlock(%s)", (key,))

    def check_lock(self) -> None:
        if self._key is not None:
            refuse_lost_lock(held=bool(self.query(observe.holds_lock(self._key))[0][0]))

    def lock_holders(self, name: str) -> tuple[Blocker, ...]:
        return observe.lock_holders(self.connection, self._lock_key(name))

    def _lock_key(self, name: str) -> int:
        """A signed 64-bit key: advisory locks of one database share one number space."""
        text = f"surefoot/{self._schema_name}/{name}"
        return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big", signed=True)

    def table(self, name: str) -> str:
        return f"{self._schema}.surefoot_{name}"

    def has_history(self) -> bool:
        return self.query("SELECT to_regclass(%s)", (self.table("format"),))[0][0] is not None

    def history_ddl(self) -> Sequence[Sequence[str]]:
        found = self.query("SELECT 1 FROM pg_namespace WHERE nspname = %s", (self._schema_name,))
        return history_ddl(self._schema, schema_exists=bool(found))

    def query(self, sql: str, params: Sequence[object] = ()) -> list[Row]:
        try:
            cursor = self.connection.execute(sql, params or None)
            return cursor.fetchall() if has_columns(cursor) else []
        except psycopg.Error as error:
            raise self._failure(error, None) from error

    def utc(self, value: object) -> datetime:
        assert isinstance(value, datetime)
        return value

    def begin(self, *, clean: bool) -> None:
        # In a transaction of its own: the migration's first statement may still choose the isolation level, and what
        # the preamble says of transactions holds for it.
        looks = [observe.holds_lock(self._key)] if self._key is not None else []
        before = ["BEGIN", *(self._clean_session() if clean else ()), *looks, "COMMIT"] if clean or looks else []
        limits = [f"SET LOCAL lock_timeout = {_milliseconds(self.timeouts.lock)}"]
        if self.timeouts.statement is not None:
            limits.append(f"SET LOCAL statement_timeout = {_milliseconds(self.timeouts.statement)}")
        answer = self._last_answer("; ".join([*before, "BEGIN", *limits]))
        refuse_lost_lock(held=not looks or answer == (True,))

    def _last_answer(self, sql: str) -> Row | None:
        """Run several statements at once, and fetch the first row of the last that has any."""
        try:
            cursor, row = self.connection.execute(sql), None
            while True:
                row = cursor.fetchone() if has_columns(cursor) else row
                if not cursor.nextset():
                    return row
        except psycopg.Error as error:
            raise self._failure(error, None) from error

    def _clean_session(self) -> tuple[str, ...]:
        bound = f"SET lock_timeout = {_milliseconds(self.timeouts.lock)}"
        return "SET SESSION AUTHORIZATION DEFAULT", "RESET ALL", "DISCARD TEMP", bound, *self._preamble

    def commit(self) -> None:
        self._executing = True
        try:
            self.query("COMMIT")
        finally:
            self._executing = False

    def rollback(self) -> None:
        with suppress(psycopg.Error):
            if self._connection is not None and self._in_transaction():
                self._connection.execute("ROLLBACK")

    def _in_transaction(self) -> bool:
        return self.connection.info.transaction_status != TransactionStatus.IDLE

    def clean(self) -> None:
        self.query("; ".join(self._clean_session()))

    def execute(self, statement: Statement, *, comment: str = "") -> int | None:
        if self._cancelled:
            raise Cancelled("The run was cancelled.", hint="Run it again to go on.")
        self._executing, self._complaint = True, None
        held = self._in_transaction()
        try:
            with self.connection.cursor() as cursor:
                if statement.copy_data is not None:
                    _copy(cursor, statement)
                else:
                    cursor.execute(f"{statement.sql}{comment}")
                if self._complaint:
                    raise self._complaint
                if held and not self._in_transaction():
                    refuse_split(statement)
                return cursor.rowcount if cursor.rowcount >= 0 else None
        except psycopg.Error as error:
            raise self._failure(error, statement) from error
        finally:
            self._executing = False

    def execute_outside(self, statement: Statement, *, comment: str = "") -> int | None:
        limits = self.limits(Block((statement,), transactional=False))
        [own] = self.query("SELECT current_setting('lock_timeout'), current_setting('statement_timeout')")
        own_limit = own[1] if limits.statement is None else _milliseconds(limits.statement)
        self._limit(_milliseconds(limits.lock), own_limit)
        try:
            return self.execute(statement, comment=comment)
        finally:
            with suppress(SurefootError):
                self._limit(*own)

    def _limit(self, lock: object, statement: object) -> None:
        """Set the session's timeouts."""
        setting = "set_config('lock_timeout', %s, false), set_config('statement_timeout', %s, false)"
        self.query(f"SELECT {setting}", (str(lock), str(statement)))

    def _failure(self, error: psycopg.Error, statement: Statement | None) -> Exception:
        broken = self._connection is None or self._connection.broken
        return translate(error, self.label, broken=broken, cancelled=self._cancelled, statement=statement)

    def leaves_role_behind(self, statement: Statement) -> bool:
        if {"SET", "SET_CONFIG", "DO"}.isdisjoint(statement.words):
            return False
        text = statement.sql.upper()
        return "ROLE" in text or "AUTHORIZATION" in text

    def session_effect(self, statement: Statement) -> Session:
        words = statement.words
        if words[:1] in (("SET",), ("RESET",)) and words[1:2] not in (
            ("LOCAL",),
            ("TRANSACTION",),
            ("CONSTRAINTS",),
        ):
            return Session.REPLAY
        if words[:1] == ("SELECT",) and "SET_CONFIG" in words:
            return Session.REPLAY
        temporary = words[:1] == ("CREATE",) and {"TEMP", "TEMPORARY"} & set(words[1:4])
        return Session.LOST if temporary or words[:1] == ("PREPARE",) else Session.NOTHING

    def look(self, statement: Statement) -> str:
        if not self.limits(Block((statement,), transactional=False)).lock:
            self._insist_on_eyes()
        try:
            seen: str = self._recovery().look(self.connection, statement)
            return seen
        except psycopg.Error as error:
            raise self._failure(error, statement) from error

    def _insist_on_eyes(self) -> None:
        try:
            self._eyes()
        except psycopg.Error as error:
            raise Unreachable(
                f"No second connection to {self.label} is to be had: {' '.join(str(error).split())}",
                hint="Let the role have two: without eyes on it, CREATE INDEX CONCURRENTLY could wait for ever.",
            ) from error

    def judge(self, statement: Statement, before: str, *, mend: bool) -> Judgement:
        try:
            judgement: Judgement = self._recovery().judge(self.connection, statement, before, mend=mend)
            return judgement
        except psycopg.Error as error:
            raise self._failure(error, statement) from error

    @staticmethod
    def _recovery() -> Any:
        # Reads statements with pglast, which most runs never need.
        from surefoot.engine.dialects.postgres import recovery

        return recovery

    def cancel(self) -> None:
        self._cancelled = True
        self.cancel_statement()

    def cancel_statement(self) -> None:
        if self._executing and self._connection is not None:
            with suppress(psycopg.Error):
                self._connection.cancel_safe(timeout=5)

    def observe(self) -> Observation:
        session = self._connection
        try:
            return observe.observe(self._eyes(), session.info.backend_pid) if session else Observation()
        except (psycopg.Error, Unreachable):
            return Observation()

    def _eyes(self) -> Connection:
        """The second session, which looks at this one."""
        if self._observer is None or self._observer.closed:
            self._observer = self._connect()
        return self._observer

    def doctor(self) -> list[Check]:
        from surefoot.engine.dialects.postgres.doctor import examine

        return examine(self.connection, self._connect, self._schema_name)

    def snapshot(self) -> Snapshot:
        from surefoot.engine.dialects.postgres.snapshot import take

        return take(self)

    def sizes(self) -> Mapping[str, TableSize]:
        from surefoot.engine.dialects.postgres.sizes import sizes

        return sizes(self)

    def dump(self) -> str:
        from surefoot.engine.dialects.postgres.dump import dump

        return dump(self.connection, self._schema_name)


def _copy(cursor: psycopg.Cursor[Any], statement: Statement) -> None:
    data = statement.copy_data or ""
    with cursor.copy(statement.sql) as copy:
        for start in range(0, len(data), _COPY_PIECE):
            copy.write(data[start : start + _COPY_PIECE])


def _loose(script: Script) -> Script:
    """The script without the boundaries that its format marked, where a transaction holds all of it anyway.

    Then a COMMIT inside a marked statement is seen before it ends the step's transaction, and an error has the line of
    its own statement. Outside of a transaction the boundaries mean something: the server takes what is sent at once as
    one transaction.
    """
    if not script.transaction:
        return script
    return replace(script, fragments=tuple(replace(fragment, whole=False) for fragment in script.fragments))


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1000)
