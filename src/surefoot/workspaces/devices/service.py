"""Device authorisation (RFC 8628): a program asks, a person approves, the program gets a personal token."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from surefoot.accounts.store import get_account
from surefoot.audit.record import record
from surefoot.calls import Actor, ActorKind, Call
from surefoot.db.pool import Connection
from surefoot.errors import SurefootError
from surefoot.vault.tokens import digest, new_secret
from surefoot.web.platform import Platform
from surefoot.workspaces.devices import store
from surefoot.workspaces.devices.model import Asked, DeviceRequest, State
from surefoot.workspaces.devices.rules import (
    LIFE,
    TOKEN_DAYS,
    denied,
    is_too_fast,
    is_void,
    no_such_code,
    read_user_code,
    refusal,
)
from surefoot.workspaces.service import account_of
from surefoot.workspaces.tokens.model import Made
from surefoot.workspaces.tokens.rules import personal_scopes
from surefoot.workspaces.tokens.service import create_personal_token


async def ask(connection: Connection, call: Call, client: str, scopes: Sequence[str]) -> Asked:
    """A program asks for a token with these scopes. Raises Invalid."""
    wanted, device_code = personal_scopes(scopes), new_secret()
    request = await store.insert_request(
        connection,
        digest=digest(device_code),
        client=client,
        scopes=wanted,
        address=call.address,
        at=call.at,
        until=call.at + LIFE,
    )
    await record(connection, call, "device.ask", about="device", after={"client": client, "scopes": list(wanted)})
    return Asked(request, device_code)


async def poll(connection: Connection, platform: Platform, call: Call, device_code: str) -> Made | SurefootError:
    """The program's token, once; or what it is told instead, to be raised after the transaction has committed."""
    request = await store.find_request(connection, digest(device_code), call.at)
    too_fast = request is not None and is_too_fast(request, call.at)
    if request is not None and request.state is State.PENDING:
        await store.update_polled(connection, request.user_code, call.at, too_fast=too_fast)
    told = refusal(request, too_fast=too_fast)
    if told or request is None or request.account is None:
        return told or no_such_code()
    await store.delete_request(connection, request.user_code)
    account = await get_account(connection, request.account)
    if is_void(request, account):
        return denied()
    mine = replace(call, actor=Actor(ActorKind.PERSON, account.id, account.email))
    return await create_personal_token(connection, platform, mine, request.client, request.scopes, TOKEN_DAYS)


async def get_waiting(connection: Connection, call: Call, typed: str) -> DeviceRequest:
    """The request that waits with this user code. Raises NotFound."""
    request = await store.find_waiting(connection, read_user_code(typed), call.at)
    if request is None:
        raise no_such_code()
    return request


async def decide(connection: Connection, call: Call, typed: str, state: State) -> DeviceRequest:
    """Approve or deny a waiting request, for the caller's account. Raises NotFound."""
    request = await get_waiting(connection, call, typed)
    await store.update_decided(connection, request.user_code, state, account_of(call), call.at)
    action = "device.approve" if state is State.APPROVED else "device.deny"
    await record(
        connection,
        call,
        action,
        about=f"account/{account_of(call)}",
        after={"client": request.client, "scopes": list(request.scopes), "address": request.address},
    )
    return replace(request, state=state)
