"""Which factors somebody has."""

from __future__ import annotations

from uuid import UUID

from surefoot.accounts.factors.model import Factors
from surefoot.accounts.factors.passkey_store import list_passkeys
from surefoot.accounts.factors.recovery_store import get_state
from surefoot.accounts.factors.totp_store import find_confirmed
from surefoot.db.pool import Connection


async def list_factors(connection: Connection, account_id: UUID) -> Factors:
    """All factors that count, without a secret."""
    return Factors(
        totp=await find_confirmed(connection, account_id),
        passkeys=await list_passkeys(connection, account_id),
        recovery=await get_state(connection, account_id),
    )
