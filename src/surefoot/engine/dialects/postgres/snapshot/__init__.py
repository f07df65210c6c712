"""The schema of a PostgreSQL database as structured facts.

Reads PostgreSQL 13 to 18; the queries in `sql` say which of their lines are for which versions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, NamedTuple

import psycopg

from surefoot.engine.dialects.postgres.failures import translate
from surefoot.engine.dialects.postgres.snapshot import access
from surefoot.engine.dialects.postgres.snapshot.catalog import Answer, Catalog, Memory
from surefoot.engine.dialects.postgres.snapshot.queries import Queries, queries
from surefoot.engine.snapshot import Snapshot

if TYPE_CHECKING:
    from surefoot.engine.dialects.postgres.target import PostgresTarget

Connection = psycopg.Connection[tuple[Any, ...]]
Cursor = psycopg.Cursor[tuple[Any, ...]]

# Shorter than the server's deadlock_timeout (1 s): where somebody waits for us and we for them, we give way first.
LOCK_SECONDS = 0.5
_RETRIES = 10
# What the server says where somebody drops what is being read, or holds it: definitions are written from the catalogue
# as it is at that moment.
_DISTURBED = (
    psycopg.errors.InternalError_,
    psycopg.errors.UndefinedFile,
    psycopg.errors.LockNotAvailable,
    psycopg.errors.DeadlockDetected,
)
# Without these no other answer can be read.
_FIRST = ("roles", "members")
# Everything that changes how PostgreSQL writes names, values and expressions, and how it looks for them.
_SETTINGS = {
    "search_path": "pg_catalog, pg_temp",
    "quote_all_identifiers": "off",
    "standard_conforming_strings": "on",
    "timezone": "UTC",
    "datestyle": "ISO, MDY",
    "intervalstyle": "postgres",
    "extra_float_digits": "1",
    "bytea_output": "hex",
    "xmlbinary": "base64",
    "lc_monetary": "C",
    "statement_timeout": "60s",
    "jit": "off",
    "max_parallel_workers_per_gather": "0",
    # What the planner believes of a young database's catalogue is wrong by orders of magnitude.
    "enable_nestloop": "off",
}


def take(target: PostgresTarget) -> Snapshot:
    """The schema of the target now; locks on what it reads are bounded by the target's own timeouts.

    Raises LockTimeout, StatementFailed, ConnectionLost.
    """
    return read(
        target.connection, target.schema_name, lock_seconds=min(LOCK_SECONDS, target.timeouts.lock or LOCK_SECONDS)
    )


def read(
    connection: Connection,
    own_schema: str,
    migrator: str | None = None,
    *,
    lock_seconds: float = LOCK_SECONDS,
    memory: Memory | None = None,
) -> Snapshot:
    """The schema of an autocommit connection's database, without Surefoot's own tables in `own_schema`.

    One read-only transaction, which leaves the session as it was. `migrator` is the role that runs migrations, by
    default the one that the session logged in as. Takes AccessShareLock on relations, waits no longer than
    `lock_seconds` for each, and begins again a few times. With the `memory` of earlier snapshots of the same database
    what has not changed is quick. Raises LockTimeout, StatementFailed, ConnectionLost.
    """
    whose = _Whose(own_schema, migrator, Memory() if memory is None else memory)
    try:
        for _ in range(_RETRIES):
            with suppress(*_DISTURBED):
                return _snapshot(connection, whose, lock_seconds)
        return _snapshot(connection, whose, lock_seconds)
    except psycopg.Error as error:
        label = f"the database {connection.info.dbname}"
        raise translate(error, label, broken=connection.broken, cancelled=False, statement=None) from error


class _Whose(NamedTuple):
    own_schema: str
    migrator: str | None
    memory: Memory


def _snapshot(connection: Connection, whose: _Whose, lock_seconds: float) -> Snapshot:
    # A superuser sees more; the server tells of each change.
    superuser = connection.info.parameter_status("is_superuser") == "on"
    major = connection.info.server_version // 10000
    with _transaction(connection, {**_SETTINGS, "lock_timeout": str(round(lock_seconds * 1000))}):
        catalog = _read(connection, queries(major, superuser=superuser), whose)
    return Snapshot(f"postgres {major}", catalog.objects, catalog.orders())


@contextmanager
def _transaction(connection: Connection, settings: Mapping[str, str]) -> Iterator[None]:
    """A read-only transaction in a pipeline, with settings of its own: what is asked in it is one round trip."""
    calls = ", ".join("set_config(%s, %s, true)" for _ in settings)
    with connection.pipeline() as pipeline:
        try:
            connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            connection.execute(f"SELECT {calls}".encode(), [text for pair in settings.items() for text in pair])
            yield
            connection.execute("COMMIT")
            pipeline.sync()
        except BaseException:
            # What was asked and not read yet would be an error of its own, which psycopg logs.
            with suppress(psycopg.Error):
                pipeline.sync()
            with suppress(psycopg.Error):
                connection.rollback()
            raise


def _read(connection: Connection, asked: Queries, whose: _Whose) -> Catalog:
    """Ask everything at once, and read answers while the server works on the next ones."""
    names = connection.execute("SELECT quote_ident(%s), session_user::text", (whose.own_schema,))
    guard = _ask(connection, asked.guard)
    all_queries = {**asked.objects, **asked.access}
    answers = {name: _ask(connection, sql) for name, sql in all_queries.items() if name not in asked.rare}
    [(found,)] = guard.fetchall()
    answers |= {name: _ask(connection, all_queries[name]) for name in found}
    [(own, session_user)] = names.fetchall()
    roles, members = (answers.pop(name).fetchall() for name in _FIRST)
    names_of_roles = access.role_names(roles, whose.migrator or session_user)
    catalog = Catalog(f"{own}.surefoot_", names_of_roles, access.membership(members), whose.memory)
    for name in asked.objects:
        if name in answers:
            catalog.add(_answer(answers.pop(name)))
    catalog.finish_extensions()
    catalog.drop_empty_schema(own)
    access.add_all(catalog, {"roles": roles, **{name: cursor.fetchall() for name, cursor in answers.items()}})
    return catalog


def _ask(connection: Connection, sql: str) -> Cursor:
    return connection.execute(sql.encode())


def _answer(cursor: Cursor) -> Answer:
    """What a query answered; the driver's own description of its columns takes longer than most rows."""
    rows, result = cursor.fetchall(), cursor.pgresult
    return Answer([(result.fname(place) or b"").decode() for place in range(result.nfields)] if result else [], rows)
