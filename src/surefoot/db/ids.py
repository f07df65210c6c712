"""Identifiers that sort by the time at which they were made."""

from __future__ import annotations

import secrets
import threading
import time
from uuid import UUID

_LOCK = threading.Lock()
_last = 0


def new_id() -> UUID:
    """A new UUID of version 7 (RFC 9562, section 5.7): milliseconds, then random bits.

    Those of one process sort in the order in which they were made, also within a millisecond (section 6.2, method 2).
    """
    global _last  # noqa: PLW0603  # one row of numbers for the whole process
    with _LOCK:
        _last = max(_fresh(), _last + 1 + secrets.randbits(32))
        return UUID(int=_last)


def _fresh() -> int:
    # The highest of the last 62 bits stays 0, so that those that follow within the millisecond do not run over.
    milliseconds, high, low = time.time_ns() // 1_000_000, secrets.randbits(12), secrets.randbits(61)
    return milliseconds << 80 | 7 << 76 | high << 64 | 2 << 62 | low
