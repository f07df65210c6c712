"""Codes for people, and what a waiting program is told. Pure."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from surefoot.accounts.model import Account
from surefoot.errors import DeviceDenied, DeviceExpired, DevicePending, DeviceTooFast, NotFound, SurefootError
from surefoot.limits.limiter import Limit
from surefoot.workspaces.devices.model import DeviceRequest, State

LIFE = timedelta(minutes=15)
PAUSE = 5
# By how much the pause grows each time that a program asks too soon.
SLOWER = 5
TOKEN_DAYS = 90
# Of one network: programs that begin, and their questions.
BEGINNING = Limit("device-code", 20, 900.0)
POLLING = Limit("device-poll", 120, 60.0)
# Of one account: codes that are typed. There are 20^8 of them.
TYPING = Limit("device-typing", 10, 900.0)
# No vowels, so that no code is a word.
_LETTERS = "BCDFGHJKLMNPQRSTVWXZ"


def new_user_code() -> str:
    """Eight letters to type, with a dash between: `WDJB-MJHT`."""
    letters = "".join(secrets.choice(_LETTERS) for _ in range(8))
    return f"{letters[:4]}-{letters[4:]}"


def read_user_code(typed: str) -> str:
    """The code that somebody typed, in small letters or with spaces perhaps. Raises NotFound for what is none."""
    letters = "".join(sign for sign in typed.upper() if sign.isalnum())
    if len(letters) != 8 or set(letters) - set(_LETTERS):
        raise no_such_code()
    return f"{letters[:4]}-{letters[4:]}"


def no_such_code() -> NotFound:
    """What is said for each code that nobody waits with."""
    return NotFound(
        "No device waits with this code.",
        hint="Codes are good for 15 minutes: compare the letters, or begin again on the device.",
    )


def is_too_fast(request: DeviceRequest, at: datetime) -> bool:
    """Whether the program asks again before its pause is over."""
    return request.polled_at is not None and at - request.polled_at < timedelta(seconds=request.pause)


def denied() -> DeviceDenied:
    """What a program is told that gets nothing."""
    return DeviceDenied("The request was denied.", hint="Begin again, if that was a mistake.", error="access_denied")


def is_void(request: DeviceRequest, account: Account) -> bool:
    """Whether the account was disabled or got another password since it approved: that was to shut somebody out."""
    changed, decided = account.password_changed_at, request.decided_at
    return account.disabled_at is not None or (changed is not None and decided is not None and changed > decided)


def refusal(request: DeviceRequest | None, *, too_fast: bool) -> SurefootError | None:
    """What a program is told that gets no token yet, or never (RFC 8628, section 3.5); None for one that gets it."""
    if request is None:
        return DeviceExpired(
            "The device code is not known, was used, or has expired.", hint="Begin again.", error="expired_token"
        )
    if request.state is State.DENIED:
        return denied()
    if request.state is State.APPROVED:
        return None
    if too_fast:
        pause = request.pause + SLOWER
        return DeviceTooFast(
            "This was asked too soon.", hint=f"Wait {pause} seconds.", error="slow_down", interval=pause
        )
    return DevicePending(
        "Nobody has approved it yet.", hint=f"Ask again in {request.pause} seconds.", error="authorization_pending"
    )
