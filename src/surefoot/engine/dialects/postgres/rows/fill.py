"""Filling the tables of a PostgreSQL database with generated rows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager

from surefoot.engine.dialects.generate.fill import Asked
from surefoot.engine.dialects.generate.fill import fill as generate
from surefoot.engine.dialects.postgres.rows.catalog import Described, describe
from surefoot.engine.dialects.postgres.rows.session import APPLICATION_PATH, FIXED, Connection, asked
from surefoot.engine.dialects.postgres.rows.sink import PostgresSink
from surefoot.engine.dialects.postgres.rows.values import make
from surefoot.engine.rows import Unfilled

# One statement's work is a few rows: what takes longer (a check that never ends) is given up.
_BOUNDS = "SET LOCAL statement_timeout = '10s'; SET LOCAL lock_timeout = '10s'; SET CONSTRAINTS ALL IMMEDIATE"


def fill(
    connection: Connection,
    count: int,
    seed: str,
    tables: Collection[str] | None,
    own_schema: str,
    *,
    plain: bool = False,
) -> tuple[Unfilled, ...]:
    """Write `count` more generated rows into each table, and return the tables that did not get all of them.

    `connection` is a superuser's, in autocommit; everything is one transaction. `tables` None are all but Surefoot's
    own (in `own_schema`), an extension's and temporary ones; other names than tables' are passed over. A partitioned
    table gets rows by way of its partitions, or where it is named. Constraints hold, deferred ones too; triggers and
    rules do not run, and are afterwards as they were. The same seed, schema and rows that are there give the same rows.
    """
    with asked(connection, "the shadow database"), connection.transaction():
        connection.execute(f"{FIXED}; {_BOUNDS}; SET LOCAL search_path = pg_catalog".encode())
        described = describe(connection, tables, own_schema)
        connection.execute(APPLICATION_PATH, (True,))
        with _switched_off(connection, described):
            return generate(described.tables, Asked(count, seed, plain), PostgresSink(connection, described), make)


@contextmanager
def _switched_off(connection: Connection, described: Described) -> Iterator[None]:
    _alter(connection, (switch.off for switch in described.switches))
    yield
    _alter(connection, (switch.on for switch in described.switches))


def _alter(connection: Connection, statements: Iterable[str]) -> None:
    """Run these without waking event triggers."""
    text = "; ".join(statements)
    if text:
        quiet, loud = (f"SET LOCAL session_replication_role = {role}" for role in ("replica", "origin"))
        connection.execute(f"{quiet}; {text}; {loud}".encode())
