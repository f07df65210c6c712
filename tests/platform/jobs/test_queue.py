"""The queue: its schema is Procrastinate's own, and a job commits with what asked for it."""

from __future__ import annotations

import pytest
from procrastinate.schema import SchemaManager

from surefoot.db.migrate import MIGRATIONS
from surefoot.db.pool import Database
from surefoot.errors import UsageError
from surefoot.jobs.queue import Queue
from surefoot.jobs.tasks import Retries, list_tasks, task

pytestmark = pytest.mark.anyio


def test_the_schema_is_the_one_that_the_package_ships() -> None:
    shipped = SchemaManager.get_schema()
    shipped = shipped[shipped.index("-- Enums") :].rstrip()
    assert shipped in (MIGRATIONS / "0004_jobs.up.sql").read_text()


async def test_a_job_commits_with_what_asked_for_it(database: Database) -> None:
    async with database.transaction() as connection:
        number = await Queue().defer(connection, "one.run", lock="target:1", priority=3, target="1", depth=[1, None])
    async with database.connection() as connection:
        cursor = await connection.execute("SELECT task_name, lock, priority, args, status FROM procrastinate_jobs")
        assert await cursor.fetchall() == [
            {
                "task_name": "one.run",
                "lock": "target:1",
                "priority": 3,
                "args": {"target": "1", "depth": [1, None]},
                "status": "todo",
            }
        ]
    assert number == 1


async def test_what_is_taken_back_leaves_no_job(database: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        async with database.transaction() as connection:
            await Queue().defer(connection, "one.run")
            raise ZeroDivisionError
    async with database.connection() as connection:
        cursor = await connection.execute("SELECT count(*) AS n FROM procrastinate_jobs")
        assert await cursor.fetchone() == {"n": 0}


def test_a_task_is_known_by_one_name_only() -> None:
    @task("test_queue.twice")
    async def first(parts: object) -> None:
        """One task."""

    with pytest.raises(UsageError, match=r"Two tasks are named test_queue\.twice"):

        @task("test_queue.twice")
        async def second(parts: object) -> None:
            """Another task."""

    assert [one.function for one in list_tasks() if one.name == "test_queue.twice"] == [first]


def test_waits_double_up_to_the_longest_and_end() -> None:
    retries = Retries(6, first=5, longest=60)
    assert [retries.delay(attempts) for attempts in range(8)] == [5, 10, 20, 40, 60, 60, None, None]


def test_a_wait_stays_finite_after_any_number_of_attempts() -> None:
    assert Retries(10**9, longest=60).delay(10**6) == 60
