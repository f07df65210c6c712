"""Signing up with the link of an invitation: it was mailed, so it proves the mailbox."""

from __future__ import annotations

from dataclasses import replace

from surefoot.accounts.model import Begun, Newcomer
from surefoot.accounts.passwords import hash_new
from surefoot.accounts.rules import address_of, clean_name
from surefoot.accounts.service import create_account
from surefoot.accounts.sessions import begin_session
from surefoot.calls import Call
from surefoot.db.pool import Connection
from surefoot.limits.rules import ADDRESS
from surefoot.web.address import network_of
from surefoot.web.platform import Platform
from surefoot.workspaces.invitations.model import Invitation
from surefoot.workspaces.invitations.service import accept, read_invitation


async def prepare_sign_up(platform: Platform, call: Call, token: str, name: str, password: str) -> Newcomer:
    """Check what an invited person gave, and hash the password; outside of transactions. The link is not used yet.

    Raises Invalid, NotFound for an invitation that is void, TooMany, Overloaded.
    """
    await platform.limiter.take((ADDRESS, network_of(call.address)))
    cleaned = clean_name(name)
    async with platform.database.transaction() as connection:
        invitation = await read_invitation(connection, call, token)
    address = address_of(invitation.email)
    words = (address.email, cleaned, invitation.workspace_name)
    return Newcomer(address, cleaned, await hash_new(platform, password, words))


async def sign_up(connection: Connection, call: Call, token: str, newcomer: Newcomer) -> tuple[Begun, Invitation]:
    """Make the account of the invited address, sign it in, and make it a member. The invitation is used up.

    Raises NotFound, Conflict where the address has an account: it signs in, and accepts.
    """
    await read_invitation(connection, call, token)
    account = await create_account(connection, call, newcomer)
    begun = await begin_session(connection, call, account.id, ("password",))
    return begun, await accept(connection, replace(call, actor=begun.actor), token)
