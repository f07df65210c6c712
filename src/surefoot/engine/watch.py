"""A second pair of eyes on the running statement: who blocks it, how far it is, and when its wait must end."""

from __future__ import annotations

import threading
import time

from surefoot.engine.dialects.target import Observation
from surefoot.engine.events import Blocker, Progressed, Waiting
from surefoot.engine.run import Run

# How often a running statement is looked at, in seconds (at most), and when a person is first told of it.
_GLANCE = 0.25
_TELL_AFTER = 1.0


class Watch:
    """A thread beside a run. It sleeps while statements are quick, and needs no connection then.

    `blockers` holds who was last seen blocking the current statement. Some statements run without a lock_timeout
    (CREATE INDEX CONCURRENTLY must; a migration may switch it off): the watch cancels what has been blocked for
    `timeouts.lock_wait` seconds, and `gave_up` says so.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self._current: tuple[str, int, float] | None = None
        self._blocked_since: float | None = None
        self._told = 0.0
        self._step = (time.monotonic(), 0)
        self._step_told = 0.0
        # Who blocks is to be seen before the attempt is over.
        self._glance = min(_GLANCE, run.target.timeouts.lock / 2 or _GLANCE)
        self._failure: BaseException | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="surefoot-watch", daemon=True)
        self.blockers: tuple[Blocker, ...] = ()
        self.gave_up = False

    def __enter__(self) -> Watch:
        """Start watching."""
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        """Stop watching."""
        self._stop.set()
        self._thread.join()

    def begin_step(self, statements: int) -> None:
        """A step of so many statements starts: many quick ones can take long as well."""
        self._step, self._step_told = (time.monotonic(), statements), _TELL_AFTER

    def begin(self, version: str, position: int) -> None:
        """A statement starts."""
        self.blockers, self.gave_up, self._blocked_since, self._told = (), False, None, _TELL_AFTER
        self._current = (version, position, time.monotonic())

    def end(self) -> None:
        """The statement is over. Raises what a consumer of events raised meanwhile."""
        self._current = None
        failure, self._failure = self._failure, None
        if failure:
            raise failure

    def _loop(self) -> None:
        while not self._stop.wait(self._glance):
            current = self._current
            if current:
                try:
                    self._glance_at(*current)
                except BaseException as error:  # It belongs to the run's own thread, which raises it in `end`.
                    self._failure = error
                    self._run.target.cancel_statement()

    def _glance_at(self, version: str, position: int, started: float) -> None:
        if time.monotonic() - started >= self._glance:
            self._look(version, position, started)
            return
        begun, total = self._step
        seconds = time.monotonic() - begun
        if seconds >= self._step_told:
            self._step_told = _next_time(seconds)
            done = position - 1
            self._run.emit(
                Progressed,
                version=version,
                position=position,
                seconds=seconds,
                done=done,
                total=total,
                unit="statements",
            )

    def _look(self, version: str, position: int, started: float) -> None:
        seen = self._run.target.observe()
        if self._current is None or self._current[2] != started:
            return
        seconds = time.monotonic() - started
        if seen.blockers:
            self.blockers = seen.blockers
        if self._run.control.cancelled:
            # A cancel that was sent just before the statement reached the server has been lost: say it again.
            self._run.target.cancel()
        self._bound(seen)
        if seconds >= self._told:
            self._told = _next_time(seconds)
            self._tell(version, position, seconds, seen)

    def _bound(self, seen: Observation) -> None:
        now = time.monotonic()
        self._blocked_since = (self._blocked_since or now) if seen.blockers else None
        limit = self._run.target.timeouts.lock_wait
        if self._blocked_since and now - self._blocked_since > limit:
            self.gave_up = True
            self._run.target.cancel_statement()

    def _tell(self, version: str, position: int, seconds: float, seen: Observation) -> None:
        if seen.blockers:
            self._run.emit(Waiting, what="lock", seconds=seconds, blockers=seen.blockers)
        self._run.emit(
            Progressed,
            version=version,
            position=position,
            seconds=seconds,
            phase=seen.phase,
            done=seen.done,
            total=seen.total,
            unit=seen.unit,
        )


def _next_time(seconds: float) -> float:
    """When to speak again of what has taken so long: ever more rarely."""
    return seconds + max(1.0, seconds / 10)
