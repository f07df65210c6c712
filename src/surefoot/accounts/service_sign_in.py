"""Signing in with a password, and proving with it again who one is."""

from __future__ import annotations

from contextlib import suppress
from typing import NoReturn

from surefoot.accounts import challenges, rules, store
from surefoot.accounts.factors.enrolled import enrolled
from surefoot.accounts.model import Account, Begun, Waiting
from surefoot.accounts.notices import begin_and_tell, tell
from surefoot.accounts.passwords import is_right, normalised
from surefoot.accounts.sessions import renew_session
from surefoot.audit.record import Outcome, record
from surefoot.calls import Call
from surefoot.db.pool import Connection
from surefoot.errors import Conflict, SignInFailed, Unavailable
from surefoot.limits.limiter import Limit
from surefoot.limits.rules import ACCOUNT, ACCOUNT_AND_ADDRESS, ADDRESS, REAUTHENTICATION
from surefoot.web.address import network_of
from surefoot.web.platform import Platform

METHOD = "password"


async def sign_in(platform: Platform, call: Call, email: str, password: str) -> Begun | Waiting:
    """Begin a session, or wait for a second factor where the account has one.

    For an address that nobody has, the same is looked up, verified and written. Raises SignInFailed, TooMany, Invalid
    for what is no address, Overloaded.
    """
    key, network = rules.address_of(email).key, network_of(call.address)
    await platform.limiter.take(*_attempts(key, network), (ADDRESS, network))
    async with platform.database.connection() as connection:
        account = await store.find_account(connection, key)
    right = await is_right(platform, account.password_hash if account else None, password)
    if account is None or not right:
        await refuse(platform, call, key, "session.begin")
    hashed = await _newer_hash(platform, account, password)
    async with platform.database.transaction() as connection:
        usable = await store.update_proven(connection, account, signs_in=True)
        done = await _go_on(connection, platform, call, account, hashed) if usable else None
    if done is None:
        await refuse(platform, call, key, "session.begin")
    await forgive(platform, call, key)
    return done


def _attempts(key: str, network: str) -> tuple[tuple[Limit, str], ...]:
    return (ACCOUNT_AND_ADDRESS, attempts_of(key, network)), (ACCOUNT, key)


def attempts_of(key: str, network: str) -> str:
    """The subject of ACCOUNT_AND_ADDRESS: an account's key, as tried from a network."""
    return f"{key} {network}"


async def _newer_hash(platform: Platform, account: Account, password: str) -> str | None:
    """The hash anew, where today's parameters are others than when it was made."""
    stored = account.password_hash
    if stored is None or not platform.hasher.needs_rehash(stored):
        return None
    return await platform.hasher.hash(normalised(password))


async def _go_on(
    connection: Connection, platform: Platform, call: Call, account: Account, hashed: str | None
) -> Begun | Waiting:
    if hashed:
        await store.update_hash(connection, account.id, hashed)
    factors = await enrolled(connection, account.id)
    if not factors:
        return await begin_and_tell(connection, platform, call, account.id, (METHOD,))
    secret = await challenges.begin_challenge(connection, call, account.id, (METHOD,))
    await record(connection, call, "session.challenge", about=f"account/{account.id}")
    return Waiting(secret, factors)


async def forgive(platform: Platform, call: Call, key: str) -> None:
    """Give an account's attempts back: its owner was here. That the limits do not answer now changes nothing."""
    with suppress(Unavailable):
        await platform.limiter.forget(*_attempts(key, network_of(call.address)))


async def refuse(platform: Platform, call: Call, key: str, action: str) -> NoReturn:
    """Count a wrong password, write it down, and raise SignInFailed; the same for an address that nobody has.

    The hundredth in a row turns the password off until a reset, and its owner is told.
    """
    async with platform.database.transaction() as connection:
        counted = await store.update_failures(connection, key, call.at)
        about = f"account/{counted.id}" if counted else ""
        seen = {"address": platform.vault.mac(key, purpose="audit-address").hex()}
        await record(connection, call, action, about=about, outcome=Outcome.FAILED, reason=METHOD, after=seen)
        if counted and counted.failures == rules.FAILURES_UNTIL_OFF:
            await tell(connection, platform, call, counted.email, "locked", link=f"{platform.settings.origin}/reset")
    raise SignInFailed(
        "The e-mail address or the password is wrong.",
        hint="Try again, or reset the password. After many wrong ones only a reset helps.",
    )


async def step_up(platform: Platform, call: Call, password: str) -> Begun | tuple[str, ...]:
    """Prove again with the password who one is; the session gets a new secret.

    Where the account has second factors, nothing is verified, and those are returned that will do. Raises SignInFailed,
    Conflict for an account without a password, TooMany, Overloaded.
    """
    assert call.actor.id is not None
    await platform.limiter.take((REAUTHENTICATION, str(call.actor.id)))
    async with platform.database.connection() as connection:
        account = await store.get_account(connection, call.actor.id)
        factors = await enrolled(connection, account.id)
    if factors:
        return factors
    if not account.has_password:
        raise Conflict("Your account has no password.", hint="Sign out, and sign in again as you did: that is a proof.")
    if not await is_right(platform, account.password_hash, password):
        await refuse(platform, call, account.email_key, "session.renew")
    async with platform.database.transaction() as connection:
        if await store.update_proven(connection, account, signs_in=False):
            return await renew_session(connection, call, METHOD)
    raise Conflict("Your password was changed meanwhile.", hint="Try again with the new one.")
