"""Making, rotating and revoking API tokens: a person's own, and those of a workspace."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from surefoot.accounts.notices import tell
from surefoot.audit.record import record
from surefoot.calls import Call
from surefoot.db.pool import Connection
from surefoot.errors import NotSignedIn
from surefoot.vault.tokens import TokenKind, digest, new_token
from surefoot.web.platform import Platform
from surefoot.workspaces.devices.store import delete_decided
from surefoot.workspaces.service import account_of, own_role, workspace_of
from surefoot.workspaces.tokens import store
from surefoot.workspaces.tokens.model import Belongs, Current, Made, Owner
from surefoot.workspaces.tokens.rules import personal_scopes, renewed_until, service_scopes

KINDS = {Belongs.ACCOUNT: TokenKind.PERSONAL, Belongs.WORKSPACE: TokenKind.SERVICE}
# How much of a secret is shown in lists: its kind, and four signs of 43.
_PREFIX = 12


async def create_personal_token(
    connection: Connection, platform: Platform, call: Call, name: str, scopes: Sequence[str], days: int
) -> Made:
    """A token that acts for the caller; they are told by mail. Raises Invalid."""
    owner = Owner(Belongs.ACCOUNT, account_of(call))
    return await _create(connection, platform, call, owner, name, personal_scopes(scopes), days)


async def create_service_token(
    connection: Connection, platform: Platform, call: Call, name: str, scopes: Sequence[str], days: int
) -> Made:
    """A token of the workspace, which outlives whoever makes it; they are told by mail. Raises Invalid."""
    owner = Owner(Belongs.WORKSPACE, workspace_of(call))
    wanted = service_scopes(scopes, await own_role(connection, call))
    return await _create(connection, platform, call, owner, name, wanted, days)


async def _create(
    connection: Connection,
    platform: Platform,
    call: Call,
    owner: Owner,
    name: str,
    scopes: list[str],
    days: int,
) -> Made:
    secret, until = new_token(KINDS[owner.kind]), call.at + timedelta(days=days)
    token = await store.insert_token(
        connection,
        owner,
        name=name,
        scopes=scopes,
        prefix=secret[:_PREFIX],
        digest=digest(secret),
        by=call.actor.label,
        at=call.at,
        until=until,
    )
    facts = {"name": name, "scopes": scopes, "expires_at": until.isoformat()}
    await record(connection, call, "token.create", about=f"token/{token.id}", after=facts)
    await tell(connection, platform, call, call.actor.label, "token-created", name=name)
    return Made(token, secret)


async def rotate_token(
    connection: Connection,
    platform: Platform,
    call: Call,
    owner: Owner,
    token_id: UUID,
    days: int | None,
    grace_hours: int,
) -> Made:
    """Give a token another secret, and life as long as before or for `days`; the old one works on for the grace.

    An older one still in its grace ends at once. The caller is told by mail. Raises NotFound.
    """
    token = await store.get_token(connection, owner, token_id)
    secret, until = new_token(KINDS[owner.kind]), renewed_until(token, days, call.at)
    grace = min(call.at + timedelta(hours=grace_hours), token.expires_at) if grace_hours else None
    rotated = await store.update_secret(
        connection,
        token_id,
        prefix=secret[:_PREFIX],
        digest=digest(secret),
        at=call.at,
        until=until,
        earlier_until=grace,
    )
    facts = {"expires_at": until.isoformat(), "earlier_until": grace and grace.isoformat()}
    await record(connection, call, "token.rotate", about=f"token/{token_id}", after=facts)
    await tell(connection, platform, call, call.actor.label, "token-created", name=token.name)
    return Made(rotated, secret)


async def revoke_token(connection: Connection, call: Call, owner: Owner, token_id: UUID) -> None:
    """Revoke a token; it counts from the next request on. Raises NotFound."""
    token = await store.get_token(connection, owner, token_id)
    await store.delete_token(connection, token_id)
    await record(connection, call, "token.revoke", about=f"token/{token_id}", before={"name": token.name})


async def revoke_all(connection: Connection, call: Call) -> int:
    """Revoke all personal tokens of the caller, those that a device has not fetched yet as well; returns how many."""
    await delete_decided(connection, account_of(call))
    revoked = await store.delete_tokens(connection, Owner(Belongs.ACCOUNT, account_of(call)))
    for token_id in revoked:
        await record(connection, call, "token.revoke", about=f"token/{token_id}")
    return len(revoked)


async def get_current(connection: Connection, call: Call) -> Current:
    """The token that the call came with. Raises NotSignedIn without one."""
    if call.actor.token is None:
        raise NotSignedIn("This request came without an API token.", hint="Send it in `Authorization: Bearer`.")
    return await store.get_current(connection, call.actor.token)


async def revoke_current(connection: Connection, call: Call) -> None:
    """Revoke the token that the call came with. Raises NotSignedIn without one."""
    current = await get_current(connection, call)
    workspace = current.owner.id if current.owner.kind is Belongs.WORKSPACE else None
    await revoke_token(connection, replace(call, workspace=workspace), current.owner, current.token.id)
