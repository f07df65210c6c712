"""What killed rehearsals leave behind is cleared away by the next one; what living ones use is not touched."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict

from surefoot.engine.dialects.postgres.shadow import home
from surefoot.engine.dialects.postgres.shadow.home import Home, clear_abandoned
from tests.databases import alive
from tests.engine.postgres.shadow.conftest import Open, Server, run

CHILD = """
import os, signal, sys
from surefoot.engine.dialects.postgres.shadow import PostgresShadow
from surefoot.engine.dialects.shadow import Place
shadow = PostgresShadow(Place(shadow_url=sys.argv[1] or None))
shadow.open()
shadow.save()
print(shadow.target.connection.info.dsn, flush=True)
os.kill(os.getpid(), getattr(signal, sys.argv[2]))
signal.pause()
"""


def child(url: str, how: str = "SIGKILL") -> dict[str, str]:
    """Run a rehearsal that a signal ends in the middle; where its database was."""
    done = subprocess.run(
        [sys.executable, "-c", CHILD, url, how], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode != 0, done.stderr
    return {key: str(value) for key, value in conninfo_to_dict(done.stdout.strip()).items()}


def test_the_server_of_a_killed_rehearsal_is_stopped_and_removed(shadow: Open) -> None:
    data = Path(child("")["host"])
    pid = int((data / "postmaster.pid").read_text().split()[0])
    living = shadow()
    assert not data.parent.exists()
    assert not alive(pid)
    other = shadow()
    assert run(living, "SELECT 1") == run(other, "SELECT 1") == [(1,)]


def test_the_databases_of_a_killed_rehearsal_are_dropped(server: Server, shadow: Open) -> None:
    server.run("CREATE ROLE {migrator} LOGIN CREATEDB")
    url = server.url_of("migrator")
    living = shadow(shadow_url=url)
    living.save()
    lost = child(url)["dbname"]
    names = f"SELECT count(*) FROM pg_database WHERE datname LIKE '{lost}%'"
    assert server.run(names) == [(2,)]
    other = shadow(shadow_url=url)
    assert server.run(names) == [(0,)]
    living.restore()
    assert run(living, "SELECT 1") == run(other, "SELECT 1") == [(1,)]


def test_an_interrupted_rehearsal_clears_up_itself(tmp_path: Path) -> None:
    text = CHILD.replace("shadow.open()", "import atexit; atexit.register(shadow.close); shadow.open()")
    done = subprocess.run(
        [sys.executable, "-c", text, "", "SIGINT"], capture_output=True, text=True, timeout=60, check=False
    )
    assert "KeyboardInterrupt" in done.stderr
    assert not Path(str(conninfo_to_dict(done.stdout.strip())["host"])).parent.exists()


def test_an_interrupt_while_a_shadow_is_made_leaves_nothing(monkeypatch: pytest.MonkeyPatch, shadow: Open) -> None:
    from surefoot.engine.dialects.postgres.shadow import own

    homes: list[Path] = []

    class Watched(Home):
        def __init__(self) -> None:
            super().__init__()
            homes.append(self.path)

    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(own, "Home", Watched)
    monkeypatch.setattr(own, "make_database", interrupt)
    with pytest.raises(KeyboardInterrupt):
        shadow()
    assert [path.exists() for path in homes] == [False]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A temporary directory of its own for the homes."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def cleared() -> list[Path]:
    found: list[Path] = []
    clear_abandoned(found.append)
    return found


def test_only_homes_that_nobody_lives_in_are_abandoned(place: Path) -> None:
    living, gone = Home(), Home()
    gone.give_up()
    about_to_move_in = place / f"{home.PREFIX}{os.getpid()}-fresh"
    about_to_move_in.mkdir()
    unfinished = place / f"{home.PREFIX}{2**22 + 1}-killed"
    unfinished.mkdir()
    (place / f"{home.PREFIX}strange").mkdir()
    (place / f"{home.PREFIX}1-file").write_text("")
    (place / f"{home.PREFIX}1-link").symlink_to(gone.path)
    assert sorted(cleared()) == sorted([gone.path, unfinished])
    living.give_up()


def test_homes_of_other_users_are_left_alone(place: Path) -> None:
    gone = Home()
    gone.give_up()
    if os.geteuid() == 0:
        os.chown(gone.path, 65534, -1)
        assert cleared() == []
    else:
        assert cleared() == [gone.path]
