"""Proving again who one is, before something dangerous."""

from __future__ import annotations

import pytest

from surefoot.accounts.sessions import cookie_of
from surefoot.limits.rules import REAUTHENTICATION
from tests.platform.factors.authenticator import Authenticator
from tests.platform.factors.conftest import Person, browser_of

pytestmark = pytest.mark.anyio

STALE = 301


async def step_up(person: Person, **proof: object) -> int:
    return (await person.post("/account/step-up/factor", proof)).status_code


@pytest.mark.asvs("7.5.3")
async def test_a_code_makes_what_is_dangerous_possible_for_five_minutes(ada: Person) -> None:
    app, _codes = await ada.add_app()
    ada.clock.pass_by(STALE)
    assert (await ada.post("/account/factors/recovery-codes")).status_code == 403
    assert await step_up(ada, method="totp", code=app.at(ada.clock.at)) == 200
    assert (await ada.post("/account/factors/recovery-codes")).status_code == 200
    ada.clock.pass_by(STALE)
    assert (await ada.post("/account/factors/recovery-codes")).status_code == 403


@pytest.mark.asvs("7.2.4")
async def test_the_session_gets_a_new_id_and_the_old_one_is_void(ada: Person) -> None:
    app, _codes = await ada.add_app()
    cookie = cookie_of(ada.platform.settings)
    old = ada.browser.cookies[cookie]
    assert await step_up(ada, method="totp", code=app.at(ada.clock.at)) == 200
    assert ada.browser.cookies[cookie] != old
    async with browser_of(ada.platform, ada.clock) as other:
        other.cookies.set(cookie, old, domain="localhost.local", path="/")
        assert (await other.get("/account/factors")).status_code == 401
    assert (await ada.get("/account/factors")).status_code == 200


async def test_with_a_passkey_an_app_is_not_strong_enough(ada: Person) -> None:
    app, codes = await ada.add_app()
    authenticator = Authenticator()
    await ada.add_passkey(authenticator)
    refused = await ada.post("/account/step-up/factor", {"method": "totp", "code": app.at(ada.clock.at)})
    assert (refused.status_code, refused.json()["factors"]) == (409, ["passkey", "totp"])
    asked = (await ada.post("/account/step-up/passkey/options")).json()["public_key"]
    assert await step_up(ada, method="passkey", assertion=authenticator.get(asked)) == 200
    assert await step_up(ada, method="recovery", code=codes[0]) == 200


@pytest.mark.asvs("7.5.3")
async def test_signing_in_with_a_weaker_factor_is_no_step_up(ada: Person) -> None:
    app, codes = await ada.add_app()
    await ada.add_passkey(Authenticator())
    assert (await ada.give(await ada.challenge(), method="totp", code=app.at(ada.clock.at))).status_code == 200
    assert (await ada.get("/account/factors")).status_code == 200
    assert (await ada.post("/account/factors/recovery-codes")).json()["code"] == "step-up-needed"
    assert (await ada.give(await ada.challenge(), method="recovery", code=codes[0])).status_code == 200
    assert (await ada.post("/account/factors/recovery-codes")).status_code == 200


async def test_without_a_factor_it_is_the_password_that_is_asked_for(ada: Person) -> None:
    refused = await ada.post("/account/step-up/factor", {"method": "totp", "code": "000000"})
    assert (refused.status_code, refused.json()["factors"]) == (409, [])
    assert "/account/step-up" in refused.json()["hint"]
    assert (await ada.post("/account/step-up/passkey/options")).status_code == 409


async def test_five_tries_in_five_minutes(ada: Person) -> None:
    _app, codes = await ada.add_app()
    assert [await step_up(ada, method="recovery", code="wrong") for _ in range(6)] == [401] * 5 + [429]
    assert await step_up(ada, method="recovery", code=codes[0]) == 429
    assert [one["reason"] for one in await ada.events("factor.check")] == ["code"] * 5


async def test_right_codes_do_not_keep_their_owner_out(ada: Person) -> None:
    app, _codes = await ada.add_app()
    for _ in range(12):
        assert await step_up(ada, method="totp", code=app.at(ada.clock.at)) == 200
        ada.clock.pass_by(30)
        # As if five minutes had passed by; the limits go by the database's clock.
        await ada.platform.limiter.forget((REAUTHENTICATION, str(ada.account_id)))


async def test_nobody_steps_up_without_a_session(ada: Person) -> None:
    app, _codes = await ada.add_app()
    async with browser_of(ada.platform, ada.clock) as stranger:
        proof = {"method": "totp", "code": app.at(ada.clock.at)}
        assert (await stranger.post("/account/step-up/factor", json=proof)).status_code == 401
