"""Many runners, one target: each migration is applied once, and who waits is told for whom."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import psycopg
import pytest

from surefoot.engine import api
from surefoot.engine.events import Waiting
from surefoot.engine.model import Timeouts
from surefoot.errors import Edited, PoolerFound, TargetLocked
from tests.engine.crash.bed import Aside, Bed, until
from tests.engine.crash.child import Child, Job
from tests.engine.crash.matrix import write_folder

# Other databases of the server have runs of their own meanwhile.
ADVISORY_LOCKS = (
    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' "
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)

FILES = {
    "1_base.up": "CREATE TABLE t (n int);",
    "2_one.up": "INSERT INTO t VALUES (1); SELECT pg_sleep(0.1);",
    "3_index.up": "INSERT INTO t VALUES (1); CREATE INDEX CONCURRENTLY t_n ON t (n); INSERT INTO t VALUES (1);",
    "4_last.up": "INSERT INTO t VALUES (1);",
}


@pytest.fixture
def bed(postgres18_url: str, tmp_path: Path) -> Bed:
    return Bed(postgres18_url, tmp_path / "m").write(FILES)


@pytest.mark.parametrize("runners", [2, pytest.param(20, marks=pytest.mark.slow)])
def test_concurrent_runners_apply_each_migration_once(bed: Bed, runners: int) -> None:
    children = [Child(Job(bed.url, bed.folder, "up")) for _ in range(runners)]
    outcomes = [child.outcome() for child in children]
    assert [outcome.error for outcome in outcomes] == [None] * runners
    assert sorted(version for outcome in outcomes for version in outcome.versions) == ["1", "2", "3", "4"]
    assert bed.value("SELECT count(*) FROM t") == 4
    assert bed.value("SELECT count(*) FROM surefoot.surefoot_history") == 4
    assert bed.journal() == []


def test_an_index_is_built_while_another_runner_waits(bed: Bed) -> None:
    with bed.session() as blocker:
        first = Aside(lambda: Bed(bed.url, bed.folder).up(wish=api.Wish(to="2")))
        first.result()
        blocker.execute("UPDATE t SET n = n")
        builder = Aside(lambda: Bed(bed.url, bed.folder).up())
        bed.await_busy("CREATE INDEX CONCURRENTLY%")
        waiter = Aside(bed.up)
        until(lambda: bed.only(Waiting))
    assert builder.result() == ("3", "4")
    assert waiter.result() == ()


def test_a_runner_that_waits_too_long_names_the_holder(bed: Bed) -> None:
    bed.timeouts = Timeouts(runner=0.3)
    with bed.target() as other:
        assert other.lock("default")
        pid = other.connection.info.backend_pid
        with pytest.raises(TargetLocked, match=f"session {pid} ") as caught:
            bed.up()
    assert f"surefoot {os.uname().nodename}:{os.getpid()}" in caught.value.message
    assert [who.pid for who in bed.only(Waiting)[0].blockers] == [pid]
    assert bed.ask("SELECT to_regclass('surefoot.surefoot_history')") == [(None,)]
    assert bed.up() == ("1", "2", "3", "4")


def test_the_lock_of_a_killed_runner_is_free(bed: Bed) -> None:
    bed.write({"5_wait.up": "INSERT INTO t VALUES (5); SELECT pg_advisory_xact_lock(5);"})
    with bed.session() as blocker:
        blocker.execute("SELECT pg_advisory_xact_lock(5)")
        child = Child(Job(bed.url, bed.folder, "up"))
        bed.await_busy("SELECT pg_advisory_xact_lock(5)%")
        os.kill(child.pid, signal.SIGKILL)
        assert child.outcome().killed
    # The server's process sees that its client is gone when its statement ends.
    assert bed.up() == ("5",)
    assert bed.value("SELECT count(*) FROM t WHERE n = 5") == 1


def test_a_run_in_the_middle_of_a_step_is_waited_for_and_not_taken_for_a_crash(bed: Bed) -> None:
    bed.up(wish=api.Wish(to="2"))
    with bed.session() as blocker:
        blocker.execute("UPDATE t SET n = n")
        builder = Aside(lambda: Bed(bed.url, bed.folder).up())
        bed.await_busy("CREATE INDEX CONCURRENTLY%")
        write_folder(bed.folder, {"3_index.up.sql": f"{FILES['3_index.up']} -- edited"})
        waiter = Aside(bed.up)
        until(lambda: bed.only(Waiting))
    assert builder.result() == ("3", "4")
    # Under the lock the truth is known: the step was finished, and its text is another by now.
    with pytest.raises(Edited):
        waiter.result()


@pytest.mark.parametrize("different", ["project", "schema"])
def test_two_histories_in_one_database_are_made_and_used_at_the_same_time(
    bed: Bed, tmp_path: Path, different: str
) -> None:
    def job(name: str) -> Job:
        folder = write_folder(
            tmp_path / name, {f"1_{name}.up.sql": f"CREATE TABLE {name} (n int); SELECT pg_sleep(0.2);"}
        )
        return (
            Job(bed.url, folder, "up", project=name)
            if different == "project"
            else Job(bed.url, folder, "up", schema=name)
        )

    children = [Child(job(name)) for name in ("a", "b", "c", "d")]
    assert [child.outcome().error for child in children] == [None] * 4
    assert bed.value("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == 4


def test_two_projects_do_not_wait_for_each_other(bed: Bed, tmp_path: Path) -> None:
    with bed.target() as other:
        assert other.lock("other")
        assert bed.up() == ("1", "2", "3", "4")


def test_behind_a_transaction_pooler_nothing_is_locked_or_left_behind(
    bed: Bed, pgbouncer_url: str, postgres18_url: str
) -> None:
    pooled = Bed(pgbouncer_url, bed.folder)
    with pytest.raises(PoolerFound, match="pool_mode"):
        pooled.up()
    assert bed.value(ADVISORY_LOCKS) == 0
    assert bed.value("SELECT to_regclass('surefoot.surefoot_history')") is None
    ours = "FROM pg_stat_activity WHERE datname = current_database()"
    assert bed.value(f"SELECT count(*) {ours} AND state = 'idle in transaction'") == 0


def test_a_session_pooler_is_as_good_as_none(bed: Bed, pgbouncer_session_url: str) -> None:
    pooled = Bed(pgbouncer_session_url, bed.folder)
    assert pooled.up() == ("1", "2", "3", "4")
    assert pooled.up() == ()


def test_a_way_back_does_not_start_in_the_middle_of_a_way_up(bed: Bed) -> None:
    bed.up(wish=api.Wish(to="2"))
    with bed.session() as blocker:
        blocker.execute("UPDATE t SET n = n")
        builder = Aside(lambda: Bed(bed.url, bed.folder).up())
        bed.await_busy("CREATE INDEX CONCURRENTLY%")
        with pytest.raises(TargetLocked, match=r"(?s)Another run works on .*CREATE INDEX CONCURRENTLY"):
            bed.down()
        with pytest.raises(TargetLocked):
            bed.findings()
    assert builder.result() == ("3", "4")


def test_a_lost_observer_does_not_disturb_the_run(bed: Bed) -> None:
    bed.up()
    bed.write({"5_slow.up": "SELECT pg_sleep(1.5);"})
    run = Aside(bed.up)
    pid = bed.await_busy("SELECT pg_sleep(1.5)%")
    own = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'surefoot %'"
    until(lambda: len(bed.ask(own)) == 2)
    with psycopg.connect(bed.url, autocommit=True) as admin:
        admin.execute(f"SELECT pg_terminate_backend(pid) FROM ({own}) o WHERE pid <> {pid}".encode())
    assert run.result() == ("5",)
