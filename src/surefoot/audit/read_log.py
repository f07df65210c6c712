"""What one process saw read, until it is written."""

from __future__ import annotations

import asyncio
import logging

from psycopg import Error

from surefoot.audit.model import Read
from surefoot.audit.reads import log_reads, read_of
from surefoot.calls import Call
from surefoot.errors import SurefootError
from surefoot.web.platform import Platform

EVERY = 5.0
# Where the database is away for long, memory is not to fill: what is beyond that is in the process's log alone.
MOST = 20_000
_log = logging.getLogger(__name__)


class ReadLog:
    """Reads that wait for the next batch. A crash loses them: some seconds' worth."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._waiting: list[Read] = []

    def note(self, call: Call, about: str) -> None:
        """Have a read written with the next batch."""
        if len(self._waiting) < MOST:
            self._waiting.append(read_of(call, about))

    async def flush(self) -> None:
        """Write what waits; it goes on waiting where that fails. Raises Unavailable."""
        taken, self._waiting = self._waiting, []
        try:
            async with self._platform.database.transaction() as connection:
                await log_reads(connection, self._platform.vault, taken)
        except BaseException:
            self._waiting = (taken + self._waiting)[:MOST]
            raise

    async def keep(self, every: float = EVERY) -> None:
        """Write a batch every so many seconds until cancelled, and a last one then. What fails is logged."""
        try:
            while True:
                await asyncio.sleep(every)
                await self._try()
        finally:
            await self._try()

    async def _try(self) -> None:
        try:
            if self._waiting:
                await self.flush()
        except (SurefootError, Error) as error:
            _log.error("The log of reads was not written, and waits: %s", error)
