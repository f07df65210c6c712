"""Signing up: an address is asked for, its mailbox is proven, and only then is there an account and a password.

Whoever asks is told the same, whether there is an account or not; the mailbox is told which.
"""

from __future__ import annotations

from surefoot.accounts import links, rules, store
from surefoot.accounts.model import Account, Address, Begun, Newcomer, Purpose
from surefoot.accounts.notices import tell
from surefoot.accounts.passwords import hash_new
from surefoot.accounts.service import create_account
from surefoot.accounts.sessions import begin_session
from surefoot.accounts.surroundings import check_may_sign_up, is_invited, list_inviting_names
from surefoot.audit.record import record
from surefoot.calls import Call
from surefoot.db.pool import Connection
from surefoot.limits.rules import ADDRESS, RESEND_DAY, RESEND_SHORT, SIGN_UP
from surefoot.web.address import network_of
from surefoot.web.platform import Platform


async def ask_to_sign_up(platform: Platform, call: Call, email: str, *, again: bool = False) -> None:
    """Mail a link that makes an account, or say that there is one. `again` is limited more tightly.

    Both ways the same is looked up and written. Raises Invalid for what is no address, TooMany.
    """
    address = rules.address_of(email)
    wanted = [(SIGN_UP, network_of(call.address)), (RESEND_DAY, address.key)]
    await platform.limiter.take(*wanted, *([(RESEND_SHORT, address.key)] if again else []))
    async with platform.database.transaction() as connection:
        known = await store.find_account(connection, address.key)
        invited = await is_invited(connection, address.key, call.at)
        mailed = known is not None or invited or platform.settings.sign_up == "open"
        # What nobody is to get is written too, and taken back: it takes as long.
        async with connection.transaction(force_rollback=not mailed):
            await _mail(connection, platform, call, address, known)
        await record(connection, call, "sign-up.ask", after={"address": address_mac(platform, address)})


async def _mail(
    connection: Connection, platform: Platform, call: Call, address: Address, known: Account | None
) -> None:
    token = await links.make_link(connection, Purpose.VERIFY, call.at, subject=address.key, email=address.email)
    if known is None:
        link = links.url_of(platform.settings, Purpose.VERIFY, token)
        await tell(connection, platform, call, address.email, "verify", link=link)
    else:
        # Its owner has no use for the token, and nobody else is told it.
        link = f"{platform.settings.origin}/"
        await tell(connection, platform, call, known.email, "already-registered", link=link)


async def complete_sign_up(platform: Platform, call: Call, token: str, name: str, password: str) -> Begun:
    """Make the account that the link was mailed for, and sign its owner in.

    The link stays usable until the name and the password are good. Raises Invalid, NotFound for a link that is void,
    Conflict where there is an account by now, NotAllowed where the invitation it needs is over, TooMany, Overloaded.
    """
    await platform.limiter.take((ADDRESS, network_of(call.address)))
    cleaned = rules.clean_name(name)
    async with platform.database.connection() as connection:
        link = await links.get_link(connection, Purpose.VERIFY, token, call.at)
        address = rules.address_of(link.email)
        names = await list_inviting_names(connection, address.key)
    hashed = await hash_new(platform, password, (address.email, cleaned, *names))
    async with platform.database.transaction() as connection:
        await links.take_link(connection, Purpose.VERIFY, token, call.at)
        # The invitation that the link was mailed for may be taken back by now.
        await check_may_sign_up(connection, platform.settings, address, call.at)
        account = await create_account(connection, call, Newcomer(address, cleaned, hashed))
        return await begin_session(connection, call, account.id, ("password",))


def address_mac(platform: Platform, address: Address) -> str:
    """What stands for an address in the audit trail where nobody proved to own it."""
    return platform.vault.mac(address.key, purpose="audit-address").hex()
