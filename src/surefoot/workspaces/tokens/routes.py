"""API tokens over HTTP: your own below `/account`, a workspace's below it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, Field

from surefoot.calls import Call
from surefoot.vault.tokens import TokenKind
from surefoot.web import access
from surefoot.web.idempotency import IdempotencyKey, once
from surefoot.web.pages import Cursor, Page, Size, key_of, page_of
from surefoot.web.platform import call_of, platform_of
from surefoot.web.problems import problems
from surefoot.workspaces.service import account_of, workspace_of
from surefoot.workspaces.shapes import Asked, Days, Name, Scopes
from surefoot.workspaces.tokens import service, store
from surefoot.workspaces.tokens.model import Belongs, Made, Owner, Token
from surefoot.workspaces.tokens.rules import MAX_GRACE_HOURS

router = APIRouter(tags=["Tokens"])
TokenId = Annotated[UUID, Path(alias="token", description="The token's id.")]


class NewToken(Asked):
    """A token to be made."""

    name: Name = Field(description="What it is for.", examples=["continuous integration"])
    scopes: Scopes
    expires_in_days: Days = 90


class Rotate(Asked):
    """How a token gets another secret."""

    expires_in_days: Days | None = Field(None, description="Days until it expires; as many as before without it.")
    grace_hours: int = Field(
        0, strict=True, ge=0, le=MAX_GRACE_HOURS, description="Hours that the old secret works on."
    )


class TokenOut(BaseModel):
    """An API token, without its secret."""

    id: UUID = Field(description="Its id.")
    name: str = Field(description="What it is for.", examples=["continuous integration"])
    prefix: str = Field(description="How its secret begins.", examples=["sft_pat_Ab3d"])
    scopes: list[str] = Field(description="What it is limited to.", examples=[["workspace:read"]])
    created_by: str = Field(description="Who made it.", examples=["ada@example.com"])
    created_at: datetime = Field(description="When it was made.")
    expires_at: datetime = Field(description="When it stops to work.")
    rotated_at: datetime | None = Field(description="When it last got another secret.")
    earlier_until: datetime | None = Field(description="Until when the secret before that works.")
    used_at: datetime | None = Field(description="When it was last used, to the minute.")


class MadeToken(TokenOut):
    """A token with its secret."""

    secret: str = Field(description="The token itself. It is shown now, and never again.", examples=["sft_pat_…"])


class CurrentToken(TokenOut):
    """The token that a request came with."""

    kind: TokenKind = Field(description="`pat`: a person's, `svc`: a workspace's.")
    owner: str = Field(description="Whose it is: an address, or a workspace's name.", examples=["ada@example.com"])


class Revoked(BaseModel):
    """What was revoked."""

    revoked: int = Field(description="How many tokens.", examples=[2])


def _shown(one: Token) -> TokenOut:
    return TokenOut(**_facts(one))


def _made(made: Made) -> MadeToken:
    return MadeToken(**_facts(made.token), secret=made.secret)


def _facts(one: Token) -> dict[str, object]:
    return {name: getattr(one, name) for name in TokenOut.model_fields}


def _mine(call: Call) -> Owner:
    return Owner(Belongs.ACCOUNT, account_of(call))


def _workspaces(call: Call) -> Owner:
    return Owner(Belongs.WORKSPACE, workspace_of(call))


async def _listed(request: Request, owner: Owner, limit: int, cursor: str | None) -> Page[TokenOut]:
    key = key_of(cursor, UUID)
    async with platform_of(request).database.connection() as connection:
        found = await store.list_tokens(connection, owner, key[0] if key else None, limit + 1)
    return page_of(found, limit, _shown, lambda one: (one.id,))


async def _rotated(request: Request, owner: Owner, token_id: UUID, asked: Rotate) -> MadeToken:
    platform, call = platform_of(request), call_of(request)
    async with platform.database.transaction() as connection:
        return _made(
            await service.rotate_token(
                connection, platform, call, owner, token_id, asked.expires_in_days, asked.grace_hours
            )
        )


async def _revoked(request: Request, owner: Owner, token_id: UUID) -> None:
    async with platform_of(request).database.transaction() as connection:
        await service.revoke_token(connection, call_of(request), owner, token_id)


@router.get(
    "/account/tokens",
    operation_id="list_personal_tokens",
    summary="List your tokens",
    response_model=Page[TokenOut],
    **access.account(),
)
async def list_personal_tokens(request: Request, limit: Size = 50, cursor: Cursor = None) -> Page[TokenOut]:
    """Your personal tokens, the oldest first; those that have expired among them."""
    return await _listed(request, _mine(call_of(request)), limit, cursor)


@router.post(
    "/account/tokens",
    operation_id="create_personal_token",
    summary="Make a personal token",
    status_code=201,
    response_model=MadeToken,
    responses=problems(409),
    **access.account(step_up=True),
)
async def create_personal_token(request: Request, asked: NewToken, idempotency_key: IdempotencyKey = None) -> MadeToken:
    """Makes a token that acts for you: in each workspace it may do what both its scopes and your role there hold.

    It can neither make tokens nor do what needs a fresh proof of who you are.
    """
    platform, call = platform_of(request), call_of(request)
    async with platform.database.transaction() as connection:

        async def make() -> MadeToken:
            given = (asked.name, asked.scopes, asked.expires_in_days)
            return _made(await service.create_personal_token(connection, platform, call, *given))

        return await once(connection, platform.vault, call, idempotency_key, asked, make, MadeToken)


@router.delete(
    "/account/tokens",
    operation_id="revoke_personal_tokens",
    summary="Revoke all your tokens",
    response_model=Revoked,
    **access.account(),
)
async def revoke_personal_tokens(request: Request) -> Revoked:
    """Revokes each of your personal tokens, as after a password that somebody else knew."""
    async with platform_of(request).database.transaction() as connection:
        return Revoked(revoked=await service.revoke_all(connection, call_of(request)))


@router.post(
    "/account/tokens/{token}/rotate",
    operation_id="rotate_personal_token",
    summary="Rotate a personal token",
    response_model=MadeToken,
    responses=problems(404),
    **access.account(step_up=True),
)
async def rotate_personal_token(request: Request, token: TokenId, asked: Rotate) -> MadeToken:
    """Gives one of your tokens another secret."""
    return await _rotated(request, _mine(call_of(request)), token, asked)


@router.delete(
    "/account/tokens/{token}",
    operation_id="revoke_personal_token",
    summary="Revoke a personal token",
    status_code=204,
    response_model=None,
    responses=problems(404),
    **access.account(),
)
async def revoke_personal_token(request: Request, token: TokenId) -> None:
    """From the next request on the token is not known."""
    await _revoked(request, _mine(call_of(request)), token)


@router.get(
    "/workspaces/{workspace}/tokens",
    operation_id="list_service_tokens",
    summary="List the tokens of a workspace",
    response_model=Page[TokenOut],
    responses=problems(404),
    **access.member("tokens:read"),
)
async def list_service_tokens(request: Request, limit: Size = 50, cursor: Cursor = None) -> Page[TokenOut]:
    """The workspace's service tokens, the oldest first; those that have expired among them."""
    return await _listed(request, _workspaces(call_of(request)), limit, cursor)


@router.post(
    "/workspaces/{workspace}/tokens",
    operation_id="create_service_token",
    summary="Make a service token",
    status_code=201,
    response_model=MadeToken,
    responses=problems(404, 409),
    **access.member("tokens:write", step_up=True),
)
async def create_service_token(request: Request, asked: NewToken, idempotency_key: IdempotencyKey = None) -> MadeToken:
    """Makes a token of the workspace, which stays when its maker leaves.

    Its scopes are among what your role holds.
    """
    platform, call = platform_of(request), call_of(request)
    async with platform.database.transaction() as connection:

        async def make() -> MadeToken:
            given = (asked.name, asked.scopes, asked.expires_in_days)
            return _made(await service.create_service_token(connection, platform, call, *given))

        return await once(connection, platform.vault, call, idempotency_key, asked, make, MadeToken)


@router.post(
    "/workspaces/{workspace}/tokens/{token}/rotate",
    operation_id="rotate_service_token",
    summary="Rotate a service token",
    response_model=MadeToken,
    responses=problems(404),
    **access.member("tokens:write", step_up=True),
)
async def rotate_service_token(request: Request, token: TokenId, asked: Rotate) -> MadeToken:
    """Gives a token of the workspace another secret."""
    return await _rotated(request, _workspaces(call_of(request)), token, asked)


@router.delete(
    "/workspaces/{workspace}/tokens/{token}",
    operation_id="revoke_service_token",
    summary="Revoke a service token",
    status_code=204,
    response_model=None,
    responses=problems(404),
    **access.member("tokens:write", tokens=False),
)
async def revoke_service_token(request: Request, token: TokenId) -> None:
    """From the next request on the token is not known."""
    await _revoked(request, _workspaces(call_of(request)), token)


@router.get(
    "/tokens/current",
    operation_id="get_current_token",
    summary="Look at the token that you send",
    response_model=CurrentToken,
    **access.anyone(),
)
async def get_current_token(request: Request) -> CurrentToken:
    """Whose the token of this request is, and what it is limited to. It needs no scope."""
    async with platform_of(request).database.transaction() as connection:
        found = await service.get_current(connection, call_of(request))
    return CurrentToken(**_facts(found.token), kind=service.KINDS[found.owner.kind], owner=found.owner_name)


@router.delete(
    "/tokens/current",
    operation_id="revoke_current_token",
    summary="Revoke the token that you send",
    status_code=204,
    response_model=None,
    **access.anyone(),
)
async def revoke_current_token(request: Request) -> None:
    """From the next request on the token is not known. It needs no scope: whoever holds a token may give it up."""
    async with platform_of(request).database.transaction() as connection:
        await service.revoke_current(connection, call_of(request))
