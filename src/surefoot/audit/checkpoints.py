"""Checkpoints: where each chain ended at a time, signed with a key that the database does not know.

A chain alone does not show that its end was cut off, or that all of it was written anew. A checkpoint does.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from datetime import UTC, datetime

from psycopg import Error

from surefoot.audit import store
from surefoot.audit.files import append_lines, checkpoints_file
from surefoot.audit.model import Checkpoint, Head
from surefoot.audit.signing import sign_checkpoint
from surefoot.db.ids import new_id
from surefoot.errors import SurefootError
from surefoot.web.platform import Platform

EVERY = 60.0
_CHAINS_IN_A_LINE = 1000
_MONTHS_AHEAD = 2
_log = logging.getLogger(__name__)


async def keep_checkpoints(platform: Platform, every: float = EVERY) -> None:
    """Make the coming months' tables and a checkpoint, every minute until cancelled, and once more at the end.

    Several processes may do so at once. What fails is logged and tried again.
    """
    try:
        while True:
            await _round(platform)
            await asyncio.sleep(every)
    finally:
        await _round(platform)


async def _round(platform: Platform) -> None:
    await prepare(platform)
    try:
        await checkpoint(platform)
    except (SurefootError, Error, OSError) as error:
        _log.error("A checkpoint of the audit trail was not made: %s", error)


async def prepare(platform: Platform) -> None:
    """Make the tables of this month and the next ones, before a month's first event: later it gets none of its own.

    What fails is logged: it does not wait for long where somebody reads the whole trail, and no event needs it.
    """
    try:
        async with platform.database.connection() as connection:
            await store.prepare_months(connection, datetime.now(UTC), _MONTHS_AHEAD)
    except (SurefootError, Error) as error:
        _log.error("The coming months' tables of the audit trail were not made: %s", error)


async def checkpoint(platform: Platform) -> tuple[Checkpoint, ...]:
    """Sign the ends of all chains that moved since the last time; nothing where none did.

    First into the file `data_dir/audit/checkpoints.jsonl`, then into the database: what is missing there is only signed
    again. Raises Unavailable, OSError.
    """
    async with platform.database.connection() as connection:
        moved = await store.list_moved(connection)
    made = [_signed(platform, moved[n : n + _CHAINS_IN_A_LINE]) for n in range(0, len(moved), _CHAINS_IN_A_LINE)]
    if made:
        await asyncio.to_thread(append_lines, checkpoints_file(platform.settings.data_dir), [one.line for one in made])
    for one in made:
        async with platform.database.transaction() as connection:
            await store.insert_checkpoint(connection, one)
    return tuple(made)


def _signed(platform: Platform, heads: Sequence[Head]) -> Checkpoint:
    return sign_checkpoint(platform.vault, new_id(), datetime.now(UTC), heads)
