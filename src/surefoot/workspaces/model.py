"""What a workspace is, and who is in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from surefoot.workspaces.rules import Role


@dataclass(frozen=True, slots=True)
class Workspace:
    """A group of people and of what they migrate. Nothing in it is visible from another one.

    `version` counts its changes, for ETags.
    """

    id: UUID
    name: str
    slug: str
    require_second_factor: bool
    created_at: datetime
    version: int


@dataclass(frozen=True, slots=True)
class Membership:
    """A workspace as one of its members sees it."""

    workspace: Workspace
    role: Role
