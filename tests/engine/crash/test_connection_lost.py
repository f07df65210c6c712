"""The connection to PostgreSQL is lost in the middle of a statement or of a COMMIT: what is said is what is true."""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from surefoot.engine import api
from surefoot.engine.dialects.postgres.embedded import EmbeddedPostgres
from surefoot.engine.dialects.postgres.programs import programs_for
from surefoot.engine.events import Recovered
from surefoot.engine.model import Timeouts
from surefoot.errors import ConnectionLost, OutcomeUnknown, Unreachable
from tests.databases import SETTINGS, postgres_bin
from tests.engine.crash.bed import Aside, Bed, until

# What the server has committed survives that its processes are killed.
DURABLE = {**SETTINGS, "synchronous_commit": "on"}
BASE = {"1_base.up": "CREATE TABLE t (n int); INSERT INTO t VALUES (1); CREATE TABLE log (n int);"}
SLOW_COMMIT = """
    CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN PERFORM pg_advisory_xact_lock(7); RETURN NULL; END $$;
    CREATE CONSTRAINT TRIGGER late AFTER INSERT ON log DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION slow();
"""


@pytest.fixture
def bed(postgres_url: str, tmp_path: Path) -> Bed:
    bed = Bed(postgres_url, tmp_path / "m").write(BASE)
    bed.up()
    return bed


def terminate(bed: Bed, pid: int) -> None:
    bed.ask(f"SELECT pg_terminate_backend({pid})")


def test_lost_in_a_transaction_nothing_of_the_step_is_applied(bed: Bed) -> None:
    bed.write({"2_slow.up": "INSERT INTO t VALUES (2); SELECT pg_sleep(600);"})
    run = Aside(bed.up)
    terminate(bed, bed.await_busy("SELECT pg_sleep(600)%"))
    with pytest.raises(ConnectionLost):
        run.result()
    assert bed.value("SELECT count(*) FROM t") == 1
    assert bed.applied() == ["1"]
    bed.write({"2_slow.up": "INSERT INTO t VALUES (2);"})
    assert bed.up() == ("2",)


def test_a_target_opens_a_session_again_after_a_loss(bed: Bed) -> None:
    bed.write({"2_slow.up": "SELECT pg_terminate_backend(pg_backend_pid());"})
    with bed.target() as target:
        with pytest.raises(ConnectionLost):
            api.up(target, bed.home)
        bed.write({"2_slow.up": "SELECT 1;"})
        assert api.up(target, bed.home).versions == ("2",)


@pytest.mark.parametrize("block", ["INSERT INTO log VALUES (1); VACUUM t", "VACUUM t; INSERT INTO log VALUES (1)"])
def test_lost_in_an_index_build_is_in_doubt_until_the_next_run_has_looked(bed: Bed, block: str) -> None:
    bed.write({"2_index.up": f"{block}; CREATE INDEX CONCURRENTLY t_n ON t (n);"})
    with bed.session() as blocker:
        blocker.execute("UPDATE t SET n = n")
        run = Aside(bed.up)
        pid = bed.await_busy("CREATE INDEX CONCURRENTLY%")
        until(lambda: bed.value("SELECT count(*) FROM pg_index WHERE indrelid = 't'::regclass"))
        terminate(bed, pid)
        with pytest.raises(OutcomeUnknown, match="t_n"):
            run.result()
        assert bed.journal()[-1] == ("2", 2, "started")
        assert "half-built" in bed.findings()[-1].found
    assert bed.up() == ("2",)
    assert "dropped" in bed.only(Recovered)[0].finding
    assert bed.ask("SELECT indisvalid FROM pg_index WHERE indrelid = 't'::regclass") == [(True,)]
    assert bed.value("SELECT count(*) FROM log") == 1


def test_lost_in_a_commit_that_did_not_happen_is_told_as_not_applied(bed: Bed) -> None:
    bed.write({"2_commit.up": f"{SLOW_COMMIT} INSERT INTO log VALUES (2);"})
    with bed.session() as blocker:
        blocker.execute("SELECT pg_advisory_xact_lock(7)")
        run = Aside(bed.up)
        terminate(bed, bed.await_busy("COMMIT%"))
        with pytest.raises(ConnectionLost, match="nothing of it is applied"):
            run.result()
    assert bed.applied() == ["1"]
    assert bed.value("SELECT count(*) FROM log") == 0
    assert bed.up() == ("2",)


def test_lost_in_the_commit_of_a_journalled_block_is_looked_up_by_the_next_run(bed: Bed) -> None:
    bed.write({"2_commit.up": f"{SLOW_COMMIT} INSERT INTO log VALUES (2); VACUUM t;"})
    with bed.session() as blocker:
        blocker.execute("SELECT pg_advisory_xact_lock(7)")
        run = Aside(bed.up)
        terminate(bed, bed.await_busy("COMMIT%"))
        with pytest.raises(OutcomeUnknown):
            run.result()
    assert bed.up() == ("2",)
    assert bed.value("SELECT count(*) FROM log") == 1


@pytest.fixture(scope="module")
def lone_server() -> Iterator[EmbeddedPostgres]:
    """A server that a test may crash."""
    with tempfile.TemporaryDirectory(prefix="surefoot-c-", ignore_cleanup_errors=True) as directory:
        Path(directory).chmod(0o755)
        with EmbeddedPostgres(Path(directory) / "data", postgres_bin("pg18"), DURABLE) as server:
            yield server


def lone_bed(server: EmbeddedPostgres, folder: Path) -> Bed:
    server.start()
    name = f"t_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server.url(), autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}".encode())
    bed = Bed(server.url(name), folder).write(BASE)
    bed.up()
    return bed


def test_lost_in_a_commit_that_did_happen_is_told_as_applied_and_the_run_goes_on(
    lone_server: EmbeddedPostgres, tmp_path: Path
) -> None:
    bed = lone_bed(lone_server, tmp_path / "m")
    # Written and waiting for a standby that is not there: the commit record is on disk when the session ends.
    next_one = "SET LOCAL synchronous_commit = local; INSERT INTO t VALUES (3);"
    bed.write({"2_commit.up": "INSERT INTO t VALUES (2);", "3_next.up": next_one})
    bed.ask("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
    bed.ask("SELECT pg_reload_conf()")
    until(lambda: bed.value("SHOW synchronous_standby_names") == "nobody")
    run = Aside(bed.up)
    terminate(bed, bed.await_busy("COMMIT%"))
    assert run.result() == ("2", "3")
    bed.ask("ALTER SYSTEM RESET synchronous_standby_names")
    bed.ask("SELECT pg_reload_conf()")
    assert "the commit took effect" in bed.only(Recovered)[0].finding
    assert bed.ask("SELECT n FROM t ORDER BY n") == [(1,), (2,), (3,)]


def crash(server: EmbeddedPostgres) -> None:
    """What a power cut does to a server."""
    programs_for(server.bin, server.data).run("pg_ctl", "stop", "-D", server.data, "-m", "immediate", "-w")


@pytest.mark.parametrize("sql", ["SELECT pg_sleep(600)", "VACUUM log; SELECT pg_sleep(600)"])
def test_a_server_that_crashes_in_a_step_is_found_as_it_was_before_the_block(
    lone_server: EmbeddedPostgres, tmp_path: Path, sql: str
) -> None:
    bed = lone_bed(lone_server, tmp_path / "m")
    bed.write({"2_slow.up": f"INSERT INTO t VALUES (2); {sql};"})
    run = Aside(bed.up)
    bed.await_busy("SELECT pg_sleep(600)%")
    crash(lone_server)
    with pytest.raises(ConnectionLost):
        run.result()
    lone_server.start()
    assert bed.value("SELECT count(*) FROM t") == (2 if "VACUUM" in sql else 1)
    assert bed.applied() == ["1"]
    # The rest of the step may read otherwise by now; what ran may not.
    bed.write({"2_slow.up": f"INSERT INTO t VALUES (2); {sql.replace('600', '0')};"})
    assert bed.up() == ("2",)
    assert bed.ask("SELECT n FROM t ORDER BY n") == [(1,), (2,)]


def test_a_server_that_crashes_in_a_commit_and_stays_away_leaves_the_outcome_unknown(
    lone_server: EmbeddedPostgres, tmp_path: Path
) -> None:
    bed = lone_bed(lone_server, tmp_path / "m")
    bed.timeouts = Timeouts(runner=0.5, connect=2)
    bed.write({"2_commit.up": f"{SLOW_COMMIT} INSERT INTO log VALUES (2);"})
    with psycopg.connect(bed.url, autocommit=True) as blocker:
        blocker.execute("SELECT pg_advisory_lock(7)")
        run = Aside(bed.up)
        bed.await_busy("COMMIT%")
        crash(lone_server)
        with pytest.raises(OutcomeUnknown, match="cannot be had back"):
            run.result()
    with pytest.raises(Unreachable):
        bed.up()
    lone_server.start()
    assert bed.applied() == ["1"]
    assert bed.up() == ("2",)
