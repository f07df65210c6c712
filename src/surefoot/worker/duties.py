"""What a worker does again and again beside its jobs; of several workers, one at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from surefoot.accounts.service import sweep as sweep_accounts
from surefoot.audit.reads import retire_reads
from surefoot.calls import SYSTEM, Call
from surefoot.jobs.old import remove_old_jobs
from surefoot.notifications.deliver import sweep_mails
from surefoot.telemetry.logging import logger
from surefoot.web.idempotency import sweep_answers
from surefoot.web.platform import Platform
from surefoot.workspaces.service import sweep as sweep_workspaces


@dataclass(frozen=True, slots=True)
class Duty:
    """Something to be done every so many seconds, as soon as a process starts and then for as long as it runs."""

    name: str
    every: float
    work: Callable[[Platform], Awaitable[object]]


async def _accounts(platform: Platform) -> None:
    async with platform.database.transaction() as connection:
        await sweep_accounts(connection, datetime.now(UTC))


async def _workspaces(platform: Platform) -> None:
    async with platform.database.transaction() as connection:
        await sweep_workspaces(connection, datetime.now(UTC))


async def _answers(platform: Platform) -> None:
    async with platform.database.transaction() as connection:
        await sweep_answers(connection, platform.vault, datetime.now(UTC))


async def _reads(platform: Platform) -> None:
    call = Call(SYSTEM, datetime.now(UTC), operation="retire_reads")
    async with platform.database.transaction() as connection:
        await retire_reads(connection, call, call.at - timedelta(days=platform.settings.read_log_days))


DUTIES = (
    Duty("limits", 300, lambda platform: platform.limiter.sweep()),
    Duty("accounts", 600, _accounts),
    Duty("workspaces", 600, _workspaces),
    Duty("answers", 3600, _answers),
    Duty("mails", 3600, sweep_mails),
    Duty("reads", 86400, _reads),
    Duty("jobs", 3600, lambda platform: remove_old_jobs(platform.database)),
)


async def keep(platform: Platform, duties: Sequence[Duty], stop: asyncio.Event) -> None:
    """Do each duty when it is due, until `stop` is set. What goes wrong is logged, and tried again at the next time.

    One after the other: a duty needs two connections of the pool.
    """
    loop = asyncio.get_running_loop()
    due = dict.fromkeys(duties, loop.time())
    while not stop.is_set():
        duty = min(duties, key=due.__getitem__)
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), due[duty] - loop.time())
            return
        due[duty] = loop.time() + duty.every
        try:
            await do_alone(platform, duty)
        except Exception:
            logger.exception("duty failed", duty=duty.name)


async def do_alone(platform: Platform, duty: Duty) -> bool:
    """Do it now, unless another process is at it; returns whether it was done. Raises what the work raises.

    Holds a session's advisory lock on a connection of its own: a process that dies lets go of it.
    """
    key = f"surefoot.duty.{duty.name}"
    async with platform.database.connection() as connection:
        cursor = await connection.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0)) AS got", (key,))
        [row] = await cursor.fetchall()
        if not row["got"]:
            return False
        try:
            await duty.work(platform)
        finally:
            await connection.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", (key,))
        return True
