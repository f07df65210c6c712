"""The connection breaks after each statement, and the same command has to get to the same end."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from surefoot.engine.dialects.sqlite.shadow import SqliteShadow
from surefoot.engine.model import Fragment, Migration, Script
from surefoot.engine.rehearsal.crashes import rehearse_crashes, wanted
from surefoot.engine.rehearsal.model import Crash
from surefoot.engine.rehearsal.stage import Stage
from tests.engine.rehearsal.beds import Bed, verdicts
from tests.engine.rehearsal.cases import migration

pytestmark = pytest.mark.slow

USERS = ("CREATE TABLE users (id integer PRIMARY KEY, name varchar(50));", "DROP TABLE users;")
TWO = (
    "ALTER TABLE users ADD COLUMN a integer;\nINSERT INTO users VALUES (901, 'x', 1), (902, 'y', 2);",
    "DELETE FROM users WHERE id IN (901, 902);\nALTER TABLE users DROP COLUMN a;",
)
INDEX = (
    "CREATE INDEX CONCURRENTLY users_name ON users (name);\nALTER TABLE users ADD COLUMN a integer;",
    "ALTER TABLE users DROP COLUMN a;\nDROP INDEX CONCURRENTLY users_name;",
)
RECOVERED = [("up", 1, True, ""), ("up", 2, True, ""), ("down", 1, True, ""), ("down", 2, True, "")]


def said(crashes: Sequence[Crash]) -> list[tuple[str, int, bool, str]]:
    return [(crash.phase.value, crash.statement, crash.recovered, crash.finding) for crash in crashes]


def crashes_of(bed: Bed, up: str, down: str | None) -> list[tuple[str, int, bool, str]]:
    """What is said of a migration's failures, after one that makes users."""
    with bed.trial() as (_, trial):
        trial.rehearse(migration("1", *USERS))
        return said(rehearse_crashes(trial.stage, migration("2", up, down)))


def test_whatever_was_tried_changes_nothing_for_the_trials(bed: Bed) -> None:
    pairs = {"users": USERS, "second": TWO, "purge": ("DELETE FROM users;", "SELECT 1;")}
    tried, undisturbed = (bed.rehearse(pairs, failures=failures) for failures in ("all", "off"))
    assert [len(one.crashes) for one in tried.migrations] == [2, 4, 2]
    assert verdicts(tried) == verdicts(undisturbed) == {"users": "proven", "second": "proven", "purge": "lossy"}
    states = [[(one.base, one.after, one.rows > 0) for one in report.migrations] for report in (tried, undisturbed)]
    assert states[0] == states[1]
    assert all(one.crashes == () for one in undisturbed.migrations)


def test_each_statement_of_an_up_and_a_down_is_recovered_from(bed: Bed) -> None:
    assert crashes_of(bed, *TWO) == RECOVERED


def test_concurrent_steps_of_postgres_are_recovered_from(postgres_bed: Bed) -> None:
    assert crashes_of(postgres_bed, *INDEX) == RECOVERED


def test_a_procedure_that_can_have_done_a_part_is_reported(mariadb_bed: Bed) -> None:
    up = "CREATE PROCEDURE p() INSERT INTO users VALUES (901, 'x');\nCALL p();"
    first, second = crashes_of(mariadb_bed, up, None)
    assert first == ("up", 1, True, "")
    assert second[:3] == ("up", 2, False)
    assert "whether it took effect" in second[3]


def test_a_procedure_that_commits_is_reported(postgres18_bed: Bed) -> None:
    body = "BEGIN INSERT INTO users VALUES (901, 'x'); COMMIT; END"
    up = Fragment(f"CREATE PROCEDURE p() LANGUAGE plpgsql AS $$ {body} $$;\nCALL p();")
    loose = Migration("2", "loose", (Script("2.up.sql", (up,), transaction=False),), None)
    with postgres18_bed.trial() as (_, trial):
        trial.rehearse(migration("1", *USERS))
        first, second = rehearse_crashes(trial.stage, loose)
    assert (first.recovered, second.recovered) == (True, False)
    assert "cannot tell whether it took effect" in second.finding


def test_a_way_that_fails_anyhow_is_left_to_the_trial(bed: Bed) -> None:
    assert crashes_of(bed, "SELECT 1;\nDROP TABLE nix;", None) == []
    assert crashes_of(bed, TWO[0], "SELECT 1;\nDROP TABLE nix;") == RECOVERED[:2]


@pytest.mark.parametrize("failures", ["auto", "all", "off"])
def test_which_migrations_are_tried(failures: str, bed: Bed) -> None:
    ways = [USERS, TWO, ("SELECT 1;", None)] + ([INDEX] if bed.dialect == "postgres" else [])
    with bed.trial() as (_, trial):
        chosen = [wanted(trial.stage, migration("1", *way), failures) for way in ways]
    # What changes a schema on MariaDB commits by itself, before the history has it.
    in_doubt = [bed.kind == "mariadb"] * 2 + [False, True]
    expected = {"off": [False] * 4, "all": [True] * 4, "auto": in_doubt}[failures]
    assert chosen == expected[: len(ways)]


def test_an_end_that_is_another_one_is_told_with_what_differs(sqlite_bed: Bed, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Stage.crash

    def forgetful(stage: Stage, *given: object) -> None:
        real(stage, *given)  # type: ignore[arg-type] # passed on as it is
        assert isinstance(stage.shadow, SqliteShadow)
        stage.shadow.target.query("CREATE TABLE extra (id integer)")
        stage.shadow.target.query("INSERT INTO users (id) VALUES (17)")

    monkeypatch.setattr(Stage, "crash", forgetful)
    with sqlite_bed.trial() as (_, trial):
        (crash,) = rehearse_crashes(trial.stage, migration("1", USERS[0], None))
    assert (crash.recovered, crash.finding) == (
        False,
        "column extra.id is added; table extra is added; users holds 1 rows instead of 0",
    )
