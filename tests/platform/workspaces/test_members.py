"""Members: their roles, and that a workspace keeps an owner."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest
from psycopg.errors import CheckViolation

from surefoot.errors import NotAllowed
from surefoot.workspaces.members.service import remove_member
from surefoot.workspaces.rules import Role
from surefoot.workspaces.service import delete_workspace
from tests.platform.workspaces.world import World

pytestmark = pytest.mark.anyio


async def test_the_list_says_what_may_be_done_with_whom(world: World) -> None:
    ada = await world.person("ada")
    workspace = await world.workspace(ada)
    grace = await world.member("grace", workspace, Role.ADMIN)
    members = (await grace.ask("GET", f"/workspaces/{workspace}/members?limit=1")).json()
    rest = (await grace.ask("GET", f"/workspaces/{workspace}/members?cursor={members['next']}")).json()
    told = {
        one["email"]: {action["action"]: action["reason"] for action in one["allowed_actions"]}
        for one in members["items"] + rest["items"]
    }
    last = "The only owner of a workspace stays one: make somebody else an owner first."
    assert told == {
        "ada@example.com": {"change-role": last, "remove": last},
        "grace@example.com": {"change-role": "", "remove": "", "leave": ""},
    }


@pytest.mark.asvs("8.3.2")
async def test_a_demotion_counts_from_the_next_request_on(world: World) -> None:
    ada = await world.person("ada")
    workspace = await world.workspace(ada)
    grace = await world.member("grace", workspace, Role.ADMIN)
    token = world.bearer((await world.personal_token(grace, "tokens:read", "workspace:read")).secret)
    path = f"/workspaces/{workspace}"
    assert (await grace.ask("GET", f"{path}/tokens")).status_code == 200
    assert (await token.get(f"{path}/tokens")).status_code == 200
    changed = await ada.ask("PATCH", f"{path}/members/{grace.account}", {"role": "viewer"})
    assert (changed.status_code, changed.json()["role"]) == (200, "viewer")
    assert (await grace.ask("GET", f"{path}/tokens")).status_code == 403
    assert (await token.get(f"{path}/tokens")).status_code == 403
    assert (await ada.ask("DELETE", f"{path}/members/{grace.account}")).status_code == 204
    assert (await grace.ask("GET", path)).status_code == 404
    assert (await token.get(path)).status_code == 404
    (event,) = await world.audited("member.change-role")
    assert (event["before"], event["after"]) == ({"role": "admin"}, {"role": "viewer"})
    assert len(await world.audited("member.remove")) == 1


async def test_nobody_reaches_above_their_own_role(world: World) -> None:
    ada = await world.person("ada")
    workspace = await world.workspace(ada)
    grace = await world.member("grace", workspace, Role.ADMIN)
    linus = await world.member("linus", workspace, Role.VIEWER)
    path = f"/workspaces/{workspace}/members"
    assert (await grace.ask("PATCH", f"{path}/{grace.account}", {"role": "owner"})).status_code == 403
    assert (await grace.ask("PATCH", f"{path}/{linus.account}", {"role": "owner"})).status_code == 403
    assert (await grace.ask("PATCH", f"{path}/{ada.account}", {"role": "viewer"})).status_code == 403
    assert (await grace.ask("DELETE", f"{path}/{ada.account}")).status_code == 403
    assert (await grace.ask("PATCH", f"{path}/{linus.account}", {"role": "admin"})).status_code == 200


async def test_who_is_no_member_is_not_there(world: World) -> None:
    ada, other = await world.person("ada"), await world.person("other")
    workspace = await world.workspace(ada)
    for account in (other.account, uuid4()):
        answer = await ada.ask("DELETE", f"/workspaces/{workspace}/members/{account}")
        assert (answer.status_code, answer.json()["detail"]) == (404, "There is no such member in this workspace.")


async def test_the_last_owner_stays(world: World) -> None:
    ada = await world.person("ada")
    workspace = await world.workspace(ada)
    path = f"/workspaces/{workspace}"
    for method, where, body in (
        ("POST", "leave", None),
        ("DELETE", f"members/{ada.account}", None),
        ("PATCH", f"members/{ada.account}", {"role": "admin"}),
    ):
        answer = await ada.ask(method, f"{path}/{where}", body)
        assert (answer.status_code, answer.json()["hint"]) == (409, "Make somebody else an owner first.")
    grace = await world.member("grace", workspace, Role.OWNER)
    assert (await ada.ask("POST", f"{path}/leave")).status_code == 204
    assert (await grace.ask("POST", f"{path}/leave")).status_code == 409


@pytest.mark.parametrize(
    ("method", "where", "body", "status"),
    [
        ("POST", "leave", None, 204),
        ("PATCH", "members/{account}", {"role": "viewer"}, 200),
        ("DELETE", "members/{account}", None, 204),
    ],
)
async def test_of_owners_who_go_at_once_one_stays(
    world: World, method: str, where: str, body: dict[str, str] | None, status: int
) -> None:
    ada = await world.person("ada")
    workspace = await world.workspace(ada)
    owners = [ada, *[await world.member(f"owner{number}", workspace, Role.OWNER) for number in range(5)]]
    path = f"/workspaces/{workspace}/{where}"
    answers = await asyncio.gather(*(one.ask(method, path.format(account=one.account), body) for one in owners))
    assert sorted(one.status_code for one in answers) == [status] * 5 + [409]


async def test_two_owners_who_remove_one_another_do_not_both_succeed(world: World) -> None:
    ada = await world.person("ada")
    workspace = await world.workspace(ada)
    grace = await world.member("grace", workspace, Role.OWNER)
    path = f"/workspaces/{workspace}/members"
    answers = await asyncio.gather(
        ada.ask("DELETE", f"{path}/{grace.account}"), grace.ask("DELETE", f"{path}/{ada.account}")
    )
    statuses = sorted(one.status_code for one in answers)
    assert statuses[0] == 204
    assert statuses[1] in {404, 409}


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM members WHERE workspace_id = %(workspace)s",
        "UPDATE members SET role = 'admin' WHERE workspace_id = %(workspace)s",
        "DELETE FROM accounts WHERE id = %(account)s",
    ],
)
async def test_the_database_itself_keeps_an_owner(world: World, statement: str) -> None:
    ada = await world.person("ada")
    workspace = await world.workspace(ada)
    await world.member("grace", workspace, Role.ADMIN)
    given = {"workspace": workspace, "account": ada.account}
    async with world.platform.database.connection() as connection:
        with pytest.raises(CheckViolation, match="a workspace keeps an owner"):
            await connection.execute(statement.encode(), given)
        await connection.execute("DELETE FROM workspaces WHERE id = %(workspace)s", given)


async def test_whoever_was_demoted_after_the_guard_let_them_in_removes_nothing(world: World) -> None:
    ada = await world.person("ada")
    workspace = await world.workspace(ada)
    grace, linus = [await world.member(name, workspace, Role.VIEWER) for name in ("grace", "linus")]
    call = world.call(world.actor(grace), workspace)
    with pytest.raises(NotAllowed):
        async with world.platform.database.transaction() as connection:
            await remove_member(connection, call, linus.account)
    with pytest.raises(NotAllowed):
        async with world.platform.database.transaction() as connection:
            await delete_workspace(connection, call, "Payments")
    assert (await linus.ask("GET", f"/workspaces/{workspace}")).status_code == 200
