"""What an invitation is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from surefoot.workspaces.rules import Role


@dataclass(frozen=True, slots=True)
class Invitation:
    """Somebody is asked into a workspace. `inviter_role` is what the one who asked is there now.

    It is None for who is no member any more, or whose account is disabled.
    """

    id: UUID
    workspace: UUID
    workspace_name: str
    email: str
    email_key: str
    role: Role
    inviter: str
    inviter_role: Role | None
    created_at: datetime
    expires_at: datetime
