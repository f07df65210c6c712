"""What is measured of the statements of a run on MariaDB, held against what the server really does."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from surefoot.engine.dialects.mysql.shadow import MysqlShadow
from surefoot.engine.dialects.mysql.trace.writes import written_by
from surefoot.engine.dialects.shadow import Place
from surefoot.engine.effects import Effect
from surefoot.engine.events import Emitter, StatementFinished, StatementStarted
from surefoot.engine.open import connect
from tests.databases import Databases
from tests.engine.mysql.rehearsal.shadows import run, shadow

BASE = """
CREATE TABLE parents (id int PRIMARY KEY);
CREATE TABLE t (
    id int NOT NULL AUTO_INCREMENT PRIMARY KEY, a varchar(50) NOT NULL DEFAULT 'a', b int, c int NOT NULL DEFAULT 1,
    e enum('x','y') DEFAULT 'x', v varchar(100) DEFAULT 'v', r int, g int AS (b + 1) VIRTUAL, p point NOT NULL,
    KEY by_b (b), KEY by_r (r), CONSTRAINT r FOREIGN KEY (r) REFERENCES parents (id), CONSTRAINT k CHECK (c > 0)
) DEFAULT CHARSET=utf8mb4;
INSERT INTO t (a, b, p) SELECT seq, seq, POINT(seq, seq) FROM seq_1_to_20;
"""

# The statement, the algorithm and the lock that MariaDB's manual says for 10.11, and whether an index is built.
OPERATIONS = [
    ("ALTER TABLE t ADD x int", "INSTANT", "NONE", False),
    # Instant, unless a virtual column changes its place with it.
    ("ALTER TABLE t ADD x int NOT NULL DEFAULT 5 FIRST", "COPY", "SHARED", False),
    ("ALTER TABLE t ADD x int NOT NULL DEFAULT 5 AFTER g", "INSTANT", "NONE", False),
    ("ALTER TABLE t ADD x int AS (c * 2) VIRTUAL", "INSTANT", "NONE", False),
    ("ALTER TABLE t ADD x int AS (c * 2) STORED", "COPY", "SHARED", False),
    ("ALTER TABLE t ADD x int NOT NULL AUTO_INCREMENT UNIQUE, MODIFY id int NOT NULL", "INPLACE", "SHARED", False),
    ("ALTER TABLE t DROP COLUMN v", "INSTANT", "NONE", False),
    ("ALTER TABLE t DROP COLUMN g", "INSTANT", "NONE", False),
    ("ALTER TABLE t MODIFY c int NOT NULL DEFAULT 1 FIRST", "INSTANT", "NONE", False),
    ("ALTER TABLE t RENAME COLUMN v TO w", "INSTANT", "NONE", False),
    ("ALTER TABLE t CHANGE v w varchar(100) DEFAULT 'v'", "INSTANT", "NONE", False),
    ("ALTER TABLE t ALTER v SET DEFAULT 'x'", "INSTANT", "NONE", False),
    ("ALTER TABLE t ALTER v DROP DEFAULT", "INSTANT", "NONE", False),
    ("ALTER TABLE t MODIFY v varchar(100) DEFAULT 'v' COMMENT 'x'", "INSTANT", "NONE", False),
    ("ALTER TABLE t MODIFY v varchar(200) DEFAULT 'v'", "INSTANT", "NONE", False),
    ("ALTER TABLE t MODIFY a varchar(60) NOT NULL DEFAULT 'a'", "INSTANT", "NONE", False),
    ("ALTER TABLE t MODIFY a varchar(300) NOT NULL DEFAULT 'a'", "COPY", "SHARED", False),
    ("ALTER TABLE t MODIFY v varchar(20) DEFAULT 'v'", "COPY", "SHARED", False),
    ("ALTER TABLE t MODIFY v varchar(100) CHARACTER SET latin1", "COPY", "SHARED", False),
    ("ALTER TABLE t MODIFY b bigint", "COPY", "SHARED", False),
    ("ALTER TABLE t MODIFY c bigint NOT NULL DEFAULT 1", "COPY", "SHARED", False),
    ("ALTER TABLE t MODIFY v varchar(100) NOT NULL DEFAULT 'v'", "INPLACE", "NONE", False),
    ("ALTER TABLE t MODIFY a varchar(50) DEFAULT 'a'", "INPLACE", "NONE", False),
    ("ALTER TABLE t MODIFY e enum('x','y','z') DEFAULT 'x'", "INSTANT", "NONE", False),
    ("ALTER TABLE t MODIFY e enum('y','x') DEFAULT 'x'", "COPY", "SHARED", False),
    ("CREATE INDEX i ON t (v)", "NOCOPY", "NONE", True),
    ("CREATE UNIQUE INDEX i ON t (a)", "NOCOPY", "NONE", True),
    ("ALTER TABLE t ADD INDEX i (v(5)), ADD INDEX j (c)", "NOCOPY", "NONE", True),
    ("CREATE FULLTEXT INDEX i ON t (v)", "INPLACE", "SHARED", False),
    ("CREATE SPATIAL INDEX i ON t (p)", "NOCOPY", "SHARED", True),
    ("DROP INDEX by_b ON t", "NOCOPY", "NONE", False),
    ("ALTER TABLE t DROP INDEX by_b, ADD INDEX other (b, c)", "NOCOPY", "NONE", True),
    ("ALTER TABLE t RENAME INDEX by_b TO renamed", "INSTANT", "NONE", False),
    ("ALTER TABLE t ALTER INDEX by_b IGNORED", "INSTANT", "NONE", False),
    ("ALTER TABLE t DROP PRIMARY KEY, ADD PRIMARY KEY (id, c)", "INPLACE", "NONE", False),
    ("ALTER TABLE t ADD CONSTRAINT more FOREIGN KEY (r) REFERENCES parents (id)", "COPY", "SHARED", False),
    ("ALTER TABLE t DROP FOREIGN KEY r", "INSTANT", "NONE", False),
    ("ALTER TABLE t ADD CONSTRAINT m CHECK (b < 1000)", "COPY", "SHARED", False),
    ("ALTER TABLE t DROP CONSTRAINT k", "INSTANT", "NONE", False),
    ("ALTER TABLE t COMMENT 'x'", "INSTANT", "NONE", False),
    ("ALTER TABLE t AUTO_INCREMENT = 500", "INSTANT", "NONE", False),
    ("ALTER TABLE t STATS_PERSISTENT = 1", "INSTANT", "NONE", False),
    ("ALTER TABLE t ROW_FORMAT = COMPACT", "INPLACE", "NONE", False),
    ("ALTER TABLE t FORCE", "INPLACE", "NONE", False),
    ("ALTER TABLE t ENGINE = InnoDB", "INPLACE", "NONE", False),
    ("ALTER TABLE t CONVERT TO CHARACTER SET latin1", "COPY", "SHARED", False),
    ("ALTER TABLE t RENAME TO s", "INSTANT", "NONE", False),
    ("ALTER TABLE t ADD SYSTEM VERSIONING", "COPY", "SHARED", False),
]


@pytest.fixture(scope="module")
def made(databases: Databases) -> Iterator[MysqlShadow]:
    """A shadow with the base tables."""
    with databases.mariadb() as url, shadow(Place(target_url=url)) as opened:
        run(opened.target, BASE)
        opened.save()
        yield opened


@pytest.fixture
def stage(made: MysqlShadow) -> Iterator[MysqlShadow]:
    """The shadow with the base tables as they were."""
    yield made
    made.restore()


def traced(stage: MysqlShadow, *statements: str) -> tuple[Effect, ...]:
    """The effects of statements that run one after the other."""
    tracer = stage.trace()
    emitter = Emitter("run", tracer)
    for position, sql in enumerate(statements, 1):
        about = {"version": "1", "position": position, "total": len(statements)}
        emitter.emit(StatementStarted, **about, path="1.sql", line=1, sql=sql, transactional=False)
        stage.target.query(sql)
        emitter.emit(StatementFinished, **about, duration_ms=1, rows=None)
    return tracer.effects


def _number(stage: MysqlShadow, table: str) -> object:
    """InnoDB's own number of a table: another one when the table is built anew."""
    query = "SELECT table_id FROM information_schema.INNODB_SYS_TABLES WHERE name = CONCAT(DATABASE(), '/', %s)"
    return stage.target.query(query, (table,))


@pytest.mark.parametrize(("sql", "algorithm", "lock", "builds"), OPERATIONS, ids=[row[0][:60] for row in OPERATIONS])
def test_the_algorithm_and_the_lock_are_the_documented_ones(
    stage: MysqlShadow, sql: str, algorithm: str, lock: str, builds: bool
) -> None:
    before = _number(stage, "t")
    [effect] = traced(stage, sql)
    moved = _number(stage, "s" if "RENAME TO s" in sql else "t") != before
    assert (effect.algorithm, [(each.relation, each.mode) for each in effect.locks]) == (algorithm, [("t", lock)])
    assert effect.rewrites == (("t",) if algorithm in {"INPLACE", "COPY"} else ())
    assert effect.builds == (("t",) if builds else ())
    assert moved == bool(effect.rewrites)
    assert effect.complete


def test_what_a_statement_states_is_taken_at_its_word(stage: MysqlShadow) -> None:
    first, second, third = traced(
        stage,
        "ALTER TABLE t ADD x int, ALGORITHM = COPY, LOCK = EXCLUSIVE",
        "CREATE INDEX i ON t (v) COMMENT 'LOCK = x' ALGORITHM INPLACE LOCK = SHARED",
        "ALTER TABLE t ALGORITHM=INPLACE, FORCE",
    )
    assert (first.algorithm, first.locks[0].mode, first.rewrites) == ("COPY", "EXCLUSIVE", ("t",))
    assert (second.algorithm, second.locks[0].mode, second.rewrites, second.builds) == ("INPLACE", "SHARED", (), ("t",))
    assert (third.algorithm, third.rewrites) == ("INPLACE", ("t",))


def test_the_settings_of_the_session_count(stage: MysqlShadow) -> None:
    *_, effect = traced(
        stage,
        "SET foreign_key_checks = 0",
        "ALTER TABLE t ADD CONSTRAINT more FOREIGN KEY (b) REFERENCES parents (id)",
    )
    assert effect.algorithm == "INSTANT"


def test_tables_that_the_run_made_count_for_nothing_and_renamed_ones_keep_their_names(stage: MysqlShadow) -> None:
    effects = traced(
        stage,
        "CREATE TABLE fresh (id int)",
        "ALTER TABLE fresh ADD x int",
        "RENAME TABLE t TO moved, fresh TO t",
        "ALTER TABLE moved ADD y int",
        "ALTER TABLE t ADD y int",
        "DROP TABLE t, moved",
        "CREATE TABLE t (id int)",
        "ALTER TABLE t ADD y int",
    )
    seen = [[(lock.relation, lock.mode) for lock in effect.locks] for effect in effects]
    assert seen == [[], [], [("t", "EXCLUSIVE")], [("t", "NONE")], [], [("t", "EXCLUSIVE")], [], []]
    assert effects[3].algorithm == "INSTANT"


def test_single_partitions_block_their_table_and_some_ways_move_their_rows(stage: MysqlShadow) -> None:
    run(
        stage.target,
        "CREATE TABLE parts (id int) PARTITION BY RANGE (id) (PARTITION a VALUES LESS THAN (10),"
        " PARTITION b VALUES LESS THAN (20))",
    )
    added, moved, whole = traced(
        stage,
        "ALTER TABLE parts ADD PARTITION (PARTITION c VALUES LESS THAN (30))",
        "ALTER TABLE parts REORGANIZE PARTITION a, b INTO (PARTITION a VALUES LESS THAN (20))",
        "ALTER TABLE parts REMOVE PARTITIONING",
    )
    assert (added.locks[0].mode, added.rewrites) == ("EXCLUSIVE", ())
    assert (moved.locks[0].mode, moved.rewrites) == ("EXCLUSIVE", ("parts",))
    assert (whole.algorithm, whole.locks[0].mode, whole.rewrites) == ("COPY", "SHARED", ("parts",))


def test_what_the_server_refuses_to_tell_is_not_guessed(stage: MysqlShadow) -> None:
    tracer = stage.trace()
    emitter = Emitter("run", tracer)
    about = {"version": "1", "position": 1, "total": 1}
    sql = "ALTER TABLE t DROP COLUMN no_such_column"
    emitter.emit(StatementStarted, **about, path="1.sql", line=1, sql=sql, transactional=False)
    emitter.emit(StatementFinished, **about, duration_ms=1, rows=None)
    [effect] = tracer.effects
    assert (effect.algorithm, effect.locks, effect.complete) == ("", (), False)


def test_the_tables_that_were_tried_are_gone_with_the_shadow(databases: Databases) -> None:
    with databases.mariadb() as url:
        with shadow(Place(target_url=url)) as made:
            run(made.target, "CREATE TABLE t (id int)")
            traced(made, "ALTER TABLE t ADD x int")
            name = made.label.rpartition("/")[2]
        with connect(url) as target:
            names = [row[0] for row in target.query("SHOW DATABASES")]
    assert [each for each in names if each.startswith(name)] == []


WRITTEN = [
    ("ALTER TABLE t ADD x int", {"t"}),
    ("CREATE INDEX i ON t (a)", {"t"}),
    ("RENAME TABLE t TO `odd name`", {"t", "odd name"}),
    ("DROP TABLE t, u", {"t", "u"}),
    ("CREATE TABLE t (a int)", {"t"}),
    ("CREATE SEQUENCE s", {"s"}),
    ("CREATE VIEW v AS SELECT 1", set()),
    ("CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW SET @x = 1", set()),
    ("SET foreign_key_checks = 0, @x = 'y'", set()),
    ("SET @x = f()", None),
    ("SET @x = (SELECT 1)", None),
    ("SET STATEMENT max_statement_time = 1 FOR ALTER TABLE t ADD x int", None),
    ("INSERT INTO t VALUES (1)", None),
    ("UPDATE t SET a = 1", None),
    ("DELETE FROM t", None),
    ("TRUNCATE t", None),
    ("CALL p()", None),
    ("SELECT 1", None),
    ("CREATE TABLE t AS SELECT f()", None),
    ("CREATE TABLE t (a int) SELECT f() AS a", None),
    ("CREATE TABLE t AS VALUES (1)", None),
    ("CREATE TABLE t AS TABLE u", None),
    ("ALTER TABLE t ADD x int DEFAULT nextval(s)", None),
    ("ALTER TABLE t ADD x int DEFAULT (NEXT VALUE FOR s)", None),
    ("ALTER TABLE t EXCHANGE PARTITION p WITH TABLE u", None),
    ("ALTER TABLE t CONVERT PARTITION p TO TABLE u", None),
    ("EXECUTE s", None),
]


@pytest.mark.parametrize(("sql", "tables"), WRITTEN, ids=[sql[:60] for sql, _ in WRITTEN])
def test_what_was_written_is_said_only_where_the_statement_proves_it(sql: str, tables: set[str] | None) -> None:
    assert written_by(sql) == (None if tables is None else frozenset(tables))


def test_a_run_has_written_to_all_that_its_statements_did(stage: MysqlShadow) -> None:
    tracer = stage.trace()
    emitter = Emitter("run", tracer)
    about = {"version": "1", "position": 1, "total": 1}
    for sql, written in (
        ("ALTER TABLE t ADD x int", {"t", "t (history)"}),
        ("CREATE TABLE `odd name` (id int)", {"t", "t (history)", "`odd name`", "`odd name` (history)"}),
        ("UPDATE t SET a = 1", None),
    ):
        emitter.emit(StatementStarted, **about, path="1.sql", line=1, sql=sql, transactional=False)
        stage.target.query(sql)
        emitter.emit(StatementFinished, **about, duration_ms=1, rows=None)
        assert tracer.written == written
