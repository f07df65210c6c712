"""API tokens: what they may do, until when, and who sees what of them."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from surefoot.workspaces.rules import EVERY_PERMISSION, Role
from surefoot.workspaces.tokens.model import Token
from surefoot.workspaces.tokens.rules import renewed_until
from tests.platform.workspaces.world import START, World

pytestmark = pytest.mark.anyio
WANTED = {"name": "ci", "scopes": ["workspace:read"], "expires_in_days": 30}


@pytest.mark.asvs("6.3.7")
async def test_a_personal_token_is_shown_once_and_told_by_mail(world: World) -> None:
    ada = await world.person("ada")
    workspace = await world.workspace(ada)
    made = (await ada.ask("POST", "/account/tokens", WANTED)).json()
    (listed,) = (await ada.ask("GET", "/account/tokens")).json()["items"]
    assert listed == {name: value for name, value in made.items() if name != "secret"}
    assert made["secret"].startswith(made["prefix"])
    assert (made["scopes"], made["expires_at"]) == (["workspace:read"], "2026-12-24T12:00:00Z")
    assert [mail["to"] for mail in await world.mails("token-created")] == ["ada@example.com"]
    token = world.bearer(made["secret"])
    assert (await token.get(f"/workspaces/{workspace}")).json()["permissions"] == ["workspace:read"]
    assert [one["id"] for one in (await token.get("/workspaces")).json()["items"]] == [str(workspace)]
    (event,) = await world.audited("token.create")
    assert made["secret"] not in str(event)


async def test_only_the_digest_of_a_token_is_stored(world: World) -> None:
    ada = await world.person("ada")
    made = await world.personal_token(ada, "workspace:read")
    async with world.platform.database.connection() as connection:
        cursor = await connection.execute("SELECT t::text AS stored FROM api_tokens t")
        (row,) = await cursor.fetchall()
    assert made.secret not in row["stored"]
    assert made.secret[12:] not in row["stored"]


async def test_a_token_expires(world: World) -> None:
    ada = await world.person("ada")
    token = world.bearer((await world.personal_token(ada, "workspace:read", days=1)).secret)
    world.at += timedelta(days=1) - timedelta(seconds=1)
    assert (await token.get("/workspaces")).status_code == 200
    world.at += timedelta(seconds=1)
    assert (await token.get("/workspaces")).status_code == 401


@pytest.mark.parametrize(
    "wrong",
    [{"expires_in_days": 367}, {"expires_in_days": 0}, {"scopes": []}, {"scopes": ["workspace:fly"]}, {"name": ""}],
)
async def test_a_token_that_would_hold_too_much_or_nothing_is_refused(world: World, wrong: dict[str, object]) -> None:
    ada = await world.person("ada")
    assert (await ada.ask("POST", "/account/tokens", WANTED | wrong)).status_code == 422


async def test_the_last_use_is_written_once_a_minute(world: World) -> None:
    ada = await world.person("ada")
    token = world.bearer((await world.personal_token(ada, "workspace:read")).secret)
    used = []
    for seconds in (0, 59, 1):
        world.at += timedelta(seconds=seconds)
        await token.get("/workspaces")
        used.append((await ada.ask("GET", "/account/tokens")).json()["items"][0]["used_at"])
    assert used == ["2026-11-24T12:00:00Z", "2026-11-24T12:00:00Z", "2026-11-24T12:01:00Z"]


async def test_a_revoked_token_is_not_known(world: World) -> None:
    ada, eve = await world.person("ada"), await world.person("eve")
    made = await world.personal_token(ada, "workspace:read")
    token = world.bearer(made.secret)
    assert (await eve.ask("DELETE", f"/account/tokens/{made.token.id}")).status_code == 404
    assert (await token.get("/workspaces")).status_code == 200
    assert (await ada.ask("DELETE", f"/account/tokens/{made.token.id}")).status_code == 204
    assert (await token.get("/workspaces")).status_code == 401


async def test_all_tokens_are_revoked_at_once_and_nobody_elses(world: World) -> None:
    ada, eve = await world.person("ada"), await world.person("eve")
    mine = [await world.personal_token(ada, "workspace:read") for _ in range(2)]
    others = await world.personal_token(eve, "workspace:read")
    assert (await ada.ask("DELETE", "/account/tokens")).json() == {"revoked": 2}
    statuses = [(await world.bearer(one.secret).get("/workspaces")).status_code for one in (*mine, others)]
    assert statuses == [401, 401, 200]


async def test_a_rotated_token_has_another_secret(world: World) -> None:
    ada = await world.person("ada")
    made = await world.personal_token(ada, "workspace:read", days=10)
    world.at += timedelta(days=1)
    await world.sign_in(ada)
    path = f"/account/tokens/{made.token.id}/rotate"
    new = (await ada.ask("POST", path, {})).json()
    assert (new["id"], new["expires_at"]) == (str(made.token.id), "2026-12-05T12:00:00Z")
    assert (await world.bearer(made.secret).get("/workspaces")).status_code == 401
    assert (await world.bearer(new["secret"]).get("/workspaces")).status_code == 200
    assert [mail["name"] for mail in await world.mails("token-created")] == ["mine", "mine"]


async def test_the_secret_before_works_for_the_grace_that_was_asked_for(world: World) -> None:
    ada = await world.person("ada")
    made = await world.personal_token(ada, "workspace:read")
    path = f"/account/tokens/{made.token.id}/rotate"
    assert (await ada.ask("POST", path, {"grace_hours": 25})).status_code == 422
    second = (await ada.ask("POST", path, {"grace_hours": 2})).json()
    secrets = (made.secret, second["secret"])
    world.at += timedelta(hours=2) - timedelta(seconds=1)
    assert [(await world.bearer(one).get("/workspaces")).status_code for one in secrets] == [200, 200]
    world.at += timedelta(seconds=1)
    assert [(await world.bearer(one).get("/workspaces")).status_code for one in secrets] == [401, 200]


async def test_a_secret_in_its_grace_does_not_outlive_the_life_it_was_given(world: World) -> None:
    ada = await world.person("ada")
    made = await world.personal_token(ada, "workspace:read", days=1)
    world.at += timedelta(hours=23)
    await world.sign_in(ada)
    rotated = await ada.ask("POST", f"/account/tokens/{made.token.id}/rotate", {"grace_hours": 24})
    assert rotated.json()["earlier_until"] == "2026-11-25T12:00:00Z"


def test_a_rotated_token_lives_as_long_as_before_or_as_is_said() -> None:
    token = Token(
        id=uuid4(),
        name="",
        scopes=(),
        prefix="",
        created_by="",
        created_at=START,
        expires_at=START + timedelta(days=30),
        rotated_at=START + timedelta(days=10),
        earlier_until=None,
        used_at=None,
    )
    assert renewed_until(token, None, START) == START + timedelta(days=20)
    assert renewed_until(token, 3, START) == START + timedelta(days=3)


@pytest.mark.asvs("8.4.1")
async def test_a_service_token_is_good_in_its_workspace_alone(world: World) -> None:
    ada = await world.person("ada")
    first, second = await world.workspace(ada, "One"), await world.workspace(ada, "Two")
    made = await ada.ask("POST", f"/workspaces/{first}/tokens", WANTED)
    assert made.json()["secret"].startswith("sft_svc_")
    token = world.bearer(made.json()["secret"])
    assert (await token.get(f"/workspaces/{first}")).status_code == 200
    assert (await token.get(f"/workspaces/{second}")).status_code == 404
    assert (await token.get("/workspaces")).status_code == 403
    other = f"/workspaces/{second}/tokens/{made.json()['id']}"
    assert (await ada.ask("DELETE", other)).status_code == 404
    assert (await ada.ask("POST", f"{other}/rotate", {})).status_code == 404
    (event,) = await world.audited("token.create")
    assert event["workspace"] == first


async def test_a_service_token_outlives_its_maker_and_a_personal_one_does_not(world: World) -> None:
    ada = await world.person("ada")
    workspace = await world.workspace(ada)
    grace = await world.member("grace", workspace, Role.ADMIN)
    tokens = [
        world.bearer((await world.service_token(grace, workspace, "workspace:read")).secret),
        world.bearer((await world.personal_token(grace, "workspace:read")).secret),
    ]
    await ada.ask("DELETE", f"/workspaces/{workspace}/members/{grace.account}")
    assert [(await one.get(f"/workspaces/{workspace}")).status_code for one in tokens] == [200, 404]
    (listed,) = (await ada.ask("GET", f"/workspaces/{workspace}/tokens")).json()["items"]
    assert listed["created_by"] == "grace@example.com"


async def test_a_service_token_holds_nothing_that_is_an_owners(world: World) -> None:
    ada = await world.person("ada")
    workspace = await world.workspace(ada)
    beyond = WANTED | {"scopes": ["workspace:delete"]}
    refused = await ada.ask("POST", f"/workspaces/{workspace}/tokens", beyond)
    assert (refused.status_code, refused.json()["field"]) == (422, "scopes")


async def test_a_token_makes_no_tokens_and_passes_no_step_up(world: World) -> None:
    ada = await world.person("ada")
    workspace = await world.workspace(ada)
    token = world.bearer((await world.personal_token(ada, *EVERY_PERMISSION)).secret)
    wanted = [
        ("POST", "/account/tokens", WANTED),
        ("POST", f"/workspaces/{workspace}/tokens", WANTED),
        ("POST", f"/workspaces/{workspace}/invitations", {"email": "x@example.com", "role": "viewer"}),
        ("DELETE", f"/workspaces/{workspace}", {"name": "Payments"}),
        ("POST", "/device/BCDF-GHJK/approve", None),
        ("GET", "/account/tokens", None),
    ]
    answers = [await token.request(method, path, json=body) for method, path, body in wanted]
    assert {one.status_code for one in answers} == {403}


async def test_making_a_token_needs_a_fresh_proof(world: World) -> None:
    ada = await world.person("ada")
    world.at += timedelta(minutes=6)
    answer = await ada.ask("POST", "/account/tokens", WANTED)
    assert (answer.status_code, answer.json()["code"]) == (403, "step-up-needed")


@pytest.mark.parametrize("kind", ["pat", "svc"])
async def test_a_token_tells_of_itself_and_gives_itself_up(world: World, kind: str) -> None:
    ada = await world.person("ada")
    workspace = await world.workspace(ada)
    made = {
        "pat": await world.personal_token(ada, "projects:read"),
        "svc": await world.service_token(ada, workspace, "projects:read"),
    }[kind]
    token, owner = world.bearer(made.secret), {"pat": "ada@example.com", "svc": "Payments"}[kind]
    told = (await token.get("/tokens/current")).json()
    assert (told["kind"], told["owner"], told["id"]) == (kind, owner, str(made.token.id))
    assert (await token.delete("/tokens/current")).status_code == 204
    assert (await token.get("/tokens/current")).status_code == 401
    (event,) = await world.audited("token.revoke")
    assert event["workspace"] == (workspace if kind == "svc" else None)


async def test_a_session_is_no_token(world: World) -> None:
    ada = await world.person("ada")
    for method in ("GET", "DELETE"):
        answer = await ada.ask(method, "/tokens/current")
        assert (answer.status_code, answer.json()["code"]) == (401, "not-signed-in")


async def test_the_token_of_a_disabled_account_is_not_known(world: World) -> None:
    ada = await world.person("ada")
    workspace = await world.workspace(ada)
    mine = await world.personal_token(ada, "workspace:read")
    shared = await world.service_token(ada, workspace, "workspace:read")
    await world.disable(ada)
    path = f"/workspaces/{workspace}"
    assert [(await world.bearer(one.secret).get(path)).status_code for one in (mine, shared)] == [401, 200]
