"""The schema of a PostgreSQL database as structured facts.

Reads PostgreSQL 13 to 18; the queries in `sql` say which of their lines are for which versions.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import psycopg

from surefoot.engine.dialects.postgres.failures import translate
from surefoot.engine.dialects.postgres.snapshot import access
from surefoot.engine.dialects.postgres.snapshot.catalog import Answer, Catalog
from surefoot.engine.dialects.postgres.snapshot.queries import Queries, queries
from surefoot.engine.snapshot import Snapshot

if TYPE_CHECKING:
    from surefoot.engine.dialects.postgres.target import PostgresTarget

Connection = psycopg.Connection[tuple[Any, ...]]

LOCK_SECONDS = 5
_ORDERED = frozenset({"table", "foreign table"})
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
    "jit": "off",
    "max_parallel_workers_per_gather": "0",
}


def take(target: PostgresTarget) -> Snapshot:
    """The schema of the target now; locks on what it reads are bounded by the target's own timeouts.

    Raises LockTimeout, StatementFailed, ConnectionLost.
    """
    return read(target.connection, target.schema_name, lock_seconds=target.timeouts.lock)


def read(
    connection: Connection, own_schema: str, migrator: str | None = None, *, lock_seconds: float = LOCK_SECONDS
) -> Snapshot:
    """The schema of an autocommit connection's database, without Surefoot's own tables in `own_schema`.

    One read-only transaction, which leaves the session as it was. `migrator` is the role that runs migrations, by
    default the one that the session logged in as. Takes AccessShareLock on relations, and waits no longer than
    `lock_seconds` for each. Raises LockTimeout, StatementFailed, ConnectionLost.
    """
    # A superuser sees more; the server tells of each change.
    superuser = connection.info.parameter_status("is_superuser") == "on"
    asked = queries(connection.info.server_version // 10000, superuser=superuser)
    settings = {**_SETTINGS, "lock_timeout": str(round(lock_seconds * 1000))}
    try:
        answers = _ask(connection, {**asked.objects, **asked.access}, settings, own_schema)
    except psycopg.Error as error:
        with suppress(psycopg.Error):
            connection.rollback()
        label = f"the database {connection.info.dbname}"
        raise translate(error, label, broken=connection.broken, cancelled=False, statement=None) from error
    engine = f"postgres {connection.info.server_version // 10000}"
    return _build(engine, answers, asked, migrator)


def _ask(
    connection: Connection, asked: Mapping[str, str], settings: Mapping[str, str], own_schema: str
) -> dict[str, Answer]:
    """Everything in one round trip."""
    calls = ", ".join("set_config(%s, %s, true)" for _ in settings)
    with connection.pipeline():
        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        connection.execute(f"SELECT {calls}".encode(), [text for pair in settings.items() for text in pair])
        cursors = {"session": connection.execute("SELECT quote_ident(%s), session_user::text", (own_schema,))}
        cursors |= {name: connection.execute(sql.encode()) for name, sql in asked.items()}
        connection.execute("COMMIT")
        return {name: _answer(cursor) for name, cursor in cursors.items()}


def _answer(cursor: psycopg.Cursor[tuple[Any, ...]]) -> Answer:
    rows = cursor.fetchall()
    return Answer([column.name for column in cursor.description or ()], rows)


def _build(engine: str, answers: Mapping[str, Answer], asked: Queries, migrator: str | None) -> Snapshot:
    [[own, session_user]] = answers["session"].rows
    members = {(row[0], row[1]): row[2] for row in answers["members"].rows}
    roles = access.role_names(answers["roles"].rows, migrator or session_user)
    catalog = Catalog(f"{own}.surefoot_", roles, members)
    for name in asked.objects:
        catalog.add(answers[name])
    catalog.alias(answers["unnamed"])
    catalog.finish_extensions()
    catalog.drop_empty_schema(own)
    access.add_all(catalog, {name: answers[name].rows for name in asked.access})
    orders = {key.name: tuple(catalog.orders.get(key.name, ())) for key in catalog.objects if key.kind in _ORDERED}
    return Snapshot(engine, catalog.objects, orders)
