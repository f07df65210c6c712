"""The objects of another workspace and of another person: under a path of one's own they are not there."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import pytest

from surefoot.api.reference import describe
from surefoot.db.ids import new_id
from surefoot.web.platform import Platform
from surefoot.workspaces.rules import Role
from tests.platform.workspaces.world import Person, World

pytestmark = pytest.mark.anyio

BODIES = {
    "change_role": {"role": "viewer"},
    "rename_passkey": {"name": "Mine"},
    "rotate_personal_token": {},
    "rotate_service_token": {},
}
# What a path may name besides a workspace: for people with a code or a name, and for everybody.
NO_OBJECTS = {"user_code", "provider"}


@dataclass
class Others:
    """Ada owns a workspace; so does Eve, with one object of each kind in hers."""

    world: World
    ada: Person
    mine: UUID
    theirs: UUID
    objects: dict[str, list[UUID]]

    def operations(self) -> list[tuple[str, str, str, str]]:
        """Each operation on an object: its name, method and path, and what it calls the object."""
        found = []
        for path, item in describe(self.world.app)["paths"].items():
            named = re.search(r"\{(?!workspace\})(\w+)\}", path)
            if named and named[1] not in NO_OBJECTS:
                found += [(one["operationId"], method, path, named[1]) for method, one in item.items()]
        return found

    async def rows(self) -> dict[str, list[Any]]:
        """All that could be changed."""
        tables = ("api_tokens", "identities", "invitations", "members", "passkeys", "sessions", "workspaces")
        async with self.world.platform.database.connection() as connection:
            return {
                name: await (
                    await connection.execute(f"SELECT t::text AS row FROM {name} t ORDER BY 1".encode())
                ).fetchall()
                for name in tables
            }


@pytest.fixture
async def others(platform: Platform) -> AsyncIterator[Others]:
    world = World(platform)
    ada, eve = await world.person("ada"), await world.person("eve")
    mine, theirs = await world.workspace(ada), await world.workspace(eve)
    bob = await world.member("bob", theirs, Role.ADMIN)
    await world.enrol(bob)
    await world.service_token(eve, theirs, "workspace:read")
    await world.personal_token(eve, "workspace:read")
    asked = await eve.ask("POST", f"/workspaces/{theirs}/invitations", {"email": "new@example.com", "role": "viewer"})
    assert asked.status_code == 201, asked.text
    async with platform.database.transaction() as connection:
        await connection.execute(
            "INSERT INTO identities (id, account_id, provider, issuer, subject, email, linked_at)"
            " VALUES (%s, %s, 'op', 'https://op.example', 'eve', 'eve@example.com', %s)",
            (new_id(), eve.account, world.at),
        )
    yield Others(world, ada, mine, theirs, await _objects(world, ada))
    await world.close()


async def _objects(world: World, ada: Person) -> dict[str, list[UUID]]:
    """What belongs to somebody else than Ada, by the name that paths have for it."""
    queries = {
        "member": "SELECT account_id AS id FROM members WHERE account_id <> %s",
        "invitation": "SELECT id FROM invitations WHERE invited_by::text <> %s::text",
        "token": "SELECT id FROM api_tokens WHERE account_id IS DISTINCT FROM %s",
        "session": "SELECT id FROM sessions WHERE account_id <> %s",
        "passkey": "SELECT id FROM passkeys WHERE account_id <> %s",
        "identity": "SELECT id FROM identities WHERE account_id <> %s",
    }
    async with world.platform.database.connection() as connection:
        return {
            name: [row["id"] async for row in await connection.execute(query.encode(), (ada.account,))]
            for name, query in queries.items()
        }


@pytest.mark.asvs("8.2.2", "8.4.1")
async def test_whoever_names_the_object_of_another_finds_nothing(others: Others) -> None:
    operations, before = others.operations(), await others.rows()
    assert {named for *_, named in operations} == set(others.objects)
    assert all(others.objects.values())
    for operation, method, path, named in operations:
        for one in others.objects[named]:
            filled = path.removeprefix("/api/v1").format(**{"workspace": others.mine, named: one})
            answer = await others.ada.ask(method.upper(), filled, BODIES.get(operation))
            assert (answer.status_code, answer.json()["code"]) == (404, "not-found"), (operation, answer.text)
    assert await others.rows() == before


@pytest.mark.asvs("8.2.2", "8.4.1")
async def test_whoever_names_the_workspace_of_another_finds_nothing_either(others: Others) -> None:
    before = await others.rows()
    there = replace(others, mine=others.theirs)
    inside = [one for one in there.operations() if "{workspace}" in one[2]]
    assert len(inside) > 4
    for operation, method, path, named in inside:
        for one in there.objects[named]:
            filled = path.removeprefix("/api/v1").format(**{"workspace": there.mine, named: one})
            answer = await there.ada.ask(method.upper(), filled, BODIES.get(operation))
            assert (answer.status_code, answer.json()["code"]) == (404, "not-found"), (operation, answer.text)
    assert await others.rows() == before
