"""Rows on MariaDB: generated, read, and taken from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from surefoot.engine.dialects.mysql.shadow import MysqlShadow
from surefoot.engine.dialects.shadow import Place
from surefoot.engine.open import connect
from surefoot.engine.rows import losses
from surefoot.errors import ShadowFailed, StatementFailed, UsageError
from tests.databases import Databases
from tests.engine.mysql.rehearsal.schema import RICH
from tests.engine.mysql.rehearsal.shadows import run, shadow

TYPES = """
CREATE TABLE types (
    id tinyint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY, flag tinyint(1) NOT NULL, small smallint NOT NULL,
    medium mediumint unsigned NOT NULL, big bigint NOT NULL, vast bigint unsigned NOT NULL,
    price decimal(6,2) unsigned NOT NULL, fraction decimal(5,5) NOT NULL, single float NOT NULL,
    twice double unsigned NOT NULL,
    fixed char(3) NOT NULL, word varchar(20) NOT NULL, ascii_only varchar(30) CHARACTER SET ascii NOT NULL,
    wide varchar(30) CHARACTER SET ucs2 NOT NULL, little tinytext NOT NULL, much longtext NOT NULL,
    bytes binary(16) NOT NULL, some varbinary(5) NOT NULL, lump blob NOT NULL, bits bit(5) NOT NULL, one bit NOT NULL,
    day date NOT NULL, moment datetime(6) NOT NULL, stamp timestamp NOT NULL, clock time(2) NOT NULL, y year NOT NULL,
    doc json NOT NULL, id_text uuid NOT NULL, address inet6 NOT NULL, four inet4 NOT NULL,
    kind enum('a','it''s','c\\\\d') NOT NULL, many set('x','y','z') NOT NULL,
    pt point NOT NULL, line linestring NOT NULL, area polygon NOT NULL, any_shape geometry NOT NULL,
    shapes geometrycollection NOT NULL, points multipoint NOT NULL, `lines` multilinestring NOT NULL,
    areas multipolygon NOT NULL, made int AS (small + 1) VIRTUAL, kept int AS (small * 2) STORED,
    hidden int INVISIBLE NOT NULL DEFAULT 5, next_one int NOT NULL DEFAULT 1,
    `odd ``name` int NOT NULL
);
"""
RULES = """
CREATE TABLE rules (
    id int PRIMARY KEY,
    age int NOT NULL CHECK (age BETWEEN 18 AND 25),
    code char(4) NOT NULL CHECK (code REGEXP '^[A-Z]{2}[0-9]{2}$'),
    status varchar(10) NOT NULL CHECK (status IN ('new', 'done')),
    low int NOT NULL, high int NOT NULL, CONSTRAINT ordered CHECK (low < high),
    email varchar(40) NOT NULL, UNIQUE KEY (email), UNIQUE KEY (status, age)
);
CREATE TABLE tree (id int NOT NULL AUTO_INCREMENT PRIMARY KEY, parent int NOT NULL,
    CONSTRAINT up FOREIGN KEY (parent) REFERENCES tree (id));
CREATE TABLE hen (id int PRIMARY KEY, egg int NOT NULL);
CREATE TABLE egg (id int PRIMARY KEY, hen int NOT NULL, CONSTRAINT laid FOREIGN KEY (hen) REFERENCES hen (id));
ALTER TABLE hen ADD CONSTRAINT hatched FOREIGN KEY (egg) REFERENCES egg (id);
CREATE TABLE pairs (a int NOT NULL, b char(4) NOT NULL, PRIMARY KEY (a, b),
    CONSTRAINT to_rules FOREIGN KEY (a) REFERENCES rules (id));
CREATE TABLE of_pairs (a int, b char(4), CONSTRAINT both_of FOREIGN KEY (a, b) REFERENCES pairs (a, b));
CREATE TABLE months (at date NOT NULL, n int) PARTITION BY RANGE COLUMNS (at) (
    PARTITION a VALUES LESS THAN ('2020-01-01'), PARTITION b VALUES LESS THAN ('2021-01-01'));
CREATE TABLE regions (region int NOT NULL) PARTITION BY LIST (region) (
    PARTITION a VALUES IN (1, 2), PARTITION b VALUES IN (7));
CREATE TABLE journal (id int NOT NULL AUTO_INCREMENT PRIMARY KEY, line varchar(30)) ENGINE=MyISAM;
CREATE TABLE nothing_to_write (id int AS (1) VIRTUAL);
"""


@pytest.fixture
def made(mariadb_url: str) -> Iterator[MysqlShadow]:
    """An empty shadow."""
    with shadow(Place(target_url=mariadb_url)) as opened:
        yield opened


def test_every_type_gets_rows_and_the_same_ones_for_the_same_seed(mariadb_url: str) -> None:
    found = []
    for _ in range(2):
        with shadow(Place(target_url=mariadb_url)) as made:
            run(made.target, TYPES)
            assert made.fill(5, "seed") == ()
            found.append(made.read_rows())
    assert found[0] == found[1]
    held = found[0]["types"]
    assert held.count == 5
    assert held.rows is not None
    assert {row[held.columns.index("kind")] for row in held.rows} == {"a", "it's", "c\\d"}
    assert not any(value is None for row in held.rows for value in row)
    assert "made" not in held.columns


def test_keys_checks_references_and_partitions_are_kept(made: MysqlShadow) -> None:
    run(made.target, RULES)
    assert made.fill(5, "seed") == ()
    counts = {table: held.count for table, held in made.read_rows().items()}
    assert counts == dict.fromkeys(counts, 5)
    assert len(counts) == 10
    assert made.target.query("SELECT COUNT(*) FROM egg JOIN hen ON hen.id = egg.hen JOIN egg e ON e.id = hen.egg") == [
        (5,)
    ]
    assert made.target.query("SELECT COUNT(DISTINCT region) > 1 FROM regions") == [(1,)]


def test_a_rich_schema_is_filled_twice_and_its_triggers_do_not_fire(made: MysqlShadow) -> None:
    run(made.target, RICH)
    before = made.snapshot()
    assert made.fill(5, "before") == ()
    assert made.fill(2, "after", ["orders", "log", "no_such_table"], plain=True) == ()
    counts = {table: held.count for table, held in made.read_rows().items() if held.columns != ("last_value",)}
    assert counts == {"customers": 5, "log": 7, "orders": 7, "prices": 5, "readings": 5, "stays": 5}
    assert made.snapshot() == before


def test_a_table_that_cannot_be_filled_says_why(made: MysqlShadow) -> None:
    run(made.target, "CREATE TABLE never (a int NOT NULL CHECK (a > 5 AND a < 5))")
    [unfilled] = made.fill(3, "seed")
    assert unfilled.table == "never"
    assert "CONSTRAINT `never.a` failed" in unfilled.reason


def test_values_that_differ_never_look_the_same(made: MysqlShadow) -> None:
    run(
        made.target,
        """
        CREATE TABLE v (id int PRIMARY KEY, t varchar(20), b varbinary(9), f float, d double, n decimal(20,10), x text);
        INSERT INTO v VALUES (1, NULL, x'00', 0.1, 0.1, 0.1, REPEAT('a', 50000)),
            (2, 'NULL', x'0000', 0.10000001, 0.30000000000000004, 0.1000000001, CONCAT(REPEAT('a', 49999), 'b')),
            (3, '', '', 0.10000002, 0.3, 1, ''), (4, ' ', NULL, NULL, NULL, NULL, NULL), (5, 'null', '0', 1, 1, 2, '0')
        """,
    )
    held = made.read_rows(["v"])["v"]
    assert held.rows is not None
    for place in range(len(held.columns)):
        assert len({row[place] for row in held.rows}) == 5, held.columns[place]


def test_of_many_rows_sums_tell_what_was_lost(made: MysqlShadow) -> None:
    run(made.target, "CREATE TABLE many (id int PRIMARY KEY, a varchar(20), b varchar(20))")
    run(made.target, "INSERT INTO many SELECT seq, seq, seq + 1 FROM seq_1_to_800")
    before = made.read_rows()
    assert before["many"].rows is None
    run(made.target, "UPDATE many SET a = '3' WHERE id = 7")
    [loss] = losses(before, made.read_rows())
    assert (loss.table, loss.columns) == ("many", ("a",))
    run(made.target, "UPDATE many SET a = '7' WHERE id = 7")
    assert losses(before, made.read_rows()) == []
    run(made.target, "UPDATE many SET a = 4 - id WHERE id IN (1, 3)")
    assert losses(before, made.read_rows()) != []


def test_sequences_and_the_past_of_a_versioned_table_are_rows_as_well(made: MysqlShadow) -> None:
    run(
        made.target,
        "CREATE SEQUENCE s; CREATE TABLE p (id int PRIMARY KEY, n int) WITH SYSTEM VERSIONING;"
        "INSERT INTO p VALUES (1, 1); UPDATE p SET n = 2; SELECT NEXTVAL(s)",
    )
    rows = made.read_rows()
    assert rows["s"].columns == ("last_value",)
    assert (rows["p"].rows, rows["p (history)"].rows) == ((("1", "2"),), (("1", "1"),))
    run(made.target, "ALTER TABLE p DROP SYSTEM VERSIONING")
    assert [loss.table for loss in losses(rows, made.read_rows())] == ["p (history)"]


def test_a_seed_can_be_a_file(made: MysqlShadow, tmp_path: Path) -> None:
    run(made.target, "CREATE TABLE t (id int, name varchar(20))")
    seed = tmp_path / "seed.sql"
    seed.write_text("INSERT INTO t VALUES (1, 'Bjørn; x');\nSET @n = 2;\nINSERT INTO t VALUES (@n, 'two');\n")
    made.load(str(seed))
    assert made.read_rows()["t"].rows == (("1", "Bjørn; x"), ("2", "two"))
    seed.write_text("INSERT INTO t VALUES (1);")
    with pytest.raises(StatementFailed, match=r"seed\.sql:1: Column count"):
        made.load(str(seed))
    with pytest.raises(UsageError, match=r"missing\.sql cannot be read"):
        made.load(str(tmp_path / "missing.sql"))


def test_a_seed_cannot_reach_the_target(made: MysqlShadow, mariadb_url: str, tmp_path: Path) -> None:
    seed = tmp_path / "seed.sql"
    seed.write_text(f"CREATE TABLE {mariadb_url.rpartition('/')[2]}.x (id int)")
    with pytest.raises(ShadowFailed, match="names the database"):
        made.load(str(seed))


def test_a_seed_can_be_another_database(made: MysqlShadow, databases: Databases) -> None:
    schema = TYPES + "CREATE TABLE only_here (id int); CREATE TABLE log (n int);"
    run(made.target, schema + "CREATE TRIGGER logged AFTER INSERT ON types FOR EACH ROW INSERT INTO log VALUES (1)")
    with databases.mariadb() as url, shadow(Place(target_url=url)) as other:
        run(other.target, TYPES + "CREATE TABLE log (n int)")
        other.fill(7, "other")
        rows = other.read_rows()
        made.load(_url(url, other))
    found = made.read_rows()
    assert found["types"] == rows["types"]
    assert found["log"] == rows["log"]
    assert made.notes == ("The seed has no table only_here: it begins without rows.",)


def test_texts_of_a_seed_fit_another_character_set(made: MysqlShadow, databases: Databases) -> None:
    run(made.target, "CREATE TABLE t (a varchar(9) CHARACTER SET utf8mb4, e enum('y','x'))")
    with databases.mariadb() as url, connect(url) as other:
        run(
            other,
            "CREATE TABLE t (a varchar(9) CHARACTER SET latin1, e enum('x','y')); INSERT INTO t VALUES ('äö', 'x')",
        )
        made.load(url)
    assert made.read_rows()["t"].rows == (("äö", "x"),)


def _url(base: str, made: MysqlShadow) -> str:
    return base.rpartition("/")[0] + "/" + made.label.rpartition("/")[2]
