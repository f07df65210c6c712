"""The first account of an installation, and what the operator does about accounts."""

from __future__ import annotations

from datetime import UTC, datetime

from surefoot.accounts import links, rules, store
from surefoot.accounts.model import Account, Newcomer, Purpose
from surefoot.accounts.passwords import hash_new
from surefoot.accounts.sessions import end_sessions
from surefoot.audit.record import record
from surefoot.calls import Call
from surefoot.db.pool import Connection
from surefoot.errors import NotFound
from surefoot.limits.rules import ADDRESS
from surefoot.web.address import network_of
from surefoot.web.platform import Platform

_SWEEPS = (
    "DELETE FROM sessions WHERE seen_at <= %(idle)s OR began_at <= %(absolute)s",
    "DELETE FROM link_tokens WHERE expires_at <= %(at)s",
    "DELETE FROM challenges WHERE expires_at <= %(at)s",
    "DELETE FROM sign_in_places WHERE seen_at <= %(places)s",
)


async def begin_setup(connection: Connection) -> str | None:
    """The token of a link that makes the first account; None once there is an account. An earlier link is void."""
    if await store.has_account(connection):
        return None
    return await links.make_link(connection, Purpose.SETUP, datetime.now(UTC))


async def prepare_setup(
    platform: Platform, call: Call, token: str, email: str, name: str, password: str, workspace: str
) -> Newcomer:
    """Check what the first person gave, and hash the password; outside of transactions. The link is not used yet.

    Raises Invalid, NotFound for a link that is void, TooMany, Overloaded.
    """
    await platform.limiter.take((ADDRESS, network_of(call.address)))
    address, cleaned = rules.address_of(email), rules.clean_name(name)
    async with platform.database.connection() as connection:
        await links.get_link(connection, Purpose.SETUP, token, call.at)
    return Newcomer(address, cleaned, await hash_new(platform, password, (address.email, cleaned, workspace)))


async def set_up(connection: Connection, call: Call, token: str, newcomer: Newcomer) -> Account:
    """Use the set-up link up and make the account: who holds the link has read the operator's terminal.

    Writes the audit event. Raises NotFound for a link that is void, Conflict for an address that has an account.
    """
    await links.take_link(connection, Purpose.SETUP, token, call.at)
    return await create_account(connection, call, newcomer)


async def create_account(connection: Connection, call: Call, newcomer: Newcomer) -> Account:
    """Make an account whose address is proven. Writes the audit event. Raises Conflict where the address has one."""
    account = await store.insert_account(connection, newcomer.address, newcomer.name, newcomer.password_hash, call.at)
    await record(connection, call, "account.create", about=f"account/{account.id}")
    return account


async def lift_lockout(connection: Connection, call: Call, email: str) -> Account:
    """Let the password of an account sign in again, for the operator. Writes the audit event. Raises NotFound."""
    account = await _named(connection, email)
    await store.update_password_on(connection, account.id)
    await record(connection, call, "account.unlock", about=f"account/{account.id}")
    return account


async def disable(connection: Connection, call: Call, email: str) -> Account:
    """End an account's sessions, and let nobody in by it: no session, no token, until it is enabled again.

    For the operator. Links that were mailed are void. What it owns stays. Writes the audit event. Raises NotFound.
    """
    account = await _named(connection, email)
    await store.update_disabled(connection, account.id, call.at)
    await end_sessions(connection, call, account.id)
    await links.void_links(connection, account.id)
    await record(connection, call, "account.disable", about=f"account/{account.id}")
    return account


async def enable(connection: Connection, call: Call, email: str) -> Account:
    """Let an account in again, for the operator. Writes the audit event. Raises NotFound."""
    account = await _named(connection, email)
    await store.update_disabled(connection, account.id, None)
    await record(connection, call, "account.enable", about=f"account/{account.id}")
    return account


async def _named(connection: Connection, email: str) -> Account:
    account = await store.find_account(connection, rules.address_of(email).key)
    if account is None:
        raise NotFound(f"{email} has no account.", hint="`surefoot accounts list` lists all that there are.")
    return account


async def end_everywhere(connection: Connection) -> None:
    """End every session, and make every link and challenge void, of everybody; for the operator."""
    for table in ("sessions", "link_tokens", "challenges"):
        await connection.execute(f"DELETE FROM {table}".encode())


async def sweep(connection: Connection, at: datetime) -> None:
    """Delete what is over: sessions, links, challenges, and places that nobody came from for a year."""
    values = {
        "at": at,
        "idle": at - rules.IDLE,
        "absolute": at - rules.ABSOLUTE,
        "places": at - rules.PLACES_KEPT,
    }
    for query in _SWEEPS:
        await connection.execute(query.encode(), values)
