"""What people are told by mail about their account."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from surefoot.accounts.model import Begun
from surefoot.accounts.rules import device_of
from surefoot.accounts.sessions import begin_session
from surefoot.calls import Call
from surefoot.db.pool import Connection
from surefoot.notifications.send import send
from surefoot.web.platform import Platform


async def tell(connection: Connection, platform: Platform, call: Call, to: str, template: str, **values: str) -> None:
    """Have a mail sent when the transaction commits; it says when, from where and with what it was caused."""
    seen = {"at": f"{call.at:%Y-%m-%d %H:%M} UTC", "address": call.address, "agent": device_of(call.agent)}
    await send(connection, platform.vault, platform.queue, to, template, **seen, **values)


async def begin_and_tell(
    connection: Connection,
    platform: Platform,
    call: Call,
    account_id: UUID,
    methods: Sequence[str],
    *,
    strongest: bool = True,
) -> Begun:
    """Begin a session; where it is from a device or network that the account never used, its owner is told."""
    begun = await begin_session(connection, call, account_id, methods, strongest=strongest)
    if begun.new_place:
        await tell(connection, platform, call, begun.actor.label, "new-sign-in")
    return begun
