"""Which tables and sequences a run may have written to: none whose rows changed is missing, however they did."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from tests.databases import POSTGRES, Databases
from tests.engine.postgres.tracing import Bench, bench

SETUP = """
    CREATE SCHEMA "Old Stuff";
    CREATE TABLE aside (id int);
    CREATE TABLE parent (id int PRIMARY KEY, name text);
    CREATE TABLE child (
        id int PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
        parent int REFERENCES parent ON DELETE CASCADE ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED
    );
    CREATE TABLE setting (id serial, parent int DEFAULT 1 REFERENCES parent ON DELETE SET DEFAULT);
    CREATE TABLE log (id bigserial PRIMARY KEY, what text);
    CREATE TABLE "Odd ""Table" (id int);
    CREATE TABLE "Old Stuff"."order" (id int);
    CREATE SEQUENCE tickets CACHE 5;
    CREATE TYPE point AS (x int, y int);
    CREATE TYPE segment AS (x int, y int);
    CREATE TYPE spot AS (x int, y int);
    CREATE TYPE alone AS (x int, y int);
    CREATE TYPE level AS ENUM ('low', 'high');
    CREATE DOMAIN place AS spot;
    CREATE TABLE shape (x int, y int);
    CREATE TABLE plan (id int, a public.point, b segment[], c place, d shape, e level);
    INSERT INTO plan VALUES (1, (1, 2), ARRAY[(3, 4)::segment], ROW(5, 6), ROW(7, 8), 'high');
    CREATE TABLE part (id int, day int) PARTITION BY RANGE (day);
    CREATE TABLE part_1 PARTITION OF part FOR VALUES FROM (0) TO (10);
    CREATE TABLE part_2 PARTITION OF part FOR VALUES FROM (10) TO (20);
    CREATE TABLE base (id int);
    CREATE TABLE derived (extra int) INHERITS (base);
    CREATE VIEW narrow AS SELECT id, name FROM parent;
    CREATE VIEW guarded AS SELECT 1 AS id;
    CREATE MATERIALIZED VIEW names AS SELECT id, name FROM parent;
    CREATE UNIQUE INDEX ON names (id);
    CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN INSERT INTO log (what) VALUES (TG_OP); RETURN NEW; END $$;
    CREATE TRIGGER noted AFTER INSERT OR UPDATE ON "Odd ""Table" FOR EACH ROW EXECUTE FUNCTION note();
    CREATE TRIGGER instead INSTEAD OF INSERT ON guarded FOR EACH ROW EXECUTE FUNCTION note();
    CREATE RULE also AS ON INSERT TO aside DO ALSO INSERT INTO log (what) VALUES ('rule');
    CREATE FUNCTION sow() RETURNS int LANGUAGE sql AS 'INSERT INTO base VALUES (9) RETURNING id';
    CREATE PROCEDURE reap() LANGUAGE plpgsql AS 'BEGIN DELETE FROM derived; END';
    INSERT INTO parent VALUES (1, 'a'), (2, 'b'), (3, 'c');
    INSERT INTO child (parent) VALUES (2), (2), (1);
    INSERT INTO setting (parent) VALUES (3);
    INSERT INTO log (what) VALUES ('first');
    INSERT INTO "Odd ""Table" VALUES (1);
    INSERT INTO "Old Stuff"."order" VALUES (1);
    INSERT INTO part VALUES (1, 1), (2, 11);
    INSERT INTO base VALUES (1);
    INSERT INTO derived VALUES (2, 2);
"""

# Each changes the rows of what it names.
WAYS: Mapping[str, tuple[str, ...]] = {
    "INSERT INTO log (what) VALUES ('x')": ("public.log", "public.log_id_seq"),
    "INSERT INTO log (id, what) VALUES (99, 'x')": ("public.log",),
    'UPDATE "Odd ""Table" SET id = 2': ('public."Odd ""Table"', "public.log", "public.log_id_seq"),
    'DELETE FROM "Old Stuff"."order"': ('"Old Stuff"."order"',),
    "INSERT INTO aside VALUES (1)": ("public.aside", "public.log", "public.log_id_seq"),
    "DELETE FROM parent WHERE id = 2": ("public.child", "public.parent"),
    "UPDATE parent SET id = 7 WHERE id = 2": ("public.child", "public.parent"),
    "DELETE FROM parent WHERE id = 3": ("public.parent", "public.setting"),
    "TRUNCATE parent CASCADE": ("public.child", "public.parent", "public.setting"),
    "TRUNCATE log RESTART IDENTITY": ("public.log", "public.log_id_seq"),
    "SELECT nextval('tickets')": ("public.tickets",),
    "SELECT setval('tickets', 40)": ("public.tickets",),
    "SELECT nextval('tickets'); SELECT nextval('tickets')": ("public.tickets",),
    "ALTER SEQUENCE tickets RESTART 70": ("public.tickets",),
    "DO $$ BEGIN PERFORM nextval('tickets'); RAISE division_by_zero; EXCEPTION WHEN OTHERS THEN NULL; END $$": (
        "public.tickets",
    ),
    "SAVEPOINT s; SELECT nextval('tickets'); ROLLBACK TO s": ("public.tickets",),
    "SAVEPOINT s; DELETE FROM base; ROLLBACK TO s; DELETE FROM log": ("public.log",),
    "LOCK TABLE log; SAVEPOINT s; LOCK TABLE base; ROLLBACK TO s; UPDATE log SET what = 'y'": ("public.log",),
    "COPY base FROM stdin;\n5\n6\n\\.\n": ("public.base",),
    "MERGE INTO base USING (VALUES (5)) v (id) ON base.id = v.id WHEN NOT MATCHED THEN INSERT VALUES (v.id)": (
        "public.base",
    ),
    "WITH gone AS (DELETE FROM base RETURNING id) INSERT INTO log (id, what) SELECT id + 50, 'z' FROM gone": (
        "public.base",
        "public.derived",
        "public.log",
    ),
    "INSERT INTO narrow VALUES (5, 'e')": ("public.parent",),
    "UPDATE narrow SET name = 'f'": ("public.parent",),
    "INSERT INTO guarded VALUES (1)": ("public.log", "public.log_id_seq"),
    "UPDATE parent SET name = 'q'; REFRESH MATERIALIZED VIEW names": ("public.names", "public.parent"),
    "UPDATE parent SET name = 'q'; REFRESH MATERIALIZED VIEW CONCURRENTLY names": ("public.names", "public.parent"),
    "REFRESH MATERIALIZED VIEW names WITH NO DATA": ("public.names",),
    'ALTER TABLE "Old Stuff"."order" ALTER id TYPE text USING id + 1': ('"Old Stuff"."order"',),
    'ALTER TABLE "Old Stuff"."order" DROP COLUMN id': ('"Old Stuff"."order"',),
    "ALTER TABLE base ADD COLUMN more int DEFAULT 7": ("public.base", "public.derived"),
    "PREPARE p AS UPDATE log SET what = $1; EXECUTE p ('t'); DEALLOCATE p": ("public.log",),
    "INSERT INTO part VALUES (5, 5)": ("public.part_1",),
    "UPDATE part SET day = 15 WHERE day = 1": ("public.part_1", "public.part_2"),
    "DELETE FROM part": ("public.part_1", "public.part_2"),
    "DELETE FROM base": ("public.base", "public.derived"),
    "DELETE FROM ONLY base": ("public.base",),
    "SELECT sow()": ("public.base",),
    "CREATE TABLE made AS SELECT sow()": ("public.base",),
    "CREATE VIEW seen AS SELECT sow() AS x; SELECT * FROM seen": ("public.base",),
    "CALL reap()": ("public.derived",),
    "DO $$ BEGIN EXECUTE 'DELETE FROM derived'; END $$": ("public.derived",),
    "DROP TABLE child": ("public.child", "public.child_id_seq"),
    "DROP TABLE parent CASCADE": ("public.names", "public.parent"),
    "ALTER TABLE log RENAME TO journal; DELETE FROM journal": ("public.log",),
    'ALTER TABLE log SET SCHEMA "Old Stuff"; DELETE FROM "Old Stuff".log': ("public.log",),
    "ALTER TABLE log RENAME TO old; CREATE TABLE log (id int); DELETE FROM old": ("public.log",),
    "SET ROLE pg_write_all_data; UPDATE log SET what = 'r'; RESET ROLE": ("public.log",),
    "SET search_path = nowhere; UPDATE public.log SET what = 's'": ("public.log",),
    "SET LOCAL quote_all_identifiers = on; UPDATE log SET what = 's'": ("public.log",),
    "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE; UPDATE log SET what = 's'": ("public.log",),
    "LOCK TABLE log; SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; UPDATE log SET what = 's'": ("public.log",),
    "CREATE TEMP TABLE log (id int); INSERT INTO log VALUES (1); DELETE FROM public.log": ("public.log",),
    "SET CONSTRAINTS ALL IMMEDIATE; UPDATE parent SET id = 8 WHERE id = 2": ("public.child", "public.parent"),
    ";".join(f"INSERT INTO log (id, what) VALUES ({number}, 'n')" for number in range(100, 150)): ("public.log",),
}
# After these nobody can tell.
UNSURE = {
    "composite type of a column": "ALTER TYPE point DROP ATTRIBUTE y",
    "composite type of an array": "ALTER TYPE segment DROP ATTRIBUTE y",
    "composite type of a domain": "ALTER TYPE spot DROP ATTRIBUTE y",
    "row type of a column": "ALTER TABLE shape DROP COLUMN y",
    "labels by hand": "DELETE FROM pg_enum WHERE enumlabel = 'low'",
    "deferred trigger": """
        CREATE CONSTRAINT TRIGGER late AFTER INSERT ON aside DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
        EXECUTE FUNCTION note(); INSERT INTO aside VALUES (1)""",
    "foreign server": "CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s FOREIGN DATA WRAPPER w; SELECT 1",
    "outside a transaction": "VACUUM log",
}


@pytest.fixture(scope="module", params=POSTGRES)
def made(request: pytest.FixtureRequest, databases: Databases) -> Iterator[Bench]:
    with databases.postgres(request.param) as url, bench(url) as made:
        yield made


def anew(made: Bench) -> None:
    made.ask(f"""
        DROP FOREIGN DATA WRAPPER IF EXISTS w CASCADE;
        DROP SCHEMA IF EXISTS public, "Old Stuff" CASCADE; CREATE SCHEMA public; {SETUP}""")


def contents(made: Bench) -> dict[int, tuple[str, str]]:
    """The name and the rows of each table, materialized view and sequence, by oid."""
    listed = made.ask("""
        SELECT c.oid::int8, quote_ident(n.nspname) || '.' || quote_ident(c.relname), c.relkind::text, c.relispopulated
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname IN ('public', 'Old Stuff') AND c.relkind IN ('r', 'm', 'S')""")
    return {oid: (name, rows(made, name, kind) if filled else "not filled") for oid, name, kind, filled in listed}


def rows(made: Bench, name: str, kind: str) -> str:
    return str(sorted(made.ask(f"SELECT {'last_value, is_called' if kind == 'S' else 't::text'} FROM ONLY {name} t")))


def changed(before: Mapping[int, tuple[str, str]], after: Mapping[int, tuple[str, str]]) -> set[str]:
    return {name for oid, (name, rows) in before.items() if oid not in after or after[oid][1] != rows}


@pytest.mark.parametrize("sql", WAYS, ids=lambda sql: " ".join(sql.split())[:60])
def test_whatever_changes_rows_is_written(made: Bench, sql: str) -> None:
    anew(made)
    before = contents(made)
    made.trace(sql)
    really = changed(before, contents(made))
    assert really == set(WAYS[sql])
    assert made.written is not None
    assert really <= made.written


@pytest.mark.parametrize("sql", UNSURE.values(), ids=UNSURE)
def test_what_may_write_unseen_leaves_all_tables_in_doubt(made: Bench, sql: str) -> None:
    anew(made)
    made.trace(sql)
    assert made.written is None


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM log",
        "ALTER TYPE alone DROP ATTRIBUTE y",
        "CREATE TABLE t (id serial); INSERT INTO t VALUES (1)",
        "SHOW ALL",
    ],
)
def test_what_only_reads_or_writes_to_new_tables_writes_to_none(made: Bench, sql: str) -> None:
    anew(made)
    made.trace(sql)
    assert made.written == frozenset()


def test_tables_that_a_run_left_alone_are_not_written(made: Bench) -> None:
    anew(made)
    made.trace("UPDATE log SET what = 'n'; CREATE INDEX ON base (id)")
    assert made.written == frozenset({"public.base", "public.log"})
