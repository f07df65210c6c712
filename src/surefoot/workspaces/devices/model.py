"""A program that asks for a token, and waits for somebody to approve it elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class State(StrEnum):
    """How far a request is."""

    PENDING = "pending"
    APPROVED = "approved"
    DENIED = "denied"


@dataclass(frozen=True, slots=True)
class DeviceRequest:
    """What a person is asked to approve. `pause` is how many seconds lie between two questions of the program."""

    user_code: str
    client: str
    scopes: tuple[str, ...]
    address: str
    state: State
    account: UUID | None
    pause: int
    polled_at: datetime | None
    created_at: datetime
    expires_at: datetime
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that was just made, with the code that only the program knows."""

    request: DeviceRequest
    device_code: str = field(repr=False)
