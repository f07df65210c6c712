"""Going to a provider and coming back: to sign in, or to link who one is there to one's account.

Asking a provider takes its time, so these functions open their transactions themselves, around what is theirs alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hmac import compare_digest
from uuid import UUID

from surefoot.accounts import store as accounts
from surefoot.accounts.challenges import begin_challenge
from surefoot.accounts.factors.enrolled import enrolled
from surefoot.accounts.factors.owner import lock_owner
from surefoot.accounts.model import Begun, Waiting
from surefoot.accounts.notices import begin_and_tell, tell
from surefoot.accounts.rules import address_of
from surefoot.accounts.service_profile import own_id
from surefoot.accounts.social import rules, store
from surefoot.accounts.social.model import Attempt, Identity, Person, Provider, Purpose, untrusted
from surefoot.accounts.social.oidc import Returned
from surefoot.accounts.social.parties import Parties
from surefoot.accounts.social.secrets import secrets_of
from surefoot.accounts.surroundings import check_may_sign_up
from surefoot.accounts.ways_in import refuse_last_way
from surefoot.audit.record import record
from surefoot.calls import Call
from surefoot.db.pool import Connection
from surefoot.errors import SignInFailed
from surefoot.limits.rules import ADDRESS
from surefoot.platform_settings import PlatformSettings
from surefoot.vault.tokens import digest, new_secret
from surefoot.web.address import network_of
from surefoot.web.platform import Platform

METHOD = "oidc"


@dataclass(frozen=True, slots=True)
class Departure:
    """Where to send the browser, and the secret that it has to come back with in a cookie."""

    location: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the return page was given in its address."""

    code: str = field(repr=False)
    state: str = field(repr=False)
    issuer: str | None


def return_address(settings: PlatformSettings, provider: str) -> str:
    """Where a provider sends people back to: an address of its own for each, so that none passes for another."""
    return f"{settings.origin}/signed-in-with/{provider}"


async def depart(platform: Platform, call: Call, parties: Parties, provider: str, purpose: Purpose) -> Departure:
    """Begin an attempt, which lives for ten minutes; to link, it belongs to the caller's account.

    Raises NotFound, TooMany, Unavailable, SignInFailed where the provider is not what it is said to be.
    """
    await platform.limiter.take((ADDRESS, network_of(call.address)))
    _, party = parties.get(provider)
    secret = new_secret()
    secrets = secrets_of(secret, purpose)
    location = await party.location(secrets, return_address(platform.settings, provider), call.at)
    attempt = Attempt(provider, purpose, call.actor.id if purpose is Purpose.LINK else None)
    async with platform.database.transaction() as connection:
        await store.insert_attempt(connection, digest(secret), attempt, call.at)
    return Departure(location, secret)


async def sign_in(
    platform: Platform, call: Call, parties: Parties, provider: str, secret: str, answer: Answer
) -> Begun | Waiting:
    """Sign in whom the provider sent back; a new person with a verified address gets an account.

    Raises SignInFailed with the reason, Conflict where the address has an account here or is not verified, NotAllowed
    where only invited people may sign up, NotSignedIn for a disabled account, NotFound, TooMany, Unavailable.
    """
    known, person, _ = await _come_back(platform, call, parties, provider, Purpose.SIGN_IN, secret, answer)
    async with platform.database.transaction() as connection:
        identity = await store.update_used(connection, person, call.at)
        account_id = identity.account if identity else await _create(connection, platform, call, known, person)
        factors = await enrolled(connection, account_id)
        if not factors:
            return await begin_and_tell(connection, platform, call, account_id, (METHOD,))
        challenge = await begin_challenge(connection, call, account_id, (METHOD,))
        await record(connection, call, "session.challenge", about=f"account/{account_id}")
        return Waiting(challenge, factors)


async def _come_back(
    platform: Platform, call: Call, parties: Parties, provider: str, purpose: Purpose, secret: str, answer: Answer
) -> tuple[Provider, Person, Attempt]:
    """Who the provider says came back. The attempt is used up first, whatever comes of it."""
    await platform.limiter.take((ADDRESS, network_of(call.address)))
    known, party = parties.get(provider)
    async with platform.database.connection() as connection:
        attempt = await store.take_attempt(connection, digest(secret), provider, purpose, call.at)
    if attempt is None:
        raise SignInFailed(
            "This attempt is over, was used already, or began in another browser.",
            hint="Start again.",
            reason="attempt",
        )
    secrets = secrets_of(secret, purpose)
    if not compare_digest(secrets.state.encode(), answer.state.encode()):
        raise untrusted(known, "state", "it belongs to another attempt")
    returned = Returned(answer.code, answer.issuer, return_address(platform.settings, provider))
    return known, await party.person(secrets, returned, call.at), attempt


async def _create(connection: Connection, platform: Platform, call: Call, provider: Provider, person: Person) -> UUID:
    """An account for somebody whom nobody here knows; never a link to one that is there."""
    if person.email is None:
        raise rules.no_address(provider)
    address = address_of(person.email)
    if await accounts.find_account(connection, address.key):
        raise rules.has_account(provider, address.email)
    await check_may_sign_up(connection, platform.settings, address, call.at)
    name = rules.name_of(person, address.email)
    account = await accounts.insert_account(connection, address, name, None, call.at)
    known = {"email": account.email, "provider": provider.name, "issuer": person.issuer, "subject": person.subject}
    await record(connection, call, "account.create", about=f"account/{account.id}", after=known)
    await store.insert_identity(connection, account.id, provider.name, person, call.at)
    return account.id


async def link(
    platform: Platform, call: Call, parties: Parties, provider: str, secret: str, answer: Answer
) -> Identity:
    """Link whom the provider sent back to the caller's account, which began the attempt; a mail tells its owner.

    Locks the account's row. Raises SignInFailed with the reason, NotSignedIn where the session ended meanwhile,
    Conflict where that person is linked already, NotFound, TooMany, Unavailable.
    """
    known, person, attempt = await _come_back(platform, call, parties, provider, Purpose.LINK, secret, answer)
    account_id = own_id(call)
    if attempt.account != account_id:
        raise SignInFailed(
            "Another account began this.", hint="Sign in with that one, or start again.", reason="account"
        )
    async with platform.database.transaction() as connection:
        account = await lock_owner(connection, call, account_id)
        identity_id = await store.insert_identity(connection, account_id, known.name, person, call.at)
        seen = {"provider": known.name, "issuer": person.issuer, "subject": person.subject}
        await record(connection, call, "identity.link", about=f"identity/{identity_id}", after=seen)
        await tell(connection, platform, call, account.email, "identity-linked", provider=known.title)
        return await store.get_identity(connection, account_id, identity_id)


async def unlink(connection: Connection, platform: Platform, call: Call, parties: Parties, identity_id: UUID) -> None:
    """Unlink an identity of the caller's; a mail tells the owner. Locks the account's row.

    Raises NotFound, Conflict where it is the last way to sign in.
    """
    account = await lock_owner(connection, call, own_id(call))
    identity = await store.get_identity(connection, account.id, identity_id)
    await store.delete_identity(connection, identity.id)
    await refuse_last_way(connection, account.id)
    seen = {"provider": identity.provider, "issuer": identity.issuer, "subject": identity.subject}
    await record(connection, call, "identity.unlink", about=f"identity/{identity.id}", before=seen)
    known = parties.providers.get(identity.provider)
    title = known.title if known else identity.provider
    await tell(connection, platform, call, account.email, "identity-unlinked", provider=title)
