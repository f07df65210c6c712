"""What servers for shadows have in common: making a database, copying it, and having it to oneself."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

import psycopg

from surefoot.errors import ShadowFailed

Connection = psycopg.Connection[tuple[Any, ...]]
Say = Callable[[str], None]
_VACATE_SECONDS = 20.0


def run(connection: Connection, statements: Iterable[str]) -> None:
    """Run statements of our own, each by itself."""
    for statement in statements:
        connection.execute(statement)


def attempt(connection: Connection, statement: str, complaint: str, say: Say) -> None:
    """Run a statement that the shadow can do without; say so where the server refuses it."""
    try:
        connection.execute(statement)
    except psycopg.Error as error:
        say(f"{complaint}: {error.diag.message_primary}")


def make_database(connection: Connection, ways: Iterable[str], say: Say) -> None:
    """Make a database in the first of several ways that works. Raises ShadowFailed where none does."""
    refusal: psycopg.Error | None = None
    for way in ways:
        try:
            connection.execute(way)
        except psycopg.Error as error:
            refusal = error
            continue
        if refusal:
            say(f"the server cannot sort as the target does ({refusal.diag.message_primary}): the shadow sorts by C")
        return
    raise ShadowFailed(
        f"The shadow database could not be made: {refusal.diag.message_primary if refusal else ''}.",
        hint="Name another PostgreSQL by postgres_bin, or a server by shadow_url.",
    ) from refusal


def vacate(connection: Connection, database: str) -> None:
    """End every session on a database: a template has to be alone. Raises ShadowFailed."""
    deadline = time.monotonic() + _VACATE_SECONDS
    others = "FROM pg_stat_activity WHERE datname = %s AND backend_type = 'client backend'"
    connection.execute(f"SELECT pg_terminate_backend(pid) {others}", (database,))
    while connection.execute(f"SELECT 1 {others}", (database,)).fetchone():
        if time.monotonic() > deadline:
            raise ShadowFailed(f"A session on the database {database} does not end.", hint="Rehearse again.")
        # The server's own wait goes in steps of 100 ms.
        time.sleep(0.001)
