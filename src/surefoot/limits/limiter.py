"""One limit for each key: so many at once, and as many again over a period (GCRA), on the database's clock."""

from __future__ import annotations

from dataclasses import dataclass

from surefoot.db.pool import Database


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `count` in any `seconds`, as a burst or spread. `name` is part of the key."""

    name: str
    count: int
    seconds: float


class Limiter:
    """Consumes before anything is verified: parallel guesses would beat a lockout that counts afterwards."""

    def __init__(self, database: Database, key: bytes) -> None:
        """`key` keys the HMAC under which subjects are stored."""
        self._database = database
        self._key = key

    async def take(self, *wanted: tuple[Limit, str]) -> None:
        """Take one of each limit for its subject, or none.

        On a connection of its own in autocommit, so that what fails later gives nothing back.
        Raises TooMany (`retry_after` in seconds, `limit`), Unavailable.
        """
        raise NotImplementedError

    async def forget(self, *kept: tuple[Limit, str]) -> None:
        """Give a subject all of its attempts back. Raises Unavailable."""
        raise NotImplementedError
