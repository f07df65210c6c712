"""One migration after the other: whatever becomes of one, the next begins where a plain run would have it begin."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from surefoot.engine import api
from surefoot.engine.dialects.target import Target
from surefoot.engine.model import Folder
from surefoot.engine.prepare import Wish
from surefoot.engine.rehearsal.model import Phase, Rehearsed, Verdict
from surefoot.engine.rehearsal.stage import Held
from tests.databases import KINDS, Databases
from tests.engine.rehearsal.beds import Bed, Pairs, verdicts
from tests.engine.rehearsal.cases import migration
from tests.engine.rehearsal.conftest import MakeBed

pytestmark = pytest.mark.slow

USERS = ("CREATE TABLE users (id integer PRIMARY KEY, name varchar(50) NOT NULL);", "DROP TABLE users;")
# One migration for each verdict, twice over: each has to leave the same as a plain up, whatever its down did.
EVERY_END: Pairs = {
    "users": USERS,
    "seeds": ("INSERT INTO users VALUES (1001, 'root');", "DELETE FROM users WHERE id = 1001;"),
    "lossy": ("UPDATE users SET name = 'x';", "SELECT 1;"),
    "different": (
        "CREATE TABLE left_over (id integer PRIMARY KEY);\nCREATE TABLE gone (id integer PRIMARY KEY);",
        "DROP TABLE gone;",
    ),
    "no_down": ("CREATE TABLE extra (id integer PRIMARY KEY, note varchar(20));", None),
    "fails_down": (
        "ALTER TABLE extra ADD COLUMN more integer;",
        "ALTER TABLE extra DROP COLUMN more;\nDROP TABLE nix;",
    ),
    "after": ("ALTER TABLE extra ADD COLUMN last integer;", "ALTER TABLE extra DROP COLUMN last;"),
    "purge": ("DELETE FROM users;", "SELECT 1;"),
    "drops": ("DROP TABLE extra;", None),
    "fails_again": (
        "CREATE TABLE one (id integer PRIMARY KEY);\nCREATE TABLE two (id integer PRIMARY KEY);",
        "DROP TABLE two;",
    ),
    "last": ("CREATE TABLE last (id integer PRIMARY KEY);", "DROP TABLE last;"),
}
ENDS = {
    "users": "proven",
    "seeds": "proven",
    "lossy": "lossy",
    "different": "failing",
    "no_down": "irreversible",
    "fails_down": "failing",
    "after": "proven",
    "purge": "lossy",
    "drops": "irreversible",
    "fails_again": "failing",
    "last": "proven",
}


def fingerprints(target: Target, folder: Folder) -> list[tuple[str, str]]:
    """The schema's fingerprint before and after each migration of a plain run."""
    states = [target.snapshot().fingerprint]
    for step in folder.migrations:
        api.up(target, Held("", folder=folder), Wish(to=step.version))
        states.append(target.snapshot().fingerprint)
    return list(pairwise(states))


@pytest.mark.parametrize("kind", KINDS)
def test_each_begins_and_ends_where_a_plain_run_would(kind: str, make_bed: MakeBed, databases: Databases) -> None:
    bed = make_bed(kind)
    report = bed.rehearse(EVERY_END)
    assert verdicts(report) == ENDS
    assert not report.unreached
    with databases.fresh(kind, bed.path) as url, api.connect(url) as target:
        plain = fingerprints(target, bed.folder(EVERY_END).read())
    assert [(rehearsed.base, rehearsed.after) for rehearsed in report.migrations] == plain


def ask(bed: Bed, *steps: tuple[str, str | None], rows: int = 5, between: int = 3) -> list[Rehearsed]:
    """Rehearse these ups and downs one after the other."""
    with bed.trial(rows, between) as (_, trial):
        return [trial.rehearse(migration(str(number), up, down)) for number, (up, down) in enumerate(steps, 1)]


def test_a_down_that_failed_half_way_took_its_rows_from_no_later_trial(postgres18_bed: Bed) -> None:
    half = "DELETE FROM users;\nDROP INDEX CONCURRENTLY users_name;\nDROP TABLE nix;"
    # The index comes back, and the rows do not.
    half_back = "DELETE FROM users;\nREINDEX INDEX CONCURRENTLY users_name;\nDROP TABLE nix;"
    index = "CREATE INDEX users_name ON users (name);"
    for down in (half, half_back):
        _, failed, purge = ask(postgres18_bed, USERS, (index, down), ("DELETE FROM users;", "SELECT 1;"), between=0)
        assert (failed.verdict, purge.verdict) == (Verdict.FAILING, Verdict.LOSSY)


def test_more_rows_in_between_than_before_hide_no_loss(sqlite_bed: Bed, postgres18_bed: Bed) -> None:
    for bed in (sqlite_bed, postgres18_bed):
        _, purge = ask(bed, USERS, ("DELETE FROM users;", "SELECT 1;"), rows=2, between=9)
        assert (purge.verdict, purge.losses[0].of >= 2) == (Verdict.LOSSY, True)


def test_a_down_that_fails_only_with_rows_written_since_says_so(bed: Bed) -> None:
    down = "CREATE TABLE few (id integer CHECK (id > 999999));\nINSERT INTO few SELECT id FROM users;"
    made = (USERS[0], f"{down}\nDROP TABLE few;\nDROP TABLE users;")
    (rehearsed,) = ask(bed, made)
    assert rehearsed.failure is not None
    assert (rehearsed.failure.phase, rehearsed.failure.with_rows) == (Phase.DOWN, True)


def test_a_down_that_fails_anyhow_is_not_blamed_on_rows(bed: Bed) -> None:
    rehearsed = ask(bed, USERS, ("ALTER TABLE users ADD COLUMN x integer;", "DROP TABLE nix;"))[1]
    assert rehearsed.failure is not None
    assert (rehearsed.failure.phase, rehearsed.failure.with_rows) == (Phase.DOWN, False)


def test_an_up_for_empty_tables_only_is_no_proof_and_the_others_go_on(postgres_bed: Bed) -> None:
    report = postgres_bed.rehearse({
        "users": USERS,
        "x": ("ALTER TABLE users ADD COLUMN x integer NOT NULL;", "ALTER TABLE users DROP COLUMN x;"),
        "y": (
            "ALTER TABLE users ADD COLUMN y integer NOT NULL;",
            "ALTER TABLE users DROP COLUMN y;\nDROP TABLE nix;",
        ),
        "z": ("ALTER TABLE users ADD COLUMN z integer;", "ALTER TABLE users DROP COLUMN z;"),
    })  # fmt: skip
    assert verdicts(report) == {"users": "proven", "x": "failing", "y": "failing", "z": "proven"}
    _, x, y, _ = report.migrations
    assert x.failure is not None
    assert (x.failure.code, x.failure.line, x.failure.with_rows) == ("up-needs-empty-tables", 1, True)
    assert y.failure is not None
    assert (y.failure.phase, y.failure.with_rows) == (Phase.DOWN, False)


def test_an_up_that_needs_plain_rows_gets_them(postgres_bed: Bed) -> None:
    loose = ("CREATE TABLE notes (id integer PRIMARY KEY, note text);", "DROP TABLE notes;")
    strict = ("ALTER TABLE notes ALTER note SET NOT NULL;", "ALTER TABLE notes ALTER note DROP NOT NULL;")
    _, strict_one = ask(postgres_bed, loose, strict, rows=9)
    assert (strict_one.verdict, strict_one.rows > 0) == (Verdict.PROVEN, True)
    (warning,) = (item for item in strict_one.warnings if item.rule == "up-needs-other-rows")
    assert "that hold NULL" in warning.message


def test_an_up_that_runs_with_no_rows_at_all_fails_for_its_own_reason(postgres_bed: Bed) -> None:
    both = "ALTER TABLE users ADD COLUMN x integer NOT NULL;\nALTER TABLE users ADD COLUMN x integer;"
    failed = ask(postgres_bed, USERS, (both, None))[1]
    assert failed.failure is not None
    assert (failed.verdict, failed.failure.phase, failed.failure.line) == (Verdict.FAILING, Phase.UP, 2)
    assert "already exists" in failed.failure.message


def test_an_up_that_only_runs_with_rows_is_told_and_ends_the_rehearsal_well(postgres_bed: Bed) -> None:
    picky = "DO $$ BEGIN IF NOT EXISTS (SELECT FROM users) THEN RAISE 'no users'; END IF; END $$;"
    report = postgres_bed.rehearse({
        "users": USERS,
        "picky": (f"{picky}\nCREATE TABLE x (id int);", "DROP TABLE x;"),
        "purge": ("DELETE FROM users;", "SELECT 1;"),
        "later": ("CREATE TABLE y (id int);", "DROP TABLE y;"),
    })  # fmt: skip
    assert verdicts(report)["purge"] == "lossy"


def test_a_schema_that_depends_on_rows_is_compared_with_what_there_is(postgres_bed: Bed) -> None:
    odd = (
        "DO $$ BEGIN IF EXISTS (SELECT FROM users) THEN CREATE TABLE a (); ELSE CREATE TABLE b (); END IF; END $$;",
        "SELECT 1;",
    )
    later = ("CREATE TABLE later (id int);", "DROP TABLE later;")
    _, odd_one, later_one = ask(postgres_bed, USERS, odd, later)
    assert odd_one.verdict is Verdict.FAILING
    assert later_one.verdict is Verdict.PROVEN


def test_roles_that_are_missing_are_held_against_no_migration(make_bed: MakeBed) -> None:
    bed = replace(make_bed("sqlite"), kind="pg18")
    table = ("CREATE TABLE t (id int);", "DROP TABLE t;")
    granted = ("GRANT SELECT ON t TO app;", "REVOKE SELECT ON t FROM app;")
    revoked = ("ALTER TABLE t ADD x int;", "ALTER TABLE t DROP x;\nREVOKE SELECT ON t FROM reader;")
    again = ("ALTER TABLE t ADD y int;", "ALTER TABLE t DROP y;\nREVOKE SELECT ON t FROM reader;")
    lossy = ("DELETE FROM t;", "SELECT 1;")
    last = ("ALTER TABLE t ADD z int;", "ALTER TABLE t DROP z;")
    found = ask(bed, table, granted, revoked, lossy, again, last)
    assert [item.verdict.value for item in found] == ["proven", "proven", "proven", "lossy", "proven", "proven"]


def test_a_migration_that_needs_rows_is_gone_through_again_with_some(bed: Bed) -> None:
    picky = {
        "postgres": "DO $$ BEGIN PERFORM 1 / (SELECT least(count(*), 1) FROM users); END $$;",
        "mysql": "ALTER TABLE users ADD COLUMN c integer;\nINSERT INTO few SELECT count(*) FROM users;",
        "sqlite": "INSERT INTO few SELECT count(*) FROM users;",
    }[bed.dialect]
    few = ("CREATE TABLE few (n integer, CHECK (n > 0));", "DROP TABLE few;")
    found = ask(bed, USERS, few, (picky, "SELECT 1;"), ("DELETE FROM users;", "SELECT 1;"), ("SELECT 1;", "SELECT 1;"))
    assert [one.after != "" for one in found] == [True] * 5
    assert found[3].verdict is Verdict.LOSSY


# No row that somebody invents has the right sum.
PICKY = (
    "CREATE TABLE picky (id integer PRIMARY KEY, code integer CHECK (code * 7 - 3 = 123455));",
    "DROP TABLE picky;",
)


def not_filled(rehearsed: Rehearsed) -> list[str]:
    return [finding.level.value for finding in rehearsed.warnings if finding.rule == "not-filled"]


def test_a_table_that_nobody_can_fill_is_told_wherever_it_matters(bed: Bed) -> None:
    never = (PICKY[0].replace("code integer", "code integer NOT NULL"), PICKY[1])
    purge = ("DELETE FROM picky;", "SELECT 1;")
    grown = ("ALTER TABLE picky ADD COLUMN more integer;", "ALTER TABLE picky DROP COLUMN more;")
    found = ask(bed, never, USERS, purge, grown)
    # On MariaDB nobody knows which tables a statement wrote to.
    purged = [] if bed.kind == "mariadb" else ["warning"]
    assert [not_filled(one) for one in found] == [["warning"], [], purged, ["warning"]]


def test_a_table_that_can_be_filled_by_now_is(postgres18_bed: Bed) -> None:
    never = (PICKY[0].replace("code integer", "code integer NOT NULL"), PICKY[1])
    freed = (
        "ALTER TABLE picky DROP CONSTRAINT picky_code_check;",
        "ALTER TABLE picky ADD CONSTRAINT picky_code_check CHECK (code * 7 - 3 = 123455) NOT VALID;",
    )
    found = ask(postgres18_bed, never, freed, ("DELETE FROM picky;", "SELECT 1;"))
    assert not_filled(found[1]) == []
    assert found[2].verdict is Verdict.LOSSY
