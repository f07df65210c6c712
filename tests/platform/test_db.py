"""The platform's pool and its schema."""

from __future__ import annotations

import asyncio
import time

import psycopg
import pytest

from surefoot.db.ids import new_id
from surefoot.db.migrate import PREAMBLE, migrate, project
from surefoot.db.pool import Database
from surefoot.engine.dialects.shadow import Place
from surefoot.engine.rehearsal.model import Verdict
from surefoot.engine.rehearsal.rehearse import RehearsalOptions, rehearse
from surefoot.errors import Unavailable

pytestmark = pytest.mark.anyio


async def test_each_migration_of_the_platform_is_proven() -> None:
    report = rehearse(project(), RehearsalOptions(place=Place(preamble=PREAMBLE)))
    assert {one.version: one.verdict for one in report.migrations if one.verdict is not Verdict.PROVEN} == {}


async def test_what_is_migrated_already_is_left_alone(platform_url: str) -> None:
    assert migrate(platform_url).versions == ()


async def test_an_error_takes_the_transaction_back(database: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        async with database.transaction() as connection:
            await connection.execute("CREATE TABLE t (a integer)")
            raise ZeroDivisionError
    async with database.connection() as connection:
        cursor = await connection.execute("SELECT to_regclass('t') AS found")
        assert await cursor.fetchone() == {"found": None}


async def test_a_database_that_is_away_is_told_as_such(database: Database) -> None:
    with pytest.raises(Unavailable):
        async with database.connection() as connection:
            await connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    async with database.connection() as connection:
        await connection.execute("SELECT 1")


async def test_connections_that_ended_while_nobody_used_them_are_not_handed_out(
    platform_url: str, database: Database
) -> None:
    async with database.connection() as one, database.connection() as other:
        ended = [each.info.backend_pid for each in (one, other)]
    with psycopg.connect(platform_url) as outside:
        outside.execute("SELECT pg_terminate_backend(pid, 10000) FROM unnest(%s::integer[]) AS pid", (ended,))
    async with database.connection() as one, database.connection() as other:
        for each in (one, other):
            await each.execute("SELECT 1")
            assert each.info.backend_pid not in ended


async def test_two_changes_that_wait_for_one_another_end_with_one_that_is_to_try_again(database: Database) -> None:
    async with database.connection() as connection:
        await connection.execute("CREATE TABLE t AS SELECT * FROM (VALUES (1), (2)) AS v (a)")
    both = asyncio.Barrier(2)

    async def change(first: int, second: int) -> bool:
        try:
            async with database.transaction() as connection:
                await connection.execute("SELECT FROM t WHERE a = %s FOR UPDATE", (first,))
                await both.wait()
                await connection.execute("SELECT FROM t WHERE a = %s FOR UPDATE", (second,))
        except Unavailable as error:
            return error.hint != "Try again."
        return True

    assert sorted(await asyncio.gather(change(1, 2), change(2, 1))) == [False, True]


async def test_an_error_of_the_statement_is_the_callers_own(database: Database) -> None:
    with pytest.raises(psycopg.errors.UndefinedTable):
        async with database.connection() as connection:
            await connection.execute("SELECT * FROM nowhere")


async def test_identifiers_sort_in_the_order_in_which_they_were_made() -> None:
    made = [new_id() for _ in range(2000)]
    time.sleep(0.002)
    made.append(new_id())
    assert sorted(set(made)) == made
    assert {(one.version, one.variant) for one in made} == {(7, "specified in RFC 4122")}
