"""The directories of servers of our own: one for each rehearsal, found and cleared away when its process was killed.

A directory belongs to the process that holds a lock on the file `alive` in it. The system frees that lock with the
process, and no other one can be taken for it, as could happen with a process id alone.
"""

from __future__ import annotations

import fcntl
import os
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PREFIX = "surefoot-shadow-"
_ALIVE = "alive"


class Home:
    """A new directory `path` that is ours for as long as this process lives, or until it is given up."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
        if os.geteuid() == 0:
            # The server runs as another user, who has to get through; its own directory is private.
            self.path.chmod(0o755)
        begun = self.path / f"{_ALIVE}.new"
        self._lock = os.open(begun, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        # Under its name the file is locked from the first moment.
        begun.rename(self.path / _ALIVE)

    def give_up(self) -> None:
        """Let the lock go; whoever finds the directory may remove it."""
        with suppress(OSError):
            os.close(self._lock)


def clear_abandoned(remove: Callable[[Path], None]) -> None:
    """Have each directory removed that a process of this user left behind when it was killed."""
    for path in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with suppress(OSError), _claimed(path) as ours:
            if ours:
                remove(path)


@contextmanager
def _claimed(path: Path) -> Iterator[bool]:
    """Whether nobody lives in the directory; while we look at it nobody else may claim it."""
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        yield False
        return
    try:
        lock = os.open(path / _ALIVE, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        yield not _runs(path.name.removeprefix(PREFIX).partition("-")[0])
        return
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield True
    except BlockingIOError:
        yield False
    finally:
        os.close(lock)


def _runs(pid: str) -> bool:
    """Whether the process that made a directory without a lock still runs: it may be about to take it."""
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except (ValueError, OverflowError, PermissionError):
        return True
    return True
