"""A session on a SQLite file: clean before each step, bounded, and to be stopped."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from surefoot.engine.dialects.sqlite.target import SqliteTarget
from surefoot.engine.dialects.target import Observation, Session, Verdict
from surefoot.engine.model import Limits, Timeouts
from surefoot.errors import Cancelled, LockTimeout, StatementFailed, UsageError
from tests.engine.sqlite.conftest import Open
from tests.engine.sqlite.support import ENDLESS, script, statement


def test_a_database_in_memory_is_refused_whoever_opens_it() -> None:
    target = SqliteTarget(lambda: sqlite3.connect(":memory:"), label="memory")
    with pytest.raises(UsageError, match="in memory"):
        target.open()


@pytest.mark.parametrize(
    ("sql", "look"),
    [
        ("PRAGMA recursive_triggers = ON", "PRAGMA recursive_triggers"),
        ("PRAGMA legacy_alter_table(1)", "PRAGMA legacy_alter_table"),
        ("PRAGMA query_only = 1", "PRAGMA query_only"),
        ("CREATE TEMP TABLE t (a)", "SELECT name FROM sqlite_temp_master"),
        ("CREATE TABLE temp.t (a)", "SELECT name FROM sqlite_temp_master"),
        ('CREATE VIEW IF NOT EXISTS "temp"."v" AS SELECT 1', "SELECT name FROM sqlite_temp_master"),
        ("ATTACH 'other.db' AS other", "SELECT name FROM pragma_database_list"),
    ],
)
def test_nothing_of_a_step_stays_in_the_session(
    target: SqliteTarget, sql: str, look: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    before = target.query(look)
    target.execute(statement(sql))
    assert target.query(look) != before
    target.begin(clean=True)
    assert target.query(look) == before
    target.rollback()


def test_cleaning_keeps_the_runner_lock(open_target: Open) -> None:
    first, second = open_target(), open_target()
    assert first.lock("default")
    first.execute(statement("CREATE TEMP TABLE t (a)"))
    first.clean()
    assert not second.lock("default")


def test_the_preamble_prepares_every_session(open_target: Open) -> None:
    target = open_target(preamble=("PRAGMA cache_size = 77", "PRAGMA foreign_keys = ON"))
    target.execute(statement("PRAGMA cache_size = 99"))
    target.begin(clean=True)
    assert target.query("PRAGMA cache_size") == [(77,)]
    assert target.query("PRAGMA foreign_keys") == [(0,)]
    target.rollback()


def test_a_preamble_that_fails_is_a_statement_that_failed(open_target: Open) -> None:
    with pytest.raises(StatementFailed, match="no such table: nowhere"):
        open_target(preamble=("SELECT * FROM nowhere",))


def test_the_rows_of_a_statement_are_counted(target: SqliteTarget) -> None:
    assert target.execute(statement("CREATE TABLE t (a)")) is None
    assert target.execute(statement("INSERT INTO t VALUES (1), (2)")) == 2
    assert target.execute(statement("UPDATE t SET a = 0 RETURNING a")) == 2


def test_a_trace_is_not_kept_in_the_schema(target: SqliteTarget) -> None:
    target.execute(statement("CREATE VIEW v AS SELECT 1"), comment=" /*traceparent='00-1'*/")
    assert target.dump() == "CREATE VIEW v AS SELECT 1;\n"


def test_a_query_runs_to_its_end(target: SqliteTarget) -> None:
    with pytest.raises(StatementFailed, match="malformed JSON"):
        target.execute(statement("SELECT json(value) FROM (SELECT '1' AS value UNION ALL SELECT '{')"))


def test_text_that_is_not_utf8_does_not_stop_a_migration(target: SqliteTarget) -> None:
    target.query("CREATE TABLE t (a text)")
    target.query("INSERT INTO t VALUES (CAST(x'e4' AS text))")
    target.execute(statement("SELECT a FROM t"))


def test_a_statement_ends_with_its_time(open_target: Open) -> None:
    target = open_target(timeouts=Timeouts(statement=0.05))
    assert target.limits(target.cut([script("SELECT 1")])[0][0]) == Limits(2.0, 0.05)
    with pytest.raises(StatementFailed, match="interrupted after its time") as refused:
        target.execute(statement(ENDLESS))
    assert "statement timeout" in refused.value.hint
    assert target.query("SELECT 1") == [(1,)]


@pytest.mark.parametrize("stop", [SqliteTarget.cancel, lambda target: setattr(target, "_cancelled", True)])
def test_a_running_statement_is_cancelled_from_another_thread(
    target: SqliteTarget, stop: Callable[[SqliteTarget], None]
) -> None:
    timer = threading.Timer(0.1, stop, (target,))
    timer.start()
    target.begin(clean=True)
    target.execute(statement("CREATE TABLE t (a)"))
    with pytest.raises(Cancelled):
        target.execute(statement(f"INSERT INTO t {ENDLESS}"))
    timer.join()
    target.rollback()
    assert target.dump() == ""
    with pytest.raises(Cancelled):
        target.execute(statement("SELECT 1"))
    assert target.lock("default")
    assert target.execute(statement("SELECT 1")) is None


def test_a_statement_alone_can_be_cancelled(target: SqliteTarget) -> None:
    target.cancel_statement()
    timer = threading.Timer(0.1, target.cancel_statement)
    timer.start()
    with pytest.raises(StatementFailed, match="interrupted"):
        target.execute(statement(ENDLESS))
    timer.join()
    assert target.execute(statement("SELECT 1")) is None


def test_a_writer_in_the_way_is_a_lock_timeout(open_target: Open, other: sqlite3.Connection) -> None:
    target = open_target(timeouts=Timeouts(lock=0.05))
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(LockTimeout, match="database is locked") as refused:
        target.begin(clean=True)
    assert "Another process" in refused.value.hint
    other.execute("ROLLBACK")
    target.begin(clean=True)
    target.rollback()


def test_a_reader_in_the_way_of_the_commit_is_a_lock_timeout(open_target: Open, other: sqlite3.Connection) -> None:
    target = open_target(timeouts=Timeouts(lock=0.05))
    target.query("CREATE TABLE t (a)")
    other.execute("BEGIN")
    other.execute("SELECT * FROM t").fetchall()
    target.begin(clean=True)
    target.execute(statement("INSERT INTO t VALUES (1)"))
    with pytest.raises(LockTimeout):
        target.commit()
    target.rollback()
    other.execute("COMMIT")
    assert target.query("SELECT * FROM t") == []


def test_a_limit_of_zero_waits_for_as_long_as_it_takes(open_target: Open, file: Path) -> None:
    holder = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    target = open_target(timeouts=Timeouts(lock=0))
    holder.execute("BEGIN IMMEDIATE")
    timer = threading.Timer(0.3, holder.execute, ("ROLLBACK",))
    timer.start()
    target.begin(clean=True)
    target.rollback()
    timer.join()
    holder.close()


def test_a_locked_file_can_be_opened(open_target: Open, other: sqlite3.Connection) -> None:
    other.execute("BEGIN EXCLUSIVE")
    target = open_target(timeouts=Timeouts(lock=0.01))
    with pytest.raises(LockTimeout):
        target.has_history()


def test_a_rollback_without_a_transaction_does_nothing(target: SqliteTarget) -> None:
    target.rollback()
    target.close()
    target.rollback()
    target.unlock()


def test_a_step_without_a_wish_for_a_transaction_is_one_all_the_same(target: SqliteTarget) -> None:
    sql = "BEGIN; CREATE TABLE a (x); COMMIT; CREATE TABLE b (x); CREATE TABLE c (x)"
    blocks, _ = target.cut([script(sql, transaction=False)])
    assert [len(block.statements) for block in blocks] == [3]
    blocks, _ = target.cut([script("CREATE TABLE a (x); VACUUM; CREATE TABLE b (x)", transaction=False)])
    assert [block.transactional for block in blocks] == [True, False, True]


@pytest.mark.parametrize(
    ("sql", "effect"),
    [
        ("PRAGMA recursive_triggers = ON", Session.REPLAY),
        ("PRAGMA main.synchronous(1)", Session.REPLAY),
        ("ATTACH 'x.db' AS x", Session.REPLAY),
        ("DETACH x", Session.REPLAY),
        ("CREATE TEMPORARY TABLE t (a)", Session.LOST),
        ("PRAGMA recursive_triggers", Session.NOTHING),
        ("PRAGMA user_version = 3", Session.NOTHING),
        ("PRAGMA journal_mode = WAL", Session.NOTHING),
        ("VACUUM", Session.NOTHING),
        ("CREATE TABLE templates (a)", Session.NOTHING),
    ],
)
def test_what_a_statement_leaves_in_its_session(target: SqliteTarget, sql: str, effect: Session) -> None:
    assert target.session_effect(statement(sql)) is effect
    assert not target.leaves_role_behind(statement(sql))


@pytest.mark.parametrize(
    ("sql", "verdict"),
    [
        ("VACUUM", Verdict.NOT_DONE),
        ("PRAGMA journal_mode = WAL", Verdict.NOT_DONE),
        ("ATTACH 'x.db' AS x", Verdict.NOT_DONE),
        ("VACUUM INTO 'copy.db'", Verdict.UNKNOWN),
        ("DELETE FROM t", Verdict.UNKNOWN),
    ],
)
def test_only_what_can_be_repeated_is_taken_for_not_done(target: SqliteTarget, sql: str, verdict: Verdict) -> None:
    each = statement(sql)
    assert target.judge(each, target.look(each), mend=True).verdict is verdict


def test_there_is_nothing_to_observe(target: SqliteTarget) -> None:
    assert target.observe() == Observation()
    assert target.user


def test_times_are_utc(target: SqliteTarget) -> None:
    (now,) = target.query(f"SELECT {target.now}")[0]
    seen = target.utc(now)
    assert seen.utcoffset() is not None
    assert abs(seen.timestamp() - time.time()) < 3600
