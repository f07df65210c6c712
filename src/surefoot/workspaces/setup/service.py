"""Setting an installation up: whoever holds the link of the operator's terminal becomes its first owner."""

from __future__ import annotations

from dataclasses import replace

from surefoot.accounts.model import Begun, Newcomer
from surefoot.accounts.service import set_up
from surefoot.accounts.sessions import begin_session
from surefoot.calls import Call
from surefoot.db.pool import Connection
from surefoot.workspaces.model import Membership
from surefoot.workspaces.service import create_workspace


async def set_up_installation(
    connection: Connection, call: Call, token: str, newcomer: Newcomer, workspace: str
) -> tuple[Begun, Membership]:
    """Make the account and its workspace, and sign it in; the link is used up.

    Raises NotFound for a link that is void, Conflict for an address that has an account.
    """
    account = await set_up(connection, call, token, newcomer)
    begun = await begin_session(connection, call, account.id, ("password",))
    return begun, await create_workspace(connection, replace(call, actor=begun.actor), workspace)
