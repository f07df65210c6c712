"""The application holds what a migration needs: the wait is bounded, the blocker named, and nothing stays half-done."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from surefoot.engine.events import Retrying, Waiting
from surefoot.engine.model import Timeouts
from surefoot.errors import LockTimeout, OutcomeUnknown
from tests.engine.crash.bed import Aside, Bed, until
from tests.engine.crash.postgres import snapshot

pytestmark = pytest.mark.slow

BASE = {"1_base.up": "CREATE TABLE t (id int, n int); INSERT INTO t SELECT i, i FROM generate_series(1, 50) i;"}
ALTER = {"2_alter.up": "INSERT INTO t VALUES (51, 51); ALTER TABLE t ADD COLUMN x int;"}
INDEX = {"2_index.up": "CREATE INDEX CONCURRENTLY t_n ON t (n);"}
SHORT = Timeouts(lock=0.2, lock_wait=60)


@pytest.fixture
def bed(postgres18_url: str, tmp_path: Path) -> Bed:
    bed = Bed(postgres18_url, tmp_path / "m", timeouts=SHORT).write(BASE)
    bed.up()
    return bed


def test_a_blocked_step_is_tried_again_as_a_whole_and_names_the_blocker(bed: Bed) -> None:
    bed.write(ALTER)
    with bed.session() as blocker:
        blocker.execute("LOCK TABLE t IN ACCESS SHARE MODE")
        run = Aside(bed.up)
        pid = f"session {blocker.info.backend_pid} "
        named = until(lambda: next((event for event in bed.only(Retrying) if pid in event.reason), None))
        assert "LOCK TABLE t" in named.reason
        assert "somebody" in named.reason
    assert run.result() == ("2",)
    assert bed.value("SELECT count(*) FROM t WHERE id = 51") == 1


def test_a_step_that_stays_blocked_is_given_up_and_leaves_everything_as_it_was(bed: Bed) -> None:
    bed.write(ALTER)
    before = snapshot(bed.url)
    bed.timeouts = Timeouts(lock=0.5, lock_wait=1.5)
    with bed.session() as blocker:
        blocker.execute("LOCK TABLE t IN ACCESS SHARE MODE")
        with pytest.raises(LockTimeout, match=r"2_alter\.up\.sql:1") as caught:
            bed.up()
        pid = blocker.info.backend_pid
    details: dict[str, Any] = caught.value.details
    assert details["file"] == "2_alter.up.sql"
    assert details["attempts"] > 1
    assert [f"session {pid} " in name for name in details["blockers"]] == [True]
    assert f"session {pid} " in str(caught.value)
    assert snapshot(bed.url) == before
    assert bed.up() == ("2",)


def test_a_deferred_constraint_that_is_blocked_at_commit_is_tried_again(bed: Bed) -> None:
    bed.write(
        {
            "2_deferred.up": """
                CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN UPDATE t SET n = 0 WHERE id = 1; RETURN NULL; END $$;
                CREATE TABLE d (n int);
                CREATE CONSTRAINT TRIGGER late AFTER INSERT ON d DEFERRABLE INITIALLY DEFERRED
                    FOR EACH ROW EXECUTE FUNCTION touch();
                INSERT INTO d VALUES (1);"""
        }
    )
    with bed.session() as blocker:
        blocker.execute("SELECT FROM t WHERE id = 1 FOR UPDATE")
        run = Aside(bed.up)
        until(lambda: bed.only(Retrying))
    assert run.result() == ("2",)
    assert bed.value("SELECT count(*) FROM d") == 1


def test_an_index_held_up_by_an_old_transaction_names_it_and_is_built_in_the_end(bed: Bed) -> None:
    bed.write(INDEX)
    with bed.session() as blocker:
        blocker.execute("UPDATE t SET n = n WHERE id = 1")
        run = Aside(bed.up)
        waiting = until(lambda: next(iter(bed.only(Waiting)), None))
        assert waiting.what == "lock"
        assert [who.pid for who in waiting.blockers] == [blocker.info.backend_pid]
        assert "UPDATE t" in waiting.blockers[0].query
    assert run.result() == ("2",)


def test_an_index_that_stays_held_up_is_given_up_and_its_remains_are_dropped(bed: Bed) -> None:
    bed.write(INDEX)
    bed.timeouts = Timeouts(lock_wait=1)
    with bed.session() as blocker:
        # An old snapshot that holds no lock on the table: the index can be dropped while it lasts.
        blocker.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        blocker.execute("SELECT 1")
        with pytest.raises(LockTimeout) as caught:
            bed.up()
        assert f"session {blocker.info.backend_pid} " in caught.value.message
        assert caught.value.message.count("Tried") == 1
        assert bed.value("SELECT count(*) FROM pg_index WHERE indrelid = 't'::regclass") == 0
        assert bed.journal() == []
    assert bed.up() == ("2",)


def test_an_index_whose_remains_are_still_in_use_is_cleared_by_the_next_run(bed: Bed) -> None:
    bed.write(INDEX)
    bed.timeouts = Timeouts(lock_wait=0.5)
    with bed.session() as blocker:
        blocker.execute("UPDATE t SET n = n WHERE id = 1")
        with pytest.raises((LockTimeout, OutcomeUnknown)) as caught:
            bed.up()
        assert f"session {blocker.info.backend_pid} " in caught.value.message
        assert bed.journal() == [("2", 0, "started")]
    bed.timeouts = SHORT
    assert bed.up() == ("2",)
    assert bed.value("SELECT indisvalid FROM pg_index WHERE indrelid = 't'::regclass") is True


def test_a_statement_outside_a_transaction_that_is_blocked_is_tried_again(bed: Bed) -> None:
    bed.write({"2_vacuum.up": "VACUUM FULL t;"})
    with bed.session() as blocker:
        blocker.execute("LOCK TABLE t IN ACCESS SHARE MODE")
        run = Aside(bed.up)
        until(lambda: bed.only(Retrying))
    assert run.result() == ("2",)


def test_a_deadlock_is_tried_again(bed: Bed) -> None:
    bed.timeouts = Timeouts(lock=30, lock_wait=60)
    bed.write(
        {"2_both.up": "UPDATE t SET n = -1 WHERE id = 1; SELECT pg_sleep(0.3); UPDATE t SET n = -1 WHERE id = 2;"}
    )
    with bed.session() as other:
        other.execute("SET deadlock_timeout = '1h'")
        other.execute("UPDATE t SET n = -2 WHERE id = 2")
        run = Aside(bed.up)
        bed.await_busy("%pg_sleep(0.3)%")
        other.execute("UPDATE t SET n = -2 WHERE id = 1")
        other.commit()
    assert run.result() == ("2",)
    assert bed.only(Retrying)
    assert bed.value("SELECT array_agg(n ORDER BY id) FROM t WHERE id < 3") == [-1, -1]
