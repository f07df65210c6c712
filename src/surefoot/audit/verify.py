"""Whether the audit trail is as it was written: every hash computed anew, and held against what was signed."""

from __future__ import annotations

from pathlib import Path

from surefoot.audit import store
from surefoot.audit.files import checkpoints_file, lines_of
from surefoot.audit.report import Findings, Report
from surefoot.audit.verify_chains import check_heads, check_rest, check_strays, walk
from surefoot.audit.verify_reads import check_batches
from surefoot.audit.verify_signed import check_checkpoints, check_segments
from surefoot.db.pool import Connection, Database
from surefoot.vault.vault import Vault


async def verify(database: Database, data_dir: Path, vault: Vault) -> Report:
    """Read the whole trail and tell whether it is as it was written, while others write.

    It keeps one core busy and little in memory: have a process of its own for it. Raises Unavailable.
    """
    async with database.connection() as connection:
        while (report := await _verified(connection, data_dir, vault)) is None:
            pass
        return report


async def _verified(connection: Connection, data_dir: Path, vault: Vault) -> Report | None:
    """None where something was retired meanwhile."""
    found, segments = Findings(), await store.list_segments(connection)
    starts = check_segments(segments, data_dir, vault, found)
    ends = dict(starts)
    await walk(connection, ends, found)
    # What the file says by now is in the snapshot, which is taken later.
    signed = lines_of(checkpoints_file(data_dir))
    async with connection.transaction():
        await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        await check_rest(connection, ends, found)
        await check_strays(connection, found)
        await check_heads(connection, ends, found)
    await check_checkpoints(connection, signed, vault, starts, ends, found)
    await check_batches(connection, vault, found)
    return found.report() if await store.list_segments(connection) == segments else None
