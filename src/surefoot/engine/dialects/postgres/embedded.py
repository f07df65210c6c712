"""A PostgreSQL server of our own, from a wheel or any installation: no package manager, no account, no port.

The server listens on a Unix socket only, in a directory that nobody but its owner may enter, and trusts
whoever gets there. It outlives the process that started it, until somebody stops it; starting it again finds
it running.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shlex
import shutil
import socket
import struct
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self
from urllib.parse import quote

from surefoot.engine.dialects.postgres.programs import Programs, programs_for
from surefoot.errors import ToolFailed

OWNER = "postgres"
PORT = "5432"
WAIT_SECONDS = 120
ANSWER_SECONDS = 5
# What a new server says while a killed one's processes have not all gone, and how long we wait for them.
DYING = ('lock file "postmaster.pid" already exists', "pre-existing shared memory block")
DYING_SECONDS = 10
# The shortest limit of the systems we know is macOS's 104 bytes, with the final NUL.
SOCKET_PATH_BYTES = 103


@dataclass(frozen=True, slots=True)
class EmbeddedPostgres:
    """The server on the data directory `data`, run by the programs in the directory `bin`.

    `settings` go before those of `postgresql.conf`, for as long as the server that they start lives. Asked to
    listen on TCP too (`listen_addresses`, `port`), it wants a password there. As root, the server runs as the
    unprivileged user who owns `data`, or as `postgres` or `nobody` where `data` is new.
    """

    data: Path
    bin: Path
    settings: Mapping[str, str] = field(default_factory=dict)

    def start(self) -> None:
        """Have the server running: made where `data` is new, started where it does not run.

        Any number of processes may call this at the same time. Raises `ToolFailed` with the end of its log.
        """
        data = self.data.absolute()
        with _lock(data):
            if not self.running():
                programs = programs_for(self.bin, data)
                _make(data, programs, durable=self.settings.get("fsync") != "off")
                _start(data, programs, self.settings)

    def stop(self) -> None:
        """Stop the server, whoever started it, and end its sessions; nothing to do where it does not run."""
        data = self.data.absolute()
        with _lock(data):
            if self.running():
                arguments = ("-D", data, "-m", "fast", "-w", "-t", WAIT_SECONDS)
                programs_for(self.bin, data).run("pg_ctl", "stop", *arguments)
                # It is there only where the data directory's path is too long, and it may be somebody else's.
                with suppress(OSError):
                    _short_directory(data).rmdir()

    def running(self) -> bool:
        """Whether the server answers on its socket."""
        place = _place(self.data)
        return place is not None and _answers(place[0], place[1])

    def url(self, database: str = "postgres") -> str:
        """The address of one of the running server's databases, as its owner."""
        place = _place(self.data)
        if place is None:
            raise ToolFailed(
                f"The embedded PostgreSQL on {self.data} is not running.",
                hint="Start it first.",
                data=str(self.data),
            )
        port = "" if place[1] == PORT else f"&port={place[1]}"
        return f"postgresql://{OWNER}@/{quote(database, safe='')}?host={quote(place[0])}{port}"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stop()


@contextmanager
def _lock(data: Path) -> Iterator[None]:
    """Let one process at a time start or stop the server; the system frees the lock of one that dies."""
    path = data.with_name(data.name + ".lock")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise ToolFailed(
            f"The directory of the embedded PostgreSQL cannot be used: {error}",
            hint="Name a data directory in a place where you may write.",
            data=str(data),
        ) from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _place(data: Path) -> tuple[str, str] | None:
    """The socket's directory and the port that the server wrote down when it started.

    postmaster.pid holds them in its lines 5 and 4, and the server's state in line 8:
    https://www.postgresql.org/docs/current/storage-file-layout.html
    """
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return None
    return (lines[4], lines[3]) if len(lines) >= 8 and lines[7].strip() == "ready" else None


def _answers(directory: str, port: str) -> bool:
    """Whether the server speaks: neither its pid (another process's since a reboot) nor its socket proves it.

    The children of a killed server keep its socket open for a moment. So we ask: do you know TLS?
    https://www.postgresql.org/docs/current/protocol-message-formats.html (SSLRequest)
    """
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(ANSWER_SECONDS)
        try:
            client.connect(f"{directory}/.s.PGSQL.{port}")
            client.sendall(struct.pack("!ii", 8, 80877103))
            return client.recv(1) in {b"S", b"N"}
        except (FileNotFoundError, ConnectionError, TimeoutError):
            return False


def _make(data: Path, programs: Programs, *, durable: bool) -> None:
    """Make a data directory where there is none: whole or not at all, wherever the making is interrupted."""
    if (data / "PG_VERSION").exists():
        _check_version(data, programs)
        return
    if data.exists() and any(data.iterdir()):
        raise ToolFailed(
            f"{data} holds files, but is not a data directory of PostgreSQL.",
            hint="Name an empty or a new directory.",
            data=str(data),
        )
    unfinished = data.with_name(data.name + ".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    programs.give(unfinished)
    _initdb(unfinished, programs, () if durable else ("--no-sync",))
    unfinished.rename(data)


def _check_version(data: Path, programs: Programs) -> None:
    made, ours = (data / "PG_VERSION").read_text().strip(), programs.version().split(".")[0]
    if made != ours:
        raise ToolFailed(
            f"{data} was made by PostgreSQL {made}; the programs in {programs.bin} are PostgreSQL {ours}.",
            hint=f"Name the programs of PostgreSQL {made}, or another data directory.",
            data=str(data),
        )


def _initdb(data: Path, programs: Programs, options: tuple[str, ...]) -> None:
    """Run initdb. C.UTF-8 knows every letter's case and sorts alike everywhere; some systems have only C."""
    access = ("--auth-local=trust", "--auth-host=scram-sha-256")
    arguments = ("-D", data, "-U", OWNER, "-E", "UTF8", *access, *options)
    try:
        programs.run("initdb", *arguments, "--locale=C.UTF-8")
    except ToolFailed as failure:
        if "invalid locale name" not in failure.message:
            raise
        programs.run("initdb", *arguments, "--locale=C")


def _start(data: Path, programs: Programs, settings: Mapping[str, str]) -> None:
    log = data / "server.log"
    given = {"listen_addresses": "", "port": PORT, "log_checkpoints": "off", **settings}
    given["unix_socket_directories"] = f'"{_socket_directory(data, programs)}"'
    options = " ".join(f"-c {shlex.quote(f'{name}={value}')}" for name, value in given.items())
    arguments = ("-D", data, "-l", log, "-w", "-t", WAIT_SECONDS, "-o", options)
    deadline = time.monotonic() + DYING_SECONDS
    while True:
        try:
            programs.run("pg_ctl", "start", *arguments)
            return
        except ToolFailed as failure:
            said = _tail(log)
            if time.monotonic() > deadline or not any(sign in said for sign in DYING):
                message = f"{failure.message}\n{said}".rstrip()
                raise ToolFailed(message, hint=failure.hint, **failure.details, log=str(log)) from None
        time.sleep(0.1)


def _socket_directory(data: Path, programs: Programs) -> Path:
    """The data directory itself, private as it is; where its path is too long, one with a short name."""
    if len(os.fsencode(data / ".s.PGSQL.65535")) <= SOCKET_PATH_BYTES:
        return data
    short = _short_directory(data)
    short.mkdir(mode=0o700, exist_ok=True)
    programs.give(short)
    return short


def _short_directory(data: Path) -> Path:
    key = hashlib.sha256(os.fsencode(data)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"surefoot-{key}"


def _tail(log: Path) -> str:
    try:
        return "\n".join(log.read_text(errors="replace").splitlines()[-10:])
    except OSError:
        return ""
