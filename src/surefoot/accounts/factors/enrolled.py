"""Which second factors an account has: what signing in and stepping up have to ask for."""

from __future__ import annotations

from uuid import UUID

from surefoot.db.pool import Connection

PASSKEY = "passkey"
TOTP = "totp"
_ENROLLED = """
    SELECT method FROM (
      SELECT 1 AS rank, 'passkey' AS method WHERE EXISTS (SELECT FROM passkeys WHERE account_id = %(account)s)
      UNION ALL
      SELECT 2, 'totp' WHERE EXISTS (
        SELECT FROM totp_factors WHERE account_id = %(account)s AND confirmed_at IS NOT NULL)
    ) AS found ORDER BY rank
"""


async def enrolled(connection: Connection, account_id: UUID) -> tuple[str, ...]:
    """The account's factors that are confirmed, the strongest first: `passkey`, `totp`; empty without any.

    Recovery codes are none: they stand in for a factor, and are gone with the last.
    """
    cursor = await connection.execute(_ENROLLED, {"account": account_id})
    return tuple([row["method"] async for row in cursor])
