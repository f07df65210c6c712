"""One limit for each key: so many at once, and as many again over a period (GCRA), on the database's clock."""

from __future__ import annotations

import asyncio
import hmac
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import NoReturn

import psycopg

from surefoot.db.pool import Connection, Database, Row
from surefoot.errors import TooMany, Unavailable

# Whoever waits longer for the database is told that it does not answer. Seconds.
_PATIENCE = 5.0


@dataclass(frozen=True, slots=True)
class Limit:
    """`count` at once, and then one more every `seconds / count`. `name` is part of the key.

    So a pause of `seconds` brings all of them back, and no window of that length ever holds twice as many.
    """

    name: str
    count: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Reached:
    """A limit with nothing left for a subject. `key` is `Limiter.key_of` its subject; `until` when one comes back."""

    limit: Limit
    key: bytes
    until: datetime


class Limiter:
    """Consumes before anything is verified: parallel guesses would beat a lockout that counts afterwards."""

    def __init__(self, database: Database, key: bytes) -> None:
        """`key` keys the HMAC under which subjects are stored."""
        self._database = database
        self._key = key

    async def take(self, *wanted: tuple[Limit, str]) -> None:
        """Take one of each limit for its subject, or none.

        On a connection of its own in autocommit, so that what fails later gives nothing back. A refused attempt
        takes nothing, so that refusals do not put the end off.
        Raises TooMany (`retry_after` in seconds, `limit`), Unavailable.
        """
        keyed = sorted(
            {self.key_of(limit, subject): limit for limit, subject in wanted}.items(), key=lambda one: one[0]
        )
        async with self._connection() as connection:
            refused = await _take(connection, keyed)
        if refused:
            _refuse(max(refused, key=lambda row: float(row["wait"])))

    async def forget(self, *kept: tuple[Limit, str]) -> None:
        """Give a subject all of its attempts back. Raises Unavailable."""
        async with self._connection() as connection:
            await _delete(connection, [self.key_of(limit, subject) for limit, subject in kept])

    async def list_reached(self, *limits: Limit) -> list[Reached]:
        """Who has nothing left of these limits, the longest wait first. Takes nothing. Raises Unavailable."""
        async with self._connection() as connection:
            return await _list_reached(connection, limits)

    async def sweep(self) -> int:
        """Delete what says no more than its absence would, and return how much. For a job, every few minutes.

        Waits for nobody: a row that is in use stays for the next time. Raises Unavailable.
        """
        async with self._connection() as connection:
            return await _delete_old(connection)

    def key_of(self, limit: Limit, subject: str) -> bytes:
        """What is stored for a subject: its HMAC, which differs from limit to limit."""
        return hmac.digest(self._key, f"{limit.name}\0{subject}".encode("utf-8", "surrogatepass"), "sha256")

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Connection]:
        """A connection in autocommit; whatever goes wrong on it means that nobody knows the limits."""
        try:
            async with asyncio.timeout(_PATIENCE), self._database.connection() as connection:
                yield connection
        except (psycopg.Error, TimeoutError) as error:
            raise Unavailable(
                "The limits on attempts cannot be read, so nothing is let through.", hint="Try again in a moment."
            ) from error


def _refuse(row: Row) -> NoReturn:
    seconds = max(1, math.ceil(row["wait"]))
    raise TooMany(
        "There were too many attempts.",
        hint=f"Try again in {seconds} seconds.",
        retry_after=seconds,
        limit=row["refused"],
    )


async def _take(connection: Connection, keyed: list[tuple[bytes, Limit]]) -> list[Row]:
    cursor = await connection.execute(
        "SELECT refused, wait FROM take_limits(%s::bytea[], %s::text[], %s::integer[], %s::double precision[])",
        (
            [key for key, _ in keyed],
            [limit.name for _, limit in keyed],
            [limit.count for _, limit in keyed],
            [float(limit.seconds) for _, limit in keyed],
        ),
    )
    return await cursor.fetchall()


async def _list_reached(connection: Connection, limits: tuple[Limit, ...]) -> list[Reached]:
    cursor = await connection.execute(
        """
        SELECT asked.number, key, arrival - make_interval(secs => asked.until_one) AS until
        FROM limits
        JOIN unnest(%s::text[], %s::double precision[]) WITH ORDINALITY AS asked (name, until_one, number) USING (name)
        WHERE isfinite(arrival) AND arrival - make_interval(secs => asked.until_one) > clock_timestamp()
        ORDER BY until DESC
        """,
        ([limit.name for limit in limits], [limit.seconds - limit.seconds / limit.count for limit in limits]),
    )
    return [Reached(limits[row["number"] - 1], row["key"], row["until"]) for row in await cursor.fetchall()]


async def _delete_old(connection: Connection) -> int:
    cursor = await connection.execute(
        """
        DELETE FROM limits WHERE key IN (
            SELECT key FROM limits WHERE arrival < clock_timestamp() FOR UPDATE SKIP LOCKED
        )
        """
    )
    return cursor.rowcount


async def _delete(connection: Connection, keys: list[bytes]) -> None:
    # Locked in the order in which `take` locks them.
    await connection.execute(
        "DELETE FROM limits WHERE key IN (SELECT key FROM limits WHERE key = ANY(%s) ORDER BY key FOR UPDATE)", (keys,)
    )
