"""One's own account: the name, and an address that is changed only once the new mailbox is proven."""

from __future__ import annotations

import pytest

from tests.platform.accounts.conftest import OTHER, World

pytestmark = pytest.mark.anyio
NEW = {"email": "new@example.org"}


async def test_people_see_their_account(world: World) -> None:
    account = await world.account()
    browser = await world.signed_in()
    answer = await browser.get("/account")
    assert answer.headers["ETag"] == '"1"'
    shown = answer.json()
    assert (shown["id"], shown["email"], shown["factors"]) == (str(account), "ada@example.org", [])
    assert "hash" not in answer.text


async def test_a_name_is_changed_by_who_has_read_it(world: World) -> None:
    account = await world.account()
    browser = await world.signed_in()
    body = {"name": "Ada,  Countess"}
    unread = await browser.patch("/account", json=body)
    changed = await browser.patch("/account", json=body, headers={"If-Match": '"1"'})
    stale = await browser.patch("/account", json={"name": "Eve"}, headers={"If-Match": '"1"'})
    assert (unread.status_code, changed.status_code, stale.status_code) == (412, 200, 412)
    assert (changed.json()["name"], changed.headers["ETag"]) == ("Ada, Countess", '"2"')
    assert await world.events("account.rename") == [(f"account/{account}", "done")]


@pytest.mark.parametrize("name", ["", "  ", "x" * 101, "a\u202eb", "a\x00b"])
async def test_a_name_that_nobody_could_read_is_refused(world: World, name: str) -> None:
    await world.account()
    browser = await world.signed_in()
    assert (await browser.patch("/account", json={"name": name}, headers={"If-Match": '"1"'})).status_code == 422


@pytest.mark.asvs("6.3.7")
async def test_an_address_changes_when_the_new_mailbox_is_proven(world: World) -> None:
    account = await world.account()
    browser = await world.signed_in()
    assert (await browser.post("/account/email", json=NEW)).status_code == 202
    assert await world.mails() == [("new@example.org", "email-change"), ("ada@example.org", "email-change-asked")]
    assert (await world.link("email-change")).startswith("http://localhost:8000/email#token=")
    waiting = (await browser.get("/account")).json()
    assert (waiting["email"], waiting["pending_email"]) == ("ada@example.org", "new@example.org")
    confirmed = await browser.post("/account/email/confirm", json={"token": await world.token("email-change")})
    assert confirmed.status_code == 200
    shown = (await browser.get("/account")).json()
    assert (shown["email"], shown["pending_email"]) == ("new@example.org", None)
    assert (await world.mails())[2:] == [("ada@example.org", "email-changed")]
    assert await world.events("email.change") == [(f"account/{account}", "done")]
    await world.signed_in("new@example.org")


async def test_what_was_mailed_to_the_old_address_is_void(world: World) -> None:
    await world.account()
    browser = await world.signed_in()
    await browser.post("/password/reset", json={"email": "ada@example.org"})
    await browser.post("/account/email", json=NEW)
    await browser.post("/account/email/confirm", json={"token": await world.token("email-change")})
    body = {"token": await world.token("reset"), "password": OTHER}
    assert (await browser.post("/password/reset/complete", json=body)).status_code == 404


@pytest.mark.asvs("6.3.8")
async def test_an_address_of_somebody_else_is_answered_the_same_and_not_given(world: World) -> None:
    await world.account()
    await world.account("new@example.org")
    browser = await world.signed_in()
    answer = await browser.post("/account/email", json=NEW)
    assert (answer.status_code, answer.json()) == (202, {"status": "mailed"})
    assert await world.mails() == [("new@example.org", "already-registered"), ("ada@example.org", "email-change-asked")]
    # As for an address that nobody has: else it would tell who has an account.
    assert (await browser.get("/account")).json()["pending_email"] == "new@example.org"


async def test_an_account_has_few_mails_sent_to_addresses_that_it_makes_up(world: World) -> None:
    await world.account()
    browser = await world.signed_in()
    answers = [await browser.post("/account/email", json={"email": f"new{one}@example.org"}) for one in range(6)]
    assert [one.status_code for one in answers] == [202] * 5 + [429]
    assert len([to for to, _ in await world.mails() if to.startswith("new")]) == 5


async def test_an_address_that_was_taken_meanwhile_is_not_given(world: World) -> None:
    await world.account()
    browser = await world.signed_in()
    await browser.post("/account/email", json=NEW)
    await world.account("new@example.org")
    confirmed = await browser.post("/account/email/confirm", json={"token": await world.token("email-change")})
    assert confirmed.status_code == 409
    assert (await browser.get("/account")).json()["email"] == "ada@example.org"


async def test_nobody_confirms_the_address_of_somebody_else(world: World) -> None:
    await world.account()
    await world.account("eve@example.org")
    browser, eve = await world.signed_in(), await world.signed_in("eve@example.org")
    await eve.post("/account/email", json=NEW)
    body = {"token": await world.token("email-change")}
    assert (await browser.post("/account/email/confirm", json=body)).status_code == 404
    assert (await eve.post("/account/email/confirm", json=body)).status_code == 200


async def test_a_link_to_a_new_address_is_too_old_after_an_hour(world: World) -> None:
    await world.account()
    browser = await world.signed_in()
    await browser.post("/account/email", json=NEW)
    world.pass_by(minutes=59)
    await browser.get("/account")
    world.pass_by(minutes=1)
    assert (await browser.get("/account")).json()["pending_email"] is None
    body = {"token": await world.token("email-change")}
    assert (await browser.post("/account/email/confirm", json=body)).status_code == 404


@pytest.mark.asvs("7.5.3")
async def test_changing_the_address_needs_a_fresh_proof(world: World) -> None:
    await world.account()
    browser = await world.signed_in()
    world.pass_by(minutes=6)
    answer = await browser.post("/account/email", json=NEW)
    assert (answer.status_code, answer.json()["code"]) == (403, "step-up-needed")
    assert await world.mails() == []


async def test_one_s_own_address_may_be_written_otherwise_but_not_the_same(world: World) -> None:
    await world.account()
    browser = await world.signed_in()
    assert (await browser.post("/account/email", json={"email": "ada@example.org"})).status_code == 409
    assert (await browser.post("/account/email", json={"email": "Ada@Example.org"})).status_code == 202
    await browser.post("/account/email/confirm", json={"token": await world.token("email-change")})
    assert (await browser.get("/account")).json()["email"] == "Ada@Example.org"
