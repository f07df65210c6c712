"""For somebody who lost every factor and every recovery code: the operator takes them off the account."""

from __future__ import annotations

from uuid import UUID

from surefoot.accounts.factors.enrolled import enrolled
from surefoot.accounts.factors.owner import lock_owner
from surefoot.accounts.factors.passkey_store import delete_passkey, list_passkeys
from surefoot.accounts.factors.recovery_store import delete_codes
from surefoot.accounts.factors.totp_store import delete_totp, find_confirmed, find_waiting
from surefoot.accounts.notices import tell
from surefoot.accounts.sessions import end_sessions
from surefoot.audit.record import record
from surefoot.calls import Call
from surefoot.db.pool import Connection
from surefoot.web.platform import Platform


async def remove_factors(connection: Connection, platform: Platform, call: Call, account_id: UUID) -> tuple[str, ...]:
    """Remove all second factors and recovery codes, and end every session. Returns the kinds that were there.

    Nothing is asked of the person, so whoever calls this has made sure who they are. Sends a notice. Locks the account.
    Raises NotFound.
    """
    account = await lock_owner(connection, call, account_id)
    kinds = await enrolled(connection, account_id)
    for app in (await find_confirmed(connection, account_id), await find_waiting(connection, account_id)):
        if app is not None:
            await delete_totp(connection, app.id)
            await platform.vault.discard(connection, app.sealed_id)
    for passkey in await list_passkeys(connection, account_id):
        await delete_passkey(connection, passkey.id)
    await delete_codes(connection, account_id)
    await record(connection, call, "factors.remove", about=f"account/{account_id}", before={"factors": list(kinds)})
    await end_sessions(connection, call, account_id)
    if kinds:
        await tell(connection, platform, call, account.email, "factor-removed", factor="Every second factor")
    return kinds
