"""Passwords, hashed with argon2id in a bounded pool of threads."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import BoundedSemaphore
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from surefoot.errors import Overloaded

_ARGON2ID = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_Result = TypeVar("_Result")


class Hasher:
    """argon2id with 19 MiB, two passes, one lane (OWASP). Beyond `workers` at work and `queue` waiting: Overloaded."""

    def __init__(self, workers: int, queue: int) -> None:
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="hash")
        self._room = BoundedSemaphore(workers + queue)
        # What nobody's password fits: verified where nobody is known.
        self._nobody = _ARGON2ID.hash(secrets.token_bytes(32))

    async def hash(self, password: str) -> str:
        """The hash to store. Raises Overloaded (`retry_after` in seconds)."""
        return await self._run(lambda: _ARGON2ID.hash(_bytes(password)))

    async def verify(self, stored: str | None, password: str) -> bool:
        """Whether it is the password. For None (nobody is known) a hash is verified all the same, and it is False.

        Always one verification. Raises Overloaded.
        """
        fits = await self._run(lambda: _fits(stored or self._nobody, password))
        return fits and stored is not None

    def needs_rehash(self, stored: str) -> bool:
        """Whether a hash was made with other parameters than today's; hash the password anew when it is known."""
        return _ARGON2ID.check_needs_rehash(stored)

    def close(self) -> None:
        """End the threads. What has begun is finished; what waits is cancelled."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    async def _run(self, work: Callable[[], _Result]) -> _Result:
        if not self._room.acquire(blocking=False):
            raise Overloaded("Too many people sign in at once.", hint="Try again in a second.", retry_after=1)
        future = self._pool.submit(work)
        # Room is given back by the work's end, and not by a caller who went away before.
        future.add_done_callback(lambda _: self._room.release())
        return await asyncio.wrap_future(future)


def _fits(stored: str, password: str) -> bool:
    try:
        return _ARGON2ID.verify(stored, _bytes(password))
    except VerifyMismatchError:
        return False


def _bytes(password: str) -> bytes:
    """Any text that JSON can hold, half a surrogate pair included."""
    return password.encode("utf-8", "surrogatepass")
