"""The chains: each record, each link, and that none is missing or stands beside them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from psycopg import AsyncServerCursor, sql
from psycopg.rows import tuple_row

from surefoot.audit.model import SCHEMA_VERSION, SYSTEM_CHAIN, Event, Head
from surefoot.audit.report import Findings
from surefoot.audit.rules import digest_of, first_hash, link_hash
from surefoot.audit.store import COLUMNS
from surefoot.db.pool import Connection

_BATCH = 2000
_LINKS = sql.SQL(
    "SELECT l.chain, l.seq, l.event, l.hash, e.digest, {} FROM audit_links l "
    "LEFT JOIN audit_events e ON e.id = l.event AND e.at = l.event_at ORDER BY l.chain, l.seq"
).format(sql.SQL(", ").join(sql.Identifier("e", name) for name in COLUMNS))
_STRAYS = (
    b"SELECT e.id, e.workspace FROM audit_events e "
    b"LEFT JOIN audit_links l ON l.event = e.id AND l.event_at = e.at WHERE l.event IS NULL"
)


async def check_chains(connection: Connection, starts: Mapping[UUID, Head], found: Findings) -> dict[UUID, Head]:
    """Walk all links from where the retired part of their chain ends; returns the ends."""
    ends = dict(starts)
    async for chain, seq, event, hash_, digest, *columns in _stream(connection, _LINKS):
        before = ends.get(chain) or Head(chain, 0, first_hash(chain))
        ends[chain] = Head(chain, seq, hash_)
        found.events += 1
        if seq != before.seq + 1:
            found.add(
                f"{named(chain)}, event {before.seq + 1}", f"is missing or out of its place: what follows is {seq}"
            )
        elif digest is None:
            found.add(f"{named(chain)}, event {seq}", f"has its link, and its record {event} is gone")
        else:
            _check_event(before, ends[chain], Event(*columns), digest, found)
    found.chains = len(ends)
    return ends


def _check_event(before: Head, link: Head, event: Event, digest: bytes, found: Findings) -> None:
    where = f"{named(link.chain)}, event {link.seq}"
    if (event.workspace or SYSTEM_CHAIN) != link.chain:
        found.add(where, f"its record {event.id} belongs to {named(event.workspace or SYSTEM_CHAIN)}")
    elif event.schema_version > SCHEMA_VERSION:
        found.add(where, f"its record is of version {event.schema_version}: verify with the Surefoot that wrote it")
    elif digest_of(event) != digest:
        found.add(where, f"its record {event.id} is not the one that was written")
    elif link_hash(before.hash, link.seq, event.id, digest) != link.hash:
        found.add(where, f"its link does not follow from the one before and the record {event.id}")


async def check_strays(connection: Connection, found: Findings) -> None:
    """Find records that no link holds: they were put beside the chain."""
    async for event, workspace in _stream(connection, sql.SQL(_STRAYS.decode())):
        found.add(named(workspace or SYSTEM_CHAIN), f"the record {event} is in no link")


async def check_heads(connection: Connection, ends: Mapping[UUID, Head], found: Findings) -> None:
    """Hold the kept ends of the chains, which the next links build on, against the last links."""
    missing = dict(ends)
    async for chain, seq, hash_ in _stream(connection, sql.SQL("SELECT chain, seq, hash FROM audit_chains")):
        end = missing.pop(chain, None)
        if end is None or (end.seq, end.hash) != (seq, hash_):
            found.add(named(chain), f"ends at event {end.seq if end else 0}, and its kept end is {seq}")
    for chain in missing:
        found.add(named(chain), "its kept end is gone")


async def _stream(connection: Connection, query: sql.SQL | sql.Composed) -> AsyncIterator[Sequence[Any]]:
    async with AsyncServerCursor(connection, "audit_verify", row_factory=tuple_row) as cursor:
        await cursor.execute(query)
        while rows := await cursor.fetchmany(_BATCH):
            for row in rows:
                yield row


def named(chain: UUID) -> str:
    """A chain as people know it."""
    return "the system's chain" if chain == SYSTEM_CHAIN else f"the chain of workspace {chain}"
