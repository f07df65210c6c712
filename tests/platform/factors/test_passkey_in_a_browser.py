"""Passkeys in Chromium, with its virtual authenticator, on a real server."""

from __future__ import annotations

import asyncio
import shutil
import socket
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from playwright.async_api import Page, async_playwright
from pydantic import SecretStr

from surefoot.accounts.passwords import normalised
from surefoot.accounts.rules import address_of
from surefoot.accounts.store import insert_account
from surefoot.api.app import make_app
from surefoot.platform_settings import PlatformSettings
from surefoot.web.platform import Platform, open_platform

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

EMAIL, PASSWORD = "ada@example.com", "seven grey herons on a Tuesday roof"
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
POST = """async ([path, body]) => {
  const headers = {"Content-Type": "application/json", "X-Surefoot": "1"};
  const answer = await fetch("/api/v1" + path, {method: "POST", headers, body: JSON.stringify(body)});
  return [answer.status, await answer.json()];
}"""
CREATE = """async (options) => {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
  return (await navigator.credentials.create({publicKey})).toJSON();
}"""
GET = """async (options) => {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
  return (await navigator.credentials.get({publicKey})).toJSON();
}"""


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    """A free port of this machine."""
    with socket.create_server(("127.0.0.1", 0)) as opened:
        yield opened


@pytest.fixture
async def served(platform_url: str, data_dir: Path, listening: socket.socket) -> AsyncIterator[Platform]:
    """The parts of a process that serves the API on its base URL."""
    base_url = f"http://localhost:{listening.getsockname()[1]}"
    settings = PlatformSettings.model_validate(
        {"database_url": SecretStr(platform_url), "data_dir": data_dir, "base_url": base_url}
    )
    async with open_platform(settings) as opened:
        config = uvicorn.Config(make_app(opened), ws="none", lifespan="off", log_config=None, access_log=False)
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        yield opened
        server.should_exit = True
        await serving


@pytest.fixture
async def page(served: Platform) -> AsyncIterator[Page]:
    """A page of the platform, in a browser whose device verifies its person."""
    chromium = shutil.which("chromium")
    assert chromium, "scripts/system-packages installs Chromium"
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        opened = await browser.new_page()
        await opened.goto(f"{served.settings.origin}/health/live")
        devices = await opened.context.new_cdp_session(opened)
        await devices.send("WebAuthn.enable")
        await devices.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
        yield opened
        await browser.close()


async def post(page: Page, path: str, body: object = None) -> dict[str, Any]:
    status, answer = await page.evaluate(POST, [path, body if body is not None else {}])
    assert status in {200, 201}, answer
    return dict(answer)


async def test_a_passkey_from_its_making_to_signing_in_with_it_alone(served: Platform, page: Page) -> None:
    hashed = await served.hasher.hash(normalised(PASSWORD))
    async with served.database.transaction() as connection:
        account = await insert_account(connection, address_of(EMAIL), "Ada", hashed, datetime.now(UTC))

    password = {"email": EMAIL, "password": PASSWORD}
    assert (await post(page, "/sign-in", password))["status"] == "signed-in"
    asked = (await post(page, "/account/factors/passkeys/options"))["public_key"]
    made = await post(
        page, "/account/factors/passkeys", {"name": "Virtual", "credential": await page.evaluate(CREATE, asked)}
    )
    assert (made["passkey"]["name"], len(made["recovery_codes"])) == ("Virtual", 10)
    await post(page, "/sign-out")

    waiting = await post(page, "/sign-in", password)
    assert (waiting["status"], waiting["factors"]) == ("second-factor", ["passkey"])
    challenge = {"challenge": waiting["challenge"]}
    asked = (await post(page, "/sign-in/second-factor/passkey/options", challenge))["public_key"]
    proof = {"method": "passkey", "assertion": await page.evaluate(GET, asked)}
    assert (await post(page, "/sign-in/second-factor", {**challenge, **proof}))["status"] == "signed-in"

    asked = (await post(page, "/account/step-up/passkey/options"))["public_key"]
    proof = {"method": "passkey", "assertion": await page.evaluate(GET, asked)}
    assert (await post(page, "/account/step-up/factor", proof))["status"] == "proven"
    await post(page, "/sign-out")

    asked = (await post(page, "/sign-in/passkey/options"))["public_key"]
    alone = await post(page, "/sign-in/passkey", {"assertion": await page.evaluate(GET, asked)})
    assert alone["status"] == "signed-in"
    async with served.database.connection() as connection:
        rows = await connection.execute("SELECT account_id, methods FROM sessions")
        assert await rows.fetchall() == [{"account_id": account.id, "methods": ["passkey"]}]
