"""The runner of jobs in this process: order, retries, cancelling, draining."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from surefoot.db.pool import Database, Row
from surefoot.jobs.queue import Queue
from surefoot.jobs.runner import run_jobs
from tests.platform.jobs.tasks_of_tests import Parts

pytestmark = pytest.mark.anyio


@pytest.fixture
async def told(database: Database) -> Callable[[], Awaitable[list[str]]]:
    """What the tasks have told until now, in order."""
    async with database.connection() as connection:
        await connection.execute("CREATE TABLE told (id serial, what text, pid int, at timestamptz DEFAULT now())")

    async def look() -> list[str]:
        return [row["what"] for row in await rows(database, "SELECT what FROM told ORDER BY id")]

    return look


async def rows(database: Database, query: str) -> list[Row]:
    async with database.connection() as connection:
        return await (await connection.execute(query.encode())).fetchall()


async def statuses(database: Database) -> list[str]:
    return [row["status"] for row in await rows(database, "SELECT status FROM procrastinate_jobs ORDER BY id")]


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    """Wait for it; the suite's own timeout ends what never comes."""
    while not await condition():
        await asyncio.sleep(0.01)


@asynccontextmanager
async def worker(url: str, grace: float = 30.0) -> AsyncIterator[asyncio.Event]:
    """A worker in this process, that drains at the end."""
    stop = asyncio.Event()
    running = asyncio.create_task(run_jobs(url, Parts(url), stop, grace=grace))
    try:
        yield stop
    finally:
        stop.set()
        await running


async def defer(database: Database, task: str, lock: str | None = None, priority: int = 0, **values: object) -> int:
    async with database.transaction() as connection:
        return await Queue().defer(connection, task, lock=lock, priority=priority, **values)


async def all_ended(database: Database) -> bool:
    return not {"todo", "doing"} & set(await statuses(database))


async def test_jobs_of_one_lock_run_one_after_the_other_by_priority(
    database: Database, platform_url: str, told: Callable[[], Awaitable[list[str]]]
) -> None:
    for name, priority in (("low", 0), ("high", 5), ("middle", 3)):
        await defer(database, "test.step", lock="target:1", priority=priority, name=name, seconds=0.05)
    async with worker(platform_url):
        await until(lambda: all_ended(database))
    assert await told() == [f"{name} {what}" for name in ("high", "middle", "low") for what in ("begins", "ends")]
    assert await statuses(database) == ["succeeded"] * 3


async def test_workers_that_race_for_a_lock_lose_no_job_and_overlap_nowhere(
    database: Database, platform_url: str, told: Callable[[], Awaitable[list[str]]]
) -> None:
    for number in range(60):
        await defer(
            database, "test.step", lock=f"target:{number % 3}", priority=number % 5, name=f"{number % 3}", seconds=0.001
        )
    async with worker(platform_url), worker(platform_url), worker(platform_url):
        await until(lambda: all_ended(database))
    assert await statuses(database) == ["succeeded"] * 60
    for target in "012":
        mine = [what for what in await told() if what.startswith(target)]
        assert mine == [f"{target} begins", f"{target} ends"] * 20


async def test_a_task_that_raises_is_run_again_as_often_as_its_rule_says(
    database: Database, platform_url: str, told: Callable[[], Awaitable[list[str]]]
) -> None:
    await defer(database, "test.fails")
    async with worker(platform_url):
        await until(lambda: all_ended(database))
    assert await told() == ["tried"] * 3
    assert await statuses(database) == ["failed"]


async def test_a_job_of_an_unknown_task_waits_for_a_worker_that_knows_it(
    database: Database, platform_url: str, told: Callable[[], Awaitable[list[str]]]
) -> None:
    await defer(database, "test.unknown")
    await defer(database, "test.step", name="one")
    async with worker(platform_url):
        await until(lambda: _is(told, ["one begins", "one ends"]))
    assert await statuses(database) == ["todo", "succeeded"]


async def test_a_job_that_no_worker_knows_for_a_day_fails(database: Database, platform_url: str) -> None:
    await defer(database, "test.unknown")
    await rows(database, "UPDATE procrastinate_jobs SET attempts = 150 RETURNING id")
    async with worker(platform_url):
        await until(lambda: all_ended(database))
    assert await statuses(database) == ["failed"]


async def test_a_worker_that_stops_lets_its_jobs_end_and_takes_no_others(
    database: Database, platform_url: str, told: Callable[[], Awaitable[list[str]]]
) -> None:
    await defer(database, "test.step", name="one", seconds=0.5)
    async with worker(platform_url) as stop:
        await until(lambda: _is(told, ["one begins"]))
        stop.set()
        await defer(database, "test.step", name="two")
    assert await told() == ["one begins", "one ends"]
    assert await statuses(database) == ["succeeded", "todo"]
    assert await rows(database, "SELECT * FROM procrastinate_workers") == []


async def test_a_job_that_outlasts_the_grace_goes_back_into_the_queue(
    database: Database, platform_url: str, told: Callable[[], Awaitable[list[str]]]
) -> None:
    await defer(database, "test.step", name="long", seconds=600)
    async with worker(platform_url, grace=0.1):
        await until(lambda: _is(told, ["long begins"]))
    assert await statuses(database) == ["todo"]


async def test_a_job_can_be_cancelled_while_its_worker_drains(
    database: Database, platform_url: str, told: Callable[[], Awaitable[list[str]]]
) -> None:
    number = await defer(database, "test.step", name="long", seconds=600)
    async with worker(platform_url, grace=600) as stop:
        await until(lambda: _is(told, ["long begins"]))
        stop.set()
        await rows(database, f"SELECT procrastinate_cancel_job_v1({number}, true, false)")
    assert await statuses(database) == ["aborted"]


async def _is(told: Callable[[], Awaitable[list[str]]], expected: list[str]) -> bool:
    return await told() == expected


async def test_a_listener_that_was_cut_off_listens_again(database: Database, platform_url: str) -> None:
    named = "application_name = 'surefoot listener' AND datname = current_database()"
    listeners = f"SELECT pid FROM pg_stat_activity WHERE {named}"

    async def others(than: list[Row]) -> bool:
        found = await rows(database, listeners)
        return len(found) == 1 and found != than

    async with worker(platform_url):
        await until(lambda: others([]))
        first = await rows(database, listeners)
        await rows(database, f"SELECT pg_terminate_backend({first[0]['pid']})")
        await until(lambda: others(first))
