"""What people are told by mail when their factors change."""

from __future__ import annotations

from surefoot.db.pool import Connection
from surefoot.notifications.send import send
from surefoot.web.platform import Platform


async def added(connection: Connection, platform: Platform, email: str, factor: str) -> None:
    """Tell that a factor was added."""
    await send(connection, platform.vault, platform.queue, email, "factor-added", factor=factor)


async def removed(connection: Connection, platform: Platform, email: str, factor: str) -> None:
    """Tell that a factor was removed."""
    await send(connection, platform.vault, platform.queue, email, "factor-removed", factor=factor)


async def recovery_used(connection: Connection, platform: Platform, email: str, left: int) -> None:
    """Tell that a recovery code was used, and how many are left."""
    await send(connection, platform.vault, platform.queue, email, "recovery-used", left=str(left))
