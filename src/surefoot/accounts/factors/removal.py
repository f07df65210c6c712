"""What holds when a factor goes, whichever it is."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from surefoot.accounts.factors.recovery_store import delete_codes, get_state
from surefoot.accounts.factors.rules import may_remove
from surefoot.audit.record import record
from surefoot.calls import Call
from surefoot.db.pool import Connection
from surefoot.errors import Conflict


def refuse_last(left: Collection[str], demanded: bool) -> None:
    """Raises Conflict if nothing is `left` and a workspace demands a factor."""
    if not may_remove(left, demanded):
        raise Conflict(
            "This is your last second factor, and a workspace of yours demands one.",
            hint="Add another factor first, or leave that workspace.",
        )


async def settle(connection: Connection, call: Call, account_id: UUID, left: Collection[str]) -> None:
    """Without a factor left, recovery codes would open nothing: delete them."""
    if left or (await get_state(connection, account_id)).made_at is None:
        return
    await delete_codes(connection, account_id)
    await record(connection, call, "recovery-codes.remove", about=f"account/{account_id}")
