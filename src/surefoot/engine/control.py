"""How a caller steers a run from another thread or a signal handler: cancel it, or pause it between steps."""

from __future__ import annotations

import threading
from collections.abc import Callable

from surefoot.errors import Cancelled


class Control:
    """A run's brake. Every method may be called from any thread and from a signal handler."""

    def __init__(self) -> None:
        # Reentrant: a signal handler may interrupt the thread that holds it.
        self._changed = threading.Condition(threading.RLock())
        self._cancelled = False
        self._paused = False
        self._interrupt: Callable[[], None] | None = None

    @property
    def cancelled(self) -> bool:
        """Whether `cancel` was called."""
        return self._cancelled

    @property
    def paused(self) -> bool:
        """Whether the run is to wait before its next step."""
        return self._paused

    def cancel(self) -> None:
        """Stop the run: the running statement is cancelled on the server and its transaction rolled back."""
        with self._changed:
            self._cancelled = True
            self._changed.notify_all()
        if self._interrupt:
            self._interrupt()

    def pause(self) -> None:
        """Let the running step finish, then wait."""
        self._paused = True

    def resume(self) -> None:
        """Go on after `pause`."""
        with self._changed:
            self._paused = False
            self._changed.notify_all()

    def interrupt_with(self, interrupt: Callable[[], None] | None) -> None:
        """Say what cancels a running statement; None when nothing runs any more."""
        self._interrupt = interrupt

    def checkpoint(self) -> None:
        """Raise `Cancelled` where somebody asked for it."""
        if self._cancelled:
            raise Cancelled(
                "The run was cancelled.", hint="What was in progress was rolled back; run it again to go on."
            )

    def wait_while_paused(self) -> None:
        """Return when the run may go on; raise `Cancelled` where it may not."""
        with self._changed:
            self._changed.wait_for(lambda: self._cancelled or not self._paused)
        self.checkpoint()

    def sleep(self, seconds: float) -> None:
        """Wait, but wake at once and raise `Cancelled` when cancelled."""
        with self._changed:
            self._changed.wait_for(lambda: self._cancelled, seconds)
        self.checkpoint()
