"""The pages in Chromium, on a real server, as the people who are sent to them use them."""

from __future__ import annotations

import asyncio
import json
import shutil
import socket
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pyotp
import pytest
import uvicorn
from playwright.async_api import Page, Request, Route, async_playwright, expect
from pydantic import SecretStr

from surefoot.accounts.passwords import normalised
from surefoot.accounts.rules import address_of
from surefoot.accounts.service import begin_setup
from surefoot.accounts.service_profile import ask_email_change
from surefoot.accounts.social.parties import Parties
from surefoot.accounts.store import insert_account
from surefoot.api.app import make_app
from surefoot.api.pages.routes import PAGES
from surefoot.calls import Actor, ActorKind, Call
from surefoot.notifications.send import about
from surefoot.platform_settings import PlatformSettings
from surefoot.web.platform import Platform, open_platform
from surefoot.workspaces.invitations.service import invite
from surefoot.workspaces.rules import Role
from surefoot.workspaces.service import create_workspace
from tests.platform.social import hostile
from tests.platform.social.hostile import Op

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

EMAIL, PASSWORD, OTHER = "ada@example.org", "seven grey herons on a Tuesday roof", "nine loud geese in the attic"

POST = """async ([path, body]) => {
  const headers = {"X-Surefoot": "1", ...(body && {"Content-Type": "application/json"})};
  const answer = await fetch("/api/v1" + path, {method: "POST", headers, body: body && JSON.stringify(body)});
  return await answer.json();
}"""
CREATE = """async (options) => {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
  return (await navigator.credentials.create({publicKey})).toJSON();
}"""
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@dataclass
class World:
    """A served platform, a provider, and a browser's page that tells of each thing that went wrong in it."""

    platform: Platform
    page: Page
    op: Op
    asked: list[str]
    troubles: list[str]

    @property
    def origin(self) -> str:
        return self.platform.settings.origin

    async def open(self, path: str) -> None:
        """A page, as if for the first time: a change of the fragment alone loads nothing."""
        await self.page.goto("about:blank")
        await self.page.goto(f"{self.origin}{path}")

    async def title(self, text: str) -> None:
        await expect(self.page.get_by_role("heading", level=1)).to_have_text(text)

    async def fill(self, **values: str) -> None:
        for label, value in values.items():
            await self.page.get_by_label(label.replace("_", " "), exact=True).fill(value)

    async def press(self, name: str) -> None:
        await self.page.get_by_role("button", name=name, exact=True).click()

    async def alert(self) -> str:
        return await self.page.get_by_role("alert").inner_text()

    async def account(self, email: str = EMAIL) -> Any:
        hashed = await self.platform.hasher.hash(normalised(PASSWORD))
        async with self.platform.database.transaction() as connection:
            return await insert_account(connection, address_of(email), "Ada", hashed, datetime.now(UTC))

    async def mailed(self, template: str) -> str:
        """The path of the link in the last mail of a template."""
        async with self.platform.database.transaction() as connection:
            cursor = await connection.execute(
                "SELECT id, sealed FROM mails WHERE template = %s ORDER BY id DESC LIMIT 1", (template,)
            )
            row = await cursor.fetchone()
            assert row, f"no mail {template}"
            values = await self.platform.vault.unseal(connection, row["sealed"], about=about(str(row["id"])))
        return str(json.loads(values)["link"]).removeprefix(self.origin)

    async def sign_in(self) -> None:
        await self.fill(**{"E-mail address": EMAIL, "Password": PASSWORD})
        await self.press("Sign in")


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as opened:
        yield opened


@pytest.fixture
def op() -> Op:
    return Op(datetime.now(UTC))


@pytest.fixture
async def served(platform_url: str, data_dir: Path, listening: socket.socket, op: Op) -> AsyncIterator[Platform]:
    base_url = f"http://localhost:{listening.getsockname()[1]}"
    settings = PlatformSettings.model_validate(
        {"database_url": SecretStr(platform_url), "data_dir": data_dir, "base_url": base_url}
    )
    async with open_platform(settings) as opened:
        app = make_app(opened)
        app.state.parties = Parties(settings, {"op": hostile.provider()}, op.transport)
        server = uvicorn.Server(uvicorn.Config(app, ws="none", lifespan="off", log_config=None, access_log=False))
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        yield opened
        server.should_exit = True
        await serving


@pytest.fixture
async def world(served: Platform, op: Op) -> AsyncIterator[World]:
    chromium = shutil.which("chromium")
    assert chromium, "scripts/system-packages installs Chromium"
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        context = await browser.new_context(viewport={"width": 360, "height": 740})
        page = await context.new_page()
        page.set_default_timeout(10_000)
        made = World(served, page, op, [], [])

        def note(request: Request) -> None:
            made.asked.append(request.url)

        page.on("request", note)
        page.on("pageerror", lambda error: made.troubles.append(str(error)))
        page.on("console", lambda said: made.troubles.append(said.text) if "Content Security" in said.text else None)
        yield made
        await browser.close()
    assert made.troubles == []


async def test_signing_up_from_the_address_to_the_account(world: World) -> None:
    await world.open("/sign-up")
    await world.fill(**{"E-mail address": EMAIL})
    await world.press("Send me a link")
    await world.title("Look at your mail")
    await world.open(await world.mailed("verify"))
    await world.title("Make your account")
    assert world.page.url == f"{world.origin}/verify"
    await world.fill(**{"Your name": "Ada", "New password": "too short"})
    await world.press("Make my account")
    assert "this has 9" in await world.alert()
    wrong = world.page.get_by_label("New password", exact=True)
    await expect(wrong).to_be_focused()
    await expect(wrong).to_have_attribute("aria-invalid", "true")
    await world.fill(**{"New password": PASSWORD})
    await world.press("Make my account")
    await world.title("Your account is ready")
    await world.open("/")
    await world.title("You are signed in")
    await world.press("Sign out")
    await world.title("You are signed out")


@pytest.mark.asvs("14.2.1")
async def test_a_mailed_token_goes_neither_into_a_url_nor_into_the_history(world: World) -> None:
    await world.account()
    await world.open("/reset")
    await world.fill(**{"E-mail address": EMAIL})
    await world.press("Send me a link")
    await world.title("Look at your mail")
    path = await world.mailed("reset")
    token = path.partition("#token=")[2]
    await world.open(path)
    await world.fill(**{"New password": OTHER})
    await world.press("Set the password")
    await world.title("Your password is set")
    assert token
    assert [url for url in world.asked if token in url and not url.endswith(path)] == []
    await world.page.reload()
    await world.title("Reset your password")
    assert await world.page.evaluate("location.hash") == ""


async def test_a_link_that_was_used_is_told_in_words(world: World) -> None:
    await world.open("/reset#token=used")
    await world.fill(**{"New password": OTHER})
    await world.press("Set the password")
    assert "Ask for another" in await world.alert()


async def test_a_new_address_is_confirmed_after_signing_in(world: World) -> None:
    account = await world.account()
    call = Call(Actor(ActorKind.PERSON, account.id, EMAIL, proven_at=datetime.now(UTC)), datetime.now(UTC))
    await ask_email_change(world.platform, call, "lovelace@example.org")
    await world.open(await world.mailed("email-change"))
    await world.press("Confirm")
    await world.title("Sign in")
    await world.sign_in()
    await world.title("Your address is confirmed")


async def test_an_invitation_makes_an_account_or_is_accepted_with_one(world: World) -> None:
    owner = await world.account("grace@example.org")
    call = Call(Actor(ActorKind.PERSON, owner.id, owner.email), datetime.now(UTC))
    async with world.platform.database.transaction() as connection:
        made = await create_workspace(connection, call, "Payments")
        within = replace(call, workspace=made.workspace.id)
        await invite(connection, world.platform, within, EMAIL, Role.OPERATOR)
    await world.open(await world.mailed("invitation"))
    await expect(world.page.get_by_text("grace@example.org invites ada@example.org to Payments")).to_be_visible()
    await world.fill(**{"Your name": "Ada", "New password": PASSWORD})
    await world.press("Make my account and accept")
    await world.title("You are a member of Payments")
    async with world.platform.database.transaction() as connection:
        other = await create_workspace(connection, call, "Orders")
        within = replace(call, workspace=other.workspace.id)
        await invite(connection, world.platform, within, EMAIL, Role.VIEWER)
    await world.open(await world.mailed("invitation"))
    await expect(world.page.get_by_text("You are signed in as ada@example.org.")).to_be_visible()
    await world.press("Accept")
    await world.title("You are a member of Orders")


async def test_the_first_person_sets_the_installation_up(world: World) -> None:
    async with world.platform.database.transaction() as connection:
        token = await begin_setup(connection)
    await world.open(f"/setup#token={token}")
    given = {"E-mail address": EMAIL, "Your name": "Ada", "New password": PASSWORD}
    await world.fill(**given, **{"Name of the first workspace": "Payments"})
    await world.press("Set it up")
    await world.title("Payments is ready")


async def via_provider(world: World) -> None:
    """Have the provider send the browser back at once, as for somebody who said yes there."""

    async def send_back(route: Route) -> None:
        returned = urlencode(world.op.authorize(route.request.url))
        location = f"{world.origin}/signed-in-with/op?{returned}"
        await route.fulfill(status=302, headers={"Location": location})

    await world.page.route(f"{hostile.ISSUER}/**", send_back)


@pytest.mark.asvs("14.2.1")
async def test_signing_in_with_a_provider_leaves_no_code_in_the_address(world: World) -> None:
    await via_provider(world)
    await world.open("/sign-in")
    await world.press("Sign in with Op")
    await world.title("You are signed in")
    assert world.page.url == f"{world.origin}/signed-in-with/op"
    await world.open("/")
    await expect(world.page.get_by_text("As ada@example.org.")).to_be_visible()


async def test_an_answer_that_nobody_asked_for_signs_nobody_in(world: World) -> None:
    await world.open("/signed-in-with/op?code=theirs&state=sign-in.theirs")
    await world.title("You are not signed in")
    assert "no attempt" in await world.alert()
    await world.open("/signed-in-with/op?error=access_denied")
    assert "said no" in await world.alert()


async def test_a_device_is_approved_with_a_second_factor(world: World) -> None:
    await world.account()
    await world.open("/")
    await world.sign_in()
    await world.title("You are signed in")
    secret = (await world.page.evaluate(POST, ["/account/factors/totp", None]))["secret"]
    await world.page.evaluate(POST, ["/account/factors/totp/confirm", {"code": pyotp.TOTP(secret).now()}])
    await world.press("Sign out")
    async with httpx.AsyncClient(base_url=f"{world.origin}/api/v1", headers={"X-Surefoot": "1"}) as program:
        asked = {"client": "surefoot on build-7", "scopes": ["workspace:read"]}
        device = (await program.post("/device/code", json=asked)).json()
        await world.open(device["verification_uri_complete"].removeprefix(world.origin))
        await world.press("Look at it")
        await world.sign_in()
        await world.title("Your second factor")
        await allow_code_again(world.platform)
        await world.fill(**{"Code of your app": pyotp.TOTP(secret).now()})
        await world.press("Go on")
        await world.title("Approve this device?")
        await expect(world.page.get_by_text("surefoot on build-7")).to_be_visible()
        await age_proof(world.platform)
        await world.press("Approve")
        await world.title("Prove that it is you")
        await allow_code_again(world.platform)
        await world.fill(**{"Code of your app": pyotp.TOTP(secret).now()})
        await world.press("Go on")
        await world.title("The device is approved")
        token = (await program.post("/device/token", json={"device_code": device["device_code"]})).json()
    assert token["access_token"].startswith("sft_pat_")


async def allow_code_again(platform: Platform) -> None:
    """A code counts once; the test does not wait for the next."""
    async with platform.database.connection() as connection:
        await connection.execute("UPDATE totp_factors SET last_step = 0")


async def age_proof(platform: Platform) -> None:
    async with platform.database.connection() as connection:
        await connection.execute("UPDATE sessions SET proven_at = proven_at - interval '6 minutes'")


async def test_a_provider_is_linked_on_the_way_back(world: World) -> None:
    await world.account("grace@example.org")
    await via_provider(world)
    await world.open("/")
    await world.fill(**{"E-mail address": "grace@example.org", "Password": PASSWORD})
    await world.press("Sign in")
    await world.title("You are signed in")
    begun = await world.page.evaluate(POST, ["/account/identities", {"provider": "op"}])
    await world.page.goto(begun["location"])
    await world.title("Op is linked")
    await world.open("/")
    await world.press("Sign out")
    await world.page.get_by_role("link", name="Sign in again").click()
    await world.press("Sign in with Op")
    await expect(world.page.get_by_text("As grace@example.org.")).to_be_visible()


async def test_a_passkey_signs_in_alone_and_after_a_password(world: World) -> None:
    devices = await world.page.context.new_cdp_session(world.page)
    await devices.send("WebAuthn.enable")
    await devices.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    await world.account()
    await world.open("/")
    await world.sign_in()
    await world.title("You are signed in")
    asked = await world.page.evaluate(POST, ["/account/factors/passkeys/options", None])
    made = await world.page.evaluate(CREATE, asked["public_key"])
    await world.page.evaluate(POST, ["/account/factors/passkeys", {"name": "Virtual", "credential": made}])
    await world.press("Sign out")
    await world.open("/sign-in")
    await world.press("Use a passkey")
    await world.title("You are signed in")
    await world.press("Sign out")
    await world.open("/sign-in")
    await world.sign_in()
    await world.title("Your second factor")
    await world.press("Use a passkey")
    await world.title("You are signed in")


async def test_a_form_is_filled_and_sent_with_the_keyboard_alone(world: World) -> None:
    await world.account()
    await world.open("/sign-in")
    await expect(world.page.get_by_label("Password", exact=True)).to_be_visible()
    keyboard = world.page.keyboard
    for keys in ("Tab", "Tab"):
        await keyboard.press(keys)
    await keyboard.type(EMAIL)
    await keyboard.press("Tab")
    await keyboard.type(PASSWORD)
    await keyboard.press("Tab")
    await keyboard.press("Space")
    await expect(world.page.get_by_label("Password", exact=True)).to_have_attribute("type", "text")
    await keyboard.press("Tab")
    await keyboard.press("Enter")
    await world.title("You are signed in")
    await expect(world.page.get_by_role("heading", level=1)).to_be_focused()


async def test_on_a_small_telephone_nothing_has_to_be_moved_sideways(world: World) -> None:
    for path in sorted(PAGES):
        await world.open(path.replace("{provider}", "op") + "#token=x&code=WDJB-MJHT")
        await expect(world.page.locator("#content > *").first).to_be_attached()
        assert await world.page.evaluate("document.documentElement.scrollWidth") <= 360, path
