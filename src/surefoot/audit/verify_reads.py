"""The log of reads: each batch against its reads, the batch before and its signature."""

from __future__ import annotations

from surefoot.audit import reads_store
from surefoot.audit.model import Batch
from surefoot.audit.reads import SEAL
from surefoot.audit.report import Findings
from surefoot.audit.rules import batch_hash, digest_of
from surefoot.db.pool import Connection
from surefoot.vault.vault import Vault

_AT_ONCE = 500


async def check_batches(connection: Connection, vault: Vault, found: Findings) -> None:
    """Check the batches that are kept. How far the earlier ones were retired, the trail says (`access-log.retire`)."""
    before: Batch | None = None
    while batches := await reads_store.list_batches(connection, before.number if before else 0, _AT_ONCE):
        for batch in batches:
            found.batches += 1
            await _check(connection, before, batch, vault, found)
            before = batch


async def _check(connection: Connection, before: Batch | None, batch: Batch, vault: Vault, found: Findings) -> None:
    where = f"the log of reads, batch {batch.number}"
    if before is not None and (batch.number, batch.previous) != (before.number + 1, before.hash):
        found.add(where, f"does not follow {before.number}, which stands before it")
    elif not vault.verify(SEAL + batch.hash, batch.signature):
        found.add(where, "is not signed by this installation's keys")
    elif await _hash(connection, batch) != batch.hash:
        found.add(where, "is not what was written")


async def _hash(connection: Connection, batch: Batch) -> bytes:
    reads = await reads_store.list_reads(connection, batch.number)
    return batch_hash(batch.previous, batch.number, batch.at, map(digest_of, reads))
