"""What people see and change of their own account: the name, and the address once the new mailbox is proven."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from surefoot.accounts import links, rules, store
from surefoot.accounts.factors.enrolled import enrolled
from surefoot.accounts.model import Account, Address, Purpose
from surefoot.accounts.notices import tell
from surefoot.audit.record import record
from surefoot.calls import Call
from surefoot.db.pool import Connection
from surefoot.errors import Conflict, NotFound
from surefoot.limits.rules import ADDRESS, EMAIL_CHANGE, RESET_ADDRESSEE
from surefoot.web.address import network_of
from surefoot.web.platform import Platform


@dataclass(frozen=True, slots=True)
class Profile:
    """An account as its owner sees it. `pending_email` waits for the mailed link."""

    account: Account
    factors: tuple[str, ...]
    pending_email: str | None


async def get_profile(connection: Connection, call: Call) -> Profile:
    """The account of who calls."""
    account = await store.get_account(connection, own_id(call))
    pending = await links.find_pending(connection, Purpose.EMAIL_CHANGE, str(account.id), call.at)
    return Profile(account, await enrolled(connection, account.id), pending)


async def rename(connection: Connection, call: Call, name: str, version: int) -> None:
    """Change the name, where the account still has that version. Writes the audit event. Raises Invalid, Stale."""
    renamed = await store.update_name(connection, own_id(call), rules.clean_name(name), version)
    await record(connection, call, "account.rename", about=f"account/{renamed.id}", after={"name": renamed.name})


async def ask_email_change(platform: Platform, call: Call, email: str) -> None:
    """Mail a link to the new address, and a notice to the old one. An address that is taken is answered the same.

    Raises Invalid for what is no address, Conflict for the address that the account has, TooMany.
    """
    address = rules.address_of(email)
    await platform.limiter.take((EMAIL_CHANGE, str(own_id(call))), (RESET_ADDRESSEE, address.key))
    async with platform.database.transaction() as connection:
        account = await store.get_account(connection, own_id(call))
        if address == Address(account.email, account.email_key):
            raise Conflict(f"{address.email} is your address already.", hint="Choose another address.")
        await _mail_link(connection, platform, call, account, address)
        await tell(connection, platform, call, account.email, "email-change-asked")
        await record(
            connection, call, "email.ask-change", about=f"account/{account.id}", after={"email": address.email}
        )


async def _mail_link(
    connection: Connection, platform: Platform, call: Call, account: Account, address: Address
) -> None:
    other = await store.find_account(connection, address.key)
    # For an address that is taken too: what waits to be confirmed is shown, and is not to tell who has an account.
    token = await links.make_link(
        connection,
        Purpose.EMAIL_CHANGE,
        call.at,
        subject=str(account.id),
        email=address.email,
        account_id=account.id,
    )
    if other and other.id != account.id:
        # Its owner is not told the token, and nobody else is.
        link = f"{platform.settings.origin}/"
        await tell(connection, platform, call, other.email, "already-registered", link=link)
    else:
        link = links.url_of(platform.settings, Purpose.EMAIL_CHANGE, token)
        await tell(connection, platform, call, address.email, "email-change", link=link)


async def confirm_email(platform: Platform, call: Call, token: str) -> None:
    """Take the new address, by the link that was mailed to it and as who asked for it. The old address is told.

    What was mailed to the old address before is void. Raises NotFound for a link that is void or another account's,
    Conflict where somebody else has the address by now, TooMany.
    """
    await platform.limiter.take((ADDRESS, network_of(call.address)))
    async with platform.database.transaction() as connection:
        account = await store.get_account(connection, own_id(call))
        link = await links.take_link(connection, Purpose.EMAIL_CHANGE, token, call.at)
        if link.account_id != account.id:
            raise NotFound("This link belongs to another account.", hint="Sign in to the account that asked for it.")
        await store.update_email(connection, account.id, rules.address_of(link.email), call.at)
        await links.void_links(connection, account.id)
        await tell(connection, platform, call, account.email, "email-changed")
        before, after = {"email": account.email}, {"email": link.email}
        await record(connection, call, "email.change", about=f"account/{account.id}", before=before, after=after)


def own_id(call: Call) -> UUID:
    """The account of who calls; the guard has let nobody else through."""
    assert call.actor.id is not None
    return call.actor.id
