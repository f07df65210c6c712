"""A process that changes things and records each change until it is killed: `audit_writer.py URL`.

Half of its transactions change two things in two chains, and some are rolled back. It prints a line for each that it
knows to be committed.
"""

from __future__ import annotations

import asyncio
import itertools
import random
import sys
from datetime import UTC, datetime
from uuid import UUID

from surefoot.audit.record import record
from surefoot.calls import SYSTEM, Call
from surefoot.db.pool import Connection, Database

CHAINS = (UUID(int=1), UUID(int=2))


class _Undone(Exception):
    pass


async def _change(connection: Connection, name: str, chain: UUID) -> None:
    await connection.execute("INSERT INTO things (name, chain) VALUES (%s, %s)", (name, chain))
    await record(connection, Call(SYSTEM, datetime.now(UTC), workspace=chain), "thing.make", about=name)


async def _write(database: Database, writer: int) -> None:
    dice = random.Random()
    for number in itertools.count():
        name = f"{dice.getrandbits(64):x}"
        try:
            async with database.transaction() as connection:
                for chain in dice.sample(CHAINS, dice.choice((1, 2))):
                    await _change(connection, f"{name}-{chain.int}", chain)
                if number % 5 == writer:
                    raise _Undone
            print(name, flush=True)
        except _Undone:
            pass


async def _main(url: str) -> None:
    async with Database(url, size=4) as database:
        await asyncio.gather(*(_write(database, writer) for writer in range(4)))


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1]))
