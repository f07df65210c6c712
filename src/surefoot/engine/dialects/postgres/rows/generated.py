"""Filling the tables of a PostgreSQL database with generated rows."""

from __future__ import annotations

from collections.abc import Collection

from surefoot.engine.dialects.generate.fill import Asked
from surefoot.engine.dialects.generate.fill import fill as generate
from surefoot.engine.dialects.postgres.rows.catalog import describe
from surefoot.engine.dialects.postgres.rows.session import APPLICATION_PATH, FIXED, Connection, asked
from surefoot.engine.dialects.postgres.rows.sink import PostgresSink
from surefoot.engine.dialects.postgres.rows.triggers import switched_off
from surefoot.engine.dialects.postgres.rows.values import make
from surefoot.engine.rows import Unfilled

_NOW = "SET LOCAL lock_timeout = '10s'; SET CONSTRAINTS ALL IMMEDIATE; SET LOCAL search_path = pg_catalog"

# So that one that is lost and made anew stands elsewhere.
_USE_SEQUENCES = """
    SELECT pg_catalog.nextval(s.seqrelid::regclass)
    FROM pg_catalog.pg_sequence s JOIN pg_catalog.pg_class c ON c.oid = s.seqrelid
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE format('%%I.%%I', n.nspname, c.relname) = ANY (%s) AND pg_catalog.pg_sequence_last_value(s.seqrelid) IS NULL
"""


def fill(
    connection: Connection,
    count: int,
    seed: str,
    tables: Collection[str] | None,
    own_schema: str,
    *,
    plain: bool = False,
    timeout: float = 10.0,
) -> tuple[Unfilled, ...]:
    """Write `count` more generated rows into each table, and return the tables that did not get all of them.

    `connection` is a superuser's, in autocommit; everything is one transaction. `tables` None are all but Surefoot's
    own (in `own_schema`), an extension's and temporary ones; unknown names are passed over, and a sequence that is
    named and was never used gives its first number. A partitioned table gets rows by way of its partitions, or where it
    is named. Constraints hold, deferred ones too; triggers and
    rules do not run, and are afterwards as they were. A table that keeps a statement busy for longer than `timeout`
    seconds is given up. The same seed, schema and rows that are there give the same rows.
    """
    with asked(connection, "the shadow database"), connection.transaction():
        connection.execute(f"{FIXED}; {_NOW}; SET LOCAL statement_timeout = {round(timeout * 1000)}".encode())
        described = describe(connection, tables, own_schema)
        connection.execute(APPLICATION_PATH, (True,))
        with switched_off(connection, described.oids):
            failed = generate(described.tables, Asked(count, seed, plain), PostgresSink(connection, described), make)
        connection.execute(_USE_SEQUENCES, (list(tables or ()),))
        return failed
