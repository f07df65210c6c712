"""The job that sends a mail, and the duty that ends what nobody sent."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from uuid import UUID

from surefoot.errors import Unavailable
from surefoot.jobs.tasks import Retries, task
from surefoot.notifications import rules, store
from surefoot.notifications.model import Mail, State
from surefoot.notifications.outbox import write_outgoing
from surefoot.notifications.render import render, sender_of
from surefoot.notifications.send import TASK, about
from surefoot.notifications.smtp import Rejected, mail_server
from surefoot.platform_settings import PlatformSettings
from surefoot.telemetry.logging import logger
from surefoot.web.platform import Platform

# Five seconds, doubled up to an hour, until the mail is a day old.
_RETRIES = Retries(1000, first=5.0, longest=3600.0)
_KEPT = timedelta(days=30)
# A mail that was taken is told of for so long before it may be sent a second time. Seconds.
_TOLD_FOR = 120


def check_mail(settings: PlatformSettings) -> None:
    """Look at how mail is to be sent, without sending any. Raises ConfigError."""
    sender_of(settings.mail_from)
    if settings.smtp_url is not None:
        mail_server(settings.smtp_url.get_secret_value())


@task(TASK, retries=_RETRIES)
async def send_mail(platform: Platform, mail: str) -> None:
    """Send a mail unless it has ended. Raises Unavailable where it is to be tried again.

    A server that took it, and whose answer got lost, is handed the same message again, under the same Message-ID.
    """
    opened = await _open(platform, UUID(mail))
    if opened is None:
        return
    asked, message = opened
    try:
        await _hand_in(platform, asked, message)
    except Rejected as error:
        await _end(platform, asked, State.FAILED, str(error))
    except Unavailable as error:
        await _later(platform, asked, error)
    else:
        await _end(platform, asked, State.SENT)


async def _open(platform: Platform, mail: UUID) -> tuple[Mail, EmailMessage] | None:
    """Count the attempt, and make the message; None where the mail has ended."""
    settings = platform.settings
    domain = sender_of(settings.mail_from).domain
    async with platform.database.transaction() as connection:
        asked = await store.update_attempt(connection, mail, domain)
        if asked is None or asked.sealed is None:
            return None
        values = await platform.vault.unseal(connection, asked.sealed, about=about(str(mail)))
    return asked, render(asked, json.loads(values), settings.mail_from, settings.origin)


async def _hand_in(platform: Platform, mail: Mail, message: EmailMessage) -> None:
    url = platform.settings.smtp_url
    if url is None:
        path = await asyncio.to_thread(write_outgoing, platform.settings.data_dir, mail, message)
        logger.info("mail in outbox", path=str(path), template=mail.template)
        return
    sender = sender_of(platform.settings.mail_from).addr_spec
    await mail_server(url.get_secret_value()).hand_in(message, sender, mail.recipient)


async def _later(platform: Platform, mail: Mail, error: Unavailable) -> None:
    """Keep why, and have it tried again, as long as its time is not over."""
    if rules.is_late(mail.created_at, datetime.now(UTC)):
        await _end(platform, mail, State.FAILED, error.message)
        return
    async with platform.database.connection() as connection:
        await store.update_reason(connection, mail.id, error.message)
    logger.warning(
        "mail waits", mail=str(mail.id), template=mail.template, attempts=mail.attempts, reason=error.message
    )
    raise error


async def _end(platform: Platform, mail: Mail, state: State, reason: str = "") -> None:
    """End a mail, and discard what filled it. A database that is away is waited for: the mail would be sent twice."""
    for left in reversed(range(_TOLD_FOR)):
        try:
            await _write_end(platform, mail.id, state, reason)
            break
        except Unavailable:
            if not left:
                raise
            await asyncio.sleep(1)
    told = logger.info if state is State.SENT else logger.error
    told("mail ended", mail=str(mail.id), template=mail.template, state=state, attempts=mail.attempts, reason=reason)


async def _write_end(platform: Platform, mail: UUID, state: State, reason: str) -> None:
    async with platform.database.transaction() as connection:
        sealed = await store.update_ended(connection, mail, state, reason)
        if sealed is not None:
            await platform.vault.discard(connection, sealed)


async def sweep_mails(platform: Platform) -> None:
    """Give up mails whose job was given up, with what they hold sealed; forget those that ended a month ago."""
    now = datetime.now(UTC)
    async with platform.database.connection() as connection:
        overdue = await store.list_overdue(connection, now - 2 * rules.TIME)
        await store.delete_ended(connection, now - _KEPT)
    for mail in overdue:
        await _write_end(platform, mail, State.FAILED, "It was never sent: its job was given up.")
