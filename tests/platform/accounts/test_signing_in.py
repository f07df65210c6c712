"""Signing in with a password, stepping up, signing out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import anyio
import httpx
import pytest

from surefoot.accounts import passwords, service_sign_in
from surefoot.accounts.rules import FAILURES_UNTIL_OFF
from surefoot.accounts.service import lift_lockout
from surefoot.accounts.store import list_accounts
from surefoot.errors import NotFound
from tests.platform.accounts.conftest import OTHER, PASSWORD, World, cookie_in, holding

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
ADA = {"email": "ada@example.org", "password": PASSWORD}
WRONG = {"email": "ada@example.org", "password": OTHER}


@pytest.mark.asvs("7.2.3")
async def test_a_right_password_begins_a_session(world: World) -> None:
    account = await world.account()
    browser = world.browser()
    answer = await browser.post("/sign-in", json={"email": " ADA@example.org", "password": PASSWORD})
    assert (answer.status_code, answer.json()) == (200, {"status": "signed-in"})
    assert len(cookie_in(browser)) == 43
    assert PASSWORD not in answer.text
    assert (await browser.get("/account")).json()["id"] == str(account)
    assert await world.events("session.begin") == [(f"account/{account}", "done")]


@pytest.mark.asvs("3.3.1", "3.3.2", "3.3.4")
async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(world: World) -> None:
    await world.account()
    told = (await world.browser().post("/sign-in", json=ADA)).headers["set-cookie"]
    assert told.startswith("surefoot-plain-http=")
    assert told.partition("; ")[2] == "HttpOnly; Path=/; SameSite=lax"


@pytest.mark.asvs("3.3.1", "3.3.3")
async def test_over_tls_the_cookie_is_bound_to_the_host(world: World) -> None:
    await world.account()
    settings = world.platform.settings.model_validate(
        {**world.platform.settings.model_dump(), "base_url": "https://surefoot.example.org"}
    )
    there = replace(world, platform=replace(world.platform, settings=settings), browsers=[])
    async with there.browser() as browser:
        told = (await browser.post("/sign-in", json=ADA)).headers["set-cookie"]
    assert told.startswith("__Host-surefoot=")
    assert told.partition("; ")[2] == "HttpOnly; Path=/; SameSite=lax; Secure"


async def test_a_wrong_password_is_refused_and_counted(world: World) -> None:
    account = await world.account()
    answer = await world.browser().post("/sign-in", json=WRONG)
    assert (answer.status_code, answer.json()["code"]) == (401, "sign-in-failed")
    assert "set-cookie" not in answer.headers
    assert await world.failures() == 1
    assert await world.events("session.begin") == [(f"account/{account}", "failed")]


async def test_a_right_password_forgets_the_wrong_ones(world: World) -> None:
    await world.account()
    for body in (WRONG, WRONG, WRONG, WRONG, ADA, WRONG, WRONG, WRONG, WRONG):
        assert (await world.browser().post("/sign-in", json=body)).status_code in {200, 401}
    assert await world.failures() == 4


@pytest.mark.asvs("6.3.8")
async def test_an_unknown_address_is_answered_like_a_wrong_password(
    world: World, queries: list[str], verifications: list[bool]
) -> None:
    await world.account("ada@example.org")
    await world.account("off@example.org")
    await world.account("social@example.org", password=None)
    await world.rows(
        "UPDATE accounts SET disabled_at = now(), password_off_since = now() WHERE email_key LIKE 'off%' RETURNING id"
    )
    seen: list[Any] = []
    for email in ("ada@example.org", "eve@example.org", "social@example.org"):
        queries.clear()
        verifications.clear()
        answer = await world.browser().post("/sign-in", json={"email": email, "password": OTHER})
        seen.append((*_told(answer), list(queries), list(verifications)))
    assert seen[0] == seen[1] == seen[2]
    assert verifications == [False]
    off = await world.browser().post("/sign-in", json={"email": "off@example.org", "password": PASSWORD})
    assert _told(off) == seen[0][:3]


def _told(answer: httpx.Response) -> tuple[int, dict[str, Any], dict[str, str]]:
    body = {name: told for name, told in answer.json().items() if name != "request_id"}
    return answer.status_code, body, {name: told for name, told in answer.headers.items() if name != "x-request-id"}


async def test_five_attempts_are_let_through_for_one_account_and_address(
    world: World, verifications: list[bool]
) -> None:
    await world.account()
    answers = [await world.browser().post("/sign-in", json=WRONG) for _ in range(6)]
    assert [one.status_code for one in answers] == [401] * 5 + [429]
    assert len(verifications) == 5
    assert (await world.browser("192.0.2.9").post("/sign-in", json=ADA)).status_code == 200


@pytest.mark.asvs("6.3.1")
async def test_guessing_in_parallel_gains_nothing(world: World, verifications: list[bool]) -> None:
    await world.account()
    browser = world.browser()
    statuses: list[int] = []

    async def guess() -> None:
        statuses.append((await browser.post("/sign-in", json=WRONG)).status_code)

    async with anyio.create_task_group() as tasks:
        for _ in range(30):
            tasks.start_soon(guess)
    assert sorted(statuses) == [401] * 5 + [429] * 25
    assert verifications == [False] * 5
    assert await world.failures() == 5


async def test_the_hundredth_wrong_password_turns_it_off_until_a_reset(world: World) -> None:
    await world.account()
    await world.rows(f"UPDATE accounts SET failures = {FAILURES_UNTIL_OFF - 1} RETURNING id")
    statuses = [(await world.browser().post("/sign-in", json=body)).status_code for body in (WRONG, WRONG, ADA)]
    assert statuses == [401, 401, 401]
    assert await world.mails() == [("ada@example.org", "locked")]
    await world.browser().post("/password/reset", json={"email": "ada@example.org"})
    body = {"token": await world.token("reset"), "password": OTHER}
    assert (await world.browser().post("/password/reset/complete", json=body)).status_code == 200
    assert (await world.browser().post("/sign-in", json=WRONG)).status_code == 200


async def test_a_password_that_is_off_still_steps_a_live_session_up(world: World) -> None:
    await world.account()
    browser = await world.signed_in()
    await world.rows(f"UPDATE accounts SET failures = {FAILURES_UNTIL_OFF}, password_off_since = now() RETURNING id")
    assert (await browser.post("/account/step-up", json={"password": PASSWORD})).json() == {"status": "proven"}


async def test_the_operator_lifts_a_lockout(world: World) -> None:
    await world.account()
    await world.rows(f"UPDATE accounts SET failures = {FAILURES_UNTIL_OFF}, password_off_since = now() RETURNING id")
    async with world.platform.database.transaction() as connection:
        assert [one.failures for one in await list_accounts(connection)] == [FAILURES_UNTIL_OFF]
        await lift_lockout(connection, world.now(), "Ada@example.org")
        assert [(one.failures, one.password_off_since) for one in await list_accounts(connection)] == [(0, None)]
        with pytest.raises(NotFound):
            await lift_lockout(connection, world.now(), "eve@example.org")
    await world.signed_in()


@pytest.mark.asvs("6.3.3")
async def test_with_a_second_factor_a_right_password_is_not_enough(world: World) -> None:
    account = await world.account()
    await world.enrol_totp(account)
    browser = world.browser()
    answer = await browser.post("/sign-in", json=ADA)
    assert answer.json() == {"status": "second-factor", "challenge": answer.json()["challenge"], "factors": ["totp"]}
    assert not browser.cookies
    assert (await browser.get("/account")).status_code == 401


@pytest.mark.asvs("7.2.4")
async def test_signing_in_again_ends_the_session_before(world: World) -> None:
    await world.account()
    browser = await world.signed_in()
    before = cookie_in(browser)
    await browser.post("/sign-in", json=ADA)
    assert cookie_in(browser) != before
    assert len(await world.events("session.end")) == 1
    browser.cookies.clear()
    assert (await browser.get("/account", headers=holding(before))).status_code == 401


@pytest.mark.asvs("7.2.4")
async def test_stepping_up_makes_the_proof_fresh_and_the_cookie_new(world: World) -> None:
    await world.account()
    browser = await world.signed_in()
    before = cookie_in(browser)
    world.pass_by(minutes=6)
    assert (await browser.post("/account/email", json={"email": "new@example.org"})).status_code == 403
    assert (await browser.post("/account/step-up", json={"password": PASSWORD})).json() == {"status": "proven"}
    assert (await browser.post("/account/email", json={"email": "new@example.org"})).status_code == 202
    assert (await world.browser().get("/account", headers=holding(before))).status_code == 401


async def test_stepping_up_with_a_wrong_password_is_refused(world: World) -> None:
    account = await world.account()
    browser = await world.signed_in()
    answers = [await browser.post("/account/step-up", json={"password": OTHER}) for _ in range(6)]
    assert [one.status_code for one in answers] == [401] * 5 + [429]
    assert await world.failures() == 5
    assert ("session.renew", "failed") in {
        ("session.renew", outcome) for _, outcome in await world.events("session.renew")
    }
    assert (await browser.get("/account")).json()["id"] == str(account)


async def test_with_factors_the_password_steps_nobody_up(world: World, verifications: list[bool]) -> None:
    account = await world.account()
    browser = await world.signed_in()
    await world.enrol_totp(account)
    verifications.clear()
    answer = await browser.post("/account/step-up", json={"password": PASSWORD})
    assert (answer.json(), verifications) == ({"status": "second-factor", "factors": ["totp"]}, [])


@pytest.mark.asvs("7.4.1", "14.3.1")
async def test_signing_out_ends_the_session_and_clears_the_browser(world: World) -> None:
    await world.account()
    browser = await world.signed_in()
    secret = cookie_in(browser)
    answer = await browser.post("/sign-out")
    assert (answer.status_code, answer.headers["Clear-Site-Data"]) == (200, '"cache", "storage"')
    assert not browser.cookies
    later = await world.browser().get("/account", headers=holding(secret))
    assert later.status_code == 401
    assert (await browser.post("/sign-out")).status_code == 200


async def test_a_sign_in_from_a_new_place_is_told(world: World) -> None:
    await world.account()
    for address, agent in (
        ("192.0.2.1", "Firefox/1 Linux"),
        ("192.0.2.1", "Firefox/2 Linux"),
        ("198.51.100.2", "curl/8"),
    ):
        await world.browser(address, agent).post("/sign-in", json=ADA)
    assert await world.mails() == [("ada@example.org", "new-sign-in")]


async def test_an_older_hash_is_made_anew(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await world.account()
    before = await world.rows("SELECT password_hash FROM accounts")
    monkeypatch.setattr(type(world.platform.hasher), "needs_rehash", lambda *_: True)
    await world.signed_in()
    assert await world.rows("SELECT password_hash FROM accounts") != before
    monkeypatch.undo()
    await world.signed_in()


async def test_a_password_that_is_reset_while_it_is_verified_signs_nobody_in(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.account()
    await world.browser().post("/password/reset", json={"email": "ada@example.org"})
    reset = {"token": await world.token("reset"), "password": OTHER}
    verified = passwords.is_right

    async def slow(*given: Any) -> bool:
        right = await verified(*given)
        assert (await world.browser().post("/password/reset/complete", json=reset)).status_code == 200
        return right

    monkeypatch.setattr(service_sign_in, "is_right", slow)
    assert (await world.browser().post("/sign-in", json=ADA)).status_code == 401
    assert await world.rows("SELECT id FROM sessions") == []


async def test_right_passwords_at_the_same_time_all_sign_in(world: World) -> None:
    await world.account()
    statuses: list[int] = []

    async def enter() -> None:
        statuses.append((await world.browser().post("/sign-in", json=ADA)).status_code)

    async with anyio.create_task_group() as tasks:
        for _ in range(4):
            tasks.start_soon(enter)
    assert statuses == [200] * 4
