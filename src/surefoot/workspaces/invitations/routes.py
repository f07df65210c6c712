"""Invitations over HTTP."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, Field

from surefoot.accounts.rules import address_of
from surefoot.accounts.sessions import set_cookie
from surefoot.accounts.shapes import Name, NewPassword
from surefoot.calls import Call
from surefoot.limits.rules import ADDRESS
from surefoot.web import access
from surefoot.web.address import network_of
from surefoot.web.idempotency import IdempotencyKey, once
from surefoot.web.pages import Cursor, Page, Size, key_of, page_of
from surefoot.web.platform import call_of, platform_of
from surefoot.web.problems import problems
from surefoot.workspaces.invitations import service, store
from surefoot.workspaces.invitations.model import Invitation
from surefoot.workspaces.invitations.rules import INVITING, PESTERING
from surefoot.workspaces.invitations.service_sign_up import prepare_sign_up, sign_up
from surefoot.workspaces.rules import Role, allowed_actions
from surefoot.workspaces.service import own_role, workspace_of
from surefoot.workspaces.shapes import Action, Asked, Secret, actions_of

router = APIRouter(tags=["Invitations"])
_ACTIONS = {"revoke": "members:write"}


class NewInvitation(Asked):
    """Whom to invite, and as what."""

    email: str = Field(min_length=3, max_length=254, description="Their address.", examples=["grace@example.com"])
    role: Role = Field(description="What they will be: at most your own role.", examples=["operator"])


class Token(Asked):
    """The token of an invitation's link."""

    token: Secret = Field(description="What stands behind `#token=` in the link.")


class SignUp(Token):
    """What makes an account of an invitation."""

    name: Name
    password: NewPassword


class InvitationOut(BaseModel):
    """An invitation that can be accepted."""

    id: UUID = Field(description="Its id.")
    email: str = Field(description="To whom it was sent.", examples=["grace@example.com"])
    role: Role = Field(description="What they will be.")
    inviter: str = Field(description="Who sent it.", examples=["ada@example.com"])
    created_at: datetime = Field(description="When it was sent.")
    expires_at: datetime = Field(description="Until when it can be accepted.")
    allowed_actions: list[Action] = Field(description="What you may do with it, and else why not.")


class InvitationRead(BaseModel):
    """What the link of an invitation leads to."""

    workspace: str = Field(description="The workspace's name.", examples=["Payments"])
    email: str = Field(description="The address that it is for.", examples=["grace@example.com"])
    role: Role = Field(description="What you will be.")
    inviter: str = Field(description="Who sent it.", examples=["ada@example.com"])
    expires_at: datetime = Field(description="Until when it can be accepted.")


class Joined(BaseModel):
    """Where you are a member now."""

    workspace: UUID = Field(description="The workspace's id.")
    name: str = Field(description="Its name.", examples=["Payments"])


def _shown(call: Call, own: Role, one: Invitation) -> InvitationOut:
    return InvitationOut(
        id=one.id,
        email=one.email,
        role=one.role,
        inviter=one.inviter,
        created_at=one.created_at,
        expires_at=one.expires_at,
        allowed_actions=actions_of(allowed_actions(own, _ACTIONS, scopes=call.actor.scopes)),
    )


@router.post(
    "/workspaces/{workspace}/invitations",
    operation_id="create_invitation",
    summary="Invite somebody",
    status_code=201,
    response_model=InvitationOut,
    responses=problems(404, 409),
    **access.member("members:write", step_up=True),
)
async def create_invitation(
    request: Request, asked: NewInvitation, idempotency_key: IdempotencyKey = None
) -> InvitationOut:
    """Mails a link to an address.

    It is good for seven days, once, and only for an account with that very address. An earlier invitation of the
    address is void.
    """
    platform, call = platform_of(request), call_of(request)
    key = address_of(asked.email).key
    await platform.limiter.take((INVITING, str(call.actor.id)), (PESTERING, f"{call.actor.id}|{key}"))
    async with platform.database.transaction() as connection:

        async def make() -> InvitationOut:
            made = await service.invite(connection, platform, call, asked.email, asked.role)
            return _shown(call, await own_role(connection, call), made)

        return await once(connection, platform.vault, call, idempotency_key, asked, make, InvitationOut)


@router.get(
    "/workspaces/{workspace}/invitations",
    operation_id="list_invitations",
    summary="List invitations",
    response_model=Page[InvitationOut],
    responses=problems(404),
    **access.member("members:read"),
)
async def list_invitations(request: Request, limit: Size = 50, cursor: Cursor = None) -> Page[InvitationOut]:
    """The invitations to the workspace that can be accepted, the oldest first."""
    call, key = call_of(request), key_of(cursor, UUID)
    async with platform_of(request).database.connection() as connection:
        found = await store.list_invitations(
            connection, workspace_of(call), call.at, key[0] if key else None, limit + 1
        )
        own = await own_role(connection, call)
    return page_of(found, limit, lambda one: _shown(call, own, one), lambda one: (one.id,))


@router.delete(
    "/workspaces/{workspace}/invitations/{invitation}",
    operation_id="revoke_invitation",
    summary="Take an invitation back",
    status_code=204,
    response_model=None,
    responses=problems(404),
    **access.member("members:write"),
)
async def revoke_invitation(
    request: Request,
    invitation: Annotated[UUID, Path(description="The invitation's id.")],
) -> None:
    """The link does not work any more."""
    async with platform_of(request).database.transaction() as connection:
        await service.revoke_invitation(connection, call_of(request), invitation)


@router.post(
    "/invitations/read",
    operation_id="read_invitation",
    summary="Read an invitation",
    response_model=InvitationRead,
    responses=problems(404),
    **access.anyone(),
)
async def read_invitation(request: Request, asked: Token) -> InvitationRead:
    """What the link of an invitation leads to. It is not used up."""
    platform, call = platform_of(request), call_of(request)
    await platform.limiter.take((ADDRESS, network_of(call.address)))
    async with platform.database.transaction() as connection:
        one = await service.read_invitation(connection, call, asked.token)
    return InvitationRead(
        workspace=one.workspace_name, email=one.email, role=one.role, inviter=one.inviter, expires_at=one.expires_at
    )


@router.post(
    "/invitations/accept",
    operation_id="accept_invitation",
    summary="Accept an invitation",
    response_model=Joined,
    responses=problems(404),
    **access.account(),
)
async def accept_invitation(request: Request, asked: Token) -> Joined:
    """Makes you a member. Your account's address has to be the one that the invitation was sent to."""
    platform, call = platform_of(request), call_of(request)
    await platform.limiter.take((ADDRESS, network_of(call.address)))
    async with platform.database.transaction() as connection:
        one = await service.accept(connection, call, asked.token)
    return Joined(workspace=one.workspace, name=one.workspace_name)


@router.post(
    "/invitations/sign-up",
    operation_id="sign_up_invited",
    summary="Sign up with an invitation",
    status_code=201,
    response_model=Joined,
    responses=problems(404, 409),
    **access.anyone(),
)
async def sign_up_invited(request: Request, response: Response, asked: SignUp) -> Joined:
    """Makes an account of the address that was invited, signs it in, and makes it a member.

    The token proves the mailbox. An address that has an account signs in and accepts instead.
    """
    platform, call = platform_of(request), call_of(request)
    newcomer = await prepare_sign_up(platform, call, asked.token, asked.name, asked.password)
    async with platform.database.transaction() as connection:
        begun, one = await sign_up(connection, call, asked.token, newcomer)
    set_cookie(response, platform.settings, begun.secret)
    return Joined(workspace=one.workspace, name=one.workspace_name)
