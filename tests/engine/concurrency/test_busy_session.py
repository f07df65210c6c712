"""A lock that is not to be had after a statement has run is no reason to run it again."""

from __future__ import annotations

from pathlib import Path

import pytest

from surefoot.engine.events import Event, StatementFinished
from surefoot.engine.model import Timeouts
from tests.engine.crash.bed import Bed

BASE = """
    CREATE TABLE t (n int);
    CREATE TABLE gate (n int);
    CREATE PROCEDURE add() LANGUAGE plpgsql AS $$ BEGIN INSERT INTO t VALUES (1); COMMIT; END $$;
"""
# Between what sets a role and the journal, the session is cleaned; then the preamble runs.
ASKS_FIRST = {"preamble": ["SELECT count(*) FROM gate"]}


@pytest.fixture
def bed(postgres18_url: str, tmp_path: Path) -> Bed:
    bed = Bed(postgres18_url, tmp_path / "m", timeouts=Timeouts(lock=0.2, lock_wait=60)).write({"1_base.up": BASE})
    bed.up()
    bed.connecting = ASKS_FIRST
    return bed


def test_what_ran_runs_once_although_the_session_cannot_be_cleaned_at_once(bed: Bed) -> None:
    bed.write({"2_once.up": "-- surefoot: no-transaction\nSET ROLE NONE;\nCALL add();\nVACUUM t;"})
    locked: list[Event] = []
    with bed.session() as somebody:

        def in_the_way(event: Event) -> None:
            if event.kind == "retrying":
                somebody.rollback()
            elif isinstance(event, StatementFinished) and event.position == 2 and not locked:
                locked.append(event)
                somebody.execute("LOCK TABLE gate")

        assert bed.up(on_event=in_the_way) == ("2",)
    assert bed.value("SELECT count(*) FROM t") == 1
