"""Checkpoints: where each chain ended at a time, signed with a key that the database does not know.

A chain alone does not show that its end was cut off, or that all of it was written anew. A checkpoint does.
"""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from psycopg import Error

from surefoot.audit import store
from surefoot.audit.model import Checkpoint, Head
from surefoot.audit.signing import sign_checkpoint
from surefoot.db.ids import new_id
from surefoot.errors import SurefootError
from surefoot.web.platform import Platform

EVERY = 60.0
_CHAINS_IN_A_LINE = 1000
_MONTHS_AHEAD = 2
_log = logging.getLogger(__name__)


async def keep_checkpoints(platform: Platform, every: float = EVERY) -> None:
    """Make the coming months' tables and a checkpoint, every minute until cancelled, and once more at the end.

    Several processes may do so at once. What fails is logged and tried again.
    """
    try:
        while True:
            await _round(platform)
            await asyncio.sleep(every)
    finally:
        await _round(platform)


async def _round(platform: Platform) -> None:
    try:
        async with platform.database.connection() as connection:
            await store.prepare_months(connection, datetime.now(UTC), _MONTHS_AHEAD)
        await checkpoint(platform)
    except (SurefootError, Error, OSError) as error:
        _log.error("A checkpoint of the audit trail was not made: %s", error)


async def checkpoint(platform: Platform) -> tuple[Checkpoint, ...]:
    """Sign the ends of all chains that moved since the last time; nothing where none did.

    First into the file `data_dir/audit/checkpoints.jsonl`, then into the database: what is missing there is only signed
    again. Raises Unavailable, OSError.
    """
    async with platform.database.connection() as connection:
        moved = await store.list_moved(connection)
    made = [_signed(platform, moved[n : n + _CHAINS_IN_A_LINE]) for n in range(0, len(moved), _CHAINS_IN_A_LINE)]
    if made:
        await asyncio.to_thread(append_lines, checkpoints_file(platform.settings.data_dir), [one.line for one in made])
    for one in made:
        async with platform.database.transaction() as connection:
            await store.insert_checkpoint(connection, one)
    return tuple(made)


def _signed(platform: Platform, heads: Sequence[Head]) -> Checkpoint:
    return sign_checkpoint(platform.vault, new_id(), datetime.now(UTC), heads)


def checkpoints_file(data_dir: Path) -> Path:
    """Where a process appends its checkpoints."""
    return data_dir / "audit" / "checkpoints.jsonl"


def append_lines(path: Path, lines: Sequence[str]) -> None:
    """Append whole lines to a file and have them on the disk. A line that a crash left torn is taken off first."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    is_new = not path.exists()
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        os.ftruncate(descriptor, whole_length(descriptor))
        os.write(descriptor, "".join(f"{line}\n" for line in lines).encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    if is_new:
        sync_folder(path.parent)


def whole_length(descriptor: int) -> int:
    """The length of a file up to the end of its last whole line."""
    end = os.fstat(descriptor).st_size
    while end:
        start = max(0, end - 65_536)
        last = os.pread(descriptor, end - start, start).rfind(b"\n")
        if last >= 0:
            return start + last + 1
        end = start
    return 0


def sync_folder(path: Path) -> None:
    """Have the names in a folder on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def lines_of(path: Path) -> Iterator[str] | None:
    """The whole lines that a file has at this moment, one by one; None where there is no file."""
    if not path.exists():
        return None
    with path.open("rb") as file:
        return _lines(path, whole_length(file.fileno()))


def _lines(path: Path, length: int) -> Iterator[str]:
    with path.open("rb") as file:
        while file.tell() < length:
            yield file.readline().decode("utf-8", "replace").rstrip("\n")
