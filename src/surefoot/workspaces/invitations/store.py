"""Invitations in the database: only digests of their tokens, and one for each address in a workspace."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from surefoot.db.ids import new_id
from surefoot.db.pool import Connection, Row
from surefoot.errors import NotFound
from surefoot.workspaces.invitations.model import Invitation
from surefoot.workspaces.rules import Role

_SELECT = """
    SELECT i.id, i.workspace_id, w.name AS workspace_name, i.email, i.email_key, i.role, a.email AS inviter,
      m.role AS inviter_role, i.created_at, i.expires_at
    FROM invitations i JOIN workspaces w ON w.id = i.workspace_id JOIN accounts a ON a.id = i.invited_by
      LEFT JOIN members m
        ON m.workspace_id = i.workspace_id AND m.account_id = i.invited_by AND a.disabled_at IS NULL
"""
_UPSERT = """
    INSERT INTO invitations (id, workspace_id, email, email_key, role, digest, invited_by, created_at, expires_at)
    VALUES (%(id)s, %(workspace)s, %(email)s, %(key)s, %(role)s, %(digest)s, %(by)s, %(at)s, %(until)s)
    ON CONFLICT ON CONSTRAINT invitations_one_live DO UPDATE SET
      id = excluded.id, email = excluded.email, role = excluded.role, digest = excluded.digest,
      invited_by = excluded.invited_by, created_at = excluded.created_at, expires_at = excluded.expires_at
"""
_FIND = f"{_SELECT} WHERE i.digest = %(digest)s AND i.expires_at > %(at)s FOR UPDATE OF i"
_GET = f"{_SELECT} WHERE i.workspace_id = %(workspace)s AND i.id = %(id)s FOR UPDATE OF i"
_LIST = f"""
    {_SELECT} WHERE i.workspace_id = %(workspace)s AND i.expires_at > %(at)s
      AND (%(after)s::uuid IS NULL OR i.id > %(after)s) ORDER BY i.id LIMIT %(limit)s
"""


async def insert_invitation(
    connection: Connection,
    workspace_id: UUID,
    *,
    email: str,
    email_key: str,
    role: Role,
    digest: bytes,
    by: UUID,
    at: datetime,
    until: datetime,
) -> UUID:
    """A new invitation; the one that the address had to this workspace is no longer there."""
    given = {
        "id": new_id(),
        "workspace": workspace_id,
        "email": email,
        "key": email_key,
        "role": role,
        "digest": digest,
        "by": by,
        "at": at,
        "until": until,
    }
    await connection.execute(_UPSERT, given)
    return UUID(str(given["id"]))


async def find_invitation(connection: Connection, digest: bytes, at: datetime) -> Invitation | None:
    """The invitation of a token, unless it has expired; nobody else takes it until the transaction ends."""
    row = await (await connection.execute(_FIND, {"digest": digest, "at": at})).fetchone()
    return _invitation(row) if row else None


async def get_invitation(connection: Connection, workspace_id: UUID, invitation_id: UUID) -> Invitation:
    """An invitation to the workspace. Raises NotFound."""
    row = await (await connection.execute(_GET, {"workspace": workspace_id, "id": invitation_id})).fetchone()
    if row is None:
        raise NotFound("There is no such invitation to this workspace.", hint="It may have been accepted: list them.")
    return _invitation(row)


async def list_invitations(
    connection: Connection, workspace_id: UUID, at: datetime, after: UUID | None, limit: int
) -> tuple[Invitation, ...]:
    """The invitations to a workspace that can be accepted, the oldest first."""
    given = {"workspace": workspace_id, "at": at, "after": after, "limit": limit}
    cursor = await connection.execute(_LIST, given)
    return tuple([_invitation(row) async for row in cursor])


async def delete_invitation(connection: Connection, invitation_id: UUID) -> None:
    """Take an invitation away."""
    await connection.execute("DELETE FROM invitations WHERE id = %s", (invitation_id,))


async def delete_invitations(connection: Connection, workspace_id: UUID) -> None:
    """Take away all invitations to a workspace."""
    await connection.execute("DELETE FROM invitations WHERE workspace_id = %s", (workspace_id,))


async def delete_beyond(connection: Connection, workspace_id: UUID, account_id: UUID, roles: Sequence[Role]) -> None:
    """Take away what a member has sent for other roles than these."""
    query = "DELETE FROM invitations WHERE workspace_id = %s AND invited_by = %s AND role <> ALL (%s)"
    await connection.execute(query, (workspace_id, account_id, list(roles)))


async def delete_expired(connection: Connection, at: datetime) -> None:
    """Forget the invitations that nobody can accept any more, and with them the addresses."""
    await connection.execute("DELETE FROM invitations WHERE expires_at <= %s", (at,))


def _invitation(row: Row) -> Invitation:
    return Invitation(
        row["id"],
        row["workspace_id"],
        row["workspace_name"],
        row["email"],
        row["email_key"],
        Role(row["role"]),
        row["inviter"],
        Role(row["inviter_role"]) if row["inviter_role"] else None,
        row["created_at"],
        row["expires_at"],
    )
