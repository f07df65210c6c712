"""Becoming somebody: by the link of the terminal, and by the link of an invitation."""

from __future__ import annotations

import asyncio

import pytest

from surefoot.accounts.service import begin_setup
from tests.platform.workspaces.world import Person, World

pytestmark = pytest.mark.anyio
PASSWORD = "seven grey herons on a Tuesday roof"


async def setup_link(world: World) -> str:
    async with world.platform.database.transaction() as connection:
        token = await begin_setup(connection)
    assert token is not None
    return token


def wanted(token: str, **other: str) -> dict[str, str]:
    return {
        "token": token,
        "email": "ada@example.com",
        "name": "Ada",
        "password": PASSWORD,
        "workspace": "Engines",
        **other,
    }


async def test_the_first_person_owns_the_first_workspace(world: World) -> None:
    browser = world.browser()
    made = await browser.post("/setup", json=wanted(await setup_link(world)))
    assert made.status_code == 201
    workspace = (await browser.get(f"/workspaces/{made.json()['workspace']}")).json()
    assert (workspace["name"], workspace["role"]) == ("Engines", "owner")
    async with world.platform.database.connection() as connection:
        assert await begin_setup(connection) is None


async def test_a_set_up_link_works_once(world: World) -> None:
    token = await setup_link(world)
    asked = [wanted(token, email=f"p{number}@example.com") for number in range(3)]
    answers = await asyncio.gather(*(world.browser().post("/setup", json=one) for one in asked))
    assert sorted(one.status_code for one in answers) == [201, 404, 404]


async def test_a_refused_set_up_can_be_tried_again(world: World) -> None:
    token = await setup_link(world)
    browser = world.browser()
    assert (await browser.post("/setup", json=wanted(token, password="too short"))).status_code == 422
    assert (await browser.post("/setup", json=wanted(token, workspace=""))).status_code == 422
    assert (await browser.post("/setup", json=wanted("x" * 43))).status_code == 404
    assert (await browser.post("/setup", json=wanted(token))).status_code == 201


async def invited(world: World) -> tuple[Person, str]:
    """Somebody who invites, and the token for `new@example.com`."""
    ada = await world.person("ada")
    path = f"/workspaces/{await world.workspace(ada)}/invitations"
    await ada.ask("POST", path, {"email": "new@example.com", "role": "operator"})
    return ada, await world.invitation_token()


async def test_who_is_invited_signs_up_with_the_same_link(world: World) -> None:
    ada, token = await invited(world)
    browser = world.browser()
    given = {"token": token, "name": "New", "password": PASSWORD}
    weak = await browser.post("/invitations/sign-up", json=given | {"password": "Payments Payments"})
    assert (weak.status_code, weak.json()["field"]) == (422, "password")
    joined = await browser.post("/invitations/sign-up", json=given)
    assert joined.status_code == 201
    path = f"/workspaces/{joined.json()['workspace']}"
    assert (await browser.get(path)).json()["role"] == "operator"
    assert (await browser.get("/account")).json()["email"] == "new@example.com"
    assert (await world.browser().post("/invitations/sign-up", json=given)).status_code == 404
    (event,) = await world.audited("invitation.accept")
    assert event["actor_label"] == "new@example.com"
    assert len((await ada.ask("GET", f"{path}/members")).json()["items"]) == 2


async def test_an_address_that_has_an_account_accepts_with_it(world: World) -> None:
    _, token = await invited(world)
    new = await world.person("new")
    given = {"token": token, "name": "New", "password": PASSWORD}
    assert (await world.browser().post("/invitations/sign-up", json=given)).status_code == 409
    assert (await new.ask("POST", "/invitations/accept", {"token": token})).status_code == 200
