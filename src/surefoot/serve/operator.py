"""What the operator asks of the platform: who is locked out, and an end to it; lost factors; new keys."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from surefoot.accounts import store
from surefoot.accounts.factors import reset
from surefoot.accounts.model import Account
from surefoot.accounts.rules import address_of
from surefoot.accounts.service import disable, enable, lift_lockout
from surefoot.accounts.service_sign_in import attempts_of
from surefoot.audit.model import Filter, Outcome
from surefoot.audit.record import record
from surefoot.audit.service import list_events
from surefoot.calls import Call
from surefoot.db.pool import Connection
from surefoot.errors import NotFound
from surefoot.limits.limiter import Limit
from surefoot.limits.rules import ACCOUNT, ACCOUNT_AND_ADDRESS, REAUTHENTICATION, TOTP_ACCOUNT
from surefoot.vault.model import Rotated
from surefoot.web.address import network_of
from surefoot.web.platform import Platform

# Of one account in five minutes: the limits let fewer through.
_FAILURES = 200
# Each with what a person calls it.
_LOCKS = {ACCOUNT: "passwords", TOTP_ACCOUNT: "codes", REAUTHENTICATION: "step-ups"}


@dataclass(frozen=True, slots=True)
class AccountState:
    """An account, and what locks it out: `lockouts` in words."""

    id: UUID
    email: str
    name: str
    created_at: datetime
    lockouts: tuple[str, ...]


async def list_states(platform: Platform) -> list[AccountState]:
    """Every account, those that are locked out first. Raises Unavailable."""
    async with platform.database.connection() as connection:
        accounts = await store.list_accounts(connection)
    reached = {(each.limit, each.key): each.until for each in await platform.limiter.list_reached(*_LOCKS)}
    states = [_state(platform, account, reached) for account in accounts]
    return sorted(states, key=lambda state: (not state.lockouts, state.email))


def _state(platform: Platform, account: Account, reached: dict[tuple[Limit, bytes], datetime]) -> AccountState:
    states = {"disabled": account.disabled_at, "password off": account.password_off_since}
    lockouts = [f"{word} since {since:%Y-%m-%d %H:%M %Z}" for word, since in states.items() if since]
    for limit, word in _LOCKS.items():
        until = reached.get((limit, platform.limiter.key_of(limit, _subject(limit, account))))
        lockouts += [f"too many {word}, until {until:%H:%M %Z}"] if until else []
    return AccountState(account.id, account.email, account.name, account.created_at, tuple(lockouts))


def _subject(limit: Limit, account: Account) -> str:
    return account.email_key if limit is ACCOUNT else str(account.id)


async def unlock(platform: Platform, call: Call, email: str) -> None:
    """Let somebody try again: wrong passwords and codes are forgotten, and a password that was off is on.

    What was tried from the networks that the audit trail names counts no more either. Raises NotFound.
    """
    async with platform.database.transaction() as connection:
        account = await lift_lockout(connection, call, email)
        networks = await _networks(connection, call, account)
    tried = [(ACCOUNT_AND_ADDRESS, attempts_of(account.email_key, network)) for network in networks]
    await platform.limiter.forget(*((limit, _subject(limit, account)) for limit in _LOCKS), *tried)


async def _networks(connection: Connection, call: Call, account: Account) -> set[str]:
    """From where somebody failed to sign in as long as it counts."""
    since = call.at - timedelta(seconds=ACCOUNT_AND_ADDRESS.seconds)
    wanted = Filter(action="session.begin", about=f"account/{account.id}", outcome=Outcome.FAILED, since=since)
    found = await list_events(connection, None, wanted, _FAILURES)
    return {network_of(told.event.address) for told in found}


async def remove_factors(platform: Platform, call: Call, email: str) -> tuple[str, ...]:
    """Take every second factor off an account whose person lost them, and end its sessions. Raises NotFound.

    Returns the kinds that were there. Whoever calls this has made sure that it is the person who asks.
    """
    async with platform.database.transaction() as connection:
        account = await store.find_account(connection, address_of(email).key)
        if account is None:
            raise NotFound(f"{email} has no account.", hint="`surefoot accounts list` lists all that there are.")
        return await reset.remove_factors(connection, platform, call, account.id)


async def set_disabled(platform: Platform, call: Call, email: str, *, disabled: bool) -> None:
    """Disable an account, or enable it again; it counts from the next request on. Raises NotFound."""
    async with platform.database.transaction() as connection:
        await (disable if disabled else enable)(connection, call, email)


async def rotate_keys(platform: Platform, call: Call) -> Rotated:
    """Make a new master key, and wrap the key of every secret with it. Raises Unavailable where a key is missing."""
    rotated = await platform.vault.rotate(platform.database)
    async with platform.database.transaction() as connection:
        after = {
            "key": rotated.key_id,
            "rewrapped": rotated.rewrapped,
            "damaged": [str(one) for one in rotated.damaged],
        }
        await record(connection, call, "keys.rotate", after=after)
    return rotated
