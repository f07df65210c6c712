"""A whole rehearsal: what it begins with, how far it goes, what it leaves behind, and what it never touches."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from surefoot.engine import api
from surefoot.engine.dialects.shadow import Place
from surefoot.engine.model import Migration
from surefoot.engine.prepare import Wish
from surefoot.engine.rehearsal.model import Rehearsed
from surefoot.engine.rehearsal.rehearse import RehearsalOptions, rehearse
from surefoot.errors import ShadowFailed, StatementFailed, SurefootError, UnknownVersion, UsageError
from tests.databases import KINDS, Databases, postgres_bin
from tests.engine.rehearsal.beds import Bed, Pairs, verdicts
from tests.engine.rehearsal.conftest import MakeBed

pytestmark = pytest.mark.slow

USERS = ("CREATE TABLE users (id integer PRIMARY KEY, name varchar(50));", "DROP TABLE users;")
NOTE = ("ALTER TABLE users ADD COLUMN note varchar(20);", "ALTER TABLE users DROP COLUMN note;")
PURGE = ("DELETE FROM users;", "SELECT 1;")
PLACES = ("CREATE TABLE places (id integer PRIMARY KEY);", "DROP TABLE places;")
ALL: Pairs = {"users": USERS, "note": NOTE, "purge": PURGE, "places": PLACES}


def target_place(bed: Bed, url: str) -> Place:
    """A shadow of a target of this kind."""
    return replace(bed.place, target_url=url)


@contextmanager
def target(bed: Bed, databases: Databases) -> Iterator[str]:
    with databases.fresh(bed.kind, bed.path) as url:
        yield url


def versions(report_migrations: tuple[Rehearsed, ...]) -> list[str]:
    return [rehearsed.version for rehearsed in report_migrations]


def test_all_migrations_in_order_on_an_empty_database(bed: Bed) -> None:
    report = bed.rehearse(ALL)
    assert verdicts(report) == {"users": "proven", "note": "proven", "purge": "lossy", "places": "proven"}
    assert versions(report.migrations) == ["001", "002", "003", "004"]
    assert report.base == "an empty database"
    assert report.engine.split()[0] == {"mysql": "mariadb"}.get(bed.dialect, bed.dialect)
    for earlier, later in zip(report.migrations, report.migrations[1:], strict=False):
        assert earlier.after == later.base


def test_a_part_of_the_history(sqlite_bed: Bed) -> None:
    assert versions(sqlite_bed.rehearse(ALL, to="002").migrations) == ["001", "002"]
    later = sqlite_bed.rehearse(ALL, after="002")
    assert versions(later.migrations) == ["003", "004"]
    assert later.base == "an empty database with everything up to 002"
    assert verdicts(later)["purge"] == "lossy"
    assert versions(sqlite_bed.rehearse(ALL, after="001", to="003").migrations) == ["002", "003"]
    whole = sqlite_bed.rehearse(ALL).migrations
    assert [(one.base, one.after) for one in later.migrations] == [(one.base, one.after) for one in whole[2:]]
    assert sqlite_bed.rehearse(ALL, after="004").migrations == ()


def test_an_empty_folder_is_rehearsed_at_once(sqlite_bed: Bed) -> None:
    (sqlite_bed.path / "migrations").mkdir()
    assert sqlite_bed.rehearse({}).migrations == ()


@pytest.mark.parametrize("given", [{"to": "009"}, {"after": "009"}])
def test_a_version_that_is_not_there(sqlite_bed: Bed, given: dict[str, str]) -> None:
    with pytest.raises(UnknownVersion, match="009"):
        sqlite_bed.rehearse(ALL, **given)


def test_what_is_after_and_before_at_once_is_refused(sqlite_bed: Bed) -> None:
    with pytest.raises(UsageError, match="003 comes later"):
        sqlite_bed.rehearse(ALL, after="003", to="002")


def test_a_base_has_one_source(sqlite_bed: Bed, sqlite_url: str) -> None:
    place = replace(sqlite_bed.place, target_url=sqlite_url, copy_schema=True)
    with pytest.raises(UsageError, match="begins either after 001"):
        sqlite_bed.rehearse(ALL, after="001", place=place)


def test_a_migration_before_the_chosen_ones_that_does_not_run_is_an_error(bed: Bed) -> None:
    with pytest.raises(StatementFailed, match="nix"):
        bed.rehearse({"users": USERS, "bad": ("DROP TABLE nix;", None), "note": NOTE}, after="002")


def test_those_after_one_that_does_not_run_are_named(bed: Bed) -> None:
    report = bed.rehearse({"users": USERS, "bad": ("DROP TABLE nix;", "SELECT 1;"), "note": NOTE, "places": PLACES})
    assert verdicts(report) == {"users": "proven", "bad": "failing"}
    assert report.migrations[1].after == ""
    assert [finding.version for finding in report.unreached] == ["003", "004"]
    assert all("was not rehearsed" in finding.message and finding.hint for finding in report.unreached)


def test_a_file_with_a_syntax_error_fails_where_it_stands(bed: Bed) -> None:
    report = bed.rehearse({"users": USERS, "bad": ("SELECT 1;\nCREATE TABEL x (id integer);", None), "note": NOTE})
    failure = report.migrations[1].failure
    assert failure is not None
    assert (failure.path, failure.line) == ("002_bad.up.sql", 2)
    assert [finding.version for finding in report.unreached] == ["003"]


def test_the_pending_migrations_on_the_targets_own_schema(bed: Bed, databases: Databases) -> None:
    with target(bed, databases) as url:
        project = bed.folder(ALL)
        with api.connect(url) as session:
            api.up(session, project, Wish(to="002"))
            session.query("CREATE TABLE by_hand (id integer PRIMARY KEY)")
            session.query("INSERT INTO users VALUES (77, 'real', 'real')")
            if session.dialect != "sqlite":
                session.commit()
            fingerprint = session.snapshot().fingerprint
        place = replace(target_place(bed, url), copy_schema=True)
        report = rehearse(project, bed.options(place=place))
    assert verdicts(report) == {"purge": "lossy", "places": "proven"}
    assert report.migrations[0].base == fingerprint
    assert report.base.startswith("the schema of ")
    # The rows are generated; the real one is not among them.
    assert report.migrations[0].losses[0].of == RehearsalOptions().rows


def test_a_dump_may_be_the_base(bed: Bed, tmp_path: Path) -> None:
    dump = tmp_path / "dump.sql"
    dump.write_text("CREATE TABLE users (id integer PRIMARY KEY);\nINSERT INTO users VALUES (3);\n")
    place = replace(bed.place, dump=dump)
    report = bed.rehearse({"note": NOTE, "purge": PURGE}, place=place)
    assert verdicts(report) == {"note": "proven", "purge": "lossy"}
    assert report.base == "the dump dump.sql"


def test_without_rows_nothing_is_generated(bed: Bed) -> None:
    report = bed.rehearse(ALL, rows=0, written=0)
    assert {rehearsed.rows for rehearsed in report.migrations} == {0}
    assert verdicts(report)["purge"] == "proven"


def test_without_rows_written_in_between_a_down_that_minds_them_works(bed: Bed) -> None:
    made = {"users": (USERS[0], "INSERT INTO users SELECT 7 * id, name FROM users WHERE id < 0;\nDROP TABLE users;")}
    assert verdicts(bed.rehearse(made, written=0)) == {"users": "proven"}


def test_progress_is_told_before_and_after_each(sqlite_bed: Bed) -> None:
    told: list[tuple[int, int, str, str | None]] = []

    def note(position: int, total: int, migration: Migration, rehearsed: Rehearsed | None) -> None:
        told.append((position, total, migration.version, rehearsed.verdict.value if rehearsed else None))

    rehearse(sqlite_bed.folder({"users": USERS, "purge": PURGE}), sqlite_bed.options(), note)
    assert told == [(1, 2, "001", None), (1, 2, "001", "proven"), (2, 2, "002", None), (2, 2, "002", "lossy")]


def test_rows_may_come_from_a_file(bed: Bed, tmp_path: Path) -> None:
    seed = tmp_path / "seed.sql"
    seed.write_text("INSERT INTO users VALUES (1, 'one', 'a'), (2, 'two', NULL);\n")
    report = bed.rehearse(ALL, after="002", rows=0, seed=str(seed))
    assert verdicts(report)["purge"] == "lossy"
    assert report.migrations[0].losses[0].of == 2


def test_rows_may_come_from_a_database(bed: Bed, databases: Databases) -> None:
    with target(bed, databases) as url:
        with api.connect(url) as session:
            session.query("CREATE TABLE users (id integer PRIMARY KEY, name varchar(50), note varchar(20))")
            session.query("INSERT INTO users VALUES (1, 'one', 'x'), (2, 'two', 'y'), (3, 'three', 'z')")
            if session.dialect != "sqlite":
                session.commit()
        report = bed.rehearse(ALL, after="002", rows=0, seed=url)
    assert report.migrations[0].losses[0].of == 3


def test_seeded_rows_are_there_again_after_a_rewind(sqlite_bed: Bed, tmp_path: Path) -> None:
    seed = tmp_path / "seed.sql"
    seed.write_text("INSERT INTO users VALUES (1, 'one'), (2, 'two');\n")
    pairs = {
        "users": USERS,
        "lossy": ("UPDATE users SET name = 'x' WHERE id = 1;", "SELECT 1;"),
        "loses_two": ("DELETE FROM users WHERE id = 2;", "SELECT 1;"),
    }
    report = sqlite_bed.rehearse(pairs, after="001", rows=0, seed=str(seed))
    assert [(loss.rows, loss.of) for one in report.migrations for loss in one.losses] == [(1, 2), (1, 2)]


@pytest.mark.parametrize("stop", [KeyboardInterrupt, SurefootError("enough")])
def test_whatever_ends_it_nothing_is_left_behind(
    bed: Bed,
    databases: Databases,
    stop: Exception | type[KeyboardInterrupt],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    before = left_over(bed, tmp_path)

    def interrupt(position: int, _total: int, _migration: Migration, _rehearsed: Rehearsed | None) -> None:
        if position == 2:
            raise stop

    with pytest.raises((KeyboardInterrupt, SurefootError)):
        rehearse(bed.folder(ALL), bed.options(), interrupt)
    assert left_over(bed, tmp_path) == before


def left_over(bed: Bed, scratch: Path) -> list[str]:
    """The databases of the server, or the files of the scratch directory."""
    if bed.dialect == "sqlite":
        return sorted(path.name for path in scratch.glob("surefoot-*"))
    url = bed.place.shadow_url
    assert url is not None
    with api.connect(url) as session:
        sql = "SELECT datname FROM pg_database" if bed.dialect == "postgres" else "SHOW DATABASES"
        # Other tests' shadows come and go.
        ours = f"surefoot_shadow_{os.getpid()}" if bed.dialect == "postgres" else f"{os.getpid()}"
        return sorted(name for (name,) in session.query(sql) if ours in name)


def test_a_migration_that_ends_its_own_session_fails_and_the_report_stands(make_bed: MakeBed) -> None:
    dies = ("CREATE TABLE t (id integer);\nSELECT pg_terminate_backend(pg_backend_pid());", None)
    bed = replace(make_bed("sqlite"), kind="pg18", place=Place(postgres_bin=postgres_bin("pg18")))
    report = bed.rehearse({"users": USERS, "dies": dies, "places": PLACES})
    assert verdicts(report) == {"users": "proven", "dies": "failing"}
    failure = report.migrations[1].failure
    assert failure is not None
    assert (failure.code, "was lost" in failure.message) == ("connection-lost", True)


def test_a_server_that_dies_in_the_middle_is_told_and_nothing_is_left(
    monkeypatch: pytest.MonkeyPatch, make_bed: MakeBed, databases: Databases
) -> None:
    bed = replace(make_bed("sqlite"), kind="pg18", place=Place(postgres_bin=postgres_bin("pg18")))
    # The server's user gets in here.
    scratch = databases.root / f"scratch-{os.getpid()}"
    scratch.mkdir(mode=0o755)
    monkeypatch.setattr("tempfile.tempdir", str(scratch))

    def kill(position: int, _total: int, _migration: Migration, rehearsed: Rehearsed | None) -> None:
        if position == 2 and rehearsed is None:
            (pid_file,) = scratch.glob("*/*/postmaster.pid")
            os.kill(int(pid_file.read_text().split()[0]), signal.SIGKILL)

    with pytest.raises(ShadowFailed, match="The shadow database went away: ") as caught:
        rehearse(bed.folder(ALL), bed.options(), kill)
    assert caught.value.hint.startswith("Nothing else was touched.")
    assert list(scratch.iterdir()) == []


def dump_of(url: str) -> bytes | list[object]:
    """All that the database holds: schema, rows, history."""
    if url.startswith("sqlite"):
        return Path(url.removeprefix("sqlite:///")).read_bytes()
    with api.connect(url) as session:
        tables = [str(name) for (name,) in session.query(TABLES[session.dialect])]
        rows = [(name, sorted(map(str, session.query(f"SELECT * FROM {name}")))) for name in sorted(tables)]
        return [session.dump(), session.snapshot().objects, rows]


TABLES = {
    "postgres": "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables "
    "WHERE schemaname NOT IN ('pg_catalog', 'information_schema')",
    "mysql": "SELECT table_name FROM information_schema.tables WHERE table_schema = database()",
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("beside", [False, True])
def test_the_target_is_only_read(kind: str, beside: bool, make_bed: MakeBed, databases: Databases) -> None:
    bed = make_bed(kind)
    with target(bed, databases) as url:
        project = bed.folder({**ALL, "no_down": ("DROP TABLE places;", None)})
        with api.connect(url) as session:
            api.up(session, project, Wish(to="002"))
            session.query("INSERT INTO users VALUES (77, 'real', 'real')")
            if session.dialect != "sqlite":
                session.commit()
        before = dump_of(url)
        place = replace(target_place(bed, url), copy_schema=True)
        place = replace(place, shadow_url=None, beside=True) if beside else place
        report = rehearse(project, bed.options(place=place, failures="all", seed=url))
        assert verdicts(report) == {"purge": "lossy", "places": "proven", "no_down": "irreversible"}
        assert dump_of(url) == before
