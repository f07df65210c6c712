"""What a worker asks of the queue in the database, in spite of races, restarts and lost replies.

Beside Procrastinate's own manager: a lost race for a lock is no error; what a job came to is told until the database
answers; and it is told only by the run that the job still belongs to.
"""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Callable, Container, Iterable
from typing import Any, LiteralString

from procrastinate import exceptions, jobs, manager
from procrastinate.connector import BaseConnector

from surefoot.jobs.tasks import Retries
from surefoot.telemetry.logging import logger

# Tries to fetch a job when another worker takes one of the same lock in the same moment. Each loses to a job that
# has begun, so that the next try does not see it any more.
_RACES = 20
_PAUSE = 0.5
# While a new version is rolled out, an older worker gets jobs that it does not know: another worker may, for a day.
_STRANGE = Retries(150, first=5.0, longest=600.0)
# For how long after a stop the results of jobs are still told to a database that does not answer. Seconds.
_LAST_WORDS = 30.0

# A job belongs to a run as long as neither its worker nor its number of attempts has changed.
_FINISH = """
WITH mine AS MATERIALIZED (
    SELECT id FROM procrastinate_jobs
    WHERE id = %(job)s AND status = 'doing' AND worker_id = %(worker)s AND attempts = %(attempts)s FOR UPDATE
)
SELECT procrastinate_finish_job_v1(id, %(status)s, false) FROM mine
"""
_RETRY = """
WITH mine AS MATERIALIZED (
    SELECT id FROM procrastinate_jobs
    WHERE id = %(job)s AND status = 'doing' AND worker_id = %(worker)s AND attempts = %(attempts)s FOR UPDATE
)
SELECT procrastinate_retry_job_v2(id, %(at)s, NULL, NULL, NULL) FROM mine
"""
_RETURN = """
UPDATE procrastinate_jobs SET status = 'todo', worker_id = NULL, abort_requested = false
WHERE worker_id = %(worker)s AND status = 'doing' AND id <> ALL(%(running)s)
"""


class Manager(manager.JobManager):
    """The queue of one worker; `running` tells which jobs it has at work, `known` which tasks it can do."""

    def __init__(self, connector: BaseConnector, known: Container[str], running: Callable[[], list[int]]) -> None:
        super().__init__(connector)
        self._known = known
        self._running = running
        self._doubtful = False
        self._stopped: float | None = None

    def stop(self) -> None:
        """From now on, a database that does not answer is not waited for much longer."""
        self._stopped = asyncio.get_running_loop().time()

    async def fetch_job(self, queues: Iterable[str] | None, worker_id: int) -> jobs.Job | None:
        """The next job, or None where there is none or the database does not answer."""
        try:
            await self._return_unheard_of(worker_id)
            job = await self._fetch(queues, worker_id)
            while job is not None and await self._passed_on(job):
                job = await self._fetch(queues, worker_id)
        except exceptions.ConnectorException as error:
            # It may have given us a job all the same.
            self._doubtful = True
            logger.warning("jobs not fetched", reason=str(error.__cause__))
            return None
        return job

    async def _fetch(self, queues: Iterable[str] | None, worker: int) -> jobs.Job | None:
        for _ in range(_RACES):
            try:
                return await super().fetch_job(queues, worker)
            except exceptions.UniqueViolation:
                continue
        return None

    async def _passed_on(self, job: jobs.Job) -> bool:
        """Put a job of a task that this worker does not know back, for another one; False for one that is run now."""
        delay = _STRANGE.delay(job.attempts)
        if job.task_name in self._known or delay is None:
            return False
        logger.warning("job passed on", job=job.id, task=job.task_name, reason="this worker does not know the task")
        await self.retry_job(job, datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=delay))
        return True

    async def _return_unheard_of(self, worker: int) -> None:
        """Put back what was given to this worker in a reply that got lost."""
        if self._doubtful:
            await self.connector.execute_query_async(_RETURN, worker=worker, running=self._running())
            self._doubtful = False

    async def finish_job(self, job: jobs.Job, status: jobs.Status, delete_job: bool) -> None:  # noqa: ARG002 - jobs are never deleted at their end
        """Write how a job ended, once the database answers; nothing where the job is another run's by now."""
        await self._tell(_FINISH, job, status=status.value)

    async def retry_job(
        self,
        job: jobs.Job,
        retry_at: datetime.datetime | None = None,
        priority: int | None = None,  # noqa: ARG002 - never changed by a retry
        queue: str | None = None,  # noqa: ARG002 - never changed by a retry
        lock: str | None = None,  # noqa: ARG002 - never changed by a retry
    ) -> None:
        """Put a job back for later, once the database answers; nothing where the job is another run's by now."""
        await self._tell(_RETRY, job, at=retry_at or datetime.datetime.now(datetime.UTC))

    async def _tell(self, query: LiteralString, job: jobs.Job, **values: Any) -> None:
        values |= {"job": job.id, "worker": job.worker_id, "attempts": job.attempts}
        lost = False
        while True:
            try:
                told = await self.connector.execute_query_all_async(query, **values)
            except exceptions.ConnectorException as error:
                if self._is_over():
                    raise
                if not lost:
                    logger.warning("job result waits", job=job.id, task=job.task_name, reason=str(error.__cause__))
                lost = True
                await asyncio.sleep(_PAUSE)
                continue
            # After a lost reply nothing may be left to tell.
            if not told and not lost:
                logger.warning("job was taken over", job=job.id, task=job.task_name)
            return

    def _is_over(self) -> bool:
        return self._stopped is not None and asyncio.get_running_loop().time() > self._stopped + _LAST_WORDS

    async def unregister_worker(self, worker_id: int) -> None:
        """Take the worker off the list; a database that is away keeps it there, and its jobs are swept up."""
        try:
            await super().unregister_worker(worker_id)
        except exceptions.ConnectorException as error:
            logger.warning("worker not unregistered", worker=worker_id, reason=str(error.__cause__))
