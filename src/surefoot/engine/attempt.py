"""Trying what needs locks: under the eyes of the watch, again and again, and within bounds."""

from __future__ import annotations

import time
from collections.abc import Callable

from surefoot.engine.events import Retrying
from surefoot.engine.run import Run, jittered
from surefoot.engine.watch import Watch
from surefoot.errors import LockTimeout, StatementFailed

_FIRST_DELAY = 0.25
_LONGEST_DELAY = 20.0


class Attempts:
    """Tries what needs locks until they are to be had, within the target's bounds."""

    def __init__(self, run: Run, watch: Watch) -> None:
        self._run = run
        self._watch = watch
        self._lock_wait = run.target.timeouts.lock_wait

    def watched(self, version: str, position: int, execute: Callable[[], int | None]) -> int | None:
        """Run a statement under the eyes of the watch. Raises LockTimeout where the watch ended its wait."""
        self._watch.begin(version, position)
        try:
            return execute()
        except StatementFailed as error:
            if self._watch.gave_up:
                raise LockTimeout(error.message, hint="End the session in the way.", **error.details) from error
            raise
        finally:
            self._watch.end()

    def until_free(self, version: str, attempt: Callable[[], None]) -> None:
        """Try a whole transaction until its locks are to be had, for `timeouts.lock_wait` seconds at most.

        After each failure it is rolled back. Raises LockTimeout, which names who was in the way.
        """
        give_up_at = time.monotonic() + self._lock_wait
        number = 0
        while True:
            number += 1
            try:
                return attempt()
            except LockTimeout as error:
                self._run.target.rollback()
                delay = jittered(min(_FIRST_DELAY * 2 ** (number - 1), _LONGEST_DELAY))
                if time.monotonic() + delay > give_up_at:
                    raise self.given_up(error, number) from error
                self._tell(version, number, delay, error)
                self._run.control.sleep(delay)
            except BaseException:
                self._run.target.rollback()
                raise

    def _tell(self, version: str, number: int, delay: float, error: LockTimeout) -> None:
        reason = "; ".join(str(blocker) for blocker in self._watch.blockers) or error.message
        self._run.emit(Retrying, version=version, attempt=number, delay=round(delay, 3), reason=reason)

    def given_up(self, error: LockTimeout, attempts: int) -> LockTimeout:
        """The error of the last of so many attempts, with who was in the way."""
        names = [str(blocker) for blocker in self._watch.blockers]
        who = f" In the way: {'; '.join(names)}." if names else ""
        return LockTimeout(
            f"{error.message} Tried {attempts} times in {self._lock_wait:g} s.{who}",
            hint=error.hint,
            **{**error.details, "attempts": attempts, "blockers": names},
        )
