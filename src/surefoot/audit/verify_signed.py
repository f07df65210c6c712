"""What was signed: checkpoints, which say where a chain ended, and segments, which say what was retired."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from uuid import UUID

from surefoot.audit import store
from surefoot.audit.files import segments_folder
from surefoot.audit.model import Checkpoint, Head, Segment
from surefoot.audit.report import Findings
from surefoot.audit.rules import first_hash
from surefoot.audit.signing import is_signed, is_signed_segment, read_checkpoint, read_segment
from surefoot.audit.verify_chains import named
from surefoot.db.pool import Connection
from surefoot.vault.vault import Vault

_BATCH = 2000
_LATE_MINUTES = 10


def check_segments(
    segments: Sequence[tuple[str, bytes]], data_dir: Path, vault: Vault, found: Findings
) -> dict[UUID, Head]:
    """Check what was retired, part after part; returns where each chain goes on."""
    starts: dict[UUID, Head] = {}
    for text, signature in segments:
        found.segments += 1
        if not is_signed_segment(vault, text, signature):
            found.add("a retired segment", "is not signed by this installation's keys")
            continue
        segment = read_segment(text)
        _follow(segment, starts, found)
        _check_export(segment, data_dir, found)
    return starts


def _follow(segment: Segment, starts: dict[UUID, Head], found: Findings) -> None:
    for start, end in zip(segment.starts, segment.ends, strict=True):
        if starts.get(start.chain, Head(start.chain, 0, first_hash(start.chain))) != start:
            found.add(f"the segment {segment.id}", f"does not go on where {named(start.chain)} ended before it")
        starts[end.chain] = end


def _check_export(segment: Segment, data_dir: Path, found: Findings) -> None:
    """Hold the exported file against its digest, where it is still there: it may have been moved to an archive."""
    path = segments_folder(data_dir) / segment.file
    if path.exists():
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        if digest != segment.sha256:
            found.add(f"the file {path}", "is not the one that was exported and signed")


class _Signed:
    """The checkpoints that were read, and up to where each chain is covered."""

    def __init__(self, connection: Connection, starts: Mapping[UUID, Head], ends: Mapping[UUID, Head]) -> None:
        self._connection = connection
        self._starts = starts
        self._ends = ends
        self._waiting: list[tuple[Checkpoint, Head]] = []
        self.covered: dict[UUID, int] = {}
        self.valid = 0
        self.invalid: list[str] = []

    async def take(self, line: str, source: str, vault: Vault, found: Findings) -> None:
        found.checkpoints += 1
        checkpoint = _read(line, vault)
        if checkpoint is None:
            self.invalid = [*self.invalid[:99], source]
            return
        self.valid += 1
        self._waiting += [(checkpoint, head) for head in checkpoint.heads]
        if len(self._waiting) >= _BATCH:
            await self.compare(found)

    async def compare(self, found: Findings) -> None:
        """Hold the ends that were signed against the links that are there."""
        waiting, self._waiting = self._waiting, []
        hashes = await store.list_hashes(self._connection, [head for _, head in waiting])
        for (checkpoint, head), hash_ in zip(waiting, hashes, strict=True):
            self.covered[head.chain] = max(self.covered.get(head.chain, 0), head.seq)
            start = self._starts.get(head.chain)
            if start is not None and head.seq < start.seq:
                continue
            known = start.hash if start is not None and head.seq == start.seq else hash_
            if known != head.hash:
                found.add(f"{named(head.chain)}, event {head.seq}", self._difference(checkpoint, head, known))

    def _difference(self, checkpoint: Checkpoint, head: Head, known: bytes | None) -> str:
        said = f"the checkpoint of {checkpoint.at:%Y-%m-%d %H:%M:%S} UTC saw it"
        if known is not None:
            return f"{said} with another hash: the chain was written anew"
        end = self._ends.get(head.chain)
        return f"{said}, and it is gone: the chain ends at {end.seq if end else 0}"


def _read(line: str, vault: Vault) -> Checkpoint | None:
    """A checkpoint that this installation signed, or None."""
    try:
        checkpoint = read_checkpoint(line)
        return checkpoint if is_signed(vault, checkpoint) else None
    except ValueError:
        return None


async def check_checkpoints(
    connection: Connection,
    file: Iterator[str] | None,
    vault: Vault,
    starts: Mapping[UUID, Head],
    ends: Mapping[UUID, Head],
    found: Findings,
) -> None:
    """Hold every signed end of a chain, in the file and in the database, against the links."""
    signed = _Signed(connection, starts, ends)
    for number, line in enumerate(file or (), start=1):
        await signed.take(line, f"line {number} of the file of checkpoints", vault, found)
    after = UUID(int=0)
    while kept := await store.list_checkpoints(connection, after, _BATCH):
        for after, line in kept:
            await signed.take(line, f"the checkpoint {after} in the database", vault, found)
    await signed.compare(found)
    _judge_signatures(signed, found)
    if file is None and found.checkpoints:
        found.doubts.append(
            "The file of checkpoints, audit/checkpoints.jsonl in the data directory, is not here: verify on the "
            "machine whose process makes them."
        )
    await _judge_cover(connection, signed, starts, ends, found)


def _judge_signatures(signed: _Signed, found: Findings) -> None:
    if signed.invalid and not signed.valid:
        found.doubts.append("None of the checkpoints is signed by the keys that are here: are they this platform's?")
        return
    for source in signed.invalid:
        found.add(source, "is not signed by this installation's keys")


async def _judge_cover(
    connection: Connection,
    signed: _Signed,
    starts: Mapping[UUID, Head],
    ends: Mapping[UUID, Head],
    found: Findings,
) -> None:
    """Count what no checkpoint covers yet, and doubt what none has covered for minutes."""
    retired = {chain: start.seq for chain, start in starts.items()}
    bare = {chain: max(signed.covered.get(chain, 0), retired.get(chain, 0)) for chain in ends}
    found.uncovered = sum(max(0, end.seq - bare[chain]) for chain, end in ends.items())
    for chain, since in await store.list_late(connection, bare, _LATE_MINUTES):
        found.doubts.append(f"No checkpoint covers what {named(chain)} recorded since {since:%Y-%m-%d %H:%M:%S} UTC.")
