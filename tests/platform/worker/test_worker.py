"""The worker: mails go out, duties are done by one process at a time, and it ends cleanly."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from surefoot.db.grants import grant
from surefoot.db.pool import Database
from surefoot.errors import ConfigError
from surefoot.jobs.old import remove_old_jobs
from surefoot.jobs.queue import Queue
from surefoot.notifications.outbox import list_outbox
from surefoot.notifications.send import send
from surefoot.platform_settings import PlatformSettings, load_platform_settings
from surefoot.web.platform import Platform, open_platform
from surefoot.worker.duties import DUTIES, Duty, do_alone, keep
from surefoot.worker.run import run_worker

pytestmark = pytest.mark.anyio


def settings_for(url: str, data_dir: Path, **given: object) -> PlatformSettings:
    return load_platform_settings({}, database_url=url, data_dir=data_dir, **given)


async def ask_for_a_mail(platform: Platform) -> None:
    async with platform.database.transaction() as connection:
        await send(connection, platform.vault, platform.queue, "ada@example.com", "verify", link="https://x.example")


async def until_mail(data_dir: Path) -> None:
    while not list_outbox(data_dir):
        await asyncio.sleep(0.02)


async def test_a_mail_that_was_asked_for_goes_out(platform_url: str, data_dir: Path) -> None:
    stop = asyncio.Event()
    async with open_platform(settings_for(platform_url, data_dir)) as platform:
        working = asyncio.create_task(run_worker(platform, stop))
        await ask_for_a_mail(platform)
        await until_mail(data_dir)
        stop.set()
        await working


async def test_a_role_that_owns_nothing_is_enough(platform_url: str, data_dir: Path, database: Database) -> None:
    stop = asyncio.Event()
    async with database.connection() as connection:
        await connection.execute("DROP ROLE IF EXISTS worker_of_test")
        await connection.execute("CREATE ROLE worker_of_test NOLOGIN")
        await grant(connection, "worker_of_test")
    async with open_platform(settings_for(platform_url, data_dir, database_role="worker_of_test")) as platform:
        working = asyncio.create_task(run_worker(platform, stop))
        await ask_for_a_mail(platform)
        await until_mail(data_dir)
        for duty in DUTIES:
            while not await do_alone(platform, duty):
                await asyncio.sleep(0.02)
        stop.set()
        await working
    async with database.connection() as connection:
        await connection.execute("DROP OWNED BY worker_of_test")
        await connection.execute("DROP ROLE worker_of_test")


@pytest.mark.parametrize("given", [{"smtp_url": "mail.example.com"}, {"mail_from": "Surefoot"}])
async def test_mail_that_could_never_be_sent_is_told_at_the_start(
    platform_url: str, data_dir: Path, given: dict[str, object]
) -> None:
    async with open_platform(settings_for(platform_url, data_dir, **given)) as platform:
        with pytest.raises(ConfigError, match="SUREFOOT_"):
            await run_worker(platform, asyncio.Event())


async def test_a_duty_is_done_by_one_process_at_a_time(platform_url: str, data_dir: Path) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def work(_platform: Platform) -> None:
        begun.set()
        await go_on.wait()

    duty = Duty("test", 60, work)
    async with open_platform(settings_for(platform_url, data_dir)) as platform:
        first = asyncio.create_task(do_alone(platform, duty))
        await begun.wait()
        assert await do_alone(platform, duty) is False
        go_on.set()
        assert await first is True
        assert await do_alone(platform, duty) is True


async def test_a_duty_that_fails_is_done_again_the_next_time_and_stops_no_other(
    platform_url: str, data_dir: Path
) -> None:
    stop, done = asyncio.Event(), []

    async def fail(_platform: Platform) -> None:
        done.append("failed")
        raise RuntimeError("not today")

    async def work(_platform: Platform) -> None:
        done.append("worked")
        if done.count("failed") > 2:
            stop.set()

    async with open_platform(settings_for(platform_url, data_dir)) as platform:
        await keep(platform, [Duty("fails", 0.01, fail), Duty("works", 0.01, work)], stop)
    assert done.count("failed") > 2
    assert done[-1] == "worked"


async def test_old_jobs_are_forgotten_and_what_waits_is_kept(database: Database) -> None:
    ages = {"succeeded": (2, 4), "failed": (29, 31), "todo": (40, 400)}
    async with database.transaction() as connection:
        for status, days in ages.items():
            for age in days:
                job = await Queue().defer(connection, f"{status}.{age}")
                await connection.execute("UPDATE procrastinate_jobs SET status = %s WHERE id = %s", (status, job))
                await connection.execute(
                    "UPDATE procrastinate_events SET at = now() - make_interval(days => %s) WHERE job_id = %s",
                    (age, job),
                )
    assert await remove_old_jobs(database) == 2
    async with database.connection() as connection:
        cursor = await connection.execute("SELECT task_name FROM procrastinate_jobs ORDER BY id")
        assert [row["task_name"] for row in await cursor.fetchall()] == [
            "succeeded.2", "failed.29", "todo.40", "todo.400",
        ]  # fmt: skip
