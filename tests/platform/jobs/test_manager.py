"""What a worker asks of the queue, when a reply is lost and when a job is not its own any more."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from procrastinate import PsycopgConnector, exceptions
from procrastinate.connector import BaseConnector
from procrastinate.jobs import Status

from surefoot.db.pool import Database
from surefoot.jobs.connector import open_connector
from surefoot.jobs.manager import Manager
from surefoot.jobs.queue import Queue

pytestmark = pytest.mark.anyio

KNOWN = {"test.step"}


class Lossy(BaseConnector):
    """A connection whose next reply gets lost on the way: the database has done what was asked."""

    def __init__(self, real: PsycopgConnector) -> None:
        self._real = real
        self.lose = 0
        self.race = 0

    def _lost(self) -> None:
        if self.lose:
            self.lose -= 1
            raise exceptions.ConnectorException("the reply was lost")

    async def execute_query_async(self, query: str, **arguments: Any) -> None:
        await self._real.execute_query_async(query, **arguments)

    async def execute_query_one_async(self, query: str, **arguments: Any) -> dict[str, Any]:
        if self.race:
            self.race -= 1
            raise exceptions.UniqueViolation(constraint_name="procrastinate_jobs_lock_idx_v1", queueing_lock=None)
        found: dict[str, Any] = await self._real.execute_query_one_async(query, **arguments)
        self._lost()
        return found

    async def execute_query_all_async(self, query: str, **arguments: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = await self._real.execute_query_all_async(query, **arguments)
        self._lost()
        return found


@pytest.fixture
async def lossy(platform_url: str) -> AsyncIterator[Lossy]:
    async with open_connector(platform_url, None, 2) as real:
        yield Lossy(real)


async def defer(database: Database, **options: Any) -> int:
    async with database.transaction() as connection:
        return await Queue().defer(connection, "test.step", **options)


async def status(database: Database, job: int) -> str:
    async with database.connection() as connection:
        cursor = await connection.execute("SELECT status::text FROM procrastinate_jobs WHERE id = %s", (job,))
        [row] = await cursor.fetchall()
    return str(row["status"])


async def test_a_job_that_was_given_in_a_lost_reply_is_not_lost(database: Database, lossy: Lossy) -> None:
    number = await defer(database)
    manager = Manager(lossy, KNOWN, list)
    worker = await manager.register_worker()
    lossy.lose = 1
    assert await manager.fetch_job(None, worker) is None
    assert await status(database, number) == "doing"
    job = await manager.fetch_job(None, worker)
    assert job is not None
    assert job.id == number


async def test_whoever_loses_the_race_for_a_lock_takes_the_next_job_at_once(database: Database, lossy: Lossy) -> None:
    number = await defer(database)
    manager = Manager(lossy, KNOWN, list)
    worker = await manager.register_worker()
    lossy.race = 3
    job = await manager.fetch_job(None, worker)
    assert job is not None
    assert job.id == number


async def test_a_job_at_work_is_not_put_back_after_a_lost_reply(database: Database, lossy: Lossy) -> None:
    first, second = await defer(database), await defer(database)
    manager = Manager(lossy, KNOWN, lambda: [first])
    worker = await manager.register_worker()
    assert await manager.fetch_job(None, worker)
    lossy.lose = 1
    assert await manager.fetch_job(None, worker) is None
    job = await manager.fetch_job(None, worker)
    assert job is not None
    assert (job.id, await status(database, first)) == (second, "doing")


async def test_an_end_is_told_again_after_a_lost_reply(database: Database, lossy: Lossy) -> None:
    number = await defer(database)
    manager = Manager(lossy, KNOWN, list)
    job = await manager.fetch_job(None, await manager.register_worker())
    assert job is not None
    lossy.lose = 1
    await manager.finish_job(job, Status.SUCCEEDED, delete_job=False)
    assert await status(database, number) == "succeeded"


async def test_an_earlier_run_cannot_end_a_job_that_another_has(database: Database, lossy: Lossy) -> None:
    number = await defer(database)
    manager = Manager(lossy, KNOWN, list)
    worker = await manager.register_worker()
    earlier = await manager.fetch_job(None, worker)
    assert earlier is not None
    await manager.retry_job(earlier)
    later = await manager.fetch_job(None, worker)
    assert later is not None
    await manager.finish_job(earlier, Status.FAILED, delete_job=False)
    await manager.retry_job(earlier)
    assert await status(database, number) == "doing"
    await manager.finish_job(later, Status.SUCCEEDED, delete_job=False)
    assert await status(database, number) == "succeeded"


async def test_workers_hear_of_a_lock_that_comes_free_and_of_a_job_that_comes_back(
    database: Database, lossy: Lossy
) -> None:
    number = await defer(database, lock="target:1")
    manager = Manager(lossy, KNOWN, list)
    worker = await manager.register_worker()
    async with database.connection() as listener:
        await listener.execute("LISTEN procrastinate_any_queue_v1")
        job = await manager.fetch_job(None, worker)
        assert job is not None
        await manager.retry_job(job)
        again = await manager.fetch_job(None, worker)
        assert again is not None
        await manager.finish_job(again, Status.SUCCEEDED, delete_job=False)
        heard = [message.payload async for message in listener.notifies(timeout=5, stop_after=2)]
        await listener.execute("UNLISTEN *")
    assert heard == [f'{{"type" : "job_inserted", "job_id" : {number}}}'] * 2
