"""Who asks for something, from where and when: what every service of the platform is handed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class ActorKind(StrEnum):
    """What kind of somebody acts."""

    ANYONE = "anyone"
    """Nobody known: a request without a session or token."""
    PERSON = "person"
    """An account, by a session or by a personal token."""
    SERVICE = "service"
    """A service token of a workspace."""
    OPERATOR = "operator"
    """Whoever runs Surefoot's commands on the platform's machine."""
    SYSTEM = "system"
    """The platform itself: jobs, retention, checkpoints."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts. `id` is the account's, or the service token's; `label` an e-mail address or a name for people.

    `methods` are those with which the session was begun (password, totp, passkey, oidc, recovery). `proven_at` is when
    the person last proved with the strongest enrolled factor who they are. `scopes` is None for a session, and else
    what the token is limited to.
    """

    kind: ActorKind
    id: UUID | None = None
    label: str = ""
    session: UUID | None = None
    token: UUID | None = None
    methods: tuple[str, ...] = ()
    proven_at: datetime | None = None
    scopes: frozenset[str] | None = None


ANYONE = Actor(ActorKind.ANYONE)
SYSTEM = Actor(ActorKind.SYSTEM, label="surefoot")
OPERATOR = Actor(ActorKind.OPERATOR, label="operator")


@dataclass(frozen=True, slots=True)
class Call:
    """One request, job or command: who, when (with a zone), from which address and program, and how it is traced.

    `workspace` is the one that the caller's role was checked for, where the operation belongs to one. `trace_id` is
    that of a `traceparent` header (W3C), where there is one.
    """

    actor: Actor
    at: datetime
    address: str = ""
    agent: str = ""
    request_id: str = ""
    operation: str = ""
    workspace: UUID | None = None
    trace_id: str = ""
