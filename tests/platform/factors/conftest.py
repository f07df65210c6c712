"""People with accounts, in browsers, at a time that the test decides."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pyotp
import pytest

from surefoot.accounts.challenges import begin_challenge
from surefoot.accounts.factors.enrolled import enrolled
from surefoot.accounts.rules import address_of
from surefoot.accounts.sessions import begin_session, cookie_of
from surefoot.accounts.store import insert_account
from surefoot.api.app import make_app
from surefoot.calls import Call
from surefoot.web.platform import Platform
from tests.platform.factors.authenticator import Authenticator

# The beginning of a period of 30 seconds.
START = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)


class Clock:
    """What time it is."""

    def __init__(self) -> None:
        self.at = START
        self.demanded = False

    def __call__(self) -> datetime:
        return self.at

    def pass_by(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@dataclass
class Person:
    """Somebody with an account and a browser, signed in with a password a moment ago."""

    platform: Platform
    call: Call
    clock: Clock
    account_id: UUID
    email: str
    browser: httpx.AsyncClient

    async def post(self, path: str, body: object = None) -> httpx.Response:
        return await self.browser.post(path, json=body if body is not None else {})

    async def get(self, path: str) -> httpx.Response:
        return await self.browser.get(path)

    async def delete(self, path: str) -> httpx.Response:
        return await self.browser.delete(path)

    def now(self) -> Call:
        """A call at this time."""
        return replace(self.call, at=self.clock.at)

    async def factors(self) -> tuple[str, ...]:
        async with self.platform.database.connection() as connection:
            return await enrolled(connection, self.account_id)

    async def challenge(self) -> str:
        """What a right password gives to somebody with a factor."""
        async with self.platform.database.transaction() as connection:
            return await begin_challenge(connection, self.now(), self.account_id, ("password",))

    async def add_app(self) -> tuple[pyotp.TOTP, list[str]]:
        """Set up an authenticator app; also the recovery codes that came with it."""
        made = await self.post("/account/factors/totp")
        assert made.status_code == 200, made.text
        app = pyotp.TOTP(made.json()["secret"])
        confirmed = await self.post("/account/factors/totp/confirm", {"code": app.at(self.clock.at)})
        assert confirmed.status_code == 200, confirmed.text
        self.clock.pass_by(30)
        return app, confirmed.json()["recovery_codes"]

    async def add_passkey(self, authenticator: Authenticator, name: str = "Laptop") -> httpx.Response:
        """Make a passkey and add it."""
        asked = await self.post("/account/factors/passkeys/options")
        assert asked.status_code == 200, asked.text
        credential = authenticator.create(asked.json()["public_key"])
        return await self.post("/account/factors/passkeys", {"name": name, "credential": credential})

    async def give(self, challenge: str, **proof: object) -> httpx.Response:
        """Give a second factor."""
        return await self.post("/sign-in/second-factor", {"challenge": challenge, **proof})

    async def rows(self, query: str) -> list[dict[str, Any]]:
        async with self.platform.database.connection() as connection:
            return await (await connection.execute(query.encode())).fetchall()

    async def events(self, action: str) -> list[dict[str, Any]]:
        """What the audit trail says of an action, the oldest first."""
        found = await self.rows(
            "SELECT action, outcome, reason, about, before, after FROM audit_events ORDER BY at, id"
        )
        return [one for one in found if one["action"] == action]

    async def mails(self) -> list[str]:
        """The notices sent to this person."""
        found = await self.rows("SELECT recipient, template FROM mails ORDER BY id")
        return [one["template"] for one in found if one["recipient"] == self.email]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def ada(platform: Platform, call: Call, clock: Clock) -> AsyncIterator[Person]:
    person = await somebody(platform, call, clock, "ada@example.com")
    async with person.browser:
        yield person


@pytest.fixture
async def eve(platform: Platform, call: Call, clock: Clock) -> AsyncIterator[Person]:
    person = await somebody(platform, call, clock, "eve@example.com")
    async with person.browser:
        yield person


async def somebody(platform: Platform, call: Call, clock: Clock, email: str) -> Person:
    async with platform.database.transaction() as connection:
        account = await insert_account(connection, address_of(email), "Somebody", "a hash", clock.at)
        begun = await begin_session(connection, replace(call, at=clock.at), account.id, ("password",))
    browser = browser_of(platform, clock)
    browser.cookies.set(cookie_of(platform.settings), begun.secret, domain="localhost.local", path="/")
    return Person(platform, call, clock, account.id, email, browser)


def browser_of(platform: Platform, clock: Clock) -> httpx.AsyncClient:
    """A browser on a page of the platform in which nobody is signed in."""
    app = make_app(platform, clock=clock)

    async def demanded(*_asked: object) -> bool:
        return clock.demanded

    app.state.demands_second_factor = demanded
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app, client=("192.0.2.1", 40000)),
        base_url=f"{platform.settings.origin}/api/v1",
        headers={"X-Surefoot": "1", "Sec-Fetch-Site": "same-origin"},
    )
