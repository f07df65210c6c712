"""Second factors, as the platform keeps them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class Purpose(StrEnum):
    """What an authenticator was asked to sign for; an answer counts for nothing else."""

    REGISTER = "register"
    SIGN_IN = "sign-in"
    SECOND_FACTOR = "second-factor"
    STEP_UP = "step-up"


@dataclass(frozen=True, slots=True)
class TotpFactor:
    """An authenticator app. Its secret is in the vault; `confirmed_at` is None while it counts for nothing."""

    id: UUID
    sealed_id: UUID
    created_at: datetime
    confirmed_at: datetime | None
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class Passkey:
    """A passkey: who holds its private key, unlocked by a PIN, a finger or a face, is the account's person."""

    id: UUID
    account_id: UUID
    credential_id: bytes
    public_key: bytes
    name: str
    transports: tuple[str, ...]
    created_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class NewPasskey:
    """What an authenticator told when it made a passkey, verified."""

    credential_id: bytes
    public_key: bytes
    sign_count: int
    transports: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RecoveryState:
    """How many recovery codes are left; the two times are None where there are none, or none was used."""

    left: int
    made_at: datetime | None
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class Factors:
    """All second factors of an account, without a secret."""

    totp: TotpFactor | None
    passkeys: tuple[Passkey, ...]
    recovery: RecoveryState
