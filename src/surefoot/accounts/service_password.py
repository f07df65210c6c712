"""Passwords: reset by mail, and changed by who knows them."""

from __future__ import annotations

from surefoot.accounts import links, rules, store
from surefoot.accounts.factors.enrolled import enrolled
from surefoot.accounts.model import Account, Begun, Purpose
from surefoot.accounts.notices import tell
from surefoot.accounts.passwords import hash_new, is_right
from surefoot.accounts.service_sign_in import METHOD, forgive, refuse
from surefoot.accounts.sessions import end_sessions, renew_session
from surefoot.accounts.surroundings import list_workspace_names
from surefoot.audit.record import record
from surefoot.calls import Call
from surefoot.db.pool import Connection
from surefoot.errors import Conflict, NotFound, StepUpNeeded
from surefoot.limits.rules import ADDRESS, REAUTHENTICATION, RESET_ADDRESS, RESET_ADDRESSEE
from surefoot.web.address import network_of
from surefoot.web.platform import Platform


async def ask_reset(platform: Platform, call: Call, email: str) -> None:
    """Mail a link that sets a new password, or say that there is no account; both ways the same is done.

    Raises Invalid for what is no address, TooMany.
    """
    address = rules.address_of(email)
    await platform.limiter.take((RESET_ADDRESSEE, address.key), (RESET_ADDRESS, network_of(call.address)))
    async with platform.database.transaction() as connection:
        found = await store.find_account(connection, address.key)
        known = found if found and found.disabled_at is None else None
        to, account_id = (known.email, known.id) if known else (address.email, None)
        token = await links.make_link(
            connection, Purpose.RESET, call.at, subject=address.key, email=to, account_id=account_id
        )
        link = links.url_of(platform.settings, Purpose.RESET, token) if known else f"{platform.settings.origin}/"
        await tell(connection, platform, call, to, "reset" if known else "no-account", link=link)
        seen = {"address": platform.vault.mac(address.key, purpose="audit-address").hex()}
        about = f"account/{account_id}" if account_id else ""
        await record(connection, call, "password.ask-reset", about=about, after=seen)


async def complete_reset(platform: Platform, call: Call, token: str, password: str) -> None:
    """Set a new password by a mailed link. It signs nobody in, and second factors stay as they are.

    Ends every session, and makes every other link of the account void; its owner is told. The link stays usable until
    the password is good. Raises Invalid, NotFound for a link that is void, TooMany, Overloaded.
    """
    await platform.limiter.take((ADDRESS, network_of(call.address)))
    async with platform.database.connection() as connection:
        account = await _owner(connection, call, token)
        names = await list_workspace_names(connection, account.id)
    hashed = await hash_new(platform, password, (account.email, account.name, *names))
    async with platform.database.transaction() as connection:
        await links.take_link(connection, Purpose.RESET, token, call.at)
        await _set(connection, platform, call, account, hashed, "password.reset")
    await forgive(platform, call, account.email_key)


async def _owner(connection: Connection, call: Call, token: str) -> Account:
    link = await links.get_link(connection, Purpose.RESET, token, call.at)
    if link.account_id is None:
        raise NotFound("There is no account for this link.", hint="Sign up first.")
    return await store.get_account(connection, link.account_id)


async def change_password(platform: Platform, call: Call, current: str | None, new: str) -> Begun:
    """Change the password of who calls, or give the account its first one. Every other session ends.

    The current password is the proof; with second factors, or without a password, a fresh step-up is needed too. The
    session gets a new secret, and the owner is told. Raises SignInFailed, StepUpNeeded, Invalid, TooMany, Overloaded.
    """
    assert call.actor.id is not None
    await platform.limiter.take((REAUTHENTICATION, str(call.actor.id)))
    async with platform.database.connection() as connection:
        account = await store.get_account(connection, call.actor.id)
        factors = await enrolled(connection, account.id)
        names = await list_workspace_names(connection, account.id)
    if (factors or not account.has_password) and not rules.is_fresh(call.actor.proven_at, call.at):
        raise StepUpNeeded("This needs a fresh proof of who you are.", hint="POST /api/v1/account/step-up, then again.")
    if account.has_password and not await is_right(platform, account.password_hash, current or ""):
        await refuse(platform, call, account.email_key, "password.change")
    hashed = await hash_new(platform, new, (account.email, account.name, *names))
    async with platform.database.transaction() as connection:
        await _still(connection, account)
        await _set(connection, platform, call, account, hashed, "password.change")
        # With second factors, or for a first password, something else was the proof, and it grows no younger.
        strongest = account.has_password and not factors
        return await renew_session(connection, call, METHOD, strongest=strongest)


async def _still(connection: Connection, account: Account) -> None:
    """The password that was verified is still the one. Raises Conflict."""
    if account.has_password and not await store.update_proven(connection, account, signs_in=False):
        raise Conflict("Your password was changed meanwhile.", hint="Try again with the new one.")


async def _set(
    connection: Connection, platform: Platform, call: Call, account: Account, hashed: str, action: str
) -> None:
    # The account first: a sign-in with the old password waits for it, and then finds another.
    await store.update_password(connection, account.id, hashed, call.at)
    await end_sessions(connection, call, account.id, but=call.actor.session if action == "password.change" else None)
    await links.void_links(connection, account.id)
    await tell(connection, platform, call, account.email, "password-changed", link=f"{platform.settings.origin}/reset")
    await record(connection, call, action, about=f"account/{account.id}")
