"""Inviting people into a workspace, and accepting."""

from __future__ import annotations

from uuid import UUID

from surefoot.accounts.rules import address_of
from surefoot.accounts.store import get_account
from surefoot.audit.record import record
from surefoot.calls import Call
from surefoot.db.pool import Connection
from surefoot.errors import Conflict
from surefoot.notifications.send import send
from surefoot.vault.tokens import digest, new_secret
from surefoot.web.platform import Platform
from surefoot.workspaces.invitations import store
from surefoot.workspaces.invitations.model import Invitation
from surefoot.workspaces.invitations.rules import LIFE, check_addressee, check_live
from surefoot.workspaces.members.rules import check_grant
from surefoot.workspaces.members.store import has_address, insert_member
from surefoot.workspaces.rules import Role
from surefoot.workspaces.service import account_of, own_role, workspace_of


async def invite(connection: Connection, platform: Platform, call: Call, email: str, role: Role) -> Invitation:
    """Ask an address into the workspace, by mail; an earlier invitation of it is void.

    Raises Invalid for what is no address, NotAllowed above the caller's own role, Conflict where it is a member's.
    """
    address, workspace_id = address_of(email), workspace_of(call)
    check_grant(await own_role(connection, call), role)
    if await has_address(connection, workspace_id, address.key):
        raise Conflict(f"{address.email} is a member already.", hint="Change the member's role instead.")
    secret = new_secret()
    invitation_id = await store.insert_invitation(
        connection,
        workspace_id,
        email=address.email,
        email_key=address.key,
        role=role,
        digest=digest(secret),
        by=account_of(call),
        at=call.at,
        until=call.at + LIFE,
    )
    await record(
        connection, call, "invitation.create", about=_about(invitation_id), after={"email": address.email, "role": role}
    )
    made = await store.get_invitation(connection, workspace_id, invitation_id)
    await _mail(connection, platform, made, secret)
    return made


async def _mail(connection: Connection, platform: Platform, invitation: Invitation, secret: str) -> None:
    await send(
        connection,
        platform.vault,
        platform.queue,
        invitation.email,
        "invitation",
        link=f"{platform.settings.origin}/invitation#token={secret}",
        workspace=invitation.workspace_name,
        inviter=invitation.inviter,
        role=invitation.role,
    )


async def revoke_invitation(connection: Connection, call: Call, invitation_id: UUID) -> None:
    """Take an invitation back. Raises NotFound."""
    invitation = await store.get_invitation(connection, workspace_of(call), invitation_id)
    await store.delete_invitation(connection, invitation_id)
    facts = {"email": invitation.email, "role": invitation.role}
    await record(connection, call, "invitation.revoke", about=_about(invitation_id), before=facts)


async def read_invitation(connection: Connection, call: Call, token: str) -> Invitation:
    """What an invitation's token is for; it is not used up. Raises NotFound."""
    return check_live(await store.find_invitation(connection, digest(token), call.at))


async def accept(connection: Connection, call: Call, token: str) -> Invitation:
    """Become a member; whoever is one already keeps their role. The invitation is used up.

    Raises NotFound, NotAllowed where it was sent to another address than the caller's.
    """
    invitation = await read_invitation(connection, call, token)
    account = await get_account(connection, account_of(call))
    check_addressee(invitation, account.email_key)
    await store.delete_invitation(connection, invitation.id)
    joined = await insert_member(connection, invitation.workspace, account.id, invitation.role, call.at)
    await record(
        connection,
        call,
        "invitation.accept",
        about=_about(invitation.id),
        after={"email": invitation.email, "role": invitation.role, "joined": joined},
        workspace=invitation.workspace,
    )
    return invitation


def _about(invitation_id: UUID) -> str:
    return f"invitation/{invitation_id}"
