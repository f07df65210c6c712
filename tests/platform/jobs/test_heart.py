"""Whose jobs are swept up: those of the dead, and of nobody who could only not be heard."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from procrastinate import PsycopgConnector

from surefoot.db.pool import Database
from surefoot.jobs import heart
from surefoot.jobs.connector import open_connector
from surefoot.jobs.heart import Heart
from surefoot.jobs.queue import Queue

pytestmark = pytest.mark.anyio


@pytest.fixture
async def connector(platform_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[PsycopgConnector]:
    """For a server that started long ago."""
    monkeypatch.setattr(heart, "YOUNG", 0.0)
    async with open_connector(platform_url, None, 2) as opened:
        yield opened


async def add_worker(database: Database, silent_for: float) -> int:
    query = "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - make_interval(secs => %s)) RETURNING id"
    async with database.connection() as connection:
        [row] = await (await connection.execute(query.encode(), (silent_for,))).fetchall()
    return int(row["id"])


async def add_job(database: Database, worker: int | None, *, aborted: bool = False) -> int:
    async with database.transaction() as connection:
        job = await Queue().defer(connection, "test.step")
        await connection.execute(
            "UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s, abort_requested = %s WHERE id = %s",
            (worker, aborted, job),
        )
    return job


async def statuses(database: Database) -> list[str]:
    async with database.connection() as connection:
        cursor = await connection.execute("SELECT status::text FROM procrastinate_jobs ORDER BY id")
        return [row["status"] for row in await cursor.fetchall()]


async def test_only_jobs_of_workers_that_are_silent_go_back(database: Database, connector: PsycopgConnector) -> None:
    me, other, dead = [await add_worker(database, silent_for) for silent_for in (0, 3, 5)]
    for worker in (me, other, dead, None):
        await add_job(database, worker)
    await Heart(connector, me).beat_and_sweep()
    assert await statuses(database) == ["doing", "doing", "todo", "todo"]


async def test_a_job_that_was_to_be_aborted_does_not_come_back(database: Database, connector: PsycopgConnector) -> None:
    me, dead = await add_worker(database, 0), await add_worker(database, 5)
    await add_job(database, dead, aborted=True)
    await Heart(connector, me).beat_and_sweep()
    assert await statuses(database) == ["aborted"]


async def test_a_heart_that_stood_still_itself_does_not_take_others_for_dead(
    database: Database, connector: PsycopgConnector
) -> None:
    me, other = await add_worker(database, 60), await add_worker(database, 60)
    await add_job(database, other)
    own = Heart(connector, me)
    for _ in range(2):
        await own.beat_and_sweep()
    assert await statuses(database) == ["doing"]


async def test_nobody_is_taken_for_dead_right_after_a_start_of_the_database(
    database: Database, connector: PsycopgConnector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heart, "YOUNG", 86_400.0)
    me, dead = await add_worker(database, 0), await add_worker(database, 60)
    await add_job(database, dead)
    await Heart(connector, me).beat_and_sweep()
    assert await statuses(database) == ["doing"]


async def test_a_worker_that_was_forgotten_is_known_again_with_its_next_beat(
    database: Database, connector: PsycopgConnector
) -> None:
    me = await add_worker(database, 0)
    async with database.connection() as connection:
        await connection.execute("DELETE FROM procrastinate_workers")
        await Heart(connector, me).beat_and_sweep()
        cursor = await connection.execute("SELECT id FROM procrastinate_workers")
        assert await cursor.fetchall() == [{"id": me}]
