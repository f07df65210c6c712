"""Workspaces in the database."""

from __future__ import annotations

import secrets
from datetime import datetime
from uuid import UUID

from surefoot.db.ids import new_id
from surefoot.db.pool import Connection, Row
from surefoot.errors import NotFound
from surefoot.workspaces.model import Membership, Workspace
from surefoot.workspaces.rules import Role

_COLUMNS = "w.id, w.name, w.slug, w.require_second_factor, w.created_at, w.version"
_INSERT = f"""
    INSERT INTO workspaces AS w (id, name, slug, created_at) VALUES (%(id)s, %(name)s, %(slug)s, %(at)s)
    ON CONFLICT ON CONSTRAINT workspaces_slug DO NOTHING RETURNING {_COLUMNS}
"""
_GET = f"SELECT {_COLUMNS} FROM workspaces w WHERE w.id = %s"
_LIST = f"""
    SELECT {_COLUMNS}, m.role FROM members m JOIN workspaces w ON w.id = m.workspace_id
    WHERE m.account_id = %(account)s AND (%(after)s::uuid IS NULL OR w.id > %(after)s)
    ORDER BY w.id LIMIT %(limit)s
"""
_UPDATE = f"""
    UPDATE workspaces AS w SET
      name = coalesce(%(name)s, w.name),
      require_second_factor = coalesce(%(require_second_factor)s, w.require_second_factor),
      version = w.version + 1
    WHERE w.id = %(id)s RETURNING {_COLUMNS}
"""


async def insert_workspace(connection: Connection, name: str, slug: str, at: datetime) -> Workspace:
    """A new workspace; where its slug is taken, some letters are appended to it."""
    while True:
        given = {"id": new_id(), "name": name, "slug": slug, "at": at}
        row = await (await connection.execute(_INSERT, given)).fetchone()
        if row is not None:
            return _workspace(row)
        slug = f"{slug}-{secrets.token_hex(3)}"


async def get_workspace(connection: Connection, workspace_id: UUID, *, lock: bool = False) -> Workspace:
    """The workspace; with `lock`, nobody else changes it until the transaction ends. Raises NotFound."""
    query = f"{_GET} FOR NO KEY UPDATE" if lock else _GET
    row = await (await connection.execute(query, (workspace_id,))).fetchone()
    if row is None:
        raise NotFound("There is no such workspace.", hint="GET /api/v1/workspaces lists yours.")
    return _workspace(row)


async def list_workspaces(
    connection: Connection, account_id: UUID, after: UUID | None, limit: int
) -> tuple[Membership, ...]:
    """The workspaces that an account is a member of, the oldest first."""
    cursor = await connection.execute(_LIST, {"account": account_id, "after": after, "limit": limit})
    return tuple([Membership(_workspace(row), Role(row["role"])) async for row in cursor])


async def update_workspace(
    connection: Connection,
    workspace_id: UUID,
    *,
    name: str | None = None,
    require_second_factor: bool | None = None,
) -> Workspace:
    """Change what is given; the version goes up by one. The caller holds the workspace's lock."""
    given = {"id": workspace_id, "name": name, "require_second_factor": require_second_factor}
    row = await (await connection.execute(_UPDATE, given)).fetchone()
    assert row is not None, "the caller holds its lock"
    return _workspace(row)


async def delete_workspace(connection: Connection, workspace_id: UUID) -> None:
    """Delete a workspace with everything in it."""
    await connection.execute("DELETE FROM workspaces WHERE id = %s", (workspace_id,))


def _workspace(row: Row) -> Workspace:
    return Workspace(
        row["id"], row["name"], row["slug"], row["require_second_factor"], row["created_at"], row["version"]
    )
