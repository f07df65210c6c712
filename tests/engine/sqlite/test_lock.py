"""The runner lock of a database file."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from surefoot.engine.dialects.sqlite.lock import RunnerLock
from surefoot.engine.dialects.sqlite.target import SqliteTarget
from surefoot.engine.open import connect
from surefoot.errors import Unreachable
from tests.engine.sqlite.conftest import Open

HOLD = """
import sys
from surefoot.engine.open import connect
with connect(sys.argv[1]) as target:
    print(target.lock("default"), flush=True)
    sys.stdin.read()
"""


def test_a_second_session_does_not_get_the_lock_and_learns_who_has_it(open_target: Open) -> None:
    first, second = open_target(), open_target()
    assert first.lock("default")
    assert not second.lock("default")
    (holder,) = second.lock_holders("default")
    assert holder.pid == os.getpid()
    assert "surefoot on" in holder.application
    first.unlock()
    assert second.lock("default")


def test_projects_have_locks_of_their_own(open_target: Open) -> None:
    first, second = open_target(), open_target()
    assert first.lock("shop")
    assert second.lock("shop/billing %")


def test_closing_the_session_gives_the_lock_back_and_leaves_no_file(open_target: Open, tmp_path: Path) -> None:
    first, second = open_target(), open_target()
    first.lock("default")
    first.close()
    assert second.lock("default")
    second.unlock()
    assert list(tmp_path.glob("*surefoot*")) == []


def test_the_lock_is_the_same_through_a_symbolic_link(open_target: Open, file: Path, tmp_path: Path) -> None:
    first = open_target()
    assert first.lock("default")
    link = tmp_path / "link.db"
    link.symlink_to(file)
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, f"sqlite:///{link}"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.communicate()[0] == "False\n"


def test_the_lock_dies_with_its_process(target: SqliteTarget, file: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, f"sqlite:///{file}"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "True\n"
        assert not target.lock("default")
        assert [holder.pid for holder in target.lock_holders("default")] == [process.pid]
        process.kill()
        process.wait()
        assert Path(f"{file}.default.surefoot.lock").exists()
        assert target.lock_holders("default") == ()
        assert target.lock("default")


def test_a_lock_file_without_a_name_in_it_names_nobody(target: SqliteTarget, file: Path) -> None:
    lock = RunnerLock(file, "default")
    assert lock.holders() == ()
    assert lock.take()
    Path(f"{file}.default.surefoot.lock").write_text("{}")
    assert RunnerLock(file, "default").holders() == ()
    lock.give_back()


def test_asking_who_has_the_lock_of_an_absent_database_creates_nothing(tmp_path: Path) -> None:
    with connect(f"sqlite:///{tmp_path}/none.db") as target:
        assert target.lock_holders("default") == ()
    assert list(tmp_path.iterdir()) == []


def test_a_lock_file_that_cannot_be_made_is_named(target: SqliteTarget, file: Path) -> None:
    Path(f"{file}.default.surefoot.lock").mkdir()
    with pytest.raises(Unreachable, match=r"default\.surefoot\.lock cannot be made") as refused:
        target.lock("default")
    assert "permissions" in refused.value.hint
