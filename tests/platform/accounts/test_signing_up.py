"""Signing up: the mailbox first, then the account."""

from __future__ import annotations

from dataclasses import replace

import anyio
import pytest

from surefoot.accounts.service_sign_up import ask_to_sign_up, complete_sign_up
from surefoot.db.ids import new_id
from surefoot.errors import Conflict, NotAllowed, NotFound
from tests.platform.accounts.conftest import PASSWORD, World, cookie_in

pytestmark = pytest.mark.anyio


async def test_a_mailed_link_makes_the_account_and_signs_in(world: World) -> None:
    browser = world.browser()
    asked = await browser.post("/sign-up", json={"email": "Ada@Example.org"})
    assert (asked.status_code, asked.json()) == (202, {"status": "mailed"})
    assert await world.mails() == [("Ada@Example.org", "verify")]
    assert (await world.link("verify")).startswith("http://localhost:8000/verify#token=")
    body = {"token": await world.token("verify"), "name": " Ada  Lovelace ", "password": PASSWORD}
    made = await browser.post("/sign-up/complete", json=body)
    assert (made.status_code, made.json()) == (200, {"status": "signed-in"})
    shown = (await browser.get("/account")).json()
    assert (shown["email"], shown["name"], shown["has_password"]) == ("Ada@Example.org", "Ada Lovelace", True)


async def test_a_link_works_once(world: World) -> None:
    browser = world.browser()
    await browser.post("/sign-up", json={"email": "ada@example.org"})
    body = {"token": await world.token("verify"), "name": "Ada", "password": PASSWORD}
    answers = [(await browser.post("/sign-up/complete", json=body)).status_code for _ in range(2)]
    assert answers == [200, 404]


async def test_a_newer_link_makes_the_earlier_one_void(world: World) -> None:
    browser = world.browser()
    await browser.post("/sign-up", json={"email": "ada@example.org"})
    first = await world.token("verify")
    assert (await browser.post("/sign-up/resend", json={"email": "ada@example.org"})).status_code == 202
    body = {"token": first, "name": "Ada", "password": PASSWORD}
    assert (await browser.post("/sign-up/complete", json=body)).status_code == 404


async def test_a_link_is_too_old_after_a_day(world: World) -> None:
    browser = world.browser()
    await browser.post("/sign-up", json={"email": "ada@example.org"})
    world.pass_by(hours=24)
    body = {"token": await world.token("verify"), "name": "Ada", "password": PASSWORD}
    assert (await browser.post("/sign-up/complete", json=body)).status_code == 404


async def test_a_refused_password_leaves_the_link_usable(world: World) -> None:
    browser = world.browser()
    await browser.post("/sign-up", json={"email": "ada@example.org"})
    body = {"token": await world.token("verify"), "name": "Ada", "password": "short"}
    refused = await browser.post("/sign-up/complete", json=body)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid")
    assert "short" not in refused.text
    assert (await browser.post("/sign-up/complete", json={**body, "password": PASSWORD})).status_code == 200


async def test_an_address_that_was_taken_meanwhile_is_told_as_such(world: World) -> None:
    browser = world.browser()
    await browser.post("/sign-up", json={"email": "ada@example.org"})
    await world.account("ADA@example.org")
    body = {"token": await world.token("verify"), "name": "Ada", "password": PASSWORD}
    assert (await browser.post("/sign-up/complete", json=body)).json()["code"] == Conflict.code


@pytest.mark.asvs("6.3.8")
async def test_a_known_address_is_answered_like_an_unknown_one(world: World, queries: list[str]) -> None:
    await world.account("ada@example.org")
    seen = []
    for email in ("ada@example.org", "eve@example.org"):
        queries.clear()
        answer = await world.browser().post("/sign-up", json={"email": email})
        headers = {name: text for name, text in answer.headers.items() if name != "x-request-id"}
        seen.append((answer.status_code, answer.content, headers, list(queries)))
    assert seen[0] == seen[1]
    assert await world.mails() == [("ada@example.org", "already-registered"), ("eve@example.org", "verify")]


async def test_only_invited_people_get_mail_where_only_they_may_sign_up(world: World, queries: list[str]) -> None:
    closed = replace(world.platform, settings=world.platform.settings.model_copy(update={"sign_up": "invited"}))
    await _invite(world, "ada@example.org")
    sent = []
    for email in ("ada@example.org", "eve@example.org"):
        queries.clear()
        await ask_to_sign_up(closed, world.now(), email)
        sent.append(list(queries))
    assert await world.mails() == [("ada@example.org", "verify")]
    assert sent[0] == sent[1]


async def test_a_link_makes_no_account_once_the_invitation_is_over(world: World) -> None:
    closed = replace(world.platform, settings=world.platform.settings.model_copy(update={"sign_up": "invited"}))
    await _invite(world, "ada@example.org")
    await ask_to_sign_up(closed, world.now(), "ada@example.org")
    token = await world.token("verify")
    await world.rows("UPDATE invitations SET expires_at = '2026-01-01' RETURNING id")
    with pytest.raises(NotAllowed):
        await complete_sign_up(closed, world.now(), token, "Ada", PASSWORD)
    await world.rows("UPDATE invitations SET expires_at = 'infinity' RETURNING id")
    assert (await complete_sign_up(closed, world.now(), token, "Ada", PASSWORD)).secret


async def _invite(world: World, email: str) -> None:
    inviter, workspace = await world.account("owner@example.org"), new_id()
    await world.rows(
        "INSERT INTO workspaces (id, name, slug, created_at)"
        f" VALUES ('{workspace}', 'Lighthouse', 'l', now()) RETURNING id"
    )
    await world.rows(
        "INSERT INTO invitations (id, workspace_id, email, email_key, role, digest, invited_by, created_at, expires_at)"
        f" VALUES ('{new_id()}', '{workspace}', '{email}', '{email}', 'viewer', 'x', '{inviter}', now(), 'infinity')"
        " RETURNING id"
    )


@pytest.mark.asvs("6.2.11")
async def test_the_inviting_workspace_is_no_password(world: World) -> None:
    browser = world.browser()
    await _invite(world, "ada@example.org")
    await browser.post("/sign-up", json={"email": "ada@example.org"})
    body = {"token": await world.token("verify"), "name": "Ada", "password": "Lighthouse-Lighthouse"}
    assert (await browser.post("/sign-up/complete", json=body)).status_code == 422


async def test_what_is_no_address_is_refused(world: World) -> None:
    for email in (
        "ada",
        "ada@",
        "@example.org",
        "a@b@c",
        "a b@example.org",
        "ada@exa_mple.org",
        "ada@x.org\nBcc: e@x.org",
    ):
        assert (await world.browser().post("/sign-up", json={"email": email})).status_code == 422, email


async def test_resending_is_limited_for_each_address(world: World) -> None:
    browser = world.browser()
    answers = [await browser.post("/sign-up/resend", json={"email": "ada@example.org"}) for _ in range(2)]
    assert [one.status_code for one in answers] == [202, 429]
    assert int(answers[1].headers["Retry-After"]) > 0


async def test_a_token_of_another_purpose_makes_no_account(world: World) -> None:
    await world.account("ada@example.org")
    browser = world.browser()
    await browser.post("/password/reset", json={"email": "ada@example.org"})
    body = {"token": await world.token("reset"), "name": "Ada", "password": PASSWORD}
    assert (await browser.post("/sign-up/complete", json=body)).json()["code"] == NotFound.code


async def test_two_who_open_the_link_at_once_make_one_account(world: World) -> None:
    await world.browser().post("/sign-up", json={"email": "ada@example.org"})
    body = {"token": await world.token("verify"), "name": "Ada", "password": PASSWORD}
    statuses: list[int] = []

    async def complete() -> None:
        statuses.append((await world.browser().post("/sign-up/complete", json=body)).status_code)

    async with anyio.create_task_group() as tasks:
        for _ in range(4):
            tasks.start_soon(complete)
    assert sorted(statuses) == [200, 404, 404, 404]
    assert len(await world.rows("SELECT id FROM accounts")) == 1


@pytest.mark.asvs("14.2.1", "16.2.5")
async def test_no_secret_is_in_the_database_as_it_was_given(world: World) -> None:
    browser = world.browser()
    await browser.post("/sign-up", json={"email": "ada@example.org"})
    token = await world.token("verify")
    await browser.post("/sign-up/complete", json={"token": token, "name": "Ada", "password": PASSWORD})
    plain = (token, PASSWORD, cookie_in(browser))
    secrets = (*plain, *(secret.encode().hex() for secret in plain))
    tables = await world.rows(
        "SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'platform'::regnamespace"
    )
    for table in (row["name"] for row in tables):
        for row in await world.rows(f'SELECT to_jsonb(t)::text AS line FROM "{table}" AS t'):
            assert not any(secret in row["line"] for secret in secrets), table
