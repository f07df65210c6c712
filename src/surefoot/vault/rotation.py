"""Wrapping the keys of all records anew, while others read and write."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from surefoot.db.pool import Database
from surefoot.errors import Conflict
from surefoot.vault import store
from surefoot.vault.model import Ring, Rotated, Sealed
from surefoot.vault.rules import rewrap

# Records that are locked at a time; reading them goes on meanwhile.
_BATCH = 200
_BEGINNING = UUID(int=0)


@dataclass(frozen=True, slots=True)
class _Batch:
    records: list[Sealed]
    rewrapped: list[Sealed]
    damaged: list[UUID]


async def rewrap_all(database: Database, ring: Ring) -> Rotated:
    """Wrap with the newest key what an earlier one of the ring wraps. One transaction for each batch.

    It goes through all of them until there is nothing left, for records that others have sealed meanwhile.
    """
    count, damaged = 0, set[UUID]()
    while True:
        batches = await _pass(database, ring)
        damaged.update(one for batch in batches for one in batch.damaged)
        rewrapped = sum(len(batch.rewrapped) for batch in batches)
        if not rewrapped:
            return Rotated(ring.newest.id, count, tuple(sorted(damaged)))
        count += rewrapped


async def _pass(database: Database, ring: Ring) -> list[_Batch]:
    batches, after = list[_Batch](), _BEGINNING
    while (batch := await _rewrap_batch(database, ring, after)).records:
        batches.append(batch)
        after = batch.records[-1].id
    return batches


async def _rewrap_batch(database: Database, ring: Ring, after: UUID) -> _Batch:
    earlier = [key.id for key in ring.keys[1:]]
    async with database.transaction() as connection:
        batch = _rewrapped(ring, await store.list_to_rewrap(connection, earlier, after, _BATCH))
        await store.update_wrapped(connection, batch.rewrapped)
    return batch


def _rewrapped(ring: Ring, records: list[Sealed]) -> _Batch:
    """One damaged record does not keep the others under a key that may be known to somebody."""
    batch = _Batch(records, [], [])
    for record in records:
        try:
            batch.rewrapped.append(rewrap(ring, record))
        except Conflict:
            batch.damaged.append(record.id)
    return batch
