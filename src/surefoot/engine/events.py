"""What a run tells: typed, numbered, serialisable events. Terminal, stored log, metrics and traces consume the same.

Events of one run are numbered from 1 without a gap, in the order in which things happened. A consumer is called on the
thread that emits (the run's own, or its watch); calls never overlap. An exception from a consumer stops the run.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any, ClassVar

# So many characters of a statement are written to JSON: a statement can hold megabytes of rows.
_SHOWN = 2000


@dataclass(frozen=True, slots=True)
class Blocker:
    """A database session that stands in the way; `age` is the age of its transaction (or lock) in seconds."""

    pid: int
    user: str
    application: str
    query: str
    age: float

    def __str__(self) -> str:
        """One line for a person."""
        name = f" {self.application}" if self.application else ""
        query = f": {' '.join(self.query.split())[:120]}" if self.query else ""
        return f"session {self.pid} ({self.user}{name}, for {self.age:.0f} s){query}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What every event carries: its number, an aware UTC time and the run's id."""

    kind: ClassVar[str] = "event"
    seq: int
    at: datetime
    run_id: str

    def to_dict(self) -> dict[str, Any]:
        """The event as a JSON object, `kind` first."""
        return {"kind": self.kind, **{f.name: _plain(getattr(self, f.name)) for f in fields(self)}}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Blocker):
        return {f.name: getattr(value, f.name) for f in fields(value)}
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStarted(Event):
    """The target's lock is held; `versions` are the steps to come, in order."""

    kind: ClassVar[str] = "run_started"
    direction: str
    target: str
    versions: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StepStarted(Event):
    """A migration begins; `position` counts from 1 to `total`."""

    kind: ClassVar[str] = "step_started"
    version: str
    name: str
    direction: str
    position: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementStarted(Event):
    """A statement is about to be sent; what must be journalled before it is journalled.

    `sql` is all of it, for those who look at what it does; the JSON object has its first 2,000 characters.
    """

    kind: ClassVar[str] = "statement_started"
    version: str
    position: int
    total: int
    path: str
    line: int
    sql: str
    transactional: bool

    def to_dict(self) -> dict[str, Any]:
        """The event as a JSON object, with the beginning of the statement."""
        return {**Event.to_dict(self), "sql": self.sql[:_SHOWN]}


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementFinished(Event):
    """The database has answered; `rows` is the number of rows touched, None where it gives none."""

    kind: ClassVar[str] = "statement_finished"
    version: str
    position: int
    total: int
    duration_ms: int
    rows: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockRecorded(Event):
    """A block of a journalled step has taken effect, and the journal says so."""

    kind: ClassVar[str] = "block_recorded"
    version: str
    position: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeReceived(Event):
    """The server said something, or a file holds something that was passed over."""

    kind: ClassVar[str] = "notice"
    severity: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting(Event):
    """Somebody stands in the way. `what` is `runner` (another run) or `lock` (a session of the application)."""

    kind: ClassVar[str] = "waiting"
    what: str
    seconds: float
    blockers: tuple[Blocker, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Retrying(Event):
    """The whole transaction is tried again after `delay` seconds."""

    kind: ClassVar[str] = "retrying"
    version: str
    attempt: int
    delay: float
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Progressed(Event):
    """A statement takes long. `done` of `total` in `unit` where the database counts, else `phase` and `seconds`."""

    kind: ClassVar[str] = "progress"
    version: str
    position: int
    seconds: float
    phase: str = ""
    done: int | None = None
    total: int | None = None
    unit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered(Event):
    """What an earlier run left in doubt has been looked up; `finding` says what was found and done."""

    kind: ClassVar[str] = "recovered"
    version: str
    finding: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Paused(Event):
    """The run waits between two steps until it is resumed or cancelled."""

    kind: ClassVar[str] = "paused"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepFinished(Event):
    """The step and its history row are committed."""

    kind: ClassVar[str] = "step_finished"
    version: str
    name: str
    direction: str
    duration_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFinished(Event):
    """The run is over. `outcome` is succeeded, failed, unknown or cancelled; `error` as in `SurefootError.to_dict`."""

    kind: ClassVar[str] = "run_finished"
    outcome: str
    steps: int
    duration_ms: int
    error: dict[str, object] | None = None


Sink = Callable[[Event], None]


class Emitter:
    """Numbers the events of one run and hands them to its consumer, one at a time."""

    def __init__(self, run_id: str, sink: Sink) -> None:
        self.run_id = run_id
        self._sink = sink
        self._seq = 0
        self._lock = threading.RLock()

    def emit(self, kind: type[Event], **fields: Any) -> None:
        """Number an event of this kind and pass it on."""
        with self._lock:
            self._seq += 1
            self._sink(kind(seq=self._seq, at=datetime.now(UTC), run_id=self.run_id, **fields))
