"""What signing in with a provider deals in: providers, attempts, what a provider says of a person, identities."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from surefoot.errors import SignInFailed


class Kind(StrEnum):
    """The protocol that a provider speaks."""

    OIDC = "oidc"
    """OpenID Connect: discovery, and a signed ID token."""
    GITHUB = "github"
    """GitHub's own: OAuth 2, and its API for who somebody is."""


@dataclass(frozen=True, slots=True)
class Provider:
    """One provider that the operator has configured. `name` stands in paths; `title` is for people.

    `vouches`: the operator holds each address that it names for verified, whatever it says itself.
    """

    name: str
    title: str
    kind: Kind
    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    scopes: tuple[str, ...]
    vouches: bool = False


class Purpose(StrEnum):
    """What an attempt is for."""

    SIGN_IN = "sign-in"
    LINK = "link"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One way to a provider and back, begun here. `account` is whose identity is to be linked."""

    provider: str
    purpose: Purpose
    account: UUID | None


@dataclass(frozen=True, slots=True)
class Person:
    """What a provider says of somebody: (`issuer`, `subject`) is who it is, for ever; all else may change.

    `email` is None unless the provider has verified it.
    """

    issuer: str
    subject: str
    email: str | None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Identity:
    """A person of a provider who is an account here. `email` is what the provider said last, for people to read."""

    id: UUID
    account: UUID
    provider: str
    issuer: str
    subject: str
    email: str | None
    linked_at: datetime
    used_at: datetime | None


def untrusted(provider: Provider, reason: str, what: str) -> SignInFailed:
    """The error for an answer that cannot be trusted; `reason` is for programs, and never holds what was answered."""
    return SignInFailed(
        f"What {provider.title} answered cannot be trusted: {what}.",
        hint="Start again. If it happens again, tell whoever runs this installation.",
        reason=reason,
    )
