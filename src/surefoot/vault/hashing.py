"""Passwords, hashed with argon2id in a bounded pool of threads."""

from __future__ import annotations


class Hasher:
    """argon2id with 19 MiB, two passes, one lane (OWASP). Beyond `workers` at work and `queue` waiting: Overloaded."""

    def __init__(self, workers: int, queue: int) -> None:
        raise NotImplementedError

    async def hash(self, password: str) -> str:
        """The hash to store. Raises Overloaded (`retry_after` in seconds)."""
        raise NotImplementedError

    async def verify(self, stored: str | None, password: str) -> bool:
        """Whether it is the password. For None (nobody is known) a hash is verified all the same, and it is False.

        Always one verification. Raises Overloaded.
        """
        raise NotImplementedError
