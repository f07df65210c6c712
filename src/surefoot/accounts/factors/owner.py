"""The person whose ways to sign in change."""

from __future__ import annotations

from uuid import UUID

from surefoot.accounts.model import Account
from surefoot.accounts.store import get_account
from surefoot.calls import Call
from surefoot.db.pool import Connection
from surefoot.errors import NotSignedIn


async def lock_owner(connection: Connection, call: Call, account_id: UUID) -> Account:
    """The account, locked until the transaction ends: of two changes to its factors, one sees what the other did.

    Whoever resets the password locks the account first and then ends its sessions. So a session that the guard let
    through before that adds nothing to the account after it. Raises NotFound, NotSignedIn for a session that has ended.
    """
    await connection.execute("SELECT FROM accounts WHERE id = %s FOR NO KEY UPDATE", (account_id,))
    if call.actor.session is not None:
        cursor = await connection.execute("SELECT FROM sessions WHERE id = %s", (call.actor.session,))
        if await cursor.fetchone() is None:
            raise NotSignedIn("This session is over.", hint="Sign in again.")
    return await get_account(connection, account_id)
