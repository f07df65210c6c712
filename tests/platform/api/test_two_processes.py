"""Two processes on one database: what one of them ends or takes away is gone at the next request to the other."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from surefoot.accounts.service_password import ask_reset
from surefoot.platform_settings import PlatformSettings
from surefoot.serve.operator import set_disabled
from surefoot.web.platform import open_platform
from surefoot.workspaces.rules import Role
from tests.platform.accounts.conftest import OTHER, PASSWORD
from tests.platform.accounts.conftest import World as Accounts
from tests.platform.workspaces.world import Person, World

pytestmark = pytest.mark.anyio


@dataclass
class Two:
    """Ada, signed in through both processes with the same cookie; `here` ends, `there` finds out."""

    here: World
    there: World
    ada: Person
    same: httpx.AsyncClient

    async def asked(self, path: str = "/account") -> int:
        """What the other process answers to her cookie."""
        return (await self.same.get(path)).status_code

    async def sql(self, query: str) -> list[dict[str, Any]]:
        async with self.here.platform.database.connection() as connection:
            return await (await connection.execute(query.encode())).fetchall()

    async def set_password(self) -> None:
        hashed = await self.here.platform.hasher.hash(PASSWORD)
        await self.sql(f"UPDATE accounts SET password_hash = '{hashed}' RETURNING id")


@pytest.fixture
async def two(settings: PlatformSettings) -> AsyncIterator[Two]:
    async with open_platform(settings) as one, open_platform(settings) as other:
        here, there = World(one), World(other)
        ada = await here.person("ada")
        same = there.browser()
        for cookie in ada.http.cookies.jar:
            same.cookies.jar.set_cookie(cookie)
        assert (await same.get("/account")).status_code == 200
        yield Two(here, there, ada, same)
        await here.close()
        await there.close()


async def _sign_out(two: Two) -> None:
    assert (await two.ada.ask("POST", "/sign-out")).status_code == 200


async def _end_this(two: Two) -> None:
    (mine,) = (await two.ada.ask("GET", "/account/sessions")).json()["items"]
    assert (await two.ada.ask("DELETE", f"/account/sessions/{mine['id']}")).status_code == 200


async def _end_from_elsewhere(two: Two) -> None:
    another = Person(two.ada.account, two.ada.email, two.here.browser())
    await two.here.sign_in(another)
    assert (await another.ask("DELETE", "/account/sessions")).json() == {"ended": 1}


async def _change_password(two: Two) -> None:
    await two.set_password()
    body = {"current": PASSWORD, "new": OTHER}
    assert (await two.ada.ask("PUT", "/account/password", body)).status_code == 200


async def _reset(two: Two) -> None:
    await ask_reset(two.here.platform, two.here.call(), two.ada.email)
    mailbox = Accounts(two.here.platform, two.here.call(), two.here.at)
    body = {"token": await mailbox.token("reset"), "password": OTHER}
    assert (await two.here.browser().post("/password/reset/complete", json=body)).status_code == 200


async def _disable(two: Two) -> None:
    await set_disabled(two.here.platform, two.here.call(), two.ada.email, disabled=True)


@pytest.mark.asvs("7.4.1", "7.4.2", "7.4.3", "7.4.5", "7.5.2")
@pytest.mark.parametrize(
    "end", [_sign_out, _end_this, _end_from_elsewhere, _change_password, _reset, _disable], ids=lambda end: end.__name__
)
async def test_a_session_that_one_process_ends_is_over_for_the_other(
    two: Two, end: Callable[[Two], Awaitable[None]]
) -> None:
    await end(two)
    assert await two.asked() == 401


@pytest.mark.asvs("7.4.1", "7.3.1")
async def test_a_session_that_is_too_old_is_so_for_both(two: Two) -> None:
    for world in (two.here, two.there):
        world.at += timedelta(hours=1)
    assert [(await two.ada.ask("GET", "/account")).status_code, await two.asked()] == [401, 401]


@pytest.mark.asvs("7.2.4")
async def test_the_secret_from_before_a_new_proof_is_void_for_the_other_process(two: Two) -> None:
    await two.set_password()
    assert (await two.ada.ask("POST", "/account/step-up", {"password": PASSWORD})).status_code == 200
    assert (await two.ada.ask("GET", "/account")).status_code == 200
    assert await two.asked() == 401


@pytest.mark.asvs("8.3.2")
async def test_a_demotion_and_a_removal_hold_at_once_for_the_other_process(two: Two) -> None:
    eve = await two.here.person("eve")
    workspace = await two.here.workspace(eve)
    await two.sql(
        "INSERT INTO members (workspace_id, account_id, role, joined_at)"
        f" VALUES ('{workspace}', '{two.ada.account}', 'admin', now()) RETURNING role"
    )
    token = await two.here.personal_token(two.ada, "tokens:read", "members:read")
    bearer = {"Authorization": f"Bearer {token.secret}"}
    assert await _seen(two, workspace, bearer) == [200, 200, 200]
    await _become(two, Role.VIEWER)
    assert (await two.same.get(f"/workspaces/{workspace}/tokens")).status_code == 403
    assert (await two.there.browser().get(f"/workspaces/{workspace}/tokens", headers=bearer)).status_code == 403
    await two.sql(f"DELETE FROM members WHERE account_id = '{two.ada.account}' RETURNING role")
    assert await _seen(two, workspace, bearer) == [404, 404, 404]


async def _seen(two: Two, workspace: UUID, bearer: dict[str, str]) -> list[int]:
    browser = two.there.browser()
    return [
        await two.asked(f"/workspaces/{workspace}/members"),
        (await browser.get(f"/workspaces/{workspace}/members", headers=bearer)).status_code,
        (await browser.get(f"/workspaces/{workspace}/tokens", headers=bearer)).status_code,
    ]


async def _become(two: Two, role: Role) -> None:
    await two.sql(f"UPDATE members SET role = '{role}' WHERE account_id = '{two.ada.account}' RETURNING role")


@pytest.mark.asvs("7.4.1", "7.4.2")
@pytest.mark.parametrize("way", ["revoke", "revoke all", "disable", "expire"])
async def test_a_token_that_is_gone_is_so_for_the_other_process(two: Two, way: str) -> None:
    made = await two.here.personal_token(two.ada, "workspace:read")
    bearer = {"Authorization": f"Bearer {made.secret}"}
    browser = two.there.browser()
    assert (await browser.get("/workspaces", headers=bearer)).status_code == 200
    if way == "revoke":
        (listed,) = (await two.ada.ask("GET", "/account/tokens")).json()["items"]
        assert (await two.ada.ask("DELETE", f"/account/tokens/{listed['id']}")).status_code == 204
    elif way == "revoke all":
        assert (await two.ada.ask("DELETE", "/account/tokens")).status_code == 200
    elif way == "disable":
        await _disable(two)
    else:
        two.there.at += timedelta(days=367)
    assert (await browser.get("/workspaces", headers=bearer)).status_code == 401
