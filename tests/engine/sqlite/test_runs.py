"""Whole runs on SQLite files, through the engine's own front door."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from surefoot.engine import api
from surefoot.engine.api import Project, Resolution, RunOptions, Wish
from surefoot.engine.dialects.target import Target
from surefoot.engine.events import Event, Retrying, StatementFinished, StatementStarted
from surefoot.engine.model import Direction, Timeouts
from surefoot.errors import Cancelled, Interrupted, LockTimeout, StatementFailed, TargetLocked
from tests.engine.sqlite.support import ENDLESS, write

PROCESSES = multiprocessing.get_context("spawn")
SHOP = {
    "up_1": "CREATE TABLE p (id integer PRIMARY KEY); CREATE TABLE c (id integer PRIMARY KEY, p REFERENCES p);",
    "down_1": "DROP TABLE c; DROP TABLE p;",
    "up_2": "INSERT INTO p VALUES (1); INSERT INTO c VALUES (7, 1);",
    "down_2": "DELETE FROM c; DELETE FROM p;",
    "up_3": "PRAGMA foreign_keys = OFF; CREATE TABLE n (id integer PRIMARY KEY, name text); INSERT INTO n (id) "
    "SELECT id FROM p; DROP TABLE p; ALTER TABLE n RENAME TO p; CREATE VIEW v AS SELECT * FROM p;",
    "down_3": "DROP VIEW v; ALTER TABLE p DROP COLUMN name;",
}


@pytest.fixture
def url(file: Path) -> str:
    """The URL of the file."""
    return f"sqlite:///{file}"


@pytest.fixture
def run_target(url: str) -> Iterator[Target]:
    """A session as the command line opens it."""
    with api.connect(url, timeouts=Timeouts(lock=0.1, lock_wait=30)) as opened:
        yield opened


@pytest.fixture
def shop(tmp_path: Path) -> Project:
    """Three migrations with their ways back."""
    return Project(write(tmp_path / "shop", **SHOP))


def live(target: Target, project: Project) -> list[str]:
    """The versions that are applied."""
    return [row.version for row in api.read_state(target, project).compared.live]


def test_up_down_and_redo(run_target: Target, shop: Project) -> None:
    assert api.up(run_target, shop).versions == ("1", "2", "3")
    schema = run_target.dump()
    assert run_target.query("SELECT id, p FROM c") == [(7, 1)]
    assert api.redo(run_target, shop).versions == ("3",)
    assert run_target.dump() == schema
    assert api.down(run_target, shop, Wish(to="0")).versions == ("3", "2", "1")
    assert run_target.dump() == ""
    assert live(run_target, shop) == []
    assert api.up(run_target, shop).versions == ("1", "2", "3")
    assert run_target.dump() == schema


def test_a_run_leaves_nothing_beside_the_database(run_target: Target, shop: Project, file: Path) -> None:
    api.up(run_target, shop)
    assert [path.name for path in file.parent.iterdir() if path.is_file()] == [file.name]


def test_projects_share_a_file(run_target: Target, shop: Project, tmp_path: Path) -> None:
    other = Project(write(tmp_path / "other", up_1="CREATE TABLE o (a)"), name="other")
    api.up(run_target, shop)
    api.up(run_target, other)
    assert live(run_target, shop) == ["1", "2", "3"]
    assert live(run_target, other) == ["1"]


def test_a_baseline_runs_nothing(run_target: Target, shop: Project) -> None:
    run_target.query("CREATE TABLE p (id integer PRIMARY KEY)")
    run_target.query("CREATE TABLE c (id integer PRIMARY KEY, p REFERENCES p)")
    api.baseline(run_target, shop, "1")
    assert live(run_target, shop) == ["1"]
    assert api.up(run_target, shop).versions == ("2", "3")


def test_a_step_that_fails_leaves_nothing(run_target: Target, tmp_path: Path) -> None:
    project = Project(write(tmp_path / "m", up_1="CREATE TABLE t (a);\nINSERT INTO t VALUES (1, 2);"))
    with pytest.raises(StatementFailed, match=r"1_step\.up\.sql:2: table t has 1 columns but 2 values"):
        api.up(run_target, project)
    assert run_target.dump() == ""
    assert live(run_target, project) == []


def test_a_step_that_leaves_rows_alone_is_refused(run_target: Target, shop: Project) -> None:
    api.up(run_target, shop)
    write(Path(shop.path), up_4="CREATE TABLE later (a); DELETE FROM p;")
    with pytest.raises(StatementFailed, match="1 rows of c without their parent in p"):
        api.up(run_target, shop)
    assert "later" not in run_target.dump()
    assert run_target.query("SELECT count(*) FROM p") == [(1,)]


def test_a_session_setting_ends_with_its_step(run_target: Target, tmp_path: Path) -> None:
    project = Project(
        write(
            tmp_path / "m",
            up_1="PRAGMA recursive_triggers = ON; CREATE TEMP TABLE scratch (a);",
            up_2="CREATE TABLE scratch (a);",
        )
    )
    api.up(run_target, project)
    assert "CREATE TABLE scratch" in run_target.dump()
    assert run_target.query("PRAGMA recursive_triggers") == [(0,)]


def test_vacuum_and_journal_mode_run_outside_a_transaction(run_target: Target, shop: Project) -> None:
    write(Path(shop.path), up_4="CREATE TABLE d (a); VACUUM; PRAGMA journal_mode = WAL; CREATE TABLE e (a);")
    plan = api.plan(run_target, shop, Direction.UP)
    assert [block.transactional for block in plan.steps[-1].blocks] == [True, False, False, True]
    api.up(run_target, shop)
    assert run_target.query("PRAGMA journal_mode") == [("wal",)]
    assert api.read_state(run_target, shop).journal == ()


def test_a_step_that_failed_half_way_goes_on_where_it_stopped(run_target: Target, tmp_path: Path) -> None:
    folder = write(tmp_path / "m", up_1="CREATE TABLE a (x); VACUUM; CREATE TABLE a (x);")
    project = Project(folder)
    with pytest.raises(StatementFailed, match="already exists"):
        api.up(run_target, project)
    assert "stopped half-way" in api.examine(run_target, project)[0].found
    write(folder, up_1="CREATE TABLE a (x); VACUUM; CREATE TABLE b (x);")
    api.up(run_target, project)
    assert "CREATE TABLE b" in run_target.dump()


def test_what_was_prepared_in_a_lost_session_is_not_made_up(run_target: Target, tmp_path: Path) -> None:
    folder = write(tmp_path / "m", up_1="CREATE TEMP TABLE s (x); VACUUM; INSERT INTO nowhere SELECT * FROM s;")
    with pytest.raises(StatementFailed):
        api.up(run_target, Project(folder))
    with pytest.raises(Interrupted, match="went with its session"):
        api.up(run_target, Project(folder))
    api.repair(run_target, Project(folder), Resolution.DISCARD)
    assert api.read_state(run_target, Project(folder)).journal == ()


def test_a_writer_is_waited_for_and_the_step_tried_again(
    run_target: Target, shop: Project, other: sqlite3.Connection
) -> None:
    api.up(run_target, shop, Wish(steps=1))
    other.execute("BEGIN IMMEDIATE")
    seen: list[Event] = []

    def told(event: Event) -> None:
        seen.append(event)
        if isinstance(event, Retrying):
            other.execute("ROLLBACK")

    assert api.up(run_target, shop, options=RunOptions(on_event=told)).versions == ("2", "3")
    retries = [event for event in seen if isinstance(event, Retrying)]
    assert len(retries) == 1
    assert "database is locked" in retries[0].reason


def test_a_writer_that_stays_is_waited_for_no_longer_than_the_bound(
    url: str, run_target: Target, shop: Project, other: sqlite3.Connection
) -> None:
    api.up(run_target, shop, Wish(steps=1))
    other.execute("BEGIN IMMEDIATE")
    with (
        api.connect(url, timeouts=Timeouts(lock=0.02, lock_wait=0.5)) as target,
        pytest.raises(LockTimeout, match=r"Tried \d+ times in 0.5 s"),
    ):
        api.up(target, shop)


def test_cancelling_ends_a_long_statement_and_leaves_nothing(run_target: Target, tmp_path: Path) -> None:
    project = Project(write(tmp_path / "m", up_1=f"CREATE TABLE t (a); INSERT INTO t {ENDLESS};"))
    options = RunOptions()
    timers: list[threading.Timer] = []

    def told(event: Event) -> None:
        if isinstance(event, StatementStarted) and event.position == 2:
            timers.append(threading.Timer(0.2, options.control.cancel))
            timers[0].start()

    with pytest.raises(Cancelled):
        api.up(run_target, project, options=RunOptions(on_event=told, control=options.control))
    timers[0].join()
    assert run_target.dump() == ""
    assert live(run_target, project) == []


def _up(url: str, folder: str, until: int) -> None:
    """Apply a folder; be killed after this many statements."""
    finished = 0

    def told(event: Event) -> None:
        nonlocal finished
        finished += isinstance(event, StatementFinished)
        if finished == until:
            os.kill(os.getpid(), signal.SIGKILL)

    with api.connect(url) as target:
        api.up(target, Project(folder), options=RunOptions(on_event=told))


@pytest.mark.parametrize("until", range(1, 12))
def test_a_killed_run_is_finished_by_the_next(url: str, shop: Project, tmp_path: Path, until: int) -> None:
    folder = write(Path(shop.path), up_4="CREATE TABLE d (a); VACUUM; CREATE TABLE e (a);")
    with api.connect(f"sqlite:///{tmp_path}/undisturbed.db") as undisturbed:
        api.up(undisturbed, shop)
        schema = undisturbed.dump()
    process = PROCESSES.Process(target=_up, args=(url, str(folder), until))
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    with api.connect(url) as target:
        api.up(target, shop)
        assert target.dump() == schema
        assert target.query("SELECT id, p FROM c") == [(7, 1)]
        assert live(target, shop) == ["1", "2", "3", "4"]


@pytest.mark.parametrize("count", [2, pytest.param(20, marks=pytest.mark.slow)])
def test_runners_at_the_same_time_apply_each_migration_once(url: str, shop: Project, count: int) -> None:
    processes = [PROCESSES.Process(target=_up, args=(url, str(shop.path), -1)) for _ in range(count)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0] * count
    with api.connect(url) as target:
        assert [row.version for row in api.read_state(target, shop).rows] == ["1", "2", "3"]


def test_a_runner_that_waits_in_vain_says_for_whom(url: str, run_target: Target, shop: Project) -> None:
    assert run_target.lock(shop.name)
    with (
        api.connect(url, timeouts=Timeouts(runner=0.1)) as second,
        pytest.raises(TargetLocked, match=rf"session {os.getpid()} .*surefoot on"),
    ):
        api.up(second, shop)
