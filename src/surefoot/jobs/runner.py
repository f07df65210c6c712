"""Runs the jobs of the queue in this process until it is told to stop.

Procrastinate's worker, with a heart that beats while it drains, a listener that comes back after a restart of the
database, and a sweeper for the jobs of dead workers. The tests pin what it mends.
"""

from __future__ import annotations

import asyncio
import datetime
import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import psycopg
from procrastinate import App, PsycopgConnector, exceptions
from procrastinate.job_context import AbortReason, JobContext
from procrastinate.jobs import Job
from procrastinate.retry import BaseRetryStrategy, RetryDecision
from procrastinate.worker import Worker

from surefoot.jobs.connector import open_connector, open_listener
from surefoot.jobs.heart import FORGOTTEN, Heart
from surefoot.jobs.manager import Manager
from surefoot.jobs.tasks import Retries, Task, list_tasks
from surefoot.telemetry.logging import logger

_POLL = 1.0
_PAUSE = 1.0
_POOL = 4
# A listener asks whether it is still connected after so long without a message. Seconds.
_SILENCE = 5.0


async def run_jobs(
    url: str,
    parts: object,
    stop: asyncio.Event,
    *,
    role: str | None = None,
    concurrency: int = 10,
    grace: float = 30.0,
) -> None:
    """Run jobs until `stop` is set; tasks are handed `parts` first. Those at work get `grace` seconds to end.

    What has not ended by then is cancelled and goes back into the queue. A database that is away is waited for.
    """
    while not stop.is_set():
        try:
            async with open_connector(url, role, _POOL) as connector:
                await _work(_Worker(_app(connector, parts), url, concurrency, grace), stop)
        except (exceptions.ConnectorException, psycopg.Error) as error:
            logger.warning("worker waits for database", reason=str(error.__cause__ or error))
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), _PAUSE)


def _app(connector: PsycopgConnector, parts: object) -> App:
    app = App(connector=connector)
    for task in list_tasks():
        app.task(name=task.name, retry=_Strategy(task.retries), pass_context=True)(_bound(task, parts))
    return app


async def _work(worker: _Worker, stop: asyncio.Event) -> None:
    """Run a worker until it is told to stop, or ends by itself."""
    running = asyncio.create_task(worker.run())  # type: ignore[no-untyped-call]  # the package's own, without types
    stopped = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait((running, stopped), return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopped.cancel()
        worker.stop()
        await running


def _bound(task: Task, parts: object) -> Callable[..., Any]:
    """The task's function with the process's parts; somebody's wish to cancel it is told apart from our own end."""

    async def run(context: JobContext, **arguments: object) -> None:
        try:
            await task.function(parts, **arguments)
        except asyncio.CancelledError:
            if context.abort_reason() is AbortReason.USER_REQUEST:
                raise exceptions.JobAborted from None
            raise

    return run


class _Strategy(BaseRetryStrategy):
    """A task's own rule for what it raised; at once for a job that had to make way for the end of its worker."""

    def __init__(self, retries: Retries) -> None:
        self._retries = retries

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        cancelled = isinstance(exception, asyncio.CancelledError)
        delay = 0.0 if cancelled else self._retries.delay(job.attempts)
        if delay is None:
            return None
        return RetryDecision(retry_at=datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=delay))


class _Worker(Worker):
    """Stays alive in the eyes of the others until its last job has ended."""

    def __init__(self, app: App, url: str, concurrency: int, grace: float) -> None:
        super().__init__(
            app,
            concurrency=concurrency,
            shutdown_graceful_timeout=grace,
            install_signal_handlers=False,
            fetch_job_polling_interval=_POLL,
            abort_job_polling_interval=_POLL,
            # Forgetting others is our sweeper's.
            stalled_worker_timeout=FORGOTTEN,
        )
        self._url = url
        self._manager = Manager(app.connector, app.tasks, self._running)
        app.job_manager = self._manager

    def stop(self) -> None:
        super().stop()  # type: ignore[no-untyped-call]  # the package's own, without types
        self._manager.stop()

    def _running(self) -> list[int]:
        return [context.job.id for context in self._running_jobs.values() if context.job.id is not None]

    def _start_side_tasks(self) -> list[asyncio.Task[Any]]:
        assert self.worker_id is not None
        return [
            asyncio.create_task(Heart(self.app.connector, self.worker_id).run(), name="heart"),
            asyncio.create_task(self._poll_jobs_to_abort(), name="aborts"),  # type: ignore[no-untyped-call]  # the package's own, without types
            asyncio.create_task(self._listen(), name="listener"),
        ]

    async def _listen(self) -> None:
        while True:
            try:
                await self._hear()
            except (psycopg.Error, TimeoutError) as error:
                logger.warning("listener lost", reason=str(error))
                await asyncio.sleep(_PAUSE)

    async def _hear(self) -> None:
        async with await open_listener(self._url) as connection:
            # Something may have come while nobody listened.
            self._new_job_event.set()
            while True:
                async for message in connection.notifies(timeout=_SILENCE):
                    await self._handle_notification(channel="", notification=json.loads(message.payload))
                async with asyncio.timeout(_SILENCE):
                    await connection.execute("SELECT 1")

    async def _shutdown(self, side_tasks: list[asyncio.Task[Any]]) -> None:
        if self._running_jobs:
            await asyncio.wait(self._running_jobs, timeout=self.shutdown_graceful_timeout)
        if self._running_jobs:
            await self._abort_running_jobs()  # type: ignore[no-untyped-call]  # the package's own, without types
        await super()._shutdown(side_tasks)
