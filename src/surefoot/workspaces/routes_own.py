"""Workspaces over HTTP."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from surefoot.calls import Call
from surefoot.web import access
from surefoot.web.etags import IfMatch, check_version, etag_of
from surefoot.web.idempotency import IdempotencyKey, once
from surefoot.web.pages import Cursor, Page, Size, key_of, page_of
from surefoot.web.platform import call_of, platform_of
from surefoot.web.problems import problems
from surefoot.workspaces import service
from surefoot.workspaces.model import Membership
from surefoot.workspaces.rules import Role, allowed_actions, rights
from surefoot.workspaces.shapes import Action, Asked, Name, actions_of

router = APIRouter(tags=["Workspaces"])
_ACTIONS = {
    "rename": "workspace:write",
    "require-second-factor": "workspace:write",
    "delete": "workspace:delete",
    "invite": "members:write",
    "list-tokens": "tokens:read",
    "create-token": "tokens:write",
    "read-audit": "audit:read",
    "export-audit": "audit:export",
}


class NewWorkspace(Asked):
    """A workspace to be made."""

    name: Name = Field(description="Its name, for people.", examples=["Payments"])


class Rename(Asked):
    """What is to change of a workspace."""

    name: Name = Field(description="Its name, for people.", examples=["Payments EU"])


class RequireSecondFactor(Asked):
    """Whether members need a second factor."""

    required: bool = Field(strict=True, description="Whether each member needs one.", examples=[True])


class DeleteWorkspace(Asked):
    """A proof that you know what you delete."""

    name: str = Field(max_length=200, description="The workspace's name, typed.", examples=["Payments"])


class WorkspaceOut(BaseModel):
    """A workspace, as you see it."""

    id: UUID = Field(description="Its id; it stands in paths.")
    name: str = Field(description="Its name, for people.", examples=["Payments"])
    slug: str = Field(description="A short name that no other workspace has; it never changes.", examples=["payments"])
    require_second_factor: bool = Field(description="Whether each member needs a second factor.")
    created_at: datetime = Field(description="When it was made.")
    role: Role = Field(description="Your role in it; of a service token, the most that its scopes can reach.")
    permissions: list[str] = Field(description="What you may do in it.", examples=[["workspace:read", "members:read"]])
    allowed_actions: list[Action] = Field(description="What you may do with it, and else why not.")


def _shown(call: Call, found: Membership) -> WorkspaceOut:
    one, scopes = found.workspace, call.actor.scopes
    return WorkspaceOut(
        id=one.id,
        name=one.name,
        slug=one.slug,
        require_second_factor=one.require_second_factor,
        created_at=one.created_at,
        role=found.role,
        permissions=sorted(rights(found.role, scopes)),
        allowed_actions=actions_of(allowed_actions(found.role, _ACTIONS, scopes=scopes)),
    )


@router.post(
    "/workspaces",
    operation_id="create_workspace",
    summary="Make a workspace",
    status_code=201,
    response_model=WorkspaceOut,
    responses=problems(409),
    **access.account(),
)
async def create_workspace(
    request: Request, asked: NewWorkspace, idempotency_key: IdempotencyKey = None
) -> WorkspaceOut:
    """Makes a workspace. You are its owner."""
    platform, call = platform_of(request), call_of(request)
    async with platform.database.transaction() as connection:

        async def make() -> WorkspaceOut:
            return _shown(call, await service.create_workspace(connection, call, asked.name))

        return await once(connection, platform.vault, call, idempotency_key, asked, make, WorkspaceOut)


@router.get(
    "/workspaces",
    operation_id="list_workspaces",
    summary="List your workspaces",
    response_model=Page[WorkspaceOut],
    **access.account("workspace:read", tokens=True),
)
async def list_workspaces(request: Request, limit: Size = 50, cursor: Cursor = None) -> Page[WorkspaceOut]:
    """The workspaces that you are a member of, the oldest first."""
    call, key = call_of(request), key_of(cursor, UUID)
    async with platform_of(request).database.connection() as connection:
        found = await service.list_mine(connection, call, key[0] if key else None, limit + 1)
    return page_of(found, limit, lambda one: _shown(call, one), lambda one: (one.workspace.id,))


@router.get(
    "/workspaces/{workspace}",
    operation_id="get_workspace",
    summary="Read a workspace",
    response_model=WorkspaceOut,
    responses=problems(404),
    **access.member("workspace:read"),
)
async def get_workspace(request: Request, response: Response) -> WorkspaceOut:
    """A workspace that you are a member of. Its ETag is needed to change it."""
    call = call_of(request)
    async with platform_of(request).database.connection() as connection:
        found = await service.get_mine(connection, call)
    return _answered(call, found, response)


@router.patch(
    "/workspaces/{workspace}",
    operation_id="update_workspace",
    summary="Rename a workspace",
    response_model=WorkspaceOut,
    responses=problems(404, 412),
    **access.member("workspace:write"),
)
async def update_workspace(
    request: Request, response: Response, asked: Rename, if_match: IfMatch = None
) -> WorkspaceOut:
    """Gives a workspace another name. `If-Match` holds the ETag of what you have read."""
    call = call_of(request)
    async with platform_of(request).database.transaction() as connection:
        found = await service.lock_mine(connection, call)
        check_version(if_match, found.workspace.version)
        found = await service.rename_workspace(connection, call, found, asked.name)
    return _answered(call, found, response)


@router.put(
    "/workspaces/{workspace}/second-factor",
    operation_id="require_second_factor",
    summary="Ask members for a second factor",
    response_model=WorkspaceOut,
    responses=problems(404, 409, 412),
    **access.member("workspace:write", step_up=True),
)
async def require_second_factor(
    request: Request, response: Response, asked: RequireSecondFactor, if_match: IfMatch = None
) -> WorkspaceOut:
    """Whether each member needs a second factor.

    Members without one get 403 for everything in the workspace until they have added one; service tokens go on. You
    need one yourself.
    """
    call = call_of(request)
    async with platform_of(request).database.transaction() as connection:
        found = await service.lock_mine(connection, call)
        check_version(if_match, found.workspace.version)
        found = await service.require_second_factor(connection, call, found, asked.required)
    return _answered(call, found, response)


@router.delete(
    "/workspaces/{workspace}",
    operation_id="delete_workspace",
    summary="Delete a workspace",
    status_code=204,
    response_model=None,
    responses=problems(404),
    **access.member("workspace:delete", step_up=True),
)
async def delete_workspace(request: Request, asked: DeleteWorkspace) -> None:
    """Deletes a workspace with everything in it, for ever. Its audit trail stays with the platform."""
    async with platform_of(request).database.transaction() as connection:
        await service.delete_workspace(connection, call_of(request), asked.name)


def _answered(call: Call, found: Membership, response: Response) -> WorkspaceOut:
    response.headers["ETag"] = etag_of(found.workspace.version)
    return _shown(call, found)
