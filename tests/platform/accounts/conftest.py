"""People who sign up and in through browsers, at a time that the test decides, and what is mailed to them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import psycopg
import pytest

from surefoot.accounts.routes import router
from surefoot.accounts.rules import address_of
from surefoot.accounts.sessions import PLAIN_COOKIE
from surefoot.accounts.store import find_account, insert_account
from surefoot.api.app import ROUTERS, make_app
from surefoot.calls import Call
from surefoot.db.ids import new_id
from surefoot.notifications.send import about
from surefoot.vault.hashing import Hasher
from surefoot.web.platform import Platform

START = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
PASSWORD = "seven grey herons on a roof"
OTHER = "nine loud geese in the attic"


@dataclass
class World:
    """A platform whose clock the test moves."""

    platform: Platform
    call: Call
    at: datetime = START
    browsers: list[httpx.AsyncClient] = field(default_factory=list)

    def now(self) -> Call:
        """A call by nobody at this time."""
        return replace(self.call, at=self.at)

    def pass_by(self, **by: float) -> None:
        self.at += timedelta(**by)

    def browser(self, address: str = "192.0.2.1", agent: str = "Firefox/140 Linux") -> httpx.AsyncClient:
        """A browser on a page of the platform, in which nobody is signed in."""
        app = make_app(self.platform, clock=lambda: self.at, more=() if router in ROUTERS else (router,))
        made = httpx.AsyncClient(
            transport=httpx.ASGITransport(app, client=(address, 40000)),
            base_url=f"{self.platform.settings.origin}/api/v1",
            headers={"X-Surefoot": "1", "Sec-Fetch-Site": "same-origin", "User-Agent": agent},
        )
        self.browsers.append(made)
        return made

    async def account(self, email: str = "ada@example.org", password: str | None = PASSWORD) -> UUID:
        """Somebody who has signed up before."""
        hashed = await self.platform.hasher.hash(password) if password else None
        async with self.platform.database.transaction() as connection:
            return (await insert_account(connection, address_of(email), "Ada Lovelace", hashed, self.at)).id

    async def signed_in(self, email: str = "ada@example.org", password: str = PASSWORD) -> httpx.AsyncClient:
        """A browser in which somebody has signed in."""
        browser = self.browser()
        answer = await browser.post("/sign-in", json={"email": email, "password": password})
        assert answer.json() == {"status": "signed-in"}
        return browser

    async def enrol_totp(self, account: UUID) -> None:
        """A second factor as it stands in the database; nobody knows its secret."""
        async with self.platform.database.transaction() as connection:
            sealed = await self.platform.vault.seal(connection, b"x" * 20, about=f"account/{account}/totp")
            await connection.execute(
                "INSERT INTO totp_factors (id, account_id, sealed_id, created_at, confirmed_at)"
                " VALUES (%s, %s, %s, %s, %s)",
                (new_id(), account, sealed, self.at, self.at),
            )

    async def mails(self) -> list[tuple[str, str]]:
        """To whom which mail was sent, the oldest first."""
        return [(row["recipient"], row["template"]) for row in await self.rows("SELECT * FROM mails ORDER BY id")]

    async def link(self, template: str) -> str:
        """The link in the latest mail of a template."""
        rows = await self.rows(f"SELECT id, sealed FROM mails WHERE template = '{template}' ORDER BY id DESC LIMIT 1")
        async with self.platform.database.connection() as connection:
            text = await self.platform.vault.unseal(connection, rows[0]["sealed"], about=about(str(rows[0]["id"])))
        return str(json.loads(text)["link"])

    async def token(self, template: str) -> str:
        """The token in that link."""
        return (await self.link(template)).partition("#token=")[2]

    async def events(self, action: str) -> list[tuple[str, str]]:
        """How often something was done, as the audit trail has it: object and outcome."""
        rows = await self.rows("SELECT action, about, outcome FROM audit_events ORDER BY at, id")
        return [(row["about"], row["outcome"]) for row in rows if row["action"] == action]

    async def failures(self, email: str = "ada@example.org") -> int:
        async with self.platform.database.connection() as connection:
            found = await find_account(connection, email)
        assert found is not None
        return found.failures

    async def rows(self, query: str) -> list[dict[str, Any]]:
        async with self.platform.database.connection() as connection:
            return await (await connection.execute(query.encode())).fetchall()


@pytest.fixture
async def world(platform: Platform, call: Call) -> AsyncIterator[World]:
    made = World(platform, call)
    yield made
    for browser in made.browsers:
        await browser.aclose()


@pytest.fixture
def queries(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Each statement that the process sends, in order, without its values."""
    sent: list[str] = []
    execute = psycopg.AsyncCursor.execute

    async def logged(self: Any, query: Any, *args: Any, **kwargs: Any) -> Any:
        sent.append(query.decode() if isinstance(query, bytes) else str(query))
        return await execute(self, query, *args, **kwargs)

    monkeypatch.setattr(psycopg.AsyncCursor, "execute", logged)
    return sent


@pytest.fixture
def verifications(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Each verification of a hash, and how it ended."""
    done: list[bool] = []
    verify = Hasher.verify

    async def counted(self: Hasher, stored: str | None, password: str) -> bool:
        done.append(await verify(self, stored, password))
        return done[-1]

    monkeypatch.setattr(Hasher, "verify", counted)
    return done


def holding(secret: str) -> dict[str, str]:
    """The header of a browser that holds a session's secret."""
    return {"Cookie": f"{PLAIN_COOKIE}={secret}"}


def cookie_in(browser: httpx.AsyncClient) -> str:
    """The session's secret that a browser holds."""
    return browser.cookies[PLAIN_COOKIE]
