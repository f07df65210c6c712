"""Workspaces: making, seeing, changing and deleting them."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from surefoot.workspaces.members.store import insert_member
from surefoot.workspaces.rules import Role
from surefoot.workspaces.service import slug_of, sweep
from tests.platform.workspaces.world import World

pytestmark = pytest.mark.anyio


async def test_who_makes_a_workspace_is_its_owner(world: World) -> None:
    ada = await world.person("ada")
    made = await ada.ask("POST", "/workspaces", {"name": "  Zahlungen & Übersicht "})
    assert made.status_code == 201
    shown = made.json()
    assert (shown["name"], shown["slug"], shown["role"]) == ("Zahlungen & Übersicht", "zahlungen-ubersicht", "owner")
    assert {one["action"] for one in shown["allowed_actions"] if not one["allowed"]} == set()
    assert (await ada.ask("GET", f"/workspaces/{shown['id']}")).json() == shown
    (event,) = await world.audited("workspace.create")
    assert str(event["workspace"]) == shown["id"]


async def test_a_creation_that_is_sent_twice_makes_one_workspace(world: World) -> None:
    ada = await world.person("ada")
    key = {"Idempotency-Key": "the-same-key"}
    first = await ada.ask("POST", "/workspaces", {"name": "Payments"}, **key)
    assert (await ada.ask("POST", "/workspaces", {"name": "Payments"}, **key)).json() == first.json()
    assert (await ada.ask("POST", "/workspaces", {"name": "Other"}, **key)).status_code == 409
    assert len((await ada.ask("GET", "/workspaces")).json()["items"]) == 1


async def test_two_workspaces_of_one_name_have_different_slugs(world: World) -> None:
    ada = await world.person("ada")
    slugs = [(await ada.ask("POST", "/workspaces", {"name": "Shop"})).json()["slug"] for _ in range(2)]
    assert slugs[0] == "shop"
    assert slugs[1].startswith("shop-")


@pytest.mark.parametrize(
    ("name", "slug"), [("Größe 7!", "groe-7"), ("決済", "workspace"), ("a" * 60, "a" * 40), ("--", "workspace")]
)
def test_a_slug_is_plain(name: str, slug: str) -> None:
    assert slug_of(name) == slug


@pytest.mark.parametrize("name", ["", "   ", "x" * 81, "a\nb", "a\u202eb", "a\x00b"])
async def test_a_name_is_one_readable_line(world: World, name: str) -> None:
    ada = await world.person("ada")
    assert (await ada.ask("POST", "/workspaces", {"name": name})).status_code == 422


async def test_the_list_has_my_workspaces_in_pages(world: World) -> None:
    ada, grace = await world.person("ada"), await world.person("grace")
    mine = [str(await world.workspace(ada, f"W {number}")) for number in range(3)]
    await world.workspace(grace)
    first = (await ada.ask("GET", "/workspaces?limit=2")).json()
    second = (await ada.ask("GET", f"/workspaces?limit=2&cursor={first['next']}")).json()
    assert [one["id"] for one in first["items"] + second["items"]] == sorted(mine)
    assert second["next"] is None


@pytest.mark.asvs("8.4.1")
async def test_a_workspace_of_others_is_as_one_that_is_not(world: World) -> None:
    ada, grace = await world.person("ada"), await world.person("grace")
    others = await world.workspace(grace)
    await world.workspace(ada)
    answers = [(await ada.ask("GET", f"/workspaces/{one}")) for one in (others, uuid4())]
    told = [
        (one.status_code, {name: value for name, value in one.json().items() if name != "request_id"})
        for one in answers
    ]
    assert told[0] == told[1]
    assert told[0][0] == 404


async def test_a_workspace_is_renamed_by_who_has_read_it(world: World) -> None:
    ada = await world.person("ada")
    path = f"/workspaces/{await world.workspace(ada)}"
    tag = (await ada.ask("GET", path)).headers["etag"]
    renamed = await ada.ask("PATCH", path, {"name": "New"}, **{"If-Match": tag})
    assert (renamed.status_code, renamed.json()["name"], renamed.json()["slug"]) == (200, "New", "payments")
    assert (await ada.ask("PATCH", path, {"name": "Late"}, **{"If-Match": tag})).status_code == 412
    assert (await ada.ask("PATCH", path, {"name": "Blind"})).status_code == 412
    assert (await ada.ask("GET", path)).headers["etag"] == renamed.headers["etag"] != tag


async def test_a_workspace_is_deleted_by_its_name(world: World) -> None:
    ada = await world.person("ada")
    path = f"/workspaces/{await world.workspace(ada)}"
    assert (await ada.ask("DELETE", path, {"name": "payments"})).status_code == 422
    assert (await ada.ask("DELETE", path, {"name": "Payments"})).status_code == 204
    assert (await ada.ask("GET", path)).status_code == 404
    (event,) = await world.audited("workspace.delete")
    assert event["before"]["name"] == "Payments"


async def test_an_admin_is_told_why_a_workspace_is_not_theirs_to_delete(world: World) -> None:
    ada = await world.person("ada")
    workspace = await world.workspace(ada)
    grace = await world.member("grace", workspace, Role.ADMIN)
    path = f"/workspaces/{workspace}"
    (told,) = [one for one in (await grace.ask("GET", path)).json()["allowed_actions"] if one["action"] == "delete"]
    assert told["reason"] == "The role admin does not hold workspace:delete; those who do: owner."
    assert (await grace.ask("DELETE", path, {"name": "Payments"})).status_code == 403


@pytest.mark.asvs("6.3.3")
async def test_where_a_second_factor_is_asked_for_who_has_none_stays_out(world: World) -> None:
    ada = await world.person("ada")
    workspace = await world.workspace(ada)
    grace = await world.member("grace", workspace, Role.ADMIN)
    path, required = f"/workspaces/{workspace}", {"required": True}
    tag = {"If-Match": (await ada.ask("GET", path)).headers["etag"]}
    refused = await ada.ask("PUT", f"{path}/second-factor", required, **tag)
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
    await world.enrol(ada)
    assert (await ada.ask("PUT", f"{path}/second-factor", required, **tag)).json()["require_second_factor"] is True
    for asked in (path, f"{path}/members", f"{path}/tokens"):
        answer = await grace.ask("GET", asked)
        assert (answer.status_code, answer.json()["needed"]) == (403, "second-factor")
        assert "passkey" in answer.json()["hint"]
        assert (await ada.ask("GET", asked)).status_code == 200
    token = world.bearer((await world.personal_token(grace, "workspace:read")).secret)
    assert (await token.get(path)).status_code == 403
    await world.enrol(grace)
    assert (await grace.ask("GET", path)).status_code == 200
    assert (await token.get(path)).status_code == 200


async def test_the_last_factor_stays_while_a_workspace_asks_for_one(world: World) -> None:
    ada = await world.person("ada")
    path = f"/workspaces/{await world.workspace(ada)}"
    await world.enrol(ada)
    required = {"required": True}, {"If-Match": (await ada.ask("GET", path)).headers["etag"]}
    asked = await ada.ask("PUT", f"{path}/second-factor", required[0], **required[1])
    (passkey,) = (await ada.ask("GET", "/account/factors")).json()["passkeys"]
    refused = await ada.ask("DELETE", f"/account/factors/passkeys/{passkey['id']}")
    assert refused.status_code == 409
    tag = {"If-Match": asked.headers["etag"]}
    assert (await ada.ask("PUT", f"{path}/second-factor", {"required": False}, **tag)).status_code == 200


@pytest.mark.asvs("8.4.1")
async def test_what_is_in_a_workspace_is_not_in_another(world: World) -> None:
    ada, eve = await world.person("ada"), await world.person("eve")
    mine, theirs = f"/workspaces/{await world.workspace(ada)}", f"/workspaces/{await world.workspace(eve)}"
    given = {"email": "x@example.com", "role": "viewer"}
    invitation = (await ada.ask("POST", f"{mine}/invitations", given)).json()["id"]
    token = (await ada.ask("POST", f"{mine}/tokens", {"name": "ci", "scopes": ["workspace:read"]})).json()["id"]
    for where in (f"invitations/{invitation}", f"tokens/{token}", f"members/{ada.account}"):
        assert (await eve.ask("DELETE", f"{theirs}/{where}")).status_code == 404
    assert [one["id"] for one in (await ada.ask("GET", f"{mine}/invitations")).json()["items"]] == [invitation]
    assert [one["id"] for one in (await ada.ask("GET", f"{mine}/tokens")).json()["items"]] == [token]


async def test_what_is_over_is_swept(world: World) -> None:
    ada = await world.person("ada")
    path = f"/workspaces/{await world.workspace(ada)}/invitations"
    await ada.ask("POST", path, {"email": "x@example.com", "role": "viewer"})
    await world.browser().post("/device/code", json={"client": "surefoot", "scopes": ["workspace:read"]})
    left = []
    for at in (world.at, world.at + timedelta(minutes=15), world.at + timedelta(days=7)):
        async with world.platform.database.transaction() as connection:
            await sweep(connection, at)
            query = "SELECT (SELECT count(*) FROM device_requests), (SELECT count(*) FROM invitations) AS invitations"
            (row,) = await (await connection.execute(query)).fetchall()
            left.append(tuple(row.values()))
    assert left == [(1, 1), (0, 1), (0, 0)]


@pytest.mark.asvs("8.2.3")
async def test_a_field_that_is_not_the_callers_to_set_is_refused(world: World) -> None:
    ada = await world.person("ada")
    workspace = await world.workspace(ada)
    admin = await world.member("admin", workspace, Role.ADMIN)
    path = f"/workspaces/{workspace}"
    tag = {"If-Match": (await admin.ask("GET", path)).headers["etag"]}
    for extra in ({"require_second_factor": False}, {"slug": "mine"}, {"role": "owner"}, {"version": 9}):
        answer = await admin.ask("PATCH", path, {"name": "New", **extra}, **tag)
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, f"#/body/{next(iter(extra))}")
    wanted = {"name": "ci", "scopes": ["workspace:read"], "workspace": str(workspace)}
    assert (await admin.ask("POST", "/account/tokens", wanted)).status_code == 422


async def test_a_deletion_among_changes_is_an_error_of_nobody(world: World) -> None:
    ada, grace, new = await world.person("ada"), await world.person("grace"), await world.person("new")
    other = await world.person("other")
    for _ in range(8):
        workspace = await world.workspace(ada)
        path = f"/workspaces/{workspace}"
        async with world.platform.database.transaction() as connection:
            await insert_member(connection, workspace, grace.account, Role.OWNER, world.at)
            await insert_member(connection, workspace, other.account, Role.ADMIN, world.at)
        await ada.ask("POST", f"{path}/invitations", {"email": new.email, "role": "viewer"})
        token = {"token": await world.invitation_token()}
        answers = await asyncio.gather(
            grace.ask("POST", f"{path}/leave"),
            ada.ask("PATCH", f"{path}/members/{other.account}", {"role": "viewer"}),
            new.ask("POST", "/invitations/accept", token),
            ada.ask("DELETE", path, {"name": "Payments"}),
            ada.ask("DELETE", f"{path}/members/{ada.account}"),
        )
        assert {one.status_code for one in answers} <= {200, 204, 404, 409}
