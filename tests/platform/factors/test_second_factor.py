"""From a password to a session, over the second factor: the whole way through the API."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from surefoot.accounts.passwords import normalised
from surefoot.accounts.sessions import begin_session, cookie_of
from surefoot.web.platform import Platform
from tests.platform.factors.authenticator import Authenticator
from tests.platform.factors.conftest import Clock, Person, browser_of

pytestmark = pytest.mark.anyio

PASSWORD = "seven grey herons on a Tuesday roof"


@pytest.fixture
async def stranger(ada: Person, clock: Clock) -> AsyncIterator[httpx.AsyncClient]:
    """A browser in which nobody is signed in; Ada has a password."""
    hashed = await ada.platform.hasher.hash(normalised(PASSWORD))
    await ada.rows(f"UPDATE accounts SET password_hash = '{hashed}' RETURNING id")
    async with browser_of(ada.platform, clock) as opened:
        yield opened


async def with_password(browser: httpx.AsyncClient, ada: Person) -> httpx.Response:
    return await browser.post("/sign-in", json={"email": ada.email, "password": PASSWORD})


@pytest.mark.asvs("6.3.3")
async def test_the_password_alone_begins_no_session(ada: Person, stranger: httpx.AsyncClient) -> None:
    assert (await with_password(stranger, ada)).json() == {"status": "signed-in"}
    app, _codes = await ada.add_app()
    await ada.add_passkey(Authenticator())
    stranger.cookies.clear()
    waiting = await with_password(stranger, ada)
    assert (waiting.json()["status"], waiting.json()["factors"]) == ("second-factor", ["passkey", "totp"])
    assert (cookie_of(ada.platform.settings) in stranger.cookies, "set-cookie" in waiting.headers) == (False, False)
    assert (await stranger.get("/account/factors")).status_code == 401
    proof = {"challenge": waiting.json()["challenge"], "method": "totp", "code": app.at(ada.clock.at)}
    assert (await stranger.post("/sign-in/second-factor", json=proof)).json() == {"status": "signed-in"}
    assert (await stranger.get("/account/factors")).status_code == 200


@pytest.mark.asvs("6.3.1")
async def test_of_thirty_guesses_at_once_five_are_looked_at(ada: Person) -> None:
    app, _codes = await ada.add_app()
    challenge, right = await ada.challenge(), int(app.at(ada.clock.at))
    guesses = [f"{(right + n) % 1000000:06}" for n in range(1, 31)]
    tried = await asyncio.gather(*(ada.give(challenge, method="totp", code=guess) for guess in guesses))
    assert {one.status_code for one in tried} <= {401, 429}
    looked_at = [one for one in await ada.events("factor.check") if one["reason"] == "code"]
    assert len(looked_at) == 5


async def test_a_sign_in_that_waits_ends_after_ten_minutes(ada: Person) -> None:
    app, _codes = await ada.add_app()
    challenge = await ada.challenge()
    ada.clock.pass_by(600)
    assert (await ada.give(challenge, method="totp", code=app.at(ada.clock.at))).status_code == 401


async def test_a_method_that_the_account_does_not_have_is_refused(ada: Person) -> None:
    await ada.add_passkey(Authenticator())
    given = await ada.give(await ada.challenge(), method="totp", code="000000")
    assert (given.status_code, given.json()["reason"]) == (401, "method")


@pytest.mark.parametrize(
    "proof",
    [
        {"method": "totp", "code": "12345"},
        {"method": "totp", "code": "\uff11\uff12\uff13\uff14\uff15\uff16"},
        {"method": "totp", "code": 123456},
        {"method": "recovery", "code": ""},
        {"method": "passkey", "assertion": {}},
        {"method": "password", "code": "x"},
        {"method": "totp", "code": "123456", "more": 1},
        {},
    ],
    ids=str,
)
async def test_what_is_no_proof_costs_no_attempt(ada: Person, proof: dict[str, object]) -> None:
    app, _codes = await ada.add_app()
    challenge = await ada.challenge()
    assert [(await ada.give(challenge, **proof)).status_code for _ in range(6)] == [422] * 6
    assert (await ada.give(challenge, method="totp", code=app.at(ada.clock.at))).status_code == 200


@pytest.mark.asvs("6.3.7")
async def test_each_change_of_a_factor_is_told_by_mail(ada: Person) -> None:
    _app, codes = await ada.add_app()
    passkey = (await ada.add_passkey(Authenticator())).json()["passkey"]["id"]
    await ada.post("/account/factors/recovery-codes")
    await ada.delete(f"/account/factors/passkeys/{passkey}")
    await ada.delete("/account/factors/totp")
    assert await ada.mails() == ["factor-added"] * 3 + ["factor-removed"] * 2
    assert len(codes) == 10


async def test_two_changes_at_once_leave_one_set_of_recovery_codes(ada: Person) -> None:
    asked = [(await ada.post("/account/factors/passkeys/options")).json()["public_key"] for _ in range(3)]
    made = [{"name": f"Key {n}", "credential": Authenticator().create(one)} for n, one in enumerate(asked)]
    added = await asyncio.gather(*(ada.post("/account/factors/passkeys", one) for one in made))
    assert sorted(len(one.json()["recovery_codes"]) for one in added) == [0, 0, 10]
    assert len(await ada.rows("SELECT FROM recovery_codes")) == 10


@pytest.mark.asvs("16.3.1")
async def test_each_attempt_is_recorded_with_what_it_was_tried_with(ada: Person) -> None:
    app, _codes = await ada.add_app()
    for proof in ({"method": "recovery", "code": "wrong"}, {"method": "totp", "code": app.at(ada.clock.at)}):
        await ada.give(await ada.challenge(), **proof)
    (failed,) = await ada.events("factor.check")
    assert (failed["outcome"], failed["after"], failed["about"]) == (
        "failed",
        {"method": "recovery"},
        f"account/{ada.account_id}",
    )
    begun = await ada.rows("SELECT methods FROM audit_events WHERE action = 'session.begin' ORDER BY at, id")
    assert [row["methods"] for row in begun] == [["password"], ["password", "totp"]]


@pytest.mark.asvs("16.3.3")
async def test_guessing_past_a_limit_is_recorded(ada: Person) -> None:
    app, _codes = await ada.add_app()
    wrong = f"{(int(app.at(ada.clock.at)) + 1) % 1000000:06}"
    tried = [(await ada.give(await ada.challenge(), method="totp", code=wrong)).status_code for _ in range(11)]
    assert tried[-2:] == [429, 429]
    assert [one["reason"] for one in await ada.events("factor.check")] == ["code"] * 9 + ["too-many"] * 2


@pytest.mark.asvs("6.3.3", "7.4.3")
async def test_with_the_first_factor_end_the_sessions_that_were_begun_without_one(
    ada: Person, platform: Platform
) -> None:
    async with platform.database.transaction() as connection:
        elsewhere = await begin_session(connection, ada.now(), ada.account_id, ("password",))
    cookie = {"Cookie": f"{cookie_of(platform.settings)}={elsewhere.secret}"}
    async with browser_of(platform, ada.clock) as browser:
        assert (await browser.get("/account", headers=cookie)).status_code == 200
        await ada.add_app()
        assert (await browser.get("/account", headers=cookie)).status_code == 401
    assert (await ada.get("/account")).status_code == 200
