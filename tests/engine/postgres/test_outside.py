"""Statements outside a transaction on PostgreSQL: refused, cancelled, failed half-way, corrected and resumed."""

from __future__ import annotations

from pathlib import Path

import pytest

from surefoot.engine.api import Resolution
from surefoot.errors import Interrupted, OutcomeUnknown, StatementFailed, UsageError
from tests.engine.crash.bed import Bed

BASE = {
    "1_base.up": """
        CREATE TABLE t (id int, n int);
        INSERT INTO t VALUES (1, 1), (2, 1);
        CREATE TABLE p (d int) PARTITION BY RANGE (d);
        CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10);
        CREATE TABLE loose (d int);"""
}


@pytest.fixture
def bed(postgres18_url: str, tmp_path: Path) -> Bed:
    bed = Bed(postgres18_url, tmp_path / "m").write(BASE)
    bed.up()
    return bed


@pytest.mark.parametrize(
    "sql",
    [
        "DROP INDEX CONCURRENTLY nowhere",
        "ALTER TABLE p DETACH PARTITION loose CONCURRENTLY",
        "CREATE INDEX CONCURRENTLY i ON nowhere (n)",
        "REINDEX TABLE CONCURRENTLY nowhere",
        "VACUUM nowhere",
    ],
)
def test_a_statement_that_the_server_refuses_is_refused_again(bed: Bed, sql: str) -> None:
    bed.write({"2_wrong.up": f"INSERT INTO t VALUES (3, 3); {sql}; INSERT INTO t VALUES (4, 4);"})
    for _ in range(2):
        with pytest.raises(StatementFailed, match=r"2_wrong\.up\.sql:1"):
            bed.up()
    assert bed.value("SELECT array_agg(id ORDER BY id) FROM t") == [1, 2, 3]
    assert bed.journal() == [("2", 0, "done"), ("2", 1, "failed")]


def test_a_failed_unique_index_leaves_nothing_behind_and_is_built_once_the_rows_allow_it(bed: Bed) -> None:
    bed.write({"2_unique.up": "CREATE UNIQUE INDEX CONCURRENTLY t_n ON t (n);"})
    with pytest.raises(StatementFailed, match="t_n"):
        bed.up()
    assert bed.value("SELECT count(*) FROM pg_index WHERE indrelid = 't'::regclass") == 0
    bed.ask("UPDATE t SET n = id")
    assert bed.up() == ("2",)
    assert bed.value("SELECT indisvalid FROM pg_index WHERE indexrelid = 't_n'::regclass") is True


def test_what_failed_may_be_corrected_and_what_ran_may_not(bed: Bed) -> None:
    bed.write({"2_two.up": "INSERT INTO t VALUES (3, 3);\nVACUUM nowhere;"})
    with pytest.raises(StatementFailed, match=r"2_two\.up\.sql:2"):
        bed.up()
    bed.write({"2_two.up": "INSERT INTO t VALUES (7, 7);\nVACUUM t;"})
    with pytest.raises(Interrupted, match="text has changed"):
        bed.up()
    bed.write({"2_two.up": "INSERT INTO t VALUES (3, 3);\nVACUUM t;"})
    assert bed.up() == ("2",)
    assert bed.value("SELECT count(*) FROM t WHERE id IN (3, 7)") == 1
    assert bed.journal() == []


def test_a_first_statement_that_failed_leaves_no_step_half_way(bed: Bed) -> None:
    bed.write({"2_vacuum.up": "VACUUM nowhere;"})
    with pytest.raises(StatementFailed):
        bed.up()
    bed.remove("2_vacuum.up")
    bed.write({"3_other.up": "INSERT INTO t VALUES (3, 3);"})
    assert bed.up() == ("3",)


def test_a_step_corrected_into_one_transaction_leaves_the_journal_empty(bed: Bed) -> None:
    bed.write({"2_vacuum.up": "VACUUM nowhere;"})
    with pytest.raises(StatementFailed):
        bed.up()
    bed.write({"2_vacuum.up": "INSERT INTO t VALUES (3, 3);"})
    assert bed.up() == ("2",)
    bed.write({"3_next.up": "INSERT INTO t VALUES (4, 4);"})
    assert bed.up() == ("3",)
    assert bed.journal() == []


def test_a_refused_procedure_call_stays_in_doubt_until_somebody_says_what_happened(bed: Bed) -> None:
    bed.write(
        {
            "2_procedure.up": """
                CREATE PROCEDURE work() LANGUAGE plpgsql AS $$
                BEGIN
                    INSERT INTO t VALUES (10, 10); COMMIT; PERFORM 1 / 0;
                END $$;""",
            "3_call.up": "-- surefoot: no-transaction\nCALL work();\nINSERT INTO t VALUES (11, 11);",
        }
    )
    with pytest.raises(StatementFailed, match="division by zero"):
        bed.up()
    with pytest.raises(OutcomeUnknown, match="CALL work") as caught:
        bed.up()
    assert caught.value.details["line"] == 2
    [_, doubt] = bed.findings()
    assert not doubt.solvable
    with pytest.raises(OutcomeUnknown):
        bed.repair()
    bed.repair(Resolution.RAN)
    assert bed.up() == ("3",)
    assert bed.value("SELECT array_agg(id ORDER BY id) FROM t WHERE id >= 10") == [10, 11]


def test_a_statement_said_not_to_have_run_runs_again(bed: Bed) -> None:
    do = "DO $$ BEGIN PERFORM 1 / (SELECT n - 1 FROM t WHERE id = 1); END $$;"
    bed.write({"2_do.up": f"-- surefoot: no-transaction\n{do}"})
    with pytest.raises(StatementFailed):
        bed.up()
    bed.ask("UPDATE t SET n = 5")
    bed.repair(Resolution.NOT_RAN)
    assert bed.up() == ("2",)


def test_a_discarded_step_is_as_if_it_had_never_begun(bed: Bed) -> None:
    bed.write({"2_half.up": "INSERT INTO t VALUES (3, 3); VACUUM nowhere;"})
    with pytest.raises(StatementFailed):
        bed.up()
    bed.remove("2_half.up")
    with pytest.raises(Interrupted):
        bed.up()
    bed.ask("DELETE FROM t WHERE id = 3")
    bed.repair(Resolution.DISCARD)
    assert bed.up() == ()
    assert bed.applied() == ["1"]


def test_a_resolution_without_anything_to_resolve_is_refused(bed: Bed) -> None:
    with pytest.raises(UsageError, match="there is none"):
        bed.repair(Resolution.RAN)


def test_a_step_half_way_up_is_finished_before_anything_else_runs(bed: Bed) -> None:
    bed.write(
        {"2_half.up": "INSERT INTO t VALUES (3, 3); VACUUM nowhere;", "2_half.down": "DELETE FROM t WHERE id = 3;"}
    )
    with pytest.raises(StatementFailed):
        bed.up()
    for run in (bed.down, bed.redo):
        with pytest.raises(Interrupted, match=r"^2 "):
            run()
    [summary, failure] = bed.findings()
    assert "1 of 2 blocks" in summary.found
    assert "nowhere" in failure.found


def test_a_temporary_table_that_went_with_its_session_stops_the_step(bed: Bed) -> None:
    bed.write(
        {"2_temporary.up": "CREATE TEMP TABLE x AS SELECT 9 AS id; VACUUM nowhere; INSERT INTO t SELECT id FROM x;"}
    )
    with pytest.raises(StatementFailed):
        bed.up()
    bed.write({"2_temporary.up": "CREATE TEMP TABLE x AS SELECT 9 AS id; VACUUM t; INSERT INTO t SELECT id FROM x;"})
    with pytest.raises(Interrupted, match="went with its session"):
        bed.up()


def test_an_invalid_index_from_before_is_no_reason_to_build_none(bed: Bed) -> None:
    bed.write({"2_index.up": "CREATE INDEX CONCURRENTLY IF NOT EXISTS t_n ON t (n);"})
    bed.ask("CREATE INDEX t_n ON t (n)")
    bed.ask("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 't_n'::regclass")
    assert bed.up() == ("2",)
    assert bed.value("SELECT indisvalid FROM pg_index WHERE indexrelid = 't_n'::regclass") is True
