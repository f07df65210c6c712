"""The audit trail over HTTP: lists with conditions and pages, and exports."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

import pytest

from surefoot.audit.model import Filter
from surefoot.audit.record import Outcome, record
from surefoot.audit.service import export_events, list_events
from surefoot.calls import OPERATOR
from surefoot.db.ids import new_id
from surefoot.web.platform import Platform
from surefoot.workspaces.rules import Role
from tests.platform.workspaces.world import START, Person, World

pytestmark = pytest.mark.anyio
OTHER = new_id()


@dataclass
class Trail:
    """A workspace with an owner, and a number of events."""

    world: World
    owner: Person
    workspace: UUID

    async def tell(self, action: str, *, minutes: int = 0, workspace: UUID | None = None, **told: object) -> None:
        call = self.world.call(self.world.actor(self.owner), workspace or self.workspace)
        async with self.world.platform.database.transaction() as connection:
            then = replace(call, at=START + timedelta(minutes=minutes))
            await record(connection, then, action, **told)  # type: ignore[arg-type]  # any of its fields

    async def list(self, **params: str | int) -> list[str]:
        answer = await self.owner.http.get(f"/workspaces/{self.workspace}/audit", params=params)
        assert answer.status_code == 200, answer.text
        return [f"{event['action']} {event['about']}".strip() for event in answer.json()["items"]]

    async def export(self, **params: str) -> str:
        answer = await self.owner.http.get(f"/workspaces/{self.workspace}/audit/export", params=params)
        assert answer.status_code == 200, answer.text
        return answer.text


@pytest.fixture
async def trail(platform: Platform) -> AsyncIterator[Trail]:
    world = World(platform)
    world.at = START - timedelta(minutes=1)
    owner = await world.person("ada")
    workspace = await world.workspace(owner)
    world.at = START
    yield Trail(world, owner, workspace)
    await world.close()


async def test_events_are_listed_the_newest_first_in_pages(trail: Trail) -> None:
    for number in range(5):
        await trail.tell("member.invite", about=f"account/{number}", minutes=number // 2)
    seen, params = [], {"size": "2", "action": "member.invite"}
    while params.get("cursor", "first"):
        page = (await trail.owner.http.get(f"/workspaces/{trail.workspace}/audit", params=params)).json()
        seen.append([event["about"] for event in page["items"]])
        params["cursor"] = page["next"]
        await trail.tell("member.invite", about="account/later", minutes=9)
    assert seen == [["account/4", "account/3"], ["account/2", "account/1"], ["account/0"]]


async def test_each_condition_has_to_fit(trail: Trail) -> None:
    await trail.tell("member.invite", about="account/1", minutes=1)
    await trail.tell("member.remove", about="account/1", minutes=2, outcome=Outcome.REFUSED)
    await trail.tell("token.create", about="token/1", minutes=3)
    await trail.tell("member_other.make", minutes=4)
    assert await trail.list(action="member.*") == ["member.remove account/1", "member.invite account/1"]
    assert await trail.list(action="token.create") == ["token.create token/1"]
    assert await trail.list(about="account/1", outcome="refused") == ["member.remove account/1"]
    after, before = ((START + timedelta(minutes=minutes)).isoformat() for minutes in (1, 3))
    bounds = {"from": after, "until": before}
    assert await trail.list(**bounds) == ["member.remove account/1", "member.invite account/1"]
    assert await trail.list(actor=str(OTHER)) == []
    assert len(await trail.list(actor=str(trail.owner.account))) == 5


async def test_an_event_is_shown_with_its_place_in_the_chain(trail: Trail) -> None:
    await trail.tell("member.change", about="account/1", before={"role": "viewer"}, after={"role": "admin"})
    page = (await trail.owner.http.get(f"/workspaces/{trail.workspace}/audit")).json()
    event = page["items"][0]
    assert (event["seq"], event["before"], event["after"]) == (2, {"role": "viewer"}, {"role": "admin"})
    assert event["actor"] | {"session": None} == {
        "kind": "person",
        "id": str(trail.owner.account),
        "label": "ada@example.com",
        "session": None,
        "token": None,
        "methods": [],
    }
    assert len(event["hash"]) == 64


@pytest.mark.parametrize(
    "params",
    [{"cursor": "x"}, {"size": 0}, {"actor": "x"}, {"from": "2026-07-01"}, {"about": "a\0b"}, {"outcome": "perhaps"}],
)
async def test_conditions_that_make_no_sense_are_refused(trail: Trail, params: dict[str, str]) -> None:
    answer = await trail.owner.http.get(f"/workspaces/{trail.workspace}/audit", params=params)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


@pytest.mark.asvs("8.2.2", "8.4.1")
async def test_events_of_another_workspace_are_not_there(trail: Trail) -> None:
    await trail.tell("member.invite", about="account/hidden", workspace=OTHER)
    assert "hidden" not in "".join(await trail.list())
    assert "hidden" not in await trail.export()
    assert (await trail.owner.http.get(f"/workspaces/{OTHER}/audit")).status_code == 404


async def test_who_may_not_read_or_export_is_refused(trail: Trail) -> None:
    viewer = await trail.world.member("bob", trail.workspace, Role.VIEWER)
    for path in ("audit", "audit/export"):
        assert (await viewer.http.get(f"/workspaces/{trail.workspace}/{path}")).status_code == 403


@pytest.mark.asvs("7.5.3")
async def test_an_export_needs_a_fresh_proof(trail: Trail) -> None:
    trail.world.at += timedelta(minutes=6)
    answer = await trail.owner.http.get(f"/workspaces/{trail.workspace}/audit/export")
    assert (answer.status_code, answer.json()["code"]) == (403, "step-up-needed")


async def test_an_export_is_recorded_itself(trail: Trail) -> None:
    text = await trail.export(action="member.*", format="csv")
    (event,) = await trail.world.audited("audit.export")
    assert event["about"] == f"workspace/{trail.workspace}"
    assert event["after"] == {"form": "csv", "action": "member.*"}
    assert "audit.export" not in text


async def test_a_line_of_json_is_the_record_with_its_place_and_its_hash(trail: Trail) -> None:
    for number in range(3):
        await trail.tell("member.invite", about=f"account/{number}", minutes=-1)
    lines = [json.loads(line) for line in (await trail.export(action="member.invite")).splitlines()]
    assert [(line["about"], line["seq"]) for line in lines] == [
        (f"account/{number}", number + 2) for number in range(3)
    ]
    assert all(line["workspace"] == str(trail.workspace) and len(line["hash"]) == 64 for line in lines)


@pytest.mark.asvs("1.2.10")
async def test_no_cell_of_a_csv_is_a_formula(trail: Trail) -> None:
    hostile = ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "＝1", 'a,b"c']  # noqa: RUF001  # a full-width sign
    for text in hostile:
        await trail.tell("member.invite", about=text, reason="\t=1", minutes=-1)
    rows = list(csv.DictReader(io.StringIO(await trail.export(action="member.invite", format="csv"))))
    assert [row["about"] for row in rows] == [*(f"'{text}" for text in hostile[:-1]), hostile[-1]]
    assert not any(cell.startswith(("=", "+", "-", "@", "\t")) for row in rows for cell in row.values())


async def test_many_events_are_exported_once_each(trail: Trail) -> None:
    async with trail.world.platform.database.transaction() as connection:
        call = trail.world.call(OPERATOR, trail.workspace)
        for number in range(1101):
            await record(connection, replace(call, at=START - timedelta(minutes=2)), "thing.make", about=f"{number}")
    lines = [json.loads(line)["about"] for line in (await trail.export(action="thing.make")).splitlines()]
    assert sorted(lines, key=int) == [str(number) for number in range(1101)]


async def test_the_operator_reads_and_exports_the_systems_chain(trail: Trail) -> None:
    database = trail.world.platform.database
    async with database.transaction() as connection:
        await record(connection, trail.world.call(OPERATOR), "keys.rotate")
    wanted = Filter(action="keys.*")
    async with database.connection() as connection:
        assert [told.event.actor_kind for told in await list_events(connection, None, wanted, 10)] == ["operator"]
    text = "".join([part async for part in export_events(database, None, wanted, "jsonl")])
    assert json.loads(text)["action"] == "keys.rotate"
