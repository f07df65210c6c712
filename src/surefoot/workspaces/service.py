"""What can be done with a workspace. Each use case runs in the caller's transaction, and tells the audit trail."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime
from uuid import UUID

from surefoot.accounts.factors.enrolled import enrolled
from surefoot.audit.record import record
from surefoot.calls import Call
from surefoot.db.pool import Connection
from surefoot.errors import Conflict, Invalid, NotAllowed, NotFound
from surefoot.workspaces import store
from surefoot.workspaces.access import find_role
from surefoot.workspaces.devices import store as devices
from surefoot.workspaces.invitations import store as invitations
from surefoot.workspaces.members.store import insert_member
from surefoot.workspaces.model import Membership
from surefoot.workspaces.rules import Role, holds

_SLUG_LENGTH = 40


async def create_workspace(connection: Connection, call: Call, name: str) -> Membership:
    """A new workspace, and the caller is its owner."""
    account_id = account_of(call)
    workspace = await store.insert_workspace(connection, name, slug_of(name), call.at)
    await insert_member(connection, workspace.id, account_id, Role.OWNER, call.at)
    await record(
        connection,
        call,
        "workspace.create",
        about=_about(workspace.id),
        after={"name": name, "slug": workspace.slug},
        workspace=workspace.id,
    )
    return Membership(workspace, Role.OWNER)


async def list_mine(connection: Connection, call: Call, after: UUID | None, limit: int) -> tuple[Membership, ...]:
    """The caller's workspaces, the oldest first, from the one after `after`."""
    return await store.list_workspaces(connection, account_of(call), after, limit)


async def get_mine(connection: Connection, call: Call) -> Membership:
    """The workspace of the call, and the caller's role in it. Raises NotFound."""
    role = await own_role(connection, call)
    return Membership(await store.get_workspace(connection, workspace_of(call)), role)


async def lock_mine(connection: Connection, call: Call) -> Membership:
    """The same; and until the transaction ends, nobody else changes the workspace. Raises NotFound."""
    workspace = await store.get_workspace(connection, workspace_of(call), lock=True)
    return Membership(workspace, await own_role(connection, call))


async def rename_workspace(connection: Connection, call: Call, found: Membership, name: str) -> Membership:
    """Give a workspace, which `lock_mine` found, another name. The slug stays: people have written it down."""
    workspace = await store.update_workspace(connection, found.workspace.id, name=name)
    await record(
        connection,
        call,
        "workspace.rename",
        about=_about(workspace.id),
        before={"name": found.workspace.name},
        after={"name": name},
    )
    return Membership(workspace, found.role)


async def require_second_factor(connection: Connection, call: Call, found: Membership, required: bool) -> Membership:
    """Have every member of a workspace, which `lock_mine` found, need a second factor, or no longer.

    Raises Conflict where the caller has none: they would shut themselves out.
    """
    if required and not await enrolled(connection, account_of(call)):
        raise Conflict(
            "You have no second factor yourself, and would shut yourself out.",
            hint="Add a passkey or an authenticator app to your account first.",
        )
    workspace = await store.update_workspace(connection, found.workspace.id, require_second_factor=required)
    await record(
        connection,
        call,
        "workspace.require-second-factor",
        about=_about(workspace.id),
        before={"required": found.workspace.require_second_factor},
        after={"required": required},
    )
    return Membership(workspace, found.role)


async def delete_workspace(connection: Connection, call: Call, typed: str) -> None:
    """Delete a workspace with everything in it; its audit trail stays. `typed` is its name, as the caller typed it.

    Raises NotFound, NotAllowed for who is an owner no more, Invalid for another name.
    """
    # First the invitations, as whoever accepts one does: the other way round two would wait for one another.
    await invitations.delete_invitations(connection, workspace_of(call))
    found = await lock_mine(connection, call)
    workspace = found.workspace
    # The guard asked before this waited for the lock; what is deleted does not come back.
    if not holds(found.role, "workspace:delete"):
        raise NotAllowed("Your role in this workspace was changed meanwhile.", hint="Ask an owner of it.")
    if typed != workspace.name:
        raise Invalid("What was typed is not the workspace's name.", hint=f"Type its name as it is: {workspace.name}")
    await store.delete_workspace(connection, workspace.id)
    await record(
        connection,
        call,
        "workspace.delete",
        about=_about(workspace.id),
        before={"name": workspace.name, "slug": workspace.slug},
    )


async def sweep(connection: Connection, at: datetime) -> None:
    """Delete what is over: invitations, and devices that waited in vain."""
    await invitations.delete_expired(connection, at)
    await devices.delete_expired(connection, at)


async def own_role(connection: Connection, call: Call) -> Role:
    """The caller's role in the workspace of the call, as it is now. Raises NotFound for whom it does not exist."""
    role = await find_role(connection, call.actor.id, workspace_of(call)) if call.actor.id else None
    if role is None:
        raise NotFound("There is no such workspace.", hint="GET /api/v1/workspaces lists yours.")
    return role


def account_of(call: Call) -> UUID:
    """The account that calls, which the guard has made sure of."""
    assert call.actor.id is not None, "the operation is for people"
    return call.actor.id


def workspace_of(call: Call) -> UUID:
    """The workspace of the call, which the guard has made sure of."""
    assert call.workspace is not None, "the operation is for members"
    return call.workspace


def slug_of(name: str) -> str:
    """A name as lower-case letters, digits and dashes, for people to tell workspaces apart."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_SLUG_LENGTH].rstrip("-") or "workspace"


def _about(workspace_id: UUID) -> str:
    return f"workspace/{workspace_id}"
