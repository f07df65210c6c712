"""Setting an installation up over HTTP."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from surefoot.accounts.service import prepare_setup
from surefoot.accounts.sessions import set_cookie
from surefoot.accounts.shapes import Email, NewPassword, Token
from surefoot.accounts.shapes import Name as PersonName
from surefoot.web import access
from surefoot.web.platform import call_of, platform_of
from surefoot.web.problems import problems
from surefoot.workspaces.setup import service
from surefoot.workspaces.shapes import Asked, Name

router = APIRouter(tags=["Set-up"])


class SetUp(Asked):
    """Who owns the installation, and the first workspace."""

    token: Token
    email: Email
    name: PersonName
    password: NewPassword
    workspace: Name = Field(description="The name of the first workspace.", examples=["Payments"])


class WasSetUp(BaseModel):
    """What was made; the cookie is set."""

    account: UUID = Field(description="Your account.")
    workspace: UUID = Field(description="The first workspace, of which you are the owner.")


@router.post(
    "/setup",
    operation_id="set_up",
    summary="Set the installation up",
    status_code=201,
    response_model=WasSetUp,
    responses=problems(404, 409),
    **access.anyone(),
)
async def set_up(request: Request, response: Response, asked: SetUp) -> WasSetUp:
    """Makes the first account and the first workspace, by the link that the server printed, and signs you in.

    Your address is taken as verified: whoever has the link has read the operator's terminal.
    """
    platform, call = platform_of(request), call_of(request)
    given = (asked.email, asked.name, asked.password, asked.workspace)
    newcomer = await prepare_setup(platform, call, asked.token, *given)
    async with platform.database.transaction() as connection:
        begun, made = await service.set_up_installation(connection, call, asked.token, newcomer, asked.workspace)
    set_cookie(response, platform.settings, begun.secret)
    assert begun.actor.id is not None, "a session is somebody's"
    return WasSetUp(account=begun.actor.id, workspace=made.workspace.id)
