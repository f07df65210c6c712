"""The trail, verified: whole where it is, and each way to tamper with it is found."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg.rows import class_row

from surefoot.audit.checkpoints import checkpoint
from surefoot.audit.files import checkpoints_file
from surefoot.audit.model import Event
from surefoot.audit.reads import log_reads, read_of
from surefoot.audit.record import record
from surefoot.audit.report import Report, Verdict
from surefoot.audit.rules import digest_of, first_hash, link_hash
from surefoot.audit.store import COLUMNS
from surefoot.audit.verify import verify
from surefoot.calls import Call
from surefoot.db.ids import new_id
from surefoot.vault.vault import Vault
from surefoot.web.platform import Platform

pytestmark = pytest.mark.anyio
WORKSPACE = UUID("018f0000-0000-7000-8000-000000000001")


@dataclass(frozen=True)
class Intruder:
    """Somebody with every right on the database; whom no trigger stops."""

    connection: psycopg.Connection[tuple[Any, ...]]

    def do(self, statement: str, *values: object) -> None:
        self.connection.execute(statement.encode(), values)

    def rehash(self) -> None:
        """Make every digest, link and end follow again from what the rows say now."""
        columns = ", ".join(COLUMNS)
        with self.connection.cursor(row_factory=class_row(Event)) as cursor:
            rows = cursor.execute(
                f"SELECT {columns} FROM audit_events JOIN (SELECT seq, event FROM audit_links WHERE chain = %s) l "
                "ON l.event = id ORDER BY seq".encode(),
                (WORKSPACE,),
            ).fetchall()
        before = first_hash(WORKSPACE)
        for number, event in enumerate(rows, start=1):
            digest = digest_of(replace(event, methods=tuple(event.methods)))
            before = link_hash(before, number, event.id, digest)
            self.do("UPDATE audit_events SET digest = %s WHERE id = %s", digest, event.id)
            self.do("UPDATE audit_links SET hash = %s, seq = %s WHERE event = %s", before, number, event.id)
        self.do("UPDATE audit_chains SET hash = %s, seq = %s WHERE chain = %s", before, len(rows), WORKSPACE)


@pytest.fixture
def intruder(platform_url: str) -> Iterator[Intruder]:
    with psycopg.connect(
        platform_url, autocommit=True, options="-c search_path=platform -c timezone=UTC"
    ) as connection:
        connection.execute("SET session_replication_role = replica")
        yield Intruder(connection)


async def _fill(platform: Platform, call: Call, events: int = 6, workspace: UUID = WORKSPACE) -> None:
    for number in range(events):
        async with platform.database.transaction() as connection:
            await record(
                connection,
                call,
                "member.change",
                about=f"account/{number}",
                before={"role": "viewer", "share": 0.1, "large": 1e21, "small": -0.0, "naïve": ["ü", None, {"a": 1}]},
                workspace=workspace,
            )


async def _verify(platform: Platform) -> Report:
    return await verify(platform.database, platform.settings.data_dir, platform.vault)


async def test_a_trail_that_nobody_touched_is_whole(platform: Platform, call: Call) -> None:
    await _fill(platform, call)
    await _fill(platform, call, workspace=new_id())
    await checkpoint(platform)
    await _fill(platform, call, events=2)
    report = await _verify(platform)
    assert (report.verdict, report.exit_code, report.problems, report.doubts) == (Verdict.WHOLE, 0, (), ())
    assert (report.chains, report.events, report.checkpoints, report.uncovered) == (2, 14, 2, 2)


async def test_a_trail_without_anything_is_whole(platform: Platform) -> None:
    assert (await _verify(platform)).verdict is Verdict.WHOLE


def _edit(intruder: Intruder) -> None:
    intruder.do("UPDATE audit_events SET actor_label = 'somebody else' WHERE about = 'account/3'")


def _edit_and_rehash(intruder: Intruder) -> None:
    intruder.do("UPDATE audit_events SET reason = 'asked to' WHERE about = 'account/3'")
    columns = ", ".join(COLUMNS)
    with intruder.connection.cursor(row_factory=class_row(Event)) as cursor:
        event = cursor.execute(f"SELECT {columns} FROM audit_events WHERE about = 'account/3'".encode()).fetchone()
    assert event is not None
    intruder.do("UPDATE audit_events SET digest = %s WHERE id = %s", digest_of(event), event.id)


def _from_the_future(intruder: Intruder) -> None:
    intruder.do("UPDATE audit_events SET schema_version = 2, reason = 'asked to' WHERE about = 'account/3'")


def _delete(intruder: Intruder) -> None:
    intruder.do("DELETE FROM audit_links WHERE seq = 3")
    intruder.do("DELETE FROM audit_events WHERE about = 'account/2'")


def _delete_the_record(intruder: Intruder) -> None:
    intruder.do("DELETE FROM audit_events WHERE about = 'account/2'")


def _insert(intruder: Intruder) -> None:
    columns = ", ".join(name for name in (*COLUMNS, "digest") if name != "id")
    intruder.do(
        f"INSERT INTO audit_events (id, {columns}) SELECT %s, {columns} FROM audit_events WHERE about = 'account/2'",
        new_id(),
    )


def _swap(intruder: Intruder) -> None:
    intruder.do("UPDATE audit_links SET seq = -seq WHERE seq IN (2, 3)")
    intruder.do("UPDATE audit_links SET seq = 5 + seq WHERE seq IN (-2, -3)")


def _cut(intruder: Intruder) -> None:
    intruder.do("DELETE FROM audit_events WHERE about IN ('account/4', 'account/5')")
    intruder.do("DELETE FROM audit_links WHERE seq > 4")
    intruder.do("UPDATE audit_chains c SET seq = 4, hash = l.hash FROM audit_links l WHERE l.seq = 4")


def _rewrite(intruder: Intruder) -> None:
    intruder.do("UPDATE audit_events SET actor_label = 'somebody else'")
    intruder.rehash()


def _delete_and_rewrite(intruder: Intruder) -> None:
    intruder.do("DELETE FROM audit_events WHERE about = 'account/2'")
    intruder.do("DELETE FROM audit_links WHERE seq = 3")
    intruder.do("UPDATE audit_links SET seq = seq - 1 WHERE seq > 3")
    intruder.rehash()


def _wipe(intruder: Intruder) -> None:
    intruder.do(
        "TRUNCATE audit_events, audit_links, audit_chains, audit_checkpoints, audit_checkpointed, audit_segments"
    )


@pytest.mark.asvs("16.4.2")
@pytest.mark.parametrize(
    ("attack", "told"),
    [
        (_edit, "event 4: its record {id} is not the one that was written"),
        (_edit_and_rehash, "event 4: its link does not follow from the one before and the record {id}"),
        (_from_the_future, "event 4: its record is of version 2: verify with the Surefoot that wrote it"),
        (_delete, "event 3: is missing or out of its place: what follows is 4"),
        (_delete_the_record, "event 3: has its link, and its record {id} is gone"),
        (_insert, "the record {id} is in no link"),
        (_swap, "event 2: its link does not follow from the one before and the record {id}"),
        (_cut, "event 6: the checkpoint of {at} saw it, and it is gone: the chain ends at 4"),
        (_rewrite, "event 6: the checkpoint of {at} saw it with another hash: the chain was written anew"),
        (_delete_and_rewrite, "event 6: the checkpoint of {at} saw it, and it is gone: the chain ends at 5"),
        (_wipe, "event 6: the checkpoint of {at} saw it, and it is gone: the chain ends at 0"),
    ],
)
async def test_tampering_by_somebody_with_every_right_on_the_database_is_found(
    platform: Platform, call: Call, intruder: Intruder, attack: Callable[[Intruder], None], told: str
) -> None:
    await _fill(platform, call)
    await checkpoint(platform)
    assert (await _verify(platform)).verdict is Verdict.WHOLE
    attack(intruder)
    report = await _verify(platform)
    assert (report.verdict, report.exit_code) == (Verdict.BROKEN, 1)
    start = told.split("{", maxsplit=1)[0]
    end = told.rsplit("}", maxsplit=1)[-1]
    said = [f"{problem.where}: {problem.what}" for problem in report.problems]
    assert any(start in one and one.endswith(end) for one in said), said


async def test_what_no_checkpoint_saw_can_be_cut_off(platform: Platform, call: Call, intruder: Intruder) -> None:
    await _fill(platform, call, events=4)
    await checkpoint(platform)
    async with platform.database.transaction() as connection:
        await record(connection, call, "member.change", about="account/4", workspace=WORKSPACE)
    _cut(intruder)
    assert (await _verify(platform)).verdict is Verdict.WHOLE


async def test_without_the_file_of_checkpoints_nothing_can_be_told(platform: Platform, call: Call) -> None:
    await _fill(platform, call)
    await checkpoint(platform)
    checkpoints_file(platform.settings.data_dir).unlink()
    report = await _verify(platform)
    assert (report.verdict, report.exit_code) == (Verdict.UNTOLD, 2)
    assert "audit/checkpoints.jsonl" in report.doubts[0]


async def test_with_other_keys_nothing_can_be_told(platform: Platform, call: Call, tmp_path: Path) -> None:
    await _fill(platform, call)
    await checkpoint(platform)
    other = Vault.open(platform.settings.model_copy(update={"data_dir": tmp_path / "other"}))
    report = await verify(platform.database, platform.settings.data_dir, other)
    assert (report.exit_code, report.problems) == (2, ())
    assert "keys" in report.doubts[0]


async def test_a_broken_chain_is_told_although_the_keys_are_missing(
    platform: Platform, call: Call, intruder: Intruder
) -> None:
    await _fill(platform, call)
    _edit(intruder)
    assert (await _verify(platform)).verdict is Verdict.BROKEN


async def test_what_no_checkpoint_covered_for_minutes_is_doubted(
    platform: Platform, call: Call, intruder: Intruder
) -> None:
    await _fill(platform, call, events=2)
    await checkpoint(platform)
    await _fill(platform, call, events=2)
    intruder.do("UPDATE audit_links SET at = at - interval '11 minutes'")
    report = await _verify(platform)
    assert (report.verdict, report.uncovered, len(report.doubts)) == (Verdict.UNTOLD, 2, 1)


async def test_a_forged_checkpoint_is_told_from_a_signed_one(
    platform: Platform, call: Call, intruder: Intruder
) -> None:
    await _fill(platform, call)
    await checkpoint(platform)
    intruder.do("UPDATE audit_checkpoints SET line = replace(line, '\"chains\":[[', '\"chains\":[[ ')")
    assert (await _verify(platform)).verdict is Verdict.WHOLE
    intruder.do("UPDATE audit_checkpoints SET line = replace(line, ',6,', ',5,')")
    report = await _verify(platform)
    assert [problem.what for problem in report.problems] == ["is not signed by this installation's keys"]


async def test_a_line_that_a_crash_left_torn_is_no_checkpoint(platform: Platform, call: Call) -> None:
    await _fill(platform, call, events=1)
    await checkpoint(platform)
    path = checkpoints_file(platform.settings.data_dir)
    with path.open("a") as file:
        file.write('{"at":"2026-')
    assert (await _verify(platform)).verdict is Verdict.WHOLE
    await _fill(platform, call, events=1)
    await checkpoint(platform)
    assert (await _verify(platform)).verdict is Verdict.WHOLE
    assert len(path.read_text().splitlines()) == 2
    assert path.stat().st_mode & 0o077 == 0


async def test_where_nothing_moved_nothing_is_signed(platform: Platform, call: Call) -> None:
    await _fill(platform, call)
    assert len((await checkpoint(platform))[0].heads) == 1
    assert await checkpoint(platform) == ()


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE access_log SET about = 'nothing' WHERE batch = 2 AND place = 1", "batch 2: is not what was written"),
        ("DELETE FROM access_log WHERE batch = 2 AND place = 1", "batch 2: is not what was written"),
        ("DELETE FROM access_batches WHERE number = 2", "batch 3: does not follow 1, which stands before it"),
        (
            "UPDATE access_batches SET signature = hash WHERE number = 2",
            "batch 2: is not signed by this installation's keys",
        ),
    ],
)
async def test_tampering_with_the_log_of_reads_is_found(
    platform: Platform, call: Call, intruder: Intruder, statement: str, told: str
) -> None:
    for _ in range(3):
        async with platform.database.transaction() as connection:
            await log_reads(connection, platform.vault, [read_of(call, f"secret/{n}") for n in range(3)])
    report = await _verify(platform)
    assert (report.verdict, report.batches) == (Verdict.WHOLE, 3)
    intruder.do(statement)
    assert [f"{one.where}: {one.what}" for one in (await _verify(platform)).problems] == [f"the log of reads, {told}"]


async def test_a_trail_is_whole_while_others_write_and_sign(platform: Platform, call: Call) -> None:
    chains = [new_id() for _ in range(3)]
    writing = [asyncio.create_task(_fill(platform, call, 60, chain)) for chain in chains]
    verdicts = []
    while not all(task.done() for task in writing):
        await checkpoint(platform)
        verdicts.append(await _verify(platform))
    assert [report.problems for report in verdicts if report.verdict is not Verdict.WHOLE] == []
    report = await _verify(platform)
    assert (report.events, report.chains) == (180, 3)
