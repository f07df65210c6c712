"""Recovery codes in the database: digests alone."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from psycopg.rows import class_row

from surefoot.accounts.factors.model import RecoveryState
from surefoot.db.pool import Connection


async def get_state(connection: Connection, account_id: UUID) -> RecoveryState:
    """How many codes are left, of which making."""
    cursor = connection.cursor(row_factory=class_row(RecoveryState))
    await cursor.execute(
        "SELECT count(*) FILTER (WHERE used_at IS NULL) AS left, max(created_at) AS made_at, max(used_at) AS used_at"
        " FROM recovery_codes WHERE account_id = %s",
        (account_id,),
    )
    found = await cursor.fetchone()
    return found or RecoveryState(0, None, None)


async def insert_codes(connection: Connection, account_id: UUID, digests: Iterable[bytes], at: datetime) -> None:
    """Add codes."""
    await connection.execute(
        "INSERT INTO recovery_codes (digest, account_id, created_at) SELECT unnest(%s::bytea[]), %s, %s",
        (list(digests), account_id, at),
    )


async def update_used(connection: Connection, account_id: UUID, digest: bytes, at: datetime) -> bool:
    """Use up a code; False if there is no such code, or it was used."""
    cursor = await connection.execute(
        "UPDATE recovery_codes SET used_at = %s WHERE account_id = %s AND digest = %s AND used_at IS NULL",
        (at, account_id, digest),
    )
    return cursor.rowcount == 1


async def delete_codes(connection: Connection, account_id: UUID) -> None:
    """Delete all codes of an account, used ones too."""
    await connection.execute("DELETE FROM recovery_codes WHERE account_id = %s", (account_id,))
