"""Device authorisation over HTTP (RFC 8628), with JSON in place of forms."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, Field

from surefoot.errors import SurefootError
from surefoot.web import access
from surefoot.web.address import network_of
from surefoot.web.platform import Platform, call_of, platform_of
from surefoot.web.problems import problems
from surefoot.workspaces.devices import service
from surefoot.workspaces.devices.model import DeviceRequest, State
from surefoot.workspaces.devices.rules import BEGINNING, LIFE, POLLING, TYPING
from surefoot.workspaces.shapes import Asked, Name, Scopes, Secret

router = APIRouter(tags=["Devices"])
UserCode = Annotated[str, Path(max_length=20, description="What the device shows.", examples=["WDJB-MJHT"])]


class NewDevice(Asked):
    """Which program asks, and for what."""

    client: Name = Field(description="The program and its machine.", examples=["surefoot on build-7"])
    scopes: Scopes


class DeviceCode(BaseModel):
    """What the program shows, and what it asks with."""

    device_code: str = Field(description="For the program alone: what it asks for its token with.")
    user_code: str = Field(description="To be shown and typed.", examples=["WDJB-MJHT"])
    verification_uri: str = Field(description="Where it is typed.", examples=["https://surefoot.example.com/device"])
    verification_uri_complete: str = Field(description="The same with the code filled in; a person still approves.")
    expires_in: int = Field(description="Seconds until it is void.", examples=[900])
    interval: int = Field(description="Seconds to wait between two questions.", examples=[5])


class Poll(Asked):
    """The program's question."""

    device_code: Secret = Field(description="From `POST /device/code`.")


class DeviceToken(BaseModel):
    """The token that the program has waited for."""

    id: UUID = Field(description="The token's id, among those of the person who approved.")
    access_token: str = Field(description="A personal token. It is told once.", examples=["sft_pat_…"])
    token_type: str = Field("Bearer", description="How it is sent.")
    scopes: list[str] = Field(description="What it is limited to.", examples=[["workspace:read"]])
    expires_at: datetime = Field(description="When it stops to work.")


class DeviceOut(BaseModel):
    """Which program waits for your approval."""

    user_code: str = Field(description="What it shows: compare it.", examples=["WDJB-MJHT"])
    client: str = Field(description="What it calls itself.", examples=["surefoot on build-7"])
    scopes: list[str] = Field(description="What it asks for.", examples=[["workspace:read"]])
    address: str = Field(description="Where it asked from.", examples=["192.0.2.7"])
    created_at: datetime = Field(description="When it asked.")
    expires_at: datetime = Field(description="Until when it can be approved.")
    state: State = Field(description="What was decided.")


def _shown(one: DeviceRequest) -> DeviceOut:
    return DeviceOut(**{name: getattr(one, name) for name in DeviceOut.model_fields})


@router.post(
    "/device/code",
    operation_id="begin_device",
    summary="Ask for a token on a device",
    response_model=DeviceCode,
    **access.anyone(),
)
async def begin_device(request: Request, asked: NewDevice) -> DeviceCode:
    """For programs without a browser: they show the code, and a person approves it where they are signed in."""
    platform, call = platform_of(request), call_of(request)
    await platform.limiter.take((BEGINNING, network_of(call.address)))
    async with platform.database.transaction() as connection:
        made = await service.ask(connection, call, asked.client, asked.scopes)
    where = f"{platform.settings.origin}/device"
    return DeviceCode(
        device_code=made.device_code,
        user_code=made.request.user_code,
        verification_uri=where,
        verification_uri_complete=f"{where}#code={made.request.user_code}",
        expires_in=int(LIFE.total_seconds()),
        interval=made.request.pause,
    )


@router.post(
    "/device/token",
    operation_id="poll_device",
    summary="Get the token of a device",
    response_model=DeviceToken,
    responses=problems(400),
    **access.anyone(),
)
async def poll_device(request: Request, asked: Poll) -> DeviceToken:
    """Asked again and again until somebody has decided.

    Problems with status 400 have the codes of RFC 8628 in `code` and in `error`: `authorization_pending`, `slow_down`
    (wait five seconds longer from now on), `access_denied`, `expired_token`.
    """
    platform, call = platform_of(request), call_of(request)
    await platform.limiter.take((POLLING, network_of(call.address)))
    async with platform.database.transaction() as connection:
        found = await service.poll(connection, platform, call, asked.device_code)
    if isinstance(found, SurefootError):
        raise found
    token = found.token
    return DeviceToken(id=token.id, access_token=found.secret, scopes=list(token.scopes), expires_at=token.expires_at)


@router.get(
    "/device/{user_code}",
    operation_id="get_device",
    summary="Look at a waiting device",
    response_model=DeviceOut,
    responses=problems(404),
    **access.account(),
)
async def get_device(request: Request, user_code: UserCode) -> DeviceOut:
    """Which program waits with this code, and what it asks for. Few tries for each account."""
    platform = await _typed(request)
    async with platform.database.transaction() as connection:
        return _shown(await service.get_waiting(connection, call_of(request), user_code))


@router.post(
    "/device/{user_code}/approve",
    operation_id="approve_device",
    summary="Approve a device",
    response_model=DeviceOut,
    responses=problems(404),
    **access.account(step_up=True),
)
async def approve_device(request: Request, user_code: UserCode) -> DeviceOut:
    """The program gets a personal token of yours, with the scopes that it asked for, for 90 days.

    Approve only what you have begun yourself.
    """
    return await _decided(request, user_code, State.APPROVED)


@router.post(
    "/device/{user_code}/deny",
    operation_id="deny_device",
    summary="Deny a device",
    response_model=DeviceOut,
    responses=problems(404),
    **access.account(step_up=True),
)
async def deny_device(request: Request, user_code: UserCode) -> DeviceOut:
    """The program gets nothing."""
    return await _decided(request, user_code, State.DENIED)


async def _decided(request: Request, user_code: str, state: State) -> DeviceOut:
    platform = await _typed(request)
    async with platform.database.transaction() as connection:
        return _shown(await service.decide(connection, call_of(request), user_code, state))


async def _typed(request: Request) -> Platform:
    """The process's parts, once the account's try is counted. Raises TooMany."""
    platform = platform_of(request)
    await platform.limiter.take((TYPING, str(call_of(request).actor.id)))
    return platform
