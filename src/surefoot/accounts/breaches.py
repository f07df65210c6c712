"""Passwords that became known elsewhere: a file of sorted SHA-1 hashes, looked into without reading it whole.

The operator makes it of a downloaded list, such as the one of haveibeenpwned.com; nothing is ever asked of the network.
"""

from __future__ import annotations

import heapq
import mmap
import re
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from hashlib import sha1
from itertools import islice
from pathlib import Path
from typing import IO

from surefoot.errors import Invalid

NAME = "breached-passwords.bin"
_SIZE = 20
_LINE = re.compile(rb"([0-9A-Fa-f]{40})(:\d+)?\s*")
# Hashes that are sorted in memory at a time: 250 MB or so, and one open file for each so many.
_CHUNK = 4_000_000


def is_breached(password: str, breaches: Path) -> bool:
    """Whether the password is in the file; without one, none is."""
    wanted = sha1(password.encode("utf-8", "surrogatepass"), usedforsecurity=False).digest()
    if not breaches.is_file() or not breaches.stat().st_size:
        return False
    with breaches.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        return _holds(mapped, wanted)


def _holds(mapped: mmap.mmap, wanted: bytes) -> bool:
    low, high = 0, len(mapped) // _SIZE
    while low < high:
        middle = (low + high) // 2
        if mapped[middle * _SIZE : (middle + 1) * _SIZE] < wanted:
            low = middle + 1
        else:
            high = middle
    return mapped[low * _SIZE : (low + 1) * _SIZE] == wanted


def import_breaches(path_in: Path, path_out: Path, *, chunk: int = _CHUNK) -> int:
    """Make the file of a text of SHA-1 hashes, one a line in hexadecimal, with or without `:COUNT`; how many there are.

    The text may be of any length and in any order; beside the result there is to be room for it once more. The result
    takes its place only when it is whole. Raises Invalid for a line that is none, and names its number.
    """
    path_out.parent.mkdir(parents=True, exist_ok=True)
    part = path_out.with_name(path_out.name + ".part")
    with ExitStack() as opened:
        source = opened.enter_context(path_in.open("rb"))
        runs = list(_runs(opened, source, path_out.parent, chunk))
        with part.open("wb") as out:
            written = _write_once(heapq.merge(*map(_hashes, runs)), out)
    part.replace(path_out)
    return written


def _runs(opened: ExitStack, source: IO[bytes], folder: Path, chunk: int) -> Iterator[IO[bytes]]:
    """The hashes of the text in files that are sorted each for itself."""
    hashes = _parsed(source)
    while some := sorted(islice(hashes, chunk)):
        run = opened.enter_context(tempfile.TemporaryFile(dir=folder))  # noqa: SIM115  # the stack closes it
        run.write(b"".join(some))
        run.seek(0)
        yield run


def _parsed(source: IO[bytes]) -> Iterator[bytes]:
    for number, line in enumerate(source, 1):
        found = _LINE.fullmatch(line)
        if found is None:
            raise Invalid(
                f"Line {number} of the list is no SHA-1 hash.",
                hint="Give the list of SHA-1 hashes, one a line.",
                line=number,
            )
        yield bytes.fromhex(found[1].decode())


def _hashes(run: IO[bytes]) -> Iterator[bytes]:
    while one := run.read(_SIZE):
        yield one


def _write_once(hashes: Iterator[bytes], out: IO[bytes]) -> int:
    written, last = 0, b""
    for one in hashes:
        if one != last:
            written += out.write(one) // _SIZE
        last = one
    return written
