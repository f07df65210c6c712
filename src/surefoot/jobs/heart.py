"""A worker's heartbeat, and the sweeping up of jobs whose worker's heart has stopped."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from procrastinate.connector import BaseConnector
from procrastinate.exceptions import ConnectorException

from surefoot.telemetry.logging import logger

BEAT = 1.0
# A worker that was not heard of for so long is taken for dead. Seconds.
STALLED = 4.0
# After a start of the database, and after our own heart stood still, the others get this time to be heard. Seconds.
YOUNG, QUIET = 12.0, 12.0
# A job that so many workers died with is given up.
LOSSES = 3
# Workers that were not heard of for so long are forgotten. Seconds.
FORGOTTEN = 3600.0

# Its row may have been forgotten while the worker was stopped: it is made again.
_BEAT = """
WITH before AS (SELECT last_heartbeat FROM procrastinate_workers WHERE id = %(worker)s),
beaten AS (
    INSERT INTO procrastinate_workers (id, last_heartbeat) OVERRIDING SYSTEM VALUE VALUES (%(worker)s, now())
    ON CONFLICT (id) DO UPDATE SET last_heartbeat = now()
)
SELECT coalesce((SELECT now() - last_heartbeat FROM before) > make_interval(secs => %(stalled)s), true) AS stood_still,
    now() - pg_postmaster_start_time() < make_interval(secs => %(young)s) AS young
"""
# One sweeper at a time is enough; two would do no harm, for each job is locked.
_SWEEP = """
WITH alone AS MATERIALIZED (SELECT pg_try_advisory_xact_lock(hashtextextended('surefoot.jobs.sweep', 0)) AS got),
lost AS MATERIALIZED (
    SELECT job.id, job.task_name, job.abort_requested
    FROM procrastinate_jobs job LEFT JOIN procrastinate_workers worker ON worker.id = job.worker_id
    WHERE job.status = 'doing' AND (SELECT got FROM alone)
        AND (worker.id IS NULL OR worker.last_heartbeat < now() - make_interval(secs => %(stalled)s))
    FOR UPDATE OF job SKIP LOCKED
),
counted AS (
    INSERT INTO job_losses (job_id, times) SELECT id, 1 FROM lost
    ON CONFLICT (job_id) DO UPDATE SET times = job_losses.times + 1
    RETURNING job_id, times
)
UPDATE procrastinate_jobs job
SET status = CASE
        WHEN lost.abort_requested THEN 'aborted'
        WHEN counted.times >= %(losses)s THEN 'failed'
        ELSE 'todo'
    END::procrastinate_job_status,
    attempts = job.attempts + 1, abort_requested = false, worker_id = NULL, scheduled_at = NULL
FROM lost JOIN counted ON counted.job_id = lost.id
WHERE job.id = lost.id
RETURNING job.id, job.task_name, job.status::text, counted.times
"""
_FORGET = """
DELETE FROM procrastinate_workers WHERE last_heartbeat < now() - make_interval(secs => %(forgotten)s)
"""


class Heart:
    """Beats each second, and sweeps, unless it cannot tell whether the others are dead or were only not to be heard."""

    def __init__(self, connector: BaseConnector, worker: int) -> None:
        self._connector = connector
        self._worker = worker
        self._quiet_until = 0.0

    async def run(self) -> None:
        """Beat and sweep until cancelled. A database that is away is waited for."""
        while True:
            await self._in_spite(self.beat_and_sweep)
            await asyncio.sleep(BEAT)

    async def beat_and_sweep(self) -> None:
        """What is done each second. Raises ConnectorException."""
        if await self._beat():
            self._quiet_until = _now() + QUIET
        if _now() >= self._quiet_until:
            await self._sweep()

    async def _beat(self) -> bool:
        """Say that this worker lives; returns whether nobody can know now who else does."""
        [row] = await self._connector.execute_query_all_async(_BEAT, worker=self._worker, stalled=STALLED, young=YOUNG)
        return bool(row["stood_still"] or row["young"])

    async def _sweep(self) -> None:
        rows = await self._connector.execute_query_all_async(_SWEEP, stalled=STALLED, losses=LOSSES)
        for row in rows:
            tell = logger.error if row["status"] == "failed" else logger.warning
            tell("job lost its worker", job=row["id"], task=row["task_name"], status=row["status"], times=row["times"])
        await self._connector.execute_query_async(_FORGET, forgotten=FORGOTTEN)

    async def _in_spite(self, turn: Callable[[], Awaitable[None]]) -> None:
        try:
            await turn()
        except ConnectorException as error:
            self._quiet_until = _now() + QUIET
            logger.warning("heartbeat failed", worker=self._worker, reason=str(error.__cause__))


def _now() -> float:
    return asyncio.get_running_loop().time()
