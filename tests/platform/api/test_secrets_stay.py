"""Secrets of a whole life of an account: none of them gets into the log, the audit trail or a table."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pyotp
import pytest

from tests.platform.accounts.conftest import World, cookie_in
from tests.platform.telemetry.test_logging import configured

pytestmark = pytest.mark.anyio

FIRST, SECOND, WRONG = "canary seven grey herons", "canary nine loud geese", "canary wrong ten ducks"
QUERY = "canary-in-a-query"
ADA = "ada@example.org"


@pytest.fixture
async def world(platform: Any, call: Any) -> AsyncIterator[World]:
    made = World(platform, call)
    yield made
    for browser in made.browsers:
        await browser.aclose()


async def _sign_up(world: World, told: set[str]) -> httpx.AsyncClient:
    browser = world.browser()
    await browser.post("/sign-up", json={"email": ADA}, params={"token": QUERY})
    told |= {FIRST, token := await world.token("verify")}
    body = {"token": token, "name": "Ada\r\nsigned out", "password": FIRST}
    assert (await browser.post("/sign-up/complete", json=body)).status_code in {200, 422}
    await browser.post("/sign-up/complete", json={**body, "name": "Ada"})
    told.add(cookie_in(browser))
    return browser


async def _use_tokens(world: World, browser: httpx.AsyncClient, told: set[str]) -> None:
    asked = {"name": "ci", "scopes": ["workspace:read"], "expires_in_days": 30}
    made = await browser.post("/account/tokens", json=asked)
    assert made.status_code == 201, made.text
    told.add(secret := made.json()["secret"])
    for bearer in (secret, secret[:-1] + "x", f"{secret}\tx"):
        await world.browser().get("/workspaces", headers={"Authorization": f"Bearer {bearer}"})


async def _add_factor(world: World, browser: httpx.AsyncClient, told: set[str]) -> list[str]:
    secret = (await browser.post("/account/factors/totp")).json()["secret"]
    code = pyotp.TOTP(secret).at(world.at)
    confirmed = await browser.post("/account/factors/totp/confirm", json={"code": code})
    assert confirmed.status_code == 200, confirmed.text
    codes: list[str] = confirmed.json()["recovery_codes"]
    told |= {secret, *codes, *(code.replace("-", "") for code in codes), cookie_in(browser)}
    return codes


async def _sign_in(world: World, code: str, told: set[str]) -> httpx.AsyncClient:
    browser = world.browser(agent="Mozilla/5.0\x1b[31m forged")
    told |= {WRONG}
    await browser.post("/sign-in", json={"email": ADA, "password": WRONG})
    waiting = (await browser.post("/sign-in", json={"email": ADA, "password": FIRST})).json()
    told.add(waiting["challenge"])
    body = {"challenge": waiting["challenge"], "method": "recovery", "code": code}
    assert (await browser.post("/sign-in/second-factor", json=body)).status_code == 200
    told.add(cookie_in(browser))
    return browser


async def _change(world: World, browser: httpx.AsyncClient, told: set[str]) -> None:
    assert (await browser.post("/account/email", json={"email": "new@example.org"})).status_code == 202
    told.add(await world.token("email-change"))
    await world.browser().post("/password/reset", json={"email": ADA})
    told |= {SECOND, token := await world.token("reset")}
    body = {"token": token, "password": SECOND}
    assert (await world.browser().post("/password/reset/complete", json=body)).status_code == 200


async def _tables(world: World) -> str:
    """Every row of every table of the platform, as text."""
    names = await world.rows(
        "SELECT oid::regclass::text AS name FROM pg_class WHERE relnamespace = 'platform'::regnamespace"
        " AND relkind = 'r' ORDER BY 1"
    )
    rows = [await world.rows(f"SELECT t::text AS row FROM {one['name']} t") for one in names]
    return "\n".join(row["row"] for table in rows for row in table)


@pytest.mark.asvs("16.2.5", "16.4.1", "14.2.1")
async def test_no_secret_of_an_account_is_written_anywhere(world: World) -> None:
    told: set[str] = {QUERY}
    with configured("json", "debug") as log:
        browser = await _sign_up(world, told)
        await _use_tokens(world, browser, told)
        codes = await _add_factor(world, browser, told)
        await _change(world, await _sign_in(world, codes[0], told), told)
    assert len(told) > 20
    _expect_none(told, log, await _tables(world))


def _expect_none(told: set[str], log: io.StringIO, tables: str) -> None:
    lines = log.getvalue().splitlines()
    assert len([one for one in map(json.loads, lines) if one["event"] == "request"]) > 10
    assert "session.begin" in tables
    assert [secret for secret in told if secret in log.getvalue()] == []
    assert [secret for secret in told if secret in tables] == []
    assert "canary" not in log.getvalue() + tables
    assert "\x1b" not in log.getvalue() + tables
