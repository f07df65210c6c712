"""The log of reads of a process: whoever is known and reads is written, in batches."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import psycopg
import pytest

from surefoot.audit.read_log import ReadLog
from surefoot.audit.verify import verify
from surefoot.calls import Call
from surefoot.db.pool import Database
from surefoot.web.platform import Platform
from tests.platform.workspaces.world import World

pytestmark = pytest.mark.anyio


@pytest.fixture
async def world(platform: Platform) -> AsyncIterator[World]:
    opened = World(platform)
    yield opened
    await opened.close()


async def _reads(database: Database) -> list[dict[str, Any]]:
    async with database.connection() as connection:
        return await (await connection.execute("SELECT * FROM access_log ORDER BY batch, place")).fetchall()


async def test_what_somebody_known_reads_is_written(world: World) -> None:
    ada = await world.person("ada")
    workspace = await world.workspace(ada)
    token = await world.personal_token(ada, "workspace:read")
    await ada.http.get(f"/workspaces/{workspace}/audit")
    await world.bearer(token.secret).get(f"/workspaces/{workspace}")
    await ada.ask("PATCH", "/account", {"name": "Ada L."})
    await world.browser().get("/account")
    await world.app.state.reads.flush()
    reads = await _reads(world.platform.database)
    assert [(read["operation"], read["about"], read["workspace"]) for read in reads] == [
        ("list_audit_events", f"/api/v1/workspaces/{workspace}/audit", workspace),
        ("get_workspace", f"/api/v1/workspaces/{workspace}", workspace),
    ]
    assert [read["actor_id"] for read in reads] == [ada.account] * 2
    assert (reads[0]["session"] is None, reads[0]["token"] is None) == (False, True)
    assert (reads[1]["session"] is None, reads[1]["token"] is None) == (True, False)
    report = await verify(world.platform.database, world.platform.settings.data_dir, world.platform.vault)
    assert (report.problems, report.batches) == ((), 1)


async def test_reads_that_cannot_be_written_wait(platform: Platform, platform_url: str, call: Call) -> None:
    log = ReadLog(platform)
    with psycopg.connect(platform_url, autocommit=True, options="-c search_path=platform") as owner:
        owner.execute("ALTER TABLE access_log RENAME TO away")
        log.note(call, "/a")
        keeping = asyncio.create_task(log.keep(every=0.01))
        with pytest.raises(psycopg.errors.UndefinedTable):
            await log.flush()
        owner.execute("ALTER TABLE away RENAME TO access_log")
    log.note(call, "/b")
    keeping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await keeping
    assert [read["about"] for read in await _reads(platform.database)] == ["/a", "/b"]


async def test_processes_write_their_batches_one_after_the_other(platform: Platform, call: Call) -> None:
    logs = [ReadLog(platform) for _ in range(8)]
    for round_ in range(5):
        for log in logs:
            log.note(call, f"/{round_}")
        await asyncio.gather(*(log.flush() for log in logs))
    report = await verify(platform.database, platform.settings.data_dir, platform.vault)
    assert (report.problems, report.batches) == ((), 40)
