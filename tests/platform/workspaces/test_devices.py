"""Signing in on a device by an approval in a browser (RFC 8628)."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from surefoot.accounts.store import update_disabled, update_password
from surefoot.workspaces.devices.rules import new_user_code, read_user_code
from tests.platform.workspaces.world import Person, World

pytestmark = pytest.mark.anyio
WANTED = {"client": "surefoot on build-7", "scopes": ["workspace:read"]}


async def begin(world: World) -> dict[str, Any]:
    answer = await world.browser().post("/device/code", json=WANTED)
    assert answer.status_code == 200
    return dict(answer.json())


async def poll(world: World, begun: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    answer = await world.browser().post("/device/token", json={"device_code": begun["device_code"]})
    return answer.status_code, answer.json()


@pytest.mark.asvs("6.3.7")
async def test_an_approved_device_gets_a_personal_token_once(world: World) -> None:
    ada = await world.person("ada")
    workspace = await world.workspace(ada)
    begun = await begin(world)
    assert begun["verification_uri_complete"] == f"http://localhost:8000/device#code={begun['user_code']}"
    assert (await poll(world, begun))[1]["error"] == "authorization_pending"
    shown = (await ada.ask("GET", f"/device/{begun['user_code'].lower().replace('-', ' ')}")).json()
    assert (shown["client"], shown["scopes"]) == ("surefoot on build-7", ["workspace:read"])
    approved = await ada.ask("POST", f"/device/{begun['user_code']}/approve")
    assert approved.json()["state"] == "approved"
    status, got = await poll(world, begun)
    assert (status, got["token_type"], got["scopes"]) == (200, "Bearer", ["workspace:read"])
    assert (await world.bearer(got["access_token"]).get(f"/workspaces/{workspace}")).status_code == 200
    (mine,) = (await ada.ask("GET", "/account/tokens")).json()["items"]
    assert (mine["id"], mine["name"]) == (got["id"], "surefoot on build-7")
    assert (await poll(world, begun))[1]["error"] == "expired_token"
    (event,) = await world.audited("token.create")
    assert event["actor_id"] == ada.account
    assert [mail["to"] for mail in await world.mails("token-created")] == ["ada@example.com"]


async def approved(world: World) -> tuple[Person, dict[str, Any]]:
    """Somebody, and a device that they approved and that has not asked since."""
    ada, begun = await world.person("ada"), await begin(world)
    assert (await ada.ask("POST", f"/device/{begun['user_code']}/approve")).status_code == 200
    return ada, begun


async def test_who_revokes_all_tokens_revokes_what_a_device_has_not_fetched_yet(world: World) -> None:
    ada, begun = await approved(world)
    await ada.ask("DELETE", "/account/tokens")
    assert (await poll(world, begun))[1]["error"] == "expired_token"
    assert (await ada.ask("GET", "/account/tokens")).json()["items"] == []


async def test_an_approval_is_void_once_the_password_was_changed(world: World) -> None:
    ada, begun = await approved(world)
    async with world.platform.database.transaction() as connection:
        await update_password(connection, ada.account, "another", world.at + timedelta(seconds=1))
    assert (await poll(world, begun))[1]["error"] == "access_denied"
    assert (await poll(world, begun))[1]["error"] == "expired_token"


async def test_an_approval_of_an_account_that_was_disabled_is_void_for_ever(world: World) -> None:
    ada, begun = await approved(world)
    await world.disable(ada)
    assert (await poll(world, begun))[1]["error"] == "access_denied"
    async with world.platform.database.transaction() as connection:
        await update_disabled(connection, ada.account, None)
    assert (await poll(world, begun))[1]["error"] == "expired_token"


async def test_a_denied_device_gets_nothing(world: World) -> None:
    ada = await world.person("ada")
    begun = await begin(world)
    await ada.ask("POST", f"/device/{begun['user_code']}/deny")
    status, told = await poll(world, begun)
    assert (status, told["code"], told["error"]) == (400, "access_denied", "access_denied")
    assert (await ada.ask("POST", f"/device/{begun['user_code']}/approve")).status_code == 404
    assert (await ada.ask("GET", "/account/tokens")).json()["items"] == []


async def test_a_device_that_asks_too_often_is_told_to_wait_longer(world: World) -> None:
    begun = await begin(world)
    told = []
    for seconds in (0, 5, 4, 9, 15):
        world.at += timedelta(seconds=seconds)
        status, problem = await poll(world, begun)
        told.append((status, problem["error"], problem.get("interval")))
    assert told == [
        (400, "authorization_pending", None),
        (400, "authorization_pending", None),
        (400, "slow_down", 10),
        (400, "slow_down", 15),
        (400, "authorization_pending", None),
    ]


async def test_waiting_is_no_refusal_in_the_audit_trail_and_a_denial_is(world: World) -> None:
    ada = await world.person("ada")
    begun = await begin(world)
    for _ in range(3):
        await poll(world, begun)
    assert await world.audited("request.refuse") == []
    await ada.ask("POST", f"/device/{begun['user_code']}/deny")
    await poll(world, begun)
    assert [one["reason"] for one in await world.audited("request.refuse")] == ["access_denied"]


async def test_a_code_is_good_for_fifteen_minutes(world: World) -> None:
    ada = await world.person("ada")
    begun = await begin(world)
    world.at += timedelta(minutes=15)
    assert (await ada.ask("GET", f"/device/{begun['user_code']}")).status_code == 404
    assert (await poll(world, begun))[1]["error"] == "expired_token"


async def test_approving_needs_a_fresh_proof(world: World) -> None:
    ada = await world.person("ada")
    world.at += timedelta(minutes=6)
    begun = await begin(world)
    answer = await ada.ask("POST", f"/device/{begun['user_code']}/approve")
    assert answer.json()["code"] == "step-up-needed"


async def test_an_account_gets_few_tries_at_codes(world: World) -> None:
    ada = await world.person("ada")
    statuses = [(await ada.ask("GET", f"/device/{new_user_code()}")).status_code for _ in range(11)]
    assert statuses == [404] * 10 + [429]


async def test_a_device_that_asks_twice_at_once_gets_one_token(world: World) -> None:
    ada = await world.person("ada")
    begun = await begin(world)
    await ada.ask("POST", f"/device/{begun['user_code']}/approve")
    answers = await asyncio.gather(*(poll(world, begun) for _ in range(4)))
    assert sorted(status for status, _ in answers) == [200, 400, 400, 400]


async def test_codes_of_a_device_are_not_stored(world: World) -> None:
    begun = await begin(world)
    async with world.platform.database.connection() as connection:
        cursor = await connection.execute("SELECT d::text AS stored FROM device_requests d")
        (row,) = await cursor.fetchall()
    assert begun["device_code"] not in row["stored"]


@pytest.mark.parametrize("typed", ["wdjbmjht", "WDJB-MJHT", " wdjb mjht "])
def test_a_code_is_read_however_it_is_typed(typed: str) -> None:
    assert read_user_code(typed) == "WDJB-MJHT"


async def test_a_scope_that_is_none_is_refused_at_once(world: World) -> None:
    answer = await world.browser().post("/device/code", json=WANTED | {"scopes": ["all:things"]})
    assert answer.status_code == 422
