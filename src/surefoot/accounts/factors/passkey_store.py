"""Passkeys in the database, and what authenticators were asked to sign."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any
from uuid import UUID

from surefoot.accounts.factors.model import NewPasskey, Passkey, Purpose
from surefoot.db.ids import new_id
from surefoot.db.pool import Connection
from surefoot.errors import NotFound

_COLUMNS = "id, account_id, credential_id, public_key, name, transports, created_at, used_at"


def _passkey(row: dict[str, Any]) -> Passkey:
    return Passkey(**{**row, "transports": tuple(row["transports"])})


async def list_passkeys(connection: Connection, account_id: UUID) -> tuple[Passkey, ...]:
    """An account's passkeys, the oldest first."""
    cursor = await connection.execute(
        f"SELECT {_COLUMNS} FROM passkeys WHERE account_id = %s ORDER BY created_at, id", (account_id,)
    )
    return tuple([_passkey(row) async for row in cursor])


async def find_passkey(connection: Connection, credential_id: bytes) -> Passkey | None:
    """The passkey that an authenticator names so, or None."""
    cursor = await connection.execute(f"SELECT {_COLUMNS} FROM passkeys WHERE credential_id = %s", (credential_id,))
    row = await cursor.fetchone()
    return _passkey(row) if row else None


async def get_passkey(connection: Connection, account_id: UUID, passkey_id: UUID) -> Passkey:
    """One of the account's passkeys, locked until the transaction ends. Raises NotFound."""
    cursor = await connection.execute(
        f"SELECT {_COLUMNS} FROM passkeys WHERE account_id = %s AND id = %s FOR UPDATE", (account_id, passkey_id)
    )
    row = await cursor.fetchone()
    if row is None:
        raise NotFound(f"You have no passkey {passkey_id}.", hint="GET /account/factors lists yours.")
    return _passkey(row)


async def insert_passkey(
    connection: Connection, account_id: UUID, made: NewPasskey, name: str, at: datetime
) -> Passkey | None:
    """Add a passkey; None if one with that credential is there already, whosever it is."""
    cursor = await connection.execute(
        "INSERT INTO passkeys (id, account_id, credential_id, public_key, sign_count, name, transports, created_at)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)"
        f" ON CONFLICT ON CONSTRAINT passkeys_credential_id_key DO NOTHING RETURNING {_COLUMNS}",
        (new_id(), account_id, made.credential_id, made.public_key, made.sign_count, name, list(made.transports), at),
    )
    row = await cursor.fetchone()
    return _passkey(row) if row else None


async def update_name(connection: Connection, passkey_id: UUID, name: str) -> None:
    """Give a passkey another name."""
    await connection.execute("UPDATE passkeys SET name = %s WHERE id = %s", (name, passkey_id))


async def update_sign_count(connection: Connection, passkey_id: UUID, count: int, at: datetime) -> bool:
    """Note a use; False if the count did not go up, unless the authenticator does not count (WebAuthn, 6.1.1)."""
    cursor = await connection.execute(
        "UPDATE passkeys SET sign_count = %(count)s, used_at = %(at)s"
        " WHERE id = %(id)s AND (sign_count < %(count)s OR sign_count = 0 AND %(count)s = 0)",
        {"id": passkey_id, "count": count, "at": at},
    )
    return cursor.rowcount == 1


async def delete_passkey(connection: Connection, passkey_id: UUID) -> None:
    """Delete a passkey."""
    await connection.execute("DELETE FROM passkeys WHERE id = %s", (passkey_id,))


async def insert_challenge(
    connection: Connection, challenge: bytes, purpose: Purpose, account_id: UUID | None, until: datetime, at: datetime
) -> None:
    """Note what an authenticator is asked to sign; some that nobody answered in time are swept on the way."""
    await connection.execute(
        "DELETE FROM passkey_challenges WHERE digest IN (SELECT digest FROM passkey_challenges WHERE expires_at < %s"
        " ORDER BY expires_at LIMIT 100 FOR UPDATE SKIP LOCKED)",
        (at,),
    )
    await connection.execute(
        "INSERT INTO passkey_challenges (digest, purpose, account_id, expires_at) VALUES (%s, %s, %s, %s)",
        (hashlib.sha256(challenge).digest(), purpose, account_id, until),
    )


async def delete_challenge(
    connection: Connection, challenge: bytes, purpose: Purpose, account_id: UUID | None, at: datetime
) -> bool:
    """Take a challenge out; False if it was not asked for this purpose of this account, answered, or too old."""
    cursor = await connection.execute(
        "DELETE FROM passkey_challenges WHERE digest = %s AND purpose = %s AND account_id IS NOT DISTINCT FROM %s"
        " AND expires_at > %s",
        (hashlib.sha256(challenge).digest(), purpose, account_id, at),
    )
    return cursor.rowcount == 1
