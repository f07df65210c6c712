"""Surefoot's own tables on PostgreSQL are never waited for without a bound."""

from __future__ import annotations

from pathlib import Path

import pytest

from surefoot.engine.model import Timeouts
from surefoot.errors import LockTimeout
from tests.engine.crash.bed import Aside, Bed

HURRIED = Timeouts(lock=0.2, lock_wait=0.5)
BASE = {"1_base.up": "CREATE TABLE t (n int);"}


@pytest.fixture
def bed(postgres_url: str, tmp_path: Path) -> Bed:
    bed = Bed(postgres_url, tmp_path / "m", timeouts=HURRIED).write(BASE)
    bed.up()
    return bed


@pytest.mark.parametrize("table", ["format", "history", "journal"])
def test_a_look_at_tables_that_somebody_has_locked_is_bounded(table: str, bed: Bed) -> None:
    with bed.session() as somebody:
        somebody.execute(f"LOCK TABLE surefoot.surefoot_{table}".encode())
        with pytest.raises(LockTimeout):
            Aside(bed.applied).result()


@pytest.mark.parametrize("role", ["", "SET ROLE pg_monitor; RESET ROLE; "])
def test_a_journal_that_somebody_has_locked_is_waited_for_within_bounds(role: str, bed: Bed) -> None:
    bed.write({"2_index.up": f"{role}CREATE INDEX CONCURRENTLY i ON t (n);"})
    with bed.session() as somebody:
        somebody.execute("LOCK TABLE surefoot.surefoot_journal IN SHARE MODE")
        with pytest.raises(LockTimeout):
            Aside(bed.up).result()
    assert bed.up() == ("2",)
