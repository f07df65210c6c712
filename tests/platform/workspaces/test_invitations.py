"""Invitations: by mail, for one address, once."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from surefoot.workspaces.members.store import insert_member
from surefoot.workspaces.rules import Role
from tests.platform.workspaces.world import World

pytestmark = pytest.mark.anyio


async def test_who_is_invited_becomes_a_member_once(world: World) -> None:
    ada = await world.person("ada")
    workspace = await world.workspace(ada)
    sent = await ada.ask(
        "POST", f"/workspaces/{workspace}/invitations", {"email": "Grace@Example.com", "role": "operator"}
    )
    assert (sent.status_code, sent.json()["email"]) == (201, "Grace@Example.com")
    (mail,) = await world.mails("invitation")
    assert (mail["to"], mail["workspace"], mail["inviter"]) == ("Grace@Example.com", "Payments", "ada@example.com")
    token = {"token": await world.invitation_token()}
    grace = await world.person("grace")
    read = await world.browser().post("/invitations/read", json=token)
    assert (read.json()["workspace"], read.json()["role"]) == ("Payments", "operator")
    joined = await grace.ask("POST", "/invitations/accept", token)
    assert joined.json() == {"workspace": str(workspace), "name": "Payments"}
    assert (await grace.ask("GET", f"/workspaces/{workspace}")).json()["role"] == "operator"
    assert (await grace.ask("POST", "/invitations/accept", token)).status_code == 404
    (event,) = await world.audited("invitation.accept")
    assert event["workspace"] == workspace


async def test_an_invitation_is_for_its_address_alone(world: World) -> None:
    ada, eve = await world.person("ada"), await world.person("eve")
    workspace = await world.workspace(ada)
    await ada.ask("POST", f"/workspaces/{workspace}/invitations", {"email": "grace@example.com", "role": "viewer"})
    token = {"token": await world.invitation_token()}
    assert (await eve.ask("POST", "/invitations/accept", token)).status_code == 403
    grace = await world.person("grace")
    assert (await grace.ask("POST", "/invitations/accept", token)).status_code == 200


async def test_a_second_invitation_of_an_address_voids_the_first(world: World) -> None:
    ada = await world.person("ada")
    path = f"/workspaces/{await world.workspace(ada)}/invitations"
    await ada.ask("POST", path, {"email": "grace@example.com", "role": "viewer"})
    first = await world.invitation_token()
    await ada.ask("POST", path, {"email": "GRACE@example.com", "role": "admin"})
    assert [one["role"] for one in (await ada.ask("GET", path)).json()["items"]] == ["admin"]
    read = world.browser()
    assert (await read.post("/invitations/read", json={"token": first})).status_code == 404
    assert (await read.post("/invitations/read", json={"token": await world.invitation_token()})).status_code == 200


async def test_an_invitation_lives_seven_days(world: World) -> None:
    ada = await world.person("ada")
    path = f"/workspaces/{await world.workspace(ada)}/invitations"
    await ada.ask("POST", path, {"email": "grace@example.com", "role": "viewer"})
    token = {"token": await world.invitation_token()}
    world.at += timedelta(days=7) - timedelta(seconds=1)
    assert (await world.browser().post("/invitations/read", json=token)).status_code == 200
    world.at += timedelta(seconds=1)
    assert (await world.browser().post("/invitations/read", json=token)).status_code == 404
    await world.sign_in(ada)
    assert (await ada.ask("GET", path)).json()["items"] == []


async def test_an_invitation_that_was_taken_back_is_void(world: World) -> None:
    ada, grace = await world.person("ada"), await world.person("grace")
    path = f"/workspaces/{await world.workspace(ada)}/invitations"
    made = (await ada.ask("POST", path, {"email": grace.email, "role": "viewer"})).json()
    assert (await ada.ask("DELETE", f"{path}/{made['id']}")).status_code == 204
    assert (await ada.ask("DELETE", f"{path}/{made['id']}")).status_code == 404
    assert (
        await grace.ask("POST", "/invitations/accept", {"token": await world.invitation_token()})
    ).status_code == 404


@pytest.mark.parametrize(
    ("method", "body", "left"), [("DELETE", None, 0), ("PATCH", {"role": "viewer"}, 0), ("PATCH", {"role": "owner"}, 1)]
)
async def test_an_invitation_falls_with_the_role_of_who_sent_it(
    world: World, method: str, body: dict[str, str] | None, left: int
) -> None:
    ada, grace = await world.person("ada"), await world.person("grace")
    workspace = await world.workspace(ada)
    path = f"/workspaces/{workspace}"
    eve = await world.member("eve", workspace, Role.ADMIN)
    await eve.ask("POST", f"{path}/invitations", {"email": grace.email, "role": "viewer"})
    await ada.ask(method, f"{path}/members/{eve.account}", body)
    assert len((await ada.ask("GET", f"{path}/invitations")).json()["items"]) == left
    token = {"token": await world.invitation_token()}
    assert (await grace.ask("POST", "/invitations/accept", token)).status_code == (200 if left else 404)


async def test_nobody_invites_above_their_own_role_or_who_is_there(world: World) -> None:
    ada = await world.person("ada")
    workspace = await world.workspace(ada)
    grace = await world.member("grace", workspace, Role.ADMIN)
    path = f"/workspaces/{workspace}/invitations"
    assert (await grace.ask("POST", path, {"email": "x@example.com", "role": "owner"})).status_code == 403
    assert (await grace.ask("POST", path, {"email": "ADA@example.com", "role": "viewer"})).status_code == 409
    assert (await grace.ask("POST", path, {"email": "no address", "role": "viewer"})).status_code == 422
    assert await world.mails("invitation") == []


async def test_an_invitation_that_is_accepted_twice_at_once_makes_one_member(world: World) -> None:
    ada, grace = await world.person("ada"), await world.person("grace")
    workspace = await world.workspace(ada)
    await ada.ask("POST", f"/workspaces/{workspace}/invitations", {"email": grace.email, "role": "viewer"})
    token = {"token": await world.invitation_token()}
    answers = await asyncio.gather(*(grace.ask("POST", "/invitations/accept", token) for _ in range(4)))
    assert sorted(one.status_code for one in answers) == [200, 404, 404, 404]


async def test_who_is_a_member_already_keeps_their_role(world: World) -> None:
    ada, grace = await world.person("ada"), await world.person("grace")
    workspace = await world.workspace(ada)
    path = f"/workspaces/{workspace}"
    await ada.ask("POST", f"{path}/invitations", {"email": grace.email, "role": "operator"})
    await grace.ask("POST", "/invitations/accept", {"token": await world.invitation_token()})
    assert (await ada.ask("POST", f"{path}/invitations", {"email": grace.email, "role": "admin"})).status_code == 409
    assert (await grace.ask("GET", path)).json()["role"] == "operator"


async def test_one_account_causes_a_bounded_number_of_mails(world: World) -> None:
    ada = await world.person("ada")
    path = f"/workspaces/{await world.workspace(ada)}/invitations"
    asked = [ada.ask("POST", path, {"email": f"p{number}@example.com", "role": "viewer"}) for number in range(61)]
    statuses = [(await one).status_code for one in asked]
    assert statuses == [201] * 60 + [429]


async def test_one_address_is_not_pestered_and_others_can_still_ask_it(world: World) -> None:
    ada, grace = await world.person("ada"), await world.person("grace")
    ours, theirs = [f"/workspaces/{await world.workspace(one)}/invitations" for one in (ada, grace)]
    spellings = ("a@example.com", "A@example.com", "a@EXAMPLE.com")
    asked = [{"email": spellings[number % 3], "role": "viewer"} for number in range(6)]
    assert [(await ada.ask("POST", ours, one)).status_code for one in asked] == [201] * 5 + [429]
    assert (await grace.ask("POST", theirs, asked[0])).status_code == 201
    assert len(await world.mails("invitation")) == 6


async def test_an_invitation_that_a_member_uses_up_is_told(world: World) -> None:
    ada, grace = await world.person("ada"), await world.person("grace")
    workspace = await world.workspace(ada)
    await ada.ask("POST", f"/workspaces/{workspace}/invitations", {"email": grace.email, "role": "operator"})
    async with world.platform.database.transaction() as connection:
        await insert_member(connection, workspace, grace.account, Role.VIEWER, world.at)
    answer = await grace.ask("POST", "/invitations/accept", {"token": await world.invitation_token()})
    assert answer.status_code == 200
    (event,) = await world.audited("invitation.accept")
    assert event["after"] == {"email": grace.email, "role": "operator", "joined": False}
    assert (await grace.ask("GET", f"/workspaces/{workspace}")).json()["role"] == "viewer"


async def test_an_invitation_of_a_disabled_account_is_void(world: World) -> None:
    ada = await world.person("ada")
    await ada.ask("POST", f"/workspaces/{await world.workspace(ada)}/invitations", {"email": "x@y.z", "role": "viewer"})
    await world.disable(ada)
    token = {"token": await world.invitation_token()}
    assert (await world.browser().post("/invitations/read", json=token)).status_code == 404


async def test_who_may_not_take_an_invitation_back_sees_why(world: World) -> None:
    ada = await world.person("ada")
    workspace = await world.workspace(ada)
    viewer = await world.member("viewer", workspace, Role.VIEWER)
    path = f"/workspaces/{workspace}/invitations"
    made = (await ada.ask("POST", path, {"email": "x@y.z", "role": "viewer"})).json()
    assert made["allowed_actions"] == [{"action": "revoke", "allowed": True, "reason": ""}]
    (seen,) = (await viewer.ask("GET", path)).json()["items"]
    assert seen["allowed_actions"][0]["reason"].startswith("The role viewer does not hold members:write")
