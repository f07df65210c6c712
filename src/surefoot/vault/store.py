"""The table `sealed`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from uuid import UUID

from psycopg.rows import class_row

from surefoot.db.pool import Connection
from surefoot.errors import NotFound
from surefoot.vault.model import Sealed

_COLUMNS = "id, about, key_id, wrapped, nonce, ciphertext"


async def insert_sealed(connection: Connection, record: Sealed) -> None:
    """Store a new record."""
    await connection.execute(
        f"INSERT INTO sealed ({_COLUMNS})"
        " VALUES (%(id)s, %(about)s, %(key_id)s, %(wrapped)s, %(nonce)s, %(ciphertext)s)",
        asdict(record),
    )


async def get_sealed(connection: Connection, sealed: UUID) -> Sealed:
    """The record. Raises NotFound."""
    async with connection.cursor(row_factory=class_row(Sealed)) as cursor:
        await cursor.execute(f"SELECT {_COLUMNS} FROM sealed WHERE id = %s", (sealed,))
        found = await cursor.fetchone()
    if found is None:
        raise NotFound(f"There is no sealed secret {sealed}.", hint="Set the secret anew.", sealed=str(sealed))
    return found


async def delete_sealed(connection: Connection, sealed: UUID) -> None:
    """Delete the record, if it is there."""
    await connection.execute("DELETE FROM sealed WHERE id = %s", (sealed,))


async def list_to_rewrap(connection: Connection, keys: Sequence[str], after: UUID, count: int) -> list[Sealed]:
    """Records after an id that one of these keys wraps, `count` at most; locked to the end of the transaction."""
    async with connection.cursor(row_factory=class_row(Sealed)) as cursor:
        await cursor.execute(
            f"SELECT {_COLUMNS} FROM sealed WHERE key_id = ANY(%s) AND id > %s ORDER BY id LIMIT %s FOR UPDATE",
            (list(keys), after, count),
        )
        return await cursor.fetchall()


async def update_wrapped(connection: Connection, records: Sequence[Sealed]) -> None:
    """Store the records' keys as they are wrapped now."""
    await connection.cursor().executemany(
        "UPDATE sealed SET key_id = %s, wrapped = %s WHERE id = %s",
        [(one.key_id, one.wrapped, one.id) for one in records],
    )


async def list_keys(connection: Connection) -> list[str]:
    """The ids of the master keys that something is sealed with."""
    cursor = await connection.execute("SELECT DISTINCT key_id FROM sealed ORDER BY key_id")
    return [row["key_id"] for row in await cursor.fetchall()]
