"""Passkeys: made, named, removed, and used to prove who somebody is."""

from __future__ import annotations

from uuid import UUID

from surefoot.accounts.factors import recovery
from surefoot.accounts.factors.ceremonies import (
    Json,
    ask_to_register,
    ask_to_sign,
    challenge_in,
    credential_id_in,
    site_of,
    verify_assertion,
    verify_registration,
)
from surefoot.accounts.factors.enrolled import enrolled
from surefoot.accounts.factors.model import Passkey, Purpose
from surefoot.accounts.factors.owner import lock_owner
from surefoot.accounts.factors.passkey_store import (
    delete_challenge,
    delete_passkey,
    find_passkey,
    get_passkey,
    insert_challenge,
    insert_passkey,
    list_passkeys,
    update_name,
    update_sign_count,
)
from surefoot.accounts.factors.removal import refuse_last, settle
from surefoot.accounts.factors.rules import ANSWER_WITHIN, PASSKEYS_AT_MOST
from surefoot.accounts.notices import tell
from surefoot.accounts.store import get_account
from surefoot.accounts.ways_in import refuse_last_way
from surefoot.audit.record import record
from surefoot.calls import Call
from surefoot.db.pool import Connection
from surefoot.errors import Conflict, SignInFailed
from surefoot.web.platform import Platform


async def begin_passkey(connection: Connection, platform: Platform, call: Call, account_id: UUID) -> Json:
    """Options for the browser to make a passkey with, good for five minutes and one answer.

    Raises Conflict where the account has as many as it may.
    """
    account = await get_account(connection, account_id)
    present = await _refuse_many(connection, account_id)
    asked = ask_to_register(site_of(platform.settings), account_id, account.email, account.name, present)
    until = call.at + ANSWER_WITHIN
    await insert_challenge(connection, asked.challenge, Purpose.REGISTER, account_id, until, call.at)
    return asked.options


async def _refuse_many(connection: Connection, account_id: UUID) -> tuple[Passkey, ...]:
    """The account's passkeys, where one more may be added. Raises Conflict."""
    present = await list_passkeys(connection, account_id)
    if len(present) >= PASSKEYS_AT_MOST:
        raise Conflict(f"You have {len(present)} passkeys, which is as many as may be.", hint="Remove one first.")
    return present


async def ask(
    connection: Connection, platform: Platform, call: Call, purpose: Purpose, account_id: UUID | None = None
) -> Json:
    """Options for the browser to prove somebody with, good for five minutes and one answer.

    With an account it is asked for one of its passkeys; without, for whichever the person chooses. Raises Conflict for
    an account without a passkey.
    """
    present = await list_passkeys(connection, account_id) if account_id else ()
    if account_id and not present:
        raise Conflict("The account has no passkey.", hint="Use another method.")
    asked = ask_to_sign(site_of(platform.settings), present)
    await insert_challenge(connection, asked.challenge, purpose, account_id, call.at + ANSWER_WITHIN, call.at)
    return asked.options


async def take_challenge(
    connection: Connection, call: Call, credential: Json, purpose: Purpose, account_id: UUID | None = None
) -> bytes:
    """The challenge that an answer is for; no other answer can be given to it, whether this one holds or not.

    To be called in autocommit, so that nothing which fails later gives it back. Raises Invalid for what is no answer,
    SignInFailed where nothing of the kind was asked, or it was answered, or too long ago.
    """
    challenge = challenge_in(credential)
    if not await delete_challenge(connection, challenge, purpose, account_id, call.at):
        raise SignInFailed(
            "The passkey's answer is to nothing that was asked, or comes too late.",
            hint="Ask for new options, and answer within five minutes.",
            reason="challenge",
        )
    return challenge


async def add_passkey(
    connection: Connection,
    platform: Platform,
    call: Call,
    account_id: UUID,
    challenge: bytes,
    credential: Json,
    name: str,
) -> tuple[Passkey, tuple[str, ...]]:
    """Keep a passkey that a browser made. Returns it, and recovery codes if the account had none.

    Sends a notice. Locks the account. Raises Invalid where the answer does not hold, Conflict for one that is known
    or one too many.
    """
    made = verify_registration(site_of(platform.settings), credential, challenge)
    account = await lock_owner(connection, call, account_id)
    await _refuse_many(connection, account_id)
    passkey = await insert_passkey(connection, account_id, made, name, call.at)
    if passkey is None:
        raise Conflict("That passkey is registered already.", hint="Make a new one, or use it as it is.")
    await record(
        connection, call, "passkey.add", about=f"passkey/{passkey.id}", after={"name": name, "account": str(account_id)}
    )
    await tell(connection, platform, call, account.email, "factor-added", factor=f"The passkey “{name}”")
    return passkey, await recovery.make_first_codes(connection, call, account_id)


async def rename_passkey(connection: Connection, call: Call, account_id: UUID, passkey_id: UUID, name: str) -> Passkey:
    """Give a passkey another name. Raises NotFound."""
    passkey = await get_passkey(connection, account_id, passkey_id)
    await update_name(connection, passkey_id, name)
    about = f"passkey/{passkey_id}"
    await record(connection, call, "passkey.rename", about=about, before={"name": passkey.name}, after={"name": name})
    return await get_passkey(connection, account_id, passkey_id)


async def remove_passkey(
    connection: Connection, platform: Platform, call: Call, account_id: UUID, passkey_id: UUID, *, demanded: bool
) -> None:
    """Remove a passkey; with the last factor go the recovery codes. Sends a notice. Locks the account.

    `demanded`: a workspace of the person demands a factor. Raises NotFound, and Conflict if it is the last factor
    and one is demanded, or the last way to sign in.
    """
    account = await lock_owner(connection, call, account_id)
    passkey = await get_passkey(connection, account_id, passkey_id)
    await delete_passkey(connection, passkey_id)
    await refuse_last_way(connection, account_id)
    left = await enrolled(connection, account_id)
    refuse_last(left, demanded)
    await record(connection, call, "passkey.remove", about=f"passkey/{passkey_id}", before={"name": passkey.name})
    await settle(connection, call, account_id, left)
    await tell(connection, platform, call, account.email, "factor-removed", factor=f"The passkey “{passkey.name}”")


async def get_named(connection: Connection, credential: Json) -> Passkey:
    """The passkey that an answer names. Raises SignInFailed for one that nobody has."""
    passkey = await find_passkey(connection, credential_id_in(credential))
    if passkey is None:
        raise SignInFailed(
            "That passkey is not known here.", hint="It was removed: use another, or your password.", reason="passkey"
        )
    return passkey


async def use_passkey(
    connection: Connection, platform: Platform, call: Call, passkey: Passkey, challenge: bytes, credential: Json
) -> None:
    """Prove with a passkey's answer, and note its use.

    Raises SignInFailed where it does not hold, or where the authenticator counted less than before: then there are two
    of it.
    """
    count = verify_assertion(site_of(platform.settings), credential, challenge, passkey)
    if not await update_sign_count(connection, passkey.id, count, call.at):
        raise SignInFailed(
            "The passkey seems to have been copied: its count of signatures went back.",
            hint="Use another method, then remove this passkey.",
            reason="sign-count",
        )
