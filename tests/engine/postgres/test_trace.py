"""How statements are measured, and that measuring leaves the run alone."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from surefoot.engine.effects import Lock
from surefoot.engine.events import Event, RunFinished, StatementStarted
from surefoot.errors import StatementFailed
from tests.databases import POSTGRES, Databases
from tests.engine.postgres.tracing import Bench, bench, locks

SETUP = """
    CREATE TABLE orders (id int PRIMARY KEY, total int, code varchar(20));
    CREATE INDEX orders_code ON orders (code);
    INSERT INTO orders SELECT n, n, 'c' || n FROM generate_series(1, 3) n;
    CREATE TABLE big (id int, n int);
    INSERT INTO big VALUES (1, 1);
    CREATE TABLE m (d int) PARTITION BY RANGE (d);
    CREATE TABLE m1 PARTITION OF m FOR VALUES FROM (0) TO (10);
"""


# Enough rows for a statement to be caught in the act.
MORE = "INSERT INTO big SELECT n, n FROM generate_series(1, 100000) n"


@pytest.fixture(scope="module", params=POSTGRES)
def server(request: pytest.FixtureRequest, databases: Databases) -> Iterator[Bench]:
    with databases.postgres(request.param) as url, bench(url) as made:
        yield made


@pytest.fixture
def made(server: Bench) -> Bench:
    server.ask(f"DROP SCHEMA public CASCADE; CREATE SCHEMA public; {SETUP}")
    return server


@contextmanager
def busy(made: Bench, sql: str) -> Iterator[None]:
    """A transaction that has used a table, until what is concurrent has waited for it for a moment."""
    with psycopg.connect(made.admin.info.dsn) as other:
        other.execute(sql.encode())
        end = threading.Thread(target=let_go, args=(made, other))
        end.start()
        try:
            yield
        finally:
            end.join()


def let_go(made: Bench, other: psycopg.Connection) -> None:
    sessions = "pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid"
    waiting = f"SELECT count(*) FROM {sessions} WHERE NOT l.granted AND a.datname = current_database()"
    give_up = time.monotonic() + 30
    while not made.value(waiting) and time.monotonic() < give_up:
        time.sleep(0.02)
    time.sleep(0.2)
    other.rollback()


def test_a_lock_is_taken_once_and_held_to_the_end_of_its_transaction(made: Bench) -> None:
    first, second, third = made.trace(
        "ALTER TABLE orders ADD a int; ALTER TABLE m ADD b int; ALTER TABLE orders ADD c int"
    )
    assert first.locks == (Lock("public.orders", "AccessExclusiveLock", taken=True),)
    assert Lock("public.orders", "AccessExclusiveLock", taken=False) in second.locks
    assert Lock("public.m", "AccessExclusiveLock", taken=True) in second.locks
    assert {lock.taken for lock in third.locks} == {False}


def test_a_stronger_lock_is_taken_beside_the_one_that_is_held(made: Bench) -> None:
    _, second = made.trace("UPDATE orders SET total = 1 WHERE id = 1; ALTER TABLE orders ADD a int")
    assert Lock("public.orders", "RowExclusiveLock", taken=False) in second.locks
    assert Lock("public.orders", "AccessExclusiveLock", taken=True) in second.locks


def test_the_next_transaction_begins_without_locks(made: Bench) -> None:
    _, _, last = made.trace("ALTER TABLE orders ADD a int; VACUUM m; ALTER TABLE orders ADD b int")
    assert last.locks == (Lock("public.orders", "AccessExclusiveLock", taken=True),)


def test_what_the_migration_made_itself_is_left_out(made: Bench) -> None:
    effects = made.trace("""
        CREATE TABLE t (id serial PRIMARY KEY, v int); INSERT INTO t (v) SELECT n FROM generate_series(1, 9) n;
        CREATE INDEX ON t (v); ALTER TABLE t ALTER v TYPE bigint; REINDEX TABLE t;
        CREATE TEMP TABLE u AS SELECT * FROM t; TRUNCATE t; DROP TABLE t""")
    assert [(e.locks, e.rewrites, e.scans, e.builds) for e in effects] == [((), (), (), ())] * 8


def test_an_effect_says_where_its_statement_stands_and_how_many_rows_it_touched(made: Bench) -> None:
    _, update = made.trace("SELECT 1;\n\nUPDATE orders SET total = 0;")
    assert (update.position, update.path, update.line, update.sql) == (2, "m.sql", 3, "UPDATE orders SET total = 0")
    assert (update.rows, update.transactional, update.complete) == (3, True, True)


def test_a_long_statement_is_looked_at_as_a_whole(made: Bench) -> None:
    body = "".join(f"-- line {number} of a long body\n" for number in range(200))
    told: list[Event] = []
    function, _ = made.trace(
        f"CREATE FUNCTION long() RETURNS int LANGUAGE sql AS $$ {body} SELECT 1 $$; ALTER TABLE orders ADD a int",
        tell=told,
    )
    assert function.sql.endswith("SELECT 1 $$")
    [event, _] = [event for event in told if isinstance(event, StatementStarted)]
    assert len(event.to_dict()["sql"]) == 2000


def test_each_rewrite_belongs_to_its_own_statement(made: Bench) -> None:
    effects = made.trace("""
        ALTER TABLE orders ALTER total TYPE bigint; ALTER TABLE orders ADD a int;
        ALTER TABLE orders ALTER total TYPE int; ALTER TABLE orders ADD b int""")
    assert ["public.orders" in effect.rewrites for effect in effects] == [True, False, True, False]
    assert [bool(effect.scans) for effect in effects] == [True, False, True, False]


def test_an_index_dropped_and_made_again_is_built_and_not_rewritten(made: Bench) -> None:
    dropped, again = made.trace("DROP INDEX orders_code; CREATE INDEX orders_code ON orders (code)")
    assert (dropped.rewrites, dropped.builds) == ((), ())
    assert (again.rewrites, again.builds) == ((), ("public.orders",))


def test_an_index_that_has_a_new_oid_and_its_old_file_is_followed(made: Bench) -> None:
    widened, again = made.trace("ALTER TABLE orders ALTER code TYPE text; REINDEX INDEX orders_code")
    assert (widened.rewrites, widened.builds) == ((), ())
    assert again.rewrites == ("index public.orders_code",)


def test_a_rewrite_that_a_savepoint_takes_back_is_not_seen_later(made: Bench) -> None:
    effects = made.trace("""
        LOCK TABLE orders; SAVEPOINT s; ALTER TABLE orders ALTER total TYPE bigint; ROLLBACK TO s;
        ALTER TABLE orders ADD a int""")
    assert [bool(effect.rewrites) for effect in effects] == [False, False, True, False, False]


def test_a_renamed_table_keeps_the_name_that_it_had_before(made: Bench) -> None:
    effects = made.trace(
        "ALTER TABLE orders RENAME TO o; ALTER TABLE o ALTER total TYPE bigint; UPDATE o SET total = 1"
    )
    assert [set(locks(effect)) & {"public.orders", "public.o"} for effect in effects] == [{"public.orders"}] * 3
    assert "public.orders" in effects[1].rewrites
    assert effects[2].scans == ("public.orders",)


def test_a_dropped_table_shows_its_lock(made: Bench) -> None:
    [effect] = made.trace("DROP TABLE orders")
    assert locks(effect)["public.orders"] == "AccessExclusiveLock"
    assert effect.rewrites == ()


def test_what_is_left_unfinished_is_told(made: Bench) -> None:
    effects = made.trace("""
        ALTER TABLE orders ADD CONSTRAINT c CHECK (total > 0) NOT VALID;
        CREATE DOMAIN d AS int; ALTER DOMAIN d ADD CONSTRAINT e CHECK (VALUE > 0) NOT VALID""")
    assert effects[0].unfinished == ("constraint c of public.orders is not validated",)
    assert effects[2].unfinished == ("constraint e of public.d is not validated",)


def test_what_a_later_statement_finishes_is_not_unfinished(made: Bench) -> None:
    effects = made.trace("""
        ALTER TABLE orders ADD CONSTRAINT c CHECK (total > 0) NOT VALID; ALTER TABLE orders VALIDATE CONSTRAINT c""")
    assert [effect.unfinished for effect in effects] == [(), ()]


def test_what_was_unfinished_before_is_not_laid_to_the_run(made: Bench) -> None:
    made.trace("ALTER TABLE orders ADD CONSTRAINT c CHECK (total > 0) NOT VALID")
    assert made.trace("ALTER TABLE orders ADD x int")[0].unfinished == ()


def test_a_constraint_that_is_not_enforced_and_an_index_on_only_a_parent_are_not_unfinished(made: Bench) -> None:
    effects = made.trace("CREATE INDEX ON ONLY m (d)")
    if made.admin.info.server_version >= 180000:
        effects += made.trace("ALTER TABLE orders ADD CONSTRAINT c CHECK (total > 0) NOT ENFORCED")
    assert [effect.unfinished for effect in effects] == [()] * len(effects)


def test_an_index_built_concurrently_is_seen_from_outside(made: Bench) -> None:
    with busy(made, "INSERT INTO big VALUES (2, 2)"):
        [effect] = made.trace("CREATE INDEX CONCURRENTLY i ON big (n)")
    assert effect.transactional is False
    assert locks(effect) == {"public.big": "ShareUpdateExclusiveLock"}
    assert (effect.scans, effect.builds, effect.rewrites) == (("public.big",), ("public.big",), ())
    assert (effect.complete, made.written) == (True, None)


def test_an_index_rebuilt_concurrently_keeps_its_name(made: Bench) -> None:
    made.ask("CREATE INDEX big_n ON big (n)")
    with busy(made, "INSERT INTO big VALUES (2, 2)"):
        [effect] = made.trace("REINDEX INDEX CONCURRENTLY big_n")
    assert locks(effect)["public.big"] == "ShareUpdateExclusiveLock"
    assert (effect.rewrites, effect.builds) == (("index public.big_n",), ("public.big",))


def test_a_vacuum_is_seen_from_outside(made: Bench) -> None:
    made.ask(f"{MORE}; DELETE FROM big WHERE id % 2 = 0")
    slowly = "SET vacuum_cost_delay = '5ms'; SET vacuum_cost_limit = 200"
    plain, full = made.trace(f"{slowly}; VACUUM big; VACUUM FULL big")[-2:]
    assert locks(plain) == {"public.big": "ShareUpdateExclusiveLock"}
    assert (plain.rewrites, plain.scans) == ((), ())
    assert locks(full)["public.big"] == "AccessExclusiveLock"
    assert full.rewrites == ("public.big",)


def test_a_statement_too_short_to_be_seen_from_outside_is_not_said_to_be_complete(made: Bench) -> None:
    [effect] = made.trace("ALTER SYSTEM SET work_mem = '5MB'")
    made.ask("ALTER SYSTEM RESET work_mem")
    assert (effect.locks, effect.complete) == ((), False)


def test_a_partition_detached_concurrently_is_seen_from_outside(made: Bench) -> None:
    with busy(made, "SELECT FROM m"):
        [effect] = made.trace("ALTER TABLE m DETACH PARTITION m1 CONCURRENTLY")
    # It holds no lock while it waits, and those before and after are gone in an instant.
    assert effect.complete == bool(effect.locks)
    assert locks(effect).get("public.m", "ShareUpdateExclusiveLock") == "ShareUpdateExclusiveLock"
    assert (effect.scans, effect.rewrites, effect.unfinished) == ((), (), ())


def test_an_index_dropped_concurrently_is_seen_from_outside(made: Bench) -> None:
    with busy(made, "SELECT FROM orders"):
        [effect] = made.trace("DROP INDEX CONCURRENTLY orders_code")
    assert locks(effect)["public.orders"] == "ShareUpdateExclusiveLock"
    assert (effect.complete, effect.scans, effect.rewrites, effect.builds) == (True, (), (), ())


@pytest.mark.parametrize(
    "sql",
    [
        "SET LOCAL lock_timeout = '1s'; SET TRANSACTION ISOLATION LEVEL SERIALIZABLE; SELECT 1",
        "LOCK TABLE orders; SHOW search_path; SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; SELECT 1",
        "SET CONSTRAINTS ALL DEFERRED; SET TRANSACTION SNAPSHOT '{snapshot}'; SELECT 1",
    ],
)
def test_measuring_does_not_come_before_the_first_query(made: Bench, sql: str) -> None:
    with psycopg.connect(made.admin.info.dsn) as other:
        other.execute("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE")
        [snapshot] = other.execute("SELECT pg_export_snapshot()").fetchone() or ("",)
        sql = sql.replace("{snapshot}", snapshot)
        if snapshot in sql:
            sql = f"SET TRANSACTION ISOLATION LEVEL SERIALIZABLE; {sql}"
        assert len(made.trace(sql)) == sql.count(";") + 1


def test_a_first_lock_is_measured_although_nothing_was_asked_yet(made: Bench) -> None:
    lock, show = made.trace("LOCK TABLE orders IN SHARE MODE; SHOW search_path")
    assert lock.locks == (Lock("public.orders", "ShareLock", taken=True),)
    assert show.locks == (Lock("public.orders", "ShareLock", taken=False),)


@pytest.mark.parametrize(
    "sql",
    [
        "SET ROLE pg_write_all_data; SELECT 1; UPDATE orders SET total = 1",
        "SET search_path = nowhere; SELECT 1; ALTER TABLE public.orders ADD x int",
        "SET LOCAL client_encoding = 'LATIN1'; SELECT 1; ALTER TABLE orders ADD x int",
        "SET LOCAL standard_conforming_strings = off; SELECT 1; ALTER TABLE orders ADD x int",
        """CREATE FUNCTION never(oid, oid) RETURNS bool LANGUAGE sql AS 'SELECT false';
           CREATE OPERATOR = (LEFTARG = oid, RIGHTARG = oid, FUNCTION = never);
           SET search_path = public, pg_catalog; ALTER TABLE orders ADD x int""",
        "PREPARE a AS SELECT 1; DISCARD PLANS; DEALLOCATE ALL; ALTER TABLE orders ADD x int",
        """DECLARE c CURSOR FOR SELECT * FROM orders; ALTER TABLE m ADD x int; FETCH ALL FROM c;
           SAVEPOINT surefoot; DELETE FROM big; ROLLBACK TO surefoot; UPDATE orders SET total = 5""",
    ],
)
def test_whatever_a_migration_sets_it_is_measured(made: Bench, sql: str) -> None:
    effects = made.trace(sql)
    assert "public.orders" in locks(effects[-1])
    assert all(effect.complete for effect in effects)
    assert made.written is not None
    assert made.value("SELECT count(*) FROM big") == 1


def test_a_refused_look_costs_the_measurement_and_not_the_migration(made: Bench) -> None:
    made.ask("REVOKE EXECUTE ON FUNCTION pg_catalog.pg_lock_status() FROM PUBLIC")
    try:
        effects = made.trace("SET ROLE pg_write_all_data; UPDATE orders SET total = 42; RESET ROLE; SELECT 1")
    finally:
        made.ask("GRANT EXECUTE ON FUNCTION pg_catalog.pg_lock_status() TO PUBLIC")
    assert [effect.complete for effect in effects] == [True, False, True, True]
    assert made.written is None
    assert made.value("SELECT sum(total) FROM orders") == 126


def test_a_retried_transaction_counts_once(made: Bench) -> None:
    with psycopg.connect(made.admin.info.dsn) as other:
        other.execute("LOCK TABLE m IN SHARE MODE")
        told: list[Event] = []
        release = threading.Timer(1.3, other.rollback)
        release.start()
        effects = made.trace("ALTER TABLE orders ALTER total TYPE bigint; ALTER TABLE m ADD x int", tell=told)
        release.join()
    assert sum(isinstance(event, StatementStarted) for event in told) >= 4
    assert [effect.position for effect in effects] == [1, 2]
    assert [bool(effect.rewrites) for effect in effects] == [True, False]


def test_many_rows_in_single_inserts_are_looked_at_in_the_end(made: Bench) -> None:
    rows = ";".join(f"INSERT INTO orders VALUES ({number}, 1, 'x')" for number in range(10, 110))
    effects = made.trace(f"ALTER TABLE m ADD y int; {rows}")
    assert len(effects) == 101
    assert all(locks(effect)["public.orders"] == "RowExclusiveLock" for effect in effects[1:])
    assert all(locks(effect)["public.m"] == "AccessExclusiveLock" for effect in effects)
    assert made.written == frozenset({"public.m", "public.m1", "public.orders"})


def test_many_rows_before_a_commit_within_the_step_leave_all_in_doubt(made: Bench) -> None:
    made.ask("CREATE TYPE state AS ENUM ('new')")
    rows = ";".join(f"INSERT INTO orders VALUES ({number}, 1, 'x')" for number in range(10, 60))
    made.trace(f"{rows}; ALTER TYPE state ADD VALUE 'done'; CREATE TABLE t (s state DEFAULT 'done')")
    assert made.written is None


@pytest.mark.parametrize("sql", ["SELECT 1 / 0", "CREATE UNIQUE INDEX CONCURRENTLY i ON m1 (missing)"])
def test_a_failed_run_leaves_no_thread_and_no_session(made: Bench, sql: str) -> None:
    told: list[Event] = []
    with pytest.raises(StatementFailed):
        made.trace(f"VACUUM orders; {sql}", tell=told)
    assert isinstance(told[-1], RunFinished)
    assert [effect.sql for effect in made.tracer.effects] == ["VACUUM orders"]
    assert not [thread for thread in threading.enumerate() if thread.name == "surefoot-trace"]
    assert made.opened[-1].closed


def test_the_tables_of_the_run_itself_are_not_told(made: Bench) -> None:
    effects = made.trace("ALTER TABLE orders ADD a int; VACUUM big; ALTER TABLE orders ADD b int")
    assert not [each for effect in effects for each in (*locks(effect), *effect.scans) if "surefoot" in each]
