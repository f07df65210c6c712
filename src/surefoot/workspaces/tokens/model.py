"""What an API token is. Its secret is told once, when it is made, and is nowhere else."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class Belongs(StrEnum):
    """Whose a token is; the value is the column that says so."""

    ACCOUNT = "account_id"
    """A personal token: it acts for a person, in each of their workspaces."""
    WORKSPACE = "workspace_id"
    """A service token: it acts for itself, in one workspace."""


@dataclass(frozen=True, slots=True)
class Owner:
    """The account or workspace that tokens belong to."""

    kind: Belongs
    id: UUID


@dataclass(frozen=True, slots=True)
class Token:
    """An API token; `prefix` is how its secret begins.

    Until `earlier_until` the secret from before the last rotation works as well.
    """

    id: UUID
    name: str
    scopes: tuple[str, ...]
    prefix: str
    created_by: str
    created_at: datetime
    expires_at: datetime
    rotated_at: datetime | None
    earlier_until: datetime | None
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class Made:
    """A token with its secret: just made, or just rotated."""

    token: Token
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Current:
    """The token that a request came with; `owner_name` is an address, or a workspace's name."""

    token: Token
    owner: Owner
    owner_name: str
