"""Members in the database. That a workspace keeps an owner is the database's to see to, whoever comes at once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from uuid import UUID

import psycopg

from surefoot.db.pool import Connection, Row
from surefoot.errors import Conflict, NotFound
from surefoot.workspaces.members.model import Member
from surefoot.workspaces.rules import Role

_SELECT = """
    SELECT m.account_id, a.name, a.email, m.role, m.joined_at
    FROM members m JOIN accounts a ON a.id = m.account_id
    WHERE m.workspace_id = %(workspace)s
"""
_LIST = f"{_SELECT} AND (%(after)s::uuid IS NULL OR m.account_id > %(after)s) ORDER BY m.account_id LIMIT %(limit)s"
_GET = f"{_SELECT} AND m.account_id = %(account)s FOR UPDATE OF m"
_INSERT = """
    INSERT INTO members (workspace_id, account_id, role, joined_at)
    VALUES (%(workspace)s, %(account)s, %(role)s, %(at)s) ON CONFLICT DO NOTHING
"""
_UPDATE = "UPDATE members SET role = %(role)s WHERE workspace_id = %(workspace)s AND account_id = %(account)s"
_DELETE = "DELETE FROM members WHERE workspace_id = %(workspace)s AND account_id = %(account)s"
_HAS_ADDRESS = """
    SELECT FROM members m JOIN accounts a ON a.id = m.account_id
    WHERE m.workspace_id = %(workspace)s AND a.email_key = %(key)s
"""
_OWNERS = "SELECT count(*) AS owners FROM members WHERE workspace_id = %s AND role = 'owner'"


async def insert_member(connection: Connection, workspace_id: UUID, account_id: UUID, role: Role, at: datetime) -> bool:
    """Make an account a member; False, and nothing is changed, where it is one already."""
    given = {"workspace": workspace_id, "account": account_id, "role": role, "at": at}
    return (await connection.execute(_INSERT, given)).rowcount == 1


async def get_member(connection: Connection, workspace_id: UUID, account_id: UUID) -> Member:
    """The member, who stays as they are until the transaction ends. Raises NotFound."""
    row = await (await connection.execute(_GET, {"workspace": workspace_id, "account": account_id})).fetchone()
    if row is None:
        raise NotFound("There is no such member in this workspace.", hint="List its members.")
    return _member(row)


async def list_members(
    connection: Connection, workspace_id: UUID, after: UUID | None, limit: int
) -> tuple[Member, ...]:
    """The members of a workspace, in the order of their accounts."""
    cursor = await connection.execute(_LIST, {"workspace": workspace_id, "after": after, "limit": limit})
    return tuple([_member(row) async for row in cursor])


async def count_owners(connection: Connection, workspace_id: UUID) -> int:
    """How many owners a workspace has."""
    row = await (await connection.execute(_OWNERS, (workspace_id,))).fetchone()
    assert row is not None, "a count is always one row"
    return int(row["owners"])


async def has_address(connection: Connection, workspace_id: UUID, email_key: str) -> bool:
    """Whether somebody with this address is a member."""
    cursor = await connection.execute(_HAS_ADDRESS, {"workspace": workspace_id, "key": email_key})
    return await cursor.fetchone() is not None


async def update_role(connection: Connection, workspace_id: UUID, account_id: UUID, role: Role) -> None:
    """Give a member another role. Raises Conflict for the last owner."""
    async with _an_owner_stays():
        await connection.execute(_UPDATE, {"workspace": workspace_id, "account": account_id, "role": role})


async def delete_member(connection: Connection, workspace_id: UUID, account_id: UUID) -> None:
    """Take a member out of a workspace. Raises Conflict for the last owner."""
    async with _an_owner_stays():
        await connection.execute(_DELETE, {"workspace": workspace_id, "account": account_id})


@asynccontextmanager
async def _an_owner_stays() -> AsyncIterator[None]:
    try:
        yield
    except psycopg.errors.CheckViolation as error:
        if error.diag.constraint_name != "members_owner":
            raise
        raise Conflict(
            "The workspace would be left without an owner.", hint="Make somebody else an owner first."
        ) from error


def _member(row: Row) -> Member:
    return Member(row["account_id"], row["name"], row["email"], Role(row["role"]), row["joined_at"])
