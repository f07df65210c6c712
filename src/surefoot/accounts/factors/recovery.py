"""Recovery codes: ten at a time, shown once, each good for one use in a factor's place."""

from __future__ import annotations

from uuid import UUID

from surefoot.accounts.factors.enrolled import enrolled
from surefoot.accounts.factors.owner import lock_owner
from surefoot.accounts.factors.recovery_store import delete_codes, get_state, insert_codes, update_used
from surefoot.accounts.factors.rules import CODES, new_recovery_code, recovery_digest
from surefoot.accounts.notices import tell
from surefoot.accounts.sessions import end_sessions
from surefoot.accounts.store import get_account
from surefoot.audit.record import record
from surefoot.calls import Call
from surefoot.db.pool import Connection
from surefoot.errors import Conflict, SignInFailed
from surefoot.web.platform import Platform


async def make_codes(connection: Connection, platform: Platform, call: Call, account_id: UUID) -> tuple[str, ...]:
    """Make new codes in place of all before them. Sends a notice. Locks the account.

    Raises Conflict where the account has no second factor that they could stand in for.
    """
    account = await lock_owner(connection, call, account_id)
    if not await enrolled(connection, account_id):
        raise Conflict(
            "Recovery codes stand in for a second factor, and you have none.",
            hint="Add an authenticator app or a passkey: codes come with it.",
        )
    codes = await _replace(connection, call, account_id)
    await tell(connection, platform, call, account.email, "factor-added", factor="A new set of recovery codes")
    return codes


async def make_first_codes(connection: Connection, call: Call, account_id: UUID) -> tuple[str, ...]:
    """Make codes if the account never got any with the factors that it has; else none. The account is locked.

    With the first factor every other session ends: they were begun without one, and no demand for one may let them in.
    """
    if (await get_state(connection, account_id)).made_at:
        return ()
    await end_sessions(connection, call, account_id, but=call.actor.session)
    return await _replace(connection, call, account_id)


async def use_code(connection: Connection, platform: Platform, call: Call, account_id: UUID, code: str) -> None:
    """Prove with a recovery code, which is used up. Sends a notice. Raises SignInFailed."""
    if not await update_used(connection, account_id, recovery_digest(account_id, code), call.at):
        raise SignInFailed(
            "The recovery code is wrong, or was used already.", hint="Use another of the ten.", reason="code"
        )
    left = (await get_state(connection, account_id)).left
    await record(connection, call, "recovery-code.use", about=f"account/{account_id}", after={"left": left})
    account = await get_account(connection, account_id)
    await tell(connection, platform, call, account.email, "recovery-used", left=str(left))


async def _replace(connection: Connection, call: Call, account_id: UUID) -> tuple[str, ...]:
    await delete_codes(connection, account_id)
    codes = tuple(new_recovery_code() for _ in range(CODES))
    await insert_codes(connection, account_id, [recovery_digest(account_id, code) for code in codes], call.at)
    await record(connection, call, "recovery-codes.make", about=f"account/{account_id}", after={"count": CODES})
    return codes
