"""A statement that runs outside a transaction on PostgreSQL, as a second session sees it."""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import NamedTuple

import psycopg

from surefoot.engine.dialects.postgres import trace_look as looks
from surefoot.engine.dialects.postgres.trace_look import Before, Connection, Held

# Seconds between two looks. The first ones follow closely: on a small table a statement is soon over.
_FIRST_PAUSE, _PAUSE, _FIRST_LOOKS = 0.0005, 0.003, 100


class Sighting(NamedTuple):
    """What was seen: locks at any time, all that there was before and after, and the tables that were scanned."""

    held: Held
    before: Before
    after: Before
    scanned: frozenset[int]


class Outside:
    """Looks at the locks of the session `pid` from now on, on a thread of its own, until it is stopped.

    Each look is a statement by itself: CREATE INDEX CONCURRENTLY waits for whoever holds a snapshot. `counts`: sessions
    have told what they have counted, so that scans can be seen. Raises psycopg.Error.
    """

    def __init__(self, eyes: Connection, pid: int, last: int, *, counts: bool) -> None:
        self._eyes = eyes
        self._counts = counts
        self._before = looks.before(eyes)
        self._scans = looks.scans(eyes) if counts else {}
        self._held: set[tuple[int, str]] = set()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, args=(pid, last), name="surefoot-trace", daemon=True)
        self._thread.start()

    def _watch(self, pid: int, last: int) -> None:
        count = 0
        # What is lost here is a measurement: the run goes on.
        with suppress(psycopg.Error):
            while not self._over.wait(_FIRST_PAUSE if count < _FIRST_LOOKS else _PAUSE):
                self._held |= looks.held(self._eyes, pid, last)
                count += 1

    def stop(self) -> None:
        """Look no more."""
        self._over.set()
        self._thread.join()

    def sighting(self) -> Sighting:
        """What was seen, once it is stopped. Raises psycopg.Error."""
        after, scans = looks.before(self._eyes), looks.scans(self._eyes) if self._counts else {}
        scanned = frozenset(oid for oid, count in scans.items() if count > self._scans.get(oid, 0))
        return Sighting(frozenset(self._held), self._before, after, scanned)
