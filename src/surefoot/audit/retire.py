"""Retention: what is old enough leaves the trail, whole months at a time, as a signed file."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from psycopg.errors import LockNotAvailable

from surefoot.audit import retire_store, store
from surefoot.audit.files import segments_folder, sync_folder
from surefoot.audit.forms import json_line
from surefoot.audit.model import SYSTEM_CHAIN, Head, Segment, Told
from surefoot.audit.record import record
from surefoot.audit.rules import digest_of, first_hash, link_hash
from surefoot.audit.signing import read_segment, segment_text, sign_segment
from surefoot.calls import Call
from surefoot.db.ids import new_id
from surefoot.db.pool import Connection
from surefoot.errors import Conflict, Invalid
from surefoot.web.platform import Platform

KEPT_DAYS = 90
_AT_ONCE = 2000


@dataclass(slots=True)
class _Walk:
    """Where the chains stand while their events are exported."""

    known: dict[UUID, Head]
    starts: dict[UUID, Head] = field(default_factory=dict)
    ends: dict[UUID, Head] = field(default_factory=dict)
    events: int = 0

    def take(self, told: Told) -> None:
        """Go on by one event. Raises Conflict where it does not follow: only what is whole is signed."""
        chain, seq = told.event.workspace or SYSTEM_CHAIN, told.seq or 0
        before = self.ends.get(chain) or self.known.get(chain) or Head(chain, 0, first_hash(chain))
        made = link_hash(before.hash, seq, told.event.id, digest_of(told.event))
        if seq != before.seq + 1 or made != told.hash:
            raise _broken()
        self.starts.setdefault(chain, before)
        self.ends[chain] = Head(chain, seq, made)
        self.events += 1


async def retire(platform: Platform, call: Call, before: datetime) -> Segment | None:
    """Export what was recorded before the month of `before`, sign it, and take it out of the database.

    The file is in `data_dir/audit/segments/`, JSON lines, with its signed description beside it; keep both. A file that
    the database knows no segment of is a copy. Returns None where there is nothing to retire. Raises Invalid for less
    than 90 days ago, Conflict where the trail is broken or somebody else retires the same, Unavailable, OSError.
    """
    until = before.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    if (call.at - until).days < KEPT_DAYS:
        raise Invalid(f"Events are kept for {KEPT_DAYS} days at least.", hint="Name an earlier month.")
    segment = await _export(platform, until)
    if segment is not None:
        signature = sign_segment(platform.vault, segment)
        path = segments_folder(platform.settings.data_dir) / segment.file
        await asyncio.to_thread(_describe, path, segment, signature)
        await _delete(platform, call, segment, signature)
    return segment


async def _delete(platform: Platform, call: Call, segment: Segment, signature: bytes) -> None:
    async with platform.database.transaction() as connection:
        await retire_store.insert_segment(connection, segment, segment_text(segment), signature)
        if await _taken_out(connection, segment) != segment.events:
            raise _broken()
        told = {"until": segment.until, "events": segment.events, "file": segment.file, "sha256": segment.sha256}
        await record(connection, call, "audit.retire", about=f"segment/{segment.id}", after=told)


async def _taken_out(connection: Connection, segment: Segment) -> int:
    try:
        return await retire_store.delete_segment(connection, segment.id)
    except LockNotAvailable as error:
        raise Conflict(
            "Somebody reads the whole trail at this moment, and everybody would wait.",
            hint="Try again when the verification or export has ended; nothing was taken out.",
        ) from error


def _broken() -> Conflict:
    return Conflict(
        "The events do not follow one another: the trail is broken, or somebody else retires the same events.",
        hint="Run `surefoot audit verify`; nothing was taken out.",
    )


async def _export(platform: Platform, until: datetime) -> Segment | None:
    """Write the events to a file, chain by chain; None where there are none."""
    identifier, walk, digest = new_id(), _Walk(await _known(platform)), hashlib.sha256()
    path = segments_folder(platform.settings.data_dir) / f"{until:%Y-%m}-{identifier.hex[-8:]}.jsonl"
    reading = aclosing(retire_store.list_before(platform.database, until, _AT_ONCE))
    with await asyncio.to_thread(_private, path) as file:
        async with reading as batches:
            await _write(file, batches, walk, digest)
        await asyncio.to_thread(_sync, file)
    if not walk.events:
        path.unlink()
        return None
    starts, ends = tuple(walk.starts.values()), tuple(walk.ends.values())
    return Segment(identifier, until, path.name, digest.hexdigest(), walk.events, starts, ends)


async def _write(file: BinaryIO, batches: AsyncIterator[Sequence[Told]], walk: _Walk, digest: hashlib._Hash) -> None:
    async for batch in batches:
        lines = "".join(_lines(batch, walk)).encode()
        digest.update(lines)
        await asyncio.to_thread(file.write, lines)


async def _known(platform: Platform) -> dict[UUID, Head]:
    """Where the segments that were retired before end."""
    async with platform.database.connection() as connection:
        segments = [read_segment(text) for text, _ in await store.list_segments(connection)]
    return {head.chain: head for segment in segments for head in segment.ends}


def _lines(batch: Sequence[Told], walk: _Walk) -> Iterator[str]:
    for told in batch:
        walk.take(told)
        yield json_line(told)


def _describe(path: Path, segment: Segment, signature: bytes) -> None:
    """Write the signed description beside the exported file, and have both names on the disk."""
    with _private(path.with_suffix(".json")) as file:
        file.write(f'{{"segment":{segment_text(segment)},"signature":"{signature.hex()}"}}\n'.encode())
        _sync(file)
    sync_folder(path.parent)


def _private(path: Path) -> BinaryIO:
    """A new file that nobody else reads."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _sync(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())
