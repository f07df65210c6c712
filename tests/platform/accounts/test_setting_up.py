"""The first account of an installation."""

from __future__ import annotations

import pytest

from surefoot.accounts.service import begin_setup, prepare_setup, set_up
from surefoot.errors import Invalid, NotFound
from tests.platform.accounts.conftest import PASSWORD, START, World

pytestmark = pytest.mark.anyio


async def _link(world: World) -> str | None:
    async with world.platform.database.transaction() as connection:
        return await begin_setup(connection)


async def test_the_link_of_the_terminal_makes_one_account(world: World) -> None:
    token = await _link(world)
    assert token
    given = (token, "ada@example.org", "Ada", PASSWORD, "Lighthouse")
    newcomer = await prepare_setup(world.platform, world.now(), *given)
    async with world.platform.database.transaction() as connection:
        account = await set_up(connection, world.now(), token, newcomer)
    assert (account.email, account.verified_at) == ("ada@example.org", START)
    await world.signed_in()
    with pytest.raises(NotFound):
        await prepare_setup(world.platform, world.now(), *given)
    async with world.platform.database.transaction() as connection:
        with pytest.raises(NotFound):
            await set_up(connection, world.now(), token, newcomer)
    assert await _link(world) is None


async def test_a_later_start_makes_the_link_before_void(world: World) -> None:
    first, second = await _link(world), await _link(world)
    assert first
    assert second
    rest = ("ada@example.org", "Ada", PASSWORD, "Lighthouse")
    with pytest.raises(NotFound):
        await prepare_setup(world.platform, world.now(), first, *rest)
    await prepare_setup(world.platform, world.now(), second, *rest)


@pytest.mark.asvs("6.2.11")
async def test_the_name_of_the_first_workspace_is_no_password(world: World) -> None:
    token = await _link(world)
    assert token
    with pytest.raises(Invalid):
        await prepare_setup(
            world.platform, world.now(), token, "ada@example.org", "Ada", "lighthouse-lighthouse", "Lighthouse"
        )
