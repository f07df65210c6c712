"""Creations that are sent twice, and edits of what somebody else has edited."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from pydantic import BaseModel

from surefoot.calls import Actor, ActorKind, Call
from surefoot.db.ids import new_id
from surefoot.db.pool import Connection
from surefoot.errors import Conflict, Stale
from surefoot.web.etags import check_version, etag_of, expected_version
from surefoot.web.idempotency import KEPT, once, sweep_answers
from surefoot.web.platform import Platform

pytestmark = pytest.mark.anyio

KEY = "5b7f0d6e-9a43"


class Asked(BaseModel):
    name: str = "a"


class Answer(BaseModel):
    number: int
    secret: str = "sft_pat_canary"


class Maker:
    """Makes one more thing each time, and counts."""

    def __init__(self) -> None:
        self.made = 0

    async def __call__(self) -> Answer:
        await asyncio.sleep(0)
        self.made += 1
        return Answer(number=self.made)


async def ask(platform: Platform, call: Call, maker: Maker, key: str | None = KEY, name: str = "a") -> int:
    async with platform.database.transaction() as connection:
        answer = await once(connection, platform.vault, call, key, Asked(name=name), maker, Answer)
    return answer.number


async def test_the_same_request_gets_the_first_answer(platform: Platform, call: Call) -> None:
    maker = Maker()
    assert [await ask(platform, call, maker) for _ in range(3)] == [1, 1, 1]


async def test_without_a_key_each_request_makes_its_own(platform: Platform, call: Call) -> None:
    maker = Maker()
    assert [await ask(platform, call, maker, key=None) for _ in range(2)] == [1, 2]


async def test_two_at_a_time_make_one_thing(platform: Platform, call: Call) -> None:
    maker = Maker()
    assert await asyncio.gather(*(ask(platform, call, maker) for _ in range(8))) == [1] * 8


async def test_another_request_under_the_same_key_is_refused(platform: Platform, call: Call) -> None:
    maker = Maker()
    await ask(platform, call, maker)
    with pytest.raises(Conflict, match="another request"):
        await ask(platform, call, maker, name="b")
    assert maker.made == 1


async def test_a_key_belongs_to_its_caller_and_operation(platform: Platform, call: Call) -> None:
    maker = Maker()
    someone = replace(call, actor=Actor(ActorKind.PERSON, new_id()))
    elsewhere = replace(call, operation="other.operation")
    assert [await ask(platform, one, maker) for one in (call, someone, elsewhere)] == [1, 2, 3]


async def test_what_failed_is_made_the_next_time(platform: Platform, call: Call) -> None:
    maker = Maker()
    with pytest.raises(ZeroDivisionError):
        async with platform.database.transaction() as connection:
            await once(connection, platform.vault, call, KEY, Asked(), maker, Answer)
            raise ZeroDivisionError
    assert await ask(platform, call, maker) == 2


async def test_a_key_is_forgotten_after_a_day(platform: Platform, call: Call) -> None:
    maker = Maker()
    await ask(platform, call, maker)
    later = replace(call, at=call.at + KEPT)
    assert await ask(platform, later, maker) == 2
    assert await ask(platform, later, maker) == 2


async def test_an_answer_is_stored_sealed_and_swept(platform: Platform, call: Call) -> None:
    await ask(platform, call, Maker())
    async with platform.database.connection() as connection:
        stored = await (
            await connection.execute("SELECT k::text || s::text AS t FROM idempotency_keys k, sealed s")
        ).fetchone()
        assert stored is not None
        assert "canary" not in stored["t"]
        assert b"canary".hex() not in stored["t"]
        await sweep_answers(connection, platform.vault, call.at + KEPT - timedelta(seconds=1))
        assert await _count(connection) == (1, 1)
        await sweep_answers(connection, platform.vault, call.at + KEPT)
        assert await _count(connection) == (0, 0)


async def _count(connection: Connection) -> tuple[int, int]:
    cursor = await connection.execute(
        "SELECT (SELECT count(*) FROM idempotency_keys) AS keys, (SELECT count(*) FROM sealed) AS sealed"
    )
    [row] = await cursor.fetchall()
    return row["keys"], row["sealed"]


async def test_an_edit_names_the_version_that_was_read() -> None:
    assert etag_of(3) == '"3"'
    assert expected_version(etag_of(3)) == 3
    check_version('"3"', 3)


@pytest.mark.parametrize("given", [None, "", "*", "3", 'W/"3"', '"2", "3"', '"2"', '"x"'])
async def test_any_other_edit_is_stale(given: str | None) -> None:
    with pytest.raises(Stale) as refused:
        check_version(given, 3)
    assert "If-Match" in refused.value.hint
