"""The rows of mails."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from surefoot.db.pool import Connection, Row
from surefoot.notifications.model import Mail, State


async def insert_mail(connection: Connection, mail: UUID, recipient: str, template: str, sealed: UUID) -> None:
    """Write a mail that is to be sent."""
    await connection.execute(
        "INSERT INTO mails (id, recipient, template, sealed) VALUES (%s, %s, %s, %s)",
        (mail, recipient, template, sealed),
    )


async def update_attempt(connection: Connection, mail: UUID, domain: str) -> Mail | None:
    """Count an attempt, and fix the Message-ID with the first; None where the mail has ended, or is not there."""
    cursor = await connection.execute(
        """
        UPDATE mails SET attempts = attempts + 1, message_id = coalesce(message_id, '<' || id || '@' || %s || '>')
        WHERE id = %s AND state = 'queued'
        RETURNING id, recipient, template, sealed, state, message_id, attempts, created_at
        """,
        (domain, mail),
    )
    row = await cursor.fetchone()
    return _mail(row) if row else None


async def update_reason(connection: Connection, mail: UUID, reason: str) -> None:
    """Keep why an attempt failed."""
    await connection.execute("UPDATE mails SET reason = %s WHERE id = %s AND state = 'queued'", (reason, mail))


async def update_ended(connection: Connection, mail: UUID, state: State, reason: str = "") -> UUID | None:
    """End a mail, and return what is now to be discarded; None where it has ended before."""
    cursor = await connection.execute(
        """
        WITH ended AS (SELECT id, sealed FROM mails WHERE id = %s AND state = 'queued' FOR UPDATE)
        UPDATE mails SET state = %s, reason = %s, ended_at = now(), sealed = NULL
        FROM ended WHERE mails.id = ended.id
        RETURNING ended.sealed
        """,
        (mail, state, reason),
    )
    row = await cursor.fetchone()
    return row["sealed"] if row else None


async def list_overdue(connection: Connection, before: datetime) -> list[UUID]:
    """Mails that still wait though their time is over: their job was given up."""
    cursor = await connection.execute("SELECT id FROM mails WHERE state = 'queued' AND created_at < %s", (before,))
    return [row["id"] for row in await cursor.fetchall()]


async def delete_ended(connection: Connection, before: datetime) -> int:
    """Forget mails that ended long ago; returns how many."""
    cursor = await connection.execute("DELETE FROM mails WHERE ended_at < %s", (before,))
    return cursor.rowcount


def _mail(row: Row) -> Mail:
    return Mail(**{**row, "state": State(row["state"])})
