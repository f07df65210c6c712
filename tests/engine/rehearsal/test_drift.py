"""What changed by hand since the last run, on each kind of database, against a record and against the history."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from surefoot.engine import api
from surefoot.engine.dialects.target import Target
from surefoot.engine.prepare import Project, Wish
from surefoot.engine.rehearsal.drift import Drift, drift, pack, record, unpack
from surefoot.engine.snapshot import Snapshot
from surefoot.errors import Refused, StatementFailed
from tests.databases import Databases
from tests.engine.rehearsal.beds import Bed, Pairs

pytestmark = pytest.mark.slow

USERS: Pairs = {
    "users": ("CREATE TABLE users (id integer PRIMARY KEY, name varchar(50) NOT NULL);", "DROP TABLE users;"),
    "index": ("CREATE INDEX users_name ON users (name);", "DROP INDEX users_name;"),
}
HANDS = {
    "CREATE INDEX by_hand ON users (name, id)": ["added: index by_hand"],
    "ALTER TABLE users ADD COLUMN extra integer": ["added: column users.extra"],
    "CREATE TABLE more (id integer PRIMARY KEY)": ["added: table more"],
    "DROP TABLE users": ["removed: table users", "removed: index users_name", "removed: column users.name"],
    "DROP INDEX users_name": ["removed: index users_name"],
    "CREATE VIEW seen AS SELECT id FROM users": ["added: view seen"],
}
ONLY = {
    "postgres": {
        "GRANT SELECT ON users TO PUBLIC": ["privilege"],
        "COMMENT ON COLUMN users.name IS 'a name'": ["added: comment"],
        "ALTER TABLE users ALTER name DROP NOT NULL": ["column users.name"],
        "ALTER TABLE users ALTER name TYPE text": ["changed: column users.name"],
    },
    "mysql": {
        "ALTER TABLE users MODIFY name varchar(60) NOT NULL": ["changed: column users.name"],
        "ALTER TABLE users COMMENT 'hand'": ["changed: table users"],
    },
    "sqlite": {},
}
MYSQL_DROP = {"DROP INDEX users_name": "DROP INDEX users_name ON users"}


@contextmanager
def applied(bed: Bed, databases: Databases, pairs: Pairs = USERS) -> Iterator[tuple[Target, Project]]:
    """A target on which everything is applied and recorded."""
    project = bed.folder(pairs)
    with databases.fresh(bed.kind, bed.path) as url, api.connect(url) as target:
        record(target, project, api.up(target, project).run_id)
        yield target, project


def by_hand(target: Target, sql: str) -> None:
    target.query(sql)
    if target.dialect != "sqlite":
        target.commit()


def look(bed: Bed, target: Target, project: Project, expected: str = "auto") -> Drift:
    return drift(target, project, bed.dialect, bed.place, expected)


def told(found: Drift) -> str:
    """Each difference; names without their schema."""
    lines = (f"{item.change}: {item.key}" for item in found.differences)
    return "\n".join(line.replace("public.", "").replace("users.users_name", "users_name") for line in lines)


@pytest.mark.parametrize("expected", ["recorded", "replay"])
def test_nothing_drifted(expected: str, bed: Bed, databases: Databases) -> None:
    with applied(bed, databases) as (target, project):
        found = look(bed, target, project, expected)
        assert (found.differences, found.target) == ((), target.label)
        assert found.expected.startswith("recorded at " if expected == "recorded" else "2 applied migrations, replayed")


def test_what_a_hand_did_is_found_with_its_sign(bed: Bed, databases: Databases) -> None:
    for sql, expected in {**HANDS, **ONLY[bed.dialect]}.items():
        with applied(bed, databases) as (target, project):
            by_hand(target, MYSQL_DROP.get(sql, sql) if bed.dialect == "mysql" else sql)
            recorded = told(look(bed, target, project))
            for line in expected:
                assert line.replace("index by_hand", "index ") in recorded, sql
            assert look(bed, target, project, "replay").differences != ()


def test_a_replay_finds_the_same_as_a_record(bed: Bed, databases: Databases) -> None:
    with applied(bed, databases) as (target, project):
        by_hand(target, "ALTER TABLE users ADD COLUMN extra integer")
        by_hand(target, "CREATE TABLE more (id integer PRIMARY KEY)")
        recorded, replayed = look(bed, target, project), look(bed, target, project, "replay")
        assert told(recorded) == told(replayed)
        assert "added: column users.extra" in told(recorded)


def test_the_target_is_only_read(bed: Bed, databases: Databases) -> None:
    with applied(bed, databases) as (target, project):
        by_hand(target, "INSERT INTO users VALUES (1, 'one')")
        history = api.open_history(target, project)
        before = (target.snapshot(), history.read(), history.recorded_schema(), target.query("SELECT * FROM users"))
        look(bed, target, project, "replay")
        look(bed, target, project)
        assert before == (
            target.snapshot(),
            history.read(),
            history.recorded_schema(),
            target.query("SELECT * FROM users"),
        )


def test_roles_and_settings_of_the_server_are_no_drift(postgres_bed: Bed, databases: Databases) -> None:
    with applied(postgres_bed, databases) as (target, project):
        name = f"drift_{target.query('SELECT current_database()')[0][0]}"
        by_hand(target, f"CREATE ROLE {name}")
        by_hand(target, f"COMMENT ON ROLE {name} IS 'noise'")
        try:
            assert told(look(postgres_bed, target, project)) == ""
            assert told(look(postgres_bed, target, project, "replay")) == ""
        finally:
            by_hand(target, f"DROP ROLE {name}")


def test_what_was_rolled_back_is_not_expected(bed: Bed, databases: Databases) -> None:
    index = "DROP INDEX users_name ON users;" if bed.dialect == "mysql" else "DROP INDEX users_name;"
    with applied(bed, databases, {**USERS, "index": (USERS["index"][0], index)}) as (target, project):
        api.down(target, project)
        found = look(bed, target, project)
        assert found.expected.startswith("1 applied migration, replayed")
        assert told(found) == ""


def test_a_record_that_is_older_than_the_last_run_is_not_believed(bed: Bed, databases: Databases) -> None:
    pairs = {**USERS, "more": ("CREATE TABLE more (id integer PRIMARY KEY);", None), "bad": ("DROP TABLE nix;", None)}
    with applied(bed, databases) as (target, project):
        bed.folder(pairs)
        with pytest.raises(StatementFailed):
            api.up(target, project)
        target.rollback()
        found = look(bed, target, project)
        assert found.expected.startswith("3 applied migrations, replayed")
        assert "more" not in told(found)
        with pytest.raises(Refused, match="An older run's schema is recorded"):
            look(bed, target, project, "recorded")


def test_a_step_that_stopped_half_way_is_told(mariadb_bed: Bed, databases: Databases) -> None:
    pairs = {"half": ("CREATE TABLE half (id integer);\nDROP TABLE nix;", None)}
    with applied(mariadb_bed, databases, {"users": USERS["users"]}) as (target, project):
        mariadb_bed.folder({"users": USERS["users"], **pairs})
        with pytest.raises(StatementFailed):
            api.up(target, project)
        found = look(mariadb_bed, target, project)
        assert "added: table half" in told(found)
        assert found.notes == ("002 stopped half-way: what it did so far counts as drift",)


def test_another_projects_tables_are_told(sqlite_bed: Bed, databases: Databases) -> None:
    with applied(sqlite_bed, databases) as (target, project):
        other = replace(project, name="other")
        (sqlite_bed.path / "migrations" / "001_users.up.sql").write_text("CREATE TABLE theirs (id integer);")
        (sqlite_bed.path / "migrations" / "002_index.up.sql").write_text("SELECT 1;")
        api.up(target, other)
        found = look(sqlite_bed, target, project)
        assert found.notes == ("what other projects made here counts as drift: other",)
        assert "added: table theirs" in told(found)


def test_nothing_applied_expects_nothing(bed: Bed, databases: Databases) -> None:
    project = bed.folder(USERS)
    with databases.fresh(bed.kind, bed.path) as url, api.connect(url) as target:
        for expected in ("auto", "replay"):
            with pytest.raises(Refused, match="Nothing is applied here"):
                look(bed, target, project, expected)
        with pytest.raises(Refused, match="No schema is recorded"):
            look(bed, target, project, "recorded")
        assert not target.has_history()


def test_a_baseline_is_expected_as_well(bed: Bed, databases: Databases) -> None:
    project = bed.folder(USERS)
    with databases.fresh(bed.kind, bed.path) as url, api.connect(url) as target:
        by_hand(target, "CREATE TABLE users (id integer PRIMARY KEY, name varchar(50) NOT NULL)")
        api.baseline(target, project, "002")
        assert "removed: index" in told(look(bed, target, project))


def older_comparison(data: bytes) -> bytes:
    plain = json.loads(zlib.decompress(data))
    return zlib.compress(json.dumps({**plain, "comparison": 0}).encode())


def test_a_record_of_an_older_comparison_is_refused(bed: Bed, databases: Databases) -> None:
    with applied(bed, databases) as (target, project):
        history = api.open_history(target, project)
        kept = history.recorded_schema()
        assert kept is not None
        target.begin(clean=True)
        history.record_schema(older_comparison(kept[0]), "run")
        target.commit()
        with pytest.raises(Refused, match="made by comparison 0") as caught:
            look(bed, target, project)
        assert "--expected replay" in caught.value.hint
        assert look(bed, target, project, "replay").differences == ()


def test_a_record_of_another_major_version_is_refused(postgres18_bed: Bed, databases: Databases) -> None:
    with applied(postgres18_bed, databases) as (target, project):
        target.begin(clean=True)
        older = replace(target.snapshot(), engine="postgres 16")
        api.open_history(target, project).record_schema(pack(older), "run")
        target.commit()
        with pytest.raises(Refused, match=r"recorded on postgres 16, and .* is postgres 18 now"):
            look(postgres18_bed, target, project)


def test_a_history_of_the_first_format_has_no_record(bed: Bed, databases: Databases) -> None:
    with applied(bed, databases) as (target, project):
        by_hand(target, f"DROP TABLE {target.table('schema')}")
        by_hand(target, f"DELETE FROM {target.table('format')} WHERE version = 2")
        assert look(bed, target, project).expected.startswith("2 applied migrations, replayed")
        with pytest.raises(Refused, match="No schema is recorded"):
            look(bed, target, project, "recorded")
        # The next run brings it to this version, and its schema is recorded.
        api.up(target, project, Wish())
        bed.folder({**USERS, "last": ("CREATE TABLE last (id integer);", None)})
        record(target, project, api.up(target, project).run_id)
        assert look(bed, target, project).expected.startswith("recorded at")


def test_a_snapshot_survives_being_packed(bed: Bed, databases: Databases) -> None:
    with applied(bed, databases) as (target, _):
        snapshot = target.snapshot()
    again = unpack(pack(snapshot))
    assert isinstance(again, Snapshot)
    assert (again, again.fingerprint) == (snapshot, snapshot.fingerprint)
