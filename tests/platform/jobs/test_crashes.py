"""Jobs whose worker is killed, and jobs whose database is away: on real processes and a server of their own."""

from __future__ import annotations

import asyncio
import signal
import sys
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager

import psycopg
import pytest

from surefoot.db.migrate import migrate
from surefoot.db.pool import SCHEMA
from surefoot.engine.dialects.postgres.embedded import EmbeddedPostgres
from tests.databases import SETTINGS, Databases, postgres_bin

pytestmark = [pytest.mark.anyio, pytest.mark.slow]


@pytest.fixture
def server(databases: Databases) -> Iterator[EmbeddedPostgres]:
    """A server that a test may stop."""
    with EmbeddedPostgres(databases.root / f"own-{uuid.uuid4().hex[:8]}", postgres_bin("pg18"), SETTINGS) as server:
        yield server


@pytest.fixture
def url(platform_url: str) -> str:
    """A database with the schema, on a server that runs on, and a table for what tasks tell."""
    return with_table(platform_url)


def with_table(url: str) -> str:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE platform.told (id serial, what text, pid int, at timestamptz DEFAULT now())")
    return url


async def ask(url: str, query: str, *values: object) -> list[tuple[object, ...]]:
    options = f"-c search_path={SCHEMA}"
    async with await psycopg.AsyncConnection.connect(url, autocommit=True, options=options) as connection:
        return await (await connection.execute(query.encode(), values)).fetchall()


async def defer(url: str, task: str, arguments: str = "{}", lock: str | None = None) -> None:
    row = "ROW('default', %s, 0, %s, NULL, %s, NULL)::procrastinate_job_to_defer_v1"
    await ask(url, f"SELECT procrastinate_defer_jobs_v1(ARRAY[{row}])", task, lock, arguments)


@asynccontextmanager
async def worker(url: str, grace: float = 30.0) -> AsyncIterator[asyncio.subprocess.Process]:
    """A worker process; it is told to drain at the end, where it still lives."""
    module = "tests.platform.jobs.tasks_of_tests"
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", module, url, str(grace))
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    """Wait for it; the suite's own timeout ends what never comes."""
    while not await condition():
        await asyncio.sleep(0.02)


async def told(url: str) -> list[object]:
    return [what for (what,) in await ask(url, "SELECT what FROM told ORDER BY id")]


async def statuses(url: str) -> list[object]:
    return [status for (status,) in await ask(url, "SELECT status::text FROM procrastinate_jobs ORDER BY id")]


async def begun(url: str, *expected: str) -> bool:
    return set(expected) <= set(await told(url))


async def ended(url: str) -> bool:
    return not {"todo", "doing"} & set(await statuses(url))


async def past_the_silence(url: str) -> None:
    """A sweeper lets a server that has just started alone; here it started long ago."""
    young = "SELECT now() - pg_postmaster_start_time() < interval '13 s'"
    await until(lambda: _is(url, young, False))


async def _is(url: str, query: str, expected: object) -> bool:
    [(found,)] = await ask(url, query)
    return found == expected


async def test_a_job_whose_worker_is_killed_runs_again_elsewhere(url: str) -> None:
    await past_the_silence(url)
    async with worker(url) as first:
        await defer(url, "test.step", '{"name": "one", "seconds": 2}')
        await until(lambda: begun(url, "one begins"))
        async with worker(url):
            first.kill()
            await until(lambda: ended(url))
    assert await told(url) == ["one begins", "one begins", "one ends"]
    assert len(await ask(url, "SELECT DISTINCT pid FROM told")) == 2
    assert await statuses(url) == ["succeeded"]


async def test_a_job_that_kills_its_workers_is_given_up(url: str) -> None:
    await past_the_silence(url)
    await defer(url, "test.poison")
    for _ in range(3):
        async with worker(url) as process:
            await process.wait()
        assert process.returncode == -signal.SIGKILL
    async with worker(url):
        await until(lambda: ended(url))
    assert await told(url) == ["swallowed"] * 3
    assert await statuses(url) == ["failed"]


async def test_a_stopped_worker_that_comes_back_changes_nothing_of_a_job_that_others_took(url: str) -> None:
    await past_the_silence(url)
    async with worker(url) as first:
        await defer(url, "test.once", '{"name": "one", "seconds": 3}')
        await until(lambda: begun(url, "one begins"))
        first.send_signal(signal.SIGSTOP)
        async with worker(url):
            await until(lambda: _is(url, "SELECT count(*) FROM told", 2))
            first.send_signal(signal.SIGCONT)
            await until(lambda: ended(url))
    assert await told(url) == ["one begins"] * 2
    # Its own end was not written over the second run: that one ended the job, and alone.
    events = await ask(url, "SELECT type::text FROM procrastinate_events ORDER BY id")
    assert [kind for (kind,) in events] == ["deferred", "started", "deferred_for_retry", "started", "succeeded"]


async def test_what_ended_while_the_database_was_away_is_saved_and_runs_once(server: EmbeddedPostgres) -> None:
    migrate(server.url())
    url = with_table(server.url())
    async with worker(url):
        for number in range(3):
            await defer(url, "test.once", f'{{"name": "{number}", "seconds": 1}}')
        await until(lambda: begun(url, "0 begins", "1 begins", "2 begins"))
        server.stop()
        await asyncio.sleep(8)
        server.start()
        await until(lambda: ended(url))
        # The worker listens again, and goes on to work.
        await defer(url, "test.step", '{"name": "after"}')
        await until(lambda: begun(url, "after ends"))
    assert sorted(map(str, await told(url))) == ["0 begins", "1 begins", "2 begins", "after begins", "after ends"]
    assert await statuses(url) == ["succeeded"] * 4


async def test_a_worker_that_drains_for_long_keeps_its_job(url: str) -> None:
    await past_the_silence(url)
    async with worker(url, grace=60) as first:
        await defer(url, "test.step", '{"name": "one", "seconds": 10}')
        await until(lambda: begun(url, "one begins"))
        first.terminate()
        async with worker(url):
            await until(lambda: ended(url))
        assert await first.wait() == 0
    assert await told(url) == ["one begins", "one ends"]


async def test_a_worker_waits_for_a_database_that_is_not_there_yet_and_ends_when_told(
    server: EmbeddedPostgres,
) -> None:
    migrate(server.url())
    url = with_table(server.url())
    await defer(url, "test.step", '{"name": "one"}')
    server.stop()
    async with worker(url), worker(url) as impatient:
        await asyncio.sleep(3)
        impatient.terminate()
        assert await impatient.wait() == 0
        server.start()
        await until(lambda: ended(url))
    assert await told(url) == ["one begins", "one ends"]
