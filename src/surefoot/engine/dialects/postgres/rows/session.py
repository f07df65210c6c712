"""What reading and writing rows have in common: one transaction, fixed texts, raw answers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql as quoting

from surefoot.engine.dialects.postgres.failures import translate

Connection = psycopg.Connection[tuple[Any, ...]]
Texts = tuple[str | None, ...]

# So that a value has one text only, whatever the database and the role are set to.
FIXED = """
    SET LOCAL datestyle = 'ISO, MDY'; SET LOCAL intervalstyle = postgres; SET LOCAL timezone = 'UTC';
    SET LOCAL bytea_output = hex; SET LOCAL extra_float_digits = 1; SET LOCAL lc_monetary = 'C';
    SET LOCAL xmlbinary = base64; SET LOCAL quote_all_identifiers = off; SET LOCAL standard_conforming_strings = on;
    SET LOCAL row_security = off
"""
# Functions in checks and defaults, and a seed's statements, find what they would find in the application's session. The
# parameter says whether it holds for the transaction only.
APPLICATION_PATH = """
    SELECT set_config('search_path', coalesce(
        (SELECT substr(s, 13) FROM pg_catalog.pg_db_role_setting d, unnest(d.setconfig) s
            WHERE d.setrole = 0 AND starts_with(s, 'search_path=') AND d.setdatabase =
                (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())),
        '"$user", public'), %s)
"""


@contextmanager
def asked(connection: Connection, what: str) -> Iterator[None]:
    """Raise the driver's exceptions as Surefoot's errors; `what` names the database for a person."""
    try:
        yield
    except psycopg.Error as error:
        raise translate(error, what, broken=connection.broken, cancelled=False, statement=None) from error


def quoted(name: str) -> str:
    """A name, quoted always."""
    return quoting.Identifier(name).as_string(None)


def answers(connection: Connection, statements: str) -> Iterator[list[Texts]]:
    """Send several statements at once; gives the rows of each that answers with rows, as the server's own texts."""
    cursor = connection.execute(statements.encode())
    while statements:
        if (result := cursor.pgresult) is not None and result.status == psycopg.pq.ExecStatus.TUPLES_OK:
            yield [
                tuple(_text(result.get_value(row, column)) for column in range(result.nfields))
                for row in range(result.ntuples)
            ]
        if not cursor.nextset():
            return


def _text(value: bytes | None) -> str | None:
    # A database without an encoding (SQL_ASCII) holds what it was given.
    return None if value is None else value.decode("utf-8", "surrogateescape")
