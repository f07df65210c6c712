"""Proving with a second factor, whichever it is: in two halves, so that no attempt is ever given back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

from surefoot.accounts.factors.ceremonies import Json
from surefoot.accounts.factors.enrolled import PASSKEY, TOTP
from surefoot.accounts.factors.model import Purpose
from surefoot.accounts.factors.passkeys import get_named, take_challenge, use_passkey
from surefoot.accounts.factors.recovery import use_code
from surefoot.accounts.factors.totp import use_totp
from surefoot.audit.record import Outcome, record
from surefoot.calls import Call
from surefoot.db.pool import Connection
from surefoot.errors import Denied, SignInFailed, TooMany
from surefoot.limits.rules import TOTP_ACCOUNT
from surefoot.web.platform import Platform


@dataclass(frozen=True, slots=True)
class Proof:
    """What somebody gives: a `code` for `totp` and `recovery`, a browser's answer for `passkey`."""

    method: str
    code: str = ""
    credential: Json | None = None


async def consume(platform: Platform, call: Call, account_id: UUID, proof: Proof, purpose: Purpose) -> bytes:
    """The first half, outside a transaction: take what an attempt costs. Returns a passkey's challenge, else nothing.

    Raises TooMany, Unavailable; of a passkey's answer what `take_challenge` raises.
    """
    if proof.method == TOTP:
        await platform.limiter.take((TOTP_ACCOUNT, str(account_id)))
    if proof.credential is None:
        return b""
    async with platform.database.connection() as connection:
        return await take_challenge(connection, call, proof.credential, purpose, account_id)


async def check(
    connection: Connection, platform: Platform, call: Call, account_id: UUID, proof: Proof, challenge: bytes
) -> None:
    """The second half, in the transaction of what the proof is for: verify it and use it up. Raises SignInFailed."""
    if proof.method == TOTP:
        await use_totp(connection, platform, call, account_id, proof.code)
    elif proof.method == PASSKEY and proof.credential is not None:
        passkey = await get_named(connection, proof.credential)
        if passkey.account_id != account_id:
            raise SignInFailed("That passkey is of another account.", hint="Use one of this one.", reason="passkey")
        await use_passkey(connection, platform, call, passkey, challenge, proof.credential)
    else:
        await use_code(connection, platform, call, account_id, proof.code)


@asynccontextmanager
async def audited(platform: Platform, call: Call, account_id: UUID, method: str) -> AsyncIterator[None]:
    """Around both halves: a proof that fails, or is not even looked at, is in the audit trail, and stays there."""
    try:
        yield
    except (Denied, TooMany) as error:
        reason = str(error.details.get("reason", error.code))
        async with platform.database.transaction() as connection:
            await record(
                connection,
                call,
                "factor.check",
                about=f"account/{account_id}",
                outcome=Outcome.FAILED,
                reason=reason,
                after={"method": method},
            )
        raise
