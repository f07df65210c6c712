"""Members over HTTP."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, Field

from surefoot.calls import Call
from surefoot.db.pool import Connection
from surefoot.web import access
from surefoot.web.pages import Cursor, Page, Size, key_of, page_of
from surefoot.web.platform import call_of, platform_of
from surefoot.web.problems import problems
from surefoot.workspaces.members import service, store
from surefoot.workspaces.members.model import Member
from surefoot.workspaces.members.rules import member_actions
from surefoot.workspaces.rules import Role
from surefoot.workspaces.service import own_role, workspace_of
from surefoot.workspaces.shapes import Action, Asked, actions_of

router = APIRouter(tags=["Members"])
MemberId = Annotated[UUID, Path(alias="member", description="The member's account.")]


class ChangeRole(Asked):
    """The role that a member is to have."""

    role: Role = Field(description="The new role.", examples=["operator"])


class MemberOut(BaseModel):
    """Somebody in a workspace."""

    id: UUID = Field(description="Their account; it stands in paths.")
    name: str = Field(description="What they call themselves.", examples=["Ada Lovelace"])
    email: str = Field(description="Their address.", examples=["ada@example.com"])
    role: Role = Field(description="What they are in the workspace.")
    joined_at: datetime = Field(description="Since when.")
    allowed_actions: list[Action] = Field(description="What you may do with them, and else why not.")


async def _shown(connection: Connection, call: Call, found: tuple[Member, ...]) -> list[MemberOut]:
    own, owners = await own_role(connection, call), await store.count_owners(connection, workspace_of(call))
    return [
        MemberOut(
            id=one.account,
            name=one.name,
            email=one.email,
            role=one.role,
            joined_at=one.joined_at,
            allowed_actions=actions_of(member_actions(own, call.actor.id, one, owners, call.actor.scopes)),
        )
        for one in found
    ]


@router.get(
    "/workspaces/{workspace}/members",
    operation_id="list_members",
    summary="List the members of a workspace",
    response_model=Page[MemberOut],
    responses=problems(404),
    **access.member("members:read"),
)
async def list_members(request: Request, limit: Size = 50, cursor: Cursor = None) -> Page[MemberOut]:
    """Everybody in the workspace, in the order of their accounts."""
    call, key = call_of(request), key_of(cursor, UUID)
    async with platform_of(request).database.connection() as connection:
        found = await store.list_members(connection, workspace_of(call), key[0] if key else None, limit + 1)
        shown = await _shown(connection, call, found)
    return page_of(shown, limit, lambda one: one, lambda one: (one.id,))


@router.patch(
    "/workspaces/{workspace}/members/{member}",
    operation_id="change_role",
    summary="Change a member's role",
    response_model=MemberOut,
    responses=problems(404, 409),
    **access.member("members:write", step_up=True),
)
async def change_role(request: Request, member: MemberId, asked: ChangeRole) -> MemberOut:
    """Gives a member another role, at most your own.

    It counts from their next request on. The last owner stays one.
    """
    call = call_of(request)
    async with platform_of(request).database.transaction() as connection:
        changed = await service.change_role(connection, call, member, asked.role)
        (shown,) = await _shown(connection, call, (changed,))
    return shown


@router.delete(
    "/workspaces/{workspace}/members/{member}",
    operation_id="remove_member",
    summary="Remove a member",
    status_code=204,
    response_model=None,
    responses=problems(404, 409),
    **access.member("members:write", step_up=True),
)
async def remove_member(request: Request, member: MemberId) -> None:
    """Takes somebody out of the workspace; from their next request on it does not exist for them.

    Their personal tokens reach nothing in it any more; service tokens stay: look at those that they made.
    """
    async with platform_of(request).database.transaction() as connection:
        await service.remove_member(connection, call_of(request), member)


@router.post(
    "/workspaces/{workspace}/leave",
    operation_id="leave_workspace",
    summary="Leave a workspace",
    status_code=204,
    response_model=None,
    responses=problems(404, 409),
    **access.member("workspace:read", tokens=False),
)
async def leave_workspace(request: Request) -> None:
    """Takes you out of the workspace. The last owner stays."""
    async with platform_of(request).database.transaction() as connection:
        await service.leave(connection, call_of(request))
