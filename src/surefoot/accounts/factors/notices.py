"""What people are told by mail when their factors change."""

from __future__ import annotations

from surefoot.accounts.rules import device_of
from surefoot.calls import Call
from surefoot.db.pool import Connection
from surefoot.notifications.send import send
from surefoot.web.platform import Platform


async def tell(
    connection: Connection, platform: Platform, call: Call, email: str, template: str, **values: str
) -> None:
    """Send a notice that says when, from where and with what it was done."""
    where = {"at": f"{call.at:%Y-%m-%d %H:%M} UTC", "address": call.address, "agent": device_of(call.agent)}
    await send(connection, platform.vault, platform.queue, email, template, **where, **values)
