"""Rows from a seed: a file of SQL, or the tables of another database."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import nullcontext
from pathlib import Path

import psycopg

from surefoot.engine.dialects.blocks import cut
from surefoot.engine.dialects.postgres.classify import outside
from surefoot.engine.dialects.postgres.connect import Connector
from surefoot.engine.dialects.postgres.failures import translate
from surefoot.engine.dialects.postgres.rows.copy import copy_rows
from surefoot.engine.dialects.postgres.rows.session import APPLICATION_PATH, Connection, asked
from surefoot.engine.dialects.postgres.split import split
from surefoot.engine.formats.text import decode
from surefoot.engine.model import Block, Fragment, Script, Statement
from surefoot.errors import Unreachable, UsageError

_SCHEMES = ("postgres://", "postgresql://")
_CLEAN = "SET SESSION AUTHORIZATION DEFAULT; RESET ALL; DISCARD TEMP"
# How long the seed's database may take to answer, in seconds.
_PATIENCE = 10


def load(connection: Connection, seed: str, own_schema: str = "surefoot") -> None:
    """Run a file of SQL, or take the rows of the database of this URL, table by table.

    A file runs as psql would run it: INSERT, COPY ... FROM stdin with its data, and whatever else stands in it, with
    triggers. All that can be one transaction is one. From a database, all rows of the tables and columns that both have
    are taken, however many there are, and take the place of those in the tables; triggers do not fire, and sequences go
    on from where they are there. Raises UsageError for a file or URL that is none, Unreachable, and StatementFailed
    with the line of the file or the name of the table.
    """
    if seed.startswith(_SCHEMES):
        _from_database(connection, seed, own_schema)
    else:
        _from_file(connection, Path(seed))


def _from_database(connection: Connection, url: str, own_schema: str) -> None:
    connect = Connector(url, timeout=_PATIENCE)
    try:
        source = connect()
    except psycopg.OperationalError as error:
        raise Unreachable(
            f"The seed's database {connect.label} does not answer: {' '.join(str(error).split())}",
            hint="Check host, port, user and password of the seed's URL.",
        ) from error
    with source:
        copy_rows(source, connect.label, connection, own_schema)


def _from_file(connection: Connection, path: Path) -> None:
    script = Script(path.name, (Fragment(_text(path)),))
    blocks, _notes = cut([script], split, outside)
    try:
        with asked(connection, "the shadow database"):
            connection.execute(APPLICATION_PATH, (False,))
        for block in blocks:
            _run(connection, block)
    finally:
        if not connection.broken:
            connection.execute(_CLEAN)


def _text(path: Path) -> str:
    try:
        return decode(path.read_bytes(), path.name)
    except OSError as error:
        raise UsageError(
            f"The seed {path} cannot be read: {error.strerror}.",
            hint="Give a file of SQL, or the URL of a PostgreSQL database (postgresql://...).",
        ) from error


def _run(connection: Connection, block: Block) -> None:
    # The server begins no transaction of its own, so that what stands in the file decides.
    with connection.transaction() if block.transactional else nullcontext():
        _each(connection, block.statements)


def _each(connection: Connection, statements: Iterable[Statement]) -> None:
    for statement in statements:
        try:
            if statement.copy_data is None:
                connection.execute(statement.sql.encode())
                continue
            with connection.cursor() as cursor, cursor.copy(statement.sql.encode()) as copy:
                copy.write(statement.copy_data)
        except psycopg.Error as error:
            broken = connection.broken
            raise translate(
                error, "the shadow database", broken=broken, cancelled=False, statement=statement
            ) from error
