"""The API's guard: before each operation, who asks, and whether the operation's declaration lets them."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from typing import NoReturn
from uuid import UUID

from fastapi import Request

from surefoot.accounts.rules import FRESH, is_fresh
from surefoot.api.identity import credential_of, who_asks
from surefoot.calls import ANYONE, Actor, ActorKind, Call
from surefoot.db.pool import Connection
from surefoot.errors import NotAllowed, NotFound, NotSignedIn, StepUpNeeded
from surefoot.limits.rules import BAD_TOKEN
from surefoot.web.access import Access, Who, declared
from surefoot.web.address import client_address, network_of
from surefoot.web.platform import Platform, call_of, platform_of
from surefoot.web.problems import request_id_of
from surefoot.workspaces.access import find_role
from surefoot.workspaces.rules import Role, holds

_AGENT_LENGTH = 256
# https://www.w3.org/TR/trace-context/#traceparent-header
_TRACE = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}(?:-.*)?")


async def guard(request: Request) -> None:
    """Find out who asks, and put a Call into `request.state.call`.

    Raises NotSignedIn, NotAllowed, StepUpNeeded, NotFound (a workspace of others is not there), TooMany, Unavailable.
    """
    platform, route = platform_of(request), request.scope["route"]
    access = declared(route.openapi_extra)
    assert access is not None, "make_app refuses such a route"
    call = request.state.call = _call(request, platform, route.operation_id)
    credential = credential_of(request, platform.settings)
    if credential is None:
        check_actor(access, ANYONE)
        return
    async with platform.database.connection() as connection:
        actor = await who_asks(connection, credential, call.at)
        if actor is not None:
            request.state.call = replace(call, actor=actor)
            await _admit(request, connection, access)
            _note_read(request, access)
            return
    await _refuse_token(platform, call)


def _note_read(request: Request, access: Access) -> None:
    """Have the log of reads tell what somebody known looks at; what changes something, the audit trail tells."""
    if request.method == "GET" and access.who is not Who.ANYONE:
        request.app.state.reads.note(call_of(request), request.url.path)


async def _refuse_token(platform: Platform, call: Call) -> NoReturn:
    """Whoever guesses gets few tries; a token that is valid never comes here."""
    await platform.limiter.take((BAD_TOKEN, network_of(call.address)))
    raise NotSignedIn(
        "The API token is not valid: unknown, expired or revoked.", hint="Make a new one: `surefoot login`."
    )


def _call(request: Request, platform: Platform, operation: str) -> Call:
    """The call of somebody who is not known yet."""
    traced = _TRACE.fullmatch(request.headers.get("traceparent", ""))
    agent = "".join(sign for sign in request.headers.get("user-agent", "") if sign.isprintable())
    return Call(
        ANYONE,
        at=request.app.state.clock(),
        address=address_of(request, platform),
        agent=agent[:_AGENT_LENGTH],
        request_id=request_id_of(request),
        operation=operation,
        trace_id=traced[1] if traced else "",
    )


def address_of(request: Request, platform: Platform) -> str:
    """The client's address, past the proxies that the operator trusts."""
    peer = request.client.host if request.client else ""
    forwarded = ", ".join(request.headers.getlist("x-forwarded-for")) or None
    return client_address(peer, forwarded, platform.settings.trusted_proxies)


async def _admit(request: Request, connection: Connection, access: Access) -> None:
    call = call_of(request)
    check_actor(access, call.actor)
    if access.who is Who.MEMBER:
        call = replace(call, workspace=_workspace(request.path_params.get("workspace")))
        role = await _role(connection, call)
        # From here on a refusal belongs to the workspace's audit trail; strangers' do not.
        request.state.call = call
        check_role(access, role)
    check_scope(access, call.actor)
    check_fresh(access, call.actor, call.at)


def _workspace(given: str | None) -> UUID:
    try:
        return UUID(given or "")
    except ValueError:
        raise _no_workspace() from None


def check_actor(access: Access, actor: Actor) -> None:
    """Whether such an actor may call such an operation at all. Raises NotSignedIn, NotAllowed."""
    if access.who is Who.ANYONE:
        return
    if actor.kind is ActorKind.ANYONE:
        raise NotSignedIn("Nobody is signed in.", hint="Sign in, or send an API token.")
    if actor.token is not None and not access.tokens:
        raise NotAllowed("An API token cannot do this.", hint="Sign in in a browser, and do it there.")
    if access.who is Who.ACCOUNT and actor.kind is not ActorKind.PERSON:
        raise NotAllowed("This belongs to a person's account.", hint="Sign in, or use a personal token.")


async def _role(connection: Connection, call: Call) -> Role:
    assert call.actor.id is not None
    assert call.workspace is not None
    role = await find_role(connection, call.actor.id, call.workspace)
    if role is None:
        raise _no_workspace()
    return role


def check_role(access: Access, role: Role) -> None:
    """Whether a role of the workspace holds the operation. Raises NotAllowed."""
    if access.permission and not holds(role, access.permission):
        raise NotAllowed(
            f"Your role in this workspace, {role}, does not hold {access.permission}.",
            hint="An owner or an admin of the workspace can change your role.",
            permission=access.permission,
            role=str(role),
        )


def _no_workspace() -> NotFound:
    return NotFound("There is no such workspace.", hint="GET /api/v1/workspaces lists yours.")


def check_scope(access: Access, actor: Actor) -> None:
    """Whether a token is meant for this. Raises NotAllowed."""
    if access.who is not Who.ANYONE and actor.scopes is not None and access.permission not in actor.scopes:
        raise NotAllowed(
            f"This token is not meant for {access.permission}.",
            hint=f"Make one with the scope {access.permission}.",
            permission=access.permission,
        )


def check_fresh(access: Access, actor: Actor, at: datetime) -> None:
    """Whether who asks has proven lately who they are. Raises StepUpNeeded."""
    if access.step_up and not is_fresh(actor.proven_at, at):
        raise StepUpNeeded(
            "This needs a fresh proof of who you are.",
            hint="POST /api/v1/account/step-up, then send this again within five minutes.",
            within_seconds=int(FRESH.total_seconds()),
        )
