"""What the audit trail is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

SCHEMA_VERSION = 1
# The chain of events that belong to no workspace.
SYSTEM_CHAIN = UUID(int=0)


class Outcome(StrEnum):
    """How what is told ended."""

    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Event:
    """One event, as its row holds it; every field is part of the record that is hashed."""

    id: UUID
    at: datetime
    workspace: UUID | None
    actor_kind: str
    actor_id: UUID | None
    actor_label: str
    session: UUID | None
    token: UUID | None
    methods: tuple[str, ...]
    action: str
    about: str
    outcome: str
    reason: str
    before: Mapping[str, object] | None
    after: Mapping[str, object] | None
    address: str
    agent: str
    request_id: str
    trace_id: str
    node: str
    schema_version: int = SCHEMA_VERSION


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a chain: the number and the hash of its last link."""

    chain: UUID
    seq: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The ends of chains at a time, signed by this installation; `line` is how it is written."""

    id: UUID
    at: datetime
    heads: tuple[Head, ...]
    line: str


@dataclass(frozen=True, slots=True)
class Segment:
    """What was retired of the trail: everything that was appended before `until`, as it stands in an exported file.

    `starts` are the ends of the chains before it, `ends` their ends with it: verification goes on from there.
    """

    id: UUID
    until: datetime
    file: str
    sha256: str
    events: int
    starts: tuple[Head, ...]
    ends: tuple[Head, ...]


@dataclass(frozen=True, slots=True)
class Read:
    """One line of the log of reads: who looked at what, from where."""

    at: datetime
    workspace: UUID | None
    actor_kind: str
    actor_id: UUID | None
    actor_label: str
    session: UUID | None
    token: UUID | None
    operation: str
    about: str
    address: str
    agent: str
    request_id: str


@dataclass(frozen=True, slots=True)
class Batch:
    """Reads that were written together; `hash` follows from `previous`, the batch before's, and is signed."""

    number: int
    at: datetime
    reads: int
    previous: bytes
    hash: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Told:
    """An event with its place in the chain."""

    event: Event
    seq: int | None
    hash: bytes | None


@dataclass(frozen=True, slots=True)
class Filter:
    """Which events: each that is given has to fit. `action` may end with `.*`; `until` itself is not in."""

    action: str | None = None
    actor: UUID | None = None
    about: str | None = None
    outcome: Outcome | None = None
    since: datetime | None = None
    until: datetime | None = None
