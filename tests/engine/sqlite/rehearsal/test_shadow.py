"""Shadow files: made, kept, gone, and never near another file."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from surefoot.engine import api
from surefoot.engine.dialects.shadow import Place
from surefoot.engine.dialects.sqlite.lock import RunnerLock
from surefoot.engine.dialects.sqlite.shadow import SqliteShadow
from surefoot.engine.open import connect
from surefoot.engine.prepare import Project
from surefoot.engine.snapshot import compare
from surefoot.errors import ShadowFailed, StatementFailed, Unreachable
from tests.engine.sqlite.support import statement, write

SCHEMA = """
CREATE TABLE customers (id integer PRIMARY KEY AUTOINCREMENT, email text UNIQUE CHECK (email <> ''));
CREATE VIEW later AS SELECT * FROM orders;
CREATE TABLE orders (id integer PRIMARY KEY, customer integer REFERENCES customers, note text);
CREATE INDEX orders_customer ON orders (customer);
CREATE VIRTUAL TABLE search USING fts5(note, content = 'orders', content_rowid = 'id');
CREATE TRIGGER orders_note AFTER INSERT ON orders BEGIN
    INSERT INTO search (rowid, note) VALUES (new.id, new.note);
END;
CREATE TRIGGER later_insert INSTEAD OF INSERT ON later BEGIN SELECT 1; END;
INSERT INTO customers (email) VALUES ('ada@example.com');
INSERT INTO orders (customer, note) VALUES (1, 'hello');
PRAGMA user_version = 12;
PRAGMA application_id = 34;
ANALYZE;
"""


def make_real(path: Path, *before: str) -> str:
    """A target with a schema, some rows, and a history of its own; its URL."""
    url = f"sqlite:///{path}"
    with closing(sqlite3.connect(path)) as connection:
        for sql in before:
            connection.execute(sql)
        connection.executescript(SCHEMA)
    with connect(url) as target:
        api.up(target, Project(str(write(path.with_suffix(".m"), up_1="CREATE TABLE more (a)"))))
    return url


def seen(path: Path) -> dict[str, bytes]:
    """Every file beside the target, and what is in it."""
    return {each.name: each.read_bytes() for each in path.parent.iterdir() if each.is_file()}


@pytest.mark.parametrize("journal", ["delete", "wal", "persist"])
def test_a_copy_has_the_schema_of_the_target_and_leaves_it_alone(tmp_path: Path, journal: str) -> None:
    path = tmp_path / "real" / "app.db"
    path.parent.mkdir()
    url = make_real(path, f"PRAGMA journal_mode = {journal}", "PRAGMA encoding = 'UTF-16le'", "PRAGMA page_size = 8192")
    with connect(url) as target:
        real = target.snapshot()
    before = seen(path)
    shadow = SqliteShadow(Place(target_url=url, copy_schema=True))
    shadow.open()
    copied = shadow.snapshot()
    assert compare(real, copied).differences == ()
    assert copied.fingerprint == real.fingerprint
    assert {held.count for held in shadow.read_rows().values()} == {0}
    assert not shadow.target.has_history()
    shadow.close()
    assert seen(path) == before


def test_a_wal_that_a_crash_left_is_read_and_stays(tmp_path: Path) -> None:
    path = tmp_path / "real" / "app.db"
    path.parent.mkdir()
    program = f"""
import os, sqlite3
c = sqlite3.connect({str(path)!r}, isolation_level=None)
c.execute("PRAGMA journal_mode = wal")
c.execute("CREATE TABLE t (a)")
os._exit(0)
"""
    subprocess.run([sys.executable, "-c", program], check=True)
    before = {name: data for name, data in seen(path).items() if not name.endswith("-shm")}
    assert set(before) == {"app.db", "app.db-wal"}
    shadow = SqliteShadow(Place(target_url=f"sqlite:///{path}", copy_schema=True))
    shadow.open()
    assert "t" in shadow.snapshot().orders
    shadow.close()
    assert {name: data for name, data in seen(path).items() if not name.endswith("-shm")} == before


def test_an_empty_shadow_is_laid_out_as_the_target_is(tmp_path: Path) -> None:
    url = make_real(tmp_path / "app.db", "PRAGMA journal_mode = wal", "PRAGMA page_size = 8192")
    shadow = SqliteShadow(Place(target_url=url))
    shadow.open()
    with connect(url) as target:
        kinds = {each.key.kind for each in compare(target.snapshot(), shadow.snapshot()).differences}
        pragmas = {str(each.key) for each in compare(target.snapshot(), shadow.snapshot()).differences}
    assert shadow.snapshot().orders == {}
    assert "table" in kinds
    assert {name for name in pragmas if name.startswith("pragma")} == {"pragma user_version", "pragma application_id"}
    shadow.close()


def test_a_target_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    shadow = SqliteShadow(Place(target_url=f"sqlite:///{tmp_path}/none.db", copy_schema=True))
    shadow.open()
    assert shadow.snapshot().orders == {}
    shadow.close()
    assert not (tmp_path / "none.db").exists()


def test_a_target_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "app.db").write_text("not a database, and long enough to be taken for one" * 30)
    shadow = SqliteShadow(Place(target_url=f"sqlite:///{tmp_path}/app.db", copy_schema=True))
    with pytest.raises(Unreachable, match=r"app\.db cannot be used: file is not a database"):
        shadow.open()
    shadow.close()


def test_a_schema_that_needs_the_applications_own_functions_says_so(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "app.db")) as connection:
        connection.create_function("slug", 1, str, deterministic=True)
        connection.execute("CREATE TABLE t (a)")
        connection.execute("CREATE INDEX t_slug ON t (slug(a))")
    shadow = SqliteShadow(Place(target_url=f"sqlite:///{tmp_path}/app.db", copy_schema=True))
    with pytest.raises(ShadowFailed, match=r"index t_slug .* no such function: slug") as failed:
        shadow.open()
    assert "--from empty" in failed.value.hint
    shadow.close()


def test_a_dump_of_the_shell_is_a_beginning(tmp_path: Path) -> None:
    url = make_real(tmp_path / "app.db")
    with closing(sqlite3.connect(tmp_path / "app.db")) as connection:
        connection.executescript("DROP TRIGGER orders_note; DROP TABLE search")
        (tmp_path / "app.sql").write_text("\n".join(connection.iterdump()))
    shadow = SqliteShadow(Place(dump=tmp_path / "app.sql"))
    shadow.open()
    with connect(url) as target:
        differences = compare(target.snapshot(), shadow.snapshot()).differences
    # The shell's dump has the numbers of the file not.
    assert {str(each.key) for each in differences} == {"pragma user_version", "pragma application_id"}
    assert shadow.read_rows(["customers"])["customers"].rows == (("1", "'ada@example.com'"),)
    assert shadow.notes == ("Surefoot's own tables of the dump were left out.",)
    assert not shadow.target.has_history()
    shadow.close()


def test_a_dump_with_a_full_text_index_is_as_the_shell_writes_it(tmp_path: Path) -> None:
    (tmp_path / "app.sql").write_text(
        """PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
PRAGMA writable_schema=ON;
INSERT INTO sqlite_schema(type,name,tbl_name,rootpage,sql)VALUES
('table','f','f',0,'CREATE VIRTUAL TABLE f USING fts5(x)');
CREATE TABLE IF NOT EXISTS 'f_data'(id INTEGER PRIMARY KEY, block BLOB);
INSERT INTO f_data VALUES(1,X'0101');
INSERT INTO f_data VALUES(10,X'000000000101010001010101');
INSERT INTO f_data VALUES(137438953473,X'0000000e04306f6e65010203');
CREATE TABLE IF NOT EXISTS 'f_idx'(segid, term, pgno, PRIMARY KEY(segid, term)) WITHOUT ROWID;
INSERT INTO f_idx VALUES(1,X'',2);
CREATE TABLE IF NOT EXISTS 'f_content'(id INTEGER PRIMARY KEY, c0);
INSERT INTO f_content VALUES(1,'one');
CREATE TABLE IF NOT EXISTS 'f_docsize'(id INTEGER PRIMARY KEY, sz BLOB);
INSERT INTO f_docsize VALUES(1,X'01');
CREATE TABLE IF NOT EXISTS 'f_config'(k PRIMARY KEY, v) WITHOUT ROWID;
INSERT INTO f_config VALUES('version',4);
PRAGMA writable_schema=OFF;
COMMIT;
"""
    )
    shadow = SqliteShadow(Place(dump=tmp_path / "app.sql"))
    shadow.open()
    assert shadow.snapshot().orders == {"f": ("x",)}
    assert shadow.read_rows()["f"].rows == (("1", "'one'", "'database disk image is malformed'"),)
    shadow.close()


def test_a_dump_that_does_not_run_names_the_line(tmp_path: Path) -> None:
    (tmp_path / "app.sql").write_text("CREATE TABLE t (a);\n\nCREATE INDEX i ON nix (a);")
    shadow = SqliteShadow(Place(dump=tmp_path / "app.sql"))
    with pytest.raises(ShadowFailed, match=r"app\.sql:3: no such table: main\.nix"):
        shadow.open()
    shadow.close()


def test_a_shadow_goes_back_to_what_was_kept_as_often_as_asked(shadow: SqliteShadow) -> None:
    shadow.target.query("CREATE TABLE t (a)")
    shadow.target.query("INSERT INTO t VALUES (1)")
    shadow.save()
    kept = shadow.snapshot()
    for sql in ("DROP TABLE t", "PRAGMA journal_mode = wal", "PRAGMA user_version = 9", "CREATE TEMP TABLE x (a)"):
        shadow.target.query(sql)
        old = shadow.target
        shadow.restore()
        assert shadow.target is not old
        assert shadow.snapshot() == kept
        assert shadow.read_rows()["t"].rows == (("1",),)
    shadow.target.query("INSERT INTO t VALUES (2)")
    shadow.save()
    shadow.target.query("DELETE FROM t")
    shadow.restore()
    assert shadow.read_rows()["t"].rows == (("1",), ("2",))


def test_a_migration_may_enter_and_leave_wal_mode(shadow: SqliteShadow) -> None:
    for mode in ("wal", "delete"):
        shadow.snapshot()
        assert shadow.target.query(f"PRAGMA journal_mode = {mode}") == [(mode,)]
    shadow.target.query("PRAGMA journal_mode = wal")
    shadow.snapshot()
    shadow.read_rows()
    assert shadow.target.query("PRAGMA journal_mode = delete") == [("delete",)]


def test_nothing_is_left_of_a_closed_shadow(shadow: SqliteShadow, shadows: Path) -> None:
    assert len(list(shadows.iterdir())) == 1
    shadow.save()
    shadow.close()
    assert list(shadows.iterdir()) == []
    shadow.close()


def test_the_shadow_of_a_process_in_another_container_stays(shadows: Path) -> None:
    directory = shadows / f"surefoot-shadow-sqlite-{2**22 + 1}-x"
    directory.mkdir()
    (directory / "shadow.db").touch()
    lock = RunnerLock(directory / "shadow.db", "life")
    assert lock.take()
    with closing(SqliteShadow(Place())) as other:
        other.open()
        assert directory.exists()
    lock.give_back()
    with closing(SqliteShadow(Place())) as other:
        other.open()
        assert not directory.exists()


def test_what_a_killed_rehearsal_left_is_cleared_away(shadows: Path) -> None:
    program = """
import os, signal
from surefoot.engine.dialects.shadow import Place
from surefoot.engine.dialects.sqlite.shadow import SqliteShadow
shadow = SqliteShadow(Place())
shadow.open()
os.kill(os.getpid(), signal.SIGKILL)
"""
    killed = subprocess.run([sys.executable, "-c", program], check=False, env={**os.environ, "TMPDIR": str(shadows)})
    assert killed.returncode == -signal.SIGKILL
    (left,) = shadows.iterdir()
    other, running = SqliteShadow(Place()), SqliteShadow(Place())
    running.open()
    other.open()
    assert not left.exists()
    assert len(list(shadows.iterdir())) == 2
    other.close()
    running.close()


@pytest.mark.parametrize(
    "sql",
    [
        "ATTACH 'other.db' AS other",
        "ATTACH DATABASE 'file::memory:?cache=shared' AS other",
        "ATTACH 'a' || '.db' AS other",
        'ATTACH "other.db" AS other',
        "VACUUM INTO 'other.db'",
        "VACUUM main INTO 'other' || '.db'",
        "SELECT load_extension('./evil.so')",
    ],
)
def test_statements_that_would_leave_the_shadow_are_refused_and_denied(shadow: SqliteShadow, sql: str) -> None:
    with pytest.raises(ShadowFailed, match=r"1_test\.up\.sql:1: ") as refused:
        shadow.check([statement("SELECT 1"), statement(sql)])
    assert refused.value.details["line"] == 1
    with pytest.raises(StatementFailed, match=r"not authorized|authorization denied|no such function"):
        shadow.target.execute(statement(sql))


@pytest.mark.parametrize(
    "sql", ["ATTACH ':memory:' AS other", "ATTACH DATABASE '' AS other", "VACUUM", "SELECT 1 AS x"]
)
def test_what_stays_inside_runs(shadow: SqliteShadow, sql: str) -> None:
    shadow.check([statement(sql)])
    shadow.target.execute(statement(sql))


def test_a_preamble_cannot_reach_another_file_either() -> None:
    shadow = SqliteShadow(Place(preamble=("ATTACH 'other.db' AS other",)))
    with pytest.raises(ShadowFailed, match="ATTACH would open another database file"):
        shadow.open()
    shadow.close()


def test_a_server_for_shadows_is_not_needed_and_that_is_said() -> None:
    shadow = SqliteShadow(Place(shadow_url="postgresql://localhost/x"))
    shadow.open()
    assert shadow.notes == ("shadow_url is not used: a shadow of SQLite is a file in a private directory.",)
    shadow.close()
