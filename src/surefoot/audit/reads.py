"""The log of reads: written in batches, each sealed with a hash and a signature.

It is not the trail: a read is answered before its batch is written, and a crash loses the batch that was not yet.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from surefoot.audit import reads_store
from surefoot.audit.model import Batch, Read
from surefoot.audit.record import record
from surefoot.audit.rules import batch_hash, cut, digest_of, without_secrets
from surefoot.calls import Call
from surefoot.db.pool import Connection
from surefoot.errors import Invalid
from surefoot.vault.vault import Vault

SEAL = b"surefoot access batch v1\n"
FIRST = bytes(32)
KEPT_DAYS = 30


def read_of(call: Call, about: str = "") -> Read:
    """The line about a call that reads `about`."""
    return Read(
        at=call.at,
        workspace=call.workspace,
        actor_kind=call.actor.kind.value,
        actor_id=call.actor.id,
        actor_label=cut(call.actor.label, 320),
        session=call.actor.session,
        token=call.actor.token,
        operation=cut(call.operation, 100),
        about=cut(without_secrets(about), 400),
        address=cut(call.address, 64),
        agent=cut(without_secrets(call.agent), 400),
        request_id=cut(call.request_id, 128),
    )


async def log_reads(connection: Connection, vault: Vault, reads: Sequence[Read]) -> int | None:
    """Write reads as one batch, behind the batch before; returns its number, or None where there is nothing to write.

    Needs a transaction; holds the end of the log until its end, so others wait.
    """
    if not reads:
        return None
    last = await reads_store.find_last(connection)
    number, at, previous = (last.number if last else 0) + 1, datetime.now(UTC), last.hash if last else FIRST
    made = batch_hash(previous, number, at, map(digest_of, reads))
    batch = Batch(number, at, len(reads), previous, made, vault.sign(SEAL + made))
    await reads_store.insert_batch(connection, batch, reads)
    return number


async def retire_reads(connection: Connection, call: Call, before: datetime) -> int:
    """Delete the batches of before a time, of at least 30 days; returns how many. Raises Invalid."""
    if (call.at - before).days < KEPT_DAYS:
        raise Invalid(f"Reads are kept for {KEPT_DAYS} days at least.", hint="Name an earlier time.")
    gone = await reads_store.delete_batches(connection, before)
    if gone:
        await record(connection, call, "access-log.retire", after={"before": before, "batches": gone})
    return gone
