"""Authenticator apps, with real codes at times that the tests decide."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pyotp
import pytest

from surefoot.accounts.factors.totp import use_totp
from surefoot.accounts.sessions import cookie_of
from surefoot.errors import SignInFailed
from tests.platform.factors.conftest import Clock, Person

pytestmark = [pytest.mark.anyio, pytest.mark.slow]


async def test_an_app_counts_once_its_first_code_was_right(ada: Person) -> None:
    made = (await ada.post("/account/factors/totp")).json()
    assert await ada.factors() == ()
    code = pyotp.TOTP(made["secret"]).at(ada.clock.at)
    wrong = await ada.post("/account/factors/totp/confirm", {"code": f"{(int(code) + 1) % 1000000:06}"})
    assert (wrong.status_code, wrong.json()["code"], await ada.factors()) == (422, "invalid", ())
    right = await ada.post("/account/factors/totp/confirm", {"code": code})
    assert (right.status_code, await ada.factors()) == (200, ("totp",))
    assert await ada.mails() == ["factor-added"]
    assert len(await ada.events("totp.add")) == 1


async def test_the_picture_and_the_uri_name_the_person_and_the_secret(ada: Person) -> None:
    made = (await ada.post("/account/factors/totp")).json()
    parsed = pyotp.parse_uri(made["uri"])
    assert (parsed.name, parsed.issuer, parsed.secret) == (ada.email, "Surefoot", made["secret"])
    assert made["picture"].startswith("data:image/svg+xml")


async def test_the_secret_is_not_in_the_database_as_it_is(ada: Person) -> None:
    app, _codes = await ada.add_app()
    kept = await ada.rows("SELECT t::text AS row FROM totp_factors t UNION ALL SELECT s::text FROM sealed s")
    kept += await ada.rows("SELECT e::text AS row FROM audit_events e")
    assert len(kept) >= 3
    assert not [row for row in kept if app.secret in row["row"] or app.secret.encode().hex() in row["row"]]


async def test_an_app_that_is_not_confirmed_in_ten_minutes_is_set_up_anew(ada: Person) -> None:
    app = pyotp.TOTP((await ada.post("/account/factors/totp")).json()["secret"])
    ada.clock.pass_by(600)
    late = await ada.post("/account/factors/totp/confirm", {"code": app.at(ada.clock.at)})
    assert (late.status_code, late.json()["code"]) == (409, "conflict")


async def test_a_new_app_replaces_the_old_one_when_it_is_confirmed(ada: Person) -> None:
    old, codes = await ada.add_app()
    new = pyotp.TOTP((await ada.post("/account/factors/totp")).json()["secret"])
    assert (await ada.give(await ada.challenge(), method="totp", code=old.at(ada.clock.at))).status_code == 200
    confirmed = await ada.post("/account/factors/totp/confirm", {"code": new.at(ada.clock.at)})
    assert (len(codes), confirmed.json()["recovery_codes"]) == (10, [])
    ada.clock.pass_by(30)
    assert (await ada.give(await ada.challenge(), method="totp", code=old.at(ada.clock.at))).status_code == 401
    assert (await ada.give(await ada.challenge(), method="totp", code=new.at(ada.clock.at))).status_code == 200
    assert len(await ada.rows("SELECT FROM sealed WHERE about LIKE '%/totp'")) == 1


async def test_a_code_ends_the_sign_in_with_a_session_of_both_methods(ada: Person) -> None:
    app, _codes = await ada.add_app()
    cookie = cookie_of(ada.platform.settings)
    before = ada.browser.cookies[cookie]
    given = await ada.give(await ada.challenge(), method="totp", code=app.at(ada.clock.at))
    assert (given.status_code, given.json()) == (200, {"status": "signed-in"})
    assert ada.browser.cookies[cookie] != before
    assert [row["methods"] for row in await ada.rows("SELECT methods FROM sessions")] == [["password", "totp"]]
    assert (await ada.get("/account/factors")).json()["totp"]["used_at"] is not None


@pytest.mark.asvs("6.5.5")
@pytest.mark.parametrize("second", [0, 29])
async def test_a_code_that_is_31_seconds_old_fails(ada: Person, second: int) -> None:
    app, _codes = await ada.add_app()
    ada.clock.pass_by(second)
    code = app.at(ada.clock.at)
    ada.clock.pass_by(31)
    given = await ada.give(await ada.challenge(), method="totp", code=code)
    assert (given.status_code, given.json()["reason"]) == (401, "code")


@pytest.mark.asvs("6.5.5")
async def test_a_code_lives_as_long_as_the_app_shows_it(ada: Person) -> None:
    app, _codes = await ada.add_app()
    code = app.at(ada.clock.at)
    ada.clock.pass_by(29.9)
    assert (await ada.give(await ada.challenge(), method="totp", code=code)).status_code == 200


async def test_a_code_of_the_next_period_is_not_taken_yet(ada: Person) -> None:
    app, _codes = await ada.add_app()
    code = app.at(ada.clock.at + timedelta(seconds=30))
    assert (await ada.give(await ada.challenge(), method="totp", code=code)).status_code == 401


@pytest.mark.asvs("6.5.1")
async def test_the_same_code_twenty_times_in_parallel_works_once(ada: Person) -> None:
    app, _codes = await ada.add_app()
    code = app.at(ada.clock.at)

    async def use() -> object:
        try:
            async with ada.platform.database.transaction() as connection:
                await use_totp(connection, ada.platform, ada.now(), ada.account_id, code)
        except SignInFailed as error:
            return error.details["reason"]
        return "taken"

    assert sorted(await asyncio.gather(*(use() for _ in range(20))), key=str) == ["replay"] * 19 + ["taken"]


@pytest.mark.asvs("6.5.1")
async def test_the_same_code_in_five_sign_ins_at_once_begins_one_session(ada: Person) -> None:
    app, _codes = await ada.add_app()
    code, challenges = app.at(ada.clock.at), [await ada.challenge() for _ in range(5)]
    given = await asyncio.gather(*(ada.give(one, method="totp", code=code) for one in challenges))
    assert sorted(one.status_code for one in given) == [200, 401, 401, 401, 401]


async def test_the_code_that_confirmed_the_app_signs_nobody_in(ada: Person) -> None:
    app = pyotp.TOTP((await ada.post("/account/factors/totp")).json()["secret"])
    code = app.at(ada.clock.at)
    await ada.post("/account/factors/totp/confirm", {"code": code})
    given = await ada.give(await ada.challenge(), method="totp", code=code)
    assert (given.status_code, given.json()["reason"]) == (401, "replay")


async def test_a_challenge_takes_five_attempts(ada: Person) -> None:
    app, _codes = await ada.add_app()
    challenge, right = await ada.challenge(), app.at(ada.clock.at)
    wrong = f"{(int(right) + 1) % 1000000:06}"
    tried = [(await ada.give(challenge, method="totp", code=wrong)).status_code for _ in range(5)]
    assert tried == [401] * 5
    assert (await ada.give(challenge, method="totp", code=right)).status_code == 401
    assert (await ada.give(await ada.challenge(), method="totp", code=right)).status_code == 200
    failed = await ada.events("factor.check")
    assert [(one["outcome"], one["reason"]) for one in failed] == [("failed", "code")] * 5
    assert failed[0]["about"] == f"account/{ada.account_id}"


async def test_an_account_takes_ten_codes_in_an_hour_and_leaves_the_other_methods_alone(ada: Person) -> None:
    app, codes = await ada.add_app()
    right = app.at(ada.clock.at)
    wrong = f"{(int(right) + 1) % 1000000:06}"
    tried = [(await ada.give(await ada.challenge(), method="totp", code=wrong)).status_code for _ in range(10)]
    # The code that confirmed the app was one of the ten.
    assert tried == [401] * 9 + [429]
    refused = await ada.give(await ada.challenge(), method="totp", code=right)
    assert (refused.status_code, "retry-after" in refused.headers) == (429, True)
    assert (await ada.give(await ada.challenge(), method="recovery", code=codes[0])).status_code == 200


async def test_signing_in_gives_the_attempts_back(ada: Person) -> None:
    app, _codes = await ada.add_app()
    for _ in range(3):
        right = app.at(ada.clock.at)
        wrong = f"{(int(right) + 1) % 1000000:06}"
        for _ in range(4):
            assert (await ada.give(await ada.challenge(), method="totp", code=wrong)).status_code == 401
        assert (await ada.give(await ada.challenge(), method="totp", code=right)).status_code == 200
        ada.clock.pass_by(30)


async def test_a_challenge_signs_in_once(ada: Person) -> None:
    app, _codes = await ada.add_app()
    challenge = await ada.challenge()
    assert (await ada.give(challenge, method="totp", code=app.at(ada.clock.at))).status_code == 200
    ada.clock.pass_by(30)
    assert (await ada.give(challenge, method="totp", code=app.at(ada.clock.at))).status_code == 401


async def test_one_persons_code_does_nothing_for_another(ada: Person, eve: Person) -> None:
    app, _codes = await ada.add_app()
    other, _codes = await eve.add_app()
    given = await eve.give(await ada.challenge(), method="totp", code=other.at(ada.clock.at))
    assert (given.status_code, app.secret != other.secret) == (401, True)


@pytest.mark.asvs("6.3.7")
async def test_removing_the_last_factor_takes_the_recovery_codes_along(ada: Person) -> None:
    await ada.add_app()
    assert (await ada.delete("/account/factors/totp")).status_code == 204
    assert (await ada.factors(), (await ada.get("/account/factors")).json()["recovery"]["left"]) == ((), 0)
    assert await ada.rows("SELECT FROM sealed WHERE about LIKE '%/totp'") == []
    assert await ada.mails() == ["factor-added", "factor-removed"]
    assert len(await ada.events("totp.remove")) == len(await ada.events("recovery-codes.remove")) == 1
    assert (await ada.delete("/account/factors/totp")).status_code == 404


async def test_the_last_factor_stays_where_a_workspace_demands_one(ada: Person, clock: Clock) -> None:
    await ada.add_app()
    clock.demanded = True
    refused = await ada.delete("/account/factors/totp")
    assert (refused.status_code, await ada.factors()) == (409, ("totp",))
    assert "workspace" in refused.json()["detail"]


@pytest.mark.asvs("7.5.3")
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/account/factors/totp"),
        ("DELETE", "/account/factors/totp"),
        ("POST", "/account/factors/recovery-codes"),
        ("POST", "/account/factors/passkeys/options"),
    ],
)
async def test_changing_factors_needs_a_fresh_proof(ada: Person, method: str, path: str) -> None:
    await ada.add_app()
    ada.clock.pass_by(301)
    refused = await ada.browser.request(method, path)
    assert (refused.status_code, refused.json()["code"]) == (403, "step-up-needed")
