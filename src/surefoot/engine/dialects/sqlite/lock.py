"""The runner lock of a database file: a side file, locked by the operating system for as long as its process lives.

The database file itself is never opened here: closing it would drop SQLite's own POSIX locks on it, those of every
connection of the process (https://sqlite.org/howtocorrupt.html, section 2.2).
"""

from __future__ import annotations

import getpass
import json
import os
import socket
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from surefoot.engine.events import Blocker
from surefoot.errors import ToolFailed, Unreachable

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]  # the module is all or nothing


class RunnerLock:
    """An exclusive lock on `<database>.<name>.surefoot.lock`, which also says who holds it.

    The file is there only while somebody holds the lock, or was killed while holding it; that does no harm.
    """

    def __init__(self, database: Path, name: str) -> None:
        """`database` is the file without symbolic links in its path, so that it has one name only."""
        self._path = database.with_name(f"{database.name}.{quote(name, safe='')}.surefoot.lock")
        self._database = database
        self._file: int | None = None

    def take(self) -> bool:
        """Try once, without waiting. Raises Unreachable where the side file cannot be made."""
        while True:
            file = self._open()
            if not _try_lock(file):
                os.close(file)
                return False
            # The last holder may have removed the file between our opening and our locking it.
            if _is_at(file, self._path):
                break
            os.close(file)
        os.ftruncate(file, 0)
        os.pwrite(file, json.dumps(_myself()).encode(), 0)
        self._file = file
        return True

    def _open(self) -> int:
        try:
            # As open to others as the database is, as SQLite's own side files are.
            return os.open(self._path, os.O_RDWR | os.O_CREAT, self._database.stat().st_mode & 0o666)
        except OSError as error:
            raise Unreachable(
                f"The runner lock {self._path} cannot be made: {error.strerror}.",
                hint="Surefoot and SQLite itself have to write beside the database file: check the directory's owner "
                "and permissions.",
                file=str(self._path),
            ) from error

    def give_back(self) -> None:
        """Let others have it; does nothing where it is not held."""
        if self._file is not None:
            # Removed while it is locked: whoever opened it before will see that it is gone.
            with suppress(OSError):
                self._path.unlink()
            os.close(self._file)
            self._file = None

    def holders(self) -> tuple[Blocker, ...]:
        """Who holds the lock now; empty where nobody does, or the side file does not say who."""
        try:
            with self._path.open("rb") as file:
                return () if _is_free(file.fileno()) else (_named(file.read()),)
        except (OSError, ValueError, KeyError, TypeError):
            return ()


def _try_lock(file: int) -> bool:
    if fcntl is None:
        raise ToolFailed(
            "This system has no file locks as Surefoot needs them for SQLite.",
            hint="Run it on Linux, macOS or in the Windows Subsystem for Linux.",
        )
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_free(file: int) -> bool:
    """Whether nobody holds the lock. A killed holder's file stays, and its lock does not."""
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _named(text: bytes) -> Blocker:
    holder = json.loads(text)
    age = (datetime.now(UTC) - datetime.fromisoformat(holder["since"])).total_seconds()
    return Blocker(holder["pid"], holder["user"], f"surefoot on {holder['host']}", "", age)


def _is_at(file: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file), path.stat())
    except FileNotFoundError:
        return False


def _myself() -> dict[str, object]:
    return {
        "pid": os.getpid(),
        "user": getpass.getuser(),
        "host": socket.gethostname(),
        "since": datetime.now(UTC).isoformat(),
    }
