"""How long an invitation is good, and for whom. Pure."""

from __future__ import annotations

from datetime import timedelta

from surefoot.errors import NotAllowed, NotFound
from surefoot.limits.limiter import Limit
from surefoot.workspaces.invitations.model import Invitation
from surefoot.workspaces.members.rules import grantable

LIFE = timedelta(days=7)
# Mails that one account may cause, and of them those to one address: whoever signs up may invite, and so pester.
INVITING = Limit("inviting", 60, 3600.0)
PESTERING = Limit("pestering", 5, 3600.0)


def check_live(invitation: Invitation | None) -> Invitation:
    """The invitation, if whoever sent it could still give its role. Raises NotFound."""
    if invitation and invitation.inviter_role and invitation.role in grantable(invitation.inviter_role):
        return invitation
    raise NotFound(
        "There is no such invitation: it was accepted, has expired or was taken back.",
        hint="Ask whoever invited you for another one.",
    )


def check_addressee(invitation: Invitation, email_key: str) -> None:
    """Whether it was sent to this address. Raises NotAllowed."""
    if invitation.email_key != email_key:
        raise NotAllowed(
            "This invitation was sent to another address than your account's.",
            hint="Sign in with the account of that address, or ask for an invitation to yours.",
        )
