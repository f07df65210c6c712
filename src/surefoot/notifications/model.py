"""What a mail is, from being asked for to its end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class State(StrEnum):
    """Where a mail stands."""

    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"
    """Given up: the server refused it for good, or did not take it for a day."""


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail. `sealed` holds its values while it is queued; `message_id` comes with the first attempt."""

    id: UUID
    recipient: str
    template: str
    sealed: UUID | None
    state: State
    message_id: str | None
    attempts: int
    created_at: datetime
