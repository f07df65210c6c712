"""Who is let in: the guard on routes that declare each kind of access."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import APIRouter, Request

from surefoot.accounts.sessions import PLAIN_COOKIE, begin_session
from surefoot.api.app import make_app
from surefoot.calls import Call
from surefoot.db.ids import new_id
from surefoot.db.pool import Connection
from surefoot.errors import Conflict, UsageError
from surefoot.vault.tokens import TokenKind, digest, new_token
from surefoot.web import access
from surefoot.web.platform import Platform, call_of
from surefoot.workspaces.rules import Role

pytestmark = pytest.mark.anyio

router = APIRouter()
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def _told(request: Request) -> dict[str, Any]:
    call = call_of(request)
    return {"actor": str(call.actor.id), "address": call.address, "workspace": str(call.workspace), "at": str(call.at)}


@router.get("/open", operation_id="test.open", **access.anyone())
async def _open(request: Request) -> dict[str, Any]:
    return _told(request)


@router.get("/mine", operation_id="test.mine", **access.account())
async def _mine(request: Request) -> dict[str, Any]:
    return _told(request)


@router.get("/mine/tokens", operation_id="test.mine-token", **access.account("workspace:read", tokens=True))
async def _mine_by_token(request: Request) -> dict[str, Any]:
    return _told(request)


@router.post("/mine", operation_id="mine.change", **access.account(step_up=True))
async def _change(request: Request) -> dict[str, Any]:
    return _told(request)


@router.get("/workspaces/{workspace}/things", operation_id="things.list", **access.member("members:read"))
async def _things(request: Request, workspace: UUID) -> dict[str, Any]:
    return _told(request)


@router.post("/workspaces/{workspace}/things", operation_id="things.make", **access.member("members:write"))
async def _make(request: Request, workspace: UUID) -> dict[str, Any]:
    raise Conflict("The thing is there already.")


@router.delete(
    "/workspaces/{workspace}/things", operation_id="things.delete", **access.member("members:write", step_up=True)
)
async def _delete(request: Request, workspace: UUID) -> dict[str, Any]:
    return _told(request)


@dataclass
class World:
    """An API with a clock, an account, a workspace of its and one of others."""

    platform: Platform
    client: httpx.AsyncClient
    call: Call
    account: UUID
    workspace: UUID
    others: UUID
    at: datetime = NOW

    async def sign_in(self) -> str:
        async with self.platform.database.transaction() as connection:
            begun = await begin_session(connection, replace(self.call, at=self.at), self.account, ("password",))
        self.client.cookies.set(PLAIN_COOKIE, begun.secret)
        return begun.secret

    async def become(self, role: Role) -> None:
        async with self.platform.database.transaction() as connection:
            await connection.execute(
                "INSERT INTO members (workspace_id, account_id, role, joined_at) VALUES (%(w)s, %(a)s, %(r)s, %(at)s) "
                "ON CONFLICT (workspace_id, account_id) DO UPDATE SET role = excluded.role",
                {"w": self.workspace, "a": self.account, "r": role, "at": NOW},
            )

    async def use_up(self, limit: str) -> None:
        """Have nothing left of a limit for whoever has taken of it."""
        async with self.platform.database.connection() as connection:
            query = "UPDATE limits SET arrival = clock_timestamp() + interval '1 day' WHERE name = %s"
            assert (await connection.execute(query, (limit,))).rowcount == 1

    async def refusals(self) -> list[tuple[Any, ...]]:
        async with self.platform.database.connection() as connection:
            cursor = await connection.execute(
                "SELECT about, outcome, reason, workspace FROM audit_events WHERE action = 'request.refuse' ORDER BY id"
            )
            return [tuple(row.values()) for row in await cursor.fetchall()]


@pytest.fixture
async def world(platform: Platform, call: Call) -> AsyncIterator[World]:
    app = make_app(platform, clock=lambda: made.at, more=(router,))
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app, client=("192.0.2.7", 40000)),
        base_url="http://localhost:8000/api/v1",
        headers={"X-Surefoot": "1", "Sec-Fetch-Site": "same-origin"},
    ) as client:
        async with platform.database.transaction() as connection:
            account, mine, others = (
                await _account(connection),
                await _workspace(connection),
                await _workspace(connection),
            )
        made = World(platform, client, call, account, mine, others)
        yield made


async def _account(connection: Connection) -> UUID:
    account = new_id()
    await connection.execute(
        "INSERT INTO accounts (id, email, email_key, name, verified_at, created_at) VALUES (%s, %s, %s, 'Ada', %s, %s)",
        (account, f"{account}@example.com", f"{account}@example.com", NOW, NOW),
    )
    return account


async def _workspace(connection: Connection) -> UUID:
    workspace = new_id()
    await connection.execute(
        "INSERT INTO workspaces (id, slug, name, created_at) VALUES (%s, %s, 'Shop', %s)",
        (workspace, f"w-{workspace}", NOW),
    )
    return workspace


async def test_a_route_without_a_declaration_does_not_start(platform: Platform) -> None:
    bare = APIRouter()
    bare.add_api_route("/bare", _open, operation_id="test.bare")
    with pytest.raises(UsageError, match="/bare does not declare"):
        make_app(platform, more=(bare,))


async def test_a_route_without_a_name_of_its_own_does_not_start(platform: Platform) -> None:
    twin = APIRouter()
    twin.add_api_route("/twin", _open, operation_id="test.open", **access.anyone())
    with pytest.raises(UsageError, match="/twin has no operation_id"):
        make_app(platform, more=(router, twin))


async def test_anyone_may_call_what_is_open(world: World) -> None:
    answer = await world.client.get("/open")
    assert answer.json() == {"actor": "None", "address": "192.0.2.7", "workspace": "None", "at": str(NOW)}


@pytest.mark.asvs("8.2.1")
async def test_a_strangers_request_is_told_to_sign_in(world: World) -> None:
    answer = await world.client.get("/mine")
    assert (answer.status_code, answer.json()["code"]) == (401, "not-signed-in")
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_session_is_who_it_says(world: World) -> None:
    await world.sign_in()
    assert (await world.client.get("/mine")).json()["actor"] == str(world.account)


async def test_a_session_that_is_over_is_nobodys(world: World) -> None:
    await world.sign_in()
    world.at += timedelta(hours=1, seconds=1)
    assert (await world.client.get("/mine")).status_code == 401


@pytest.mark.asvs("8.4.1")
@pytest.mark.parametrize("workspace", ["others", "nowhere", "no-uuid"])
async def test_a_workspace_of_others_is_not_there(world: World, workspace: str) -> None:
    await world.sign_in()
    await world.become(Role.OWNER)
    wanted = {"others": str(world.others), "nowhere": str(uuid4()), "no-uuid": "x"}[workspace]
    answer = await world.client.get(f"/workspaces/{wanted}/things")
    body = {name: value for name, value in answer.json().items() if name != "request_id"}
    assert (answer.status_code, body["detail"]) == (404, "There is no such workspace.")


@pytest.mark.asvs("8.3.2")
async def test_a_change_of_role_counts_from_the_next_request(world: World) -> None:
    await world.sign_in()
    path = f"/workspaces/{world.workspace}/things"
    await world.become(Role.ADMIN)
    assert (await world.client.post(path)).status_code == 409
    await world.become(Role.VIEWER)
    answer = await world.client.post(path)
    assert (answer.status_code, answer.json()["permission"]) == (403, "members:write")
    assert (await world.client.get(path)).json()["workspace"] == str(world.workspace)


@pytest.mark.asvs("7.5.3")
async def test_what_is_dangerous_needs_a_proof_of_the_last_five_minutes(world: World) -> None:
    await world.sign_in()
    world.at += timedelta(minutes=5)
    assert (await world.client.post("/mine")).status_code == 200
    world.at += timedelta(seconds=1)
    answer = await world.client.post("/mine")
    assert (answer.status_code, answer.json()["code"]) == (403, "step-up-needed")
    assert "/account/step-up" in answer.json()["hint"]


async def test_a_token_holds_its_scopes_and_no_more(world: World) -> None:
    await world.become(Role.OWNER)
    headers = await _token(world, "members:read")
    path = f"/workspaces/{world.workspace}/things"
    assert (await world.client.get(path, headers=headers)).json()["actor"] == str(world.account)
    assert (await world.client.post(path, headers=headers)).json()["code"] == "not-allowed"


async def test_a_token_does_not_hold_more_than_its_owners_role(world: World) -> None:
    await world.become(Role.VIEWER)
    headers = await _token(world, "members:read", "members:write")
    answer = await world.client.post(f"/workspaces/{world.workspace}/things", headers=headers)
    assert (answer.status_code, answer.json()["role"]) == (403, "viewer")


async def test_a_token_cannot_do_what_is_a_sessions(world: World) -> None:
    await world.become(Role.OWNER)
    headers = await _token(world, "members:write", "workspace:read")
    assert (await world.client.get("/mine", headers=headers)).status_code == 403
    assert (await world.client.get("/mine/tokens", headers=headers)).status_code == 200
    assert (await world.client.delete(f"/workspaces/{world.workspace}/things", headers=headers)).status_code == 403


async def test_with_a_token_the_cookie_is_not_looked_at(world: World) -> None:
    await world.sign_in()
    answer = await world.client.get("/mine", headers={"Authorization": "Bearer sft_pat_nothing"})
    assert (answer.status_code, answer.json()["code"]) == (401, "not-signed-in")


@pytest.mark.parametrize("given", ["Bearer", "Basic YTpi", "Bearer sft_pat_x", ""])
async def test_what_is_no_token_is_refused_even_where_anyone_may_ask(world: World, given: str) -> None:
    assert (await world.client.get("/open", headers={"Authorization": given})).status_code == 401


async def test_who_guesses_tokens_gets_few_tries(world: World) -> None:
    headers = {"Authorization": "Bearer sft_pat_x"}
    statuses = [(await world.client.get("/mine", headers=headers)).status_code for _ in range(21)]
    assert statuses == [401] * 20 + [429]
    answer = await world.client.get("/mine", headers=headers)
    assert int(answer.headers["retry-after"]) >= 1
    assert (await world.client.get("/mine", headers=await _token(world, "workspace:read"))).status_code == 403


@pytest.mark.asvs("16.3.2")
async def test_a_refused_change_is_in_the_audit_trail(world: World) -> None:
    await world.sign_in()
    await world.become(Role.VIEWER)
    await world.client.post(f"/workspaces/{world.workspace}/things")
    await world.become(Role.ADMIN)
    await world.client.post(f"/workspaces/{world.workspace}/things")
    await world.client.post(f"/workspaces/{world.others}/things")
    await world.client.get(f"/workspaces/{world.others}/things")
    assert await world.refusals() == [
        ("operation/things.make", "refused", "not-allowed", world.workspace),
        ("operation/things.make", "refused", "conflict", world.workspace),
        ("operation/things.make", "refused", "not-found", None),
    ]


async def test_nobody_known_can_fill_the_audit_trail(world: World) -> None:
    assert (await world.client.post("/mine")).status_code == 401
    await world.use_up("refusals")
    assert (await world.client.post("/mine")).status_code == 401
    assert len(await world.refusals()) == 1


async def test_somebody_who_may_little_cannot_fill_the_trail_of_their_workspace(world: World) -> None:
    await world.sign_in()
    await world.become(Role.VIEWER)
    path = f"/workspaces/{world.workspace}/things"
    assert (await world.client.post(path)).status_code == 403
    await world.use_up("refusals-known")
    assert (await world.client.post(path)).status_code == 403
    assert len(await world.refusals()) == 1


async def _token(world: World, *scopes: str) -> dict[str, str]:
    token = new_token(TokenKind.PERSONAL)
    async with world.platform.database.transaction() as connection:
        await connection.execute(
            "INSERT INTO api_tokens (id, account_id, created_by, name, scopes, prefix, digest, created_at, expires_at)"
            " VALUES (%s, %s, %s, 'test', %s, %s, %s, %s, %s)",
            (
                new_id(),
                world.account,
                world.account,
                list(scopes),
                token[:12],
                digest(token),
                NOW,
                NOW + timedelta(days=1),
            ),
        )
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.asvs("16.5.3")
async def test_a_refusal_that_cannot_be_told_is_answered_as_that(world: World) -> None:
    async with world.platform.database.connection() as connection:
        await connection.execute("ALTER TABLE limits RENAME TO away")
    answer = await world.client.post("/mine")
    assert (answer.status_code, answer.json()["code"], answer.headers["retry-after"]) == (503, "unavailable", "5")
