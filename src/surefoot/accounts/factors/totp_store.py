"""Authenticator apps in the database."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from psycopg.rows import class_row

from surefoot.accounts.factors.model import TotpFactor
from surefoot.db.ids import new_id
from surefoot.db.pool import Connection

_COLUMNS = "id, sealed_id, created_at, confirmed_at, used_at"


async def find_confirmed(connection: Connection, account_id: UUID) -> TotpFactor | None:
    """The app that counts, or None."""
    cursor = connection.cursor(row_factory=class_row(TotpFactor))
    await cursor.execute(
        f"SELECT {_COLUMNS} FROM totp_factors WHERE account_id = %s AND confirmed_at IS NOT NULL", (account_id,)
    )
    return await cursor.fetchone()


async def find_waiting(connection: Connection, account_id: UUID) -> TotpFactor | None:
    """The app that waits to be confirmed, or None."""
    cursor = connection.cursor(row_factory=class_row(TotpFactor))
    await cursor.execute(
        f"SELECT {_COLUMNS} FROM totp_factors WHERE account_id = %s AND confirmed_at IS NULL", (account_id,)
    )
    return await cursor.fetchone()


async def insert_waiting(connection: Connection, account_id: UUID, sealed_id: UUID, at: datetime) -> None:
    """Add an app that waits to be confirmed; there is to be no other."""
    await connection.execute(
        "INSERT INTO totp_factors (id, account_id, sealed_id, created_at) VALUES (%s, %s, %s, %s)",
        (new_id(), account_id, sealed_id, at),
    )


async def update_confirmed(connection: Connection, factor_id: UUID, step: int, at: datetime) -> None:
    """Let an app count. The code of `step` is used up with it."""
    await connection.execute(
        "UPDATE totp_factors SET confirmed_at = %s, used_at = %s, last_step = %s WHERE id = %s",
        (at, at, step, factor_id),
    )


async def update_last_step(connection: Connection, factor_id: UUID, step: int, at: datetime) -> bool:
    """Use up the code of a period; False if it was, or a later one. Locks the row until the transaction ends."""
    cursor = await connection.execute(
        "UPDATE totp_factors SET last_step = %s, used_at = %s WHERE id = %s AND last_step < %s",
        (step, at, factor_id, step),
    )
    return cursor.rowcount == 1


async def delete_totp(connection: Connection, factor_id: UUID) -> None:
    """Delete an app; its sealed secret is the caller's to discard."""
    await connection.execute("DELETE FROM totp_factors WHERE id = %s", (factor_id,))
