"""The role that the processes take on: it writes the trail and cannot change it."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest
from psycopg import sql

from surefoot.audit.checkpoints import checkpoint
from surefoot.audit.reads import log_reads, read_of, retire_reads
from surefoot.audit.record import record
from surefoot.audit.retire import retire
from surefoot.audit.store import prepare_months
from surefoot.audit.verify import verify
from surefoot.calls import Call
from surefoot.db.grants import grant
from surefoot.db.pool import Database
from surefoot.errors import ConfigError
from surefoot.web.platform import Platform

pytestmark = pytest.mark.anyio


@pytest.fixture
async def role(database: Database) -> AsyncIterator[str]:
    """A role of the processes, which lasts as long as the database that it may use."""
    name = f"processes_{uuid.uuid4().hex[:8]}"
    async with database.connection() as connection:
        await connection.execute(sql.SQL("CREATE ROLE {}").format(sql.Identifier(name)))
        await connection.execute("SELECT audit_prepare(now(), 0)")
        await grant(connection, name)
        await grant(connection, name)
    yield name
    async with database.connection() as connection:
        await connection.execute(sql.SQL("DROP OWNED BY {0}; DROP ROLE {0}").format(sql.Identifier(name)))


async def test_it_writes_no_links_by_a_table_of_its_own(database: Database, role: str) -> None:
    async with Database(database.url, size=2, role=role) as processes, processes.connection() as connection:
        await connection.execute(
            "CREATE TEMPORARY TABLE forged (id uuid, at timestamptz, workspace uuid, digest bytea)"
        )
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            await connection.execute(
                "CREATE TRIGGER forged AFTER INSERT ON forged FOR EACH ROW EXECUTE FUNCTION audit_append()"
            )


async def test_processes_that_start_at_once_wait_for_one_another(database: Database, role: str) -> None:
    async def start() -> None:
        async with database.connection() as connection:
            await grant(connection, role)

    await asyncio.gather(*(start() for _ in range(6)))


async def test_it_writes_events_which_are_appended_to_their_chain(database: Database, role: str, call: Call) -> None:
    async with Database(database.url, size=2, role=role) as processes, processes.transaction() as connection:
        await record(connection, call, "member.invite")
    async with database.connection() as connection:
        found = await (await connection.execute("SELECT count(*) AS links FROM audit_links")).fetchone()
    assert found == {"links": 1}


async def test_it_can_do_all_that_keeping_the_trail_needs(
    platform: Platform, platform_url: str, role: str, call: Call
) -> None:
    old, before = call.at - timedelta(days=200), call.at - timedelta(days=100)
    async with Database(platform_url, size=2, role=role) as database:
        processes = replace(platform, database=database)
        async with database.transaction() as connection:
            await prepare_months(connection, old, 2)
            await record(connection, replace(call, at=old), "member.invite")
            await log_reads(connection, platform.vault, [read_of(call)])
        assert len(await checkpoint(processes)) == 1
        with psycopg.connect(platform_url, options="-c search_path=platform") as owner:
            owner.execute("SET session_replication_role = replica; UPDATE audit_links SET at = event_at")
        assert await retire(platform, call, before) is not None
        async with database.transaction() as connection:
            assert await retire_reads(connection, call, before) == 0
        assert (await verify(database, platform.settings.data_dir, platform.vault)).exit_code == 0


@pytest.mark.asvs("16.4.2")
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_events SET reason = ''",
        "DELETE FROM audit_events",
        "TRUNCATE audit_events",
        "DELETE FROM audit_events_other",
        "INSERT INTO audit_events_other SELECT * FROM audit_events",
        "INSERT INTO audit_links SELECT * FROM audit_links",
        "UPDATE audit_links SET seq = 1",
        "DELETE FROM audit_links",
        "UPDATE audit_chains SET seq = 1",
        "DELETE FROM audit_checkpoints",
        "DELETE FROM audit_segments",
        "UPDATE access_log SET about = ''",
        "DROP TABLE audit_links",
        "ALTER TABLE audit_events DISABLE TRIGGER ALL",
        "SET session_replication_role = replica",
        "SELECT audit_retire('00000000-0000-0000-0000-000000000000')",
    ],
)
async def test_it_cannot_change_the_trail(database: Database, role: str, statement: str) -> None:
    async with Database(database.url, size=2, role=role) as processes, processes.connection() as connection:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            await connection.execute(statement.encode())


async def test_a_role_that_is_not_there_is_told(database: Database) -> None:
    async with database.connection() as connection:
        with pytest.raises(ConfigError, match="nobody_of_that_name"):
            await grant(connection, "nobody_of_that_name")
