"""The person whose factors change."""

from __future__ import annotations

from uuid import UUID

from surefoot.accounts.model import Account
from surefoot.accounts.store import get_account
from surefoot.db.pool import Connection


async def lock_owner(connection: Connection, account_id: UUID) -> Account:
    """The account, locked until the transaction ends: of two changes to its factors, one sees what the other did.

    Raises NotFound.
    """
    await connection.execute("SELECT FROM accounts WHERE id = %s FOR NO KEY UPDATE", (account_id,))
    return await get_account(connection, account_id)
