"""Authenticator apps: set up, confirmed with a first code, used, removed."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import pyotp
import segno

from surefoot.accounts.factors import recovery
from surefoot.accounts.factors.enrolled import TOTP, enrolled
from surefoot.accounts.factors.model import TotpFactor
from surefoot.accounts.factors.owner import lock_owner
from surefoot.accounts.factors.removal import refuse_last, settle
from surefoot.accounts.factors.rules import CONFIRM_WITHIN, step_of_code
from surefoot.accounts.factors.totp_store import (
    delete_totp,
    find_confirmed,
    find_waiting,
    insert_waiting,
    update_confirmed,
    update_last_step,
)
from surefoot.accounts.notices import tell
from surefoot.audit.record import record
from surefoot.calls import Call
from surefoot.db.pool import Connection
from surefoot.errors import Conflict, Invalid, NotFound, SignInFailed
from surefoot.limits.rules import TOTP_ACCOUNT
from surefoot.web.platform import Platform


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What a person puts into their app; told once. `picture` is the QR code of `uri`, as a data URL of SVG."""

    secret: str
    uri: str
    picture: str


async def begin_totp(connection: Connection, platform: Platform, call: Call, account_id: UUID) -> Enrolment:
    """Make a new secret, which counts for nothing until `confirm_totp`; one that waited before is thrown away.

    An app that counts already goes on counting until then. Locks the account.
    """
    account = await lock_owner(connection, call, account_id)
    secret = pyotp.random_base32()
    sealed = await platform.vault.seal(connection, secret.encode(), about=_about(account_id))
    await _drop(connection, platform, await find_waiting(connection, account_id))
    await insert_waiting(connection, account_id, sealed, call.at)
    await record(connection, call, "totp.begin", about=f"account/{account_id}")
    uri = pyotp.TOTP(secret).provisioning_uri(name=account.email, issuer_name="Surefoot")
    return Enrolment(secret, uri, segno.make(uri, error="m").svg_data_uri(scale=4))


async def take_confirmation(platform: Platform, account_id: UUID) -> None:
    """Take what an attempt to confirm costs, before its transaction. Raises TooMany, Unavailable."""
    await platform.limiter.take((TOTP_ACCOUNT, str(account_id)))


async def confirm_totp(
    connection: Connection, platform: Platform, call: Call, account_id: UUID, code: str
) -> tuple[str, ...]:
    """Let the waiting app count, in place of one before it; its first code proves that it holds the secret.

    Returns the account's recovery codes if it had none. Sends a notice. Locks the account. Raises Conflict where no app
    waits, Invalid for a wrong code.
    """
    account = await lock_owner(connection, call, account_id)
    waiting = await find_waiting(connection, account_id)
    if waiting is None or waiting.created_at + CONFIRM_WITHIN <= call.at:
        raise Conflict(
            "No authenticator app waits to be confirmed.",
            hint="POST /account/factors/totp makes a secret, which is to be confirmed within ten minutes.",
        )
    step = step_of_code(await _secret(connection, platform, account_id, waiting), code, call.at)
    if step is None:
        raise Invalid(
            "The code is not the app's present one.",
            hint="Type the code that the app shows now, and check that the clock of its device is right.",
        )
    await _drop(connection, platform, await find_confirmed(connection, account_id))
    await update_confirmed(connection, waiting.id, step, call.at)
    await record(connection, call, "totp.add", about=f"account/{account_id}")
    await tell(connection, platform, call, account.email, "factor-added", factor="An authenticator app")
    return await recovery.make_first_codes(connection, call, account_id)


async def use_totp(connection: Connection, platform: Platform, call: Call, account_id: UUID, code: str) -> None:
    """Prove with a code of the app; it is used up, for everybody at once. Raises SignInFailed."""
    factor = await find_confirmed(connection, account_id)
    if factor is None:
        raise SignInFailed("The account has no authenticator app.", hint="Use another method.", reason="method")
    step = step_of_code(await _secret(connection, platform, account_id, factor), code, call.at)
    if step is None:
        raise SignInFailed("The code is wrong, or its 30 seconds are over.", hint="Type the next one.", reason="code")
    if not await update_last_step(connection, factor.id, step, call.at):
        raise SignInFailed("The code was used already.", hint="Wait for the app's next one.", reason="replay")


async def remove_totp(
    connection: Connection, platform: Platform, call: Call, account_id: UUID, *, demanded: bool
) -> None:
    """Remove the app that counts; with the last factor go the recovery codes. Sends a notice. Locks the account.

    `demanded`: a workspace of the person demands a factor. Raises NotFound without an app, Conflict if it is the last
    factor and one is demanded.
    """
    account = await lock_owner(connection, call, account_id)
    factor = await find_confirmed(connection, account_id)
    if factor is None:
        raise NotFound("You have no authenticator app.", hint="GET /account/factors lists your factors.")
    left = [word for word in await enrolled(connection, account_id) if word != TOTP]
    refuse_last(left, demanded)
    await _drop(connection, platform, factor)
    await record(connection, call, "totp.remove", about=f"account/{account_id}")
    await settle(connection, call, account_id, left)
    await tell(connection, platform, call, account.email, "factor-removed", factor="The authenticator app")


def _about(account_id: UUID) -> str:
    return f"account/{account_id}/totp"


async def _secret(connection: Connection, platform: Platform, account_id: UUID, factor: TotpFactor) -> str:
    return (await platform.vault.unseal(connection, factor.sealed_id, about=_about(account_id))).decode()


async def _drop(connection: Connection, platform: Platform, factor: TotpFactor | None) -> None:
    if factor is not None:
        await delete_totp(connection, factor.id)
        await platform.vault.discard(connection, factor.sealed_id)
