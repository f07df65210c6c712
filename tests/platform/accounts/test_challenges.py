"""What stands between a right password and a second factor."""

from __future__ import annotations

from datetime import timedelta

import anyio
import pytest

from surefoot.accounts.challenges import attempt_challenge, begin_challenge, get_challenge, take_challenge
from surefoot.accounts.model import Challenge
from surefoot.errors import SignInFailed
from tests.platform.accounts.conftest import World

pytestmark = pytest.mark.anyio


async def test_a_challenge_is_taken_once_however_many_try(world: World) -> None:
    account, taken = await world.account(), []
    async with world.platform.database.transaction() as connection:
        secret = await begin_challenge(connection, world.now(), account, ("password",))

    async def take() -> None:
        try:
            async with world.platform.database.transaction() as connection:
                taken.append(await take_challenge(connection, secret, world.at))
        except SignInFailed:
            pass

    async with anyio.create_task_group() as tasks:
        for _ in range(8):
            tasks.start_soon(take)
    assert taken == [Challenge(account, ("password",))]


async def test_a_challenge_is_over_after_ten_minutes(world: World) -> None:
    account = await world.account()
    async with world.platform.database.transaction() as connection:
        secret = await begin_challenge(connection, world.now(), account, ("password",))
        await get_challenge(connection, secret, world.at + timedelta(minutes=9, seconds=59))
        for ask in (get_challenge, attempt_challenge, take_challenge):
            with pytest.raises(SignInFailed):
                await ask(connection, secret, world.at + timedelta(minutes=10))


@pytest.mark.asvs("6.3.1")
async def test_a_challenge_is_tried_five_times_at_most(world: World) -> None:
    account = await world.account()
    async with world.platform.database.transaction() as connection:
        secret = await begin_challenge(connection, world.now(), account, ("password",))
        for _ in range(5):
            await attempt_challenge(connection, secret, world.at)
        with pytest.raises(SignInFailed):
            await attempt_challenge(connection, secret, world.at)


async def test_a_disabled_account_cannot_go_on(world: World) -> None:
    account = await world.account()
    async with world.platform.database.transaction() as connection:
        secret = await begin_challenge(connection, world.now(), account, ("password",))
        await connection.execute("UPDATE accounts SET disabled_at = now()")
        with pytest.raises(SignInFailed):
            await get_challenge(connection, secret, world.at)
