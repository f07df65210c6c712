"""What codes count and which factors may go: decided from what is given, the time included."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import pyotp

# An app that is not confirmed in this time has to be set up anew.
CONFIRM_WITHIN = timedelta(minutes=10)
# How long an authenticator's answer is waited for.
ANSWER_WITHIN = timedelta(minutes=5)
PASSKEYS_AT_MOST = 25
CODES = 10
_PERIOD = 30
# Crockford's base 32: no letter that looks like a digit or another letter. 24 of them hold 120 bits, so that a fast
# hash is enough to store them (ASVS 6.5.2).
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_LENGTH, _GROUP = 24, 4
_LOOK_ALIKES = str.maketrans("oil", "011", "- ")


def step_now(at: datetime) -> int:
    """The number of the period of 30 seconds that `at` lies in (RFC 6238, section 4.2)."""
    return int(at.timestamp()) // _PERIOD


def step_of_code(secret: str, code: str, at: datetime) -> int | None:
    """The period whose code this is, or None.

    Only the present period counts, so that no code lives for more than 30 seconds: with the period before it as
    well, one could be 59 seconds old. Whoever types across the end of a period types the next code.
    """
    step = step_now(at)
    return step if hmac.compare_digest(pyotp.TOTP(secret).generate_otp(step), code) else None


def new_recovery_code() -> str:
    """A code of 120 random bits, in six groups of four letters and digits."""
    text = "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))
    return "-".join(text[start : start + _GROUP] for start in range(0, _LENGTH, _GROUP))


def recovery_digest(account_id: UUID, code: str) -> bytes:
    """What is stored of a code. Case, spaces, hyphens and letters taken for digits make no difference."""
    return hashlib.sha256(account_id.bytes + code.lower().translate(_LOOK_ALIKES).encode()).digest()


def suffices(method: str, factors: Sequence[str]) -> bool:
    """Whether a method is strong enough to step up: the strongest factor, or a recovery code in its place.

    `factors` are those enrolled, the strongest first.
    """
    return bool(factors) and method in (factors[0], "recovery")


def may_remove(left: Collection[str], demanded: bool) -> bool:
    """Whether a factor may go when these are `left`: the last one stays where a workspace demands one."""
    return bool(left) or not demanded
