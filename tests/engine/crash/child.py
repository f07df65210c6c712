"""A run in a process of its own, which ends itself by SIGKILL when a certain event comes."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Mapping
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from surefoot.engine import api
from surefoot.engine.events import Event
from surefoot.engine.model import Timeouts
from surefoot.errors import SurefootError

# A server of forks has everything imported already: a process costs a few milliseconds.
_FORKS = multiprocessing.get_context("forkserver")
_DIALECTS = ("postgres.target", "postgres.recovery", "mysql.target", "sqlite.target")
_FORKS.set_forkserver_preload([__name__, *(f"surefoot.engine.dialects.{name}" for name in _DIALECTS)])
# A loaded machine must not run into a limit that a test does not speak of.
PATIENT = Timeouts(lock=10, lock_wait=60, runner=60, connect=30)


@dataclass(frozen=True, slots=True)
class Job:
    """What to run: `up`, `down`, or `repair` with `resolution`; `kill_at` 0 lets it run to its end."""

    url: str
    folder: Path
    verb: str
    kill_at: int = 0
    resolution: str | None = None
    wish: Mapping[str, Any] = field(default_factory=dict)
    timeouts: Timeouts = PATIENT
    project: str = "default"
    schema: str = "surefoot"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a process ended: killed, with an error, or done with these versions."""

    killed: bool
    error: Mapping[str, Any] | None = None
    versions: tuple[str, ...] = ()


class Child:
    """A process that does a job."""

    def __init__(self, job: Job) -> None:
        self._answer, theirs = _FORKS.Pipe(duplex=False)
        self._process = _FORKS.Process(target=_work, args=(job, theirs))
        self._process.start()
        theirs.close()

    @property
    def pid(self) -> int:
        """The process's id."""
        assert self._process.pid is not None
        return self._process.pid

    def outcome(self) -> Outcome:
        """Wait for the end of the process."""
        try:
            outcome: Outcome = self._answer.recv()
        except EOFError:
            outcome = Outcome(killed=True)
        self._process.join()
        self._answer.close()
        assert self._process.exitcode == (-signal.SIGKILL if outcome.killed else 0)
        self._process.close()
        return outcome


def do(job: Job) -> Outcome:
    """Do a job in a process of its own."""
    return Child(job).outcome()


def _work(job: Job, answer: Connection) -> None:
    try:
        answer.send(Outcome(killed=False, versions=_run(job)))
    except SurefootError as error:
        answer.send(Outcome(killed=False, error=error.to_dict()))


def _run(job: Job) -> tuple[str, ...]:
    def on_event(event: Event) -> None:
        if event.seq == job.kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    options = api.RunOptions(on_event=on_event)
    project = api.Project(job.folder, job.project)
    with api.connect(job.url, schema=job.schema, timeouts=job.timeouts) as target:
        if job.verb == "repair":
            api.repair(target, project, api.Resolution(job.resolution) if job.resolution else None, options)
            return ()
        verb = api.up if job.verb == "up" else api.down
        return verb(target, project, api.Wish(**job.wish), options).versions
