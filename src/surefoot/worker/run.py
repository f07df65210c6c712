"""The worker: runs the jobs of all features, and keeps the platform tidy."""

from __future__ import annotations

import asyncio

from surefoot.jobs.runner import run_jobs
from surefoot.notifications.deliver import check_mail
from surefoot.web.platform import Platform
from surefoot.worker.duties import DUTIES, keep


async def run_worker(platform: Platform, stop: asyncio.Event) -> None:
    """Work until `stop` is set; jobs that run then get 30 seconds to end, or go back into the queue.

    A database that is away is waited for. Raises ConfigError where mail could never be sent.
    """
    check_mail(platform.settings)
    role = platform.settings.database_role
    async with asyncio.TaskGroup() as group:
        group.create_task(run_jobs(platform.database.url, platform, stop, role=role))
        group.create_task(keep(platform, DUTIES, stop))
