"""Who may do what in a workspace: five roles, permissions as words, and the reasons for what is not allowed. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a member is in a workspace, from the most to the least."""

    OWNER = "owner"
    ADMIN = "admin"
    OPERATOR = "operator"
    """Deploys and rolls back."""
    REVIEWER = "reviewer"
    """Approves what others deploy."""
    VIEWER = "viewer"


_VIEWER = frozenset({"workspace:read", "members:read", "projects:read", "environments:read", "targets:read"})
_REVIEWER = _VIEWER | {"deploy:approve"}
_OPERATOR = _VIEWER | {"projects:write", "deploy:run"}
_ADMIN = (
    _REVIEWER
    | _OPERATOR
    | {"workspace:write", "members:write", "tokens:read", "tokens:write"}
    | {"audit:read", "audit:export", "environments:write", "targets:write"}
)
PERMISSIONS: Mapping[Role, frozenset[str]] = {
    Role.OWNER: _ADMIN | {"workspace:delete"},
    Role.ADMIN: _ADMIN,
    Role.OPERATOR: _OPERATOR,
    Role.REVIEWER: _REVIEWER,
    Role.VIEWER: _VIEWER,
}
"""What each role holds. A token's scopes are words of the same list."""

EVERY_PERMISSION = PERMISSIONS[Role.OWNER]
# A token stands for no person's role: its scopes limit it, and only an owner can do what this lacks.
SERVICE_ROLE = Role.ADMIN
"""The role of each service token in its own workspace."""


def holds(role: Role, permission: str) -> bool:
    """Whether the role holds the permission."""
    return permission in PERMISSIONS[role]


def rights(role: Role, scopes: frozenset[str] | None) -> frozenset[str]:
    """What somebody may do: what the role holds, of it only the token's scopes; None is a session, with all of it."""
    return PERMISSIONS[role] if scopes is None else PERMISSIONS[role] & scopes


def may_grant(own: Role, wanted: Role) -> bool:
    """Whether somebody may make others a `wanted`, or take that role from them: nobody reaches above their own role."""
    return PERMISSIONS[wanted] <= PERMISSIONS[own]


@dataclass(frozen=True, slots=True)
class Allowed:
    """Whether the caller may do something with an object, and else why not, in words for people."""

    action: str
    allowed: bool
    reason: str = ""


def allowed_actions(
    role: Role,
    actions: Mapping[str, str],
    *,
    scopes: frozenset[str] | None = None,
    against: Mapping[str, str] | None = None,
) -> tuple[Allowed, ...]:
    """Each of `actions` (its name → the permission that it needs) with a reason where the caller may not.

    `against` says what else is against an action, in words. An action without a permission is everybody's (`""`).
    """
    held = rights(role, scopes)
    reasons = {
        name: _lacking(role, permission, held) or (against or {}).get(name, "") for name, permission in actions.items()
    }
    return tuple(Allowed(name, not reason, reason) for name, reason in reasons.items())


def _lacking(role: Role, permission: str, held: frozenset[str]) -> str:
    if not permission or permission in held:
        return ""
    if holds(role, permission):
        return f"The token lacks the scope {permission}."
    able = ", ".join(one for one in Role if holds(one, permission))
    return f"The role {role} does not hold {permission}; those who do: {able}."
