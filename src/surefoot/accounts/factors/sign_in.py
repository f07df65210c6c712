"""Signing in and stepping up with a factor.

Each function opens its transactions itself: what an attempt costs, and that it failed, stays when the rest is taken
back.
"""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID

from surefoot.accounts.challenges import attempt_challenge, get_challenge, take_challenge
from surefoot.accounts.factors import passkeys
from surefoot.accounts.factors.ceremonies import Json
from surefoot.accounts.factors.enrolled import PASSKEY, enrolled
from surefoot.accounts.factors.model import Purpose
from surefoot.accounts.factors.prove import Proof, audited, check, consume
from surefoot.accounts.factors.rules import suffices
from surefoot.accounts.model import Begun
from surefoot.accounts.notices import begin_and_tell
from surefoot.accounts.sessions import renew_session
from surefoot.calls import Call
from surefoot.errors import Conflict, Unavailable
from surefoot.limits.rules import ADDRESS, REAUTHENTICATION, TOTP_ACCOUNT
from surefoot.web.address import network_of
from surefoot.web.platform import Platform


async def ask_second_factor(platform: Platform, call: Call, secret: str) -> Json:
    """Options for a passkey as second factor of a sign-in. Raises SignInFailed, Conflict without a passkey, TooMany."""
    await platform.limiter.take((ADDRESS, network_of(call.address)))
    async with platform.database.transaction() as connection:
        waiting = await get_challenge(connection, secret, call.at)
        return await passkeys.ask(connection, platform, call, Purpose.SECOND_FACTOR, waiting.account_id)


async def finish_sign_in(platform: Platform, call: Call, secret: str, proof: Proof) -> Begun:
    """Give the second factor that a sign-in waits for, and begin the session.

    An attempt counts before it is verified. A factor that is not the strongest signs in, and does no more: what is
    dangerous needs a step-up. Raises SignInFailed, TooMany, Invalid for what is no passkey's answer.
    """
    await platform.limiter.take((ADDRESS, network_of(call.address)))
    async with platform.database.connection() as connection:
        waiting = await attempt_challenge(connection, secret, call.at)
    account_id = waiting.account_id
    async with audited(platform, call, account_id, proof.method):
        challenge = await consume(platform, call, account_id, proof, Purpose.SECOND_FACTOR)
        async with platform.database.transaction() as connection:
            await take_challenge(connection, secret, call.at)
            await check(connection, platform, call, account_id, proof, challenge)
            strongest = suffices(proof.method, await enrolled(connection, account_id))
            methods = (*waiting.methods, proof.method)
            begun = await begin_and_tell(connection, platform, call, account_id, methods, strongest=strongest)
    await _forgive(platform, account_id)
    return begun


async def _forgive(platform: Platform, account_id: UUID) -> None:
    """Give the account's tries back: its owner was here. That the limits do not answer now changes nothing."""
    with suppress(Unavailable):
        await platform.limiter.forget((TOTP_ACCOUNT, str(account_id)))


async def ask_passkey(platform: Platform, call: Call) -> Json:
    """Options for signing in with a passkey alone; whose it is, the passkey tells. Raises TooMany."""
    await platform.limiter.take((ADDRESS, network_of(call.address)))
    async with platform.database.transaction() as connection:
        return await passkeys.ask(connection, platform, call, Purpose.SIGN_IN)


async def sign_in_with_passkey(platform: Platform, call: Call, credential: Json) -> Begun:
    """Sign in with a passkey alone: the authenticator verified its person, so nothing more is asked.

    Raises SignInFailed, NotSignedIn for a disabled account, Invalid for what is no answer, TooMany.
    """
    await platform.limiter.take((ADDRESS, network_of(call.address)))
    async with platform.database.connection() as connection:
        challenge = await passkeys.take_challenge(connection, call, credential, Purpose.SIGN_IN)
        passkey = await passkeys.get_named(connection, credential)
    async with (
        audited(platform, call, passkey.account_id, PASSKEY),
        platform.database.transaction() as connection,
    ):
        await passkeys.use_passkey(connection, platform, call, passkey, challenge, credential)
        return await begin_and_tell(connection, platform, call, passkey.account_id, (PASSKEY,))


async def ask_step_up(platform: Platform, call: Call) -> Json:
    """Options for stepping up with a passkey. Raises Conflict for an account without one."""
    assert call.actor.id is not None
    async with platform.database.transaction() as connection:
        return await passkeys.ask(connection, platform, call, Purpose.STEP_UP, call.actor.id)


async def step_up(platform: Platform, call: Call, proof: Proof) -> Begun:
    """Prove again who one is, with the strongest factor or a recovery code. The session gets a new secret.

    Raises SignInFailed, TooMany, Conflict for a method that is not strong enough, Invalid for what is no answer.
    """
    account_id = call.actor.id
    assert account_id is not None
    await platform.limiter.take((REAUTHENTICATION, str(account_id)))
    async with platform.database.connection() as connection:
        factors = await enrolled(connection, account_id)
    if not suffices(proof.method, factors):
        raise _too_weak(factors)
    async with audited(platform, call, account_id, proof.method):
        challenge = await consume(platform, call, account_id, proof, Purpose.STEP_UP)
        async with platform.database.transaction() as connection:
            await check(connection, platform, call, account_id, proof, challenge)
            begun = await renew_session(connection, call, proof.method)
    await _forgive(platform, account_id)
    return begun


def _too_weak(factors: tuple[str, ...]) -> Conflict:
    if not factors:
        return Conflict(
            "Your account has no second factor.",
            hint="POST /api/v1/account/step-up takes your password.",
            factors=list(factors),
        )
    return Conflict(
        f"Only your strongest factor counts here, {factors[0]}, or a recovery code.",
        hint=f"Use the method {factors[0]}.",
        factors=list(factors),
    )
