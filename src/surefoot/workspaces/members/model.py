"""What a member is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from surefoot.workspaces.rules import Role


@dataclass(frozen=True, slots=True)
class Member:
    """An account in a workspace."""

    account: UUID
    name: str
    email: str
    role: Role
    joined_at: datetime
