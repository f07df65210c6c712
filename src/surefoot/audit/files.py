"""The files of the audit trail in the data directory: checkpoints, and what was retired."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Sequence
from pathlib import Path


def checkpoints_file(data_dir: Path) -> Path:
    """Where a process appends its checkpoints."""
    return data_dir / "audit" / "checkpoints.jsonl"


def segments_folder(data_dir: Path) -> Path:
    """Where retired events are exported to."""
    return data_dir / "audit" / "segments"


def append_lines(path: Path, lines: Sequence[str]) -> None:
    """Append whole lines to a file and have them on the disk. A line that a crash left torn is taken off first."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    is_new = not path.exists()
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        os.ftruncate(descriptor, whole_length(descriptor))
        _write(descriptor, "".join(f"{line}\n" for line in lines).encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    if is_new:
        sync_folder(path.parent)


def _write(descriptor: int, content: bytes) -> None:
    """All of it: on a disk that fills up, one call writes a part and tells of no error."""
    while content:
        content = content[os.write(descriptor, content) :]


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
