"""In how many ways an account can be signed in to; one always stays."""

from __future__ import annotations

from uuid import UUID

from surefoot.db.pool import Connection
from surefoot.errors import Conflict

_HAS_ONE = """
    SELECT password_hash IS NOT NULL
      OR EXISTS (SELECT FROM passkeys WHERE account_id = accounts.id)
      OR EXISTS (SELECT FROM identities WHERE account_id = accounts.id) AS found
    FROM accounts WHERE id = %s
"""


async def refuse_last_way(connection: Connection, account_id: UUID) -> None:
    """Raises Conflict where what was just taken away leaves neither a password nor a passkey nor an identity.

    Whoever takes one away locks the account first, in a statement of its own: of two at once, the second has to see
    what the first did.
    """
    row = await (await connection.execute(_HAS_ONE, (account_id,))).fetchone()
    if not row or not row["found"]:
        raise Conflict(
            "This is the only way to sign in to your account.",
            hint="Set a password, add a passkey, or link another provider first.",
        )
