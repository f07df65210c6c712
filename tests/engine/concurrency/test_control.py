"""A run's brake and its events: cancel, pause, the hook before a step, and what a run tells."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from surefoot.engine import api
from surefoot.engine.control import Control
from surefoot.engine.events import (
    Event,
    NoticeReceived,
    Paused,
    RunFinished,
    RunStarted,
    StatementFinished,
    StatementStarted,
    StepFinished,
    StepStarted,
)
from surefoot.engine.model import Step, Timeouts
from surefoot.errors import Cancelled, HookRefused, StatementFailed
from tests.engine.crash.bed import Aside, Bed, until
from tests.engine.crash.postgres import snapshot

# Other databases of the server have runs of their own meanwhile.
ADVISORY_LOCKS = (
    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' "
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)

FILES = {
    "1_one.up": "CREATE TABLE t (n int); INSERT INTO t VALUES (1);",
    "2_two.up": "INSERT INTO t VALUES (2);",
    "3_three.up": "INSERT INTO t VALUES (3);",
}


@pytest.fixture
def bed(postgres18_url: str, tmp_path: Path) -> Bed:
    return Bed(postgres18_url, tmp_path / "m").write(FILES)


def test_cancel_ends_the_running_statement_and_leaves_nothing_of_its_step(bed: Bed) -> None:
    bed.write({"4_slow.up": "INSERT INTO t VALUES (4); SELECT pg_sleep(600); INSERT INTO t VALUES (5);"})
    bed.up(wish=api.Wish(to="3"))
    before = snapshot(bed.url)
    control = Control()
    run = Aside(lambda: bed.up(control=control))
    bed.await_busy("SELECT pg_sleep(600)%")
    control.cancel()
    with pytest.raises(Cancelled):
        run.result()
    assert snapshot(bed.url) == before
    [end] = bed.only(RunFinished)
    assert (end.outcome, end.steps) == ("cancelled", 0)
    assert bed.value(ADVISORY_LOCKS) == 0


def test_cancel_outside_a_transaction_clears_up_after_the_statement(bed: Bed) -> None:
    bed.write({"4_index.up": "CREATE INDEX CONCURRENTLY t_n ON t (n);"})
    bed.up(wish=api.Wish(to="3"))
    control = Control()
    with bed.session() as blocker:
        blocker.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        blocker.execute("SELECT 1")
        run = Aside(lambda: bed.up(control=control))
        until(lambda: bed.value("SELECT count(*) FROM pg_index WHERE indrelid = 't'::regclass"))
        control.cancel()
        with pytest.raises(Cancelled):
            run.result()
        assert bed.value("SELECT count(*) FROM pg_index WHERE indrelid = 't'::regclass") == 0
    assert bed.up() == ("4",)


def test_cancel_reaches_a_commit_that_takes_long(bed: Bed) -> None:
    bed.write(
        {
            "4_deferred.up": """
                CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN PERFORM pg_sleep(600); RETURN NULL; END $$;
                CREATE CONSTRAINT TRIGGER late AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED
                    FOR EACH ROW EXECUTE FUNCTION slow();
                INSERT INTO t VALUES (4);"""
        }
    )
    control = Control()
    run = Aside(lambda: bed.up(control=control))
    bed.await_busy("COMMIT%")
    control.cancel()
    with pytest.raises(Cancelled):
        run.result()
    assert bed.applied() == ["1", "2", "3"]


def test_cancel_ends_the_wait_for_another_runner(bed: Bed) -> None:
    control = Control()
    with bed.target() as other:
        assert other.lock("default")
        run = Aside(lambda: bed.up(control=control))
        until(lambda: bed.events)
        control.cancel()
        with pytest.raises(Cancelled):
            run.result()


def test_cancel_ends_the_wait_before_a_retry(bed: Bed) -> None:
    bed.up(wish=api.Wish(to="1"))
    bed.timeouts = Timeouts(lock=0.1, lock_wait=600)
    control = Control()
    with bed.session() as blocker:
        blocker.execute("LOCK TABLE t")
        run = Aside(lambda: bed.up(control=control))
        until(lambda: len(bed.events) > 8)
        control.cancel()
        with pytest.raises(Cancelled):
            run.result()
    assert bed.applied() == ["1"]


def test_a_target_can_be_used_again_after_a_cancelled_run(bed: Bed) -> None:
    control = Control()
    control.cancel()
    with bed.target() as target:
        with pytest.raises(Cancelled):
            api.up(target, bed.home, None, api.RunOptions(control=control))
        assert api.up(target, bed.home).versions == ("1", "2", "3")


def test_pause_lets_the_step_finish_and_resume_goes_on(bed: Bed) -> None:
    control = Control()

    def pause_in_the_first(event: Event) -> None:
        bed.events.append(event)
        if isinstance(event, StatementStarted) and event.version == "1":
            control.pause()

    run = Aside(lambda: bed.up(control=control, on_event=pause_in_the_first))
    until(lambda: bed.only(Paused))
    assert bed.applied() == ["1"]
    control.resume()
    assert run.result() == ("1", "2", "3")


def test_a_paused_run_can_be_cancelled(bed: Bed) -> None:
    control = Control()
    control.pause()
    run = Aside(lambda: bed.up(control=control))
    until(lambda: bed.only(Paused))
    control.cancel()
    with pytest.raises(Cancelled):
        run.result()
    assert bed.applied() == []


def test_the_hook_refuses_a_step_before_it_begins(bed: Bed) -> None:
    def not_the_second(step: Step) -> str | None:
        return "it has no proof" if step.migration.version == "2" else None

    with pytest.raises(HookRefused, match="2 two was refused before it began: it has no proof"):
        bed.up(before_step=not_the_second)
    assert bed.applied() == ["1"]
    assert bed.value("SELECT count(*) FROM t") == 1
    assert [event.version for event in bed.only(StepStarted)] == ["1"]
    assert bed.up() == ("2", "3")


def test_events_are_numbered_in_order_and_are_json(bed: Bed) -> None:
    bed.write(
        {
            "4_notices.up": """
                DO $$ BEGIN RAISE NOTICE 'first'; RAISE WARNING 'second'; END $$;
                CREATE INDEX CONCURRENTLY t_n ON t (n);
                DROP TABLE IF EXISTS nowhere;"""
        }
    )
    bed.up(run_id="run-7")
    assert [event.seq for event in bed.events] == list(range(1, len(bed.events) + 1))
    assert {event.run_id for event in bed.events} == {"run-7"}
    documents = [json.loads(json.dumps(event.to_dict())) for event in bed.events]
    assert documents[0]["kind"] == "run_started"
    assert documents[0]["versions"] == ["1", "2", "3", "4"]
    assert documents[-1]["kind"] == "run_finished"
    assert bed.value("SELECT count(*) FROM surefoot.surefoot_history WHERE run_id = 'run-7'") == 4
    notices = bed.only(NoticeReceived)
    assert [(event.severity, event.message) for event in notices[:2]] == [("NOTICE", "first"), ("WARNING", "second")]
    kinds = [type(event) for event in bed.events]
    at = kinds.index(NoticeReceived)
    assert kinds[at - 1 : at + 3] == [StatementStarted, NoticeReceived, NoticeReceived, StatementFinished]


def test_each_statement_tells_its_place_and_its_rows(bed: Bed) -> None:
    bed.up()
    [first, second, *_] = bed.only(StatementStarted)
    assert (first.path, first.line, first.position, first.total) == ("1_one.up.sql", 1, 1, 2)
    assert second.sql == "INSERT INTO t VALUES (1)"
    assert bed.only(StatementFinished)[1].rows == 1
    assert len(bed.only(StepFinished)) == 3


def test_a_failed_run_tells_its_error(bed: Bed) -> None:
    bed.write({"4_wrong.up": "SELECT 1;\nSELECT nothing;"})
    with pytest.raises(StatementFailed) as caught:
        bed.up()
    [end] = bed.only(RunFinished)
    assert (end.outcome, end.steps) == ("failed", 3)
    assert end.error == caught.value.to_dict()
    assert json.loads(json.dumps(end.to_dict()))["error"]["line"] == 2


def test_a_consumer_that_fails_stops_the_run_and_leaves_the_step_undone(bed: Bed) -> None:
    def full_disk(event: Event) -> None:
        if isinstance(event, StatementFinished) and event.version == "2":
            raise OSError("no space left")

    with pytest.raises(OSError, match="no space left"):
        bed.up(on_event=full_disk)
    assert bed.applied() == ["1"]
    assert bed.up() == ("2", "3")


def test_a_consumer_that_fails_at_a_notice_stops_the_run_and_leaves_the_step_undone(bed: Bed) -> None:
    def full_disk(event: Event) -> None:
        if event.kind == "notice":
            raise OSError("no space left")

    bed.write({"4_speaks.up": "DO $$ BEGIN RAISE NOTICE 'hello'; END $$;"})
    with pytest.raises(OSError, match="no space left"):
        bed.up(on_event=full_disk)
    assert bed.applied() == ["1", "2", "3"]


def test_a_consumer_that_fails_while_a_statement_is_watched_stops_the_run(bed: Bed) -> None:
    def full_disk(event: Event) -> None:
        if event.kind == "progress":
            raise OSError("no space left")

    bed.write({"4_slow.up": "SELECT pg_sleep(600);"})
    with pytest.raises(OSError, match="no space left"):
        bed.up(on_event=full_disk)
    assert bed.applied() == ["1", "2", "3"]


def test_a_trace_context_is_seen_by_the_server_and_cannot_end_its_comment(bed: Bed) -> None:
    own = "SELECT query FROM pg_stat_activity WHERE pid = pg_backend_pid()"
    bed.write({"4_traced.up": f"INSERT INTO t SELECT 9 WHERE ({own}) LIKE '%traceparent=''00-ab%';"})
    bed.up(comment="traceparent='00-ab-01'*/ DROP TABLE t; /*")
    assert bed.value("SELECT count(*) FROM t WHERE n = 9") == 1


def test_a_run_without_anything_to_do_tells_nothing_and_writes_nothing(bed: Bed) -> None:
    (bed.folder / "1_one.up.sql").write_text("SELECT 1;")
    bed.remove("2_two.up", "3_three.up")
    bed.up()
    assert bed.only(RunStarted)
    before = snapshot(bed.url)
    assert bed.up() == ()
    assert bed.events == []
    assert snapshot(bed.url) == before
