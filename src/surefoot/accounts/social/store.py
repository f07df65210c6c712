"""Identities and attempts in the database."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from surefoot.accounts.social.model import Attempt, Identity, Person, Purpose
from surefoot.db.ids import new_id
from surefoot.db.pool import Connection
from surefoot.errors import Conflict, NotFound

LIVES = timedelta(minutes=10)
_COLUMNS = "id, account_id, provider, issuer, subject, email, linked_at, used_at"

_INSERT_ATTEMPT = """
    INSERT INTO social_attempts (digest, provider, purpose, account_id, expires_at) VALUES (%s, %s, %s, %s, %s)
"""
# Others sweep at the same time: what one of them holds already is left to it.
_SWEEP = """
    DELETE FROM social_attempts WHERE digest IN (
      SELECT digest FROM social_attempts WHERE expires_at <= %s LIMIT 100 FOR UPDATE SKIP LOCKED)
"""
_TAKE_ATTEMPT = """
    DELETE FROM social_attempts WHERE digest = %s AND provider = %s AND purpose = %s AND expires_at > %s
    RETURNING provider, purpose, account_id
"""
_INSERT = """
    INSERT INTO identities (id, account_id, provider, issuer, subject, email, linked_at)
    VALUES (%(id)s, %(account)s, %(provider)s, %(issuer)s, %(subject)s, %(email)s, %(at)s)
    ON CONFLICT (issuer, subject) DO NOTHING RETURNING id
"""
_USE = f"""
    UPDATE identities SET used_at = %s, email = %s WHERE issuer = %s AND subject = %s RETURNING {_COLUMNS}
"""


async def insert_attempt(connection: Connection, digest: bytes, attempt: Attempt, at: datetime) -> None:
    """Keep an attempt for ten minutes; forgets some that are over."""
    await connection.execute(_SWEEP, (at,))
    values = (digest, attempt.provider, attempt.purpose, attempt.account, at + LIVES)
    await connection.execute(_INSERT_ATTEMPT, values)


async def take_attempt(
    connection: Connection, digest: bytes, provider: str, purpose: Purpose, at: datetime
) -> Attempt | None:
    """Use an attempt up; None where there is none that lives, with that provider, for that purpose."""
    row = await (await connection.execute(_TAKE_ATTEMPT, (digest, provider, purpose, at))).fetchone()
    return Attempt(row["provider"], Purpose(row["purpose"]), row["account_id"]) if row else None


async def update_used(connection: Connection, person: Person, at: datetime) -> Identity | None:
    """The person's identity, marked as used, with the address as it is now; None where nobody here is that person."""
    cursor = await connection.execute(_USE, (at, person.email, person.issuer, person.subject))
    row = await cursor.fetchone()
    return _identity(row) if row else None


async def insert_identity(
    connection: Connection, account_id: UUID, provider: str, person: Person, at: datetime
) -> UUID:
    """Link a person to an account; the new identity's id. Raises Conflict where that person is linked already."""
    values: dict[str, Any] = {
        "id": new_id(),
        "account": account_id,
        "provider": provider,
        "issuer": person.issuer,
        "subject": person.subject,
        "email": person.email,
        "at": at,
    }
    row = await (await connection.execute(_INSERT, values)).fetchone()
    if row is None:
        raise Conflict(
            "That identity is linked to an account already.",
            hint="`GET /account/identities` lists yours. Another account has to unlink it first.",
        )
    return UUID(str(row["id"]))


async def list_identities(connection: Connection, account_id: UUID) -> list[Identity]:
    """The account's identities, the first linked first."""
    found = await connection.execute(
        f"SELECT {_COLUMNS} FROM identities WHERE account_id = %s ORDER BY linked_at, id", (account_id,)
    )
    return [_identity(row) async for row in found]


async def get_identity(connection: Connection, account_id: UUID, identity_id: UUID) -> Identity:
    """One identity of the account. Raises NotFound."""
    cursor = await connection.execute(
        f"SELECT {_COLUMNS} FROM identities WHERE account_id = %s AND id = %s", (account_id, identity_id)
    )
    row = await cursor.fetchone()
    if row is None:
        raise NotFound(f"You have no identity {identity_id}.", hint="`GET /account/identities` lists those you have.")
    return _identity(row)


async def delete_identity(connection: Connection, identity_id: UUID) -> None:
    """Unlink it."""
    await connection.execute("DELETE FROM identities WHERE id = %s", (identity_id,))


def _identity(row: dict[str, Any]) -> Identity:
    return Identity(
        row["id"],
        row["account_id"],
        row["provider"],
        row["issuer"],
        row["subject"],
        row["email"],
        row["linked_at"],
        row["used_at"],
    )
