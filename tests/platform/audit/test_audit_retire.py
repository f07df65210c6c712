"""Retention: old months leave as signed files, and the rest can still be verified."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import psycopg
import pytest

from surefoot.audit.checkpoints import checkpoint
from surefoot.audit.files import segments_folder
from surefoot.audit.model import Segment
from surefoot.audit.reads import log_reads, read_of, retire_reads
from surefoot.audit.record import record
from surefoot.audit.report import Verdict
from surefoot.audit.retire import retire
from surefoot.audit.verify import verify
from surefoot.calls import Call
from surefoot.db.ids import new_id
from surefoot.errors import Conflict, Invalid
from surefoot.web.platform import Platform

pytestmark = pytest.mark.anyio
ONE, OTHER = sorted([new_id(), new_id()])
JULY, AUGUST = datetime(2024, 7, 1, tzinfo=UTC), datetime(2024, 8, 1, tzinfo=UTC)
LATE = datetime(2024, 11, 23, tzinfo=UTC)


@pytest.fixture
def owner(platform_url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(
        platform_url, autocommit=True, options="-c search_path=platform -c timezone=UTC"
    ) as connection:
        connection.execute("SET session_replication_role = replica")
        yield connection


async def _fill(platform: Platform, call: Call, at: datetime, events: int, workspace: UUID | None = None) -> None:
    for number in range(events):
        async with platform.database.transaction() as connection:
            told = replace(call, at=at + timedelta(hours=number))
            await record(connection, told, "thing.make", about=f"{at:%B}/{number}", workspace=workspace)


@pytest.fixture
async def years(platform: Platform, call: Call, owner: psycopg.Connection) -> Platform:
    """A platform whose July, August and November are recorded, in two chains and the system's."""
    owner.execute("SELECT audit_prepare(%s, 4)", (JULY,))
    for month in (JULY, AUGUST, LATE):
        for chain in (ONE, OTHER, None):
            await _fill(platform, call, month, 4, chain)
    owner.execute("UPDATE audit_links SET at = event_at")
    await checkpoint(platform)
    return platform


async def _exit_code(platform: Platform) -> int:
    return (await verify(platform.database, platform.settings.data_dir, platform.vault)).exit_code


def _parts(owner: psycopg.Connection) -> list[str]:
    query = b"SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'audit_events'::regclass ORDER BY 1"
    return [str(row[0]).removeprefix("audit_events_") for row in owner.execute(query)]


def _call(call: Call) -> Call:
    return replace(call, at=LATE)


async def test_a_retired_month_leaves_as_a_file_and_the_rest_is_whole(
    years: Platform, call: Call, owner: psycopg.Connection
) -> None:
    segment = await retire(years, _call(call), AUGUST + timedelta(days=20))
    assert segment is not None
    assert (segment.until, segment.events) == (AUGUST, 12)
    assert _parts(owner) == ["2024_08", "2024_09", "2024_10", "2024_11", "other"]
    path = segments_folder(years.settings.data_dir) / segment.file
    assert hashlib.sha256(path.read_bytes()).hexdigest() == segment.sha256
    assert [json.loads(line)["about"] for line in path.read_text().splitlines()] == [
        f"July/{number}" for _ in range(3) for number in range(4)
    ]
    assert await _exit_code(years) == 0
    await _fill(years, call, call.at, 2, ONE)
    await checkpoint(years)
    assert await _exit_code(years) == 0


async def test_one_segment_goes_on_where_the_one_before_it_ended(years: Platform, call: Call) -> None:
    first = await retire(years, _call(call), AUGUST)
    second = await retire(years, replace(call, at=datetime(2025, 1, 1, tzinfo=UTC)), datetime(2024, 9, 1, tzinfo=UTC))
    assert first is not None
    assert second is not None
    assert second.starts == first.ends
    assert await retire(years, _call(call), AUGUST) is None
    assert await _exit_code(years) == 0


async def test_what_was_recorded_late_stays_until_its_link_is_old_enough(
    years: Platform, call: Call, owner: psycopg.Connection
) -> None:
    await _fill(years, call, JULY + timedelta(days=30), 1, ONE)
    await retire(years, _call(call), AUGUST)
    assert "2024_07" in _parts(owner)
    assert owner.execute("SELECT count(*) FROM audit_events_2024_07").fetchone() == (1,)
    assert await _exit_code(years) == 0


async def test_nothing_younger_than_ninety_days_is_retired(
    years: Platform, call: Call, owner: psycopg.Connection
) -> None:
    with pytest.raises(Invalid):
        await retire(years, _call(call), LATE - timedelta(days=60))
    identifier = new_id()
    owner.execute("INSERT INTO audit_segments VALUES (%s, now() - interval '89 days', '', '')", (identifier,))
    with pytest.raises(psycopg.errors.CheckViolation, match="90 days"):
        owner.execute("SELECT audit_retire(%s)", (identifier,))


async def test_only_what_is_whole_is_signed(years: Platform, call: Call, owner: psycopg.Connection) -> None:
    owner.execute("UPDATE audit_events SET reason = 'changed' WHERE about = 'July/2'")
    with pytest.raises(Conflict):
        await retire(years, _call(call), AUGUST)
    assert owner.execute("SELECT count(*) FROM audit_segments").fetchone() == (0,)
    assert "2024_07" in _parts(owner)


async def test_nobody_waits_for_a_month_that_somebody_reads(
    years: Platform, call: Call, owner: psycopg.Connection
) -> None:
    with owner.transaction():
        owner.execute("SELECT count(*) FROM audit_events")
        with pytest.raises(Conflict, match="reads the whole trail"):
            await retire(years, _call(call), AUGUST)
    assert await retire(years, _call(call), AUGUST) is not None


@pytest.mark.asvs("16.4.2")
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_segments SET text = replace(text, '\"events\":12', '\"events\":11')",
        "DELETE FROM audit_segments",
        "DELETE FROM audit_links WHERE seq = 5",
    ],
)
async def test_what_is_retired_cannot_be_added_to(
    years: Platform, call: Call, owner: psycopg.Connection, statement: str
) -> None:
    await retire(years, _call(call), AUGUST)
    owner.execute(statement.encode())
    assert await _exit_code(years) == 1


async def test_an_exported_file_that_was_changed_is_found_and_one_in_an_archive_is_not_missed(
    years: Platform, call: Call
) -> None:
    segment = await retire(years, _call(call), AUGUST)
    assert segment is not None
    path = segments_folder(years.settings.data_dir) / segment.file
    path.write_text(path.read_text().replace("July/1", "July/9"))
    report = await verify(years.database, years.settings.data_dir, years.vault)
    assert (report.verdict, len(report.problems)) == (Verdict.BROKEN, 1)
    path.unlink()
    assert await _exit_code(years) == 0


async def test_retiring_is_recorded(years: Platform, call: Call, owner: psycopg.Connection) -> None:
    segment = await retire(years, _call(call), AUGUST)
    assert segment is not None
    found = owner.execute("SELECT about, after->>'file' FROM audit_events WHERE action = 'audit.retire'").fetchall()
    assert found == [(f"segment/{segment.id}", segment.file)]


async def test_reads_have_a_retention_of_their_own(platform: Platform, call: Call, owner: psycopg.Connection) -> None:
    for number in range(4):
        async with platform.database.transaction() as connection:
            assert await log_reads(connection, platform.vault, [read_of(call, f"secret/{number}")]) == number + 1
    owner.execute("UPDATE access_batches SET at = at - interval '40 days' WHERE number <= 2")
    before = call.at - timedelta(days=31)
    async with platform.database.transaction() as connection:
        with pytest.raises(Invalid):
            await retire_reads(connection, call, call.at - timedelta(days=29))
        assert await retire_reads(connection, call, before) == 2
    assert owner.execute("SELECT array_agg(about ORDER BY batch) FROM access_log").fetchone() == (
        ["secret/2", "secret/3"],
    )
    await checkpoint(platform)
    assert await _exit_code(platform) == 0


async def test_where_nothing_was_read_nothing_is_written(platform: Platform) -> None:
    async with platform.database.transaction() as connection:
        assert await log_reads(connection, platform.vault, []) is None


async def test_a_verification_is_not_misled_by_what_is_retired_meanwhile(years: Platform, call: Call) -> None:
    verifying = [asyncio.create_task(_exit_code(years)) for _ in range(5)]
    await asyncio.sleep(0.01)
    for month in (AUGUST, datetime(2024, 9, 1, tzinfo=UTC)):
        while await _retired(years, call, month) is None:
            pass
    assert await asyncio.gather(*verifying) == [0] * 5


async def _retired(platform: Platform, call: Call, month: datetime) -> Segment | None:
    try:
        return await retire(platform, replace(call, at=datetime(2025, 1, 1, tzinfo=UTC)), month)
    except Conflict:
        return None
