"""Accounts, their sessions, and what stands between a person and a session."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from surefoot.calls import Actor


@dataclass(frozen=True, slots=True)
class Address:
    """An e-mail address: as it was given, and the key by which it is found and unique."""

    email: str
    key: str


@dataclass(frozen=True, slots=True)
class Account:
    """A person whose mailbox is proven. `failures` are wrong passwords since the last right one."""

    id: UUID
    email: str
    email_key: str
    name: str
    password_hash: str | None
    password_changed_at: datetime | None
    verified_at: datetime
    failures: int
    password_off_since: datetime | None
    created_at: datetime
    disabled_at: datetime | None
    version: int

    @property
    def has_password(self) -> bool:
        """Whether the person may sign in with one at all."""
        return self.password_hash is not None


@dataclass(frozen=True, slots=True)
class Session:
    """One browser that is signed in. `methods` are those that were proven.

    `proven_at` is when the person last proved with the strongest factor they have; None for not yet."""

    id: UUID
    account_id: UUID
    methods: tuple[str, ...]
    began_at: datetime
    seen_at: datetime
    proven_at: datetime | None
    address: str
    agent: str
    device: str


@dataclass(frozen=True, slots=True)
class Begun:
    """A session that has just begun: who acts in it, and the secret for the cookie, which is told only here.

    `new_place`: the account was used before, and never from this device and network.
    """

    actor: Actor
    secret: str
    new_place: bool = False


@dataclass(frozen=True, slots=True)
class Challenge:
    """A sign-in that waits for a second factor; `methods` are proven already."""

    account_id: UUID
    methods: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A sign-in that goes on with a second factor: the challenge's secret, told only here, and what will do."""

    challenge: str
    factors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody whose account can be made: the address is proven, the name in order, the password good and hashed."""

    address: Address
    name: str
    password_hash: str


class Purpose(StrEnum):
    """What a mailed link is for."""

    SETUP = "setup"
    VERIFY = "verify"
    RESET = "reset"
    EMAIL_CHANGE = "email-change"


@dataclass(frozen=True, slots=True)
class Link:
    """A mailed link as it is stored; its token is not. `account_id` is None where there is no account yet."""

    purpose: Purpose
    email: str
    account_id: UUID | None
