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
