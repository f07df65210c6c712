"""Limits admit exactly what they say, in whatever order and however many come at once."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import psycopg
import pytest

from surefoot.db.pool import Database
from surefoot.errors import TooMany, Unavailable
from surefoot.limits import limiter as limiter_module
from surefoot.limits.limiter import Limit, Limiter
from surefoot.limits.rules import LIMITS

pytestmark = pytest.mark.anyio

FIVE = Limit("five", 5, 300.0)
TWO = Limit("two", 2, 3600.0)
KEY = bytes(32)


@pytest.fixture
def limiter(database: Database) -> Limiter:
    return Limiter(database, KEY)


async def admitted(limiter: Limiter, *wanted: tuple[Limit, str], attempts: int) -> int:
    """How many of so many attempts, one after the other, are let through."""
    count = 0
    for _ in range(attempts):
        try:
            await limiter.take(*wanted)
            count += 1
        except TooMany:
            pass
    return count


async def pass_time(database: Database, seconds: float) -> None:
    """Let the time go by, as far as the limits can tell."""
    async with database.connection() as connection:
        await connection.execute("UPDATE limits SET arrival = arrival - make_interval(secs => %s)", (seconds,))


async def test_as_many_as_the_limit_says_are_let_through(limiter: Limiter) -> None:
    assert await admitted(limiter, (FIVE, "ann"), attempts=8) == 5


async def test_each_subject_and_each_limit_is_counted_for_itself(limiter: Limiter) -> None:
    assert await admitted(limiter, (FIVE, "ann"), attempts=6) == 5
    assert await admitted(limiter, (FIVE, "bob"), attempts=6) == 5
    assert await admitted(limiter, (TWO, "ann"), attempts=6) == 2


async def test_a_refusal_says_when_to_come_back(limiter: Limiter) -> None:
    await admitted(limiter, (FIVE, "ann"), attempts=5)
    with pytest.raises(TooMany) as refused:
        await limiter.take((FIVE, "ann"))
    assert refused.value.details == {"retry_after": 60, "limit": "five"}


async def test_a_refusal_names_the_limit_that_lasts_longest(limiter: Limiter) -> None:
    await admitted(limiter, (FIVE, "ann"), attempts=5)
    await admitted(limiter, (TWO, "ann"), attempts=2)
    with pytest.raises(TooMany) as refused:
        await limiter.take((FIVE, "ann"), (TWO, "ann"))
    assert refused.value.details == {"retry_after": 1800, "limit": "two"}


async def test_attempts_come_back_one_by_one(limiter: Limiter, database: Database) -> None:
    await admitted(limiter, (FIVE, "ann"), attempts=5)
    await pass_time(database, 60)
    assert await admitted(limiter, (FIVE, "ann"), attempts=3) == 1
    await pass_time(database, 300)
    assert await admitted(limiter, (FIVE, "ann"), attempts=7) == 5


async def test_refused_attempts_do_not_put_the_end_off(limiter: Limiter, database: Database) -> None:
    assert await admitted(limiter, (FIVE, "ann"), attempts=50) == 5
    await pass_time(database, 60)
    assert await admitted(limiter, (FIVE, "ann"), attempts=1) == 1


async def test_a_refused_key_takes_nothing_of_the_others(limiter: Limiter) -> None:
    await admitted(limiter, (TWO, "here"), attempts=2)
    for _ in range(10):
        with pytest.raises(TooMany):
            await limiter.take((FIVE, "ann"), (TWO, "here"))
    assert await admitted(limiter, (FIVE, "ann"), attempts=6) == 5


async def test_a_refused_attempt_leaves_no_row_behind(limiter: Limiter, database: Database) -> None:
    await admitted(limiter, (TWO, "here"), attempts=2)
    await admitted(limiter, (TWO, "here"), (FIVE, "nobody has seen this one"), attempts=3)
    async with database.connection() as connection:
        cursor = await connection.execute("SELECT name FROM limits")
        assert await cursor.fetchall() == [{"name": "two"}]


async def test_a_caller_who_rolls_back_gets_nothing_back(limiter: Limiter, database: Database) -> None:
    for _ in range(5):
        with pytest.raises(ZeroDivisionError):
            async with database.transaction():
                await limiter.take((FIVE, "ann"))
                raise ZeroDivisionError
    with pytest.raises(TooMany):
        await limiter.take((FIVE, "ann"))


async def test_what_is_forgotten_is_there_again(limiter: Limiter) -> None:
    await admitted(limiter, (FIVE, "ann"), attempts=5)
    await admitted(limiter, (TWO, "ann"), attempts=2)
    await limiter.forget((FIVE, "ann"), (TWO, "ann"))
    assert await admitted(limiter, (FIVE, "ann"), attempts=6) == 5
    assert await admitted(limiter, (TWO, "ann"), attempts=6) == 2


async def test_no_subject_is_stored_as_it_is(limiter: Limiter, database: Database) -> None:
    await limiter.take((FIVE, "ann@example.com"))
    async with database.connection() as connection:
        cursor = await connection.execute("SELECT limits::text AS row, key FROM limits")
        row = await cursor.fetchone()
    assert row is not None
    assert "ann" not in row["row"]
    assert len(row["key"]) == 32
    assert row["key"] != Limiter(database, b"another" * 5).key_of(FIVE, "ann@example.com")


async def test_an_attempt_waits_for_no_disk(limiter: Limiter, database: Database) -> None:
    async with database.transaction() as connection:
        await connection.execute("SET LOCAL synchronous_commit = on")
        await connection.execute("SELECT * FROM take_limits(%s::bytea[], '{a}', '{1}', '{1}')", ([b"k"],))
        cursor = await connection.execute("SHOW synchronous_commit")
        assert await cursor.fetchone() == {"synchronous_commit": "off"}


async def test_without_its_database_nothing_is_let_through(platform_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limiter_module, "_PATIENCE", 0.1)
    async with Database(platform_url.replace("/t_", "/gone_")) as database:
        with pytest.raises(Unavailable):
            await Limiter(database, KEY).take((FIVE, "ann"))


async def test_a_database_that_keeps_one_waiting_lets_nothing_through(
    limiter: Limiter, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await admitted(limiter, (FIVE, "ann"), attempts=4)
    monkeypatch.setattr(limiter_module, "_PATIENCE", 0.2)
    async with database.transaction() as connection:
        await connection.execute("SELECT FROM limits FOR UPDATE")
        with pytest.raises(Unavailable):
            await limiter.take((FIVE, "ann"))
    monkeypatch.undo()
    assert await admitted(limiter, (FIVE, "ann"), attempts=2) == 1


async def test_without_its_table_nothing_is_let_through(limiter: Limiter, platform_url: str) -> None:
    with psycopg.connect(platform_url, autocommit=True) as owner:
        owner.execute("DROP TABLE platform.limits")
    with pytest.raises(Unavailable):
        await limiter.take((FIVE, "ann"))


async def test_callers_of_the_same_new_keys_in_any_order_neither_deadlock_nor_exceed(limiter: Limiter) -> None:
    async def attempt(number: int) -> int:
        keys = [(FIVE, "b"), (FIVE, "a"), (TWO, f"c{number % 4}")]
        return await admitted(limiter, *(keys if number % 2 else reversed(keys)), attempts=1)

    assert sum(await asyncio.gather(*map(attempt, range(40)))) == 5


async def test_the_operator_sees_who_is_at_a_limit_and_until_when(limiter: Limiter, database: Database) -> None:
    await admitted(limiter, (FIVE, "ann"), attempts=5)
    await admitted(limiter, (FIVE, "bob"), attempts=4)
    await admitted(limiter, (TWO, "eve"), attempts=2)
    reached = await limiter.list_reached(FIVE, TWO)
    assert [(one.limit, one.key) for one in reached] == [
        (TWO, limiter.key_of(TWO, "eve")),
        (FIVE, limiter.key_of(FIVE, "ann")),
    ]
    assert [one.limit for one in await limiter.list_reached(FIVE)] == [FIVE]
    await pass_time(database, (reached[1].until - datetime.now(UTC)).total_seconds() + 1)
    assert [one.limit for one in await limiter.list_reached(FIVE, TWO)] == [TWO]
    assert await admitted(limiter, (FIVE, "ann"), attempts=2) == 1


async def test_what_is_over_is_swept_away_and_nothing_else(limiter: Limiter, database: Database) -> None:
    await limiter.take((FIVE, "ann"), (TWO, "ann"))
    assert await limiter.sweep() == 0
    await pass_time(database, 60)
    assert await limiter.sweep() == 1
    assert await admitted(limiter, (TWO, "ann"), attempts=2) == 1


async def test_a_sweep_waits_for_nobody(limiter: Limiter, database: Database) -> None:
    await limiter.take((FIVE, "ann"))
    await pass_time(database, 300)
    async with database.transaction() as connection:
        await connection.execute("SELECT FROM limits FOR UPDATE")
        assert await limiter.sweep() == 0


async def test_sweeping_meanwhile_changes_nothing(limiter: Limiter) -> None:
    async def sweep() -> int:
        return sum([await limiter.sweep() for _ in range(20)])

    attempts = [admitted(limiter, (FIVE, "ann"), (TWO, f"c{number}"), attempts=1) for number in range(60)]
    *let_through, _ = await asyncio.gather(*attempts, sweep())
    assert sum(let_through) == 5


@pytest.mark.parametrize("limit", LIMITS, ids=lambda limit: limit.name)
async def test_each_limit_lets_its_number_through(limiter: Limiter, limit: Limit) -> None:
    assert await admitted(limiter, (replace(limit, seconds=1e9), "ann"), attempts=limit.count + 2) == limit.count


def test_no_two_limits_share_a_name() -> None:
    assert len({limit.name for limit in LIMITS}) == len(LIMITS)
