"""Signing in with a provider, and linking one, through the API; the provider is in the test."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from psycopg.errors import CheckViolation

from surefoot.accounts.rules import address_of
from surefoot.accounts.sessions import PLAIN_COOKIE, begin_session, end_sessions
from surefoot.accounts.social import service
from surefoot.accounts.social.cookie import PLAIN_COOKIE as ATTEMPT
from surefoot.accounts.social.model import Purpose
from surefoot.accounts.social.parties import Parties
from surefoot.accounts.store import insert_account
from surefoot.api.app import make_app
from surefoot.calls import Call
from surefoot.web.platform import Platform
from tests.platform.social import hostile
from tests.platform.social.hostile import Op

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

BEGIN, COMPLETE = "/sign-in/providers/op", "/sign-in/providers/op/complete"
PASSKEY = """
    INSERT INTO passkeys (id, account_id, credential_id, public_key, sign_count, name, transports, created_at)
    SELECT gen_random_uuid(), id, 'x', 'x', 0, 'Key', '{}', now() FROM accounts RETURNING id
"""


class World:
    """A platform with two providers, `op` and `other`, and browsers on it."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        self.op = Op(datetime.now(UTC))
        providers = {name: hostile.provider(name=name, title=name.title()) for name in ("op", "other")}
        self.app = make_app(platform)
        self.app.state.parties = Parties(platform.settings, providers, self.op.transport)

    def browser(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app, client=("192.0.2.1", 40000)),
            base_url=f"{self.platform.settings.origin}/api/v1",
            headers={"X-Surefoot": "1", "Sec-Fetch-Site": "same-origin"},
        )

    async def account(self, email: str, password_hash: str | None = "a-hash") -> Any:
        async with self.platform.database.transaction() as connection:
            return await insert_account(connection, address_of(email), "Ada", password_hash, datetime.now(UTC))

    async def signed_in(self, browser: httpx.AsyncClient, account_id: Any, call: Call) -> None:
        async with self.platform.database.transaction() as connection:
            begun = await begin_session(connection, call, account_id, ("password",))
        browser.cookies.set(PLAIN_COOKIE, begun.secret)

    async def rows(self, query: str) -> list[dict[str, Any]]:
        async with self.platform.database.connection() as connection:
            return await (await connection.execute(query.encode())).fetchall()


@pytest.fixture
def world(platform: Platform) -> World:
    return World(platform)


@pytest.fixture
async def browser(world: World) -> AsyncIterator[httpx.AsyncClient]:
    async with world.browser() as opened:
        yield opened


async def go(world: World, browser: httpx.AsyncClient, begin: str = BEGIN, body: Any = None) -> dict[str, str]:
    """From the button to what the provider sends the browser back with."""
    begun = await browser.post(begin, json=body)
    assert begun.status_code == 200, begun.text
    return world.op.authorize(begun.json()["location"])


async def sign_in(world: World, browser: httpx.AsyncClient) -> httpx.Response:
    return await browser.post(COMPLETE, json=await go(world, browser))


async def link(world: World, browser: httpx.AsyncClient) -> httpx.Response:
    returned = await go(world, browser, "/account/identities", {"provider": "op"})
    return await browser.post("/account/identities/complete", json={"provider": "op", **returned})


async def test_a_new_person_gets_an_account_without_a_password(world: World, browser: httpx.AsyncClient) -> None:
    answer = await sign_in(world, browser)
    assert (answer.status_code, answer.json()["status"]) == (200, "signed-in")
    assert "HttpOnly" in answer.headers["set-cookie"]
    assert ATTEMPT not in browser.cookies
    (account,) = await world.rows("SELECT email, name, password_hash FROM accounts")
    assert account == {"email": "ada@example.org", "name": "Ada Lovelace", "password_hash": None}
    (identity,) = (await browser.get("/account/identities")).json()["items"]
    assert (identity["provider"], identity["email"]) == ("op", "ada@example.org")


async def test_who_is_known_signs_in_again_whatever_the_address_is_now(
    world: World, browser: httpx.AsyncClient
) -> None:
    await sign_in(world, browser)
    world.op.email = "lovelace@example.net"
    async with world.browser() as another:
        assert (await sign_in(world, another)).json()["status"] == "signed-in"
    assert len(await world.rows("SELECT FROM accounts")) == 1


@pytest.mark.asvs("6.8.1", "10.5.2")
async def test_the_same_address_or_subject_elsewhere_is_somebody_else(world: World, browser: httpx.AsyncClient) -> None:
    await sign_in(world, browser)
    world.op.subject = "person-2"
    answer = await sign_in(world, browser)
    assert (answer.status_code, answer.json()["reason"]) == (409, "account-exists")
    assert len(await world.rows("SELECT FROM identities")) == 1


@pytest.mark.asvs("6.8.1")
async def test_an_address_that_has_an_account_is_never_linked_by_itself(
    world: World, browser: httpx.AsyncClient
) -> None:
    await world.account("Ada@Example.org")
    answer = await sign_in(world, browser)
    assert (answer.status_code, answer.json()["reason"]) == (409, "account-exists")
    assert "link" in answer.json()["hint"]
    assert PLAIN_COOKIE not in browser.cookies
    assert await world.rows("SELECT FROM identities") == []


async def test_an_address_that_nobody_verified_makes_no_account(world: World, browser: httpx.AsyncClient) -> None:
    world.op.email = None
    answer = await sign_in(world, browser)
    assert (answer.status_code, answer.json()["reason"]) == (409, "email-not-verified")
    assert await world.rows("SELECT FROM accounts") == []


async def test_where_people_are_invited_nobody_else_gets_an_account(
    platform: Platform, browser: httpx.AsyncClient, world: World
) -> None:
    object.__setattr__(platform.settings, "sign_up", "invited")
    answer = await sign_in(world, browser)
    assert (answer.status_code, answer.json()["reason"]) == (403, "not-invited")
    inviter = await world.account("grace@example.org")
    await world.rows(
        f"""
        WITH made AS (
          INSERT INTO workspaces (id, slug, name, created_at)
          VALUES (gen_random_uuid(), 'w', 'W', now()) RETURNING id)
        INSERT INTO invitations (id, workspace_id, email, email_key, role, digest, invited_by, created_at, expires_at)
        SELECT gen_random_uuid(), id, 'ada@example.org', 'ada@example.org', 'viewer', 'x', '{inviter.id}', now(),
          now() + interval '1 day' FROM made RETURNING id
        """
    )
    assert (await sign_in(world, browser)).json()["status"] == "signed-in"


@pytest.mark.asvs("6.3.4")
async def test_a_second_factor_is_asked_for_as_with_a_password(world: World, browser: httpx.AsyncClient) -> None:
    await sign_in(world, browser)
    await world.rows(PASSKEY)
    async with world.browser() as another:
        answer = await sign_in(world, another)
        assert (answer.json()["status"], answer.json()["factors"]) == ("second-factor", ["passkey"])
        assert answer.json()["challenge"]
        assert PLAIN_COOKIE not in another.cookies


async def test_a_disabled_account_stays_out(world: World, browser: httpx.AsyncClient) -> None:
    await sign_in(world, browser)
    await world.rows("UPDATE accounts SET disabled_at = now() RETURNING id")
    async with world.browser() as another:
        assert (await sign_in(world, another)).status_code == 401


@pytest.mark.asvs("10.2.1")
async def test_an_answer_counts_once(world: World, browser: httpx.AsyncClient) -> None:
    returned = await go(world, browser)
    attempt = browser.cookies[ATTEMPT]
    assert (await browser.post(COMPLETE, json=returned)).status_code == 200
    browser.cookies.set(ATTEMPT, attempt)
    again = await browser.post(COMPLETE, json=returned)
    assert (again.status_code, again.json()["reason"]) == (401, "attempt")


async def test_of_twenty_at_once_one_signs_in(world: World, browser: httpx.AsyncClient) -> None:
    returned = await go(world, browser)
    answers = await asyncio.gather(*(browser.post(COMPLETE, json=returned) for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [200, *[401] * 19]


@pytest.mark.asvs("10.1.2", "10.2.1")
async def test_an_answer_in_another_browser_is_worth_nothing(world: World, browser: httpx.AsyncClient) -> None:
    """Somebody who has a victim's browser complete the sign-in of their own account gets nowhere."""
    returned = await go(world, browser)
    async with world.browser() as victim:
        assert (await victim.post(COMPLETE, json=returned)).json()["reason"] == "attempt"
        await go(world, victim)
        assert (await victim.post(COMPLETE, json=returned)).json()["reason"] == "state"
        assert PLAIN_COOKIE not in victim.cookies


async def test_a_wrong_state_ends_the_attempt(world: World, browser: httpx.AsyncClient) -> None:
    returned = await go(world, browser)
    wrong = await browser.post(COMPLETE, json={**returned, "state": "sign-in.wrong"})
    assert wrong.json()["reason"] == "state"
    assert (await browser.post(COMPLETE, json=returned)).json()["reason"] == "attempt"
    assert world.op.count("/token") == 0


@pytest.mark.asvs("10.2.2")
async def test_the_way_back_of_one_provider_takes_no_answer_of_another(
    world: World, browser: httpx.AsyncClient
) -> None:
    returned = await go(world, browser)
    answer = await browser.post("/sign-in/providers/other/complete", json=returned)
    assert answer.json()["reason"] == "attempt"
    assert world.op.count("/token") == 0


async def test_an_attempt_lives_for_ten_minutes(world: World, browser: httpx.AsyncClient) -> None:
    returned = await go(world, browser)
    await world.rows("UPDATE social_attempts SET expires_at = now() RETURNING digest")
    assert (await browser.post(COMPLETE, json=returned)).json()["reason"] == "attempt"


async def test_attempts_that_are_over_are_swept(world: World, browser: httpx.AsyncClient) -> None:
    await go(world, browser)
    await world.rows("UPDATE social_attempts SET expires_at = now() RETURNING digest")
    await go(world, browser)
    assert len(await world.rows("SELECT FROM social_attempts")) == 1


@pytest.mark.asvs("14.2.1")
async def test_nothing_of_an_attempt_is_stored_but_a_digest(world: World, browser: httpx.AsyncClient) -> None:
    returned = await go(world, browser)
    (stored,) = await world.rows("SELECT social_attempts::text AS all FROM social_attempts")
    for secret in (browser.cookies[ATTEMPT], returned["state"], world.op.codes[returned["code"]]["nonce"]):
        assert secret not in stored["all"]


@pytest.mark.asvs("10.1.1")
async def test_a_providers_tokens_are_neither_kept_nor_handed_on(world: World, browser: httpx.AsyncClient) -> None:
    canary = "canary-4711"
    world.op.tokens = {"access_token": canary, "refresh_token": canary}
    answer = await sign_in(world, browser)
    assert answer.json() == {"status": "signed-in"}
    assert canary not in str(answer.headers)
    assert await tables_with(world, "ada@example.org")
    assert await tables_with(world, canary) == []


async def tables_with(world: World, text: str) -> list[str]:
    """The platform's tables in which a text stands."""
    found = await world.rows(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'platform'::regnamespace"
    )
    query = "SELECT FROM {} AS one WHERE one::text LIKE '%{}%' LIMIT 1"
    return [one["relname"] for one in found if await world.rows(query.format(one["relname"], text))]


async def test_a_provider_that_is_not_there_is_not_found(world: World, browser: httpx.AsyncClient) -> None:
    assert (await browser.post("/sign-in/providers/nobody")).status_code == 404


async def test_the_providers_are_listed_without_their_secrets(world: World, browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/sign-in/providers")
    assert answer.json() == {"items": [{"name": "op", "title": "Op"}, {"name": "other", "title": "Other"}]}


async def test_attempts_are_limited_for_each_network(world: World, browser: httpx.AsyncClient) -> None:
    answers = [await browser.post(BEGIN) for _ in range(31)]
    assert [answer.status_code for answer in answers] == [*[200] * 30, 429]


async def test_the_cookie_is_for_our_own_pages_alone(world: World, browser: httpx.AsyncClient) -> None:
    cookie = (await browser.post(BEGIN)).headers["set-cookie"].lower()
    for part in ("httponly", "samesite=strict", "max-age=600", "path=/"):
        assert part in cookie


@pytest.fixture
async def owner(world: World, browser: httpx.AsyncClient, call: Call) -> Any:
    """An account with a password, signed in in the browser."""
    account = await world.account("grace@example.org")
    await world.signed_in(browser, account.id, call)
    return account


@pytest.mark.asvs("6.3.7")
async def test_an_identity_is_linked_signs_in_and_is_unlinked(
    world: World, browser: httpx.AsyncClient, owner: Any
) -> None:
    linked = await link(world, browser)
    assert (linked.status_code, linked.json()["title"]) == (201, "Op")
    async with world.browser() as another:
        assert (await sign_in(world, another)).json()["status"] == "signed-in"
    assert (await browser.delete(f"/account/identities/{linked.json()['id']}")).status_code == 204
    async with world.browser() as another:
        world.op.email = "grace@example.org"
        assert (await sign_in(world, another)).json()["reason"] == "account-exists"
    mails = await world.rows("SELECT recipient, template FROM mails ORDER BY created_at, id")
    notices = [mail for mail in mails if mail["template"].startswith("identity-")]
    assert [mail["template"] for mail in notices] == ["identity-linked", "identity-unlinked"]
    assert {mail["recipient"] for mail in notices} == {"grace@example.org"}
    told = await world.rows("SELECT action FROM audit_events WHERE action LIKE 'identity.%' ORDER BY id")
    assert [one["action"] for one in told] == ["identity.link", "identity.unlink"]


@pytest.mark.asvs("7.4.3")
async def test_a_session_that_ends_while_the_provider_is_asked_links_nothing(
    world: World, browser: httpx.AsyncClient, owner: Any, call: Call
) -> None:
    returned = await go(world, browser, "/account/identities", {"provider": "op"})

    async def reset_meanwhile(request: httpx.Request) -> httpx.Response:
        async with world.platform.database.transaction() as connection:
            await end_sessions(connection, call, owner.id)
        return await world.op.transport.handle_async_request(request)

    providers = world.app.state.parties.providers
    world.app.state.parties = Parties(world.platform.settings, providers, httpx.MockTransport(reset_meanwhile))
    linked = await browser.post("/account/identities/complete", json={"provider": "op", **returned})
    assert (linked.status_code, linked.json()["code"]) == (401, "not-signed-in")
    assert await world.rows("SELECT id FROM identities") == []


async def test_an_identity_belongs_to_one_account(world: World, browser: httpx.AsyncClient, owner: Any) -> None:
    async with world.browser() as another:
        await sign_in(world, another)
    assert (await link(world, browser)).status_code == 409
    assert await world.rows(f"SELECT FROM identities WHERE account_id = '{owner.id}'") == []


async def test_the_last_way_to_sign_in_stays(world: World, browser: httpx.AsyncClient) -> None:
    await sign_in(world, browser)
    (identity,) = (await browser.get("/account/identities")).json()["items"]
    answer = await browser.delete(f"/account/identities/{identity['id']}")
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    assert len(await world.rows("SELECT FROM identities")) == 1


async def test_of_two_ways_taken_away_at_once_one_stays(world: World, browser: httpx.AsyncClient) -> None:
    await sign_in(world, browser)
    world.op.subject = "person-2"
    await link(world, browser)
    found = (await browser.get("/account/identities")).json()["items"]
    answers = await asyncio.gather(*(browser.delete(f"/account/identities/{one['id']}") for one in found))
    assert sorted(answer.status_code for answer in answers) == [204, 409]


async def test_an_identity_of_somebody_else_is_not_there(world: World, browser: httpx.AsyncClient, owner: Any) -> None:
    async with world.browser() as another:
        await sign_in(world, another)
    (theirs,) = await world.rows("SELECT id FROM identities")
    assert (await browser.delete(f"/account/identities/{theirs['id']}")).status_code == 404
    assert len(await world.rows("SELECT FROM identities")) == 1


async def test_what_one_account_began_another_cannot_end(
    world: World, browser: httpx.AsyncClient, owner: Any, call: Call
) -> None:
    returned = await go(world, browser, "/account/identities", {"provider": "op"})
    other = await world.account("mallory@example.org")
    await world.signed_in(browser, other.id, call)
    answer = await browser.post("/account/identities/complete", json={"provider": "op", **returned})
    assert (answer.status_code, answer.json()["reason"]) == (401, "account")
    assert await world.rows("SELECT FROM identities") == []


async def test_a_way_to_link_is_no_way_to_sign_in(world: World, browser: httpx.AsyncClient, owner: Any) -> None:
    returned = await go(world, browser, "/account/identities", {"provider": "op"})
    assert returned["state"].startswith(f"{Purpose.LINK}.")
    assert (await browser.post(COMPLETE, json=returned)).json()["reason"] == "attempt"


async def test_linking_needs_fresh_proof(world: World, browser: httpx.AsyncClient, owner: Any) -> None:
    await world.rows("UPDATE sessions SET proven_at = now() - interval '6 minutes' RETURNING id")
    answer = await browser.post("/account/identities", json={"provider": "op"})
    assert (answer.status_code, answer.json()["code"]) == (403, "step-up-needed")


async def test_a_refused_answer_is_told_to_the_audit_trail(world: World, browser: httpx.AsyncClient) -> None:
    world.op.sign = hostile.unsigned
    await sign_in(world, browser)
    (told,) = await world.rows("SELECT reason FROM audit_events WHERE outcome = 'refused'")
    assert told["reason"] == "sign-in-failed"


async def test_no_account_is_made_where_the_trail_cannot_be_written(
    world: World, browser: httpx.AsyncClient, call: Call
) -> None:
    returned = await go(world, browser)
    async with world.platform.database.connection() as connection:
        await connection.execute(
            "ALTER TABLE audit_events ADD CONSTRAINT is_out CHECK (action <> 'session.begin') NOT VALID"
        )
    answer = service.Answer(returned["code"], returned["state"], None)
    with pytest.raises(CheckViolation):
        await service.sign_in(world.platform, call, world.app.state.parties, "op", browser.cookies[ATTEMPT], answer)
    assert await world.rows("SELECT FROM accounts") == []
    assert await world.rows("SELECT FROM identities") == []


async def test_the_last_passkey_of_an_account_without_another_way_in_stays(
    world: World, browser: httpx.AsyncClient
) -> None:
    await sign_in(world, browser)
    (passkey,) = await world.rows(PASSKEY)
    await world.rows("DELETE FROM identities RETURNING id")
    answer = await browser.delete(f"/account/factors/passkeys/{passkey['id']}")
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    assert len(await world.rows("SELECT FROM passkeys")) == 1
