"""Tasks that tell a table what happened to them, and a worker process that runs them: for the tests of the runner."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from dataclasses import dataclass

import psycopg

from surefoot.jobs.runner import run_jobs
from surefoot.jobs.tasks import Retries, task


@dataclass(frozen=True, slots=True)
class Parts:
    """What these tasks are handed."""

    url: str

    async def tell(self, what: str) -> None:
        async with await psycopg.AsyncConnection.connect(self.url, autocommit=True) as connection:
            await connection.execute("INSERT INTO platform.told (what, pid) VALUES (%s, %s)", (what, os.getpid()))


@task("test.step")
async def step(parts: Parts, name: str, seconds: float = 0.0) -> None:
    """Tell the beginning and the end."""
    await parts.tell(f"{name} begins")
    await asyncio.sleep(seconds)
    await parts.tell(f"{name} ends")


@task("test.once")
async def once(parts: Parts, name: str, seconds: float) -> None:
    """Tell a beginning, and need no database for the end."""
    await parts.tell(f"{name} begins")
    await asyncio.sleep(seconds)


@task("test.fails", retries=Retries(2, first=0.01))
async def fails(parts: Parts) -> None:
    """Fail, whatever happens."""
    await parts.tell("tried")
    raise RuntimeError("it does not work")


@task("test.poison")
async def poison(parts: Parts) -> None:
    """Take the worker down."""
    await parts.tell("swallowed")
    os.kill(os.getpid(), signal.SIGKILL)


async def _main(url: str, grace: float) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await run_jobs(url, Parts(url), stop, grace=grace)


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1], float(sys.argv[2])))
