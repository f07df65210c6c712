"""Resetting a forgotten password, and changing a known one."""

from __future__ import annotations

import anyio
import pytest

from surefoot.accounts.service import disable
from surefoot.accounts.sessions import begin_session
from surefoot.errors import StepUpNeeded
from tests.platform.accounts.conftest import OTHER, PASSWORD, World, cookie_in, holding

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
ADA = {"email": "ada@example.org"}


async def _reset(world: World, password: str = OTHER) -> int:
    await world.browser().post("/password/reset", json=ADA)
    body = {"token": await world.token("reset"), "password": password}
    return (await world.browser().post("/password/reset/complete", json=body)).status_code


async def test_a_mailed_link_sets_a_new_password(world: World) -> None:
    account = await world.account()
    answer = await world.browser().post("/password/reset", json=ADA)
    assert (answer.status_code, answer.json()) == (202, {"status": "mailed"})
    assert (await world.link("reset")).startswith("http://localhost:8000/reset#token=")
    browser = world.browser()
    body = {"token": await world.token("reset"), "password": OTHER}
    assert (await browser.post("/password/reset/complete", json=body)).json() == {"status": "done"}
    assert not browser.cookies
    assert (await browser.post("/sign-in", json={**ADA, "password": PASSWORD})).status_code == 401
    assert (await browser.post("/sign-in", json={**ADA, "password": OTHER})).status_code == 200
    assert await world.events("password.reset") == [(f"account/{account}", "done")]


@pytest.mark.asvs("6.4.3")
async def test_a_reset_gives_no_session_and_keeps_the_second_factor(world: World) -> None:
    account = await world.account()
    await world.enrol_totp(account)
    browser = world.browser()
    await browser.post("/password/reset", json=ADA)
    body = {"token": await world.token("reset"), "password": OTHER}
    answer = await browser.post("/password/reset/complete", json=body)
    assert (answer.status_code, answer.json(), dict(browser.cookies)) == (200, {"status": "done"}, {})
    assert await world.rows("SELECT id FROM sessions") == []
    signed_in = await browser.post("/sign-in", json={**ADA, "password": OTHER})
    assert signed_in.json()["status"] == "second-factor"


@pytest.mark.asvs("7.4.3")
async def test_a_reset_ends_sessions_and_what_waits(world: World) -> None:
    account = await world.account()
    browser = await world.signed_in()
    await browser.post("/account/email", json={"email": "new@example.org"})
    await world.enrol_totp(account)
    waiting = (await world.browser().post("/sign-in", json={**ADA, "password": PASSWORD})).json()
    assert await _reset(world) == 200
    assert (await browser.get("/account")).status_code == 401
    for table in ("sessions", "challenges", "link_tokens"):
        assert await world.rows(f"SELECT * FROM {table}") == []
    code = {"challenge": waiting["challenge"], "method": "totp", "code": "123456"}
    assert (await world.browser().post("/sign-in/second-factor", json=code)).status_code == 401


async def test_a_reset_link_works_once_even_at_the_same_time(world: World) -> None:
    await world.account()
    await world.browser().post("/password/reset", json=ADA)
    body = {"token": await world.token("reset"), "password": OTHER}
    statuses: list[int] = []

    async def reset() -> None:
        statuses.append((await world.browser().post("/password/reset/complete", json=body)).status_code)

    async with anyio.create_task_group() as tasks:
        for _ in range(5):
            tasks.start_soon(reset)
    assert sorted(statuses) == [200, 404, 404, 404, 404]


async def test_a_reset_link_is_too_old_after_half_an_hour(world: World) -> None:
    await world.account()
    await world.browser().post("/password/reset", json=ADA)
    world.pass_by(minutes=30)
    body = {"token": await world.token("reset"), "password": OTHER}
    assert (await world.browser().post("/password/reset/complete", json=body)).status_code == 404


async def test_looking_at_a_link_does_not_use_it(world: World) -> None:
    await world.account()
    await world.browser().post("/password/reset", json=ADA)
    body = {"token": await world.token("reset"), "password": "ada@example.org"}
    assert (await world.browser().post("/password/reset/complete", json=body)).status_code == 422
    body["password"] = OTHER
    assert (await world.browser().post("/password/reset/complete", json=body)).status_code == 200


@pytest.mark.asvs("6.3.8")
async def test_a_reset_is_asked_alike_for_a_known_and_an_unknown_address(world: World, queries: list[str]) -> None:
    await world.account()
    await world.account("off@example.org")
    await world.rows("UPDATE accounts SET disabled_at = now() WHERE email = 'off@example.org' RETURNING id")
    seen = []
    for email in ("ada@example.org", "eve@example.org", "off@example.org"):
        queries.clear()
        answer = await world.browser().post("/password/reset", json={"email": email})
        headers = {name: told for name, told in answer.headers.items() if name != "x-request-id"}
        seen.append((answer.status_code, answer.content, headers, list(queries)))
    assert seen[0] == seen[1] == seen[2]
    assert [template for _, template in await world.mails()] == ["reset", "no-account", "no-account"]
    assert "token" not in await world.link("no-account")


async def test_resets_are_limited_for_each_address(world: World) -> None:
    answers = [
        (await world.browser(f"192.0.2.{one}").post("/password/reset", json=ADA)).status_code for one in range(6)
    ]
    assert answers == [202] * 5 + [429]


@pytest.mark.asvs("6.3.7")
async def test_each_change_of_a_password_is_told_to_its_owner(world: World) -> None:
    await world.account()
    assert await _reset(world) == 200
    browser = await world.signed_in(password=OTHER)
    assert (await browser.put("/account/password", json={"current": OTHER, "new": PASSWORD})).status_code == 200
    told = [template for _, template in await world.mails()]
    assert told == ["reset", "password-changed", "password-changed"]


@pytest.mark.asvs("6.2.3", "7.2.4", "7.4.3")
async def test_changing_a_password_needs_the_current_one_and_ends_other_sessions(world: World) -> None:
    await world.account()
    here, there = await world.signed_in(), await world.signed_in()
    wrong = await here.put("/account/password", json={"current": OTHER, "new": OTHER})
    assert (wrong.status_code, (await here.put("/account/password", json={"new": OTHER})).status_code) == (401, 401)
    before = cookie_in(here)
    assert (await here.put("/account/password", json={"current": PASSWORD, "new": OTHER})).status_code == 200
    assert (await here.get("/account")).status_code == 200
    assert (await there.get("/account")).status_code == 401
    assert (await world.browser().get("/account", headers=holding(before))).status_code == 401
    assert (await world.browser().post("/sign-in", json={**ADA, "password": OTHER})).status_code == 200


async def test_a_bad_new_password_changes_nothing(world: World) -> None:
    await world.account()
    browser = await world.signed_in()
    before = cookie_in(browser)
    refused = await browser.put("/account/password", json={"current": PASSWORD, "new": "Ada Lovelace Ada Lovelace"})
    assert (refused.status_code, refused.json()["field"]) == (422, "password")
    assert cookie_in(browser) == before
    assert await world.mails() == []


@pytest.mark.asvs("7.5.3")
async def test_with_a_second_factor_a_password_is_changed_only_after_a_fresh_proof(world: World) -> None:
    account = await world.account()
    browser = await world.signed_in()
    await world.enrol_totp(account)
    world.pass_by(minutes=5, seconds=1)
    body = {"current": PASSWORD, "new": OTHER}
    refused = await browser.put("/account/password", json=body)
    assert (refused.status_code, refused.json()["code"]) == (403, StepUpNeeded.code)


@pytest.mark.asvs("7.5.3")
async def test_an_account_without_a_password_gets_one_after_a_fresh_proof(world: World) -> None:
    account = await world.account(password=None)
    browser = world.browser()
    async with world.platform.database.transaction() as connection:
        begun = await begin_session(connection, world.now(), account, ("oidc",))
    world.pass_by(minutes=5, seconds=1)
    assert (
        await browser.put("/account/password", json={"new": OTHER}, headers=holding(begun.secret))
    ).status_code == 403
    world.pass_by(seconds=-1)
    assert (
        await browser.put("/account/password", json={"new": OTHER}, headers=holding(begun.secret))
    ).status_code == 200
    assert (await world.browser().post("/sign-in", json={**ADA, "password": OTHER})).status_code == 200


async def test_without_a_password_nobody_steps_up_with_one(world: World) -> None:
    account = await world.account(password=None)
    async with world.platform.database.transaction() as connection:
        begun = await begin_session(connection, world.now(), account, ("oidc",))
    answer = await world.browser().post("/account/step-up", json={"password": ""}, headers=holding(begun.secret))
    assert answer.status_code == 409


@pytest.mark.asvs("6.2.11")
async def test_the_name_of_one_s_workspace_is_no_password(world: World) -> None:
    await world.account()
    browser = await world.signed_in()
    assert (await browser.post("/workspaces", json={"name": "Lighthouse Keepers"})).status_code == 201
    body = {"current": PASSWORD, "new": "lighthouse.keepers.lighthouse"}
    assert (await browser.put("/account/password", json=body)).status_code == 422


async def test_changing_is_limited(world: World) -> None:
    await world.account()
    browser = await world.signed_in()
    body = {"current": OTHER, "new": OTHER}
    assert [(await browser.put("/account/password", json=body)).status_code for _ in range(6)] == [401] * 5 + [429]


@pytest.mark.asvs("7.5.3")
async def test_a_password_is_no_fresh_proof_where_there_is_a_second_factor(world: World) -> None:
    account = await world.account()
    browser = await world.signed_in()
    await world.enrol_totp(account)
    world.pass_by(minutes=4)
    changed = await browser.put("/account/password", json={"current": PASSWORD, "new": OTHER})
    assert changed.status_code == 200
    world.pass_by(minutes=2)
    refused = await browser.delete("/account/sessions")
    assert (refused.status_code, refused.json()["code"]) == (403, "step-up-needed")


async def test_a_link_does_not_outlive_that_its_account_is_disabled(world: World) -> None:
    await world.account()
    await world.browser().post("/password/reset", json=ADA)
    body = {"token": await world.token("reset"), "password": OTHER}
    async with world.platform.database.transaction() as connection:
        await disable(connection, world.now(), ADA["email"])
    assert (await world.browser().post("/password/reset/complete", json=body)).status_code == 404


async def test_asking_for_an_address_that_nobody_has_is_about_no_account(world: World) -> None:
    account = await world.account()
    for email in ("eve@example.org", ADA["email"]):
        await world.browser().post("/password/reset", json={"email": email})
    assert await world.events("password.ask-reset") == [("", "done"), (f"account/{account}", "done")]
