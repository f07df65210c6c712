"""A run on one target: who runs, what it may wait for, whom it tells, and the lock that keeps other runs away."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import uuid4

from surefoot.engine.control import Control
from surefoot.engine.dialects.target import Target
from surefoot.engine.events import Blocker, Emitter, Event, NoticeReceived, Sink, Waiting
from surefoot.engine.history import History
from surefoot.engine.model import Plan, Step
from surefoot.errors import SurefootError, TargetLocked

PlanHook = Callable[[Plan], None]
StepHook = Callable[[Step], str | None]


def _ignore(_event: Event) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What the caller decides of a run.

    `run_id` stands in the history and in every event. `on_event` is told what happens. `control` stops or pauses the
    run. `before_run` is given everything that will run, under the runner lock, before any of it begins, and may raise.
    `before_step` may refuse a step: it returns why, or None to let it pass. `comment` is appended to each statement as
    an SQL comment (a trace context, in sqlcommenter's form `key='value',...`).
    """

    run_id: str = field(default_factory=lambda: str(uuid4()))
    on_event: Sink = _ignore
    control: Control = field(default_factory=Control)
    before_step: StepHook | None = None
    comment: str = ""
    before_run: PlanHook | None = None


class Run:
    """One run: the target and its history, the run's events and its brake."""

    def __init__(self, target: Target, history: History, options: RunOptions) -> None:
        self.target = target
        self.history = history
        self.options = options
        self.control = options.control
        self.events = Emitter(options.run_id, options.on_event)
        self.emit = self.events.emit
        # A marker of ours in a comment must not be able to end the comment.
        text = options.comment.replace("*/", "").replace("/*", "")
        self.comment = f" /*{text}*/" if text else ""
        self.steps_done = 0
        # Whether the lock was lost with a connection, and taken again.
        self.reconnected = False
        self._started = time.monotonic()

    def elapsed_ms(self) -> int:
        """Milliseconds since the run was made."""
        return round((time.monotonic() - self._started) * 1000)

    @property
    def run_id(self) -> str:
        """The run's id, as in the history and in every event."""
        return self.options.run_id

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the target's runner lock, waiting for it no longer than `timeouts.runner` seconds.

        While it is held, `control.cancel` reaches the running statement and server notices become events. The lock
        dies with the connection. Raises TargetLocked, PoolerFound, Unreachable, Cancelled.
        """
        target = self.target
        target.on_notice = lambda severity, message: self.emit(NoticeReceived, severity=severity, message=message)
        self.control.interrupt_with(target.cancel)
        try:
            self.take_lock()
            yield
        finally:
            self.control.interrupt_with(None)
            self._let_go()

    def _let_go(self) -> None:
        try:
            self.target.rollback()
            self.target.unlock()
        except SurefootError:
            # The lock goes with the session, where that has not gone already; the target opens another one.
            self.target.close()

    def take_lock(self) -> None:
        """Take the runner lock, or raise TargetLocked after `timeouts.runner` seconds."""
        started = time.monotonic()
        delay = 0.05
        told = 0.0
        while not self.target.lock(self.history.project):
            waited = time.monotonic() - started
            if waited >= self.target.timeouts.runner:
                raise self._locked_out(waited)
            if waited >= told:
                self.emit(Waiting, what="runner", seconds=waited, blockers=self._holders())
                told = waited + 5
            self.control.sleep(jittered(min(delay, self.target.timeouts.runner)))
            delay = min(delay * 2, 1.0)

    def _holders(self) -> tuple[Blocker, ...]:
        return self.target.lock_holders(self.history.project)

    def _locked_out(self, waited: float) -> TargetLocked:
        hint = "Wait for it (longer with --runner-wait), or end it; its lock goes with its connection."
        return _another_run(self.target, self._holders(), hint, waited_seconds=round(waited, 1))


def refuse_run_at_work(target: Target, project: str) -> None:
    """Raise TargetLocked where a run works on the target now: what it has not finished looks like what a crash left."""
    holders = target.lock_holders(project)
    if holders:
        raise _another_run(target, holders, "Wait until it is done, and look again: `surefoot status`.")


def _another_run(target: Target, holders: Sequence[Blocker], hint: str, **details: object) -> TargetLocked:
    names = [str(holder) for holder in holders]
    who = "; ".join(names) or "a session that has just ended"
    return TargetLocked(f"Another run works on {target.label}: {who}.", hint=hint, holders=names, **details)


def jittered(seconds: float) -> float:
    """Half of a delay to all of it, at random, so that those who wait for one another do not meet again."""
    return seconds * random.uniform(0.5, 1)  # noqa: S311 - jitter, not a secret
