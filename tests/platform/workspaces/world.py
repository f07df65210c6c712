"""People with browsers and tokens, in workspaces of a real API."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx
from fastapi import FastAPI

from surefoot.accounts.rules import address_of
from surefoot.accounts.sessions import begin_session, cookie_of
from surefoot.accounts.store import insert_account
from surefoot.api.app import make_app
from surefoot.calls import ANYONE, Actor, ActorKind, Call
from surefoot.db.ids import new_id
from surefoot.notifications.send import about
from surefoot.web.platform import Platform
from surefoot.workspaces.members.store import insert_member
from surefoot.workspaces.rules import Role
from surefoot.workspaces.service import create_workspace
from surefoot.workspaces.tokens.model import Made
from surefoot.workspaces.tokens.service import create_personal_token, create_service_token

START = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@dataclass
class Person:
    """Somebody who is signed in, and has just proven it."""

    account: UUID
    email: str
    http: httpx.AsyncClient

    async def ask(self, method: str, path: str, body: dict[str, Any] | None = None, **headers: str) -> httpx.Response:
        return await self.http.request(method, path, json=body, headers=headers)


@dataclass
class World:
    """An API with a clock of its own."""

    platform: Platform
    at: datetime = START
    app: FastAPI = field(init=False)
    browsers: list[httpx.AsyncClient] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.app = make_app(self.platform, clock=lambda: self.at)

    def call(self, actor: Actor = ANYONE, workspace: UUID | None = None) -> Call:
        return Call(actor, self.at, "192.0.2.1", "test", "r-1", "test.operation", workspace)

    def actor(self, person: Person) -> Actor:
        return Actor(ActorKind.PERSON, person.account, person.email)

    def browser(self, **headers: str) -> httpx.AsyncClient:
        opened = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app, client=("192.0.2.1", 40000)),
            base_url=f"{self.platform.settings.origin}/api/v1",
            headers={"X-Surefoot": "1", "Sec-Fetch-Site": "same-origin", **headers},
        )
        self.browsers.append(opened)
        return opened

    async def close(self) -> None:
        for opened in self.browsers:
            await opened.aclose()

    async def person(self, name: str) -> Person:
        async with self.platform.database.transaction() as connection:
            address = address_of(f"{name}@example.com")
            account = await insert_account(connection, address, name.title(), None, self.at)
        person = Person(account.id, account.email, self.browser())
        await self.sign_in(person)
        return person

    async def sign_in(self, person: Person) -> None:
        async with self.platform.database.transaction() as connection:
            begun = await begin_session(connection, self.call(), person.account, ("password",))
        person.http.cookies.set(cookie_of(self.platform.settings), begun.secret)

    async def workspace(self, owner: Person, name: str = "Payments") -> UUID:
        async with self.platform.database.transaction() as connection:
            return (await create_workspace(connection, self.call(self.actor(owner)), name)).workspace.id

    async def member(self, name: str, workspace: UUID, role: Role) -> Person:
        person = await self.person(name)
        async with self.platform.database.transaction() as connection:
            await insert_member(connection, workspace, person.account, role, self.at)
        return person

    async def personal_token(self, person: Person, *scopes: str, days: int = 90) -> Made:
        async with self.platform.database.transaction() as connection:
            call = self.call(self.actor(person))
            return await create_personal_token(connection, self.platform, call, "mine", scopes, days)

    async def service_token(self, person: Person, workspace: UUID, *scopes: str) -> Made:
        async with self.platform.database.transaction() as connection:
            call = self.call(self.actor(person), workspace)
            return await create_service_token(connection, self.platform, call, "ci", scopes, 90)

    def bearer(self, secret: str) -> httpx.AsyncClient:
        return self.browser(Authorization=f"Bearer {secret}")

    async def enrol(self, person: Person) -> None:
        """Give a person a second factor."""
        async with self.platform.database.transaction() as connection:
            await connection.execute(
                "INSERT INTO passkeys (id, account_id, credential_id, public_key, sign_count, name, transports,"
                " created_at) VALUES (%s, %s, %s, '', 0, 'key', '{}', %s)",
                (new_id(), person.account, person.account.bytes, self.at),
            )

    async def disable(self, person: Person) -> None:
        async with self.platform.database.transaction() as connection:
            query = "UPDATE accounts SET disabled_at = %s WHERE id = %s"
            await connection.execute(query, (self.at, person.account))

    async def mails(self, template: str) -> list[dict[str, str]]:
        """What fills the mails that wait, with their recipients, the oldest first."""
        async with self.platform.database.connection() as connection:
            query = "SELECT id, recipient, sealed FROM mails WHERE template = %s ORDER BY id"
            rows = await (await connection.execute(query, (template,))).fetchall()
            return [
                {"to": row["recipient"]}
                | json.loads(await self.platform.vault.unseal(connection, row["sealed"], about=about(str(row["id"]))))
                for row in rows
            ]

    async def invitation_token(self) -> str:
        """The token in the link of the invitation that was mailed last."""
        link = (await self.mails("invitation"))[-1]["link"]
        assert link.startswith("http://localhost:8000/invitation#token=")
        return link.partition("#token=")[2]

    async def audited(self, action: str) -> list[dict[str, Any]]:
        async with self.platform.database.connection() as connection:
            query = "SELECT * FROM audit_events WHERE action = %s ORDER BY id"
            return await (await connection.execute(query, (action,))).fetchall()
