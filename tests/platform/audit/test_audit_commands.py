"""The operator's commands about the audit trail."""

from __future__ import annotations

import asyncio
import csv
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from surefoot.audit.checkpoints import checkpoint
from surefoot.audit.record import record
from surefoot.calls import Call
from surefoot.platform_settings import load_platform_settings
from surefoot.web.platform import open_platform
from tests.cli.shell import Shell

JULY, AUGUST = datetime(2024, 7, 9, tzinfo=UTC), datetime(2024, 8, 9, tzinfo=UTC)


@pytest.fixture
def owner(platform_url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(platform_url, autocommit=True, options="-c search_path=platform") as connection:
        connection.execute("SET session_replication_role = replica")
        yield connection


@pytest.fixture
def shell(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, platform_url: str, owner: psycopg.Connection, call: Call
) -> Shell:
    """A terminal of the operator, where July and August of a year ago are recorded."""
    shell = Shell(capsys, tmp_path)
    shell.environ |= {"SUREFOOT_DATABASE_URL": platform_url, "SUREFOOT_DATA_DIR": str(tmp_path / "data")}
    asyncio.run(_fill(shell, call))
    owner.execute("UPDATE audit_links SET at = event_at")
    return shell


async def _fill(shell: Shell, call: Call) -> None:
    async with open_platform(load_platform_settings(shell.environ)) as platform:
        for at in (JULY, AUGUST):
            async with platform.database.transaction() as connection:
                await record(connection, replace(call, at=at), "thing.make", about=f"{at:%B}")
        await checkpoint(platform)


def test_a_whole_trail_exits_with_0_and_a_broken_one_with_1(shell: Shell, owner: psycopg.Connection) -> None:
    assert shell.ok("audit", "verify", "--json").json["verdict"] == "whole"
    owner.execute("UPDATE audit_events SET reason = 'changed' WHERE about = 'August'")
    said = shell("audit", "verify")
    assert said.code == 1
    assert "the system's chain, event 2" in said.out


def test_what_nobody_can_tell_exits_with_2(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "data" / "audit" / "checkpoints.jsonl").unlink()
    assert shell("audit", "verify").code == 2


def test_events_are_listed_and_exported(shell: Shell, tmp_path: Path) -> None:
    listed = shell.ok("audit", "list", "--action", "thing.*", "--json").json["events"]
    assert [event["about"] for event in listed] == ["August", "July"]
    shell.ok("audit", "export", "all.csv", "--form", "csv")
    assert (tmp_path / "all.csv").stat().st_mode & 0o777 == 0o600
    with (tmp_path / "all.csv").open(newline="") as file:
        assert [row["about"] for row in csv.DictReader(file)] == ["July", "August"]
    assert shell.ok("audit", "list", "--json").json["events"][0]["action"] == "audit.export"


def test_a_month_is_retired_into_a_signed_file(shell: Shell, tmp_path: Path) -> None:
    made = shell.ok("audit", "retire", "2024-08", "--json").json
    assert made["events"] == 1
    lines = (tmp_path / "data" / "audit" / "segments" / made["file"]).read_text().splitlines()
    assert [json.loads(line)["about"] for line in lines] == ["July"]
    assert "Nothing was recorded before 2024-08" in shell.ok("audit", "retire", "2024-08").out
    shell.ok("audit", "verify")


def test_what_is_no_month_or_too_young_is_refused(shell: Shell) -> None:
    assert "is not a month" in shell("audit", "retire", "August").err
    assert "90 days" in shell("audit", "retire", f"{datetime.now(UTC):%Y-%m}").err
