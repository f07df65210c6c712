"""What the API's guard asks before each request: the caller's role in a workspace, and whose token it is."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from surefoot.accounts.factors.enrolled import enrolled
from surefoot.calls import Actor, ActorKind
from surefoot.db.pool import Connection, Row
from surefoot.errors import NotAllowed
from surefoot.vault.tokens import digest, is_token
from surefoot.workspaces.rules import SERVICE_ROLE, Role

# How old the time of a token's last use may be before it is written again.
_USE_WRITTEN = timedelta(minutes=1)

_ROLE = """
    SELECT m.role, w.require_second_factor
    FROM members m JOIN workspaces w ON w.id = m.workspace_id
    WHERE m.account_id = %(account)s AND m.workspace_id = %(workspace)s
"""
_SERVICE = "SELECT FROM api_tokens WHERE id = %(account)s AND workspace_id = %(workspace)s"
_DEMANDS = """
    SELECT FROM members m JOIN workspaces w ON w.id = m.workspace_id
    WHERE m.account_id = %s AND w.require_second_factor LIMIT 1
"""
_HOLDER = """
    SELECT t.id, t.account_id, t.name, t.scopes, t.used_at, a.email
    FROM api_tokens t LEFT JOIN accounts a ON a.id = t.account_id
    WHERE ((t.digest = %(digest)s AND t.expires_at > %(at)s)
        OR (t.earlier_digest = %(digest)s AND t.earlier_until > %(at)s AND t.expires_at > %(at)s))
      AND a.disabled_at IS NULL
"""
_USED = "UPDATE api_tokens SET used_at = greatest(used_at, %(at)s) WHERE id = %(id)s"


async def find_role(connection: Connection, account_id: UUID, workspace_id: UUID) -> Role | None:
    """The role of an account, or of a service token, in a workspace; None for whom it does not exist.

    It is looked up each time, so that a change of role counts from the next request on. Raises NotAllowed for a member
    without a second factor where the workspace asks for one.
    """
    asked = {"account": account_id, "workspace": workspace_id}
    row = await (await connection.execute(_ROLE, asked)).fetchone()
    if row is None:
        return await _service_role(connection, asked)
    if row["require_second_factor"] and not await enrolled(connection, account_id):
        raise NotAllowed(
            "This workspace asks its members for a second factor, and your account has none.",
            hint="Add a passkey or an authenticator app to your account; then the workspace is open to you again.",
            needed="second-factor",
        )
    return Role(row["role"])


async def _service_role(connection: Connection, asked: dict[str, UUID]) -> Role | None:
    return SERVICE_ROLE if await (await connection.execute(_SERVICE, asked)).fetchone() is not None else None


async def demands_second_factor(connection: Connection, account_id: UUID) -> bool:
    """Whether a workspace of the account asks its members for a second factor."""
    return await (await connection.execute(_DEMANDS, (account_id,))).fetchone() is not None


async def authenticate_token(connection: Connection, bearer: str, at: datetime) -> Actor | None:
    """Whose API token it is, or None for one that is none, has expired, is revoked, or whose account is disabled.

    Writes the time of its last use, at most once a minute.
    """
    if not is_token(bearer):
        return None
    row = await (await connection.execute(_HOLDER, {"digest": digest(bearer), "at": at})).fetchone()
    if row is None:
        return None
    if row["used_at"] is None or at - row["used_at"] >= _USE_WRITTEN:
        await connection.execute(_USED, {"id": row["id"], "at": at})
    return _actor(row)


def _actor(row: Row) -> Actor:
    scopes = frozenset(row["scopes"])
    if row["account_id"] is None:
        return Actor(ActorKind.SERVICE, row["id"], row["name"], token=row["id"], scopes=scopes)
    return Actor(ActorKind.PERSON, row["account_id"], row["email"], token=row["id"], scopes=scopes)
