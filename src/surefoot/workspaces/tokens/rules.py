"""What a token may hold, and for how long. Pure."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from surefoot.errors import Invalid
from surefoot.workspaces.rules import EVERY_PERMISSION, PERMISSIONS, SERVICE_ROLE, Role
from surefoot.workspaces.tokens.model import Token

MAX_DAYS = 366
MAX_GRACE_HOURS = 24


def personal_scopes(wanted: Collection[str]) -> list[str]:
    """The scopes of a personal token, in order; at each request the person's role limits it further. Raises Invalid."""
    return _checked(wanted, EVERY_PERMISSION, "There are no such scopes: {}.")


def service_scopes(wanted: Collection[str], role: Role) -> list[str]:
    """The scopes of a service token that a member of this role makes, in order. Raises Invalid."""
    _checked(wanted, EVERY_PERMISSION, "There are no such scopes: {}.")
    held = PERMISSIONS[role] & PERMISSIONS[SERVICE_ROLE]
    return _checked(wanted, held, "These are not yours to give to a service token: {}.")


def _checked(wanted: Collection[str], held: frozenset[str], said: str) -> list[str]:
    beyond = sorted(set(wanted) - held)
    if beyond or not wanted:
        message = said.format(", ".join(beyond)) if beyond else "A token without scopes could do nothing."
        raise Invalid(message, hint=f"Scopes are: {', '.join(sorted(held))}.", field="scopes")
    return sorted(set(wanted))


def renewed_until(token: Token, days: int | None, at: datetime) -> datetime:
    """When a token that is rotated now expires: after so many days, or after as long as it was given the last time."""
    before = token.expires_at - (token.rotated_at or token.created_at)
    return at + (timedelta(days=days) if days else before)
