"""Kill a run on PostgreSQL at each of its events: nothing runs twice, nothing stays half-done in silence."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.crash.matrix import Case, crash_everywhere
from tests.engine.crash.postgres import postgres_bench

_LOG = """
CREATE TABLE log (id bigint GENERATED ALWAYS AS IDENTITY, what text, n int);
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO public.log (what, n) VALUES (TG_OP, coalesce(NEW.n, OLD.n));
    RETURN NEW;
END $$;
"""
TRANSACTIONAL = Case(
    "transactional",
    {
        "1_shop.up.sql": f"""{_LOG}
            CREATE TABLE item (id serial PRIMARY KEY, name text, n int NOT NULL);
            CREATE TRIGGER note AFTER INSERT OR UPDATE OR DELETE ON item FOR EACH ROW EXECUTE FUNCTION note();
            INSERT INTO item (name, n) VALUES ('apple', 1), ('pear', 2);""",
        "1_shop.down.sql": "DROP TABLE item; DROP FUNCTION note; DROP TABLE log;",
        "2_count.up.sql": """
            UPDATE item SET n = n + 1;
            INSERT INTO item (name, n) SELECT 'plum', max(n) + 1 FROM item;""",
        "2_count.down.sql": """
            DELETE FROM item WHERE name = 'plum';
            UPDATE item SET n = n - 1;""",
        "3_mood.up.sql": """
            CREATE TYPE mood AS ENUM ('sad');
            ALTER TABLE item ADD COLUMN mood mood DEFAULT 'sad';
            COPY item (name, n) FROM stdin;
quince\t7
medlar\t8
\\.
            UPDATE item SET n = 2 * n;""",
        "3_mood.down.sql": """
            UPDATE item SET n = n / 2;
            DELETE FROM item WHERE name IN ('quince', 'medlar');
            ALTER TABLE item DROP COLUMN mood;
            DROP TYPE mood;""",
    },
)
CONCURRENTLY = Case(
    "concurrently",
    {
        "1_base.up.sql": f"""{_LOG}
            CREATE TABLE t (id int, n int, name text);
            INSERT INTO t SELECT i, i, 'x' FROM generate_series(1, 30) i;
            CREATE INDEX t_old ON t (name);
            CREATE TRIGGER note AFTER INSERT OR UPDATE OR DELETE ON t FOR EACH ROW EXECUTE FUNCTION note();
            CREATE TYPE mood AS ENUM ('sad');
            CREATE TABLE feeling (m mood);
            CREATE TABLE p (d int) PARTITION BY RANGE (d);
            CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10);
            CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (10) TO (20);
            INSERT INTO p VALUES (1), (11);""",
        "1_base.down.sql": """
            DROP TABLE t, p, feeling, log;
            DROP TABLE IF EXISTS p1;
            DROP TYPE mood;
            DROP FUNCTION note;""",
        "2_alone.up.sql": "CREATE INDEX CONCURRENTLY t_n ON t (n);",
        "2_alone.down.sql": "DROP INDEX CONCURRENTLY t_n;",
        "3_mixed.up.sql": """
            INSERT INTO t VALUES (31, 31, 'y');
            UPDATE t SET n = n + 1;
            CREATE UNIQUE INDEX CONCURRENTLY t_id ON t (id);
            UPDATE t SET n = n + 1;
            DROP INDEX CONCURRENTLY t_old;
            REINDEX INDEX CONCURRENTLY t_n;
            VACUUM t;
            ALTER TYPE mood ADD VALUE 'glad';
            INSERT INTO feeling VALUES ('glad');
            ALTER TABLE p DETACH PARTITION p1 CONCURRENTLY;
            UPDATE t SET n = n + 1 WHERE id > 20;""",
        "3_mixed.down.sql": """
            UPDATE t SET n = n - 1 WHERE id > 20;
            ALTER TABLE p ATTACH PARTITION p1 FOR VALUES FROM (0) TO (10);
            DELETE FROM feeling;
            CREATE INDEX CONCURRENTLY IF NOT EXISTS t_old ON t (name);
            UPDATE t SET n = n - 2;
            DROP INDEX CONCURRENTLY IF EXISTS t_id;
            DELETE FROM t WHERE id = 31;""",
    },
)
_PROCEDURES = """
CREATE PROCEDURE app.bump() LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO app.bumps VALUES (1); COMMIT;
    INSERT INTO app.bumps VALUES (2); COMMIT;
END $$;
CREATE PROCEDURE app.unbump() LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO app.log VALUES ('unbump'); COMMIT;
    DELETE FROM app.bumps; COMMIT;
END $$;
"""
EXPLICIT = Case(
    "no-transaction",
    {
        "1_base.up.sql": f"""
            CREATE SCHEMA app;
            CREATE SCHEMA other;
            CREATE TABLE app.c (n int);
            CREATE TABLE app.log (what text);
            CREATE TABLE app.bumps (n int);
            {_PROCEDURES}""",
        "1_base.down.sql": "DROP SCHEMA app CASCADE; DROP SCHEMA other;",
        "2_path.up.sql": """-- surefoot: no-transaction
            SET search_path = app;
            INSERT INTO c VALUES (1), (10);
            UPDATE c SET n = n + 1;
            CREATE INDEX CONCURRENTLY c_n ON c (n);
            INSERT INTO log SELECT 'sum ' || sum(n) FROM c;""",
        "2_path.down.sql": """-- surefoot: no-transaction
            SET search_path = app;
            INSERT INTO log VALUES ('back');
            DROP INDEX CONCURRENTLY c_n;
            DELETE FROM c WHERE n = (SELECT max(n) FROM c);""",
        "3_call.up.sql": """-- surefoot: no-transaction
            INSERT INTO app.log VALUES ('before');
            CALL app.bump();
            INSERT INTO app.log VALUES ('after');""",
        "3_call.down.sql": """-- surefoot: no-transaction
            CALL app.unbump();
            INSERT INTO app.log VALUES ('unbumped');""",
    },
    ran={"up": "SELECT count(*) = 2 FROM app.bumps", "down": "SELECT count(*) = 0 FROM app.bumps"},
)


@pytest.mark.slow
def test_transactions_are_whole_or_not_there_wherever_the_run_is_killed(postgres18_url: str, tmp_path: Path) -> None:
    unknown = crash_everywhere(TRANSACTIONAL, postgres_bench(postgres18_url), tmp_path / "m")
    assert unknown == {"up": [], "down": []}


@pytest.mark.slow
def test_what_runs_outside_a_transaction_is_found_done_or_not_done(postgres_url: str, tmp_path: Path) -> None:
    unknown = crash_everywhere(CONCURRENTLY, postgres_bench(postgres_url), tmp_path / "m")
    assert unknown == {"up": [], "down": []}


@pytest.mark.slow
def test_only_the_procedure_that_commits_is_ever_unknown(postgres18_url: str, tmp_path: Path) -> None:
    unknown = crash_everywhere(EXPLICIT, postgres_bench(postgres18_url), tmp_path / "m")
    # Killed after it was journalled and before it was sent, and killed before its end was journalled.
    assert {verb: len(events) for verb, events in unknown.items()} == {"up": 2, "down": 2}
