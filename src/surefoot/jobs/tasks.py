"""The tasks that a worker can run: plain coroutine functions, each with its name and its rule of retrying."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

from surefoot.errors import UsageError

# What a task is handed first are the parts of the process, which this floor does not know.
Function = Callable[..., Coroutine[Any, Any, None]]
F = TypeVar("F", bound=Function)


@dataclass(frozen=True, slots=True)
class Retries:
    """How often a job that raised is run again, and after how many seconds: `first`, then doubled up to `longest`."""

    times: int
    first: float = 1.0
    longest: float = 3600.0

    def delay(self, attempts: int) -> float | None:
        """Seconds until the next run after `attempts` earlier ones and the one that failed now; None for no more."""
        if attempts >= self.times:
            return None
        # The exponent is bounded: a float ends at 2 ** 1023.
        return float(min(self.first * 2 ** min(attempts, 64), self.longest))


NEVER = Retries(0)


@dataclass(frozen=True, slots=True)
class Task:
    """A function under the name that the queue knows it by."""

    name: str
    function: Function
    retries: Retries


_TASKS: dict[str, Task] = {}


def task(name: str, *, retries: Retries = NEVER) -> Callable[[F], F]:
    """Register `async def f(platform, **arguments)` as the task of this name; it stays an ordinary function.

    It runs at least once: a second time where its worker died or lost the database, or where it raised and `retries`
    says so. A worker that stops hands back what it could not end. Raises UsageError for a name that is taken.
    """

    def register(function: F) -> F:
        if name in _TASKS:
            raise UsageError(f"Two tasks are named {name}.", hint="Name a task after its feature and verb.", task=name)
        _TASKS[name] = Task(name, function, retries)
        return function

    return register


def list_tasks() -> tuple[Task, ...]:
    """All tasks of the modules that this process has imported."""
    return tuple(_TASKS.values())
