"""Writing the audit trail: one event in one chain for each thing told, or nothing at all."""

from __future__ import annotations

import asyncio
import hashlib
import json
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import psycopg
import pytest

from surefoot.audit.record import Outcome, record
from surefoot.audit.rules import first_hash, link_hash
from surefoot.calls import Actor, ActorKind, Call
from surefoot.db.ids import new_id
from surefoot.db.pool import Database, Row

pytestmark = pytest.mark.anyio
SYSTEM = UUID(int=0)


async def _rows(database: Database, query: str) -> list[Row]:
    async with database.connection() as connection:
        return await (await connection.execute(query.encode())).fetchall()


@pytest.mark.asvs("16.2.1", "16.2.2")
async def test_an_event_holds_who_did_what_to_which_object_and_from_where(database: Database, call: Call) -> None:
    who = Actor(ActorKind.PERSON, new_id(), "ada@example.com", session=new_id(), methods=("password", "totp"))
    workspace = new_id()
    told = replace(call, actor=who, workspace=workspace, trace_id="4bf92f3577b34da6a3ce929d0e0e4736")
    async with database.transaction() as connection:
        await record(
            connection,
            told,
            "member.change",
            about="account/1",
            outcome=Outcome.REFUSED,
            reason="last-owner",
            before={"role": "owner"},
            after={"role": "viewer", "since": told.at},
        )
    row = (await _rows(database, "SELECT * FROM audit_events"))[0]
    assert {name: value for name, value in row.items() if name not in {"id", "node", "digest"}} == {
        "at": told.at,
        "workspace": workspace,
        "actor_kind": "person",
        "actor_id": who.id,
        "actor_label": "ada@example.com",
        "session": who.session,
        "token": None,
        "methods": ["password", "totp"],
        "action": "member.change",
        "about": "account/1",
        "outcome": "refused",
        "reason": "last-owner",
        "before": {"role": "owner"},
        "after": {"role": "viewer", "since": told.at.isoformat(timespec="microseconds").replace("+00:00", "Z")},
        "address": "192.0.2.1",
        "agent": "test",
        "request_id": "r-1",
        "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
        "schema_version": 1,
    }


async def test_each_workspace_has_a_chain_and_the_system_has_one(database: Database, call: Call) -> None:
    one, other = sorted([new_id(), new_id()])
    async with database.transaction() as connection:
        for workspace in (one, other, one, None):
            await record(connection, call, "member.invite", workspace=workspace)
    links = await _rows(database, "SELECT chain, seq FROM audit_links ORDER BY chain, seq")
    assert [(link["chain"], link["seq"]) for link in links] == [(SYSTEM, 1), (one, 1), (one, 2), (other, 1)]


async def test_a_link_hashes_the_one_before_its_number_its_event_and_the_record(database: Database, call: Call) -> None:
    for _ in range(3):
        async with database.transaction() as connection:
            await record(connection, call, "password.change")
    query = "SELECT seq, event, hash, digest FROM audit_links JOIN audit_events ON id = event ORDER BY seq"
    before = first_hash(SYSTEM)
    for link in await _rows(database, query):
        assert link["hash"] == link_hash(before, link["seq"], link["event"], link["digest"])
        before = link["hash"]
    assert (await _rows(database, "SELECT seq, hash FROM audit_chains")) == [{"seq": 3, "hash": before}]


async def test_what_is_rolled_back_leaves_no_event_and_no_gap(database: Database, call: Call) -> None:
    with pytest.raises(ZeroDivisionError):
        async with database.transaction() as connection:
            await record(connection, call, "member.invite")
            raise ZeroDivisionError
    async with database.transaction() as connection:
        with pytest.raises(ZeroDivisionError):
            async with connection.transaction():
                await record(connection, call, "member.invite", workspace=new_id())
                raise ZeroDivisionError
        await record(connection, call, "member.remove")
    assert [row["action"] for row in await _rows(database, "SELECT action FROM audit_events")] == ["member.remove"]
    assert [row["seq"] for row in await _rows(database, "SELECT seq FROM audit_links")] == [1]


@pytest.mark.asvs("16.5.3")
@pytest.mark.parametrize("broken", ["audit_events", "audit_links"])
async def test_where_the_event_cannot_be_written_nothing_is_changed(
    database: Database, call: Call, broken: str
) -> None:
    async with database.connection() as connection:
        await connection.execute("CREATE TABLE things (name text)")
        await connection.execute(f"ALTER TABLE {broken} RENAME TO away".encode())
    with pytest.raises(psycopg.errors.UndefinedTable):
        async with database.transaction() as connection:
            await connection.execute("INSERT INTO things VALUES ('a')")
            await record(connection, call, "thing.make")
    assert await _rows(database, "SELECT * FROM things") == []


async def test_many_writers_on_two_chains_leave_neither_a_gap_nor_a_deadlock(database: Database, call: Call) -> None:
    chains = [new_id(), new_id()]

    async def write(seed: int) -> None:
        order = random.Random(seed)
        for _ in range(25):
            async with database.transaction() as connection:
                for chain in order.sample(chains, 2):
                    await record(connection, call, "thing.make", workspace=chain)

    await asyncio.gather(*(write(seed) for seed in range(8)))
    for chain in chains:
        links = await _rows(database, f"SELECT seq FROM audit_links WHERE chain = '{chain}' ORDER BY seq")
        assert [link["seq"] for link in links] == list(range(1, 201))


@pytest.mark.parametrize("table", ["audit_events", "audit_events_other", "audit_events_2024_07", "audit_links"])
@pytest.mark.parametrize("change", ["UPDATE {} SET at = now()", "DELETE FROM {}", "TRUNCATE {}"])
async def test_what_is_written_is_neither_changed_nor_removed(
    database: Database, call: Call, table: str, change: str
) -> None:
    at = datetime(2024, 7, 9, tzinfo=UTC)
    async with database.transaction() as connection:
        await connection.execute("SELECT audit_prepare(%s, 0)", (at,))
        await record(connection, replace(call, at=at), "member.invite")
        await record(connection, replace(call, at=at - timedelta(days=200)), "member.invite")
    async with database.connection() as connection:
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="only added to"):
            await connection.execute(change.format(table).encode())


async def test_events_go_to_the_table_of_their_month_and_elsewhere_without_one(database: Database, call: Call) -> None:
    july = datetime(2026, 7, 31, 23, 59, 59, 999999, UTC)
    async with database.transaction() as connection:
        await connection.execute("SELECT audit_prepare(%s, 1)", (july,))
        for at in (july, july + timedelta(microseconds=1), july + timedelta(days=900)):
            await record(connection, replace(call, at=at), "thing.make")
    rows = await _rows(database, "SELECT tableoid::regclass::text AS part FROM audit_events ORDER BY at")
    assert [row["part"] for row in rows] == ["audit_events_2026_07", "audit_events_2026_08", "audit_events_other"]


async def test_a_month_of_which_events_came_already_gets_no_table(database: Database, call: Call) -> None:
    async with database.transaction() as connection:
        await record(connection, call, "thing.make")
    async with database.connection() as connection:
        await connection.execute("SELECT audit_prepare(%s, 1)", (call.at,))
        await connection.execute("SELECT audit_prepare(%s, 1)", (call.at,))
    parts = await _rows(database, "SELECT 1 FROM pg_inherits WHERE inhparent = 'audit_events'::regclass")
    assert len(parts) == 2


@pytest.mark.asvs("16.2.5", "16.4.1")
async def test_neither_line_ends_nor_secrets_get_into_a_row(database: Database, call: Call) -> None:
    token = "sft_pat_" + "x" * 49
    hostile = replace(
        call,
        actor=Actor(ActorKind.PERSON, label="ada\r\nadmin@example.com"),
        agent=f"curl\r\nAuthorization: Bearer {token}\x00" + "a" * 5000,
        request_id="r\n1",
        address="192.0.2.1\r",
    )
    async with database.transaction() as connection:
        await record(
            connection,
            hostile,
            "token.make\n",
            about=f"token/{token}\x1b[31m",
            reason="https://ada:canary-1@example.com/#token=canary-2\r\n\ud800",
            before={"password": "canary-3", "new_password": "canary-4", "api_key": ["kept", "by", "its owner"]},
            after={"name\n": "a\r\nb\u202e", "token": str(new_id()), "nested": [{"client-secret": "canary-5"}]},
        )
    row = (await _rows(database, "SELECT * FROM audit_events"))[0]
    written = json.dumps(row, default=str)
    assert "canary" not in written
    assert token not in written
    assert not any(ord(sign) < 32 for text in row.values() if isinstance(text, str) for sign in text)
    assert row["after"]["name\\u000a"] == "a\\u000d\\u000ab\\u202e"
    assert len(row["agent"]) == 400


async def test_values_that_are_too_large_are_told_by_their_digest(database: Database, call: Call) -> None:
    text = "x" * 40_000
    async with database.transaction() as connection:
        await record(connection, call, "thing.make", after={"text": text})
    row = (await _rows(database, "SELECT after FROM audit_events"))[0]
    expected = json.dumps({"text": text}, separators=(",", ":")).encode()
    assert row["after"] == {"too_large": len(expected), "sha256": hashlib.sha256(expected).hexdigest()}
