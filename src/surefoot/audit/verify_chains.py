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
    "SELECT l.chain, l.seq, l.event, l.hash, e.digest, {} FROM audit_links l {} "
    "LEFT JOIN audit_events e ON e.id = l.event AND e.at = l.event_at WHERE {} ORDER BY l.chain, l.seq {}"
)
_FIELDS = sql.SQL(", ").join(sql.Identifier("e", name) for name in COLUMNS)
_NOTHING = sql.SQL("")
_PAGE = _LINKS.format(
    _FIELDS, _NOTHING, sql.SQL("(l.chain, l.seq) > (%s, %s)"), sql.SQL("LIMIT {}").format(sql.Literal(_BATCH))
)
_REST = _LINKS.format(
    _FIELDS,
    sql.SQL("LEFT JOIN unnest(%s::uuid[], %s::bigint[]) AS seen (chain, seq) ON seen.chain = l.chain"),
    sql.SQL("l.seq > coalesce(seen.seq, %s)"),
    _NOTHING,
)
_LEAST = -(1 << 63)
_STRAYS = (
    b"SELECT e.id, e.workspace FROM audit_events e "
    b"LEFT JOIN audit_links l ON l.event = e.id AND l.event_at = e.at WHERE l.event IS NULL"
)


async def walk(connection: Connection, ends: dict[UUID, Head], found: Findings) -> None:
    """Check all links behind these ends, which go on with them; page by page, as links never change.

    Outside of a transaction: one that lasts as long would keep what writers leave behind from being cleared away.
    """
    after: tuple[UUID, int] = (UUID(int=0), _LEAST)
    while rows := await _page(connection, after):
        for row in rows:
            _check_link(row, ends, found)
        after = (rows[-1][0], rows[-1][1])


async def _page(connection: Connection, after: tuple[UUID, int]) -> list[tuple[Any, ...]]:
    async with connection.cursor(row_factory=tuple_row) as cursor:
        return await (await cursor.execute(_PAGE, after)).fetchall()


async def check_rest(connection: Connection, ends: dict[UUID, Head], found: Findings) -> None:
    """Check the links that were added since, up to what the transaction sees."""
    seen = (list(ends), [end.seq for end in ends.values()], _LEAST)
    async for row in _stream(connection, _REST, seen):
        _check_link(row, ends, found)
    found.chains = len(ends)


def _check_link(row: Sequence[Any], ends: dict[UUID, Head], found: Findings) -> None:
    chain, seq, event, hash_, digest, *columns = row
    before = ends.get(chain) or Head(chain, 0, first_hash(chain))
    ends[chain] = Head(chain, seq, hash_)
    found.events += 1
    if seq != before.seq + 1:
        found.add(f"{named(chain)}, event {before.seq + 1}", f"is missing or out of its place: what follows is {seq}")
    elif digest is None:
        found.add(f"{named(chain)}, event {seq}", f"has its link, and its record {event} is gone")
    else:
        _check_event(before, ends[chain], Event(*columns), digest, found)


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


async def _stream(
    connection: Connection, query: sql.SQL | sql.Composed, values: Sequence[Any] = ()
) -> AsyncIterator[Sequence[Any]]:
    async with AsyncServerCursor(connection, "audit_verify", row_factory=tuple_row) as cursor:
        await cursor.execute(query, values)
        while rows := await cursor.fetchmany(_BATCH):
            for row in rows:
                yield row


def named(chain: UUID) -> str:
    """A chain as people know it."""
    return "the system's chain" if chain == SYSTEM_CHAIN else f"the chain of workspace {chain}"
