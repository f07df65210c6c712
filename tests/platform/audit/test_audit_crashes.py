"""Processes that are killed while they write leave a whole trail, with one event for each change."""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from surefoot.audit.checkpoints import checkpoint, keep_checkpoints
from surefoot.audit.files import checkpoints_file
from surefoot.audit.record import record
from surefoot.audit.verify import verify
from surefoot.calls import Call
from surefoot.web.platform import Platform

pytestmark = pytest.mark.anyio
WRITER = Path(__file__).parent / "audit_writer.py"
ROUNDS = 20
GAPS = b"""
SELECT chain FROM platform.audit_links GROUP BY chain HAVING max(seq) <> count(*) OR min(seq) <> 1
"""
UNEQUAL = b"""
SELECT coalesce(t.name, e.about), count(e.id) FROM platform.things t FULL JOIN platform.audit_events e
ON e.about = t.name AND e.workspace = t.chain GROUP BY 1, t.name HAVING t.name IS NULL OR count(e.id) <> 1
"""
ACTIVE = b"""
SELECT 1 FROM pg_stat_activity
WHERE datname = current_database() AND state <> 'idle' AND backend_type = 'client backend' AND pid <> pg_backend_pid()
"""


def _run_and_kill(url: str, lines: int) -> list[str]:
    """Returns the changes that the writer knew to be committed."""
    with subprocess.Popen([sys.executable, str(WRITER), url], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        told = [process.stdout.readline() for _ in range(lines)]
        process.kill()
        told += process.stdout.readlines()
    return [line.strip() for line in told if line.endswith("\n")]


@pytest.mark.slow
async def test_a_writer_that_is_killed_again_and_again_leaves_no_gap_and_one_event_for_each_change(
    platform: Platform, platform_url: str
) -> None:
    with psycopg.connect(platform_url, autocommit=True) as owner:
        owner.execute("CREATE TABLE platform.things (name text PRIMARY KEY, chain uuid NOT NULL)")
        told: list[str] = []
        for number in range(ROUNDS):
            told += await asyncio.to_thread(_run_and_kill, platform_url, random.Random(number).randrange(1, 40))
            await checkpoint(platform)
        # What was being committed when its client died ends by itself.
        while owner.execute(ACTIVE).fetchone():
            await asyncio.sleep(0.05)
        things = [str(row[0]) for row in owner.execute("SELECT name FROM platform.things").fetchall()]
        assert len(told) >= ROUNDS
        assert set(told) <= {name.partition("-")[0] for name in things}
        assert owner.execute(GAPS).fetchall() == []
        assert owner.execute(UNEQUAL).fetchall() == []
    report = await verify(platform.database, platform.settings.data_dir, platform.vault)
    assert (report.exit_code, report.events) == (0, len(things))


async def test_checkpoints_are_kept_until_the_process_ends_and_once_more_then(platform: Platform, call: Call) -> None:
    path = checkpoints_file(platform.settings.data_dir)

    async def tell() -> None:
        async with platform.database.transaction() as connection:
            await record(connection, replace(call), "thing.make")

    await tell()
    keeping = asyncio.create_task(keep_checkpoints(platform))
    while not path.exists() or not path.read_text().endswith("\n"):
        await asyncio.sleep(0.01)
    await tell()
    keeping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await keeping
    report = await verify(platform.database, platform.settings.data_dir, platform.vault)
    assert (report.exit_code, report.uncovered, len(path.read_text().splitlines())) == (0, 0, 2)


async def test_a_checkpoint_that_cannot_be_made_is_logged_and_made_later(
    platform: Platform, call: Call, caplog: pytest.LogCaptureFixture
) -> None:
    async with platform.database.transaction() as connection:
        await record(connection, call, "thing.make")
    path = checkpoints_file(platform.settings.data_dir)
    path.mkdir(parents=True)
    keeping = asyncio.create_task(keep_checkpoints(platform, every=0.01))
    while "was not made" not in caplog.text:
        await asyncio.sleep(0.01)
    path.rmdir()
    while not path.exists() or not path.read_text().endswith("\n"):
        await asyncio.sleep(0.01)
    keeping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await keeping
    assert (await verify(platform.database, platform.settings.data_dir, platform.vault)).exit_code == 0
