"""Who may call what: every operation, for each role, workspace and token, from its declaration and the roles' rules.

A new operation is in the matrix by itself, since it is read from the API's description; one without a declaration does
not start (`test_guard.py`). What an operation does is not tried here: whoever is let through has reached it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import fastapi.routing
import httpx
import pytest
from fastapi import Response

from surefoot.accounts.sessions import begin_session, cookie_of
from surefoot.api.reference import describe
from surefoot.web.access import Access, Who, declared
from surefoot.web.platform import Platform
from surefoot.workspaces.rules import EVERY_PERMISSION, PERMISSIONS, SERVICE_ROLE, Role
from tests.platform.workspaces.world import Person, World

pytestmark = pytest.mark.anyio

REACHED = 299
READS = frozenset(one for one in EVERY_PERMISSION if one.endswith(":read"))
ADMITTED = ("admitted", "")
# What nobody needs to be signed in for. A new one belongs here only after somebody has thought about it.
OPEN = {
    "ask_passkey",
    "ask_second_factor_passkey",
    "ask_password_reset",
    "ask_to_sign_up",
    "begin_device",
    "begin_provider_sign_in",
    "complete_provider_sign_in",
    "complete_password_reset",
    "complete_sign_up",
    "finish_sign_in",
    "get_current_token",
    "list_providers",
    "poll_device",
    "read_invitation",
    "resend_sign_up",
    "revoke_current_token",
    "set_up",
    "sign_in",
    "sign_in_with_passkey",
    "sign_out",
    "sign_up_invited",
}
# What changes something of the caller's own with nothing but a right to look.
OWN = {"leave_workspace"}


@dataclass(frozen=True)
class Operation:
    """One operation of the API's description."""

    name: str
    method: str
    path: str
    access: Access

    def at(self, workspace: UUID) -> str:
        """Its path, with objects that nobody has."""
        filled = self.path.removeprefix("/api/v1").replace("{workspace}", str(workspace))
        for name in ("user_code", "provider"):
            filled = filled.replace(f"{{{name}}}", "BCDF-GHJK")
        while "{" in filled:
            before, _, rest = filled.partition("{")
            filled = f"{before}{uuid4()}{rest.partition('}')[2]}"
        return filled


@dataclass(frozen=True)
class Caller:
    """Who calls: `role` is what they are in the workspace of the path."""

    name: str
    headers: dict[str, str] = field(default_factory=dict)
    role: Role | None = None
    scopes: frozenset[str] | None = None
    service: bool = False
    fresh: bool = True


def expected(access: Access, caller: Caller) -> tuple[str, str]:
    """What the declaration and the rules say: admitted, or refused with a status and a code."""
    if access.who is Who.ANYONE:
        return ADMITTED
    if not caller.headers:
        return "401", "not-signed-in"
    if caller.scopes is not None and not access.tokens:
        return "403", "not-allowed"
    if access.who is Who.ACCOUNT and caller.service:
        return "403", "not-allowed"
    if access.who is Who.MEMBER and caller.role is None:
        return "404", "not-found"
    held = PERMISSIONS[caller.role] if access.who is Who.MEMBER and caller.role else EVERY_PERMISSION
    if access.permission and access.permission not in held & (
        EVERY_PERMISSION if caller.scopes is None else caller.scopes
    ):
        return "403", "not-allowed"
    return ("403", "step-up-needed") if access.step_up and not caller.fresh else ADMITTED


@dataclass
class Matrix:
    """An API with a workspace that has one member of each role, and another one with an owner of its own."""

    world: World
    workspace: UUID
    other: UUID
    members: dict[Role, Person]
    outsider: Person
    client: httpx.AsyncClient

    @property
    def operations(self) -> list[Operation]:
        return list(_operations(describe(self.world.app)))

    async def session(self, person: Person, minutes: int = 0) -> dict[str, str]:
        """The headers of a session that began so many minutes ago."""
        call = self.world.call()
        self.world.at -= timedelta(minutes=minutes)
        async with self.world.platform.database.transaction() as connection:
            begun = await begin_session(connection, self.world.call(), person.account, ("password",))
        self.world.at = call.at
        return {"Cookie": f"{cookie_of(self.world.platform.settings)}={begun.secret}"}

    async def personal(self, person: Person, scopes: frozenset[str]) -> dict[str, str]:
        return {"Authorization": f"Bearer {(await self.world.personal_token(person, *scopes)).secret}"}

    async def service(self, person: Person, workspace: UUID, scopes: frozenset[str]) -> dict[str, str]:
        made = await self.world.service_token(person, workspace, *scopes)
        return {"Authorization": f"Bearer {made.secret}"}

    async def by_session(self) -> list[Caller]:
        """Nobody, each role, and an owner of something else."""
        callers = [Caller("nobody"), Caller("outsider", await self.session(self.outsider))]
        for role, person in self.members.items():
            callers.append(Caller(role, await self.session(person), role))
            callers.append(Caller(f"{role}, not fresh", await self.session(person, 6), role, fresh=False))
        return callers

    async def by_token(self, lacking: str | None) -> list[Caller]:
        """Tokens with all scopes, with those that only read, and with all but the one that is `lacking`."""
        callers = []
        for kind, scopes in _scopes(lacking):
            for role, person in self.members.items():
                name, headers = f"{role}'s token, {kind}", await self.personal(person, scopes)
                callers.append(Caller(name, headers, role, scopes, fresh=False))
            given = scopes & PERMISSIONS[SERVICE_ROLE]
            mine = await self.service(self.members[Role.OWNER], self.workspace, given)
            callers.append(Caller(f"service token, {kind}", mine, SERVICE_ROLE, given, service=True, fresh=False))
            headers = await self.personal(self.outsider, scopes)
            callers.append(Caller(f"outsider's token, {kind}", headers, None, scopes, fresh=False))
            theirs = await self.service(self.outsider, self.other, given)
            callers.append(Caller(f"other service token, {kind}", theirs, None, given, service=True, fresh=False))
        return callers

    async def differences(self, operation: Operation, callers: list[Caller]) -> list[str]:
        """Where what happens is not what is declared."""
        found = [(caller, await self.ask(operation, caller)) for caller in callers]
        return [
            f"{operation.name} by {caller.name}: {told}, and not {expected(operation.access, caller)}"
            for caller, told in found
            if told != expected(operation.access, caller)
        ]

    async def ask(self, operation: Operation, caller: Caller) -> tuple[str, str]:
        body: dict[str, object] | None = None if operation.method == "GET" else {}
        answer = await self.client.request(
            operation.method, operation.at(self.workspace), json=body, headers=caller.headers
        )
        # The values are looked at after the guard, and here there are none.
        if answer.status_code in {REACHED, 422}:
            return ADMITTED
        return str(answer.status_code), answer.json()["code"]


def _operations(document: dict[str, Any]) -> Iterator[Operation]:
    for path, methods in document["paths"].items():
        for method, described in methods.items():
            access = declared(described)
            assert access is not None, f"{method} {path} declares nothing"
            yield Operation(described["operationId"], method.upper(), path, access)


def _scopes(lacking: str | None) -> list[tuple[str, frozenset[str]]]:
    if lacking is not None:
        return [(f"without {lacking}", EVERY_PERMISSION - {lacking})]
    return [("all scopes", EVERY_PERMISSION), ("reads only", READS)]


@pytest.fixture
async def matrix(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Matrix]:
    async def reached(**_given: object) -> Response:
        return Response(status_code=REACHED)

    world = World(platform)
    outsider, owner = await world.person("outsider"), await world.person("owner")
    workspace, other = await world.workspace(owner), await world.workspace(outsider)
    members = {Role.OWNER: owner}
    for role in (Role.ADMIN, Role.OPERATOR, Role.REVIEWER, Role.VIEWER):
        members[role] = await world.member(role, workspace, role)
    monkeypatch.setattr(fastapi.routing, "run_endpoint_function", reached)
    yield Matrix(world, workspace, other, members, outsider, world.browser())
    await world.close()


@pytest.mark.asvs("8.2.1", "8.2.2", "8.3.1", "8.4.1")
async def test_each_operation_admits_the_sessions_that_it_declares(matrix: Matrix) -> None:
    callers = await matrix.by_session()
    found = [await matrix.differences(operation, callers) for operation in matrix.operations]
    assert [one for each in found for one in each] == []


@pytest.mark.slow
@pytest.mark.asvs("8.2.1", "8.2.2", "8.3.1", "8.4.1")
async def test_each_operation_admits_the_tokens_that_it_declares(matrix: Matrix) -> None:
    callers = {one: await matrix.by_token(one) for one in (None, *sorted(EVERY_PERMISSION))}
    found = []
    for operation in matrix.operations:
        asked = callers[None] + (callers[operation.access.permission] if operation.access.permission else [])
        found += await matrix.differences(operation, asked)
    assert found == []


@pytest.mark.asvs("8.3.2")
async def test_each_operation_refuses_a_member_from_the_moment_of_a_demotion(matrix: Matrix) -> None:
    owner = matrix.members[Role.OWNER]
    headers = await matrix.session(owner)
    async with matrix.world.platform.database.transaction() as connection:
        await connection.execute(
            "INSERT INTO members (workspace_id, account_id, role, joined_at) VALUES (%s, %s, 'owner', %s)",
            (matrix.workspace, matrix.outsider.account, matrix.world.at),
        )
    members = [one for one in matrix.operations if one.access.who is Who.MEMBER]
    for role in (Role.OWNER, Role.VIEWER):
        async with matrix.world.platform.database.transaction() as connection:
            await connection.execute("UPDATE members SET role = %s WHERE account_id = %s", (role, owner.account))
        caller = Caller(f"owner, now {role}", headers, role)
        assert [await matrix.differences(one, [caller]) for one in members] == [[]] * len(members)


@pytest.mark.asvs("8.2.1")
async def test_what_anyone_may_call_is_what_was_thought_about(matrix: Matrix) -> None:
    assert {one.name for one in matrix.operations if one.access.who is Who.ANYONE} == OPEN


@pytest.mark.asvs("8.4.1")
async def test_what_is_in_a_workspace_is_for_its_members(matrix: Matrix) -> None:
    inside = {one.name for one in matrix.operations if "/workspaces/{workspace}" in one.path}
    assert inside == {one.name for one in matrix.operations if one.access.who is Who.MEMBER}
    assert len(inside) > 15


async def test_each_permission_that_is_asked_for_is_one(matrix: Matrix) -> None:
    asked = {one.access.permission for one in matrix.operations} - {None}
    assert asked <= EVERY_PERMISSION


@pytest.mark.asvs("8.2.1")
async def test_a_token_needs_a_scope_for_whatever_it_may_call(matrix: Matrix) -> None:
    signed_in = [one for one in matrix.operations if one.access.who is not Who.ANYONE and one.access.tokens]
    assert [one.name for one in signed_in if one.access.permission is None] == []


async def test_a_right_to_read_changes_nothing(matrix: Matrix) -> None:
    changing = {one for one in matrix.operations if one.method != "GET" and one.access.permission}
    assert {one.name for one in changing if str(one.access.permission).endswith(":read")} == OWN
