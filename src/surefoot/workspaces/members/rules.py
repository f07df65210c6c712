"""What may be done with a member, and by whom. Pure."""

from __future__ import annotations

from uuid import UUID

from surefoot.errors import NotAllowed
from surefoot.workspaces.members.model import Member
from surefoot.workspaces.rules import Allowed, Role, allowed_actions, holds, may_grant

_ACTIONS = {"change-role": "members:write", "remove": "members:write"}
_LAST = "The only owner of a workspace stays one: make somebody else an owner first."


def check_grant(own: Role, *wanted: Role) -> None:
    """Whether somebody may give and take such roles: who lost the right a moment ago, none. Raises NotAllowed."""
    for role in wanted:
        if role not in grantable(own):
            raise NotAllowed(
                f"Your role, {own}, cannot give or take the role {role}.",
                hint="Nobody reaches above their own role: ask an owner.",
                role=str(own),
            )


def grantable(role: Role) -> tuple[Role, ...]:
    """The roles that somebody may give to others, by an invitation or by a change."""
    return tuple(one for one in Role if may_grant(role, one)) if holds(role, "members:write") else ()


def member_actions(
    own: Role, caller: UUID | None, member: Member, owners: int, scopes: frozenset[str] | None
) -> tuple[Allowed, ...]:
    """What the caller may do with a member of a workspace with so many owners."""
    last = member.role is Role.OWNER and owners == 1
    against = "" if may_grant(own, member.role) else f"Your role, {own}, does not reach the role {member.role}."
    reasons = dict.fromkeys(_ACTIONS, _LAST if last else against)
    mine = {"leave": ""} if member.account == caller else {}
    return allowed_actions(own, _ACTIONS | mine, scopes=scopes, against=reasons | {"leave": _LAST if last else ""})
