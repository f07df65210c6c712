"""What can be done with the members of a workspace.

Everywhere in this package rows are locked in one order, so that nobody waits in a circle: invitations, the workspace,
members.
"""

from __future__ import annotations

from uuid import UUID

from surefoot.audit.record import record
from surefoot.calls import Call
from surefoot.db.pool import Connection
from surefoot.workspaces.invitations.store import delete_beyond
from surefoot.workspaces.members import store
from surefoot.workspaces.members.model import Member
from surefoot.workspaces.members.rules import check_grant, grantable
from surefoot.workspaces.rules import Role
from surefoot.workspaces.service import account_of, lock_mine, workspace_of


async def change_role(connection: Connection, call: Call, account_id: UUID, role: Role) -> Member:
    """Give a member another role; it counts from their next request on. What they sent and could no longer is void.

    Raises NotFound, NotAllowed above the caller's own role, Conflict for the last owner.
    """
    await delete_beyond(connection, workspace_of(call), account_id, grantable(role))
    own = (await lock_mine(connection, call)).role
    member = await store.get_member(connection, workspace_of(call), account_id)
    check_grant(own, member.role, role)
    await store.update_role(connection, workspace_of(call), account_id, role)
    await record(
        connection,
        call,
        "member.change-role",
        about=_about(account_id),
        before={"role": member.role},
        after={"role": role},
    )
    return await store.get_member(connection, workspace_of(call), account_id)


async def remove_member(connection: Connection, call: Call, account_id: UUID) -> None:
    """Take a member out of the workspace. Raises NotFound, NotAllowed above the caller's own role, Conflict."""
    own, member = await _to_go(connection, call, account_id)
    check_grant(own, member.role)
    await _take_out(connection, call, member, "member.remove")


async def leave(connection: Connection, call: Call) -> None:
    """Leave the workspace. Raises Conflict for the last owner."""
    _, member = await _to_go(connection, call, account_of(call))
    await _take_out(connection, call, member, "member.leave")


async def _to_go(connection: Connection, call: Call, account_id: UUID) -> tuple[Role, Member]:
    """The caller's role and the member, whose invitations are void, with all that belongs to it locked."""
    await delete_beyond(connection, workspace_of(call), account_id, ())
    own = (await lock_mine(connection, call)).role
    return own, await store.get_member(connection, workspace_of(call), account_id)


async def _take_out(connection: Connection, call: Call, member: Member, action: str) -> None:
    await store.delete_member(connection, workspace_of(call), member.account)
    await record(connection, call, action, about=_about(member.account), before={"role": member.role})


def _about(account_id: UUID) -> str:
    return f"account/{account_id}"
