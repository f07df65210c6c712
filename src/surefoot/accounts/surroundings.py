"""What accounts have to know of workspaces, which stand above them: questions asked of their tables."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from surefoot.accounts.model import Address
from surefoot.db.pool import Connection
from surefoot.errors import NotAllowed
from surefoot.platform_settings import PlatformSettings

_OF_ACCOUNT = """
    SELECT name FROM workspaces JOIN members ON members.workspace_id = workspaces.id
    WHERE members.account_id = %s ORDER BY name LIMIT 100
"""
_OF_ADDRESS = """
    SELECT name FROM workspaces JOIN invitations ON invitations.workspace_id = workspaces.id
    WHERE invitations.email_key = %s ORDER BY name LIMIT 100
"""
_INVITED = "SELECT EXISTS (SELECT FROM invitations WHERE email_key = %s AND expires_at > %s) AS found"


async def list_workspace_names(connection: Connection, account_id: UUID) -> list[str]:
    """The names of the account's workspaces: no good words for a password."""
    return [row["name"] async for row in await connection.execute(_OF_ACCOUNT, (account_id,))]


async def list_inviting_names(connection: Connection, email_key: str) -> list[str]:
    """The names of the workspaces that an address is invited to."""
    return [row["name"] async for row in await connection.execute(_OF_ADDRESS, (email_key,))]


async def is_invited(connection: Connection, email_key: str, at: datetime) -> bool:
    """Whether some workspace waits for that address."""
    row = await (await connection.execute(_INVITED, (email_key, at))).fetchone()
    return bool(row and row["found"])


async def check_may_sign_up(connection: Connection, settings: PlatformSettings, address: Address, at: datetime) -> None:
    """Raises NotAllowed where only invited people may sign up, and no workspace waits for that address."""
    if settings.sign_up == "invited" and not await is_invited(connection, address.key, at):
        raise NotAllowed(
            f"Only invited people may sign up here, and nobody has invited {address.email}.",
            hint="Ask somebody who is a member of a workspace for an invitation.",
            reason="not-invited",
        )
